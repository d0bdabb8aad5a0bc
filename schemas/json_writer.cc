#include "schemas/json_writer.h"

#include <array>
#include <bit>
#include <cstdint>

namespace telex {
namespace {

// Room is taken in steps, because a string can only grow by writing zeros first.
constexpr std::size_t kStepBytes = std::size_t{16} << 10;
// The longest escape is \u00XX.
constexpr std::size_t kEscapeBytesMax = 6;
// Whole words are written, so up to one behind the text.
constexpr std::size_t kSlackBytes = 8;
constexpr std::string_view kHexDigits = "0123456789abcdef";

// 0: stands for itself; 'u': \u00XX; else the letter of the short escape.
constexpr std::array<char, 256> kEscapes = [] {
  std::array<char, 256> table{};
  for (std::size_t c = 0; c < 0x20; ++c) table[c] = 'u';
  table['\b'] = 'b';
  table['\f'] = 'f';
  table['\n'] = 'n';
  table['\r'] = 'r';
  table['\t'] = 't';
  table['"'] = '"';
  table['\\'] = '\\';
  return table;
}();

constexpr std::uint64_t repeated(std::uint8_t byte) { return 0x0101010101010101ULL * byte; }

// The high bit of every byte of `word` that needs an escape, at least up to and including the first
// such byte (a borrow can only set bits above a true one).
// Source of the tests for zero bytes and for bytes below n: S. E. Anderson, Bit Twiddling Hacks.
std::uint64_t needs_escape(std::uint64_t word) {
  const auto has_zero = [](std::uint64_t w) { return (w - repeated(1)) & ~w; };
  const std::uint64_t quotes = has_zero(word ^ repeated('"'));
  const std::uint64_t backslashes = has_zero(word ^ repeated('\\'));
  const std::uint64_t controls = (word - repeated(0x20)) & ~word;
  return (quotes | backslashes | controls) & repeated(0x80);
}

// Copies from `from` up to the first byte that needs an escape, or to the end; eight bytes at a
// time, the last few in a word that reaches back into what is already copied. Stops short of the
// end of texts below eight bytes. Writes up to kSlackBytes behind what it copies.
void copy_clean(std::string_view text, const char*& from, char*& to) {
  const char* const end = text.data() + text.size();
  while (end - from >= 8) {
    std::uint64_t word;
    std::memcpy(&word, from, 8);
    std::memcpy(to, &word, 8);
    const std::uint64_t mask = needs_escape(word);
    const auto clean = mask == 0 ? 8 : std::countr_zero(mask) / 8;
    from += clean;
    to += clean;
    if (mask != 0) return;
  }
  if (from == end || text.size() < 8) return;
  const auto left = static_cast<unsigned>(end - from);
  std::uint64_t word;
  std::memcpy(&word, end - 8, 8);
  word >>= 8 * (8 - left);
  std::memcpy(to, &word, 8);
  const std::uint64_t mask = needs_escape(word);
  const auto clean = mask == 0 ? left : static_cast<unsigned>(std::countr_zero(mask)) / 8;
  from += clean < left ? clean : left;
  to += clean < left ? clean : left;
}

}  // namespace

void append_json_string(std::string_view text, std::string& out) {
  JsonWriter writer(out);
  writer.string(text);
}

void JsonWriter::grow(std::size_t bytes) {
  const auto used = static_cast<std::size_t>(at_ - out_.data());
  out_.resize(used + bytes + kStepBytes);
  at_ = out_.data() + used;
  end_ = out_.data() + out_.size();
}

void JsonWriter::string(std::string_view text) {
  // In pieces, so that the room for the worst case stays small.
  constexpr std::size_t kPiece = 1024;
  need(1);
  *at_++ = '"';
  while (!text.empty()) {
    const std::string_view piece = text.substr(0, kPiece);
    need(piece.size() * kEscapeBytesMax + kSlackBytes);
    at_ = escape(piece, at_);
    text.remove_prefix(piece.size());
  }
  need(1);
  *at_++ = '"';
}

char* JsonWriter::escape(std::string_view text, char* to) {
  const char* from = text.data();
  const char* const end = from + text.size();
  while (from != end) {
    if constexpr (std::endian::native == std::endian::little) {
      copy_clean(text, from, to);
      if (from == end) break;
    }
    const char c = *from++;
    const char escape = kEscapes[static_cast<unsigned char>(c)];
    if (escape == 0) {
      *to++ = c;
      continue;
    }
    *to++ = '\\';
    *to++ = escape;
    if (escape == 'u') {
      *to++ = '0';
      *to++ = '0';
      *to++ = kHexDigits[static_cast<unsigned char>(c) >> 4U];
      *to++ = kHexDigits[static_cast<unsigned char>(c) & 0xFU];
    }
  }
  return to;
}

}  // namespace telex
