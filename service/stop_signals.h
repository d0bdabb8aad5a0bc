// SIGTERM and SIGINT as something to ask for, for commands that finish what they have in hand
// first.
//
// Threads: block() before any thread is started, so that only wait() ever takes one.
#pragma once

#include <chrono>
#include <csignal>

namespace telex {

class StopSignals {
 public:
  StopSignals();
  void block() const;
  // The signal that came, or 0 after `limit`.
  int wait(std::chrono::milliseconds limit) const;

 private:
  sigset_t set_;
};

}  // namespace telex
