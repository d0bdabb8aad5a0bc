// Language: a stage that says in which language an article is written, and by which evidence.
//
// 1. A publisher's tag that a stop-word vote over the article's tokens confirms is taken as it is
//    (evidence publisher_hint + stop_words). The vote costs a hash lookup a token and is capped at
//    kVoteTokensMax tokens spread over the article.
// 2. Otherwise CLD2 reads at most kDetectorBytesMax bytes, whole words from the longest parts, and
//    a clear vote must not contradict it (evidence detector, stop_words).
// 3. Where CLD2 is unsure or contradicted, a clear vote alone decides, with less confidence.
// 4. Too little text: the hint if there is one (low confidence), else undetermined.
// The formula of the confidence stands in language.cc, the thresholds of the vote in vote.h.
//
// Threads: one lane each. Never throws.
#pragma once

#include <cstdint>
#include <memory>

#include "process/stage.h"

namespace telex {

class LanguageStage {
 public:
  static constexpr std::uint32_t kVoteTokensMax = 400;
  static constexpr std::uint32_t kDetectorBytesMax = 512;

  LanguageStage();
  LanguageStage(LanguageStage&&) noexcept;
  ~LanguageStage();

  // Sets context.annotations.rows[row].language for every row that publishes.
  // REQUIRES: the tokeniser has run.
  void operator()(Batch& batch, StageContext& context) noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace telex
