// The words and sentence patterns that the benchmarks' articles are made of, for nl, en, de, fr,
// es. Our own; no text of others. See corpus.h for the slots of a pattern.
//
// Static storage, immutable, free to share.
#pragma once

#include <array>
#include <span>
#include <string_view>

namespace telex::bench {

inline constexpr std::size_t kLanguageCount = 5;
inline constexpr std::array<std::string_view, kLanguageCount> kLanguages{"nl", "en", "de", "fr",
                                                                         "es"};

struct LanguageWords {
  std::span<const std::string_view> sentences;  // Each names people, places and organisations.
  std::span<const std::string_view> plain;      // No names at all.
  std::span<const std::string_view> headlines;
  std::span<const std::string_view> headings;  // Section headings, without names.
  std::string_view nouns;                      // Parted by '|', each with its article.
  std::string_view adjectives;                 // Parted by spaces, as are the next three.
  std::string_view verbs;
  std::string_view stems;  // With endings: words of the long tail, stem + ending.
  std::string_view endings;
  std::string_view times;  // Parted by '|'.
};

// By index into kLanguages.
const LanguageWords& words(std::size_t language);

// The same thing in each language of kLanguages.
using Spellings = std::array<std::string_view, kLanguageCount>;
struct CountryWords {
  Spellings name, adjective, demonym;
};
std::span<const CountryWords> countries();
std::span<const Spellings> cities();
std::span<const Spellings> organisations();
// Full names; the surname is all after the first word. For when no tables are at hand.
std::span<const std::string_view> people();

}  // namespace telex::bench
