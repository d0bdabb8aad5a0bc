#include "process/topics/rule_parser.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <map>
#include <utility>

#include "process/text/fold.h"
#include "process/text/phrase_table.h"
#include "process/text/tokeniser.h"

namespace telex {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name(char c) { return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-' || c == '_'; }
// Ends a word inside a combination; in a list only the comma does.
bool ends_term(char c) { return c == '(' || c == ')' || c == '|' || c == '&' || c == '!'; }

// Reads one file from front to back; keeps the first fault.
class Parser {
 public:
  Parser(std::string_view file, std::string_view text, const Vocabulary& vocabulary)
      : file_(file), text_(text), vocabulary_(vocabulary) {}

  bool run(std::vector<TopicRule>& out, std::string& error) {
    std::vector<TopicRule> rules;
    const bool done = read_file(rules);
    if (!done) {
      error = std::move(error_);
      return false;
    }
    std::move(rules.begin(), rules.end(), std::back_inserter(out));
    return true;
  }

 private:
  struct Mark {
    std::uint32_t line = 1;
    std::uint32_t column = 1;
  };

  bool read_file(std::vector<TopicRule>& rules) {
    if (text_.size() > RuleLimits::kFileBytesMax) return fail("the file is larger than 1 MiB");
    if (const std::size_t bad = first_invalid_utf8(text_); bad != text_.size()) {
      while (at_ < bad) advance();
      return fail("the file is not UTF-8");
    }
    if (text_.starts_with("\xEF\xBB\xBF")) at_ = line_begin_ = 3;
    for (skip_space(true); !at_end(); skip_space(true)) {
      if (!read_line(rules)) return false;
      skip_space(false);
      if (!at_end() && peek() != '\n') return expected("the end of the line");
    }
    return rules.empty() || finish(rules.back());
  }

  bool read_line(std::vector<TopicRule>& rules) {
    if (peek() == '-' || is_digit(peek())) {
      if (rules.empty()) return expected("\"topic\"");
      return read_words(rules.back());
    }
    const Mark mark = here();
    const std::string_view keyword = take_name();
    if (keyword == "topic") {
      if (!rules.empty() && !finish(rules.back())) return false;
      return read_topic(rules);
    }
    if (rules.empty()) return expected_at(mark, "\"topic\"");
    if (keyword == "threshold") {
      return read_number("a threshold", 1, RuleLimits::kThresholdMax, rules.back().threshold);
    }
    if (keyword == "cap") return read_number("a cap", 1, 20, rules.back().cap);
    if (keyword == "heading") {
      skip_space(false);
      if (at_end() || peek() != 'x') return expected("x1 to x9");
      advance();
      return read_number("a factor", 1, 9, rules.back().heading, false);
    }
    if (keyword == "combination") return read_combination(rules.back());
    return expected_at(
        mark, "a weight, \"threshold\", \"heading\", \"cap\", \"combination\" or \"topic\"");
  }

  bool read_topic(std::vector<TopicRule>& rules) {
    skip_space(false);
    const Mark mark = here();
    const std::string_view code = take_while([](char c) { return is_name(c) || c == ':'; });
    const auto topic = vocabulary_.find(code);
    if (code.empty()) return expected_at(mark, "a topic code");
    if (!topic) return fail_at(mark, "the vocabulary has no topic " + std::string(code));
    skip_space(false);
    const Mark language_mark = here();
    const std::string_view language = take_name();
    TopicRule rule;
    rule.language = LanguageCode::from_tag(language);
    if (rule.language.empty() || rule.language.view() != language) {
      return expected_at(language_mark, "a language code like \"nl\"");
    }
    if (rules.size() == RuleLimits::kRulesMax) return fail_at(mark, "too many rules in one file");
    for (const TopicRule& other : rules) {
      if (other.topic == *topic && other.language == rule.language) {
        return fail_at(mark, "the rule for " + std::string(code) + " in \"" +
                                 std::string(language) + "\" stands already in line " +
                                 std::to_string(other.line));
      }
    }
    rule.file = file_;
    rule.line = mark.line;
    rule.topic = *topic;
    rules.push_back(std::move(rule));
    terms_.clear();
    return true;
  }

