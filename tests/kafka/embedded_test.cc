#include "kafka/embedded.h"

#include <set>

#include <gtest/gtest.h>

#include "ingest/kafka_source.h"
#include "kafka/client.h"
#include "sink/kafka_sink.h"

namespace telex {
namespace {

using namespace std::chrono_literals;

TEST(Embedded, ARoundTripThroughTheInProcessCluster) {
  kafka::BrokerSettings settings;
  settings.bootstrap_servers = "embedded";
  const auto broker = kafka::connect(settings);
  EXPECT_TRUE(broker->at_least_once_only());
  const auto admin = broker->admin();
  const std::vector<kafka::NewTopic> topics{{"in", 2, 1, {}}, {"out", 1, 1, {}}};
  ASSERT_TRUE(admin->create_topics(topics, 5s).ok());

  KafkaSinkOptions options;
  options.delivery = Delivery::at_least_once;
  options.enriched_topic = "in";
  options.commit_offsets = [](const Positions&, kafka::milliseconds) { return kafka::Error{}; };
  KafkaSink sink(broker->producer({}), options);
  ASSERT_TRUE(sink.begin().ok());
  Records records;
  for (int i = 0; i < 20; ++i) {
    records.open();
    records.buffer() += "k" + std::to_string(i);
    records.end_key();
    records.buffer() += "v" + std::to_string(i);
    records.end_value();
    records.close(Destination::enriched, 0, Partition{}, 0, 0);
  }
  ASSERT_TRUE(sink.stage(records, 0).ok());
  ASSERT_EQ(sink.commit({}, "", 10s).outcome, CommitOutcome::committed);

  kafka::ConsumerSettings consumer;
  consumer.group_id = "g";
  KafkaSourceOptions source_options;
  source_options.topics = {"in"};
  KafkaSource source(broker->consumer(consumer), source_options);
  Batch batch;
  std::set<std::string> seen;
  for (int i = 0; i < 200 && seen.size() < 20; ++i) {
    batch.clear();
    source.poll(batch, 100ms, [](const SourceEvent&) {});
    for (std::uint32_t row = 0; row < batch.size(); ++row) {
      seen.emplace(batch.raw(row).value);
    }
  }
  EXPECT_EQ(seen.size(), 20U);
  source.close();
}

class HeldPartitions final : public kafka::RebalanceListener {
 public:
  void on_assigned(std::span<const TopicPartition> partitions) override {
    held.assign(partitions.begin(), partitions.end());
  }
  void on_revoked(std::span<const TopicPartition>, bool) override { held.clear(); }
  std::vector<TopicPartition> held;
};

// An abort rewinds while the group rebalances: one assignment right after the other.
TEST(Embedded, AssignmentsMayFollowEachOtherAtOnce) {
  kafka::BrokerSettings settings;
  settings.bootstrap_servers = "embedded";
  const auto broker = kafka::connect(settings);
  const std::vector<kafka::NewTopic> topics{{"quick", 4, 1, {}}};
  ASSERT_TRUE(broker->admin()->create_topics(topics, 5s).ok());
  kafka::ConsumerSettings consumer_settings;
  consumer_settings.group_id = "quick";
  const auto consumer = broker->consumer(consumer_settings);
  const std::vector<std::string> names{"quick"};
  ASSERT_TRUE(consumer->subscribe(names).ok());
  HeldPartitions listener;
  kafka::ConsumerRecord record;
  kafka::Error error;
  for (int i = 0; i < 200 && listener.held.empty(); ++i) {
    consumer->poll(100ms, listener, record, error);
  }
  ASSERT_EQ(listener.held.size(), 4U);
  std::vector<kafka::PartitionOffset> positions;
  positions.reserve(listener.held.size());
  for (const TopicPartition& each : listener.held) positions.push_back({each, Offset{0}});
  for (int i = 0; i < 300; ++i) {
    ASSERT_TRUE(consumer->assign(positions).ok()) << i;
    if (i % 3 == 0) {
      ASSERT_TRUE(consumer->assign({}).ok()) << i;
    }
  }
  consumer->close(5s);
}

TEST(Embedded, ThereIsOneClusterAProcess) {
  const auto first = kafka::EmbeddedCluster::start();
  const auto second = kafka::EmbeddedCluster::start();
  EXPECT_EQ(first, second);
}

TEST(Embedded, ATopicThatIsNotThereIsSaidSo) {
  kafka::BrokerSettings settings;
  settings.bootstrap_servers = "embedded";
  const auto broker = kafka::connect(settings);
  std::vector<kafka::TopicInfo> topics;
  const std::vector<std::string> names{"nowhere"};
  ASSERT_TRUE(broker->admin()->topics(names, 5s, topics).ok());
  EXPECT_EQ(topics.at(0).error.code, "UNKNOWN_TOPIC_OR_PART");
}

}  // namespace
}  // namespace telex
