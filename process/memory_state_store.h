// MemoryStateStore: a StateStore in this process's memory, rebuilt from its changelog after every
// start. Committed keys in one ordered map a partition, the open transaction's changes in another,
// so that commit and abort cost what the transaction changed and nothing else.
//
// Threads: one lane. Limits: bytes_max of keys and values, committed and overlay together (a key
// that is overwritten counts twice until the commit); put() and restore() refuse above.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "process/state_store.h"

namespace telex {

class MemoryStateStore final : public StateStore {
 public:
  explicit MemoryStateStore(std::uint64_t bytes_max) : bytes_max_(bytes_max) {}

  std::optional<std::string_view> get(Partition partition, std::string_view key) const override;
  [[nodiscard]] bool put(Partition partition, std::string_view key,
                         std::string_view value) override;
  void erase(Partition partition, std::string_view key) override;
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
    std::map<std::string, std::string, std::less<>> committed;
    std::map<std::string, std::optional<std::string>, std::less<>> overlay;  // nullopt: erased.
  };

  void set_committed(Shard& shard, std::string_view key, std::string_view value);
  void erase_committed(Shard& shard, std::string_view key);

  std::uint64_t bytes_max_;
  std::uint64_t bytes_ = 0;
  std::map<Partition, Shard> shards_;
};

}  // namespace telex
