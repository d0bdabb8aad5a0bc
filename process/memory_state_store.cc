#include "process/memory_state_store.h"

#include <utility>

#include "schemas/changelog.h"

namespace telex {
namespace {

std::uint64_t bytes_of(std::string_view key, std::string_view value) {
  return key.size() + value.size();
}

std::uint64_t bytes_of_change(std::string_view key, const std::optional<std::string>& value) {
  return key.size() + (value ? value->size() : 0);
}

}  // namespace

std::optional<std::string_view> MemoryStateStore::get(Partition partition,
                                                      std::string_view key) const {
  const auto shard = shards_.find(partition);
  if (shard == shards_.end()) return std::nullopt;
  const auto changed = shard->second.overlay.find(key);
  if (changed != shard->second.overlay.end()) {
    if (!changed->second) return std::nullopt;
    return std::string_view(*changed->second);
  }
  const auto kept = shard->second.committed.find(key);
  if (kept == shard->second.committed.end()) return std::nullopt;
  return std::string_view(kept->second);
}

bool MemoryStateStore::put(Partition partition, std::string_view key, std::string_view value) {
  Shard& shard = shards_[partition];
  const auto changed = shard.overlay.find(key);
  const std::uint64_t before =
      changed == shard.overlay.end() ? 0 : bytes_of_change(changed->first, changed->second);
  const std::uint64_t after = bytes_ - before + bytes_of(key, value);
  if (after > bytes_max_) return false;
  bytes_ = after;
  if (changed == shard.overlay.end()) {
    shard.overlay.emplace(key, value);
  } else {
    changed->second = value;
  }
  return true;
}

// Never refused: an erased key in the overlay is smaller than the committed one it hides, and one
// that hides nothing is not kept.
void MemoryStateStore::erase(Partition partition, std::string_view key) {
  Shard& shard = shards_[partition];
  const auto changed = shard.overlay.find(key);
  if (changed != shard.overlay.end()) {
    bytes_ -= bytes_of_change(changed->first, changed->second);
    shard.overlay.erase(changed);
  }
  if (shard.committed.find(key) == shard.committed.end()) return;
  shard.overlay.emplace(key, std::nullopt);
  bytes_ += key.size();
}

void MemoryStateStore::drain(Records& out, std::uint16_t store, UnixMillis timestamp) const {
  for (const auto& [partition, shard] : shards_) {
    for (const auto& [key, value] : shard.overlay) {
      const std::string_view bytes = value ? std::string_view(*value) : std::string_view();
      add_changelog(store, partition, key, bytes, timestamp, out);
    }
  }
}

void MemoryStateStore::commit() {
  for (auto& [partition, shard] : shards_) {
    for (const auto& [key, value] : shard.overlay) {
      bytes_ -= bytes_of_change(key, value);
      if (value) {
        set_committed(shard, key, *value);
      } else {
        erase_committed(shard, key);
      }
    }
    shard.overlay.clear();
  }
}

void MemoryStateStore::abort() {
  for (auto& [partition, shard] : shards_) {
    for (const auto& [key, value] : shard.overlay) bytes_ -= bytes_of_change(key, value);
    shard.overlay.clear();
  }
}

void MemoryStateStore::clear(Partition partition) {
  const auto shard = shards_.find(partition);
  if (shard == shards_.end()) return;
  for (const auto& [key, value] : shard->second.overlay) bytes_ -= bytes_of_change(key, value);
  for (const auto& [key, value] : shard->second.committed) bytes_ -= bytes_of(key, value);
  shards_.erase(shard);
}

bool MemoryStateStore::restore(Partition partition, std::string_view key, std::string_view value) {
  Shard& shard = shards_[partition];
  if (value.data() == nullptr) {
    erase_committed(shard, key);
    return true;
  }
  const auto kept = shard.committed.find(key);
  const std::uint64_t before =
      kept == shard.committed.end() ? 0 : bytes_of(kept->first, kept->second);
  if (bytes_ - before + bytes_of(key, value) > bytes_max_) return false;
  set_committed(shard, key, value);
  return true;
}

void MemoryStateStore::set_committed(Shard& shard, std::string_view key, std::string_view value) {
  const auto kept = shard.committed.find(key);
  if (kept == shard.committed.end()) {
    shard.committed.emplace(key, value);
    bytes_ += bytes_of(key, value);
    return;
  }
  bytes_ -= kept->second.size();
  kept->second = value;
  bytes_ += value.size();
}

void MemoryStateStore::erase_committed(Shard& shard, std::string_view key) {
  const auto kept = shard.committed.find(key);
  if (kept == shard.committed.end()) return;
  bytes_ -= bytes_of(kept->first, kept->second);
  shard.committed.erase(kept);
}

std::uint64_t MemoryStateStore::key_count(Partition partition) const {
  const auto shard = shards_.find(partition);
  return shard == shards_.end() ? 0 : shard->second.committed.size();
}

}  // namespace telex
