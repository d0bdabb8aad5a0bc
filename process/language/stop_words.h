// Stop words: the small words by which a language shows itself, of twenty languages, known by their
// folded hash. Used by the language vote, and by whoever must tell a small word from a name.
//
// Source: the lists of the Snowball project (BSD licence), as NLTK's stopwords corpus has them, for
// nl en de fr es it pt da sv nb fi hu ru tr; additions and the lists of pl uk ca ro cs af are ours.
//
// Threads: the table is made on first use and immutable then.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "schemas/types.h"

namespace telex {

// A set of languages: bit i stands for stop_word_languages()[i].
using StopWordSet = std::uint32_t;

// At most 32, in a fixed order.
std::span<const LanguageCode> stop_word_languages();

// The index of a language in stop_word_languages(); "no" and "nn" count as "nb".
std::optional<std::uint32_t> stop_word_index(LanguageCode language);

struct StopWord {
  StopWordSet languages = 0;  // Those that have it in their list; 0 = no stop word.
  std::uint32_t count = 0;    // How many they are.
};

// The word with this folded hash.
StopWord stop_word(std::uint64_t folded_hash);
inline StopWordSet stop_word_set(std::uint64_t folded_hash) {
  return stop_word(folded_hash).languages;
}

// False for languages without a list.
bool is_stop_word(std::uint64_t folded_hash, LanguageCode language);

}  // namespace telex
