// TopicStage: says what an article is about, in IPTC Media Topics, and by which words.
//
// Runs over the tokens of every row that publishes and whose language has rules. The others get no
// topics: rules speak for one language only. All numbers are integers, so every machine agrees.
//
// Score of a rule, in one article of n words
//   units(w)  = min(cap, places in body + heading x places in headlines and headings)
//   raw       = sum over words and combinations of weight(w) x units(w)
//   score     = raw x sqrt(120) / sqrt(max(n, 40))
// A longer text names more of everything: as places of one word are capped and different words run
// out, raw grows slower than n, and the square root is what keeps passing mentions in a long read
// from adding up. The other way round, one strong word says more in a sentence than in a column;
// from 40 words down nothing changes any more, so that a single sentence is scored as a short
// brief. Weights and thresholds are thus meant for a text of 120 words. A rule fires if score >=
// threshold.
//
//   relevance  = 100 x score / (score + threshold), rounded down: 50 at the threshold, 75 at three
//                times, 90 at nine times.
//   confidence = min(95, 40 + 10 x min(d, 4) + 15 x (relevance - 50) / 50 + 5 if a heading or
//                headline has one of its words), where d = how many different words and
//                combinations speak for it. One word alone can be a homonym: d weighs most.
//
// Broader topics: a topic of a lower level implies its top topic, and lifts every topic above it
// that fired as well to at least its own relevance, and to its own confidence up to 80. A broader
// topic that is only implied carries the evidence of the narrower one. `Topic::broader` is the
// nearest broader topic *that the article has*; the vocabulary's tree may have levels between them.
//
// Side issues: a top topic whose score / threshold is below 30 % of that of the article's strongest
// top topic is left out with all below it; so is a lower topic against the strongest lower one. At
// most kTopicsMax stay.
//
// Order: by relevance, highest first; of equal relevance the higher level, then the higher quotient
// of score and threshold, then by code. So a broader topic always stands before its narrower ones.
//
// Evidence of a topic: at most kEvidenceMax rows, what contributed most first; weight is the rule's
// own, margin 100. Words with a negative weight lower the score and are not listed.
//
// Threads: scratch memory, one lane each. Allocation-free after warm-up. Never throws.
// Limits:  kTopicsMax, kEvidenceMax. Time is linear in the tokens.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "process/stage.h"
#include "process/text/phrase_table.h"
#include "process/topics/rules.h"
#include "process/topics/word_memo.h"

namespace telex {

class TopicStage {
 public:
  static constexpr std::uint32_t kTopicsMax = 8;
  static constexpr std::uint32_t kEvidenceMax = 12;
  static constexpr std::uint32_t kReferenceWords = 120;
  static constexpr std::uint32_t kShortestWords = 40;
  static constexpr std::uint32_t kSideIssuePercent = 30;
  static constexpr std::uint32_t kConfidenceMax = 95;
  static constexpr std::uint32_t kImpliedConfidenceMax = 80;

  // Sets context.annotations.rows[row].topics for every row that publishes.
  // REQUIRES: the tokeniser and the language stage have run.
  void operator()(Batch& batch, StageContext& context) noexcept;

 private:
  // What the words of the current article came to; one a word of the language's rules.
  struct WordCount {
    std::uint32_t body = 0;
    std::uint32_t heading = 0;
    std::uint32_t first_token = 0;
    std::uint32_t token_count = 0;
  };
  // The last hit of a group of a combination. Ordinals count words from 1; 0 = none yet.
  struct GroupHit {
    std::uint32_t ordinal = 0;
    std::uint32_t token = 0;
  };
  struct CombinationState {
    bool touched = false;
    std::uint32_t count = 0;
    std::uint32_t count_heading = 0;
    GroupHit groups[RuleLimits::kGroupsMax];
    // The stretch that a later forbidden word may still spoil; ends at an ordinal, 0 = none.
    std::uint32_t pending_end = 0;
    std::uint32_t pending_token = 0;
    std::uint32_t pending_last_token = 0;
    bool pending_heading = false;
    std::uint32_t first_token = 0;  // Of the first stretch that counted.
    std::uint32_t last_token = 0;
  };
  struct RuleSum {
    std::int64_t raw = 0;
    std::uint32_t distinct = 0;
    bool heading = false;
  };
  // One piece of evidence, before it becomes a row.
  struct Reason {
    std::uint32_t rule = 0;
    std::uint32_t index = 0;  // Of the word or combination.
    bool combination = false;
    std::uint32_t first_token = 0;
    std::int64_t contribution = 0;
  };
  struct Candidate {
    std::uint16_t topic = 0;
    std::uint32_t relevance = 0;
    std::uint32_t confidence = 0;
    std::int64_t strength = 0;        // 1000 x score / threshold: tells equal relevances apart.
    std::uint32_t evidence_rule = 0;  // Whose reasons it shows.
    std::uint16_t evidence_topic = 0;
  };

  void reserve(const TopicRules::Language& language);
  void count_words(const Article& article, const Tokens& tokens, IndexRange range,
                   const TopicRules::Language& language);
  void phrase_hit(const TopicRules::Language& language, const Article& article,
                  const Tokens& tokens, std::uint32_t last, const PhraseHit& found);
  bool tail_fits(const Article& article, const Tokens& tokens, std::uint32_t token,
                 std::uint32_t last, std::string_view tail);
  void hit(const TopicRules::Language& language, const Article& article, const Tokens& tokens,
           std::uint32_t row, std::uint32_t token, std::uint32_t token_count);
  void combination_hit(const TopicRules::Language& language, const TopicRules::Word& word,
                       std::uint32_t token, bool heading);
  void settle(CombinationState& state, bool spoiled);
  void sum_up(const TopicRules::Language& language);
  void choose(const TopicRules& rules, const TopicRules::Language& language);
  void imply_broader(const Vocabulary& vocabulary);
  void drop_side_issues(const Vocabulary& vocabulary);
  void write(const TopicRules& rules, const TopicRules::Language& language, const Tokens& tokens,
             std::uint32_t row, Annotations& out);
  IndexRange write_evidence(const TopicRules::Language& language, const Tokens& tokens,
                            std::uint32_t rule, Annotations& out);
  std::uint32_t nearest_listed(const Vocabulary& vocabulary, std::uint16_t topic) const;

  std::uint32_t words_ = 0;    // Words of the current article.
  std::uint32_t ordinal_ = 0;  // Of the current word; jumps at each part.

  std::vector<WordCount> counts_;             // By word.
  std::vector<std::uint32_t> touched_;        // Words counted in this article.
  std::vector<std::uint32_t> covered_until_;  // By rule: the token up to which it has had its hit.
  std::vector<CombinationState> combinations_;  // By combination.
  std::vector<std::uint32_t> touched_combinations_;
  std::vector<RuleSum> sums_;  // By rule.
  std::vector<Reason> reasons_;
  std::vector<Candidate> candidates_;
  std::vector<std::uint16_t> dropped_tops_;
  std::vector<IndexRange> evidence_of_rule_;  // By rule, of this article; count 0 = not written.
  std::vector<bool> shown_;                   // By rule: whether a topic shows its reasons.
  std::vector<PhraseHit> hits_;
  WordMemo memo_;
  // Whose words memo_ remembers; kept alive, so that no other can stand at its address.
  std::shared_ptr<const TopicRules> remembered_;
  std::string folded_;
};

}  // namespace telex
