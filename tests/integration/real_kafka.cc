#include "tests/integration/real_kafka.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <stdexcept>
#include <thread>

namespace telex::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kPatience{60'000};

class Indifferent final : public kafka::RebalanceListener {
 public:
  void on_assigned(std::span<const TopicPartition>) override {}
  void on_revoked(std::span<const TopicPartition>, bool) override {}
};

std::string bootstrap_from_environment() {
  const char* bootstrap = std::getenv("TELEX_TEST_BOOTSTRAP");
  if (bootstrap == nullptr || *bootstrap == '\0') {
    throw std::runtime_error(
        "TELEX_TEST_BOOTSTRAP names no broker: run this test through `deploy/kafka run -- ctest "
        "…`");
  }
  return bootstrap;
}

}  // namespace

void must(const kafka::Error& error, std::string_view what) {
  if (!error.ok()) throw std::runtime_error(std::string(what) + ": " + describe(error));
}

bool eventually(const std::function<bool()>& done, milliseconds limit) {
  const auto end = steady_clock::now() + limit;
  while (!done()) {
    if (steady_clock::now() > end) return false;
    std::this_thread::sleep_for(milliseconds{20});
  }
  return true;
}

RealKafka::RealKafka() : RealKafka(bootstrap_from_environment()) {}

RealKafka::RealKafka(const std::string& bootstrap) : bootstrap_(bootstrap) {
  kafka::BrokerSettings settings;
  settings.bootstrap_servers = bootstrap;
  settings.client_id = "telex-test";
  broker_ = kafka::connect(settings);
  admin_ = broker_->admin();
  std::vector<kafka::TopicInfo> topics;
  must(admin_->topics({}, kPatience, topics), "no broker answers at " + bootstrap);
}

std::string RealKafka::unique(std::string_view what) const {
  static std::atomic<int> count{0};
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return "test." + std::string(what) + "." + std::to_string(now / milliseconds{1}) + "." +
         std::to_string(::getpid()) + "." + std::to_string(count++);
}

void RealKafka::create_topic(const std::string& name, int partitions,
                             std::map<std::string, std::string> config) {
  const std::vector<kafka::NewTopic> topics{{name, partitions, -1, std::move(config)}};
  must(admin_->create_topics(topics, kPatience), "create " + name);
  const bool seen =
      eventually([&] { return partitions_of(name).size() == static_cast<std::size_t>(partitions); },
                 kPatience);
  if (!seen) throw std::runtime_error("topic " + name + " does not show up");
}

std::vector<TopicPartition> RealKafka::partitions_of(const std::string& topic) {
  std::vector<kafka::TopicInfo> topics;
  const std::vector<std::string> names{topic};
  must(admin_->topics(names, kPatience, topics), "metadata");
  std::vector<TopicPartition> partitions;
  if (!topics.front().error.ok()) return partitions;
  for (int i = 0; i < topics.front().partition_count; ++i) {
    partitions.push_back({topic, Partition{i}});
  }
  return partitions;
}

void RealKafka::produce(const std::string& topic, std::uint64_t count,
                        const std::function<kafka::ProducerRecord(std::uint64_t)>& record) {
  const auto producer = broker_->producer({});
  for (std::uint64_t i = 0; i < count; ++i) {
    kafka::ProducerRecord each = record(i);
    each.topic = topic;
    kafka::Error error = producer->produce(each);
    while (error.cls == kafka::ErrorClass::full) {
      producer->serve(milliseconds{10});
      error = producer->produce(each);
    }
    must(error, "produce");
  }
  must(producer->flush(kPatience * 4), "flush");
  const kafka::ProducerEvents events = producer->serve(milliseconds{0});
  must(events.first_failure, "delivery");
}

void RealKafka::produce(const std::string& topic, const std::vector<std::string>& values,
                        Partition partition) {
  produce(topic, values.size(), [&](std::uint64_t i) {
    kafka::ProducerRecord record;
    record.partition = partition;
    record.value = values[i];
    return record;
  });
}

