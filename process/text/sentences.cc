#include "process/text/sentences.h"

#include "process/text/abbreviations.h"

namespace telex {
namespace {

bool opens(std::uint32_t code_point) {
  switch (code_point) {
    case '"':
    case '\'':
    case '(':
    case '[':
    case 0xAB:    // «
    case 0xBB:    // »
    case 0xA1:    // ¡
    case 0xBF:    // ¿
    case 0x2018:  // ‘
    case 0x201A:  // ‚
    case 0x201C:  // “
    case 0x201D:  // ”
    case 0x201E:  // „
    case 0x300C:  // 「
      return true;
    default:
      return false;
  }
}

bool goes_on_after(std::uint32_t code_point) {  // "etc., and".
  return code_point == ',' || code_point == ';' || code_point == ':';
}

}  // namespace

bool Sentences::ends_with(std::uint32_t code_point) {
  switch (code_point) {
    case '.':
    case '!':
    case '?':
    case 0x2026:  // …
    case 0x203C:  // ‼
    case 0x0964:  // Devanagari danda.
    case 0x061F:  // Arabic question mark ...
    case 0x06D4:  // ... and full stop.
    case 0x3002:  // 。
    case 0xFF01:  // ！
    case 0xFF1F:  // ？
    case 0xFF61:  // ｡
      return true;
    default:
      return false;
  }
}

void Sentences::end_paragraph(std::uint32_t token) {
  if (!on_) return;
  pending_ = Pending::none;
  starting_ = true;
  if (token == first_) return;  // Nothing in it yet.
  first_ = token;
  if (ordinal_ < kOrdinalMax) ++ordinal_;
}

void Sentences::after_terminator(std::uint32_t code_point, std::uint64_t hash, std::uint16_t shape,
                                 std::uint32_t bytes) {
  if (!on_) return;
  pending_ = code_point >= 0x3000 ? Pending::wide : Pending::stop;
  if (code_point != '.' || bytes == 0) return;
  constexpr std::uint32_t kOrdinalDigits = 2;
  constexpr std::uint32_t kLetterBytes = 2;
  const bool non_ascii = (shape & TokenShape::kNonAscii) != 0;
  if ((shape & TokenShape::kWord) == 0) {
    const bool number = (shape & TokenShape::kNumber) != 0;
    if (number && bytes <= kOrdinalDigits) pending_ = Pending::ordinal;
    return;
  }
  if (bytes == 1 || (bytes == kLetterBytes && non_ascii)) {  // An initial.
    const bool capital = (shape & TokenShape::kCapital) != 0;
    pending_ = capital ? Pending::none : Pending::maybe;
    return;
  }
  const std::uint8_t traits = word_traits(hash);
  if ((traits & WordTraits::kTitle) != 0) pending_ = Pending::none;
  if ((traits & WordTraits::kMayEnd) != 0) pending_ = Pending::maybe;
  if ((traits & WordTraits::kNumbered) != 0) pending_ = Pending::numbered;
}

void Sentences::after_acronym(std::uint64_t hash, std::uint32_t shape) {
  if (!on_) return;
  const bool may_end =
      (shape & TokenShape::kAllCapitals) != 0 || (word_traits(hash) & WordTraits::kMayEnd) != 0;
  pending_ = may_end ? Pending::maybe : Pending::none;
}

bool Sentences::ends_before(std::uint64_t hash, std::uint32_t shape) const {
  const bool number = (shape & TokenShape::kWord) == 0;
  const bool lower = (shape & kFirstLower) != 0;
  switch (pending_) {
    case Pending::none:
      return false;
    case Pending::stop:
    case Pending::wide:
      return !lower;
    case Pending::numbered:
      return !lower && !number;
    case Pending::maybe:
      return !lower && !number && (word_traits(hash) & WordTraits::kStarter) != 0;
    case Pending::ordinal:
      if (lower) return false;
      if (number) return true;
      if (german_) return (word_traits(hash) & WordTraits::kStarter) != 0;
      return (word_traits(hash) & WordTraits::kMonthDe) == 0;
  }
  return false;
}

void Sentences::resolve(std::uint64_t hash, std::uint32_t shape, std::uint32_t code_point,
                        std::uint32_t token) {
  const bool glued = (shape & TokenShape::kGlued) != 0;
  if (code_point != 0) {
    if (glued || pending_ == Pending::maybe) {
      if (goes_on_after(code_point)) pending_ = Pending::none;
      return;  // Closing quotes and brackets, more dots: the question stays.
    }
    if (opens(code_point)) {
      end_paragraph(token);
    } else if (goes_on_after(code_point)) {
      pending_ = Pending::none;
    }
    return;
  }
  const bool parted = !glued || pending_ == Pending::wide;
  const bool ends = parted && ends_before(hash, shape);
  pending_ = Pending::none;
  if (ends) end_paragraph(token);
}

}  // namespace telex
