// What `telex dlq list`, `show` and `replay` share.
//
// Threads: one. Errors: told on standard error, in a sentence.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "kafka/client.h"
#include "service/commands/commands.h"
#include "service/config.h"
#include "service/dead_letters.h"

namespace telex {

// For one question to the broker.
inline constexpr std::chrono::seconds kDlqPatience{15};

// A command's configuration, its broker and its topic.
struct DlqSession {
  std::string command;  // "telex dlq list", before every complaint.
  Config config;
  std::shared_ptr<kafka::Broker> broker;
  std::string topic;
  std::filesystem::path spool;

  // An ExitCode; anything but kExitGood was explained.
  int open(const DlqArguments& arguments, const char* name);
  // False: explained.
  bool parse(const std::string& text, Filter& filter) const;
  bool find(std::vector<ReadRange>& ranges) const;
  // With progress on a terminal.
  bool read(std::span<const ReadRange> ranges,
            const std::function<bool(const DeadLetter&)>& visit) const;
  void complain(const std::string& what) const;
};

// "reading [#####     ]  20 %" on standard error, if that is a terminal.
class ProgressLine {
 public:
  explicit ProgressLine(const char* what);
  void show(std::uint64_t done, std::uint64_t total);
  void clear();

 private:
  static constexpr std::uint64_t kNothing = 101;
  const char* what_;
  bool is_terminal_;
  std::uint64_t shown_ = kNothing;
};

}  // namespace telex
