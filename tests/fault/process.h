// A process of ours that a fault test starts, signals and waits for.
//
// It dies with the test: with the Process object, and with the thread that started it (so start
// from the main thread). Threads: one. Errors: std::runtime_error when it cannot be started.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace telex::fault {

struct Launch {
  std::vector<std::string> command;                // The first is the path of the program.
  std::map<std::string, std::string> environment;  // On top of ours; an empty value takes away.
  std::string log;                                 // A file, appended to, for what it writes,
  std::string errors;                              // and one for errors, if they go elsewhere.
};

class Process {
 public:
  explicit Process(const Launch& launch);
  ~Process();  // SIGKILL, and waits.
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  void signal(int number) const;  // Nothing once it is over.
  bool over();
  // False if it is still there after `limit`.
  bool wait(std::chrono::milliseconds limit);
  // -1: not over, or ended by a signal.
  int exit_code() const;
  int ended_by() const;  // The signal; 0: none.
  // True if the kernel has it stopped (SIGSTOP).
  bool stopped() const;

 private:
  pid_t pid_ = -1;
  int status_ = 0;
  bool over_ = false;
};

}  // namespace telex::fault
