// run: the long-running service.

#include <csignal>
#include <cstdio>
#include <ctime>

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <systemd/sd-daemon.h>

#include "service/commands/commands.h"
#include "service/config.h"
#include "service/exit_code.h"
#include "service/log.h"
#include "service/version.h"
#include "service/wire.h"

namespace telex {
namespace {

constexpr std::chrono::milliseconds kTick{200};

// The signals that end the service. Blocked before any thread starts, so that only wait_signal()
// ever takes one.
sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

// A stop signal, or 0 after kTick.
int wait_signal(const sigset_t& set) {
  timespec limit{0, std::chrono::nanoseconds(kTick).count()};
  const int signal = sigtimedwait(&set, nullptr, &limit);
  return signal > 0 ? signal : 0;
}

}  // namespace

int run_command(const RunArguments& arguments) {
  Config config;
  if (!load_or_explain(arguments.config, config)) return kExitConfiguration;
  set_up_log(config.log.level, config.log.format);
  const sigset_t signals = stop_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

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
  bool told_ready = false;
  int stops = 0;
  while (!engine.wait(std::chrono::milliseconds(0))) {
    if (const int signal = wait_signal(signals); signal != 0) {
      ++stops;
      if (stops == 1) {
        spdlog::info("signal {}: draining, at most {} s; a second one aborts", signal,
                     config.engine.drain_seconds);
        sd_notify(0, "STOPPING=1");
        engine.request_stop();
      } else {
        spdlog::warn("signal {}: aborting", signal);
        engine.request_abort();
      }
    }
    wire->refresh_metrics();
    if (!told_ready && engine.ready()) {
      told_ready = true;
      spdlog::info("ready");
      sd_notify(0, "READY=1");
    }
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
