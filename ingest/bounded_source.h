// BoundedSource: a KafkaSource that ends. It hands out what its bounds admit and nothing behind it,
// and says `end` once everything admitted of the partitions held was handed out.
//
// Each record is copied once more than from a KafkaSource alone: for jobs over a topic as it is
// now, not for the wire.
//
// Ownership: owns the KafkaSource; shares the bounds, which outlive a lane's incarnations.
// Threads:   one lane. Limits: one batch waits inside when the lane's is full.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/kafka_source.h"
#include "process/source.h"

namespace telex {

// How far to read. Once made it only ever gets narrower, so that what is read again after an abort
// or by a new incarnation is what was read before.
class ReadBounds {
 public:
  using Picks = std::function<bool(std::string_view topic, const RawRecord& record)>;

  // Of each partition the records below its offset in `ends`; of any other partition none.
  explicit ReadBounds(std::map<TopicPartition, Offset> ends) : ends_(std::move(ends)) {}
  // No more than `count` records that `picks` says yes to, whichever partitions they come from;
  // each partition ends before the first one that is too many.
  void stop_after(std::uint64_t count, Picks picks);

  // Of which something may be admitted, or nothing any more.
  std::vector<TopicPartition> partitions() const;
  // One past the last offset that is admitted.
  Offset end(const TopicPartition& partition) const;
  // Whether the record may be handed out. Records of a partition are asked for in order, or again
  // from an earlier one on.
  bool admits(const TopicPartition& partition, const RawRecord& record);

 private:
  std::map<TopicPartition, Offset> ends_;
  Picks picks_;  // Empty: no limit.
  std::uint64_t left_ = 0;
  std::map<TopicPartition, Offset> picked_;  // The latest counted; what lies before was, too.
};

class BoundedSource final : public Source {
 public:
  BoundedSource(std::unique_ptr<KafkaSource> source, std::shared_ptr<ReadBounds> bounds);

  // REQUIRES: batches of the same limits every time.
  void poll(Batch& batch, std::chrono::milliseconds deadline,
            const EventHandler& on_event) override;
  void assign(std::span<const Position> positions) override;
  std::string group() override { return source_->group(); }
  void close() override;

 private:
  void note(const SourceEvent& event);
  void hand_out(Batch& batch);
  bool at_end();

  std::unique_ptr<KafkaSource> source_;
  std::shared_ptr<ReadBounds> bounds_;
  std::set<TopicPartition> held_;
  std::optional<Batch> read_;  // Made at the first poll ...
  std::uint32_t taken_ = 0;    // ... and how many of its rows were handed out or left out.
  bool assigned_ = false;
  bool end_told_ = false;
  bool closed_ = false;
};

}  // namespace telex
