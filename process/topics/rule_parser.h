// The rule language: which words make an article belong to a topic, written so that an editor can
// read and change it. In the tradition of EMM's category definitions (JRC, "Defining categories or
// alerts": weighted words with a threshold, and combinations of AND, OR, NOT and proximity).
//
//   # A comment reaches to the end of the line.
//   topic medtop:16000000 nl           a rule: one topic in one language
//     threshold 30                     the score it needs (1-1000; default 30)
//     heading x2                       a word in a heading counts double (x1-x9; default x2)
//     cap 4                            a word counts at most four times (1-20; default 4)
//     30 oorlog, vredes*, *overleg     a weight (-100 to 100), then words and phrases
//     25 staakt-het-vuren
//     -20 prijzenoorlog                speaks against the topic
//     0 oorlog om de kijker            counts nothing, but hides the "oorlog" inside it
//     30 =NAVO                         only in exactly this spelling: not "navo"
//     combination talks: (vrede | bestand) & (gesprekken | onderhandel*) & !(cao | loon*)
//         within 12 words = 40
//
// Words  Case and diacritics make no difference (see process/text/fold.h), except after '='.
//        A phrase is several words; a hyphen parts words like a space does. '*' stands for any
//        letters, none included: at the end of a word or of a phrase's last word (car crash*), or
//        at the beginning of a single word; at least three letters must be left. Each rule is on
//        its own: where two of its words overlap in the text, the one that begins first counts,
//        then the longer one, then the one without '*'.
// Combinations  fire if every group has a hit and no "!(...)" group has one: in the whole article,
//        or, with "within N words", in one part in a stretch where first and last hit are at most N
//        words apart (0 = one compound) and no forbidden word stands in it or up to N words on
//        either side of it. Then they count like a word of their weight; stretches do not overlap.
// Lines  A list of words ends with its line; a combination may run over several lines, up to its
//        "= weight". Indentation is free.
//
// Ownership: values. Threads: none inside. Errors: the first fault, as "file:line:column: what was
// expected"; columns count code points from 1.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "process/topics/vocabulary.h"
#include "schemas/types.h"

namespace telex {

// What one rule file, rule or combination may hold. All are far above what people write.
struct RuleLimits {
  static constexpr std::size_t kFileBytesMax = 1U << 20;
  static constexpr std::size_t kWordBytesMax = 128;
  static constexpr std::uint32_t kRulesMax = 1024;       // A file.
  static constexpr std::uint32_t kWordsMax = 4096;       // A rule.
  static constexpr std::uint32_t kCombinationsMax = 64;  // A rule.
  static constexpr std::uint32_t kGroupsMax = 8;         // A combination.
  static constexpr std::uint32_t kTermsMax = 64;         // A group.
  static constexpr std::uint32_t kWithinMax = 200;       // Words.
  static constexpr int kWeightMax = 100;
  static constexpr int kThresholdMax = 1000;
  static constexpr std::uint32_t kStemBytesMin = 3;  // What a '*' must leave, folded.
};

enum class TermKind : std::uint8_t {
  phrase,      // One word or several.
  prefix,      // vredes*
  suffix,      // *overleg
  tail,        // car crash*
  exact_case,  // =NAVO
};

// A word as a rule names it.
struct RuleTerm {
  TermKind kind = TermKind::phrase;
  std::string spelling;          // As written, with its '*' or '='.
  std::string text;              // Without.
  std::uint32_t stem_begin = 0;  // tail: where in `text` the last word begins.
  std::uint32_t line = 0;        // Where it stands.
  std::uint32_t column = 0;
};

struct RuleWord {
  RuleTerm term;
  int weight = 0;
};

struct RuleGroup {
  bool forbidden = false;
  std::vector<RuleTerm> terms;
};

inline constexpr std::uint32_t kAnywhere = 0xFFFFFFFFU;

struct RuleCombination {
  std::string name;  // Lower-case letters, digits, '-' and '_'.
  std::vector<RuleGroup> groups;
  std::uint32_t within = kAnywhere;  // Words from first to last hit.
  int weight = 0;                    // 1-100.
  std::uint32_t line = 0;
};

// One topic in one language.
struct TopicRule {
  std::string file;
  std::uint32_t line = 0;
  std::uint16_t topic = 0;  // Index into the vocabulary.
  LanguageCode language;
  int threshold = 30;
  int heading = 2;
  int cap = 4;
  std::vector<RuleWord> words;
  std::vector<RuleCombination> combinations;
};

// Appends the rules of one file. False, with the fault in `error` and `out` unchanged, if the text
// is no rule file, names a topic that `vocabulary` does not have, or names a thing twice.
bool parse_rules(std::string_view file, std::string_view text, const Vocabulary& vocabulary,
                 std::vector<TopicRule>& out, std::string& error);

}  // namespace telex
