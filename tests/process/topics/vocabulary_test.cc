#include "process/topics/vocabulary.h"

#include <string>

#include <gtest/gtest.h>

#include "process/topics/rules.h"
#include "tests/process/topics/topics_testing.h"

namespace telex {
namespace {

std::string fault(std::string_view text) {
  std::string error;
  return Vocabulary::parse("v.tsv", text, error) ? "no fault" : error;
}

TEST(Vocabulary, GivesUriLabelsAndPlaceInTheTree) {
  const auto vocabulary = testing::small_vocabulary();
  const auto talks = vocabulary->find("medtop:20000076");
  ASSERT_TRUE(talks);
  const VocabularyTopic& topic = (*vocabulary)[*talks];
  EXPECT_EQ(topic.uri, "http://cv.iptc.org/newscodes/mediatopic/20000076");
  EXPECT_EQ(topic.english, "peace talks");
  EXPECT_EQ(topic.dutch, "vredesoverleg");
  EXPECT_EQ(topic.level, 3);
  EXPECT_EQ((*vocabulary)[topic.top].code, "medtop:16000000");
  EXPECT_EQ((*vocabulary)[topic.broader].code, "medtop:20000073");
  EXPECT_EQ(vocabulary->release(), "test 1");
}

TEST(Vocabulary, OnlyWhatLiesHigherOnTheSameBranchIsAbove) {
  const auto vocabulary = testing::small_vocabulary();
  const std::uint16_t talks = *vocabulary->find("medtop:20000076");
  EXPECT_TRUE(vocabulary->is_above(*vocabulary->find("medtop:16000000"), talks));
  EXPECT_TRUE(vocabulary->is_above(*vocabulary->find("medtop:20000073"), talks));
  EXPECT_FALSE(vocabulary->is_above(*vocabulary->find("medtop:11000000"), talks));
  EXPECT_FALSE(vocabulary->is_above(talks, talks));
}

TEST(Vocabulary, UnknownCodeIsNotFound) {
  EXPECT_FALSE(testing::small_vocabulary()->find("medtop:99999999"));
}

TEST(Vocabulary, FaultsNameFileAndLine) {
  const std::string head = "release\tr\n";
  EXPECT_EQ(fault(""), "v.tsv:1: the vocabulary has no topics");
  EXPECT_EQ(fault("medtop:1\n"),
            "v.tsv:1: expected \"release\", a tab and the name of the release");
  EXPECT_EQ(fault(head + "medtop:11000000\t-\t1\tonly English\n"),
            "v.tsv:2: expected five fields: code, broader, level, English label, Dutch label");
  EXPECT_EQ(fault(head + "medtop:11\t-\t1\ta\tb\n"),
            "v.tsv:2: expected a code like medtop:11000000, found \"medtop:11\"");
  EXPECT_EQ(fault(head + "\nmedtop:11000000\t-\t2\ta\tb\n"),
            "v.tsv:3: expected level 1, found \"2\"");
  EXPECT_EQ(fault(head + "medtop:20000001\tmedtop:11000000\t2\ta\tb\n"),
            "v.tsv:2: the broader topic \"medtop:11000000\" does not stand above");
  EXPECT_EQ(fault(head + "medtop:11000000\t-\t1\ta\tb\nmedtop:11000000\t-\t1\ta\tb\n"),
            "v.tsv:3: the code medtop:11000000 stands here twice");
  EXPECT_EQ(fault(head + "medtop:11000000\t-\t1\ta\t\n"), "v.tsv:2: a label is empty");
  EXPECT_EQ(fault("release\t\xFF\n"), "v.tsv:1: the vocabulary is not UTF-8");
}

TEST(Vocabulary, ShippedOneHasAllTopTopicsWithBothLabels) {
  const auto vocabulary = TopicRules::shipped_vocabulary();
  int tops = 0;
  for (const VocabularyTopic& topic : vocabulary->topics()) {
    tops += topic.level == 1 ? 1 : 0;
    EXPECT_FALSE(topic.english.empty()) << topic.code;
    EXPECT_FALSE(topic.dutch.empty()) << topic.code;
  }
  EXPECT_EQ(tops, 17);
  EXPECT_EQ((*vocabulary)[*vocabulary->find("medtop:11000000")].english, "politics and government");
  EXPECT_EQ(vocabulary->release().substr(0, 17), "IPTC Media Topics");
}

}  // namespace
}  // namespace telex
