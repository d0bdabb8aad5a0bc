// KafkaSource: the Source port over a Kafka consumer group.
//
// A newly assigned partition begins at the group's committed offset; where there is none, at the
// end that the configuration names. Neither is ever guessed: while the broker does not say, the
// partition is held but silent, and the lane hears `unavailable`; the others read on.
//
// Ownership: owns its Consumer. Threads: one lane. Limits: one record is kept aside when the batch
// is full; everything else waits in the consumer's own bounded prefetch.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kafka/client.h"
#include "process/clock.h"
#include "process/source.h"

namespace telex {

struct KafkaSourceOptions {
  std::vector<std::string> topics;
  // Not empty: these are held from the beginning, and the group, which is not joined, only keeps
  // their positions; `topics` is not looked at. Sources that do this under one group know nothing
  // of each other: whoever commits their positions must be shut out by its transactional.id.
  std::vector<TopicPartition> partitions;
  kafka::StartPolicy start = kafka::StartPolicy::earliest;
  std::chrono::milliseconds query_limit{5000};  // For one question to the broker.
  std::chrono::milliseconds close_limit{5000};
  // A group that gives nothing, not even an empty share, for this long while brokers answer has
  // lost us (librdkafka 2.0.2 may forget a JoinGroup whose connection is reset): `fatal`, to join
  // anew. Above the time that the slowest member may take to give up its share.
  std::chrono::milliseconds join_limit{60'000};
};

class KafkaSource final : public Source, private kafka::RebalanceListener {
 public:
  KafkaSource(std::unique_ptr<kafka::Consumer> consumer, KafkaSourceOptions options,
              const Clock& clock = system_clock());
  ~KafkaSource() override;

  void poll(Batch& batch, std::chrono::milliseconds deadline,
            const EventHandler& on_event) override;
  void assign(std::span<const Position> positions) override;
  std::string group() override;
  void close() override;

  // The group's committed positions, asked of the broker once no transaction is pending on them;
  // where there is none, the start policy's. nullopt, and why in `error`: not known now, ask again.
  std::optional<Positions> committed(std::span<const TopicPartition> partitions,
                                     std::string& error);

  // Commits positions outside a transaction (at-least-once).
  kafka::Error commit_offsets(const Positions& next, std::chrono::milliseconds limit);

  // Records between `next` and the last one that may be read now. Commit markers do not count once
  // the client has read past them, so a caught-up partition has lag 0. nullopt: not known yet.
  std::optional<std::int64_t> lag(const TopicPartition& partition, Offset next);

  // Everything of the partition below this was handed out, or is nothing that can be: commit
  // markers and aborted records, of which a consumer that tells ends lets us know. nullopt: the
  // partition does not run.
  std::optional<Offset> read_to(const TopicPartition& partition);

 private:
  struct Running {
    TopicPartition partition;
    Offset next;    // Of the next record to be handed out.
    Offset end{0};  // The latest end that was told; 0 = none.
  };

  void on_assigned(std::span<const TopicPartition> partitions) override;
  void on_revoked(std::span<const TopicPartition> partitions, bool lost) override;

  void resolve();
  void watch_join();
  std::optional<Positions> ask_committed(std::span<const TopicPartition> partitions,
                                         std::chrono::milliseconds limit, std::string& error);
  bool take(const kafka::ConsumerRecord& record, Batch& batch);
  void note_end(const kafka::ConsumerRecord& record);
  bool take_set_aside(Batch& batch);
  void report(const kafka::Error& error);
  void emit(const SourceEvent& event);
  void take_back_batch();
  void run_again();
  Running* find_running(std::string_view topic, Partition partition);
  std::chrono::milliseconds left(std::chrono::nanoseconds end) const;

  std::unique_ptr<kafka::Consumer> consumer_;
  KafkaSourceOptions options_;
  const Clock& clock_;
  std::vector<TopicPartition> unresolved_;  // Held, and where to begin is not known yet.
  std::vector<Running> running_;
  std::size_t last_running_ = 0;  // Records come in runs of one partition.
  kafka::ConsumerRecord aside_;   // Did not fit; its views live until the next poll.
  bool has_aside_ = false;
  std::optional<std::chrono::nanoseconds> joining_since_;  // Waiting for the group's answer.
  bool closed_ = false;
  bool rewind_ = false;                    // Rows of partitions that stay were taken back.
  kafka::Error pending_;                   // Of a call outside poll(); told by the next poll().
  Batch* batch_ = nullptr;                 // During poll().
  const EventHandler* handler_ = nullptr;  // During poll().
};

}  // namespace telex