  // What a rule must have when it is over.
  bool finish(const TopicRule& rule) {
    if (!rule.words.empty() || !rule.combinations.empty()) return true;
    return fail_at({rule.line, 1}, "the rule has no words");
  }

  bool read_words(TopicRule& rule) {
    int weight = 0;
    if (!read_number("a weight", -RuleLimits::kWeightMax, RuleLimits::kWeightMax, weight)) {
      return false;
    }
    if (!at_end() && !is_blank(peek()) && peek() != '\n') return expected("a space");
    for (bool more = true; more;) {
      RuleWord word;
      word.weight = weight;
      if (!read_term(word.term, false)) return false;
      if (rule.words.size() == RuleLimits::kWordsMax) return fail("too many words in one rule");
      if (!check_new(word.term)) return false;
      rule.words.push_back(std::move(word));
      skip_space(false);
      more = !at_end() && peek() == ',';
      if (more) advance();
    }
    return true;
  }

  bool read_combination(TopicRule& rule) {
    RuleCombination combination;
    skip_space(false);
    const Mark mark = here();
    combination.line = mark.line;
    combination.name = take_name();
    if (combination.name.empty()) return expected_at(mark, "the name of the combination");
    if (rule.combinations.size() == RuleLimits::kCombinationsMax) {
      return fail_at(mark, "too many combinations in one rule");
    }
    for (const RuleCombination& other : rule.combinations) {
      if (other.name == combination.name) {
        return fail_at(mark, "the combination \"" + combination.name +
                                 "\" stands already in line " + std::to_string(other.line));
      }
    }
    if (!take(':', "':'")) return false;
    std::size_t wanted = 0;
    for (bool more = true; more;) {
      skip_space(true);
      const Mark group_mark = here();
      if (combination.groups.size() == RuleLimits::kGroupsMax) {
        return fail_at(group_mark, "too many groups in one combination");
      }
      if (!read_group(combination.groups.emplace_back())) return false;
      if (!combination.groups.back().forbidden) ++wanted;
      skip_space(true);
      more = !at_end() && peek() == '&';
      if (more) advance();
    }
    if (wanted == 0) return fail_at(mark, "a combination needs a group without '!'");
    return read_combination_end(rule, std::move(combination));
  }

  bool read_combination_end(TopicRule& rule, RuleCombination combination) {
    const Mark mark = here();
    const std::string_view keyword = take_name();
    if (keyword == "within") {
      int words = 0;
      if (!read_number("a number of words", 0, static_cast<int>(RuleLimits::kWithinMax), words)) {
        return false;
      }
      combination.within = static_cast<std::uint32_t>(words);
      skip_space(true);
      const Mark unit_mark = here();
      const std::string_view unit = take_name();
      if (unit != "words" && unit != "word") return expected_at(unit_mark, "\"words\"");
      skip_space(true);
    } else if (!keyword.empty()) {
      return expected_at(mark, "'&', \"within\" or '='");
    }
    if (at_end() || peek() != '=') {
      return expected(combination.within == kAnywhere ? "'&', \"within\" or '='" : "'='");
    }
    advance();
    if (!read_number("a weight", 1, RuleLimits::kWeightMax, combination.weight)) return false;
    rule.combinations.push_back(std::move(combination));
    return true;
  }

  bool read_group(RuleGroup& group) {
    if (!at_end() && peek() == '!') {
      group.forbidden = true;
      advance();
    }
    if (!take('(', group.forbidden ? "'('" : "'(' or '!('")) return false;
    std::map<std::string, Mark> seen;
    for (bool more = true; more;) {
      skip_space(true);
      if (group.terms.size() == RuleLimits::kTermsMax) return fail("too many words in one group");
      RuleTerm& term = group.terms.emplace_back();
      if (!read_term(term, true)) return false;
      const auto [other, fresh] = seen.try_emplace(key(term), Mark{term.line, term.column});
      if (!fresh) return fail_twice(term, other->second);
      skip_space(true);
      more = !at_end() && peek() == '|';
      if (more) advance();
    }
    return take(')', "'|' or ')'");
  }

