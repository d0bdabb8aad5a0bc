// ServiceManager: what systemd is told of this process (sd_notify(3)): that it is ready, reloads or
// stops, one line of status, and that it lives. Where nobody listens (no NOTIFY_SOCKET) it does
// nothing.
//
// READY=1 is said once, when the lanes are ready for the first time. Until then, and while it
// stops, the manager is asked for more time as long as the lanes' loops move: neither a broker that
// is away nor a long restore is a start that failed. WATCHDOG=1 goes out at a third of the
// manager's WatchdogSec while the loops move, and only then; it says the same as /livez.
//
// Threads: one.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace telex {

class ServiceManager {
 public:
  using Clock = std::chrono::steady_clock;

  // Status lines go out at most this often.
  static constexpr std::chrono::seconds kStatusEvery{5};
  // More time is asked for in steps of this, three times as often as needed.
  static constexpr std::chrono::seconds kExtension{30};

  // Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID.
  ServiceManager();

  // Every turn of the main loop; a second apart at most. `alive`: the lanes' loops move.
  void turn(bool alive, bool ready, std::string_view status, Clock::time_point now = Clock::now());

  // Around a reload. Only once it was told ready.
  void reloading();
  void reloaded();

  // From here on the process ends, within `limit`.
  void stopping(std::chrono::seconds limit);

  bool told_ready() const { return told_ready_; }

 private:
  void tell(std::string_view text) const;

  std::chrono::microseconds watchdog_{0};  // Between two signs of life; 0 = nobody asks.
  Clock::time_point watchdog_at_{};
  Clock::time_point status_at_{};
  Clock::time_point extension_at_{};
  std::string status_;
  bool listens_ = false;
  bool told_ready_ = false;
  bool stopping_ = false;
};

}  // namespace telex
