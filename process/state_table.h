// StateTable: a hash table from byte strings to byte strings, the memory of a MemoryStateStore.
//
// Open addressing with linear probing over two columns, a byte of the hash and a pointer a slot;
// one allocation an entry, which moves from table to table without a copy. A slot's number grows
// with the hash (its top bits), so that an order by slots outlives growing and shrinking. Entries
// are taken out by shifting the following ones back, so nothing has to be cleaned up later.
//
// Threads: one at a time. Ownership: owns its entries. Limits: 4 GiB a key or value; out of memory
// throws. Views and pointers to an entry are valid while it is in a table.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace telex {

class StateTable {
 public:
  // One key with its value, or the mark that the key is erased; header and bytes in one allocation.
  class Entry {
   public:
    std::string_view key() const { return {bytes(), key_bytes_}; }
    std::string_view value() const { return {bytes() + key_bytes_, erased() ? 0 : value_bytes_}; }
    bool erased() const { return value_bytes_ == kErased; }

   private:
    friend class StateTable;
    static constexpr std::uint32_t kErased = 0xFFFFFFFFU;
    const char* bytes() const { return reinterpret_cast<const char*>(this + 1); }
    std::uint32_t key_bytes_ = 0;
    std::uint32_t value_bytes_ = 0;
  };
  struct Free {
    void operator()(Entry* entry) const noexcept;
  };
  using EntryPtr = std::unique_ptr<Entry, Free>;

  // value.data() == nullptr: erased. REQUIRES: both are shorter than 4 GiB.
  static EntryPtr make(std::string_view key, std::string_view value);

  // What an entry takes of memory, index included: its allocation as glibc's malloc rounds it, and
  // 24 bytes of index, which is what 9 bytes a slot come to when a table has just doubled (40 % of
  // its slots in use). A function of the sizes alone, so that a store that was restored has as many
  // bytes as the one that wrote its changelog.
  static std::uint64_t cost(std::size_t key_bytes, std::size_t value_bytes);
  static std::uint64_t cost(const Entry& entry) {
    return cost(entry.key_bytes_, entry.erased() ? 0 : entry.value_bytes_);
  }

  const Entry* find(std::string_view key) const;
  // Puts `entry` in. What was there under its key comes back.
  EntryPtr set(EntryPtr entry);
  // Takes the entry out; null if there is none.
  EntryPtr take(std::string_view key);
  void clear();
  // The same for a table that is filled again at once: slots stay, 36 KiB of them at most, unless
  // most were not needed.
  void reset();

  std::uint64_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  // Walks in order of slots: the entry at the first used slot from `slot` on, and its slot in
  // `slot`; null at the end.
  const Entry* next(std::size_t& slot) const;
  // The same, taken out; for emptying a whole table. REQUIRES: clear() or reset() follows, nothing
  // else.
  EntryPtr take_next(std::size_t& slot);
  // The first slot behind `key`; where `key` would be, if it is not there.
  std::size_t slot_after(std::string_view key) const;

 private:
  static constexpr std::size_t kSlotsMin = 16;
  static constexpr std::size_t kSlotsKept = 4096;

  std::size_t home(std::uint64_t hash) const { return hash >> shift_; }
  std::size_t find_slot(std::string_view key, std::uint64_t hash) const;
  void place(EntryPtr entry, std::uint64_t hash);
  void resize(std::size_t slots);

  std::vector<std::uint8_t> tags_;  // 0: free.
  std::vector<EntryPtr> entries_;
  std::size_t mask_ = 0;
  unsigned shift_ = 0;
  std::uint64_t size_ = 0;
};

}  // namespace telex
