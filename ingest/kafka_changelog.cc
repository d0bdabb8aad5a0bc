#include "ingest/kafka_changelog.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "schemas/changelog.h"

namespace telex {
namespace {

using std::chrono::milliseconds;

// A reader of no group is never told anything.
class NoRebalance final : public kafka::RebalanceListener {
 public:
  void on_assigned(std::span<const TopicPartition>) override {}
  void on_revoked(std::span<const TopicPartition>, bool) override {}
};

std::string name_of(const TopicPartition& partition) {
  return "changelog " + partition.topic + "/" + std::to_string(partition.partition.value);
}

std::unique_ptr<kafka::Consumer> make_reader(kafka::Broker& broker, bool read_committed) {
  kafka::ConsumerSettings settings;
  settings.read_committed = read_committed;
  settings.prefetch_bytes = 4U << 20;
  return broker.consumer(settings);
}

}  // namespace

KafkaChangelog::KafkaChangelog(kafka::Broker& broker, std::vector<std::string> topics,
                               std::vector<ChangelogShard> shards, milliseconds query_limit,
                               const Clock& clock)
    : topics_(std::move(topics)),
      shards_(std::move(shards)),
      query_limit_(query_limit),
      clock_(clock),
      broker_(broker) {}

KafkaChangelog::~KafkaChangelog() = default;

TopicPartition KafkaChangelog::partition_of(const ChangelogShard& shard) const {
  return {topics_.at(shard.store), shard.partition};
}

// Where each shard's log ends now (`stable`: up to where it is decided); false when that is not
// known, or not what was written.
bool KafkaChangelog::find_ends(bool stable, ChangelogProgress& progress) {
  progress.status = ChangelogStatus::unavailable;
  std::unique_ptr<kafka::Consumer> reader;
  try {
    // What is not committed is seen only by who reads it too.
    reader = make_reader(broker_, stable);
  } catch (const std::runtime_error& failure) {
    progress.message = failure.what();
    return false;
  }
  for (const ChangelogShard& shard : shards_) {
    const TopicPartition partition = partition_of(shard);
    kafka::Watermarks marks;
    const kafka::Error error = reader->watermarks(partition, query_limit_, marks);
    if (!error.ok()) {
      progress.message = describe(error);
      if (error.cause == kafka::ErrorCause::setup) progress.cause = FaultCause::setup;
      return false;
    }
    if (stable && marks.high < shard.from) {
      progress.message = name_of(partition) + " is not decided as far as it was read";
      return false;
    }
    if (!stable && !check(shard, marks, progress)) return false;
    readings_[partition] = {shard, shard.from, marks.high};
  }
  progress.status = ChangelogStatus::reading;
  return true;
}

// Sets reading going where there is something to be read.
bool KafkaChangelog::begin_reading(ChangelogProgress& progress) {
  std::vector<kafka::PartitionOffset> begin;
  for (const auto& [partition, reading] : readings_) {
    if (reading.next < reading.end) begin.push_back({partition, reading.next});
  }
  if (begin.empty()) return true;
  try {
    reader_ = make_reader(broker_, true);
    const kafka::Error error = reader_->assign(begin);
    if (error.ok()) return true;
    progress.message = describe(error);
  } catch (const std::runtime_error& failure) {
    progress.message = failure.what();
  }
  reader_.reset();
  progress.status = ChangelogStatus::unavailable;
  return false;
}

bool KafkaChangelog::check(const ChangelogShard& shard, const kafka::Watermarks& marks,
                           ChangelogProgress& progress) const {
  const std::string name = name_of(partition_of(shard));
  const auto number = [](Offset offset) { return std::to_string(offset.value); };
  std::string& message = progress.message;
  if (static_cast<std::uint64_t>(marks.high.value) < shard.written || marks.high < shard.from) {
    message = name + " ends at " + number(marks.high) + ", but " + std::to_string(shard.written) +
              " records were written to it and " + number(shard.from) +
              " offsets read: it was deleted or cut. Bring it back, or begin anew under another "
              "store name";
  } else if (marks.low > shard.from) {
    message = name + " begins at " + number(marks.low) + ", and state is known only up to " +
              number(shard.from) +
              ": its beginning was deleted. Its cleanup.policy must be compact, and nothing else; "
              "bring it back, or begin anew under another store name";
  } else {
    return true;
  }
  progress.status = ChangelogStatus::refused;
  return false;
}

ChangelogProgress KafkaChangelog::read(milliseconds limit, const Visit& visit) {
  ChangelogProgress progress;
  if (!begun_ && !find_ends(limit.count() <= 0, progress)) return progress;
  begun_ = true;
  progress.remaining = remaining();
  if (limit.count() <= 0) return progress;  // Only the ends were asked for.
  if (reader_ == nullptr && !begin_reading(progress)) return progress;
  NoRebalance deaf;
  const auto until = clock_.steady() + limit;
  while ((progress.remaining = remaining()) > 0) {
    const auto left = std::chrono::ceil<milliseconds>(until - clock_.steady());
    if (left.count() <= 0) return progress;
    kafka::ConsumerRecord record;
    kafka::Error error;
    switch (reader_->poll(left, deaf, record, error)) {
      case kafka::PollStatus::record:
        if (!take(record, visit, progress)) return progress;
        break;
      case kafka::PollStatus::end:
        pass(record);
        break;
      case kafka::PollStatus::error:
        // Compaction may have taken what lay at the position, never what lies beyond it, so this
        // too means that the log is not the one that was there a moment ago.
        progress.status = error.cause == kafka::ErrorCause::out_of_range
                              ? ChangelogStatus::refused
                              : ChangelogStatus::unavailable;
        progress.message = describe(error);
        if (error.cause == kafka::ErrorCause::setup) progress.cause = FaultCause::setup;
        return progress;
      case kafka::PollStatus::nothing:
        break;
    }
  }
  progress.status = ChangelogStatus::done;
  return progress;
}

bool KafkaChangelog::take(const kafka::ConsumerRecord& record, const Visit& visit,
                          ChangelogProgress& progress) {
  Reading* reading = find(record);
  if (reading == nullptr || record.offset < reading->next) return true;
  const std::optional<std::string_view> value = changelog_value(record.value);
  if (!value || record.key.data() == nullptr) {
    progress.status = ChangelogStatus::refused;
    progress.message = name_of(partition_of(reading->shard)) + " holds at " +
                       std::to_string(record.offset.value) +
                       " a record that this version did not write";
    return false;
  }
  if (!visit(reading->shard, record.key, *value)) {
    progress.status = ChangelogStatus::refused;
    progress.message = name_of(partition_of(reading->shard)) +
                       " holds more than the store may take: raise its bound";
    return false;
  }
  reading->next = Offset{record.offset.value + 1};
  return true;
}

// Everything below record.offset that a reader may see was read.
void KafkaChangelog::pass(const kafka::ConsumerRecord& record) {
  if (Reading* reading = find(record)) reading->next = std::max(reading->next, record.offset);
}

KafkaChangelog::Reading* KafkaChangelog::find(const kafka::ConsumerRecord& record) {
  const auto found = readings_.find({std::string(record.topic), record.partition});
  return found == readings_.end() ? nullptr : &found->second;
}

std::uint64_t KafkaChangelog::remaining() const {
  std::uint64_t sum = 0;
  for (const auto& [partition, reading] : readings_) {
    if (reading.next < reading.end) {
      sum += static_cast<std::uint64_t>(reading.end.value - reading.next.value);
    }
  }
  return sum;
}

Offset KafkaChangelog::end(const ChangelogShard& shard) const {
  return readings_.at(partition_of(shard)).end;
}

}  // namespace telex
