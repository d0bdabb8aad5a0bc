// Scheduler: virtual time. Events run in order of their time, those of the same time in the order
// in which they were asked for; between them no time passes. It is the Clock of everything in a
// simulated world. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <queue>
#include <vector>

#include "process/clock.h"
#include "tests/sim/random.h"

namespace telex::sim {

class Scheduler final : public Clock {
 public:
  static constexpr UnixMillis kEpoch = 1'700'000'000'000;

  Nanos now() const { return now_; }
  Nanos steady() const override { return now_; }
  UnixMillis utc() const override {
    return kEpoch + std::chrono::duration_cast<Millis>(now_).count();
  }

  void at(Nanos time, std::function<void()> action);
  void after(Nanos delay, std::function<void()> action) { at(now_ + delay, std::move(action)); }

  // Runs the next event; false when there is none.
  bool run_one();
  // Runs what is due up to `time`, and sets the clock there.
  void run_until(Nanos time);
  // Drops what is left, so that what its actions hold goes.
  void clear() { events_ = {}; }
  std::uint64_t events_run() const { return run_; }

 private:
  struct Event {
    Nanos time;
    std::uint64_t number;
    // The queue hands out const references only; the action is moved out just before it goes.
    mutable std::function<void()> action;
    bool operator>(const Event& other) const {
      return time != other.time ? time > other.time : number > other.number;
    }
  };

  Nanos now_{1'000'000'000};
  std::uint64_t number_ = 0;
  std::uint64_t run_ = 0;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
};

}  // namespace telex::sim
