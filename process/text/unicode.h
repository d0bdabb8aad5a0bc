// What the tokeniser and the folding know of a code point: its class and its folded form.
//
// One table over the BMP, filled from utf8proc on first use (about 3 ms), so that a letter of any
// language costs one load; code points above the BMP are asked of utf8proc one by one.
//
// Threads: unicode::table() is immutable once made. Internal to process/text.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace telex::unicode {

enum class Class : std::uint8_t {
  space,      // White space and control characters.
  letter,     // L* and letter-like numbers (Roman numerals).
  digit,      // Nd and No.
  mark,       // M*: belongs to what stands before it.
  ideograph,  // Han, Hiragana, Katakana, Bopomofo or Thai: a token of its own.
  other,      // Punctuation, symbols, emoji, private and unassigned code points.
  ignorable,  // Soft hyphen, joiners, direction marks, variation selectors: not there for a reader.
};

// Folded form and class of a code point in 32 bits: the low half is the folded code point or, with
// kSequence, an index into Table::sequences.
struct Info {
  static constexpr std::uint32_t kClassShift = 16;
  static constexpr std::uint32_t kUpper = 1U << 20;     // Lu and Lt.
  static constexpr std::uint32_t kLower = 1U << 21;     // Ll.
  static constexpr std::uint32_t kSequence = 1U << 22;  // Folds to a sequence (empty included).
  // Its folded form depends on what stands before it: a mark, a Hangul vowel or final.
  static constexpr std::uint32_t kJoins = 1U << 23;
  static constexpr std::uint32_t kSheds = 1U << 24;   // A base that sheds its marks (see fold.h).
  static constexpr std::uint32_t kKeeps = 1U << 25;   // ... but keeps one of them (й, ў, ї).
  static constexpr std::uint32_t kItself = 1U << 26;  // Folds to itself, above the BMP.

  std::uint32_t bits = 0;

  constexpr Class cls() const { return static_cast<Class>((bits >> kClassShift) & 0xFU); }
  constexpr bool has(std::uint32_t flag) const { return (bits & flag) != 0; }
  constexpr std::uint32_t folded() const { return bits & 0xFFFFU; }
};

// Up to three code points in UTF-8.
struct Sequence {
  std::uint8_t size = 0;
  std::array<char, 15> bytes{};
};

struct Table {
  std::vector<Info> bmp;  // 65,536 rows.
  std::vector<Sequence> sequences;
};

const Table& table();
// Class and folding of a code point above the BMP.
Info above_bmp(std::uint32_t code_point);

inline Info info(const Table& table, std::uint32_t code_point) {
  return code_point < 0x10000 ? table.bmp[code_point] : above_bmp(code_point);
}

inline constexpr std::uint32_t kInvalid = 0xFFFFFFFFU;

struct Decoded {
  std::uint32_t code_point = kInvalid;  // kInvalid: no well-formed sequence begins here ...
  std::uint32_t size = 1;               // ... and one byte is to be skipped.
};

Decoded decode_long(std::string_view text, std::size_t at);

// The code point at `at`. REQUIRES: at < text.size().
inline Decoded decode(std::string_view text, std::size_t at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  if (lead < 0x80) return {lead, 1};
  if (lead >= 0xC2 && lead <= 0xDF && at + 1 < text.size()) {
    const auto tail = static_cast<unsigned char>(text[at + 1]);
    if ((tail & 0xC0U) == 0x80U) return {((lead & 0x1FU) << 6U) | (tail & 0x3FU), 2};
  }
  return decode_long(text, at);  // Of three bytes or four, or none.
}

// Appends a code point as UTF-8 to `out`, which has room for four bytes; returns how many.
std::size_t encode(std::uint32_t code_point, char* out);

// Whether marks are shed from this (decomposed, case folded) letter: Latin, Greek or Cyrillic.
bool sheds_marks(std::uint32_t letter);
// Whether the letter and the mark together are a letter of their own: й, ў, ї.
bool keeps_mark(std::uint32_t letter, std::uint32_t mark);
bool is_mark(std::uint32_t code_point);

// The case folded canonical decomposition of a code point (compatibility decomposition for
// ligatures and full-width forms); returns how many of the at most kDecomposedMax were written.
inline constexpr std::size_t kDecomposedMax = 8;
std::size_t decompose(std::uint32_t code_point, std::array<std::int32_t, kDecomposedMax>& out);

}  // namespace telex::unicode
