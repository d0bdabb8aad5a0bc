#include "process/topics/rule_lint.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/process/topics/topics_testing.h"

namespace telex {
namespace {

std::vector<std::string> lint(std::string_view text) {
  const auto rules = testing::rules_of(text);
  return lint_rules(rules->parsed(), rules->vocabulary());
}

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(RuleLint, SoundRulesGiveNoWarning) {
  EXPECT_THAT(lint("topic medtop:16000000 nl\n30 oorlog, vrede*\n-20 prijzenoorlog\n"), IsEmpty());
}

TEST(RuleLint, ARuleThatCannotFire) {
  EXPECT_THAT(lint("topic medtop:16000000 nl\nthreshold 200\n30 oorlog\n"),
              ElementsAre("test.rules:1:1: all words together do not reach the threshold"));
}

TEST(RuleLint, AWordThatAWildcardCovers) {
  EXPECT_THAT(lint("topic medtop:16000000 nl\n30 vredes*, vredesmacht\n20 vredestop\n"),
              ElementsAre("test.rules:2:13: \"vredesmacht\" does nothing: \"vredes*\" covers it"));
}

TEST(RuleLint, AShortStem) {
  EXPECT_THAT(lint("topic medtop:16000000 nl\n30 bom*\n"),
              ElementsAre("test.rules:2:4: \"bom*\" has a very short stem"));
}

TEST(RuleLint, AWordForANarrowerTopicAndAgainstItsBroaderOne) {
  EXPECT_THAT(
      lint("topic medtop:16000000 nl\n30 oorlog\n-10 overleg\n"
           "topic medtop:20000076 nl\n30 overleg\n"),
      ElementsAre("test.rules:5:4: \"overleg\" speaks for this topic but against its broader "
                  "one"));
}

TEST(RuleLint, TopicsOfOtherFamiliesMayDisagree) {
  EXPECT_THAT(lint("topic medtop:16000000 nl\n30 oorlog\n-30 wedstrijd\n"
                   "topic medtop:15000000 nl\n30 wedstrijd\n"),
              IsEmpty());
}

TEST(RuleLint, AForbiddenWordThatIsWanted) {
  EXPECT_THAT(lint("topic medtop:16000000 nl\ncombination a: (vrede | top) & !(Vrede) = 40\n"),
              ElementsAre("test.rules:2:34: \"Vrede\" is wanted and forbidden"));
}

}  // namespace
}  // namespace telex
