#include "process/text/unicode.h"

#include <algorithm>

#include <utf8proc.h>

namespace telex::unicode {
namespace {

struct Range {
  std::uint32_t first;
  std::uint32_t last;
};

template <std::size_t N>
constexpr bool within(const std::array<Range, N>& ranges, std::uint32_t code_point) {
  for (const Range& range : ranges) {
    if (code_point >= range.first && code_point <= range.last) return true;
  }
  return false;
}

// Blocks of the Unicode Character Database (Blocks.txt, 15.0) that hold letters of the three
// scripts; utf8proc has no script property.
constexpr std::array kLatinGreekCyrillic{
    Range{0x41, 0x5A},     Range{0x61, 0x7A},     Range{0xAA, 0xAA},     Range{0xBA, 0xBA},
    Range{0xC0, 0xD6},     Range{0xD8, 0xF6},     Range{0xF8, 0x2B8},    Range{0x370, 0x52F},
    Range{0x1C80, 0x1C8F}, Range{0x1D00, 0x1DBF}, Range{0x1E00, 0x1FFF}, Range{0x2C60, 0x2C7F},
    Range{0xA640, 0xA69F}, Range{0xA720, 0xA7FF}, Range{0xAB30, 0xAB6F},
};

// Scripts written without spaces between words. Marks in these blocks stay marks.
constexpr std::array kIdeographs{
    Range{0xE01, 0xE5B},     Range{0x2E80, 0x2FDF}, Range{0x3005, 0x3007}, Range{0x3031, 0x3035},
    Range{0x3041, 0x312F},   Range{0x31A0, 0x31BF}, Range{0x31F0, 0x31FF}, Range{0x3400, 0x4DBF},
    Range{0x4E00, 0x9FFF},   Range{0xF900, 0xFAFF}, Range{0xFF66, 0xFF9D}, Range{0x1B000, 0x1B16F},
    Range{0x20000, 0x3FFFD},
};

// Taken apart as NFKD has it: Dutch ij and the Croatian digraphs, Latin and Armenian ligatures,
// half-width and full-width forms.
constexpr std::array kCompatible{
    Range{0x132, 0x133},   Range{0x1C4, 0x1CC},   Range{0x1F1, 0x1F3},
    Range{0xFB00, 0xFB17}, Range{0xFF01, 0xFFEE},
};

// Variation selectors are marks by category, but only choose a picture.
constexpr std::array kSelectors{Range{0x34F, 0x34F}, Range{0x180B, 0x180F}, Range{0xFE00, 0xFE0F},
                                Range{0xE0100, 0xE01EF}};

constexpr std::uint32_t kYpogegrammeni = 0x345;  // A mark that case folding makes a letter.
constexpr std::uint32_t kBreve = 0x306;
constexpr std::uint32_t kDiaeresis = 0x308;

bool hangul_joins(std::uint32_t code_point) {  // Vowels and finals of conjoining jamo.
  return (code_point >= 0x1160 && code_point <= 0x11FF) ||
         (code_point >= 0xD7B0 && code_point <= 0xD7FF);
}

bool hangul_syllable(std::uint32_t code_point) {
  return code_point >= 0xAC00 && code_point <= 0xD7A3;
}

utf8proc_category_t category(std::uint32_t code_point) {
  return utf8proc_category(static_cast<utf8proc_int32_t>(code_point));
}

Class classify(std::uint32_t code_point, utf8proc_category_t kind) {
  if (code_point < 0x20 || code_point == 0x7F) return Class::space;
  if (code_point == 0x200B) return Class::space;  // Zero-width space: a place to break.
  if (within(kSelectors, code_point)) return Class::ignorable;
  switch (kind) {
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
      return Class::mark;
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_NL:
      return within(kIdeographs, code_point) ? Class::ideograph : Class::letter;
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NO:
      return Class::digit;
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CS:
      return Class::space;
    case UTF8PROC_CATEGORY_CF:
      return Class::ignorable;
    default:
      return Class::other;
  }
}

std::uint32_t class_bits(std::uint32_t code_point) {
  const utf8proc_category_t kind = category(code_point);
  std::uint32_t bits = static_cast<std::uint32_t>(classify(code_point, kind)) << Info::kClassShift;
  if (kind == UTF8PROC_CATEGORY_LU || kind == UTF8PROC_CATEGORY_LT) bits |= Info::kUpper;
  if (kind == UTF8PROC_CATEGORY_LL) bits |= Info::kLower;
  return bits;
}

// The folded form of one code point alone, composed; joins: of no meaning alone.
struct Alone {
  std::array<std::int32_t, kDecomposedMax> code_points{};
  std::size_t size = 0;
  bool joins = false;
  bool sheds = false;
  bool keeps = false;
};

Alone fold_alone(std::uint32_t code_point) {
  Alone result;
  std::array<std::int32_t, kDecomposedMax> parts{};
  const std::size_t count = decompose(code_point, parts);
  if (count == 0) return result;
  const auto first = static_cast<std::uint32_t>(parts[0]);
  result.joins = is_mark(first) || hangul_joins(first) || code_point == kYpogegrammeni;
  std::uint32_t base = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto part = static_cast<std::uint32_t>(parts[i]);
    if (is_mark(part)) {
      if (sheds_marks(base) && !keeps_mark(base, part)) continue;
    } else {
      base = part;
    }
    result.code_points[result.size++] = parts[i];
  }
  result.sheds = sheds_marks(base);
  result.keeps = keeps_mark(base, kBreve) || keeps_mark(base, kDiaeresis);
  result.size = static_cast<std::size_t>(std::max<utf8proc_ssize_t>(
      0, utf8proc_normalize_utf32(
             result.code_points.data(), static_cast<utf8proc_ssize_t>(result.size),
             static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE))));
  return result;
}

