#include "tests/sim/scheduler.h"

#include <algorithm>
#include <utility>

namespace telex::sim {

void Scheduler::at(Nanos time, std::function<void()> action) {
  events_.push({std::max(time, now_), number_++, std::move(action)});
}

bool Scheduler::run_one() {
  if (events_.empty()) return false;
  now_ = events_.top().time;
  const std::function<void()> action = std::move(events_.top().action);
  events_.pop();
  ++run_;
  action();
  return true;
}

void Scheduler::run_until(Nanos time) {
  while (!events_.empty() && events_.top().time <= time) run_one();
  now_ = std::max(now_, time);
}

}  // namespace telex::sim
