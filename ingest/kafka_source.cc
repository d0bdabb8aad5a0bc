#include "ingest/kafka_source.h"

#include <algorithm>
#include <utility>

#include "process/engine_rules.h"

namespace telex {
namespace {

using std::chrono::milliseconds;

// For a question about new partitions while others are being read (cooperative rebalancing).
constexpr milliseconds kAskBesides{1000};

std::vector<kafka::PartitionOffset> to_offsets(std::span<const Position> positions) {
  std::vector<kafka::PartitionOffset> offsets;
  offsets.reserve(positions.size());
  for (const Position& each : positions) offsets.push_back({each.partition, each.next, each.note});
  return offsets;
}

SourceEvent make_event(SourceEventKind kind, std::string message = {}) {
  SourceEvent event;
  event.kind = kind;
  event.message = std::move(message);
  return event;
}

}  // namespace

KafkaSource::KafkaSource(std::unique_ptr<kafka::Consumer> consumer, KafkaSourceOptions options,
                         const Clock& clock)
    : consumer_(std::move(consumer)), options_(std::move(options)), clock_(clock) {
  if (options_.partitions.empty()) {
    pending_ = consumer_->subscribe(options_.topics);
    joining_since_ = clock_.steady();
  } else {
    unresolved_ = options_.partitions;
  }
}

KafkaSource::~KafkaSource() = default;

milliseconds KafkaSource::left(std::chrono::nanoseconds end) const {
  const auto rest = std::chrono::ceil<milliseconds>(end - clock_.steady());
  return std::max(rest, milliseconds{0});
}

void KafkaSource::poll(Batch& batch, milliseconds deadline, const EventHandler& on_event) {
  if (closed_) return;
  batch_ = &batch;
  handler_ = &on_event;
  const auto end = clock_.steady() + deadline;
  if (!pending_.ok()) report(std::exchange(pending_, {}));
  resolve();
  bool goes_on = take_set_aside(batch);
  while (goes_on) {
    kafka::ConsumerRecord record;
    kafka::Error error;
    // With something in hand, take what is there and go.
    const milliseconds wait = batch.empty() ? left(end) : milliseconds{0};
    const std::size_t asked = unresolved_.size();
    kafka::PollStatus status = consumer_->poll(wait, *this, record, error);
    if (rewind_) {
      // What came with the rebalance lies beyond the rows that were taken back.
      if (status != kafka::PollStatus::error) status = kafka::PollStatus::nothing;
      run_again();
    }
    switch (status) {
      case kafka::PollStatus::record:
        goes_on = take(record, batch);
        break;
      case kafka::PollStatus::end:
        note_end(record);
        goes_on = batch.empty() && left(end).count() > 0;
        break;
      case kafka::PollStatus::error:
        report(error);
        [[fallthrough]];
      case kafka::PollStatus::nothing:
        goes_on = batch.empty() && left(end).count() > 0;
        break;
    }
    // What is newly held at once; what could not be told a moment ago must not keep the rows of the
    // other partitions waiting.
    if (batch.empty() || unresolved_.size() > asked) resolve();
  }
  watch_join();
  batch_ = nullptr;
  handler_ = nullptr;
}

// Appends a record; false when the batch takes no more.
bool KafkaSource::take(const kafka::ConsumerRecord& record, Batch& batch) {
  Running* running = find_running(record.topic, record.partition);
  // Of a partition that was silenced meanwhile, or from before a rewind.
  if (running == nullptr || record.offset < running->next) return true;
  const RawRecord raw{batch.intern_topic(record.topic),
                      record.partition,
                      record.offset,
                      record.timestamp,
                      record.key,
                      record.value,
                      record.headers};
  if (batch.append(raw)) {
    running->next = Offset{record.offset.value + 1};
    return true;
  }
  aside_ = record;
  has_aside_ = true;
  if (!batch.fits_empty(raw)) {
    SourceEvent event = make_event(SourceEventKind::oversized);
    event.positions.push_back({running->partition, record.offset});
    event.message = "a record of " + std::to_string(record.value.size()) +
                    " bytes is larger than any batch: " + running->partition.topic + "/" +
                    std::to_string(record.partition.value) + " at " +
                    std::to_string(record.offset.value);
    emit(event);
  }
  return false;
}

void KafkaSource::note_end(const kafka::ConsumerRecord& record) {
  Running* running = find_running(record.topic, record.partition);
  if (running != nullptr) running->end = std::max(running->end, record.offset);
}

bool KafkaSource::take_set_aside(Batch& batch) {
  if (!has_aside_) return true;
  has_aside_ = false;
  return take(aside_, batch);
}

void KafkaSource::watch_join() {
  if (!joining_since_ || clock_.steady() - *joining_since_ <= options_.join_limit) return;
  joining_since_ = clock_.steady();
  // Nobody there to join is another matter, and passes by itself.
  kafka::Watermarks marks;
  if (!consumer_->watermarks({options_.topics.front(), Partition{0}}, kAskBesides, marks).ok()) {
    return;
  }
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(options_.join_limit);
  emit(make_event(
      SourceEventKind::fatal,
      "the group has not answered for " + std::to_string(seconds.count()) + " s: joining it anew"));
}

// Finds out where newly assigned partitions begin, and lets them run.
void KafkaSource::resolve() {
  if (unresolved_.empty()) return;
  std::string why;
  const milliseconds limit =
      running_.empty() ? options_.query_limit : std::min(options_.query_limit, kAskBesides);
  const std::optional<Positions> positions = ask_committed(unresolved_, limit, why);
  if (!positions) {
    emit(make_event(SourceEventKind::unavailable, std::move(why)));
    return;
  }
  unresolved_.clear();
  for (const Position& each : *positions)
    running_.push_back({each.partition, each.next, Offset{0}});
  has_aside_ = false;
  run_again();
  SourceEvent event = make_event(SourceEventKind::assigned);
  for (const Position& each : *positions) event.partitions.push_back(each.partition);
  event.positions = *positions;
  emit(event);
}

std::optional<Positions> KafkaSource::committed(std::span<const TopicPartition> partitions,
                                                std::string& error) {
  return ask_committed(partitions, options_.query_limit, error);
}

std::optional<Positions> KafkaSource::ask_committed(std::span<const TopicPartition> partitions,
                                                    milliseconds limit, std::string& error) {
  std::vector<kafka::PartitionOffset> offsets;
  const kafka::Error asked = consumer_->committed(partitions, limit, offsets);
  if (!asked.ok()) {
    error = describe(asked);
    return std::nullopt;
  }
  Positions positions;
  for (const kafka::PartitionOffset& each : offsets) {
    Offset next = each.next;
    if (next.value < 0) {
      kafka::Watermarks marks;
      const kafka::Error answer = consumer_->watermarks(each.partition, limit, marks);
      if (!answer.ok()) {
        error = describe(answer);
        return std::nullopt;
      }
      next = options_.start == kafka::StartPolicy::earliest ? marks.low : marks.high;
    }
    positions.push_back({each.partition, next, each.metadata});
  }
  std::sort(positions.begin(), positions.end());
  return positions;
}

void KafkaSource::on_assigned(std::span<const TopicPartition> partitions) {
  joining_since_.reset();
  unresolved_.insert(unresolved_.end(), partitions.begin(), partitions.end());
  // Nothing to hear of until the positions are known, except that there may be none at all.
  if (partitions.empty()) emit(make_event(SourceEventKind::assigned));
}

void KafkaSource::on_revoked(std::span<const TopicPartition> partitions, bool lost) {
  SourceEvent event = make_event(lost ? SourceEventKind::lost : SourceEventKind::revoked);
  event.partitions.assign(partitions.begin(), partitions.end());
  if (lost) event.message = "the group gave the partitions to others already";
  emit(event);
  const auto gone = [&](const TopicPartition& each) {
    return std::find(partitions.begin(), partitions.end(), each) != partitions.end();
  };
  std::erase_if(unresolved_, gone);
  std::erase_if(running_, [&](const Running& each) { return gone(each.partition); });
  if (running_.empty() && unresolved_.empty()) joining_since_ = clock_.steady();
  take_back_batch();
}

// A batch cannot lose single rows. All go; what belongs to partitions that stay is read again.
void KafkaSource::take_back_batch() {
  if (batch_ != nullptr && !batch_->empty()) {
    for (std::uint32_t row = 0; row < batch_->size(); ++row) {
      const RawRecord raw = batch_->raw(row);
      Running* running = find_running(batch_->topic(row), raw.partition);
      if (running == nullptr) continue;
      running->next = std::min(running->next, raw.offset);
      running->end = Offset{0};
    }
    batch_->clear();
  }
  has_aside_ = false;
  rewind_ = !running_.empty();
}

void KafkaSource::run_again() {
  rewind_ = false;
  std::vector<kafka::PartitionOffset> offsets;
  offsets.reserve(running_.size());
  for (const Running& each : running_) offsets.push_back({each.partition, each.next});
  kafka::Error error = consumer_->assign(offsets);
  if (!error.ok()) pending_ = std::move(error);
}

void KafkaSource::assign(std::span<const Position> positions) {
  running_.clear();
  for (const Position& each : positions) running_.push_back({each.partition, each.next, Offset{0}});
  has_aside_ = false;
  kafka::Error error = consumer_->assign(to_offsets(positions));
  if (!error.ok()) pending_ = std::move(error);
}

void KafkaSource::report(const kafka::Error& error) {
  SourceEvent event = make_event(SourceEventKind::unavailable, describe(error));
  switch (error.cause) {
    case kafka::ErrorCause::out_of_range:
      event.kind = SourceEventKind::out_of_range;
      break;
    case kafka::ErrorCause::setup:
      event.kind = SourceEventKind::fatal;
      event.cause = FaultCause::setup;
      break;
    case kafka::ErrorCause::fenced:
      event.kind = SourceEventKind::fatal;
      event.cause = FaultCause::fenced;
      break;
    default:
      if (error.cls == kafka::ErrorClass::fatal) event.kind = SourceEventKind::fatal;
      break;
  }
  emit(event);
}

void KafkaSource::emit(const SourceEvent& event) {
  if (handler_ != nullptr && *handler_) (*handler_)(event);
}

KafkaSource::Running* KafkaSource::find_running(std::string_view topic, Partition partition) {
  const auto is = [&](const Running& each) {
    return each.partition.partition == partition && each.partition.topic == topic;
  };
  if (last_running_ < running_.size() && is(running_[last_running_])) {
    return &running_[last_running_];
  }
  const auto found = std::find_if(running_.begin(), running_.end(), is);
  if (found == running_.end()) return nullptr;
  last_running_ = static_cast<std::size_t>(found - running_.begin());
  return &*found;
}

std::string KafkaSource::group() {
  std::string group = consumer_->group_metadata();
  // A lane that was thrown out of its group, and has not been told yet, is nobody to it.
  const bool should_be_member = kRules.commit_as_member && options_.partitions.empty();
  if (should_be_member && !consumer_->is_member()) group.clear();
  return group;
}

kafka::Error KafkaSource::commit_offsets(const Positions& next, milliseconds limit) {
  return consumer_->commit(to_offsets(next), limit);
}

std::optional<std::int64_t> KafkaSource::lag(const TopicPartition& partition, Offset next) {
  const std::optional<kafka::FetchProgress> seen = consumer_->progress(partition);
  if (!seen) return std::nullopt;
  // Everything up to the stable end was fetched, and nothing waits: between `next` and there lie
  // only markers and aborted records.
  if (seen->queued == 0 && seen->fetch_next >= seen->stable_end && !has_aside_) {
    const auto found = std::find_if(running_.begin(), running_.end(), [&](const Running& each) {
      return each.partition == partition;
    });
    if (found != running_.end() && found->next <= next) return 0;
  }
  return std::max<std::int64_t>(seen->stable_end.value - std::max(next, seen->low).value, 0);
}

std::optional<Offset> KafkaSource::read_to(const TopicPartition& partition) {
  const Running* running = find_running(partition.topic, partition.partition);
  if (running == nullptr) return std::nullopt;
  return std::max(running->next, running->end);
}

void KafkaSource::close() {
  closed_ = true;
  consumer_->close(options_.close_limit);
}

}  // namespace telex
