// `telex run` as a process of its own: its configuration file, signals, log and admin server.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace telex::testing {

// Replaces a file by rename, so that no reader sees half of it.
void write_file(const std::filesystem::path& file, const std::string& text);

class TelexProcess {
 public:
  // Starts `telex run --config <config>`; `fault` is its TELEX_FAULT, its log goes to `log`.
  TelexProcess(const std::filesystem::path& config, std::filesystem::path log,
               const std::string& fault = "");
  ~TelexProcess();  // Kills what still runs.
  TelexProcess(const TelexProcess&) = delete;
  TelexProcess& operator=(const TelexProcess&) = delete;

  void signal(int number) const;
  pid_t pid() const { return pid_; }
  bool over();
  bool wait(std::chrono::milliseconds limit);  // Until it is over; false if it is not.
  // REQUIRES: over().
  bool killed() const;
  int exit_code() const;  // -1: ended by a signal.

  std::string log() const;
  // Answer of its admin server; nullopt while there is none. Needs admin.listen = "127.0.0.1:0".
  std::optional<std::string> get(const std::string& path);

 private:
  std::filesystem::path log_;
  std::string admin_;
  pid_t pid_ = -1;
  int status_ = 0;
  bool over_ = false;
};

// The number after `"name":` in JSON of a single line; -1 if there is none.
std::int64_t number_in(const std::string& json, const std::string& name);
// The value of a metric with its labels; -1 if there is none.
double metric_in(const std::string& exposition, const std::string& name_and_labels);

}  // namespace telex::testing
