// ChangelogReader: reads what a StateStore once knew back from its changelog.
//
// A reader is made for some shards (a store's part for one input partition) and reads each from its
// start to where the changelog ended when the reader was made, committed records only. What an open
// transaction holds up is waited for: its outcome decides whether it belongs to the state (Kafka
// Streams learned this as KAFKA-10167).
//
// Threads: one lane. Ownership: views passed on are valid during the call. Errors: values.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "process/source.h"
#include "schemas/types.h"

namespace telex {

// One store's state of one input partition: where to begin, and how much must be there.
struct ChangelogShard {
  std::uint16_t store = 0;
  Partition partition;
  Offset from{0};             // First offset to be read; 0 = all.
  std::uint64_t written = 0;  // Records known to have been written to it, ever, by its owners.
};

enum class ChangelogStatus : std::uint8_t {
  reading,      // More to come: call again.
  done,         // Every shard was read to its end.
  unavailable,  // Not now; make a new reader later. `message`.
  refused,      // The changelog is not what was written: a person must act. `message`.
};

struct ChangelogProgress {
  ChangelogStatus status = ChangelogStatus::reading;
  std::uint64_t remaining = 0;  // Offsets still to be passed, commit markers included.
  std::string message;
  FaultCause cause = FaultCause::world;  // Of unavailable.
};

class ChangelogReader {
 public:
  // value.data() == nullptr: the key was erased. `value` is the store's, without the changelog's
  // version byte. False: it does not fit, and reading ends with `refused`.
  using Visit = std::function<bool(const ChangelogShard& shard, std::string_view key,
                                   std::string_view value)>;

  virtual ~ChangelogReader() = default;

  // Reads for at most about `limit`. A first read() with limit 0 reads nothing: it only learns up
  // to where everything is decided (the last stable offsets), for end() to say, and the reader is
  // of no use for anything else then.
  virtual ChangelogProgress read(std::chrono::milliseconds limit, const Visit& visit) = 0;

  // Where the shard's changelog ended when this reader was made: what was read is all that was
  // committed below. REQUIRES: a read() said reading or done before.
  virtual Offset end(const ChangelogShard& shard) const = 0;
};

}  // namespace telex
