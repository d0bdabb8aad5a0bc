// Article: one decoded row of a Batch.
//
// An Article owns nothing: every view points into its Batch (the raw record or the text arena) and
// is valid until the batch is cleared or destroyed. Text is always UTF-8 without a BOM, exactly as
// it will stand in the enriched record: offsets of mentions count in these strings.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "schemas/types.h"

namespace telex {

// How much of a date the publisher gave. Never widened: a month stays a month.
enum class DatePrecision : std::uint8_t { none, year, month, day, second };

// A moment as the publisher gave it. `text` is the original spelling ("2025-02"), kept as given;
// `unix_millis` is the first moment of the period it names, in UTC.
struct EventTime {
  UnixMillis unix_millis = 0;
  DatePrecision precision = DatePrecision::none;
  std::string_view text;
};

enum class PartKind : std::uint8_t { title, headline, lead, body };

// html: the string is markup. Tags are never tokens, entities end a token, offsets still count in
// the string as it stands.
enum class TextFormat : std::uint8_t { plain, html };

// One string of the article. In the enriched record it stands at
//   title    /title            headline  /headlines/<index>/value
//   lead     /descriptions/<index>/value   body  /bodies/<index>/value
// and annotations call it "title", "headline" ("headline/1" from the second on), "lead", "body/0".
struct Part {
  std::string_view text;
  PartKind kind = PartKind::body;
  TextFormat format = TextFormat::plain;
  std::uint16_t index = 0;
};

// A section heading: a short stand-alone line inside a part.
struct Heading {
  std::uint16_t part = 0;  // Index into Article::parts.
  ByteRange range;
};

enum class InputFormat : std::uint8_t { json_map, ninjs, plain_text };

// ninjs `pubStatus`.
enum class PubStatus : std::uint8_t { usable, withheld, canceled };

// One member of the publisher's own ninjs item that telex passes on: the name as it reads, and the
// value's bytes exactly as they came (numbers keep their digits, strings their escapes). Members of
// ninjs 1 and 2 come under the names and in the shape of ninjs 3 where that says the same.
struct PassThrough {
  std::string_view name;
  std::string_view raw_json;
};

struct Article {
  InputFormat format = InputFormat::json_map;
  PubStatus pub_status = PubStatus::usable;
  std::string_view uri;       // The identity, see identity.h. Never empty after decoding.
  std::string_view version;   // As given; empty = none.
  std::string_view source;    // Who sent it: a mapped field, else the configured name of the topic.
  std::string_view language;  // The publisher's BCP 47 tag, unchecked; empty = none.
  EventTime published;  // First publication (ninjs firstCreated, a "date" line, a mapped field).
  EventTime version_created;  // This version.
  std::span<const Part> parts;
  std::span<const Heading> headings;
  // ninjs input: every member of the item, in input order, the last of duplicates. Other input: the
  // mapped members that telex passes on without reading them ("by").
  std::span<const PassThrough> pass_through;
};

// The date that an article speaks from: its first publication, else this version. Precision none
// where neither can be read.
inline const EventTime& event_date(const Article& article) {
  return article.published.precision != DatePrecision::none ? article.published
                                                            : article.version_created;
}

}  // namespace telex
