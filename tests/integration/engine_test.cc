// The engine on a real broker.
#include "service/engine.h"

#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "service/kafka_ports.h"
#include "tests/integration/pass_through.h"
#include "tests/integration/real_kafka.h"

namespace telex::testing {
namespace {

using namespace std::chrono_literals;

class EngineOnBroker : public ::testing::Test {
 protected:
  EngineOnBroker()
      : input_(kafka_.unique("engine.in")),
        output_(kafka_.unique("engine.out")),
        dead_letters_(kafka_.unique("engine.dlq")) {
    kafka_.create_topic(input_, 4);
    kafka_.create_topic(output_, 4);
    kafka_.create_topic(dead_letters_, 1);
  }

  KafkaLaneSettings settings(const std::string& instance, int lane, bool is_static = false) {
    KafkaLaneSettings settings;
    settings.name = input_ + "." + instance + "." + std::to_string(lane);
    settings.group = input_;
    settings.static_member = is_static;
    settings.input_topics = {input_};
    settings.enriched_topic = output_;
    settings.dead_letter_topic = dead_letters_;
    settings.session_timeout = 6s;
    return settings;
  }
  std::unique_ptr<Engine> engine(const std::string& instance, int lanes, bool is_static = false,
                                 Delivery delivery = Delivery::exactly_once) {
    std::vector<LaneSetup> setups;
    for (int i = 0; i < lanes; ++i) {
      KafkaLaneSettings lane = settings(instance, i, is_static);
      lane.delivery = delivery;
      LaneSetup setup;
      setup.options.name = instance + "." + std::to_string(i);
      setup.options.transaction_records = 200;
      setup.options.batch.rows_max = 100;
      setup.ports = kafka_lane_ports(kafka_.shared(), lane);
      setups.push_back(std::move(setup));
    }
    auto made = std::make_unique<Engine>(std::move(setups), publish_pass_through());
    made->start();
    return made;
  }
  void feed(int first, int count) {
    std::string key;
    kafka_.produce(input_, static_cast<std::uint64_t>(count), [&](std::uint64_t i) {
      key = "n" + std::to_string(first + static_cast<int>(i));
      kafka::ProducerRecord record;
      record.key = key;
      record.value = key;
      return record;
    });
    fed_ += count;
  }
  bool caught_up() {
    for (const TopicPartition& partition : kafka_.partitions_of(input_)) {
      const std::int64_t end = kafka_.end_offset(partition);
      if (end > 0 && kafka_.committed_offset(input_, partition) != end) return false;
    }
    return true;
  }
  void expect_exact() {
    kafka_.wait_until_stable(output_);
    std::multiset<std::string> values;
    kafka_.for_each(output_, true,
                    [&](const kafka::ConsumerRecord& record) { values.emplace(record.value); });
    EXPECT_EQ(values.size(), static_cast<std::size_t>(fed_));
    EXPECT_EQ(std::set<std::string>(values.begin(), values.end()).size(), values.size());
  }
  static void stop(Engine& engine) {
    engine.request_stop();
    ASSERT_TRUE(engine.wait(25s)) << "the drain budget";
    EXPECT_EQ(engine.exit_reason(), "");
  }

