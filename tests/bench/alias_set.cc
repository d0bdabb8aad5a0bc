#include "tests/bench/alias_set.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "process/text/fold.h"
#include "process/text/tokeniser.h"

namespace telex::bench {
namespace {

constexpr std::array<std::string_view, 24> kSyllables{
    "ba",  "dor", "kel", "mi", "ra",  "ston", "vel", "zu",  "lan", "ter", "osk", "win",
    "fra", "gel", "hor", "nu", "pex", "qua",  "rim", "sol", "tav", "ul",  "ven", "yl"};

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::size_t below(std::size_t bound) {  // SplitMix64, as in corpus.cc.
    std::uint64_t z = state_ += 0x9E3779B97F4A7C15ULL;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
    z ^= z >> 31U;
    return ((z >> 32U) * bound) >> 32U;
  }
  std::string word() {
    std::string out;
    for (std::size_t i = 3 + below(3); i > 0; --i) out += kSyllables[below(kSyllables.size())];
    return out;
  }

 private:
  std::uint64_t state_;
};

// The words of a text in order, folded; "" where a sentence ends or something else stands between.
std::vector<std::string> words_of(const std::string& text) {
  Tokens tokens;
  const Part part{.text = text};
  Article article;
  article.parts = {&part, 1};
  Tokeniser().tokenise(article, tokens);
  std::vector<std::string> out;
  for (std::uint32_t i = 0; i < tokens.size(); ++i) {
    if (tokens.has(i, TokenShape::kWord)) {
      out.push_back(
          folded(std::string_view(text).substr(tokens.begin[i], tokens.end[i] - tokens.begin[i])));
      // What the byte matcher cannot see as two words parted by one space.
      if (i > 0 && tokens.begin[i] - tokens.end[i - 1] != 1) out.insert(out.end() - 1, "");
    } else {
      out.emplace_back();
    }
  }
  return out;
}

}  // namespace

AliasSet make_aliases(std::span<const std::string> texts, std::uint32_t count, std::uint64_t seed) {
  std::map<std::string, std::uint64_t> frequency;  // Ordered: the same everywhere.
  std::map<std::string, std::set<std::string>> followers;
  std::uint64_t total = 0;
  for (const std::string& text : texts) {
    const std::vector<std::string> words = words_of(text);
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (words[i].empty()) continue;
      ++total;
      ++frequency[words[i]];
      if (i + 1 < words.size() && !words[i + 1].empty()) followers[words[i]].insert(words[i + 1]);
    }
  }

  Random random(seed);
  std::vector<std::string> candidates;
  candidates.reserve(frequency.size());
  for (const auto& [word, times] : frequency) candidates.push_back(word);
  for (std::size_t i = candidates.size(); i > 1; --i) {
    std::swap(candidates[i - 1], candidates[random.below(i)]);
  }
  AliasSet out;
  std::vector<std::string> dense;
  std::uint64_t covered = 0;
  const auto wanted = static_cast<std::uint64_t>(kDenseShare * static_cast<double>(total));
  for (const std::string& word : candidates) {
    if (covered + frequency[word] > wanted) continue;
    covered += frequency[word];
    dense.push_back(word);
  }
  out.dense = static_cast<double>(covered) / static_cast<double>(total);

  std::unordered_set<std::string> known;
  const auto add = [&](std::string alias) {
    if (known.insert(alias).second) out.aliases.push_back(std::move(alias));
  };
  // A few that occur, for each dense word ...
  for (const std::string& word : dense) {
    std::size_t taken = 0;
    for (const std::string& next : followers[word]) {
      if (taken++ == 3) break;
      std::string alias = word;
      add(alias.append(1, ' ').append(next));
    }
  }
  // ... many that begin like the text but do not go on like it, and as many that do not occur.
  while (out.aliases.size() < count) {
    add(dense[random.below(dense.size())] + ' ' + random.word());
    if (out.aliases.size() < count) add(random.word() + ' ' + random.word());
  }
  return out;
}

}  // namespace telex::bench
