// State in lanes, on a real broker: changelogs, restarts, and changelogs that are not what was
// written.
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "service/engine.h"
#include "service/kafka_ports.h"
#include "tests/integration/real_kafka.h"
#include "tests/support/temporary_folder.h"

namespace telex::testing {
namespace {

using namespace std::chrono_literals;

// Each article becomes "partition/number", where the number is counted in the lane's store: what is
// lost, doubled or counted from stale state shows as a gap or a repeat.
PublishedPtr publish_numbers() {
  auto published = std::make_shared<Published>();
  published->number = 1;
  published->make_runner = [](std::span<StateStore* const> stores) -> BatchRunner {
    return [store = stores[0]](Batch& batch, Records& out) {
      BatchCounts counts;
      for (std::uint32_t row = 0; row < batch.size(); ++row) {
        const RawRecord raw = batch.raw(row);
        const auto before = store->get(raw.partition, "n");
        const int number = before ? std::stoi(std::string(*before)) : 0;
        EXPECT_TRUE(store->put(raw.partition, "n", std::to_string(number + 1)));
        out.open();
        out.buffer() += std::to_string(raw.partition.value) + "/" + std::to_string(number);
        out.end_value();
        out.close(Destination::enriched, 0, Partition{}, raw.timestamp, row);
        counts.add(batch.verdict(row));
      }
      return counts;
    };
  };
  return published;
}

class StateOnBroker : public ::testing::Test {
 protected:
  StateOnBroker()
      : input_(kafka_.unique("state.in")),
        output_(kafka_.unique("state.out")),
        changelog_(input_ + "-count-changelog") {
    kafka_.create_topic(input_, 3);
    kafka_.create_topic(output_, 1);
  }

  std::unique_ptr<Engine> engine(const std::string& instance, int lanes,
                                 const std::string& store = "count") {
    std::vector<LaneSetup> setups;
    for (int i = 0; i < lanes; ++i) {
      KafkaLaneSettings lane;
      lane.name = input_ + "." + instance + "." + std::to_string(i);
      lane.group = input_;
      lane.static_member = false;
      lane.input_topics = {input_};
      lane.enriched_topic = output_;
      lane.dead_letter_topic = output_;
      lane.changelogs = {input_ + "-" + store + "-changelog"};
      lane.session_timeout = 6s;
      LaneSetup setup;
      setup.options.name = instance + "." + std::to_string(i);
      setup.options.transaction_records = 100;
      setup.options.batch.rows_max = 50;
      setup.options.stores = {{store, lane.changelogs[0], 1U << 20}};
      setup.options.checkpoints = checkpoints_.path();
      setup.ports = kafka_lane_ports(kafka_.shared(), lane);
      setups.push_back(std::move(setup));
    }
    auto made = std::make_unique<Engine>(std::move(setups), publish_numbers());
    made->start();
    return made;
  }
  void feed(int count) {
    kafka_.produce(input_, static_cast<std::uint64_t>(count), [&](std::uint64_t i) {
      kafka::ProducerRecord record;
      record.partition = Partition{static_cast<std::int32_t>(i % 3)};
      record.value = "article";
      return record;
    });
    fed_ += count;
  }
  bool caught_up() {
    for (const TopicPartition& partition : kafka_.partitions_of(input_)) {
      if (kafka_.committed_offset(input_, partition) != kafka_.end_offset(partition)) return false;
    }
    return true;
  }
  static void stop(Engine& engine) {
    engine.request_stop();
    ASSERT_TRUE(engine.wait(25s)) << "the drain budget";
    EXPECT_EQ(engine.exit_reason(), "");
  }
  void expect_exact() {
    kafka_.wait_until_stable(output_);
    std::multiset<std::string> seen;
    kafka_.for_each(output_, true,
                    [&](const kafka::ConsumerRecord& record) { seen.emplace(record.value); });
    EXPECT_EQ(seen.size(), static_cast<std::size_t>(fed_));
    for (int i = 0; i < fed_; ++i) {
      const std::string due = std::to_string(i % 3) + "/" + std::to_string(i / 3);
      EXPECT_EQ(seen.count(due), 1U) << due;
    }
  }

  TemporaryFolder checkpoints_{"state"};
  RealKafka kafka_;
  std::string input_;
  std::string output_;
  std::string changelog_;
  int fed_ = 0;
};

TEST_F(StateOnBroker, StateComesBackAfterARestartAndWithOtherLanes) {
  feed(900);
  {
    const auto first = engine("a", 1);
    ASSERT_TRUE(eventually([&] { return caught_up(); }, 60s));
    stop(*first);
  }
  EXPECT_FALSE(std::filesystem::is_empty(checkpoints_.path()));
  std::map<std::string, std::string> config;
  must(kafka_.broker().admin()->topic_config(changelog_, 5s, config), "topic config");
  EXPECT_EQ(config["cleanup.policy"], "compact");
  feed(900);
  const auto second = engine("b", 2);  // Other names, other share of the partitions.
  ASSERT_TRUE(eventually([&] { return caught_up() && second->ready(); }, 60s));
  stop(*second);
  expect_exact();
}

TEST_F(StateOnBroker, StateMovesWithItsPartitionWhenMembersComeAndGo) {
  feed(300);
  const auto stays = engine("stays", 1);
  for (int round = 0; round < 2; ++round) {
    const auto guest = engine("guest" + std::to_string(round), 1);
    feed(600);
    ASSERT_TRUE(eventually([&] { return caught_up() && guest->ready(); }, 60s));
    feed(300);
    if (round == 0) {
      stop(*guest);
    } else {
      guest->request_abort();  // In the middle of it.
      ASSERT_TRUE(guest->wait(25s));
    }
  }
  ASSERT_TRUE(eventually([&] { return caught_up(); }, 60s));
  stop(*stays);
  expect_exact();
}

TEST_F(StateOnBroker, AChangelogThatWasDeletedIsRefused) {
  feed(300);
  {
    const auto first = engine("a", 1);
    ASSERT_TRUE(eventually([&] { return caught_up(); }, 60s));
    stop(*first);
  }
  const std::vector<std::string> names{changelog_};
  must(kafka_.broker().admin()->delete_topics(names, 10s), "delete");
  ASSERT_TRUE(eventually(
      [&] {
        std::vector<kafka::TopicInfo> topics;
        must(kafka_.broker().admin()->topics(names, 5s, topics), "topics");
        return !topics.empty() && !topics[0].error.ok();
      },
      15s));
  feed(3);
  const auto second = engine("a", 1);
  ASSERT_TRUE(second->wait(30s)) << "it must stop by itself";
  EXPECT_NE(second->exit_reason().find("deleted or cut"), std::string::npos)
      << second->exit_reason();
  EXPECT_FALSE(caught_up()) << "nothing is settled without its state";

  const auto anew = engine("a", 1, "anew");
  ASSERT_TRUE(eventually([&] { return caught_up(); }, 60s)) << "as the message says";
  stop(*anew);
}

TEST_F(StateOnBroker, AChangelogWithAnotherPartitionCountIsRefused) {
  kafka_.create_topic(changelog_, 5, {{"cleanup.policy", "compact"}});
  feed(3);
  const auto lane = engine("a", 1);
  ASSERT_TRUE(lane->wait(30s));
  EXPECT_NE(lane->exit_reason().find("5 partitions"), std::string::npos) << lane->exit_reason();
  EXPECT_FALSE(caught_up());
}

}  // namespace
}  // namespace telex::testing
