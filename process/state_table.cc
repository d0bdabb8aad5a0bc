#include "process/state_table.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>
#include <limits>
#include <new>
#include <utility>

#include <xxhash.h>

namespace telex {
namespace {

constexpr std::uint64_t kIndexBytes = 24;  // See cost().

std::uint64_t hash_of(std::string_view key) { return XXH3_64bits(key.data(), key.size()); }

// The bits that home() uses last.
std::uint8_t tag_of(std::uint64_t hash) {
  const auto tag = static_cast<std::uint8_t>(hash);
  return tag == 0 ? std::uint8_t{1} : tag;
}

// glibc keeps 8 bytes beside each allocation and rounds to 16, at least 32.
std::uint64_t allocated(std::uint64_t bytes) {
  return std::max<std::uint64_t>(32, (bytes + 8 + 15) / 16 * 16);
}

}  // namespace

void StateTable::Free::operator()(Entry* entry) const noexcept { ::operator delete(entry); }

StateTable::EntryPtr StateTable::make(std::string_view key, std::string_view value) {
  assert(key.size() < Entry::kErased && value.size() < Entry::kErased);
  EntryPtr entry(new (::operator new(sizeof(Entry) + key.size() + value.size())) Entry());
  entry->key_bytes_ = static_cast<std::uint32_t>(key.size());
  entry->value_bytes_ =
      value.data() == nullptr ? Entry::kErased : static_cast<std::uint32_t>(value.size());
  char* const bytes = reinterpret_cast<char*>(entry.get() + 1);
  if (!key.empty()) std::memcpy(bytes, key.data(), key.size());
  if (!value.empty()) std::memcpy(bytes + key.size(), value.data(), value.size());
  return entry;
}

std::uint64_t StateTable::cost(std::size_t key_bytes, std::size_t value_bytes) {
  return allocated(sizeof(Entry) + key_bytes + value_bytes) + kIndexBytes;
}

const StateTable::Entry* StateTable::find(std::string_view key) const {
  if (size_ == 0) return nullptr;
  return entries_[find_slot(key, hash_of(key))].get();
}

// The slot of `key`, or the free one where it would go. REQUIRES: there are slots.
std::size_t StateTable::find_slot(std::string_view key, std::uint64_t hash) const {
  const std::uint8_t tag = tag_of(hash);
  std::size_t slot = home(hash);
  while (tags_[slot] != 0 && !(tags_[slot] == tag && entries_[slot]->key() == key)) {
    slot = (slot + 1) & mask_;
  }
  return slot;
}

StateTable::EntryPtr StateTable::set(EntryPtr entry) {
  const std::uint64_t hash = hash_of(entry->key());
  if (size_ != 0) {
    const std::size_t slot = find_slot(entry->key(), hash);
    if (tags_[slot] != 0) return std::exchange(entries_[slot], std::move(entry));
  }
  // At most four slots in five are used.
  if ((size_ + 1) * 5 > tags_.size() * 4) resize(std::max(kSlotsMin, tags_.size() * 2));
  place(std::move(entry), hash);
  ++size_;
  return nullptr;
}

void StateTable::place(EntryPtr entry, std::uint64_t hash) {
  const std::size_t slot = find_slot(entry->key(), hash);
  tags_[slot] = tag_of(hash);
  entries_[slot] = std::move(entry);
}

StateTable::EntryPtr StateTable::take(std::string_view key) {
  if (size_ == 0) return nullptr;
  std::size_t hole = find_slot(key, hash_of(key));
  if (tags_[hole] == 0) return nullptr;
  EntryPtr taken = std::move(entries_[hole]);
  for (std::size_t slot = (hole + 1) & mask_; tags_[slot] != 0; slot = (slot + 1) & mask_) {
    // An entry may go to the hole if its home is not behind it.
    const std::size_t from = home(hash_of(entries_[slot]->key()));
    if (((slot - from) & mask_) < ((slot - hole) & mask_)) continue;
    tags_[hole] = tags_[slot];
    entries_[hole] = std::move(entries_[slot]);
    hole = slot;
  }
  tags_[hole] = 0;
  --size_;
  if (size_ == 0) {
    clear();
  } else if (tags_.size() > kSlotsMin && size_ * 5 < tags_.size()) {
    resize(tags_.size() / 2);
  }
  return taken;
}

void StateTable::clear() {
  // Swapped, not cleared: that would keep the memory.
  std::vector<std::uint8_t>().swap(tags_);
  std::vector<EntryPtr>().swap(entries_);
  mask_ = 0;
  size_ = 0;
}

void StateTable::reset() {
  if (tags_.size() > kSlotsKept || size_ * 8 < tags_.size()) {
    clear();
    return;
  }
  std::fill(tags_.begin(), tags_.end(), std::uint8_t{0});
  for (EntryPtr& entry : entries_) entry.reset();
  size_ = 0;
}

const StateTable::Entry* StateTable::next(std::size_t& slot) const {
  while (slot < tags_.size() && tags_[slot] == 0) ++slot;
  return slot < tags_.size() ? entries_[slot].get() : nullptr;
}

StateTable::EntryPtr StateTable::take_next(std::size_t& slot) {
  if (next(slot) == nullptr) return nullptr;
  return std::move(entries_[slot++]);
}

std::size_t StateTable::slot_after(std::string_view key) const {
  if (size_ == 0) return 0;
  const std::uint64_t hash = hash_of(key);
  const std::size_t slot = find_slot(key, hash);
  return tags_[slot] == 0 ? home(hash) : slot + 1;
}

void StateTable::resize(std::size_t slots) {
  std::vector<std::uint8_t> tags(slots, 0);
  std::vector<EntryPtr> entries(slots);
  tags.swap(tags_);
  entries.swap(entries_);
  mask_ = slots - 1;
  shift_ =
      static_cast<unsigned>(std::numeric_limits<std::uint64_t>::digits - std::countr_zero(slots));
  for (EntryPtr& entry : entries) {
    if (entry == nullptr) continue;
    const std::uint64_t hash = hash_of(entry->key());
    place(std::move(entry), hash);
  }
}

}  // namespace telex
