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
  // Long enough for a feed that has to begin anew.
  if (!trial.wait_settled(seconds{180})) trial.complain("not settled after the outage");
  for (std::size_t i = 0; i < trial.workers().size(); ++i) {
    Worker& worker = *trial.workers()[i];
    if (worker.process().over()) trial.complain("a worker ended with the broker", &worker);
    if (health.empty()) continue;
    if (health[i]->not_live() > 0) trial.complain("a worker was not alive for a while", &worker);
    // Everything can be settled while one of the two is still joining.
    const bool ready =
        testing::eventually([&] { return worker.status_of("/readyz") == 200; }, seconds{60});
    if (!ready) trial.complain("a worker is not ready again", &worker);
    trial.outcome().facts["not_ready_answers"] += static_cast<std::int64_t>(health[i]->not_ready());
  }
  health.clear();
  return trial.finish();
}

// F15, a quiet weekend: the broker forgets the transactional id, then one article comes.
void forget(Trial& trial) {
  trial.start(trial.plan("a"));
  trial.feed(trial.options().records);
  if (!trial.wait_settled(seconds{60})) trial.complain("not settled before the pause");
  for (int i = 0; i < 2; ++i) {
    std::this_thread::sleep_for(trial.random_ms(7000, 9000));
    trial.fault_done();
    trial.feed(1);
    trial.mark_recovery();
    if (!trial.wait_settled(seconds{60})) trial.complain("the article after the pause stays");
  }
}

// F15, a pause in a transaction that the broker gives up on, while the group still waits.
void outlive(Trial& trial, const char* point) {
  WorkerPlan plan = trial.plan("a");
  plan.session_timeout_ms = 40'000;
  plan.transaction_timeout_ms = 11'000;
  plan.fault = std::string(point) + ":stop:" + std::to_string(trial.random(2, 5));
  trial.feed(trial.options().records);
  Worker& worker = trial.start(plan);
  const bool stopped = testing::eventually([&] { return worker.process().stopped(); }, seconds{30});
  if (!stopped) trial.complain("the worker was not stopped in a transaction", &worker);
  trial.fault_done();
  std::this_thread::sleep_for(trial.random_ms(13'000, 15'000));
  worker.process().signal(SIGCONT);
  trial.mark_recovery();
}

Outcome forgotten(Stage& stage, const TrialOptions& options) {
  stage.broker.require(
      "transactional.id.expiration.ms=4000\n"
      "transaction.remove.expired.transaction.cleanup.interval.ms=1000\n"
      "producer.id.expiration.ms=4000\nproducer.id.expiration.check.interval.ms=1000\n");
  Trial trial(stage.kafka, options);
  // Recovered from, not waited for until somebody restarts it; far above what it should take (5 s).
  trial.expect_recovery_within(seconds{30});
  static constexpr std::array<const char*, 4> kVariants{"forgotten id", "after_produce",
                                                        "after_send_offsets", "after_begin"};
  const char* variant = kVariants[options.iteration % kVariants.size()];
  trial.outcome().variant = variant;
  if (options.iteration % kVariants.size() == 0) {
    forget(trial);
  } else {
    outlive(trial, variant);
  }
  return trial.finish();
}

// ---------------------------------------------------------------------------------------------
// F13: the set-up goes wrong and is mended. Workers may wait or end with a sentence; nothing is
// dead-lettered for it, and afterwards everything is there once.

// Broken from here on: something is fed, `mend` is called after a while.
template <class Mend>
void endure(Trial& trial, const Mend& mend) {
  trial.allow_exits(true);
  trial.fault_done();
  trial.feed(trial.options().records / 2);
  const auto end = std::chrono::steady_clock::now() + trial.random_ms(3000, 8000);
  while (std::chrono::steady_clock::now() < end) {
    trial.tend();
    std::this_thread::sleep_for(milliseconds{100});
  }
  mend();
  if (!trial.wait_settled(seconds{90})) trial.complain("not settled after it was mended");
  trial.allow_exits(false);
}

TopicSetup without_witness() {
  TopicSetup setup;
  setup.witness = false;  // It would have to read two topics of one name.
  return setup;
}

