// Engine: the lanes of this process, a thread each, and what is done to all of them together.
//
// A lane that fails takes the others with it: they finish what they have in hand, and the process
// can say why and go, for its service manager to start it anew.
//
// Threads: all calls from any thread. Ownership: owns its lanes; observers, clock and faults must
// outlive it. Errors: exit_reason().
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "process/clock.h"
#include "service/fault.h"
#include "service/lane.h"

namespace telex {

struct LaneSetup {
  LaneOptions options;
  LanePorts ports;
  LaneObserver* observer = nullptr;
};

class Engine {
 public:
  // REQUIRES: `first` is not null; at least one lane.
  Engine(std::vector<LaneSetup> lanes, PublishedPtr first, const Clock& clock = system_clock(),
         FaultPlan* faults = nullptr);
  // Aborts what still runs, and waits for it.
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  void start();

  // The lanes take it with their next transaction; topics stopped by a breaker run again.
  void publish(PublishedPtr generation);
  PublishedPtr published() const;

  void request_stop();   // Drain: finish, commit, leave.
  void request_abort();  // At once.
  void resume(const std::string& topic);

  // Until every lane is over, or for `limit`. True if all are.
  bool wait(std::chrono::milliseconds limit);

  std::vector<LaneStatus> status() const;
  bool ready() const;  // All lanes are.
  // The longest that any running lane's loop has stood still.
  std::chrono::nanoseconds idle_time() const;

  // Why it is over: the first lane that failed says. Empty = asked to, or no more input.
  std::string exit_reason() const;

 private:
  void run(Lane& lane);

  std::vector<std::unique_ptr<Lane>> lanes_;
  std::vector<std::thread> threads_;
  mutable std::mutex mutex_;  // Of the following.
  std::condition_variable over_;
  PublishedPtr published_;
  std::size_t running_ = 0;
  std::string exit_reason_;
};

}  // namespace telex