  // A word or phrase, up to a comma, a comment or the line's end; in a combination also up to one
  // of its signs.
  bool read_term(RuleTerm& term, bool in_combination) {
    skip_space(false);
    const Mark mark = here();
    const std::size_t begin = at_;
    while (!at_end() && peek() != ',' && peek() != '#' && peek() != '\n' &&
           !(in_combination && ends_term(peek()))) {
      advance();
    }
    std::string_view word = text_.substr(begin, at_ - begin);
    while (!word.empty() && is_blank(word.back())) word.remove_suffix(1);
    term.spelling = word;
    term.line = mark.line;
    term.column = mark.column;
    if (word.empty()) return expected_at(mark, "a word");
    if (word.size() > RuleLimits::kWordBytesMax) return fail_at(mark, "the word is too long");
    return classify(term, word, mark);
  }

  bool classify(RuleTerm& term, std::string_view word, Mark mark) {
    if (word.starts_with('=')) {
      term.kind = TermKind::exact_case;
      word.remove_prefix(1);
    } else if (word.ends_with('*')) {
      term.kind = TermKind::prefix;
      word.remove_suffix(1);
    } else if (word.starts_with('*')) {
      term.kind = TermKind::suffix;
      word.remove_prefix(1);
    }
    term.text = word;
    if (word.find('*') != std::string_view::npos) {
      return fail_at(mark, "'*' may stand only at one end of a word");
    }
    if (word.find_first_of("=()|!") != std::string_view::npos) {
      return fail_at(mark, "a word cannot hold any of = ( ) | !");
    }
    Tokens tokens;
    Tokeniser::tokenise_phrase(word, tokens);
    if (tokens.size() == 0 || !(tokens.shape[0] & (TokenShape::kWord | TokenShape::kNumber))) {
      return fail_at(mark, "a word must begin with a letter or digit");
    }
    if (tokens.size() > PhraseTable::kTokensMax)
      return fail_at(mark, "the phrase has too many words");
    if (term.kind != TermKind::prefix && term.kind != TermKind::suffix) return true;
    if (tokens.size() > 1 && term.kind == TermKind::suffix) {
      return fail_at(mark, "'*' at the beginning goes with a single word, not with a phrase");
    }
    const std::uint32_t last = tokens.size() - 1;
    const std::string_view stem = word.substr(tokens.begin[last]);
    if (tokens.end[last] != word.size() || (tokens.shape[last] & TokenShape::kWord) == 0 ||
        folded(stem).size() < RuleLimits::kStemBytesMin) {
      return fail_at(mark, "'*' must leave at least three letters");
    }
    if (last > 0) {
      term.kind = TermKind::tail;
      term.stem_begin = tokens.begin[last];
    }
    return true;
  }

  // Two spellings that find the same words have the same key.
  static std::string key(const RuleTerm& term) {
    if (term.kind == TermKind::exact_case) return "=" + term.text;
    Tokens tokens;
    Tokeniser::tokenise_phrase(term.text, tokens);
    std::string key = term.kind == TermKind::suffix ? "*" : "";
    for (const std::uint64_t hash : tokens.hash) key += std::to_string(hash) + " ";
    if (term.kind == TermKind::prefix || term.kind == TermKind::tail) key += "*";
    return key;
  }

  bool check_new(const RuleTerm& term) {
    const auto [other, fresh] = terms_.try_emplace(key(term), Mark{term.line, term.column});
    return fresh || fail_twice(term, other->second);
  }

  // --- characters ---

  bool at_end() const { return at_ == text_.size(); }
  char peek() const { return text_[at_]; }

