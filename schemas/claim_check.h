// Claim checks: what the dead-letter topic gets in place of a dead letter that it cannot hold.
//
// The original (key, value, headers, timestamp, coordinates) lies in a file of the spool
// (sink/spool.h); the record on the topic says where, and enough of what it was to look at it:
//   key      the original key; if that is longer than kClaimKeyBytesMax: "xxh3-128:<its digest>"
//   headers  the telex-dlq-* headers of the dead letter, and telex-dlq-claim: 1. The original's own
//            headers are in the spool only.
//   value    JSON, claim_check.schema.json:
//     {"version":1,"file":"raw.articles-3-42-….record","host":"…","instance":"…",
//      "bytes":1234567,"digest":"<XXH3-128 of the value, hex>","head":"<first KiB, base64>",
//      "key":{"bytes":12,"digest":"…","kept":true},"headers":3}
//   A null value has null for bytes, digest and head; a null key is null. The timestamp is the
//   dead letter's.
// Whoever reads dead letters asks is_claim_check() first. The header may come with any record that
// somebody put there: parse_claim_check() takes nothing for granted, and a file name that it gives
// stays inside of the spool folder.
//
// Threads: none inside. Limits: such a record has at most kClaimRecordBytesMax bytes as Kafka
// counts them. Errors: parse_claim_check() says what is wrong.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "schemas/batch.h"
#include "schemas/record.h"

namespace telex {

inline constexpr std::string_view kClaimHeader = "telex-dlq-claim";
inline constexpr std::uint32_t kClaimVersion = 1;
inline constexpr std::size_t kClaimHeadBytes = 1024;
inline constexpr std::size_t kClaimKeyBytesMax = 1024;
inline constexpr std::string_view kClaimKeyPrefix = "xxh3-128:";
// Of the whole record with its batch. Key 1,024, head 1,368, message 1,024, names and texts below
// 3,000; a dead-letter topic must take this much.
inline constexpr std::uint64_t kClaimRecordBytesMax = 8192;

struct ClaimCheck {
  std::string file;      // Relative to the spool folder; is_spool_file_name() holds.
  std::string host;      // On whose disk it is, ...
  std::string instance;  // ... and who put it there.
  bool null_value = false;
  std::uint64_t bytes = 0;  // Of the original value.
  std::string digest;       // XXH3-128 of it as 32 hexadecimal digits.
  std::string head;         // Its first kClaimHeadBytes. Any bytes.
  bool null_key = false;
  std::uint64_t key_bytes = 0;
  std::string key_digest;
  bool key_kept = true;       // The record's key is the original's.
  std::uint32_t headers = 0;  // How many the original had.
};

// Where the original was put.
struct SpoolPlace {
  std::string_view file;
  std::string_view host;
  std::string_view instance;
};

bool is_claim_check(const HeaderList& headers);
bool is_claim_check(std::span<const Header> headers);

// XXH3-128 as 32 hexadecimal digits, the high half first.
std::string content_digest(std::string_view bytes);

// Letters, digits and - . _ ~ %, not beginning with a dot, 1 to 255 bytes: what the spool makes.
bool is_spool_file_name(std::string_view name);

// Appends the claim check of `dead_letter`, which must not lie in `out`.
// REQUIRES: dead_letter was made by add_dead_letter(), is_spool_file_name(place.file).
void add_claim_check(const Record& dead_letter, const SpoolPlace& place, Records& out);

// Reads a claim check's value. nullopt, and why in `error`, if it is none or of another version.
std::optional<ClaimCheck> parse_claim_check(std::string_view value, std::string& error);

}  // namespace telex
