// Faults of the workers themselves: F1 (killed), F4 (zombie), F6 (rebalance storm), F14 (SIGTERM).
#include <signal.h>

#include <algorithm>
#include <array>

#include "tests/fault/scenarios.h"

namespace telex::fault {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr double kFeedPerSecond = 1500;
// A restarted worker must not have to wait for its predecessor's transaction to time out (60 s):
// half of that is far more than any machine needs, and far less than waiting.
constexpr seconds kOrphanMax{30};

constexpr std::array<const char*, 4> kPoints{"after_begin", "after_produce", "after_send_offsets",
                                             "after_commit"};

std::string fault_at(const char* point, const char* action, std::int64_t nth) {
  return std::string(point) + ":" + action + ":" + std::to_string(nth);
}

// F1. Two workers, each killed twice: once at a point of a transaction, once at any moment.
Outcome killed(Stage& stage, const TrialOptions& options) {
  Trial trial(stage.kafka, options);
  trial.expect_recovery_within(kOrphanMax);
  trial.start_feeding(options.records, kFeedPerSecond);
  std::array<WorkerPlan, 2> plans{trial.plan("a"), trial.plan("b")};
  for (WorkerPlan& plan : plans) {
    const char* point = kPoints[static_cast<std::size_t>(trial.random(0, 3))];
    if (trial.ours()) plan.fault = fault_at(point, "kill", trial.random(2, 6));
    trial.outcome().variant += (trial.outcome().variant.empty() ? "" : "+") +
                               std::string(trial.ours() ? point : "any moment");
    trial.start(plan);
    plan.fault.clear();
  }
  for (int kills = 0; kills < 4; ++kills) {
    const std::size_t which = static_cast<std::size_t>(kills % 2);
    Worker* worker = nullptr;
    for (const auto& each : trial.workers()) {
      if (each->plan().instance == plans[which].instance) worker = each.get();
    }
    // Those with a plan end themselves; the clock ends the others, and who is late.
    const milliseconds patience =
        kills < 2 && trial.ours() ? milliseconds{6000} : trial.random_ms(200, 1500);
    if (!worker->process().wait(patience)) worker->process().signal(SIGKILL);
    if (!worker->process().wait(seconds{10})) trial.complain("a killed worker lives", worker);
    if (trial.ours() && worker->process().ended_by() != SIGKILL) {
      trial.complain("worker " + plans[which].instance + " ended before it was killed", worker);
    }
    trial.fault_done();
    trial.drop(*worker);
    trial.mark_recovery();
    trial.start(plans[which]);
  }
  return trial.finish();
}

// F14. SIGTERM at any moment, again and again.
Outcome terminated(Trial& trial) {
  trial.start_feeding(trial.options().records, kFeedPerSecond);
  trial.start(trial.plan("b"));
  const WorkerPlan plan = trial.plan("a");
  for (int i = 0; i < 5; ++i) {
    Worker& worker = trial.start(plan);
    std::this_thread::sleep_for(trial.random_ms(50, 1500));
    trial.drain(worker);
    trial.fault_done();
    trial.mark_recovery();
  }
  trial.start(plan);
  return trial.finish();
}

// F14. Fifty reloads in five seconds, of configurations that are good, that ask for what only a
// restart can do, and that cannot be read.
Outcome reloaded(Trial& trial) {
  trial.start_feeding(trial.options().records, kFeedPerSecond / 2);
  Worker& worker = trial.start(trial.plan("a"));
  if (!trial.wait_visible(50, seconds{60})) trial.complain("nothing comes out", &worker);
  Health health(worker);
  const auto good = [&](int i) {
    WorkerPlan plan = worker.plan();
    plan.source = "feed-" + std::to_string(i);
    worker.configure(plan);
  };
  WorkerPlan for_restart = worker.plan();
  for_restart.session_timeout_ms += 1000;
  for (int i = 0; i < 50; ++i) {
    switch (trial.random(0, 2)) {
      case 0:
        worker.configure(for_restart);
        break;
      case 1:
        worker.configure_raw(trial.random(0, 1) == 0 ? "" : "[output\nenriched = 3");
        break;
      default:
        good(i);
        break;
    }
    worker.process().signal(SIGHUP);
    trial.fault_done();
    std::this_thread::sleep_for(milliseconds{100});
  }
  // The last word is a good one, and is heard.
  const double before = worker.metric("telex_generation");
  good(50);
  worker.process().signal(SIGHUP);
  const bool heard =
      testing::eventually([&] { return worker.metric("telex_generation") > before; }, seconds{30});
  if (!heard) trial.complain("the last good configuration is not in force", &worker);
  if (health.not_live() > 0) trial.complain("not alive for a while", &worker);
  trial.outcome().facts["generation"] = static_cast<std::int64_t>(before) + 1;
  if (!trial.wait_settled(seconds{60})) trial.complain("not settled after the reloads", &worker);
  return trial.finish();
}

Outcome told(Stage& stage, const TrialOptions& options) {
  Trial trial(stage.kafka, options);
  const bool reloads = options.subject == Subject::telex && options.iteration % 2 == 1;
  trial.outcome().variant = reloads ? "SIGHUP" : "SIGTERM";
  return reloads ? reloaded(trial) : terminated(trial);
}

// F4. Worker A is stopped in a transaction for longer than its session, another goes on, A wakes.
Outcome zombie(Stage& stage, const TrialOptions& options) {
  Trial trial(stage.kafka, options);
  const bool same_name = options.iteration % 2 == 1;
  const char* point = kPoints[static_cast<std::size_t>(trial.random(1, 2))];
  trial.outcome().variant = std::string(same_name ? "same name, " : "other name, ") + point;
  WorkerPlan plan = trial.plan("a");
  plan.session_timeout_ms = 6000;
  plan.transaction_timeout_ms = 11'000;  // The least there is.
  WorkerPlan other = plan;
  other.instance = same_name ? "a" : "b";
  plan.fault = fault_at(point, "stop", trial.random(2, 5));
  trial.feed(options.records / 2);
  Worker& zombie = trial.start(plan);
  if (!testing::eventually([&] { return zombie.process().stopped() || zombie.process().over(); },
                           seconds{30}) ||
      zombie.process().over()) {
    trial.complain("the worker was not stopped in a transaction", &zombie);
    return trial.finish();
  }
  trial.fault_done();
  trial.mark_recovery();
  trial.start(other);
  trial.feed(options.records / 2);
  // All that A does not hold up becomes visible; then A wakes, with everything it ever held gone.
  std::this_thread::sleep_for(trial.random_ms(8000, 14'000));
  zombie.process().signal(SIGCONT);
  std::this_thread::sleep_for(trial.random_ms(500, 3000));
  trial.feed(static_cast<std::uint64_t>(trial.setup().partitions) * 10);
  if (!testing::eventually([&] { return trial.settled(); }, seconds{60})) {
    trial.complain("not settled after the zombie woke");
  }
  // Under one name one of the two has to give way, and says why; under two both go on.
  int gone = 0;
  for (std::size_t i = 0; i < trial.workers().size();) {
    Worker& worker = *trial.workers()[i];
    if (!worker.process().over()) {
      ++i;
      continue;
    }
    ++gone;
    const bool named = worker.log_has("another process runs under the same instance name");
    if (worker.process().exit_code() != 1 || !named) {
      trial.complain("a worker ended without the reason that it should have", &worker);
    }
    trial.drop(worker);
  }
  trial.outcome().facts["gave_way"] = gone;
  if (!same_name && gone > 0) trial.complain("a worker ended though its name is its own");
  if (gone > 1) trial.complain("both workers ended");
  return trial.finish();
}

// F6. Up to four workers come and go, by TERM and KILL, while eight partitions are read.
Outcome storm(Stage& stage, const TrialOptions& options) {
  TopicSetup setup;
  setup.partitions = 8;
  Trial trial(stage.kafka, options, setup);
  // Under its old name a worker takes its partitions back; under a new one everybody moves.
  const bool old_names = options.iteration % 2 == 0;
  trial.outcome().variant = old_names ? "old names" : "new names";
  constexpr std::int64_t kStormMs = 20'000;
  trial.start_feeding(options.records, static_cast<double>(options.records) * 1000 / kStormMs);
  const auto plan_of = [&](int nth) {
    WorkerPlan plan = trial.plan("w" + std::to_string(nth));
    plan.session_timeout_ms = 6000;
    plan.transaction_timeout_ms = 11'000;
    return plan;
  };
  int named = 0;
  std::vector<std::string> idle;
  const auto join = [&] {
    WorkerPlan plan = plan_of(named);
    if (old_names && !idle.empty()) {
      plan.instance = idle.back();
      idle.pop_back();
    } else {
      ++named;
    }
    trial.start(plan);
  };
  join();
  const auto end = std::chrono::steady_clock::now() + milliseconds{kStormMs};
  while (std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(trial.random_ms(700, 2500));
    trial.tend();
    const auto count = static_cast<std::int64_t>(trial.workers().size());
    if (count < 4 && (count <= 1 || trial.random(0, 1) == 0)) {
      join();
    } else {
      Worker& worker = *trial.workers()[static_cast<std::size_t>(trial.random(0, count - 1))];
      idle.push_back(worker.plan().instance);
      if (trial.random(0, 1) == 0) {
        trial.drain(worker);
        ++trial.outcome().facts["terms"];
      } else {
        trial.drop(worker);
        ++trial.outcome().facts["kills"];
      }
    }
    trial.fault_done();
  }
  if (trial.workers().empty()) join();
  trial.mark_recovery();
  return trial.finish(seconds{90});
}

constexpr std::array kScenarios{
    Scenario{"F1", "workers killed (SIGKILL) at points of their transactions and at any moment",
             killed, 6000, true},
    Scenario{"F4", "a worker stopped in a transaction beyond its session, replaced, and woken",
             zombie, 4000, false},
    Scenario{"F6", "up to four workers coming and going, by TERM and KILL", storm, 8000, true},
    Scenario{"F14", "SIGTERM at any moment, and fifty reloads in five seconds", told, 6000, true},
};

}  // namespace

std::span<const Scenario> process_scenarios() { return kScenarios; }

}  // namespace telex::fault
