// bench.engine: the engine alone. One lane from Kafka to Kafka with a pipeline that passes records
// on as they came: what exactly-once and all the rest of a service cost above bench.bare_loop. Same
// options, same line of JSON, same bounds of a transaction.
//
// usage: bench.engine --bootstrap A --input T --output T --dead-letters T --group G --count N
//                     [--mode alo|txn] [--commit-ms 100] [--commit-records 5000]
#include "service/engine.h"

#include <atomic>
#include <cstdlib>

#include <fmt/core.h>

#include "kafka/client.h"
#include "service/kafka_ports.h"
#include "tests/bench/kafka_tools.h"
#include "tests/integration/pass_through.h"

namespace telex::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;
constexpr std::chrono::seconds kLimit{300};

// Counts what was committed, and when it began and ended.
class Counter final : public LaneObserver {
 public:
  explicit Counter(std::uint64_t wanted) : wanted_(wanted) {}

  void on_batch(const Batch&, const Records&, const BatchCounts&) override {
    if (begun_ == SteadyClock::time_point{}) begun_ = SteadyClock::now();
  }
  void on_commit(const LaneCommit& commit) override {
    const std::uint64_t done = done_.load() + commit.counts.in;
    if (done >= wanted_) {
      seconds_ = std::chrono::duration<double>(SteadyClock::now() - begun_).count();
      cpu_seconds_ = cpu_seconds(0);
    }
    done_.store(done);
  }
  void on_problem(std::string_view problem) override { fmt::print(stderr, "{}\n", problem); }

  std::uint64_t done() const { return done_.load(); }
  bool complete() const { return done() >= wanted_; }
  // REQUIRES: complete().
  double seconds() const { return seconds_; }
  double cpu() const { return cpu_seconds_; }

 private:
  const std::uint64_t wanted_;
  SteadyClock::time_point begun_;
  double seconds_ = 0;
  double cpu_seconds_ = 0;
  std::atomic<std::uint64_t> done_{0};  // Written last: who has seen it sees the others.
};

}  // namespace
}  // namespace telex::bench

int main(int argc, char** argv) {
  using namespace telex;
  using namespace telex::bench;
  auto options = parse_options(argc, argv, 0);
  for (const char* needed : {"bootstrap", "input", "output", "dead-letters", "group", "count"}) {
    if (!options.contains(needed)) die(needed, "is needed");
  }
  const auto number = [&options](const char* name, std::int64_t otherwise) {
    return options.contains(name) ? std::int64_t{std::atoll(options[name].c_str())} : otherwise;
  };

  kafka::BrokerSettings broker;
  broker.bootstrap_servers = options["bootstrap"];
  KafkaLaneSettings lane;
  lane.name = options["group"] + ".0";
  lane.group = options["group"];
  lane.input_topics = {options["input"]};
  lane.enriched_topic = options["output"];
  lane.dead_letter_topic = options["dead-letters"];
  lane.delivery = options["mode"] == "txn" ? Delivery::exactly_once : Delivery::at_least_once;

  Counter counter(static_cast<std::uint64_t>(number("count", 0)));
  LaneSetup setup;
  setup.options.transaction_time = std::chrono::milliseconds(number("commit-ms", 100));
  setup.options.transaction_records = static_cast<std::uint32_t>(number("commit-records", 5000));
  setup.ports = kafka_lane_ports(kafka::connect(broker), lane);
  setup.observer = &counter;
  std::vector<LaneSetup> lanes;
  lanes.push_back(std::move(setup));
  Engine engine(std::move(lanes), telex::testing::publish_pass_through());
  const auto give_up = SteadyClock::now() + kLimit;
  engine.start();
  while (!counter.complete()) {
    if (engine.wait(std::chrono::milliseconds(20))) die("engine", engine.exit_reason());
    if (SteadyClock::now() > give_up) die("engine", fmt::format("{} in time", counter.done()));
  }
  fmt::print(
      "{{\"messages\":{},\"seconds\":{:.3f},\"cpu_seconds\":{:.3f},\"rss_mb\":{:.0f},"
      "\"librdkafka\":\"{}\"}}\n",
      counter.done(), counter.seconds(), counter.cpu(), rss_peak_mb(0), rd_kafka_version_str());
  engine.request_stop();
  engine.wait(std::chrono::milliseconds(30'000));
  return 0;
}
