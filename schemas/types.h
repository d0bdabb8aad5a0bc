// The small value types that every part of telex shares.
//
// Integers that must never be swapped get types of their own. All are plain data: free to copy, no
// ownership, no threads, no errors.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace telex {

// A Kafka partition number, or the logical partition of a replay. -1 is "none".
struct Partition {
  std::int32_t value = -1;
  auto operator<=>(const Partition&) const = default;
};

// The position of a record in its partition (for archives: its ordinal in the input).
struct Offset {
  std::int64_t value = -1;
  auto operator<=>(const Offset&) const = default;
};

struct TopicPartition {
  std::string topic;
  Partition partition;
  auto operator<=>(const TopicPartition&) const = default;
};

// Milliseconds since 1970-01-01T00:00:00Z, as Kafka counts them. kNoTimestamp is Kafka's own
// "none".
using UnixMillis = std::int64_t;
inline constexpr UnixMillis kNoTimestamp = -1;

// 0 (nothing speaks for it) to 100 (certain). Integers, because ninjs allows no others and because
// a record must be the same bytes on every machine.
using Score = std::uint8_t;
inline constexpr Score kScoreMax = 100;

// A language as the lower-case primary subtag of BCP 47 ("nl", "fil"); empty means unknown.
// Regions and scripts of a publisher's tag stay in the article's own `language` string.
class LanguageCode {
 public:
  constexpr LanguageCode() = default;
  // Takes the letters before the first '-' or '_' of a BCP 47 tag. Anything that is not two or
  // three ASCII letters gives the empty code.
  static constexpr LanguageCode from_tag(std::string_view tag) {
    LanguageCode code;
    std::size_t length = 0;
    while (length < tag.size() && tag[length] != '-' && tag[length] != '_') ++length;
    if (length < 2 || length > 3) return code;
    for (std::size_t i = 0; i < length; ++i) {
      const char c = tag[i];
      const bool upper = c >= 'A' && c <= 'Z';
      if (!upper && !(c >= 'a' && c <= 'z')) return {};
      code.letters_[i] = upper ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return code;
  }
  constexpr std::string_view view() const {
    return {letters_, letters_[0] == 0 ? 0U : (letters_[2] == 0 ? 2U : 3U)};
  }
  constexpr bool empty() const { return letters_[0] == 0; }
  constexpr bool operator==(const LanguageCode&) const = default;

 private:
  char letters_[4] = {0, 0, 0, 0};
};

// A half-open range of bytes.
struct ByteRange {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  constexpr std::uint32_t size() const { return end - begin; }
  constexpr bool operator==(const ByteRange&) const = default;
};

// A half-open range of rows in one of the column tables (tokens, mentions, evidence, ...).
struct IndexRange {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
  constexpr std::uint32_t last() const { return first + count; }
  constexpr bool operator==(const IndexRange&) const = default;
};

}  // namespace telex
