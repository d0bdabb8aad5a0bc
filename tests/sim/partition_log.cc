#include "tests/sim/partition_log.h"

#include <algorithm>
#include <set>

namespace telex::sim {

std::size_t Message::bytes() const {
  std::size_t sum = (key ? key->size() : 0) + (value ? value->size() : 0);
  for (const auto& [name, content] : headers) sum += name.size() + (content ? content->size() : 0);
  return sum;
}

void PartitionLog::append(Message message) { entries_.push_back({std::move(message), -1}); }

Code PartitionLog::append(const ProducerId& producer, std::int32_t sequence,
                          const std::vector<Message>& batch) {
  Producer& known = producers_[producer.id];
  if (producer.epoch < known.epoch) return "INVALID_PRODUCER_EPOCH";
  if (producer.epoch > known.epoch) {
    if (sequence != 0) return "OUT_OF_ORDER_SEQUENCE_NUMBER";
    known.epoch = producer.epoch;
    known.next_sequence = 0;
  }
  if (sequence < known.next_sequence) return "";  // A repetition: it is in.
  if (sequence > known.next_sequence) return "OUT_OF_ORDER_SEQUENCE_NUMBER";
  if (known.open_first < 0) known.open_first = end().value;
  for (const Message& message : batch) {
    entries_.push_back({message, producer.id, Fate::open});
    ++known.next_sequence;
  }
  return "";
}

void PartitionLog::append_marker(const ProducerId& producer, bool commit) {
  Producer& known = producers_[producer.id];
  if (producer.epoch > known.epoch) known.next_sequence = 0;
  known.epoch = std::max(known.epoch, producer.epoch);
  if (known.open_first >= 0) {
    for (auto i = static_cast<std::size_t>(known.open_first); i < entries_.size(); ++i) {
      LogEntry& entry = entries_[i];
      if (entry.producer == producer.id && entry.fate == Fate::open) {
        entry.fate = commit ? Fate::committed : Fate::aborted;
      }
    }
    known.open_first = -1;
  }
  entries_.push_back({{}, producer.id, Fate::marker});
}

Offset PartitionLog::stable_end() const {
  std::int64_t stable = end().value;
  for (const auto& [id, producer] : producers_) {
    if (producer.open_first >= 0) stable = std::min(stable, producer.open_first);
  }
  return {stable};
}

const LogEntry* PartitionLog::read(Offset& from, bool committed) const {
  const std::int64_t last = committed ? stable_end().value : end().value;
  for (; from.value < last; ++from.value) {
    const LogEntry& entry = at(from);
    if (entry.compacted || entry.fate == Fate::marker) continue;
    if (committed && entry.fate != Fate::committed) continue;
    return &entry;
  }
  return nullptr;
}

std::uint64_t PartitionLog::compact(Random& random) {
  std::set<std::string, std::less<>> later;
  std::uint64_t dropped = 0;
  for (std::int64_t i = stable_end().value; i-- > 0;) {
    LogEntry& entry = entries_[static_cast<std::size_t>(i)];
    if (entry.fate != Fate::committed || entry.compacted || !entry.message.key) continue;
    if (later.insert(*entry.message.key).second || random.one_in(2)) continue;
    entry.compacted = true;
    ++dropped;
  }
  return dropped;
}

std::uint64_t PartitionLog::count(Fate fate) const {
  return static_cast<std::uint64_t>(std::count_if(
      entries_.begin(), entries_.end(), [&](const LogEntry& each) { return each.fate == fate; }));
}

}  // namespace telex::sim
