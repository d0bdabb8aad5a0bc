#include "process/language/vote.h"

#include <array>
#include <bit>
#include <string_view>

namespace telex {
namespace {

// Divisible by 1, 2, 3, 4, 5 and 6.
constexpr std::uint32_t kWordWeight = 60;
// By the number of languages that have the word.
constexpr std::array<std::uint32_t, 33> kWeights = [] {
  std::array<std::uint32_t, 33> weights{};
  for (std::uint32_t count = 1; count < weights.size(); ++count) {
    weights[count] = kWordWeight / count;
  }
  return weights;
}();

constexpr bool scandinavian(std::string_view code) {
  return code == "da" || code == "nb" || code == "no" || code == "nn";
}

bool related(LanguageCode a, LanguageCode b) {
  return a == b || (scandinavian(a.view()) && scandinavian(b.view()));
}

}  // namespace

bool Vote::is_for(LanguageCode language) const {
  return winner && related(stop_word_languages()[*winner], language);
}

Vote vote(const Tokens& tokens, IndexRange row, std::uint32_t words_max, LanguageCode preferred) {
  const auto languages = stop_word_languages();
  std::array<std::uint32_t, 32> scores{};
  std::array<std::uint32_t, 32> hits{};
  Vote result;
  const std::uint32_t taken = row.count < words_max ? row.count : words_max;
  // Positions in 32.32 fixed point: a division for each word would cost as much as its look-up.
  const std::uint64_t step = taken == 0 ? 0 : (std::uint64_t{row.count} << 32U) / taken;
  std::uint64_t position = 0;
  for (std::uint32_t i = 0; i < taken; ++i, position += step) {
    const std::uint32_t token = row.first + static_cast<std::uint32_t>(position >> 32U);
    if ((tokens.shape[token] & TokenShape::kWord) == 0) continue;
    ++result.word_count;
    const StopWord word = stop_word(tokens.hash[token]);
    if (word.languages == 0) continue;
    const std::uint32_t weight = kWeights[word.count];
    StopWordSet set = word.languages;
    for (; set != 0; set &= set - 1) {
      const auto language = static_cast<std::size_t>(std::countr_zero(set));
      scores[language] += weight;
      ++hits[language];
    }
  }
  const auto preferred_index = stop_word_index(preferred);
  const auto score =
      [&](std::uint32_t i) {  // A tenth more for the publisher's: relatives are level.
        return scores[i] * (preferred_index == i ? 11 : 10);
      };
  for (std::uint32_t i = 0; i < languages.size(); ++i) {
    if (scores[i] != 0 && (!result.winner || score(i) > score(*result.winner))) result.winner = i;
  }
  if (!result.winner) return result;
  for (std::uint32_t i = 0; i < languages.size(); ++i) {
    if (scores[i] == 0 || related(languages[i], languages[*result.winner])) continue;
    if (!result.runner_up || scores[i] > scores[*result.runner_up]) result.runner_up = i;
  }
  const std::uint32_t first = scores[*result.winner];
  const std::uint32_t second = result.runner_up ? scores[*result.runner_up] : 0;
  result.hits = hits[*result.winner];
  result.coverage = result.hits * 100 / result.word_count;
  result.margin = first > second ? (first - second) * 100 / first : 0;
  return result;
}

}  // namespace telex
