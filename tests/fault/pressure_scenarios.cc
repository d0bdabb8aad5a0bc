// More than can be written: F10 (a burst, and a sink that is slow), with an eye on the memory.
#include <array>
#include <fstream>

#include "tests/fault/proxy.h"
#include "tests/fault/scenarios.h"

namespace telex::fault {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// The budget of a lane: anonymous memory, which mapped files do not count to.
constexpr std::int64_t kLaneKib = 256 * 1024;
constexpr milliseconds kSampleInterval{20};
constexpr std::size_t kTextBytes = 4000;

// RssAnon of /proc/<pid>/status; -1: the process is gone.
std::int64_t anonymous_kib(pid_t pid) {
  std::ifstream lines("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("RssAnon:")) return std::stoll(line.substr(8));
  }
  return -1;
}

// The most that a process has had, looked at from a thread of its own.
class MemoryPeak {
 public:
  explicit MemoryPeak(pid_t pid)
      : thread_([this, pid] {
          while (!stop_) {
            kib_ = std::max<std::int64_t>(kib_, anonymous_kib(pid));
            std::this_thread::sleep_for(kSampleInterval);
          }
        }) {}
  ~MemoryPeak() {
    stop_ = true;
    thread_.join();
  }
  MemoryPeak(const MemoryPeak&) = delete;
  MemoryPeak& operator=(const MemoryPeak&) = delete;
  std::int64_t kib() const { return kib_; }

 private:
  std::atomic<bool> stop_{false};
  std::atomic<std::int64_t> kib_{0};
  std::thread thread_;
};

// F10. A tenth at an even rate, then all the rest at once: more than a lane may hold. In every
// second iteration each write takes long, too, so that what is read has nowhere to go.
Outcome pressure(Stage& stage, const TrialOptions& options) {
  static const int first = free_ports(3);  // Broker, proxy, controller.
  stage.broker.require(Proxy::properties(stage.broker.port(), first, first + 1, first + 2));
  Proxy proxy(first + 1, first);
  Trial trial(stage.kafka, options);
  const bool slow = options.iteration % 2 == 0;
  trial.outcome().variant = slow ? "slow sink, burst" : "burst";
  WorkerPlan plan = trial.plan("a");
  plan.bootstrap = proxy.address();
  plan.commit_records = 5000;
  Worker& worker = trial.start(plan);
  const std::uint64_t steady = options.records / 10;
  trial.feed(steady, kTextBytes);
  if (!trial.wait_visible(steady * 9 / 10, seconds{40})) trial.complain("nothing comes out");
  const double rebalances = worker.metric("telex_rebalances_total");
  MemoryPeak peak(worker.process().pid());
  if (slow) proxy.delay_produce(trial.random_ms(100, 200));
  trial.feed(options.records - steady, kTextBytes);
  trial.fault_done();
  trial.mark_recovery();
  if (!trial.wait_settled(seconds{90})) trial.complain("not settled after the burst", &worker);
  if (worker.metric("telex_rebalances_total") != rebalances) {
    trial.complain("the worker lost its place in the group", &worker);
  }
  trial.outcome().facts["rss_anon_kib_max"] = peak.kib();
  if (peak.kib() <= 0)
    trial.complain("the memory of the worker cannot be read: nothing was tested");
  if (peak.kib() > kLaneKib) {
    trial.complain("a lane took " + std::to_string(peak.kib() / 1024) + " MiB", &worker);
  }
  proxy.delay_produce({});
  return trial.finish();
}

constexpr std::array kScenarios{
    Scenario{"F10", "ten times as much at once, and a sink that is slow", pressure, 40'000, false,
             true},
};

}  // namespace

std::span<const Scenario> pressure_scenarios() { return kScenarios; }

}  // namespace telex::fault
