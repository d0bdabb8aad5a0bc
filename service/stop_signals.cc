#include "service/stop_signals.h"

#include <pthread.h>

#include <ctime>

namespace telex {

StopSignals::StopSignals() : set_() {
  sigemptyset(&set_);
  sigaddset(&set_, SIGTERM);
  sigaddset(&set_, SIGINT);
}

void StopSignals::block() const { pthread_sigmask(SIG_BLOCK, &set_, nullptr); }

int StopSignals::wait(std::chrono::milliseconds limit) const {
  const auto whole = std::chrono::floor<std::chrono::seconds>(limit);
  const timespec time{whole.count(), std::chrono::nanoseconds(limit - whole).count()};
  const int signal = sigtimedwait(&set_, nullptr, &time);
  return signal > 0 ? signal : 0;
}

}  // namespace telex
