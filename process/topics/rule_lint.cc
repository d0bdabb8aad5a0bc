#include "process/topics/rule_lint.h"

#include <algorithm>
#include <string_view>
#include <tuple>

#include "process/text/fold.h"

namespace telex {
namespace {

struct Warning {
  std::string_view file;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::string what;
};

// Two words with one form are found in the same places (but for the case of "=Word").
std::string form(const RuleTerm& term) {
  std::string form = term.kind == TermKind::suffix ? "*" : "";
  append_folded(term.text, form);
  if (term.kind == TermKind::prefix || term.kind == TermKind::tail) form += '*';
  return form;
}

bool fits(const RuleTerm& wildcard, const RuleTerm& word) {
  if (word.text.find_first_of(" -'") != std::string::npos) return false;
  const std::string stem = folded(wildcard.text);
  const std::string text = folded(word.text);
  if (wildcard.kind == TermKind::prefix) {
    return word.kind != TermKind::suffix && text.starts_with(stem);
  }
  return wildcard.kind == TermKind::suffix && word.kind != TermKind::prefix && text.ends_with(stem);
}

class Linter {
 public:
  Linter(std::span<const TopicRule> rules, const Vocabulary& vocabulary)
      : rules_(rules), vocabulary_(vocabulary) {}

  std::vector<std::string> run() {
    for (const TopicRule& rule : rules_) {
      check_reach(rule);
      check_words(rule);
      check_combinations(rule);
      for (const TopicRule& other : rules_) {
        if (other.language == rule.language && vocabulary_.is_above(other.topic, rule.topic)) {
          check_family(rule, other);
        }
      }
    }
    std::sort(warnings_.begin(), warnings_.end(), [](const Warning& a, const Warning& b) {
      return std::tie(a.file, a.line, a.column, a.what) <
             std::tie(b.file, b.line, b.column, b.what);
    });
    std::vector<std::string> lines;
    lines.reserve(warnings_.size());
    for (const Warning& warning : warnings_) {
      lines.push_back(std::string(warning.file) + ":" + std::to_string(warning.line) + ":" +
                      std::to_string(warning.column) + ": " + warning.what);
    }
    return lines;
  }

 private:
  void warn(const TopicRule& rule, const RuleTerm& term, std::string what) {
    warnings_.push_back({rule.file, term.line, term.column, "\"" + term.spelling + "\" " + what});
  }

  void check_reach(const TopicRule& rule) {
    int reach = 0;
    for (const RuleWord& word : rule.words) reach += std::max(word.weight, 0) * rule.cap;
    for (const RuleCombination& c : rule.combinations) reach += c.weight * rule.cap;
    if (reach >= rule.threshold) return;
    warnings_.push_back({rule.file, rule.line, 1, "all words together do not reach the threshold"});
  }

  void check_words(const TopicRule& rule) {
    for (const RuleWord& word : rule.words) {
      check_stem(rule, word.term);
      for (const RuleWord& other : rule.words) {
        if (&other == &word || other.weight != word.weight || !fits(other.term, word.term))
          continue;
        if (word.term.kind == TermKind::exact_case) continue;
        warn(rule, word.term, "does nothing: \"" + other.term.spelling + "\" covers it");
      }
    }
  }

  void check_stem(const TopicRule& rule, const RuleTerm& term) {
    if (term.kind != TermKind::prefix && term.kind != TermKind::suffix) return;
    if (count_code_points(term.text) < kStemLettersGood) warn(rule, term, "has a very short stem");
  }

  void check_combinations(const TopicRule& rule) {
    for (const RuleCombination& combination : rule.combinations) {
      for (const RuleGroup& group : combination.groups) {
        for (const RuleTerm& term : group.terms) {
          check_stem(rule, term);
          if (group.forbidden) check_forbidden(rule, combination, term);
        }
      }
    }
  }

  void check_forbidden(const TopicRule& rule, const RuleCombination& combination,
                       const RuleTerm& term) {
    for (const RuleGroup& group : combination.groups) {
      if (group.forbidden) continue;
      for (const RuleTerm& wanted : group.terms) {
        if (form(wanted) == form(term)) warn(rule, term, "is wanted and forbidden");
      }
    }
  }

  void check_family(const TopicRule& narrow, const TopicRule& broad) {
    for (const RuleWord& word : narrow.words) {
      for (const RuleWord& other : broad.words) {
        if (word.weight > 0 && other.weight < 0 && form(word.term) == form(other.term)) {
          warn(narrow, word.term, "speaks for this topic but against its broader one");
        }
      }
    }
  }

  std::span<const TopicRule> rules_;
  const Vocabulary& vocabulary_;
  std::vector<Warning> warnings_;
};

}  // namespace

std::vector<std::string> lint_rules(std::span<const TopicRule> rules,
                                    const Vocabulary& vocabulary) {
  return Linter(rules, vocabulary).run();
}

}  // namespace telex
