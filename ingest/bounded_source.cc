#include "ingest/bounded_source.h"

#include <algorithm>
#include <utility>

namespace telex {

void ReadBounds::stop_after(std::uint64_t count, Picks picks) {
  left_ = count;
  picks_ = std::move(picks);
}

std::vector<TopicPartition> ReadBounds::partitions() const {
  std::vector<TopicPartition> all;
  all.reserve(ends_.size());
  for (const auto& [partition, end] : ends_) all.push_back(partition);
  return all;
}

Offset ReadBounds::end(const TopicPartition& partition) const {
  const auto found = ends_.find(partition);
  return found == ends_.end() ? Offset{0} : found->second;
}

bool ReadBounds::admits(const TopicPartition& partition, const RawRecord& record) {
  if (record.offset >= end(partition)) return false;
  if (!picks_ || !picks_(partition.topic, record)) return true;
  Offset& latest = picked_[partition];
  if (record.offset <= latest) return true;  // Read again, and counted then.
  if (left_ == 0) {
    ends_[partition] = record.offset;
    return false;
  }
  --left_;
  latest = record.offset;
  return true;
}

BoundedSource::BoundedSource(std::unique_ptr<KafkaSource> source,
                             std::shared_ptr<ReadBounds> bounds)
    : source_(std::move(source)), bounds_(std::move(bounds)) {}

void BoundedSource::poll(Batch& batch, std::chrono::milliseconds deadline,
                         const EventHandler& on_event) {
  if (closed_) return;
  if (!read_) read_.emplace(batch.limits());
  if (taken_ == read_->size()) {
    read_->clear();
    taken_ = 0;
    source_->poll(*read_, deadline, [&](const SourceEvent& event) {
      note(event);
      on_event(event);
    });
  }
  hand_out(batch);
  if (!batch.empty() || end_told_ || !at_end()) return;
  end_told_ = true;
  SourceEvent event;
  event.kind = SourceEventKind::end;
  on_event(event);
}

void BoundedSource::note(const SourceEvent& event) {
  switch (event.kind) {
    case SourceEventKind::assigned:
      assigned_ = true;
      end_told_ = false;
      held_.insert(event.partitions.begin(), event.partitions.end());
      break;
    case SourceEventKind::revoked:
    case SourceEventKind::lost:
      for (const TopicPartition& each : event.partitions) held_.erase(each);
      assigned_ = assigned_ && !held_.empty();
      break;
    default:
      break;
  }
}

void BoundedSource::hand_out(Batch& batch) {
  TopicPartition partition;
  for (; taken_ < read_->size(); ++taken_) {
    RawRecord record = read_->raw(taken_);
    if (partition.topic != read_->topic(taken_)) partition.topic = read_->topic(taken_);
    partition.partition = record.partition;
    if (!bounds_->admits(partition, record)) continue;
    record.topic = batch.intern_topic(partition.topic);
    if (!batch.append(record)) return;
  }
}

bool BoundedSource::at_end() {
  if (!assigned_ || taken_ < read_->size()) return false;
  return std::all_of(held_.begin(), held_.end(), [this](const TopicPartition& each) {
    const std::optional<Offset> read_to = source_->read_to(each);
    return read_to && *read_to >= bounds_->end(each);
  });
}

void BoundedSource::assign(std::span<const Position> positions) {
  if (read_) read_->clear();
  taken_ = 0;
  end_told_ = false;
  source_->assign(positions);
}

void BoundedSource::close() {
  closed_ = true;
  source_->close();
}

}  // namespace telex
