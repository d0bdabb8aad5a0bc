// AsciiBlock: sixteen bytes of text at once, as bit masks of what each byte is and in lower case.
//
// Most words of a Latin-script text are ASCII and shorter than sixteen bytes, so one block holds a
// whole word: its length, case and folded form come from a few bit operations. SSE2 where the
// target has it (every x86-64), plain loops elsewhere; both give equal output (ascii_block_test).
#pragma once

#include <array>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace telex {

struct AsciiBlock {
  static constexpr std::uint32_t kBytes = 16;

  std::uint32_t upper = 0;                      // Bit i: byte i is A-Z ...
  std::uint32_t lower = 0;                      // ... a-z ...
  std::uint32_t digit = 0;                      // ... 0-9.
  alignas(16) std::array<char, kBytes> folded;  // A-Z in lower case, all else as it was.

  // REQUIRES: sixteen readable bytes at `bytes`.
  static AsciiBlock portable(const char* bytes) {
    AsciiBlock block;
    for (std::uint32_t i = 0; i < kBytes; ++i) {
      const char c = bytes[i];
      const bool is_upper = c >= 'A' && c <= 'Z';
      block.upper |= static_cast<std::uint32_t>(is_upper) << i;
      block.lower |= static_cast<std::uint32_t>(c >= 'a' && c <= 'z') << i;
      block.digit |= static_cast<std::uint32_t>(c >= '0' && c <= '9') << i;
      block.folded[i] = is_upper ? static_cast<char>(c + ('a' - 'A')) : c;
    }
    return block;
  }

  static AsciiBlock load(const char* bytes) {
#if defined(__SSE2__)
    // Bytes above 0x7F are negative and so in no range.
    __m128i v;
    std::memcpy(&v, bytes, sizeof v);
    const auto within = [v](char first, char last) {
      return _mm_and_si128(_mm_cmpgt_epi8(v, _mm_set1_epi8(static_cast<char>(first - 1))),
                           _mm_cmplt_epi8(v, _mm_set1_epi8(static_cast<char>(last + 1))));
    };
    const __m128i upper = within('A', 'Z');
    AsciiBlock block;
    block.upper = static_cast<std::uint32_t>(_mm_movemask_epi8(upper));
    block.lower = static_cast<std::uint32_t>(_mm_movemask_epi8(within('a', 'z')));
    block.digit = static_cast<std::uint32_t>(_mm_movemask_epi8(within('0', '9')));
    const __m128i folded = _mm_or_si128(v, _mm_and_si128(upper, _mm_set1_epi8(0x20)));
    std::memcpy(block.folded.data(), &folded, sizeof folded);
    return block;
#else
    return portable(bytes);
#endif
  }
};

}  // namespace telex
