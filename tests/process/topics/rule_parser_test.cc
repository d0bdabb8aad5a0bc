#include "process/topics/rule_parser.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/process/topics/topics_testing.h"

namespace telex {
namespace {

std::vector<TopicRule> parsed(std::string_view text) {
  std::vector<TopicRule> rules;
  std::string error;
  EXPECT_TRUE(parse_rules("a.rules", text, *testing::small_vocabulary(), rules, error)) << error;
  return rules;
}

TEST(RuleParser, ReadsARuleAsWritten) {
  const auto rules = parsed(
      "# a comment\n"
      "topic medtop:16000000 nl  # conflict\n"
      "  threshold 25\n"
      "  heading x3\n"
      "  cap 5\n"
      "  30 oorlog, staakt-het-vuren,  Den Haag\n"
      "  -20 prijzenoorlog\n"
      "  15 vredes*, *overleg, =NAVO, car crash*\n"
      "  combination talks: (vrede | bestand) & (gesprek* | onderhandel*)\n"
      "      & !(cao) within 12 words = 40\n");
  ASSERT_EQ(rules.size(), 1U);
  const TopicRule& rule = rules[0];
  EXPECT_EQ(rule.line, 2U);
  EXPECT_EQ(rule.language.view(), "nl");
  EXPECT_EQ(rule.threshold, 25);
  EXPECT_EQ(rule.heading, 3);
  EXPECT_EQ(rule.cap, 5);
  ASSERT_EQ(rule.words.size(), 8U);
  EXPECT_EQ(rule.words[1].term.spelling, "staakt-het-vuren");
  EXPECT_EQ(rule.words[2].term.text, "Den Haag");
  EXPECT_EQ(rule.words[3].weight, -20);
  EXPECT_EQ(rule.words[4].term.kind, TermKind::prefix);
  EXPECT_EQ(rule.words[4].term.text, "vredes");
  EXPECT_EQ(rule.words[5].term.kind, TermKind::suffix);
  EXPECT_EQ(rule.words[6].term.kind, TermKind::exact_case);
  EXPECT_EQ(rule.words[6].term.text, "NAVO");
  EXPECT_EQ(rule.words[7].term.kind, TermKind::tail);
  EXPECT_EQ(rule.words[7].term.stem_begin, 4U);
  ASSERT_EQ(rule.combinations.size(), 1U);
  const RuleCombination& talks = rule.combinations[0];
  EXPECT_EQ(talks.name, "talks");
  ASSERT_EQ(talks.groups.size(), 3U);
  EXPECT_EQ(talks.groups[1].terms[1].spelling, "onderhandel*");
  EXPECT_TRUE(talks.groups[2].forbidden);
  EXPECT_EQ(talks.within, 12U);
  EXPECT_EQ(talks.weight, 40);
}

TEST(RuleParser, DefaultsAreThirtyDoubleAndFour) {
  const auto rules = parsed("topic medtop:15000000 nl\n30 sport");
  EXPECT_EQ(rules[0].threshold, 30);
  EXPECT_EQ(rules[0].heading, 2);
  EXPECT_EQ(rules[0].cap, 4);
}

TEST(RuleParser, CombinationWithoutWithinMeansAnywhere) {
  const auto rules = parsed("topic medtop:15000000 nl\ncombination a: (x1) & (y1) = 10\n");
  EXPECT_EQ(rules[0].combinations[0].within, kAnywhere);
}

TEST(RuleParser, WindowsLineEndsAndByteOrderMarkAreFine) {
  EXPECT_EQ(parsed("\xEF\xBB\xBFtopic medtop:15000000 nl\r\n  30 sport, bal\r\n")[0].words.size(),
            2U);
}

TEST(RuleParser, ANumberMayBeAWord) {
  EXPECT_EQ(parsed("topic medtop:16000000 nl\n30 11 september\n")[0].words[0].term.text,
            "11 september");
}

TEST(RuleParser, AnEmptyFileHasNoRules) { EXPECT_TRUE(parsed("\n # nothing\n").empty()); }

struct BadCase {
  const char* name;
  std::string text;
  const char* error;
};

const std::string kTopic = "topic medtop:16000000 nl\n";

const BadCase kBad[] = {
    {"words_before_a_topic", "30 oorlog\n", "1:1: expected \"topic\", found \"30\""},
    {"threshold_before_a_topic", "threshold 3\n", "1:1: expected \"topic\", found \"threshold\""},
    {"unknown_topic", "topic medtop:12345678 nl\n",
     "1:7: the vocabulary has no topic medtop:12345678"},
    {"no_code", "topic\n", "1:6: expected a topic code, found the end of the line"},
    {"no_language", "topic medtop:16000000\n",
     "1:22: expected a language code like \"nl\", found the end of the line"},
    {"bad_language", "topic medtop:16000000 dutch\n",
     "1:23: expected a language code like \"nl\", found \"dutch\""},
    {"rest_of_line", "topic medtop:16000000 nl be\n",
     "1:26: expected the end of the line, found \"be\""},
    {"rule_without_words", kTopic, "1:1: the rule has no words"},
    {"rule_without_words_in_the_middle", kTopic + "topic medtop:15000000 nl\n30 sport\n",
     "1:1: the rule has no words"},
    {"same_rule_twice", kTopic + "30 oorlog\n" + kTopic + "30 vrede\n",
     "3:7: the rule for medtop:16000000 in \"nl\" stands already in line 1"},
    {"same_word_twice", kTopic + "30 oorlog\n20 vrede, Oorlog\n",
     "3:11: \"Oorlog\" stands already in line 2"},
    {"same_word_with_other_accents", kTopic + "30 oorlog, coördinatie, coordinatie\n",
     "2:25: \"coordinatie\" stands already in line 2"},
    {"same_phrase_with_a_hyphen", kTopic + "30 staakt het vuren, staakt-het-vuren\n",
     "2:22: \"staakt-het-vuren\" stands already in line 2"},
    {"unknown_keyword", kTopic + "  tresholt 3\n",
     "2:3: expected a weight, \"threshold\", \"heading\", \"cap\", \"combination\" or \"topic\", "
     "found \"tresholt\""},
    {"weight_too_large", kTopic + "130 oorlog\n",
     "2:1: expected a weight from -100 to 100, found \"130\""},
    {"weight_no_number", kTopic + "3-0 oorlog\n",
     "2:1: expected a weight from -100 to 100, found \"3-0\""},
    {"weight_glued", kTopic + "30oorlog\n", "2:3: expected a space, found \"oorlog\""},
    {"threshold_zero", kTopic + "threshold 0\n",
     "2:11: expected a threshold from 1 to 1000, found \"0\""},
    {"heading_without_x", kTopic + "heading 2\n", "2:9: expected x1 to x9, found \"2\""},
    {"heading_too_large", kTopic + "heading x12\n",
     "2:10: expected a factor from 1 to 9, found \"12\""},
    {"cap_too_large", kTopic + "cap 50\n", "2:5: expected a cap from 1 to 20, found \"50\""},
    {"no_word", kTopic + "30\n", "2:3: expected a word, found the end of the line"},
    {"comma_at_the_end", kTopic + "30 oorlog,\n",
     "2:11: expected a word, found the end of the line"},
    {"two_commas", kTopic + "30 oorlog,, vrede\n", "2:11: expected a word, found \",\""},
    {"star_inside", kTopic + "30 oor*log\n", "2:4: '*' may stand only at one end of a word"},
    {"star_at_both_ends", kTopic + "30 *oorlog*\n", "2:4: '*' may stand only at one end of a word"},
    {"star_leaves_too_little", kTopic + "30 vr*\n", "2:4: '*' must leave at least three letters"},
    {"star_after_a_short_last_word", kTopic + "30 start-up*\n",
     "2:4: '*' must leave at least three letters"},
    {"star_before_a_phrase", kTopic + "30 *ter overleg\n",
     "2:4: '*' at the beginning goes with a single word, not with a phrase"},
    {"sign_in_a_word", kTopic + "30 oorlog | vrede\n", "2:4: a word cannot hold any of = ( ) | !"},
    {"no_letter", kTopic + "30 ...\n", "2:4: a word must begin with a letter or digit"},
    {"columns_count_code_points", kTopic + "30 België, één, vr*\n",
     "2:17: '*' must leave at least three letters"},
    {"combination_without_name", kTopic + "combination : (a) = 3\n",
     "2:13: expected the name of the combination, found \":\""},
    {"combination_without_colon", kTopic + "combination a (b) = 3\n",
     "2:15: expected ':', found \"(b)\""},
    {"combination_without_groups", kTopic + "combination a: = 3\n",
     "2:16: expected '(' or '!(', found \"=\""},
    {"combination_only_forbidden", kTopic + "combination a: !(b) = 3\n",
     "2:13: a combination needs a group without '!'"},
    {"combination_open_group", kTopic + "combination a: (b | c\n",
     "3:1: expected '|' or ')', found the end of the file"},
    {"combination_empty_group", kTopic + "combination a: () = 3\n",
     "2:17: expected a word, found \")\""},
    {"combination_without_weight", kTopic + "combination a: (b)\n30 oorlog\n",
     "3:1: expected '&', \"within\" or '=', found \"30\""},
    {"combination_negative_weight", kTopic + "combination a: (b) = -3\n",
     "2:22: expected a weight from 1 to 100, found \"-3\""},
    {"combination_within_what", kTopic + "combination a: (b) within 3 lines = 3\n",
     "2:29: expected \"words\", found \"lines\""},
    {"combination_within_too_far", kTopic + "combination a: (b) within 900 words = 3\n",
     "2:27: expected a number of words from 0 to 200, found \"900\""},
    {"combination_twice", kTopic + "combination a: (b) = 3\ncombination a: (c) = 3\n",
     "3:13: the combination \"a\" stands already in line 2"},
    {"combination_same_word", kTopic + "combination a: (b1 | B1) = 3\n",
     "2:22: \"B1\" stands already in line 2"},
    {"not_utf8", kTopic + "30 oorlog\n30 \xFF\n", "3:4: the file is not UTF-8"},
};

TEST(RuleParser, FaultsSayWhereAndWhatWasExpected) {
  for (const BadCase& row : kBad) {
    std::vector<TopicRule> rules;
    std::string error;
    EXPECT_FALSE(parse_rules("a.rules", row.text, *testing::small_vocabulary(), rules, error))
        << row.name;
    EXPECT_EQ(error, std::string("a.rules:") + row.error) << row.name;
    EXPECT_TRUE(rules.empty()) << row.name;
  }
}

TEST(RuleParser, LimitsAreRefused) {
  const auto fault = [](const std::string& text) {
    std::vector<TopicRule> rules;
    std::string error;
    EXPECT_FALSE(parse_rules("a.rules", text, *testing::small_vocabulary(), rules, error));
    return error.substr(error.rfind(": ") + 2);
  };
  EXPECT_EQ(fault(std::string(RuleLimits::kFileBytesMax + 1, ' ')),
            "the file is larger than 1 MiB");
  EXPECT_EQ(fault(kTopic + "30 " + std::string(RuleLimits::kWordBytesMax + 1, 'a')),
            "the word is too long");
  EXPECT_EQ(fault(kTopic + "30 a b c d e f g h i j k l m n o p q\n"),
            "the phrase has too many words");
  std::string words = kTopic + "30 w0";
  for (std::uint32_t i = 1; i <= RuleLimits::kWordsMax; ++i) words += ", w" + std::to_string(i);
  EXPECT_EQ(fault(words), "too many words in one rule");
  std::string groups = kTopic + "combination a: (b)";
  for (std::uint32_t i = 0; i < RuleLimits::kGroupsMax; ++i) groups += " & (c)";
  EXPECT_EQ(fault(groups + " = 3\n"), "too many groups in one combination");
  std::string terms = kTopic + "combination a: (w0";
  for (std::uint32_t i = 1; i <= RuleLimits::kTermsMax; ++i) terms += " | w" + std::to_string(i);
  EXPECT_EQ(fault(terms + ") = 3\n"), "too many words in one group");
  std::string combinations = kTopic;
  for (std::uint32_t i = 0; i <= RuleLimits::kCombinationsMax; ++i) {
    combinations += "combination a" + std::to_string(i) + ": (b) = 3\n";
  }
  EXPECT_EQ(fault(combinations), "too many combinations in one rule");
}

// Whatever is cut off or overwritten, parsing ends with rules or with a fault, never otherwise.
TEST(RuleParser, DamagedFilesGiveRulesOrAFault) {
  const std::string whole = kTopic +
                            "threshold 25\nheading x3\n30 oorlog, =NAVO, vredes*\n"
                            "combination t: (vrede | bestand) & !(cao) within 12 words = 40\n";
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::vector<TopicRule> rules;
    std::string error;
    if (!parse_rules("a", whole.substr(0, at), *testing::small_vocabulary(), rules, error)) {
      EXPECT_EQ(error.substr(0, 2), "a:");
    }
    for (const char c : {'\0', '\n', '(', '*', '\x80'}) {
      std::string damaged = whole;
      damaged[at] = c;
      error.clear();
      rules.clear();
      const bool read = parse_rules("a", damaged, *testing::small_vocabulary(), rules, error);
      EXPECT_EQ(read, error.empty());
    }
  }
}

}  // namespace
}  // namespace telex
