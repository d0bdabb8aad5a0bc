// A dictionary of a given size over a given text, as dense as a newsroom's: a set share of the
// words of the text begins some alias, few of them begin one that is there.
//
// Synthetic and seeded. Dictionaries of different sizes over the same text have the same hits.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace telex::bench {

struct AliasSet {
  std::vector<std::string> aliases;  // Folded, words parted by one space; each once.
  double dense = 0;                  // Share of the text's words that begin an alias, 0-1.
};

inline constexpr double kDenseShare = 0.186;  // Of the corpus that peers were measured on.

AliasSet make_aliases(std::span<const std::string> texts, std::uint32_t count, std::uint64_t seed);

}  // namespace telex::bench
