// Clock: where time comes from, so that tests and simulations can bring their own.
//
// Event time is never asked of a clock: it is the record's. steady() is for budgets and deadlines
// and never goes back; utc() is for latency, embargoes and log lines, and may jump. Threads:
// implementations may be called from any thread.
#pragma once

#include <chrono>

#include "schemas/types.h"

namespace telex {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual std::chrono::nanoseconds steady() const = 0;
  virtual UnixMillis utc() const = 0;
};

// The machine's clocks.
const Clock& system_clock();

}  // namespace telex
