#include "process/memory_state_store.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "schemas/changelog.h"

namespace telex {
namespace {

// Never null: no bytes are another thing than no value.
std::string_view present(std::string_view value) {
  return value.data() == nullptr ? std::string_view("") : value;
}

std::uint64_t cost_of(const StateTable::Entry* entry) {
  return entry == nullptr ? 0 : StateTable::cost(*entry);
}

// The first eight bytes as a number that orders as they do.
std::uint64_t front_of(std::string_view key) {
  std::uint64_t front = 0;
  for (std::size_t i = 0; i < sizeof(front); ++i) {
    front = front << 8U | (i < key.size() ? static_cast<unsigned char>(key[i]) : 0U);
  }
  return front;
}

}  // namespace

std::optional<std::string_view> MemoryStateStore::get(Partition partition,
                                                      std::string_view key) const {
  const auto shard = shards_.find(partition);
  if (shard == shards_.end()) return std::nullopt;
  const StateTable::Entry* entry = shard->second.overlay.find(key);
  if (entry == nullptr) entry = shard->second.committed.find(key);
  if (entry == nullptr || entry->erased()) return std::nullopt;
  return entry->value();
}

bool MemoryStateStore::put(Partition partition, std::string_view key, std::string_view value) {
  StateTable& overlay = shards_[partition].overlay;
  const std::uint64_t after =
      bytes_ - cost_of(overlay.find(key)) + StateTable::cost(key.size(), value.size());
  if (after > bytes_max_) return false;
  set(overlay, StateTable::make(key, present(value)));
  return true;
}

// The mark that a key is erased is no larger than the committed entry it hides, and one that hides
// nothing is not kept.
void MemoryStateStore::erase(Partition partition, std::string_view key) {
  Shard& shard = shards_[partition];
  if (shard.committed.find(key) == nullptr) {
    take(shard.overlay, key);
  } else {
    set(shard.overlay, StateTable::make(key, std::string_view()));
  }
}

std::uint32_t MemoryStateStore::visit(Partition partition, std::string_view after,
                                      std::uint32_t count, const Visit& visit) const {
  const auto found = shards_.find(partition);
  if (found == shards_.end()) return 0;
  const Shard& shard = found->second;
  std::size_t slot = after.data() == nullptr ? 0 : shard.committed.slot_after(after);
  std::uint32_t visited = 0;
  for (; visited < count; ++slot) {
    const StateTable::Entry* const entry = shard.committed.next(slot);
    if (entry == nullptr) break;
    if (shard.overlay.find(entry->key()) != nullptr) continue;
    ++visited;
    visit(entry->key(), entry->value());
  }
  return visited;
}

void MemoryStateStore::drain(Records& out, std::uint16_t store, UnixMillis timestamp) const {
  // Sorted by their first bytes where these decide, so that most comparisons touch no entry.
  struct Change {
    std::uint64_t front;
    const StateTable::Entry* entry;
    bool operator<(const Change& other) const {
      return front != other.front ? front < other.front : entry->key() < other.entry->key();
    }
  };
  std::vector<Change> changed;
  for (const auto& [partition, shard] : shards_) {
    changed.clear();
    std::size_t slot = 0;
    for (const StateTable::Entry* each; (each = shard.overlay.next(slot)) != nullptr; ++slot) {
      changed.push_back({front_of(each->key()), each});
    }
    std::sort(changed.begin(), changed.end());
    for (const Change& change : changed) {
      const StateTable::Entry& entry = *change.entry;
      add_changelog(store, partition, entry.key(),
                    entry.erased() ? std::string_view() : entry.value(), timestamp, out);
    }
  }
}

void MemoryStateStore::commit() {
  for (auto& [partition, shard] : shards_) {
    std::size_t slot = 0;
    while (StateTable::EntryPtr entry = shard.overlay.take_next(slot)) {
      bytes_ -= StateTable::cost(*entry);
      if (entry->erased()) {
        take(shard.committed, entry->key());
      } else {
        set(shard.committed, std::move(entry));
      }
    }
    shard.overlay.reset();
  }
}

void MemoryStateStore::abort() {
  for (auto& [partition, shard] : shards_) forget_all(shard.overlay);
}

void MemoryStateStore::clear(Partition partition) {
  const auto shard = shards_.find(partition);
  if (shard == shards_.end()) return;
  forget_all(shard->second.overlay);
  forget_all(shard->second.committed);
  shards_.erase(shard);
}

bool MemoryStateStore::restore(Partition partition, std::string_view key, std::string_view value) {
  StateTable& committed = shards_[partition].committed;
  if (value.data() == nullptr) {
    take(committed, key);
    return true;
  }
  const std::uint64_t after =
      bytes_ - cost_of(committed.find(key)) + StateTable::cost(key.size(), value.size());
  if (after > bytes_max_) return false;
  set(committed, StateTable::make(key, value));
  return true;
}

void MemoryStateStore::set(StateTable& table, StateTable::EntryPtr entry) {
  bytes_ += StateTable::cost(*entry);
  bytes_ -= cost_of(table.set(std::move(entry)).get());
}

void MemoryStateStore::take(StateTable& table, std::string_view key) {
  bytes_ -= cost_of(table.take(key).get());
}

void MemoryStateStore::forget_all(StateTable& table) {
  std::size_t slot = 0;
  for (const StateTable::Entry* each; (each = table.next(slot)) != nullptr; ++slot) {
    bytes_ -= StateTable::cost(*each);
  }
  table.reset();
}

std::uint64_t MemoryStateStore::key_count(Partition partition) const {
  const auto shard = shards_.find(partition);
  return shard == shards_.end() ? 0 : shard->second.committed.size();
}

}  // namespace telex