Info make_info(std::uint32_t code_point, std::vector<Sequence>& sequences) {
  Info info{class_bits(code_point)};
  if (hangul_syllable(code_point)) {
    info.bits |= code_point;
    return info;
  }
  const Alone alone = info.cls() == Class::ignorable ? Alone{} : fold_alone(code_point);
  if (alone.joins) info.bits |= Info::kJoins;
  if (alone.sheds) info.bits |= Info::kSheds;
  if (alone.keeps) info.bits |= Info::kKeeps;
  if (alone.size == 1 && alone.code_points[0] < 0x10000) {
    info.bits |= static_cast<std::uint32_t>(alone.code_points[0]);
    return info;
  }
  Sequence sequence;
  for (std::size_t i = 0; i < alone.size && sequence.size <= sequence.bytes.size() - 4; ++i) {
    sequence.size = static_cast<std::uint8_t>(
        sequence.size + encode(static_cast<std::uint32_t>(alone.code_points[i]),
                               sequence.bytes.data() + sequence.size));
  }
  info.bits |= Info::kSequence;
  if (sequence.size == 0) return info;  // Sequence 0 is the empty one.
  info.bits |= static_cast<std::uint32_t>(sequences.size());
  sequences.push_back(sequence);
  return info;
}

Table make_table() {
  Table table;
  table.sequences.emplace_back();
  table.bmp.reserve(0x10000);
  for (std::uint32_t code_point = 0; code_point < 0x10000; ++code_point) {
    table.bmp.push_back(make_info(code_point, table.sequences));
  }
  return table;
}

}  // namespace

const Table& table() {
  static const Table kTable = make_table();
  return kTable;
}

Info above_bmp(std::uint32_t code_point) {
  Info info{class_bits(code_point)};
  if (info.cls() == Class::ignorable) {
    info.bits |= Info::kSequence;
    return info;
  }
  std::array<std::int32_t, kDecomposedMax> parts{};
  const std::size_t count = decompose(code_point, parts);
  const bool itself = count == 1 && static_cast<std::uint32_t>(parts[0]) == code_point;
  info.bits |= itself && info.cls() != Class::mark ? Info::kItself : Info::kJoins;
  return info;
}

Decoded decode_long(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<std::uint32_t>(static_cast<unsigned char>(text[i])) : 0U;
  };
  const auto tail = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const std::uint32_t lead = byte(at);
  if (lead >= 0xE0 && lead <= 0xEF) {
    const std::uint32_t code_point =
        ((lead & 0xFU) << 12U) | ((byte(at + 1) & 0x3FU) << 6U) | (byte(at + 2) & 0x3FU);
    const bool surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
    if (tail(at + 1) && tail(at + 2) && code_point >= 0x800 && !surrogate) return {code_point, 3};
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    const std::uint32_t code_point = ((lead & 0x7U) << 18U) | ((byte(at + 1) & 0x3FU) << 12U) |
                                     ((byte(at + 2) & 0x3FU) << 6U) | (byte(at + 3) & 0x3FU);
    const bool tails = tail(at + 1) && tail(at + 2) && tail(at + 3);
    if (tails && code_point >= 0x10000 && code_point <= 0x10FFFF) return {code_point, 4};
  }
  return {kInvalid, 1};
}

std::size_t encode(std::uint32_t code_point, char* out) {
  if (code_point < 0x80) {
    out[0] = static_cast<char>(code_point);
    return 1;
  }
  if (code_point < 0x800) {
    out[0] = static_cast<char>(0xC0U | (code_point >> 6U));
    out[1] = static_cast<char>(0x80U | (code_point & 0x3FU));
    return 2;
  }
  if (code_point < 0x10000) {
    out[0] = static_cast<char>(0xE0U | (code_point >> 12U));
    out[1] = static_cast<char>(0x80U | ((code_point >> 6U) & 0x3FU));
    out[2] = static_cast<char>(0x80U | (code_point & 0x3FU));
    return 3;
  }
  out[0] = static_cast<char>(0xF0U | (code_point >> 18U));
  out[1] = static_cast<char>(0x80U | ((code_point >> 12U) & 0x3FU));
  out[2] = static_cast<char>(0x80U | ((code_point >> 6U) & 0x3FU));
  out[3] = static_cast<char>(0x80U | (code_point & 0x3FU));
  return 4;
}

bool sheds_marks(std::uint32_t letter) { return within(kLatinGreekCyrillic, letter); }

bool keeps_mark(std::uint32_t letter, std::uint32_t mark) {
  return (mark == kBreve && (letter == 0x438 || letter == 0x443)) ||
         (mark == kDiaeresis && letter == 0x456);
}

bool is_mark(std::uint32_t code_point) {
  if (code_point < 0x300) return false;
  const utf8proc_category_t kind = category(code_point);
  return kind == UTF8PROC_CATEGORY_MN || kind == UTF8PROC_CATEGORY_MC ||
         kind == UTF8PROC_CATEGORY_ME;
}

std::size_t decompose(std::uint32_t code_point, std::array<std::int32_t, kDecomposedMax>& out) {
  const bool compatible = within(kCompatible, code_point);
  const auto options =
      static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD |
                                     (compatible ? static_cast<int>(UTF8PROC_COMPAT) : 0));
  int last_boundclass = 0;
  const utf8proc_ssize_t written =
      utf8proc_decompose_char(static_cast<utf8proc_int32_t>(code_point), out.data(),
                              static_cast<utf8proc_ssize_t>(out.size()), options, &last_boundclass);
  if (written > 0 && static_cast<std::size_t>(written) <= out.size()) {
    return static_cast<std::size_t>(written);
  }
  out[0] = static_cast<std::int32_t>(code_point);
  return 1;
}

}  // namespace telex::unicode
