// Spool: a folder for records that Kafka cannot hold, one file a record.
//
// When put() says ok, the file and its name are on the disk (fsync of both), so whoever then lets
// the record's offset go has lost nothing. A file is written beside its name and renamed, so one
// under its own name is complete. The name says topic, partition, offset and content:
//   <topic>-<partition>-<offset>-<16 digits of its digest>.record
// so that the same record, spooled again by a repeated transaction, replaces itself, and a record
// of a topic that was made anew under its old name replaces no other. Of a topic's name, letters,
// digits and . _ - stand for themselves, other bytes as %XX; a long one is cut and told apart by
// its hash.
//
// A file (integers little-endian; lengths of key, value and header values: 2^32 - 1 = null)
//   8  "telexsp1"     8  length of the body     16  XXH3-128 of the body, as its canonical bytes
//   body: u32 length and topic, i32 partition, i64 offset, i64 timestamp, u32 length and key, u32
//         length and value, u32 header count, each header: u32 length and name, u32 length and
//         value
//
// Ownership: owns no file; every call opens what it needs, so that a folder may be mounted, emptied
//            or repaired under a running service. Files are for the user alone (0600).
// Threads:   any; lanes and processes may share a folder (a lock file keeps one writer at a time).
// Limits:    bytes_max and files_max of records in the folder, counted when a record comes, so
//            that room made by a person counts at once. What a crash left half-written is removed
//            then and at open(). Waits lock_wait for another writer.
// Errors:    values: full (bounds, or the disk says so), unavailable (anything else).
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/batch.h"
#include "schemas/claim_check.h"
#include "schemas/types.h"

namespace telex {

struct SpoolOptions {
  std::filesystem::path folder;  // Made, for its user alone, if only it is missing.
  std::uint64_t bytes_max = 1U << 30;
  std::uint32_t files_max = 100'000;
  std::chrono::milliseconds lock_wait{2'000};
};

// A record to keep. Null key, value or header value: data() == nullptr.
struct SpoolEntry {
  std::string_view topic;
  Partition partition;
  Offset offset;
  UnixMillis timestamp = kNoTimestamp;
  std::string_view key;
  std::string_view value;
  std::vector<Header> headers;
};

enum class SpoolStatus : std::uint8_t { ok, full, unavailable };
// "spool_full" and "spool_unavailable": how a lane's problem begins; "ok".
std::string_view to_string(SpoolStatus status);

struct SpoolResult {
  SpoolStatus status = SpoolStatus::ok;
  std::string file;     // Name in the folder.
  std::string message;  // Where status is not ok.
  bool ok() const { return status == SpoolStatus::ok; }
};

struct SpoolUsage {
  std::uint64_t bytes = 0;
  std::uint32_t files = 0;
};

class Spool {
 public:
  explicit Spool(SpoolOptions options) : options_(std::move(options)) {}

  // Whether records could be put here, and how full it is. For start-up and metrics.
  SpoolResult open(SpoolUsage* usage = nullptr) const;
  // Keeps `entry`. Lengths must be below 2^32 - 1, as all of Kafka's are.
  SpoolResult put(const SpoolEntry& entry) const;

  const SpoolOptions& options() const { return options_; }

 private:
  SpoolOptions options_;
};

// The name put() gives; `content` is the digest of the body.
std::string spool_file_name(const SpoolEntry& entry, std::string_view content);

// A record that was read back; entry's views live as long as this does.
struct SpooledRecord {
  SpoolEntry entry;
  std::unique_ptr<const std::string> bytes;
};

// nullopt, and why in `error`: not there, not a name of the spool's, cut off, not what was written.
std::optional<SpooledRecord> read_spooled(const std::filesystem::path& folder,
                                          std::string_view file, std::string& error);
// The same for a claim check, whose digest and length the value must have.
std::optional<SpooledRecord> read_claimed(const std::filesystem::path& folder,
                                          const ClaimCheck& claim, std::string& error);

}  // namespace telex
