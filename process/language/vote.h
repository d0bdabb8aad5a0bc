// The stop-word vote: in which language do an article's small words speak.
//
// Each word that is in n of the lists gives kWordWeight / n to each of those languages, so a word
// that only one language has weighs most and one that many share next to nothing.
// Internal to process/language. Threads: one at a time.
#pragma once

#include <cstdint>
#include <optional>

#include "process/language/stop_words.h"
#include "schemas/tokens.h"
#include "schemas/types.h"

namespace telex {

struct Vote {
  // Fewer stop words than these say nothing, and neither does a smaller share of all words:
  // in running text of a language with a list they are 30 to 50 in 100.
  static constexpr std::uint32_t kHitsMin = 3;
  static constexpr std::uint32_t kCoverageMin = 12;
  // A lead of less than this many per cent of the winner's score is no lead.
  static constexpr std::uint32_t kMarginMin = 15;
  // To overrule a detector that is sure takes more: lists of near relatives (nl and af, es and ca)
  // share most words. Found on the dev half of Lingua's sentences: 15 cost one Afrikaans sentence
  // in seven, 45 costs one in sixteen and no Dutch one.
  static constexpr std::uint32_t kAgainstMarginMin = 45;

  std::uint32_t word_count = 0;            // Words looked at.
  std::optional<std::uint32_t> winner;     // Index in stop_word_languages(); none: no stop word.
  std::optional<std::uint32_t> runner_up;  // The best that is no close relative of the winner.
  std::uint32_t hits = 0;                  // Words of the winner.
  std::uint32_t coverage = 0;              // The same in per cent of all words.
  std::uint32_t margin = 0;                // 0-100: the lead over the runner-up.

  bool is_clear() const {
    return winner && hits >= kHitsMin && coverage >= kCoverageMin && margin >= kMarginMin;
  }
  // The winner, or a close relative of it (Danish and Norwegian share most small words).
  bool is_for(LanguageCode language) const;
  // The vote can tell: it is very clear, the language has a list, and it is not for it.
  bool is_against(LanguageCode language) const {
    return is_clear() && margin >= kAgainstMarginMin && stop_word_index(language) &&
           !is_for(language);
  }
};

// Votes over at most `words_max` tokens spread evenly over `row`. Where relatives are level
// `preferred` (the publisher's) wins.
Vote vote(const Tokens& tokens, IndexRange row, std::uint32_t words_max, LanguageCode preferred);

}  // namespace telex
