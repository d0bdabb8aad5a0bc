// MemoryStateStore: a StateStore in this process's memory, rebuilt from its changelog after every
// start. Committed keys in one table a partition, the open transaction's changes in another; commit
// moves entries from one to the other, so that commit and abort cost what the transaction changed
// and nothing else.
//
// Threads: one lane. Limits: bytes_max of memory, index and allocator's rounding included (see
// StateTable::cost()), committed and overlay together: a key that is overwritten counts twice until
// the commit. put() and restore() refuse above. What an empty partition takes does not count.
// visit() goes in order of the keys' hashes.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>

#include "process/state_store.h"
#include "process/state_table.h"

namespace telex {

class MemoryStateStore final : public StateStore {
 public:
  explicit MemoryStateStore(std::uint64_t bytes_max) : bytes_max_(bytes_max) {}

  std::optional<std::string_view> get(Partition partition, std::string_view key) const override;
  [[nodiscard]] bool put(Partition partition, std::string_view key,
                         std::string_view value) override;
  void erase(Partition partition, std::string_view key) override;
  std::uint32_t visit(Partition partition, std::string_view after, std::uint32_t count,
                      const Visit& visit) const override;
  void drain(Records& out, std::uint16_t store, UnixMillis timestamp) const override;
  void commit() override;
  void abort() override;
  void clear(Partition partition) override;
  [[nodiscard]] bool restore(Partition partition, std::string_view key,
                             std::string_view value) override;
  std::uint64_t key_count(Partition partition) const override;
  std::uint64_t bytes() const override { return bytes_; }

 private:
  struct Shard {
    StateTable committed;
    StateTable overlay;
  };

  // Puts in, or takes out, and counts what that changes.
  void set(StateTable& table, StateTable::EntryPtr entry);
  void take(StateTable& table, std::string_view key);
  void forget_all(StateTable& table);

  std::uint64_t bytes_max_;
  std::uint64_t bytes_ = 0;
  std::map<Partition, Shard> shards_;
};

}  // namespace telex