  void advance() {
    if (text_[at_] == '\n') {
      ++line_;
      line_begin_ = at_ + 1;
    }
    ++at_;
  }

  Mark here() const {
    return {line_, count_code_points(text_.substr(line_begin_, at_ - line_begin_)) + 1};
  }

  // Blanks and comments; with `lines`, ends of lines too.
  void skip_space(bool lines) {
    while (!at_end()) {
      if (peek() == '#') {
        while (!at_end() && peek() != '\n') advance();
      } else if (is_blank(peek()) || (lines && peek() == '\n')) {
        advance();
      } else {
        return;
      }
    }
  }

  template <class Predicate>
  std::string_view take_while(Predicate predicate) {
    const std::size_t begin = at_;
    while (!at_end() && predicate(peek())) advance();
    return text_.substr(begin, at_ - begin);
  }
  std::string_view take_name() { return take_while(is_name); }

  bool take(char wanted, std::string_view name) {
    skip_space(true);
    if (at_end() || peek() != wanted) return expected(name);
    advance();
    return true;
  }

  bool read_number(std::string_view what, int low, int high, int& number, bool space = true) {
    if (space) skip_space(false);
    const Mark mark = here();
    const std::string_view digits = take_while([](char c) { return is_digit(c) || c == '-'; });
    const auto [end, status] =
        std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (status == std::errc{} && end == digits.data() + digits.size() && number >= low &&
        number <= high) {
      return true;
    }
    return expected_at(
        mark, std::string(what) + " from " + std::to_string(low) + " to " + std::to_string(high));
  }

  // --- faults; all return false ---

  bool fail_at(Mark mark, std::string_view what) {
    error_ = file_ + ":" + std::to_string(mark.line) + ":" + std::to_string(mark.column) + ": " +
             std::string(what);
    return false;
  }
  bool fail(std::string_view what) { return fail_at(here(), what); }
  bool fail_twice(const RuleTerm& term, Mark first) {
    return fail_at({term.line, term.column}, "\"" + term.spelling + "\" stands already in line " +
                                                 std::to_string(first.line));
  }

  // "expected X, found Y", Y being what stands at `mark`, up to a blank.
  bool expected_at(Mark mark, std::string_view what) {
    std::size_t begin = 0;
    for (std::uint32_t line = 1; line < mark.line; ++line) begin = text_.find('\n', begin) + 1;
    if (mark.line == 1 && text_.starts_with("\xEF\xBB\xBF")) begin = 3;
    for (std::uint32_t column = 1; column < mark.column; ++column) {
      do ++begin;
      while (begin < text_.size() && (static_cast<unsigned char>(text_[begin]) & 0xC0) == 0x80);
    }
    const std::size_t end = std::min(text_.find_first_of(" \t\r\n", begin), text_.size());
    std::string found = "the end of the file";
    if (end > begin) {
      std::size_t cut = std::min<std::size_t>(end - begin, 40);
      while (begin + cut < end && (static_cast<unsigned char>(text_[begin + cut]) & 0xC0) == 0x80) {
        ++cut;
      }
      found = "\"" + std::string(text_.substr(begin, cut)) + "\"";
    } else if (begin < text_.size()) {
      found = "the end of the line";
    }
    return fail_at(mark, "expected " + std::string(what) + ", found " + found);
  }
  bool expected(std::string_view what) { return expected_at(here(), what); }

  std::string file_;
  std::string_view text_;
  const Vocabulary& vocabulary_;
  std::size_t at_ = 0;
  std::size_t line_begin_ = 0;
  std::uint32_t line_ = 1;
  std::map<std::string, Mark> terms_;  // Of the rule that is being read.
  std::string error_;
};

}  // namespace

bool parse_rules(std::string_view file, std::string_view text, const Vocabulary& vocabulary,
                 std::vector<TopicRule>& out, std::string& error) {
  return Parser(file, text, vocabulary).run(out, error);
}

}  // namespace telex
