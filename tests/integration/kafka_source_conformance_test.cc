#include "ingest/bounded_source.h"
#include "ingest/kafka_source.h"
#include "tests/conformance/source_conformance.h"
#include "tests/integration/real_kafka.h"

namespace telex {
namespace {

class KafkaSourceWorld final : public SourceWorld {
 public:
  KafkaSourceWorld() : topic_(kafka_.unique("conformance")) {}

  void put(const SourceValues& values) override {
    kafka_.create_topic(topic_, static_cast<int>(values.size()));
    for (std::size_t i = 0; i < values.size(); ++i) {
      kafka_.produce(topic_, values[i], Partition{static_cast<std::int32_t>(i)});
    }
  }
  std::unique_ptr<Source> open() override {
    kafka::ConsumerSettings consumer;
    consumer.group_id = topic_;
    KafkaSourceOptions options;
    options.topics = {topic_};
    return std::make_unique<KafkaSource>(kafka_.broker().consumer(consumer), options);
  }
  TopicPartition partition(std::size_t index) const override {
    return {topic_, Partition{static_cast<std::int32_t>(index)}};
  }
  bool ends() const override { return false; }

 private:
  testing::RealKafka kafka_;
  std::string topic_;
};

// The same topic, read up to where it ended when the source was opened.
class BoundedSourceWorld final : public SourceWorld {
 public:
  BoundedSourceWorld() : topic_(kafka_.unique("bounded")) {}

  void put(const SourceValues& values) override {
    kafka_.create_topic(topic_, static_cast<int>(values.size()));
    for (std::size_t i = 0; i < values.size(); ++i) {
      kafka_.produce(topic_, values[i], Partition{static_cast<std::int32_t>(i)});
    }
  }
  std::unique_ptr<Source> open() override {
    std::map<TopicPartition, Offset> ends;
    for (const TopicPartition& each : kafka_.partitions_of(topic_)) {
      ends[each] = Offset{kafka_.end_offset(each)};
    }
    kafka::ConsumerSettings consumer;
    consumer.group_id = topic_;
    consumer.tell_ends = true;
    auto bounds = std::make_shared<ReadBounds>(std::move(ends));
    KafkaSourceOptions options;
    options.partitions = bounds->partitions();
    return std::make_unique<BoundedSource>(
        std::make_unique<KafkaSource>(kafka_.broker().consumer(consumer), options), bounds);
  }
  TopicPartition partition(std::size_t index) const override {
    return {topic_, Partition{static_cast<std::int32_t>(index)}};
  }
  bool ends() const override { return true; }

 private:
  testing::RealKafka kafka_;
  std::string topic_;
};

template <class World>
std::unique_ptr<SourceWorld> make_world() {
  return std::make_unique<World>();
}

INSTANTIATE_TEST_SUITE_P(
    Kafka, SourceConformance,
    ::testing::Values(SourceWorldMaker{"kafka_source", &make_world<KafkaSourceWorld>},
                      SourceWorldMaker{"bounded_source", &make_world<BoundedSourceWorld>}),
    source_world_name);

}  // namespace
}  // namespace telex
