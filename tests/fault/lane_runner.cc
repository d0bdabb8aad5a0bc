// lane_runner: the engine with a pass-through pipeline, as a program that fault tests can kill.
//
//   lane_runner BOOTSTRAP INPUT OUTPUT DEAD_LETTERS GROUP NAME
//               [LANES [exactly_once|at_least_once [SESSION_MS [TRANSACTION_MS]]]]
//
// SIGTERM drains, a second one aborts. Exit 0 when drained, 1 with a sentence otherwise.
#include <signal.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

#include "service/engine.h"
#include "service/kafka_ports.h"
#include "tests/integration/pass_through.h"

namespace {

volatile sig_atomic_t stop_signals = 0;
void on_signal(int) { stop_signals = stop_signals + 1; }

class Talkative final : public telex::LaneObserver {
 public:
  void on_problem(std::string_view problem) override {
    std::fprintf(stderr, "lane_runner: %.*s\n", static_cast<int>(problem.size()), problem.data());
  }
};

int run(int argc, char** argv) {
  using namespace telex;
  if (argc < 7) {
    std::fputs("lane_runner BOOTSTRAP INPUT OUTPUT DEAD_LETTERS GROUP NAME [LANES [DELIVERY]]\n",
               stderr);
    return 64;
  }
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGINT, &action, nullptr);

  kafka::BrokerSettings settings;
  settings.bootstrap_servers = argv[1];
  const auto broker = kafka::connect(settings);
  FaultPlan& faults = process_faults();
  Talkative observer;
  std::vector<LaneSetup> lanes;
  const int lane_count = argc > 7 ? std::atoi(argv[7]) : 1;
  for (int i = 0; i < lane_count; ++i) {
    KafkaLaneSettings lane;
    lane.name = std::string(argv[6]) + "." + std::to_string(i);
    lane.group = argv[5];
    lane.input_topics = {argv[2]};
    lane.enriched_topic = argv[3];
    lane.dead_letter_topic = argv[4];
    if (argc > 8 && std::string(argv[8]) == "at_least_once")
      lane.delivery = Delivery::at_least_once;
    lane.session_timeout = std::chrono::milliseconds{argc > 9 ? std::atoi(argv[9]) : 10'000};
    if (argc > 10) lane.transaction_timeout = std::chrono::milliseconds{std::atoi(argv[10])};
    LaneSetup setup;
    setup.options.name = std::to_string(i);
    // Small, so that a fault test has many of them to choose from.
    setup.options.transaction_records = 500;
    setup.options.batch.rows_max = 250;
    setup.ports = kafka_lane_ports(broker, lane, system_clock(), &faults);
    setup.observer = &observer;
    lanes.push_back(std::move(setup));
  }
  Engine engine(std::move(lanes), testing::publish_pass_through(), system_clock(), &faults);
  engine.start();
  int seen = 0;
  while (!engine.wait(std::chrono::milliseconds{50})) {
    if (stop_signals == seen) continue;
    seen = stop_signals;
    if (seen == 1) engine.request_stop();
    if (seen > 1) engine.request_abort();
  }
  for (const LaneStatus& lane : engine.status()) {
    std::fprintf(stderr,
                 "lane_runner: lane %s %s, %llu in = %llu published + %llu dead letters, "
                 "transactions %llu committed %llu aborted %llu unknown %llu fatal\n",
                 lane.name.c_str(), std::string(to_string(lane.state)).c_str(),
                 static_cast<unsigned long long>(lane.counts.in),
                 static_cast<unsigned long long>(lane.counts.published),
                 static_cast<unsigned long long>(lane.counts.dead_lettered),
                 static_cast<unsigned long long>(lane.committed),
                 static_cast<unsigned long long>(lane.aborted),
                 static_cast<unsigned long long>(lane.unknown),
                 static_cast<unsigned long long>(lane.fatal));
  }
  if (engine.exit_reason().empty()) return 0;
  std::fprintf(stderr, "lane_runner: %s\n", engine.exit_reason().c_str());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "lane_runner: %s\n", failure.what());
    return 1;
  }
}
