// Faults of the broker: F2 (killed, restarted), F13 (topics, limits, passwords), F15 (it forgets).
#include <signal.h>

#include <array>

#include "tests/fault/broker.h"
#include "tests/fault/scenarios.h"

namespace telex::fault {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// F2. The broker is killed or stopped under load and comes back seconds later.
Outcome broker_gone(Stage& stage, const TrialOptions& options) {
  Trial trial(stage.kafka, options);
  BrokerProcess& broker = stage.broker;
  const bool kill = options.iteration % 2 == 0;
  trial.outcome().variant = kill ? "SIGKILL" : "SIGTERM";
  trial.start_feeding(options.records, 800);
  trial.start(trial.plan("a"));
  trial.start(trial.plan("b"));
  if (!trial.wait_visible(options.records / 10, seconds{30})) trial.complain("nothing comes out");
  std::vector<std::unique_ptr<Health>> health;
  if (options.subject == Subject::telex) {
    for (const auto& worker : trial.workers()) health.push_back(std::make_unique<Health>(*worker));
  }
  std::this_thread::sleep_for(trial.random_ms(0, 1000));
  broker.end(kill ? SIGKILL : SIGTERM);
  trial.fault_done();
  const auto down = trial.random_ms(2000, 8000);
  std::this_thread::sleep_for(down);
  broker.start();
  trial.outcome().facts["down_ms"] = down.count();
  trial.mark_recovery();
  if (!trial.wait_settled(seconds{90})) trial.complain("not settled after the outage");
  for (std::size_t i = 0; i < trial.workers().size(); ++i) {
    Worker& worker = *trial.workers()[i];
    if (worker.process().over()) trial.complain("a worker ended with the broker", &worker);
    if (health.empty()) continue;
    if (health[i]->not_live() > 0) trial.complain("a worker was not alive for a while", &worker);
    if (worker.status_of("/readyz") != 200) trial.complain("a worker is not ready again", &worker);
    trial.outcome().facts["not_ready_answers"] += static_cast<std::int64_t>(health[i]->not_ready());
  }
  health.clear();
  return trial.finish();
}

constexpr std::array kScenarios{
    Scenario{"F2", "the broker killed or stopped under load, and started again", broker_gone, 8000,
             true},
};

}  // namespace

std::span<const Scenario> broker_scenarios() { return kScenarios; }

}  // namespace telex::fault