  RealKafka kafka_;
  std::string input_;
  std::string output_;
  std::string dead_letters_;
  int fed_ = 0;
};

TEST_F(EngineOnBroker, LanesShareTheWorkAndSettleEverythingOnce) {
  feed(0, 5000);
  const auto both = engine("a", 2);
  // One of them may have done all the work before the other had its share of the partitions.
  ASSERT_TRUE(eventually([&] { return caught_up() && both->ready(); }, 30s));
  std::uint64_t in = 0;
  for (const LaneStatus& lane : both->status()) {
    EXPECT_EQ(lane.state, LaneState::running);
    in += lane.counts.in;
  }
  EXPECT_EQ(in, 5000U);
  // Lag is what an operator sees; behind commit markers it is zero.
  EXPECT_TRUE(eventually(
      [&] {
        std::size_t zero = 0;
        for (const LaneStatus& lane : both->status()) {
          for (const LanePartition& each : lane.partitions) zero += each.lag == 0 ? 1U : 0U;
        }
        return zero == 4;
      },
      30s));
  stop(*both);
  expect_exact();
}

TEST_F(EngineOnBroker, MembersThatComeAndGoUnderLoadLoseAndDoubleNothing) {
  feed(0, 2000);
  const auto stays = engine("stays", 1);
  for (int round = 0; round < 3; ++round) {
    const auto guest = engine("guest" + std::to_string(round), 1 + round % 2);
    feed(10'000 * (round + 1), 2000);
    // The others may have done all the work before it had joined.
    ASSERT_TRUE(eventually([&] { return caught_up() && guest->ready(); }, 60s)) << round;
    feed(10'000 * (round + 1) + 5000, 1000);
    stop(*guest);
  }
  ASSERT_TRUE(eventually([&] { return caught_up(); }, 60s));
  const std::vector<LaneStatus> status = stays->status();
  // Cooperatively, what a guest leaves may go straight to the next one.
  EXPECT_GE(status.front().rebalances, kafka::rebalances_cooperatively() ? 2U : 4U);
  EXPECT_LE(status.front().incarnations, 1U);
  stop(*stays);
  expect_exact();
}

TEST_F(EngineOnBroker, AMemberThatAbortsIsReplaced) {
  feed(0, 3000);
  const auto stays = engine("stays", 1);
  auto goes = engine("goes", 1);
  feed(10'000, 3000);
  goes->request_abort();
  ASSERT_TRUE(goes->wait(15s));
  goes.reset();
  ASSERT_TRUE(eventually([&] { return caught_up(); }, 60s));
  stop(*stays);
  expect_exact();
}

TEST_F(EngineOnBroker, ASecondProcessOfTheSameNameEndsTheFirstWithAClearWord) {
  feed(0, 500);
  const auto first = engine("same", 1, true);
  ASSERT_TRUE(eventually([&] { return caught_up(); }, 30s));
  const auto second = engine("same", 1, true);
  feed(10'000, 500);
  // Each shuts the other out; one of them gives up, and says what is wrong.
  ASSERT_TRUE(eventually(
      [&] {
        return !first->exit_reason().empty() || !second->exit_reason().empty() ||
               first->wait(0ms) || second->wait(0ms);
      },
      90s));
  const std::string said = first->exit_reason() + second->exit_reason();
  EXPECT_NE(said.find("same instance name"), std::string::npos) << said;
  ASSERT_TRUE(eventually([&] { return caught_up(); }, 90s));
  first->request_stop();
  second->request_stop();
  EXPECT_TRUE(first->wait(25s));
  EXPECT_TRUE(second->wait(25s));
  expect_exact();
}

TEST_F(EngineOnBroker, AtLeastOnceLosesNothing) {
  feed(0, 3000);
  const auto one = engine("a", 1, false, Delivery::at_least_once);
  ASSERT_TRUE(eventually([&] { return caught_up(); }, 30s));
  stop(*one);
  expect_exact();  // Nothing failed, so nothing is doubled either.
}

TEST_F(EngineOnBroker, AnOutputTopicThatIsNotThereStopsTheEngineWithItsName) {
  feed(0, 10);
  output_ = kafka_.unique("nowhere");
  const auto one = engine("a", 1);
  ASSERT_TRUE(one->wait(20s));
  EXPECT_NE(one->exit_reason().find(output_), std::string::npos) << one->exit_reason();
  EXPECT_FALSE(one->ready());
}

TEST_F(EngineOnBroker, AnEmptyTopicIsReadyToo) {
  const auto one = engine("a", 1);
  EXPECT_TRUE(eventually([&] { return one->ready(); }, 15s));
  EXPECT_LT(one->idle_time(), 20s);
  stop(*one);
}

}  // namespace
}  // namespace telex::testing
