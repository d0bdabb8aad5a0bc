// Checkpoint: the committed state of one shard (a store's part for one input partition), kept on
// this machine so that the next start reads only the rest of the changelog.
//
// It is never needed: one that is missing, old, torn or of another time is passed over, and the
// whole changelog is read. It is believed only when
//   its checksum holds;
//   it is younger than kCheckpointAgeMax: a key that was erased later than that may have lost its
//   marker in the changelog to compaction (delete.retention.ms, 24 h unless configured);
//   it lies in the past of what the group has committed (`written`), since positions may have been
//   set back by a person, or the changelog made anew.
//
// A file: "telexck1", u64 XXH3-64 of the rest; then changelog topic, i32 partition, i64 upto, u64
// written, i64 made, u64 entry count, and each entry's key and value (schemas/byte_codec.h).
//
// Threads: any; one lane at a time has a shard. Ownership: no file stays open; files are for the
// user alone. Limits: kCheckpointBytesMax. Errors: values; a failed save() leaves the old file.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>

#include "process/state_store.h"
#include "schemas/types.h"

namespace telex {

inline constexpr std::chrono::hours kCheckpointAgeMax{12};
inline constexpr std::uint64_t kCheckpointBytesMax = std::uint64_t{1} << 31U;

struct Checkpoint {
  std::string changelog;  // Topic.
  Partition partition;
  Offset upto{0};             // Everything committed below is in it.
  std::uint64_t written = 0;  // Changelog records, ever.
  UnixMillis made = kNoTimestamp;
};

// Writes the store's committed state of `head.partition`; empty = done, else why not.
// REQUIRES: the store's overlay of that partition is empty.
std::string save_checkpoint(const std::filesystem::path& folder, const Checkpoint& head,
                            const StateStore& store);

// Finds the checkpoint of head.changelog and head.partition, and if it may be believed, restores
// the store from it and sets the rest of `head`. `head.written` and `head.made` come in as what the
// group has committed and as the time now. Empty = done; else why not, and the partition of the
// store is as it was or empty.
std::string load_checkpoint(const std::filesystem::path& folder, Checkpoint& head,
                            StateStore& store);

}  // namespace telex
