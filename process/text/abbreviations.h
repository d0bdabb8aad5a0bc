// What the sentence splitter knows of single words of nl, en, de, fr and es: abbreviations that
// carry a dot, words that begin sentences, and German months (which follow ordinals: "3. Oktober").
//
// Words are known by their folded hash; one table, made on first use, then immutable.
// Internal to process/text.
#pragma once

#include <cstdint>

namespace telex {

struct WordTraits {
  static constexpr std::uint8_t kTitle = 1U << 0;  // A dot after it never ends a sentence (dhr.).
  static constexpr std::uint8_t kNumbered = 1U
                                            << 1;   // ... not before a number (nr. 5, 3 jan. 2024).
  static constexpr std::uint8_t kMayEnd = 1U << 2;  // ... ends one only before a starter (etc. De).
  static constexpr std::uint8_t kStarter = 1U << 3;  // Begins sentences (De, The, Der, Le, El).
  static constexpr std::uint8_t kMonthDe = 1U << 4;
};

// The traits of the word with this folded hash; 0 for all others.
std::uint8_t word_traits(std::uint64_t folded_hash);

}  // namespace telex
