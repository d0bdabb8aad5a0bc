// StateStore: what a lane remembers, per input partition, backed by a compacted changelog.
//
// Writes go to an overlay that commit() keeps and abort() drops, so state moves with the
// transaction that made it. drain() turns the overlay into changelog records for that same
// transaction. After an unknown outcome or a new assignment, state is rebuilt: clear(partition),
// then restore() of every changelog record up to the last stable offset.
//
// Threads: one lane. Limits: bytes_max of memory over all partitions, keys, values and what keeping
// them takes; put() refuses above.
// Keys and values are bytes. A get() view is valid until the next call that is not get().
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "schemas/record.h"
#include "schemas/types.h"

namespace telex {

class StateStore {
 public:
  virtual ~StateStore() = default;

  // Overlay first, then what is committed. nullopt = absent or erased.
  virtual std::optional<std::string_view> get(Partition partition, std::string_view key) const = 0;
  // False, and no change, when bytes_max would be passed.
  [[nodiscard]] virtual bool put(Partition partition, std::string_view key,
                                 std::string_view value) = 0;
  // Never refused: what it frees it may need until the commit.
  virtual void erase(Partition partition, std::string_view key) = 0;

  // Visits up to `count` committed keys, in an order of the store's own, from the one after `after`
  // on (data() == nullptr: from the first); keys that the open transaction has changed are left
  // out. Returns how many; fewer than `count`: that was the end. A round over keys that stay meets
  // each once; where keys come and go between two calls it may miss a few, for the next round.
  // Inside the call put() and erase() may be called. `after` may be erased meanwhile.
  using Visit = std::function<void(std::string_view key, std::string_view value)>;
  virtual std::uint32_t visit(Partition partition, std::string_view after, std::uint32_t count,
                              const Visit& visit) const = 0;

  // Appends one changelog record for each key the overlay has changed since the last commit()
  // or abort(), in order of partition and key; an erased key has a null value. May be called again.
  virtual void drain(Records& out, std::uint16_t store, UnixMillis timestamp) const = 0;
  virtual void commit() = 0;
  virtual void abort() = 0;

  // Forgets a partition, overlay included (revoked, or about to be restored).
  virtual void clear(Partition partition) = 0;
  // One changelog record, in offset order; null value (data() == nullptr) = erased. Goes to the
  // committed side. False when bytes_max would be passed.
  [[nodiscard]] virtual bool restore(Partition partition, std::string_view key,
                                     std::string_view value) = 0;

  virtual std::uint64_t key_count(Partition partition) const = 0;  // Committed, without overlay.
  virtual std::uint64_t bytes() const = 0;                         // Overlay included.
};

}  // namespace telex
