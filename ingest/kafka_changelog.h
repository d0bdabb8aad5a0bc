// KafkaChangelog: the ChangelogReader over Kafka, one compacted topic a store, partition n of it
// for partition n of the input.
//
// It reads as read_committed up to where the log ended, open transactions included, when it was
// made; so it waits for the outcome of every transaction that was under way then (see
// changelog_reader.h). A changelog that ends before what was written to it, or begins behind what
// is known, is refused.
//
// Ownership: owns its consumers, which are of no group. The broker must outlive it. Threads:
// one lane.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "kafka/client.h"
#include "process/changelog_reader.h"
#include "process/clock.h"

namespace telex {

class KafkaChangelog final : public ChangelogReader {
 public:
  // `topics`: of the stores, by ChangelogShard::store. May throw std::runtime_error, as
  // kafka::Broker does.
  KafkaChangelog(kafka::Broker& broker, std::vector<std::string> topics,
                 std::vector<ChangelogShard> shards, std::chrono::milliseconds query_limit,
                 const Clock& clock = system_clock());
  ~KafkaChangelog() override;

  ChangelogProgress read(std::chrono::milliseconds limit, const Visit& visit) override;
  Offset end(const ChangelogShard& shard) const override;

 private:
  struct Reading {
    ChangelogShard shard;
    Offset next;
    Offset end;
  };

  TopicPartition partition_of(const ChangelogShard& shard) const;
  bool find_ends(bool stable, ChangelogProgress& progress);
  bool begin_reading(ChangelogProgress& progress);
  bool check(const ChangelogShard& shard, const kafka::Watermarks& marks,
             ChangelogProgress& progress) const;
  bool take(const kafka::ConsumerRecord& record, const Visit& visit, ChangelogProgress& progress);
  void pass(const kafka::ConsumerRecord& record);
  Reading* find(const kafka::ConsumerRecord& record);
  std::uint64_t remaining() const;

  std::vector<std::string> topics_;
  std::vector<ChangelogShard> shards_;
  std::chrono::milliseconds query_limit_;
  const Clock& clock_;
  kafka::Broker& broker_;
  std::unique_ptr<kafka::Consumer> reader_;  // Does not; made when there is something to read.
  bool begun_ = false;
  std::map<TopicPartition, Reading> readings_;
};

}  // namespace telex
