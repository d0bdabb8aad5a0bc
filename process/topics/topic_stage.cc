#include "process/topics/topic_stage.h"

#include <algorithm>
#include <bit>
#include <tuple>

#include "process/text/fold.h"

namespace telex {
namespace {

// Words lie further apart than any "within" where a new part begins.
constexpr std::uint32_t kPartGap = 2 * RuleLimits::kWithinMax + 1;

// The largest integer whose square is at most `n`: Newton's iteration from a power of two above.
constexpr std::uint64_t integer_sqrt(std::uint64_t n) {
  if (n < 2) return n;
  std::uint64_t root = std::uint64_t{1} << ((std::bit_width(n) + 1) / 2);
  for (;;) {
    const std::uint64_t next = (root + n / root) / 2;
    if (next >= root) return root;
    root = next;
  }
}

// sqrt(words) with 8 fraction bits.
constexpr std::int64_t length_root(std::uint32_t words) {
  return static_cast<std::int64_t>(integer_sqrt(std::uint64_t{words} << 16));
}
constexpr std::int64_t kReferenceRoot = length_root(TopicStage::kReferenceWords);

std::uint16_t saturated(std::uint32_t count) {
  return static_cast<std::uint16_t>(std::min<std::uint32_t>(count, 0xFFFF));
}

std::string_view surface(const Article& article, const Tokens& tokens, std::uint32_t first,
                         std::uint32_t count) {
  const std::string_view text = article.parts[tokens.part[first]].text;
  return text.substr(tokens.begin[first], tokens.end[first + count - 1] - tokens.begin[first]);
}

}  // namespace

void TopicStage::operator()(Batch& batch, StageContext& context) noexcept {
  const TopicRules* rules = context.generation.rules.get();
  if (remembered_.get() != rules) {
    remembered_ = context.generation.rules;
    memo_.clear();
  }
  std::fill(covered_until_.begin(), covered_until_.end(), 0);
  for (std::uint32_t row = 0; row < batch.size(); ++row) {
    if (!batch.publishes(row)) continue;
    RowAnnotations& annotations = context.annotations.rows[row];
    annotations.topics = {static_cast<std::uint32_t>(context.annotations.topics.size()), 0};
    if (rules == nullptr) continue;
    const TopicRules::Language* language = rules->find(annotations.language.code);
    if (language == nullptr) continue;
    reserve(*language);
    count_words(batch.article(row), context.tokens, context.tokens.rows[row], *language);
    sum_up(*language);
    choose(*rules, *language);
    write(*rules, *language, context.tokens, row, context.annotations);
  }
}

void TopicStage::reserve(const TopicRules::Language& language) {
  if (counts_.size() < language.words.size()) counts_.resize(language.words.size());
  if (covered_until_.size() < language.rules.size()) {
    covered_until_.resize(language.rules.size());
    sums_.resize(language.rules.size());
    evidence_of_rule_.resize(language.rules.size());
  }
  if (combinations_.size() < language.combinations.size()) {
    combinations_.resize(language.combinations.size());
  }
}

void TopicStage::count_words(const Article& article, const Tokens& tokens, IndexRange range,
                             const TopicRules::Language& language) {
  words_ = 0;
  ordinal_ = kPartGap;
  for (std::uint32_t token = range.first; token < range.last(); ++token) {
    if (token > range.first && tokens.part[token] != tokens.part[token - 1]) ordinal_ += kPartGap;
    const std::uint16_t shape = tokens.shape[token];
    if ((shape & (TokenShape::kWord | TokenShape::kNumber)) == 0) continue;
    ++words_;
    ++ordinal_;
    const std::uint64_t hash = tokens.hash[token];
    const std::uint64_t key = WordMemo::key(language, hash);
    const WordMemo::Entry* word = memo_.known(key);
    if (word == nullptr) {
      word = memo_.learn(key, language, hash, surface(article, tokens, token, 1));
    }
    if (word->begins_phrase) {
      hits_.clear();
      language.phrases.all(tokens, token, range.last(), hits_);
      // Longest first, so that the longest word of a rule covers its shorter ones.
      for (auto found = hits_.rbegin(); found != hits_.rend(); ++found) {
        phrase_hit(language, article, tokens, range.last(), *found);
      }
    }
    for (const std::uint32_t row : memo_.rows(*word)) {
      hit(language, article, tokens, row, token, 1);
    }
  }
  for (const std::uint32_t index : touched_combinations_) settle(combinations_[index], false);
}

void TopicStage::phrase_hit(const TopicRules::Language& language, const Article& article,
                            const Tokens& tokens, std::uint32_t last, const PhraseHit& found) {
  const auto rows = language.phrases.values(found.values);
  const std::uint32_t behind = found.first_token + found.token_count;
  // With its tail a phrase is one word longer, so those come first.
  for (const PhraseValue row : rows) {
    if (language.words[row].has_tail() &&
        tail_fits(article, tokens, behind, last, language.texts[row].tail)) {
      hit(language, article, tokens, row, found.first_token, found.token_count + 1);
    }
  }
  for (const PhraseValue row : rows) {
    if (!language.words[row].has_tail()) {
      hit(language, article, tokens, row, found.first_token, found.token_count);
    }
  }
}

// Whether the word at `token`, which follows the first words of a phrase, begins with `tail`.
bool TopicStage::tail_fits(const Article& article, const Tokens& tokens, std::uint32_t token,
                           std::uint32_t last, std::string_view tail) {
  if (token >= last || tokens.part[token] != tokens.part[token - 1] ||
      tokens.sentence[token] != tokens.sentence[token - 1]) {
    return false;
  }
  folded_.clear();
  append_folded(surface(article, tokens, token, 1), folded_);
  return std::string_view(folded_).starts_with(tail);
}

void TopicStage::hit(const TopicRules::Language& language, const Article& article,
                     const Tokens& tokens, std::uint32_t row, std::uint32_t token,
                     std::uint32_t token_count) {
  const TopicRules::Word& word = language.words[row];
  if (word.kind == TermKind::exact_case &&
      surface(article, tokens, token, token_count) != language.texts[row].text) {
    return;
  }
  const bool heading = tokens.has(token, TokenShape::kHeading);
  if (word.combination != TopicRules::kNoCombination) {
    combination_hit(language, word, token, heading);
    return;
  }
  if (token < covered_until_[word.rule]) return;
  covered_until_[word.rule] = token + token_count;
  WordCount& count = counts_[row];
  if (count.body + count.heading == 0) {
    touched_.push_back(row);
    count.first_token = token;
    count.token_count = token_count;
  }
  ++(heading ? count.heading : count.body);
}

// Closes the stretch that waits for the words behind it.
void TopicStage::settle(CombinationState& state, bool spoiled) {
  if (state.pending_end == 0) return;
  if (!spoiled) {
    if (state.count + state.count_heading == 0) {
      state.first_token = state.pending_token;
      state.last_token = state.pending_last_token;
    }
    ++(state.pending_heading ? state.count_heading : state.count);
  }
  state.pending_end = 0;
}

void TopicStage::combination_hit(const TopicRules::Language& language, const TopicRules::Word& word,
                                 std::uint32_t token, bool heading) {
  const TopicRules::Combination& combination = language.combinations[word.combination];
  CombinationState& state = combinations_[word.combination];
  if (!state.touched) {
    state = {};
    state.touched = true;
    touched_combinations_.push_back(word.combination);
  }
  const bool anywhere = combination.within == kAnywhere;
  state.groups[word.group] = {ordinal_, token};
  const bool forbidden = (combination.wanted >> word.group & 1U) == 0;
  if (anywhere) {
    if (heading && !forbidden) state.pending_heading = true;
    return;  // sum_up() looks at the whole article.
  }
  if (state.pending_end != 0 && ordinal_ > state.pending_end + combination.within) {
    settle(state, false);
  }
  if (forbidden) {
    if (state.pending_end != 0) settle(state, true);
    return;
  }
  std::uint32_t begin = ordinal_;
  std::uint32_t begin_token = token;
  std::uint32_t last_forbidden = 0;
  for (std::uint32_t g = 0; g < combination.group_count; ++g) {
    const GroupHit& group = state.groups[g];
    if ((combination.wanted >> g & 1U) == 0) {
      last_forbidden = std::max(last_forbidden, group.ordinal);
      continue;
    }
    if (group.ordinal == 0) return;
    if (group.ordinal < begin) {
      begin = group.ordinal;
      begin_token = group.token;
    }
  }
  if (ordinal_ - begin > combination.within) return;
  if (last_forbidden != 0 && last_forbidden + combination.within >= begin) return;
  settle(state, false);
  state.pending_end = ordinal_;
  state.pending_token = begin_token;
  state.pending_last_token = token;
  state.pending_heading = heading;
  for (std::uint32_t g = 0; g < combination.group_count; ++g) {
    if ((combination.wanted >> g & 1U) != 0) state.groups[g] = {};
  }
}

void TopicStage::sum_up(const TopicRules::Language& language) {
  reasons_.clear();
  std::fill_n(sums_.begin(), language.rules.size(), RuleSum{});
  const auto add = [&](std::uint32_t rule_index, int weight, std::uint32_t body,
                       std::uint32_t heading, std::uint32_t index, bool combination,
                       std::uint32_t first_token) {
    const TopicRules::Rule& rule = language.rules[rule_index];
    const std::int64_t places = std::int64_t{body} + std::int64_t{rule.heading} * heading;
    const std::int64_t contribution = weight * std::min<std::int64_t>(rule.cap, places);
    RuleSum& sum = sums_[rule_index];
    sum.raw += contribution;
    if (contribution <= 0) return;
    ++sum.distinct;
    sum.heading = sum.heading || heading > 0;
    reasons_.push_back({rule_index, index, combination, first_token, contribution});
  };
  for (const std::uint32_t row : touched_) {
    const TopicRules::Word& word = language.words[row];
    add(word.rule, word.weight, counts_[row].body, counts_[row].heading, row, false,
        counts_[row].first_token);
  }
  for (const std::uint32_t index : touched_combinations_) {
    const TopicRules::Combination& combination = language.combinations[index];
    CombinationState& state = combinations_[index];
    state.touched = false;
    if (combination.within == kAnywhere) {
      std::uint32_t met = 0;
      state.first_token = state.last_token = 0xFFFFFFFFU;
      for (std::uint32_t g = 0; g < combination.group_count; ++g) {
        if (state.groups[g].ordinal == 0) continue;
        met |= 1U << g;
        state.first_token = std::min(state.first_token, state.groups[g].token);
      }
      if (met != combination.wanted) continue;
      state.last_token = state.first_token;
      ++(state.pending_heading ? state.count_heading : state.count);
    }
    if (state.count + state.count_heading == 0) continue;
    add(combination.rule, combination.weight, state.count, state.count_heading, index, true,
        state.first_token);
  }
}

void TopicStage::choose(const TopicRules& rules, const TopicRules::Language& language) {
  candidates_.clear();
  const std::int64_t root = length_root(std::max(words_, kShortestWords));
  for (std::uint32_t rule_index = 0; rule_index < language.rules.size(); ++rule_index) {
    const RuleSum& sum = sums_[rule_index];
    if (sum.raw <= 0) continue;
    const TopicRules::Rule& rule = language.rules[rule_index];
    const std::int64_t score = sum.raw * kReferenceRoot / root;
    if (score < rule.threshold) continue;
    Candidate& candidate = candidates_.emplace_back();
    candidate.topic = rule.topic;
    candidate.relevance = static_cast<std::uint32_t>(100 * score / (score + rule.threshold));
    candidate.confidence =
        std::min(kConfidenceMax, 40 + 10 * std::min<std::uint32_t>(sum.distinct, 4) +
                                     15 * (candidate.relevance - 50) / 50 + (sum.heading ? 5 : 0));
    candidate.strength = 1000 * score / rule.threshold;
    candidate.evidence_rule = rule_index;
    candidate.evidence_topic = rule.topic;
  }
  const Vocabulary& vocabulary = rules.vocabulary();
  imply_broader(vocabulary);
  drop_side_issues(vocabulary);
  std::sort(candidates_.begin(), candidates_.end(), [&](const Candidate& a, const Candidate& b) {
    return std::tuple(b.relevance, vocabulary[a.topic].level, b.strength,
                      std::string_view(vocabulary[a.topic].code)) <
           std::tuple(a.relevance, vocabulary[b.topic].level, a.strength,
                      std::string_view(vocabulary[b.topic].code));
  });
  if (candidates_.size() > kTopicsMax) candidates_.resize(kTopicsMax);
}

void TopicStage::drop_side_issues(const Vocabulary& vocabulary) {
  std::int64_t best_top = 0;
  std::int64_t best_lower = 0;
  for (const Candidate& candidate : candidates_) {
    std::int64_t& best = vocabulary[candidate.topic].level == 1 ? best_top : best_lower;
    best = std::max(best, candidate.strength);
  }
  dropped_tops_.clear();
  const auto is_side_issue = [](const Candidate& candidate, std::int64_t best) {
    return candidate.strength * 100 < best * kSideIssuePercent;
  };
  for (const Candidate& candidate : candidates_) {
    if (vocabulary[candidate.topic].level == 1 && is_side_issue(candidate, best_top)) {
      dropped_tops_.push_back(candidate.topic);
    }
  }
  std::erase_if(candidates_, [&](const Candidate& candidate) {
    const VocabularyTopic& topic = vocabulary[candidate.topic];
    return std::find(dropped_tops_.begin(), dropped_tops_.end(), topic.top) !=
               dropped_tops_.end() ||
           (topic.level > 1 && is_side_issue(candidate, best_lower));
  });
}

void TopicStage::imply_broader(const Vocabulary& vocabulary) {
  const std::size_t fired = candidates_.size();
  for (std::size_t i = 0; i < fired; ++i) {
    const Candidate narrow = candidates_[i];
    const std::uint16_t top = vocabulary[narrow.topic].top;
    bool has_top = false;
    for (Candidate& other : candidates_) {
      if (other.topic != top && !vocabulary.is_above(other.topic, narrow.topic)) continue;
      has_top = has_top || other.topic == top;
      if (other.topic == narrow.topic) continue;
      const bool only_implied = other.evidence_topic != other.topic;
      if (only_implied && narrow.relevance > other.relevance) {
        other.evidence_rule = narrow.evidence_rule;
        other.evidence_topic = narrow.topic;
      }
      other.relevance = std::max(other.relevance, narrow.relevance);
      other.strength = std::max(other.strength, narrow.strength);
      other.confidence =
          std::max(other.confidence, std::min(narrow.confidence, kImpliedConfidenceMax));
    }
    if (has_top) continue;
    Candidate implied = narrow;
    implied.topic = top;
    implied.confidence = std::min(narrow.confidence, kImpliedConfidenceMax);
    candidates_.push_back(implied);
  }
}

std::uint32_t TopicStage::nearest_listed(const Vocabulary& vocabulary, std::uint16_t topic) const {
  for (std::uint16_t at = vocabulary[topic].broader; at != kNoTopic; at = vocabulary[at].broader) {
    for (const Candidate& candidate : candidates_) {
      if (candidate.topic == at) return at;
    }
  }
  return kNoTopic;
}

void TopicStage::write(const TopicRules& rules, const TopicRules::Language& language,
                       const Tokens& tokens, std::uint32_t row, Annotations& out) {
  const Vocabulary& vocabulary = rules.vocabulary();
  shown_.assign(language.rules.size(), false);
  for (const Candidate& candidate : candidates_) shown_[candidate.evidence_rule] = true;
  std::erase_if(reasons_, [&](const Reason& reason) { return !shown_[reason.rule]; });
  // By rule, then what contributed most, then first in the text.
  std::sort(reasons_.begin(), reasons_.end(), [](const Reason& a, const Reason& b) {
    return std::tie(a.rule, b.contribution, a.first_token, a.combination, a.index) <
           std::tie(b.rule, a.contribution, b.first_token, b.combination, b.index);
  });
  std::fill_n(evidence_of_rule_.begin(), language.rules.size(), IndexRange{});
  for (const Candidate& candidate : candidates_) {
    const VocabularyTopic& entry = vocabulary[candidate.topic];
    IndexRange& evidence = evidence_of_rule_[candidate.evidence_rule];
    if (evidence.count == 0) {
      evidence = write_evidence(language, tokens, candidate.evidence_rule, out);
    }
    Topic topic;
    topic.relevance = static_cast<Score>(candidate.relevance);
    topic.confidence = static_cast<Score>(candidate.confidence);
    topic.code = entry.code;
    topic.uri = entry.uri;
    topic.name = entry.english;
    const std::uint32_t broader = nearest_listed(vocabulary, candidate.topic);
    if (broader != kNoTopic) topic.broader = vocabulary[static_cast<std::uint16_t>(broader)].code;
    topic.evidence = evidence;
    out.topics.push_back(topic);
  }
  out.rows[row].topics.count = static_cast<std::uint32_t>(candidates_.size());
  for (const std::uint32_t word : touched_) counts_[word] = {};
  touched_.clear();
  touched_combinations_.clear();
}

IndexRange TopicStage::write_evidence(const TopicRules::Language& language, const Tokens& tokens,
                                      std::uint32_t rule, Annotations& out) {
  IndexRange range{static_cast<std::uint32_t>(out.evidence.size()), 0};
  auto reason =
      std::lower_bound(reasons_.begin(), reasons_.end(), rule,
                       [](const Reason& r, std::uint32_t wanted) { return r.rule < wanted; });
  for (; reason != reasons_.end() && reason->rule == rule && range.count < kEvidenceMax; ++reason) {
    Evidence row;
    row.artefact = Artefact::rules;
    row.margin = kScoreMax;
    std::uint32_t first = 0;
    std::uint32_t last = 0;
    if (reason->combination) {
      const CombinationState& state = combinations_[reason->index];
      row.kind = EvidenceKind::rule_combination;
      row.weight = static_cast<Score>(language.combinations[reason->index].weight);
      row.count = saturated(state.count + state.count_heading);
      row.count_heading = saturated(state.count_heading);
      row.entry = language.combinations[reason->index].name;
      first = state.first_token;
      last = state.last_token;
    } else {
      const WordCount& count = counts_[reason->index];
      row.kind = EvidenceKind::rule_word;
      row.weight = static_cast<Score>(language.words[reason->index].weight);
      row.count = saturated(count.body + count.heading);
      row.count_heading = saturated(count.heading);
      row.entry = language.texts[reason->index].spelling;
      first = count.first_token;
      last = count.first_token + count.token_count - 1;
    }
    row.part = tokens.part[first];
    row.range = {tokens.begin[first], tokens.end[last]};
    out.evidence.push_back(row);
    ++range.count;
  }
  return range;
}

}  // namespace telex
