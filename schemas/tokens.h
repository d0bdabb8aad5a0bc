// Tokens: the words of a batch, made once by the tokeniser and read by every matcher.
//
// Columns of equal length over all rows of the batch; a row's tokens are one IndexRange, in order
// of part and position. A token is a run of letters, digits and marks, or one other visible
// character (punctuation, symbol, CJK character). White space, markup and soft hyphens make no
// token.
//
// Ownership: plain vectors, reused from batch to batch; no view into the text is kept.
// Threads:   one lane uses it at a time.
// Limits:    as many as the batch's text has; one article's text is bounded by ArticleLimits.
#pragma once

#include <cstdint>
#include <vector>

#include "schemas/types.h"

namespace telex {

// What a token looks like; bits, because several hold at once.
struct TokenShape {
  static constexpr std::uint16_t kWord = 1U << 0;    // Has a letter.
  static constexpr std::uint16_t kNumber = 1U << 1;  // Has a digit.
  static constexpr std::uint16_t kPunctuation = 1U << 2;
  static constexpr std::uint16_t kCapital = 1U << 3;      // First letter is upper or title case.
  static constexpr std::uint16_t kAllCapitals = 1U << 4;  // Two letters or more, all upper case.
  static constexpr std::uint16_t kMixedCase = 1U
                                              << 5;  // An upper case letter after a lower case one.
  static constexpr std::uint16_t kIdeograph = 1U
                                              << 6;  // A Han, Hiragana, Katakana or Thai character.
  static constexpr std::uint16_t kSentenceStart = 1U << 7;  // First word of its sentence.
  // Glued to the token before it, with no space between (so a '.' after a word has it too).
  static constexpr std::uint16_t kGlued = 1U << 8;
  // Joined to the word before it by one hyphen, which makes no token of its own (NAVO-chef).
  static constexpr std::uint16_t kHyphen = 1U << 9;
  // The part after an apostrophe (Trump's -> Trump + s), or after an elided article (l'Ukraine):
  // the apostrophe makes no token of its own.
  static constexpr std::uint16_t kApostrophe = 1U << 10;
  static constexpr std::uint16_t kHeading = 1U << 11;   // Stands in a headline or section heading.
  static constexpr std::uint16_t kQuoted = 1U << 12;    // Stands inside quotation marks.
  static constexpr std::uint16_t kNonAscii = 1U << 13;  // Has a byte above 0x7F.
};

struct Tokens {
  // Folded hash: XXH3-64 of the token's folded form (see process/text/fold.h): NFC or NFD, case and
  // diacritics make no difference. Punctuation hashes its own bytes.
  std::vector<std::uint64_t> hash;
  std::vector<std::uint32_t> begin;  // Bytes in the part's string.
  std::vector<std::uint32_t> end;
  std::vector<std::uint16_t> shape;  // TokenShape bits.
  std::vector<std::uint16_t>
      sentence;                     // Ordinal in the article, saturating; never shared by parts.
  std::vector<std::uint16_t> part;  // Index into Article::parts.
  std::vector<IndexRange> rows;     // One per batch row; empty for rows that are not published.

  std::uint32_t size() const { return static_cast<std::uint32_t>(hash.size()); }
  bool has(std::uint32_t token, std::uint16_t bits) const { return (shape[token] & bits) == bits; }
  void clear() noexcept {
    hash.clear();
    begin.clear();
    end.clear();
    shape.clear();
    sentence.clear();
    part.clear();
    rows.clear();
  }
};

}  // namespace telex
