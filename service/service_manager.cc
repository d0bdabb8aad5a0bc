#include "service/service_manager.h"

#include <cstdlib>

#include <fmt/format.h>
#include <systemd/sd-daemon.h>

namespace telex {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;

// A line of its own in the protocol: nothing in the text may begin another.
std::string one_line(std::string_view text) {
  std::string line(text);
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  return line;
}

}  // namespace

ServiceManager::ServiceManager() : listens_(std::getenv("NOTIFY_SOCKET") != nullptr) {
  std::uint64_t period = 0;
  if (sd_watchdog_enabled(0, &period) > 0) watchdog_ = microseconds(period / 3);
}

void ServiceManager::turn(bool alive, bool ready, std::string_view status, Clock::time_point now) {
  if (!listens_) return;
  if (ready && !told_ready_ && !stopping_) {
    told_ready_ = true;
    tell("READY=1");
  }
  if (alive && watchdog_.count() > 0 && now >= watchdog_at_) {
    watchdog_at_ = now + watchdog_;
    tell("WATCHDOG=1");
  }
  if (alive && !told_ready_ && !stopping_ && now >= extension_at_) {
    extension_at_ = now + kExtension / 3;
    tell(fmt::format("EXTEND_TIMEOUT_USEC={}", microseconds(kExtension).count()));
  }
  if (now >= status_at_ && status != status_) {
    status_at_ = now + kStatusEvery;
    status_ = status;
    tell("STATUS=" + one_line(status));
  }
}

void ServiceManager::reloading() {
  if (!told_ready_) return;
  const auto now = Clock::now().time_since_epoch();
  tell(fmt::format("RELOADING=1\nMONOTONIC_USEC={}", duration_cast<microseconds>(now).count()));
}

void ServiceManager::reloaded() {
  if (told_ready_) tell("READY=1");
}

void ServiceManager::stopping(std::chrono::seconds limit) {
  stopping_ = true;
  tell(fmt::format("STOPPING=1\nEXTEND_TIMEOUT_USEC={}", microseconds(limit).count()));
}

void ServiceManager::tell(std::string_view text) const {
  // A manager that has gone away is no fault of ours, and there is nobody to tell.
  if (listens_) sd_notify(0, std::string(text).c_str());
}

}  // namespace telex
