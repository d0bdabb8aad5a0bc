// What the integration tests share: a real Kafka, named by TELEX_TEST_BOOTSTRAP, and the few things
// one does to it. `deploy/kafka run -- CMD` starts one and sets the variable.
//
// Errors: std::runtime_error, with a sentence; a test without a broker fails, it is never skipped.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "kafka/client.h"

namespace telex::testing {

struct ReadRecord {
  Partition partition;
  Offset offset;
  UnixMillis timestamp = kNoTimestamp;
  std::string key;
  std::string value;
  bool null_key = false;
  bool null_value = false;
  std::vector<std::pair<std::string, std::string>> headers;  // Null values read "<null>".
};

class RealKafka {
 public:
  // Of TELEX_TEST_BOOTSTRAP.
  RealKafka();
  explicit RealKafka(const std::string& bootstrap);

  kafka::Broker& broker() { return *broker_; }
  std::shared_ptr<kafka::Broker> shared() { return broker_; }
  const std::string& bootstrap() const { return bootstrap_; }

  // A name that no earlier run has used.
  std::string unique(std::string_view what) const;
  // Creates it, and waits until clients can see it.
  void create_topic(const std::string& name, int partitions,
                    std::map<std::string, std::string> config = {});
  // Sends `count` records, acknowledged when it returns.
  void produce(const std::string& topic, std::uint64_t count,
               const std::function<kafka::ProducerRecord(std::uint64_t)>& record);
  void produce(const std::string& topic, const std::vector<std::string>& values,
               Partition partition = Partition{0});

  // Everything in the topic, by partition and offset; `committed`: as read_committed sees it.
  std::vector<ReadRecord> read_all(const std::string& topic, bool committed = true);
  void for_each(const std::string& topic, bool committed,
                const std::function<void(const kafka::ConsumerRecord&)>& visit);

  // Until no transaction on the topic is open: a broker answers a commit or abort a moment before
  // its readers can see it.
  void wait_until_stable(const std::string& topic);

  std::int64_t committed_offset(const std::string& group, const TopicPartition& partition);
  std::int64_t end_offset(const TopicPartition& partition, bool committed = true);
  std::vector<TopicPartition> partitions_of(const std::string& topic);

 private:
  std::string bootstrap_;
  std::shared_ptr<kafka::Broker> broker_;
  std::unique_ptr<kafka::Admin> admin_;
};

// Throws unless ok.
void must(const kafka::Error& error, std::string_view what);

// Waits until `done` says so, asking every 20 ms. False if `limit` passes first.
bool eventually(const std::function<bool()>& done, std::chrono::milliseconds limit);

}  // namespace telex::testing
