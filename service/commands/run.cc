// run: the long-running service.

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <initializer_list>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "service/commands/commands.h"
#include "service/config.h"
#include "service/exit_code.h"
#include "service/log.h"
#include "service/service_manager.h"
#include "service/version.h"
#include "service/wire.h"

namespace telex {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kTick{200};
// A lane has its drain, and this to see its clients closed. One that is not over by then hangs, and
// the process goes without it: below the half minute that Kubernetes waits before it kills.
constexpr std::chrono::seconds kLeaveBehind{4};
static_assert(kLeaveBehind < kStopBeyondDrain, "the rest is for the end of the process");
// Requests to reload that come this close together are one.
constexpr milliseconds kReloadGather{100};

sigset_t set_of(std::initializer_list<int> signals) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : signals) sigaddset(&set, signal);
  return set;
}

// The signals that this command takes. Blocked before any thread starts, so that only
// Signals ever takes one.
class Signals {
 public:
  Signals() { pthread_sigmask(SIG_BLOCK, &all_, nullptr); }

  // A signal, or 0 after kTick. One that ends the service goes before any number of SIGHUP.
  int wait() const {
    const int first = take(kTick);
    if (first != SIGHUP) return first;
    const auto until = steady_clock::now() + kReloadGather;
    for (auto now = steady_clock::now(); now < until; now = steady_clock::now()) {
      const int next = take(std::chrono::ceil<milliseconds>(until - now));
      if (next != 0 && next != SIGHUP) return next;
    }
    return SIGHUP;
  }

 private:
  int take(milliseconds limit) const {
    const int stop = take(stops_, milliseconds(0));
    return stop != 0 ? stop : take(all_, limit);
  }
  static int take(const sigset_t& set, milliseconds limit) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(limit);
    const timespec time{seconds.count(), std::chrono::nanoseconds(limit - seconds).count()};
    const int signal = sigtimedwait(&set, nullptr, &time);
    return signal > 0 ? signal : 0;
  }

  const sigset_t stops_ = set_of({SIGTERM, SIGINT});
  const sigset_t all_ = set_of({SIGTERM, SIGINT, SIGHUP});
};

void reload(Wire& wire, ServiceManager& manager) {
  manager.reloading();
  const ReloadReport report = wire.reload();
  if (report.outcome == ReloadOutcome::applied) {
    spdlog::info("reload: {}", report.message);
  } else {
    spdlog::error("reload: {}: {}; generation {} stays in force", to_string(report.outcome),
                  report.message, report.generation);
  }
  manager.reloaded();
}

// What lanes have open is aborted by who comes after them, as after a kill.
[[noreturn]] void leave_behind(const Engine& engine) {
  for (const LaneStatus& lane : engine.status()) {
    if (!is_over(lane.state)) spdlog::error("lane {}: hangs, and is left behind", lane.name);
  }
  spdlog::error("stopped: not all lanes came to an end");
  spdlog::default_logger()->flush();
  std::_Exit(kExitFailed);
}

}  // namespace

int run_command(const RunArguments& arguments) {
  Config config;
  if (!load_or_explain(arguments.config, config)) return kExitConfiguration;
  set_up_log(config.log.level, config.log.format);
  const Signals signals;

  std::string error;
  const std::unique_ptr<Wire> wire = Wire::start(config, error);
  if (wire == nullptr) {
    fmt::print(stderr, "{}: {}\n", arguments.config, error);
    return kExitConfiguration;
  }
  spdlog::info("telex {}: {} lanes, group {}, {} -> {}", kVersion, config.engine.lanes,
               config.group(), fmt::join(config.input.topics, ","), config.output.enriched);
  if (!wire->admin_address().empty()) spdlog::info("admin at http://{}", wire->admin_address());

  Engine& engine = wire->engine();
  ServiceManager manager;
  bool was_ready = false;
  int stops = 0;
  auto leave_at = steady_clock::time_point::max();
  while (!engine.wait(std::chrono::milliseconds(0))) {
    const int signal = signals.wait();
    if (signal == SIGHUP) {
      // While it drains there is nothing left to take a generation.
      if (stops == 0) reload(*wire, manager);
    } else if (signal != 0) {
      ++stops;
      if (stops == 1) {
        spdlog::info("signal {}: draining, at most {} s; a second one aborts", signal,
                     config.engine.drain_seconds);
        const std::chrono::seconds drain(config.engine.drain_seconds);
        leave_at = steady_clock::now() + drain + kLeaveBehind;
        manager.stopping(drain + kStopBeyondDrain);
        engine.request_stop();
      } else {
        spdlog::warn("signal {}: aborting", signal);
        engine.request_abort();
      }
    }
    if (steady_clock::now() > leave_at) leave_behind(engine);
    wire->refresh_metrics();
    const bool ready = engine.ready();
    if (ready && !was_ready) {
      was_ready = true;
      spdlog::info("ready");
    }
    manager.turn(wire->live().good, ready, wire->sentence());
  }
  const std::string reason = engine.exit_reason();
  if (!reason.empty()) {
    spdlog::error("stopped: {}", reason);
    return kExitFailed;
  }
  spdlog::info("stopped");
  return kExitGood;
}

}  // namespace telex