Outcome topic_deleted(Stage& stage, const TrialOptions& options) {
  Trial trial(stage.kafka, options, without_witness());
  trial.start(trial.plan("a"));
  trial.feed(options.records / 2);
  if (!trial.wait_settled(seconds{60})) trial.complain("not settled at first");
  trial.read_outlets({Outlet::enriched});
  const std::vector<std::string> names{trial.names().output};
  const auto admin = stage.kafka.broker().admin();
  testing::must(admin->delete_topics(names, seconds{15}), "delete the output topic");
  endure(trial,
         [&] { stage.kafka.create_topic(trial.names().output, trial.setup().partitions, {}); });
  trial.outcome().variant = "output topic deleted";
  return trial.finish();
}

Outcome limit_shrunk(Stage& stage, const TrialOptions& options) {
  Trial trial(stage.kafka, options);
  trial.start(trial.plan("a"));
  trial.feed(options.records / 2);
  if (!trial.wait_settled(seconds{60})) trial.complain("not settled at first");
  const std::string& bootstrap = stage.kafka.bootstrap();
  set_topic_config(bootstrap, trial.names().output, {{"max.message.bytes", "400"}});
  endure(trial, [&] { set_topic_config(bootstrap, trial.names().output, {}); });
  trial.outcome().variant = "max.message.bytes shrunk";
  return trial.finish();
}

// A listener that asks for a password, and an authoriser that lets everybody do everything unless
// told otherwise.
class SecuredListener {
 public:
  explicit SecuredListener(BrokerProcess& broker) : broker_(broker), port_(free_ports(2)) {}
  void require(const std::string& password) const {
    const std::string host = "127.0.0.1:";
    const std::string first = host + std::to_string(broker_.port());
    const std::string here = host + std::to_string(port_);
    const std::string controller = host + std::to_string(port_ + 1);
    broker_.require(
        "controller.quorum.voters=1@" + controller + "\nlisteners=PLAINTEXT://" + first +
        ",CONTROLLER://" + controller + ",SECURED://" + here +
        "\nadvertised.listeners=PLAINTEXT://" + first + ",SECURED://" + here +
        "\nlistener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,"
        "SECURED:SASL_PLAINTEXT\ninter.broker.listener.name=PLAINTEXT\n"
        "sasl.enabled.mechanisms=PLAIN\nlistener.name.secured.plain.sasl.jaas.config="
        "org.apache.kafka.common.security.plain.PlainLoginModule required user_telex=\"" +
        password +
        "\";\nauthorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer\n"
        "super.users=User:ANONYMOUS\nallow.everyone.if.no.acl.found=true\n");
  }
  WorkerPlan plan(const Trial& trial) const {
    WorkerPlan plan = trial.plan("a");
    plan.bootstrap = "127.0.0.1:" + std::to_string(port_);
    plan.kafka_properties = {{"security.protocol", "SASL_PLAINTEXT"},
                             {"sasl.mechanism", "PLAIN"},
                             {"sasl.username", "telex"},
                             {"sasl.password", "right"}};
    return plan;
  }

 private:
  BrokerProcess& broker_;
  int port_;
};

Outcome shut_out(Stage& stage, const TrialOptions& options) {
  static const SecuredListener listener(stage.broker);
  const bool by_password = options.iteration % 4 == 2;
  listener.require("right");
  Trial trial(stage.kafka, options);
  trial.outcome().variant = by_password ? "password changed" : "right to write taken away";
  trial.start(listener.plan(trial));
  trial.feed(options.records / 2);
  if (!trial.wait_settled(seconds{60})) trial.complain("not settled at first");
  if (by_password) {
    listener.require("wrong");
    endure(trial, [&] { listener.require("right"); });
  } else {
    const std::string& bootstrap = stage.kafka.bootstrap();
    deny_write(bootstrap, trial.names().output, "User:telex");
    endure(trial, [&] { allow_write(bootstrap, trial.names().output, "User:telex"); });
  }
  return trial.finish();
}

Outcome set_up_wrong(Stage& stage, const TrialOptions& options) {
  if (options.iteration % 4 >= 2) return shut_out(stage, options);
  stage.broker.require("");
  return options.iteration % 4 == 0 ? topic_deleted(stage, options) : limit_shrunk(stage, options);
}

constexpr std::array kScenarios{
    Scenario{"F2", "the broker killed or stopped under load, and started again", broker_gone, 8000,
             true},
    Scenario{"F13", "a topic deleted, a limit shrunk, a password changed, a right taken away",
             set_up_wrong, 3000, false, true},
    Scenario{"F15", "a transactional id that the broker forgot, transactions it gave up on",
             forgotten, 3000, true, true},
};

}  // namespace

std::span<const Scenario> broker_scenarios() { return kScenarios; }

}  // namespace telex::fault
