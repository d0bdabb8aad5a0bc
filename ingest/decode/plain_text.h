// Plain text: the date line, section headings, and what counts as text at all.
//
// Internal to ingest/decode. Views into the text given; no threads, no errors.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "schemas/article.h"

namespace telex {

struct PlainText {
  std::string_view body;  // Without the date and without white space around it.
  EventTime date;         // Precision none where no date stands in front.
};

// Takes a leading "date YYYY[-MM[-DD]]" off: the word in any case, after white space if any, a
// colon allowed; what is behind the date must be white space or nothing. Anything else stays in the
// body.
PlainText read_plain_text(std::string_view text);

// Appends the section headings of a plain part: paragraphs of a single short line (at most 60 code
// points and 8 words, with a letter, without sentence-final punctuation or a bullet) that stand
// between blank lines, are not the first paragraph, and are followed by one that is not such a line
// itself, so that lists are none.
void find_headings(std::string_view text, std::uint16_t part, std::vector<Heading>& out);

// Whether a reader would see anything: a character that is not white space, control or of no width.
// In html, tags and references to spaces do not count.
bool has_visible_text(std::string_view text, TextFormat format);

// Whether a string that nobody has called markup is markup: it begins with a tag.
bool looks_like_markup(std::string_view text);

// Without white space of ASCII around it.
std::string_view trimmed(std::string_view text);

}  // namespace telex
