#include "process/entities/article_text.h"

namespace telex {

bool ArticleText::lower_case_elsewhere(std::uint32_t token) const {
  const std::uint32_t begin = token - std::min(token - row_.first, kWindowTokens);
  const std::uint32_t end = token + std::min(row_.last() - token, kWindowTokens);
  const std::uint64_t hash = tokens_.hash[token];
  for (std::uint32_t i = begin; i < end; ++i) {
    if (tokens_.hash[i] == hash && !capital(i)) return true;
  }
  return false;
}

// A sentence is in capitals when nearly all of its words are, and in title case when it is a
// heading and nearly all of its words begin with one. German headings stay below: verbs are small.
const ArticleText::Sentence& ArticleText::sentence(std::uint32_t token) {
  if (sentence_.first != kNone && token >= sentence_.first && token < sentence_.last) {
    return sentence_;
  }
  Sentence fresh;
  const std::uint32_t low = token - std::min(token - row_.first, kWindowTokens);
  const std::uint32_t high = token + std::min(row_.last() - token, kWindowTokens);
  fresh.first = token;
  while (fresh.first > low && same_sentence(fresh.first - 1, token)) --fresh.first;
  fresh.last = token + 1;
  while (fresh.last < high && same_sentence(token, fresh.last)) ++fresh.last;
  std::uint32_t words = 0;
  std::uint32_t capitals = 0;
  std::uint32_t all_capitals = 0;
  for (std::uint32_t i = fresh.first; i < fresh.last; ++i) {
    if (!has(i, TokenShape::kWord) || tokens_.end[i] - tokens_.begin[i] < 2) continue;
    ++words;
    capitals += capital(i) ? 1U : 0U;
    all_capitals += has(i, TokenShape::kAllCapitals) ? 1U : 0U;
  }
  fresh.all_capitals = words >= 3 && all_capitals * 10 >= words * 7;
  const bool heading = has(token, TokenShape::kHeading);
  fresh.capitals_everywhere =
      fresh.all_capitals || (heading && words >= 3 && capitals * 10 >= words * 7);
  sentence_ = fresh;
  return sentence_;
}

}  // namespace telex
