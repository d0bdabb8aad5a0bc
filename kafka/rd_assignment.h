// What a group member has been given, and what of it runs: the one place that knows the two
// protocols of rebalancing.
//
//   eager        All is given and taken at once. What runs is what is assigned to the client, so
//                rd_kafka_assign() pauses, resumes and rewinds in one.
//   cooperative  Only what changes hands is given or taken. A partition is added to the client when
//                it is first let run, at its offset; from then on it is paused, sought and resumed.
//                It is never taken from the client outside a revoke: librdkafka would take such a
//                call for the answer to a revoke that is still in its queue, and go on to the next
//                generation while we hold a partition of the last.
//
// Which of the two is in force comes from the client, rebalance by rebalance.
//
// Ownership: borrows the handle of each call. Threads: the consumer's.
#pragma once

#include <chrono>
#include <span>
#include <string_view>
#include <vector>

#include "kafka/rd_internal.h"

namespace telex::kafka::rd {

class Assignment {
 public:
  // For partition.assignment.strategy.
  static const char* strategy();

  // Inside the rebalance callback. What is given stays silent until run().
  Error given(rd_kafka_t* handle, std::span<const TopicPartition> partitions);
  Error taken(rd_kafka_t* handle, std::span<const TopicPartition> partitions);

  // The same while the group is being left, which may never answer a question any more. The last
  // call.
  Error left(rd_kafka_t* handle, std::span<const TopicPartition> partitions);

  // Consumer::assign(). Outside the callback.
  Error run(rd_kafka_t* handle, std::span<const PartitionOffset> positions);

  // Tries again what run() could not do at once; to be called before every poll. An error when that
  // has been going on for too long.
  Error settle(rd_kafka_t* handle);

  // Whether this record is due; if so, the next one is expected behind it.
  bool takes(std::string_view topic, Partition partition, Offset offset);

  // The client reported an error of this partition and may have given up on it: the next run()
  // moves it, wherever it seems to stand.
  void disturbed(std::string_view topic, Partition partition);

  // Whether the partition has read on through the last run() without a break.
  bool goes_on(const TopicPartition& partition) const;

 private:
  struct Held {
    TopicPartition partition;
    bool added = false;  // To the client's own assignment.
    bool runs = false;
    bool is_paused = false;
    bool seek_due = false;
    bool is_disturbed = false;
    bool goes_on = false;  // Through the last run(), without a break.
    Offset next{};         // Of the next record to be handed out, while it runs.
  };

  Error add(rd_kafka_t* handle, std::span<Held* const> held);
  Error pause(rd_kafka_t* handle, std::span<Held* const> held);
  void resume(rd_kafka_t* handle, std::span<Held* const> held);
  Error seek(rd_kafka_t* handle);
  Held* find(std::string_view topic, Partition partition);

  bool is_cooperative_ = false;  // As the last rebalance was.
  std::vector<Held> held_;       // Cooperative only.
  std::size_t last_ = 0;         // Records come in runs of one partition.
  std::size_t seeks_due_ = 0;
  std::chrono::steady_clock::time_point seeks_since_;
};

}  // namespace telex::kafka::rd
