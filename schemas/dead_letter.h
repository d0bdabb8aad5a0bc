// Dead letters: the record as it came, and why it was refused.
//
// Key, value and headers are the original's, byte for byte (null stays null). Behind the original
// headers stand telex's own, all UTF-8 text, numbers as decimal digits:
//   telex-dlq-topic partition offset stage reason message attempt replays config-digest version
// and source, at most kSourceBytesMax of it, where it is known who sent the article.
// Headers of these names that the original already has (a replayed dead letter) are left out first,
// except that attempt and replays count on from them: a record that was put back carries replays,
// how often before, and nothing else. The timestamp is the source record's.
//
// Threads: none inside. Errors: parse_dead_letter() says what is missing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "schemas/batch.h"
#include "schemas/provenance.h"
#include "schemas/record.h"

namespace telex {

inline constexpr std::string_view kDeadLetterPrefix = "telex-dlq-";
inline constexpr std::string_view kReplaysHeader = "telex-dlq-replays";
inline constexpr std::size_t kSourceBytesMax = 255;

// Whether `name` is one of the headers above: a record may have others with this prefix.
bool is_dead_letter_header(std::string_view name);

// REQUIRES: the row's verdict is faulty.
void add_dead_letter(const Batch& batch, std::uint32_t row, const Provenance& provenance,
                     Records& out);

struct DeadLetterInfo {
  std::string topic;
  Partition partition;
  Offset offset;
  std::string stage;
  Reason reason = Reason::none;
  std::string message;
  std::uint32_t attempt = 1;
  std::uint32_t replays = 0;
  // Empty: not said.
  std::string source;
  std::string config_digest;
  std::string version;
};

// Reads telex's headers back. nullopt, and why in `error`, if they are not there or not readable.
std::optional<DeadLetterInfo> parse_dead_letter(std::span<const Header> headers,
                                                std::string& error);

}  // namespace telex
