// Faults between worker and broker, by the proxy: F5 (cuts, and the EndTxn that comes late), F3 (a
// commit that fails while partitions are being taken).
#include <array>

#include "tests/fault/proxy.h"
#include "tests/fault/scenarios.h"

namespace telex::fault {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// The broker's second listener and the proxy before it, the same for all trials of this process:
// changing them takes a restart of the broker.
std::unique_ptr<Proxy> proxy_before(BrokerProcess& broker) {
  static const int first = free_ports(3);  // Broker, proxy, controller.
  broker.require(Proxy::properties(broker.port(), first, first + 1, first + 2));
  return std::make_unique<Proxy>(first + 1, first);
}

// A late EndTxn of transaction 1 reaches the broker in transaction 2 (KIP-890's reason). The client
// library repeats an EndTxn that timed out and says nothing; only a new producer, with a new epoch,
// makes the late one harmless.
void delay_end(Trial& trial, Proxy& proxy) {
  if (!trial.wait_visible(200, seconds{40})) trial.complain("nothing comes out");
  proxy.hold_next_end();
  const bool answered = [&] {
    const auto end = std::chrono::steady_clock::now() + seconds{90};
    while (proxy.late_answer() == Proxy::kNoAnswer) {
      if (std::chrono::steady_clock::now() > end) return false;
      trial.tend();
      std::this_thread::sleep_for(milliseconds{50});
    }
    return true;
  }();
  if (!answered) {
    trial.complain("no EndTxn came late: nothing was tested");
    return;
  }
  trial.fault_done();
  trial.outcome().facts["late_end_answer"] = proxy.late_answer();
  if (trial.options().subject == Subject::telex &&
      trial.workers().front()->metric("telex_txn_producer_recreations_total") < 1) {
    trial.complain("no new producer after an EndTxn that timed out", trial.workers().front().get());
  }
}

// F5. The variant goes by the iteration, so that every five of them have each once.
Outcome cut(Stage& stage, const TrialOptions& options) {
  const std::unique_ptr<Proxy> proxy = proxy_before(stage.broker);
  Trial trial(stage.kafka, options);
  static constexpr std::array<const char*, 5> kVariants{"late EndTxn", "resets", "black hole",
                                                        "half open", "slow"};
  std::size_t variant = options.iteration % kVariants.size();
  if (options.subject == Subject::stock_at_least_once && variant == 0) variant = 2;  // Has no end.
  trial.outcome().variant = kVariants[variant];
  WorkerPlan plan = trial.plan("a");
  plan.bootstrap = proxy->address();
  plan.session_timeout_ms = 20'000;
  trial.start_feeding(options.records, variant == 0 ? 150 : 400);
  trial.start(plan);
  if (variant == 0) {
    delay_end(trial, *proxy);
  } else if (variant == 1) {
    for (int i = 0; i < 8; ++i) {
      std::this_thread::sleep_for(trial.random_ms(100, 900));
      proxy->reset_all();
      trial.fault_done();
    }
  } else {
    if (!trial.wait_visible(200, seconds{40})) trial.complain("nothing comes out");
    const auto mode = variant == 2   ? Proxy::Mode::black_hole
                      : variant == 3 ? Proxy::Mode::half_open
                                     : Proxy::Mode::slow;
    for (int i = 0; i < 2; ++i) {
      // Shorter and longer than the client waits for an answer (10 s).
      proxy->set(mode, trial.random_ms(500, 2500));
      std::this_thread::sleep_for(i == 0 ? trial.random_ms(500, 4000)
                                         : trial.random_ms(9000, 13'000));
      proxy->set(Proxy::Mode::pass);
      trial.fault_done();
      trial.tend();
      std::this_thread::sleep_for(trial.random_ms(0, 1500));
    }
  }
  trial.mark_recovery();
  if (!trial.wait_settled(seconds{90})) trial.complain("not settled after the network came back");
  if (options.subject == Subject::telex && !trial.workers().empty()) {
    trial.outcome().facts["recreations"] = static_cast<std::int64_t>(
        trial.workers().front()->metric("telex_txn_producer_recreations_total"));
  }
  return trial.finish();
}

constexpr double kRevokedPerSecond = 250;
constexpr std::uint64_t kRevokedAtLeast = 1000;  // Still to come when a guest does.
constexpr int kRevokesMax = 8;

// F3. Worker A holds three partitions; B comes, and A's commit for it fails.
Outcome abort_in_revoke(Stage& stage, const TrialOptions& options) {
  const std::unique_ptr<Proxy> proxy = proxy_before(stage.broker);
  TopicSetup setup;
  setup.partitions = 3;
  Trial trial(stage.kafka, options, setup);
  proxy->fail_commits_in_revokes(true);
  WorkerPlan plan = trial.plan("a");
  plan.bootstrap = proxy->address();
  plan.session_timeout_ms = 6000;
  plan.kafka_properties["heartbeat.interval.ms"] = "300";
  plan.commit_interval_ms = 400;  // There should be something open when the revoke comes.
  std::uint64_t due = options.records;
  trial.start_feeding(due, kRevokedPerSecond);
  trial.start(plan);
  // Twice, and more often if the revokes found nothing open.
  for (int i = 0; i < 2 || (i < kRevokesMax && proxy->commits_failed() < 1); ++i) {
    // The place of a guest that was stopped is kept for six seconds, and the work stands meanwhile:
    // the next one comes when it goes on, and there is something to do.
    if (trial.fed() + kRevokedAtLeast > due) {
      due += options.records / 2;
      trial.start_feeding(options.records / 2, kRevokedPerSecond);  // After what is left.
    }
    if (!trial.wait_visible(100, seconds{40})) trial.complain("nothing comes out");
    std::this_thread::sleep_for(trial.random_ms(100, 800));
    WorkerPlan b = trial.plan("b" + std::to_string(i));
    b.session_timeout_ms = 6000;
    Worker& other = trial.start(b);
    std::this_thread::sleep_for(trial.random_ms(1500, 3000));
    trial.drain(other);
  }
  trial.mark_recovery();
  trial.outcome().faults = proxy->commits_failed();
  if (proxy->commits_failed() == 0) trial.complain("no commit failed: nothing was tested");
  proxy->fail_commits_in_revokes(false);
  return trial.finish();
}

constexpr std::array kScenarios{
    Scenario{"F3", "commits that fail while partitions are being taken", abort_in_revoke, 5000,
             true, true},
    Scenario{"F5", "resets, black holes, half-open and slow connections, an EndTxn that comes late",
             cut, 4000, true, true},
};

}  // namespace

std::span<const Scenario> network_scenarios() { return kScenarios; }

}  // namespace telex::fault