void RealKafka::for_each(const std::string& topic, bool committed,
                         const std::function<void(const kafka::ConsumerRecord&)>& visit) {
  kafka::ConsumerSettings settings;
  settings.group_id = "test-reader";
  settings.read_committed = committed;
  const auto consumer = broker_->consumer(settings);
  std::vector<kafka::PartitionOffset> begin;
  std::map<TopicPartition, std::int64_t> ends;
  for (const TopicPartition& partition : partitions_of(topic)) {
    kafka::Watermarks marks;
    must(consumer->watermarks(partition, kPatience, marks), "offsets");
    if (marks.low == marks.high) continue;
    begin.push_back({partition, marks.low});
    ends[partition] = marks.high.value;
  }
  must(consumer->assign(begin), "assign");
  Indifferent listener;
  const auto end = steady_clock::now() + kPatience * 4;
  while (!ends.empty()) {
    if (steady_clock::now() > end) throw std::runtime_error("reading " + topic + " takes too long");
    kafka::ConsumerRecord record;
    kafka::Error error;
    switch (consumer->poll(milliseconds{50}, listener, record, error)) {
      case kafka::PollStatus::record:
        visit(record);
        break;
      case kafka::PollStatus::error:
        if (error.cls != kafka::ErrorClass::retriable) must(error, "read " + topic);
        break;
      case kafka::PollStatus::nothing:
      case kafka::PollStatus::end:
        // Markers and aborted records at the end make no record; the client says when it is past.
        std::erase_if(ends, [&](const auto& entry) {
          const auto seen = consumer->progress(entry.first);
          return seen && seen->queued == 0 && seen->fetch_next.value >= entry.second;
        });
        break;
    }
  }
  consumer->close(milliseconds{1000});
}

std::vector<ReadRecord> RealKafka::read_all(const std::string& topic, bool committed) {
  std::vector<ReadRecord> all;
  for_each(topic, committed, [&](const kafka::ConsumerRecord& record) {
    ReadRecord read{record.partition,
                    record.offset,
                    record.timestamp,
                    std::string(record.key),
                    std::string(record.value),
                    record.key.data() == nullptr,
                    record.value.data() == nullptr,
                    {}};
    for (const Header& header : record.headers) {
      read.headers.emplace_back(
          header.name, header.value.data() == nullptr ? "<null>" : std::string(header.value));
    }
    all.push_back(std::move(read));
  });
  std::sort(all.begin(), all.end(), [](const ReadRecord& a, const ReadRecord& b) {
    return std::tie(a.partition, a.offset) < std::tie(b.partition, b.offset);
  });
  return all;
}

std::int64_t RealKafka::committed_offset(const std::string& group,
                                         const TopicPartition& partition) {
  kafka::ConsumerSettings settings;
  settings.group_id = group;
  const auto consumer = broker_->consumer(settings);
  std::vector<kafka::PartitionOffset> offsets;
  must(consumer->committed(std::vector{partition}, kPatience, offsets), "committed offset");
  return offsets.front().next.value;
}

void RealKafka::wait_until_stable(const std::string& topic) {
  for (const TopicPartition& partition : partitions_of(topic)) {
    const bool stable = eventually(
        [&] { return end_offset(partition, true) == end_offset(partition, false); }, kPatience);
    if (!stable) throw std::runtime_error("a transaction on " + topic + " stays open");
  }
}

std::int64_t RealKafka::end_offset(const TopicPartition& partition, bool committed) {
  kafka::ConsumerSettings settings;
  settings.group_id = "test-reader";
  settings.read_committed = committed;
  const auto consumer = broker_->consumer(settings);
  kafka::Watermarks marks;
  must(consumer->watermarks(partition, kPatience, marks), "end offset");
  return marks.high.value;
}

}  // namespace telex::testing
