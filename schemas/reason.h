// Why a record was refused: the closed set that dead letters, metrics and `dlq list` share.
//
// A reason is a label with bounded cardinality; what exactly was wrong goes into the message beside
// it. Codes are part of the wire format of dead letters: never renamed, only added.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace telex {

enum class Reason : std::uint8_t {
  none,               // Nothing is wrong.
  empty_value,        // The value has no bytes (a null value is a deletion, not a fault).
  not_utf8,           // The value is not UTF-8; the message names the first bad byte.
  malformed_json,     // The value claims to be JSON, by header or configuration, and is not.
  lone_surrogate,     // A JSON string escapes half a surrogate pair: no UTF-8 text can hold it.
  not_an_object,      // JSON, but an array, a string or a number where an article was due.
  wrong_type,         // A mapped field exists with a type that cannot be read as what it is.
  no_text,            // No headline, lead or body with a visible character.
  too_large,          // The raw value is above 8 MiB.
  too_deep,           // JSON nested deeper than 256 levels.
  text_too_large,     // The article's text is above 2 MiB.
  too_many_parts,     // More headlines and bodies than one article may have (64).
  too_many_mentions,  // More than 4,096 mentions.
  bad_field,          // A field is of the right type but its value cannot be (a date, a uri).
  unsupported_content_type,  // The content-type header names a format that telex does not read.
  output_too_large,          // The enriched record is above the output topic's limit.
};

struct ReasonName {
  Reason reason;
  std::string_view name;
};

inline constexpr std::array kReasonNames{
    ReasonName{Reason::none, "none"},
    ReasonName{Reason::empty_value, "empty_value"},
    ReasonName{Reason::not_utf8, "not_utf8"},
    ReasonName{Reason::malformed_json, "malformed_json"},
    ReasonName{Reason::lone_surrogate, "lone_surrogate"},
    ReasonName{Reason::not_an_object, "not_an_object"},
    ReasonName{Reason::wrong_type, "wrong_type"},
    ReasonName{Reason::no_text, "no_text"},
    ReasonName{Reason::too_large, "too_large"},
    ReasonName{Reason::too_deep, "too_deep"},
    ReasonName{Reason::text_too_large, "text_too_large"},
    ReasonName{Reason::too_many_parts, "too_many_parts"},
    ReasonName{Reason::too_many_mentions, "too_many_mentions"},
    ReasonName{Reason::bad_field, "bad_field"},
    ReasonName{Reason::unsupported_content_type, "unsupported_content_type"},
    ReasonName{Reason::output_too_large, "output_too_large"},
};

constexpr std::string_view to_string(Reason reason) {
  return kReasonNames[static_cast<std::size_t>(reason)].name;
}

constexpr std::optional<Reason> reason_from(std::string_view name) {
  for (const ReasonName& row : kReasonNames) {
    if (row.name == name) return row.reason;
  }
  return std::nullopt;
}

// The order of the names is the order of the enumeration; to_string() depends on it.
static_assert([] {
  for (std::size_t i = 0; i < kReasonNames.size(); ++i) {
    if (static_cast<std::size_t>(kReasonNames[i].reason) != i) return false;
  }
  return kReasonNames.back().reason == Reason::output_too_large;
}());

// Limits of one article; each has its reason above. `docs/` and the schemas quote them.
struct ArticleLimits {
  static constexpr std::uint32_t kRawBytesMax = 8U << 20;
  static constexpr std::uint32_t kTextBytesMax = 2U << 20;
  static constexpr std::uint32_t kDepthMax = 256;
  static constexpr std::uint32_t kMentionsMax = 4096;
  static constexpr std::uint32_t kPartsMax = 64;
  static constexpr std::uint32_t kReasonMessageBytesMax = 1024;
};

}  // namespace telex
