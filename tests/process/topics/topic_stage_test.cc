#include "process/topics/topic_stage.h"

#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/process/topics/topics_testing.h"

namespace telex {
namespace {

using testing::codes;
using testing::Desk;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::rules_of;
using testing::Story;

static_assert(Stage<TopicStage>);

const std::string kWar = "topic medtop:16000000 nl\n";

// `count` words that no rule knows.
std::string padding(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += " vulwoord" + std::to_string(i);
  return text;
}

TEST(TopicStage, AWordThatReachesTheThresholdGivesTheTopic) {
  Desk desk(rules_of(kWar + "30 oorlog\n"));
  const auto topics = desk.tag("De OORLOG duurt voort.");
  ASSERT_THAT(codes(topics), ElementsAre("medtop:16000000"));
  ASSERT_EQ(topics[0].evidence.size(), 1U);
  const Evidence& word = topics[0].evidence[0];
  EXPECT_EQ(word.kind, EvidenceKind::rule_word);
  EXPECT_EQ(word.artefact, Artefact::rules);
  EXPECT_EQ(word.entry, "oorlog");
  EXPECT_EQ(word.weight, 30);
  EXPECT_EQ(word.count, 1);
  EXPECT_EQ(word.count_heading, 0);
  EXPECT_EQ(word.range, (ByteRange{3, 9}));
}

TEST(TopicStage, BelowTheThresholdThereIsNoTopic) {
  // In a text this short, weights count sqrt(120/40) = 1.73 times.
  Desk desk(rules_of(kWar + "17 oorlog\n18 vrede\n"));
  EXPECT_THAT(desk.tag("oorlog"), IsEmpty());
  EXPECT_THAT(codes(desk.tag("vrede")), ElementsAre("medtop:16000000"));
}

TEST(TopicStage, LongerTextsNeedMore) {
  Desk desk(rules_of(kWar + "30 oorlog\n"));
  EXPECT_EQ(desk.tag("oorlog" + padding(119)).size(), 1U);
  EXPECT_EQ(desk.tag("oorlog" + padding(125)).size(), 0U);
  EXPECT_EQ(desk.tag("oorlog oorlog" + padding(125)).size(), 1U);
}

TEST(TopicStage, OneSentenceIsScoredAsAShortBrief) {
  Desk desk(rules_of(kWar + "20 oorlog\n"));
  const int short_text = desk.tag("oorlog").at(0).relevance;
  EXPECT_EQ(desk.tag("oorlog" + padding(39)).at(0).relevance, short_text);
  EXPECT_LT(desk.tag("oorlog" + padding(44)).at(0).relevance, short_text);
}

TEST(TopicStage, AWordInTheHeadlineCountsMore) {
  Desk desk(rules_of(kWar + "heading x3\n10 oorlog\n"));
  EXPECT_THAT(desk.tag(Story{"oorlog", ""}), IsEmpty());
  const auto topics = desk.tag(Story{"Tekst.", "Oorlog"});
  ASSERT_EQ(topics.size(), 1U);
  EXPECT_EQ(topics[0].evidence[0].count, 1);
  EXPECT_EQ(topics[0].evidence[0].count_heading, 1);
  EXPECT_EQ(topics[0].evidence[0].part, 0);
}

TEST(TopicStage, PlacesAreCapped) {
  Desk desk(rules_of(kWar + "threshold 70\ncap 2\n20 oorlog\n"));
  EXPECT_THAT(desk.tag("oorlog oorlog oorlog oorlog oorlog"), IsEmpty());
  Desk high(rules_of(kWar + "threshold 70\ncap 4\n20 oorlog\n"));
  const auto topics = high.tag("oorlog oorlog oorlog oorlog oorlog");
  ASSERT_EQ(topics.size(), 1U);
  EXPECT_EQ(topics[0].evidence[0].count, 5);
}

TEST(TopicStage, AWordAgainstLowersTheScoreAndIsNotEvidence) {
  Desk desk(rules_of(kWar + "30 strijd\n-30 titelstrijd, titel\n"));
  EXPECT_EQ(desk.tag("De strijd").size(), 1U);
  EXPECT_THAT(desk.tag("De strijd om de titel"), IsEmpty());
  const auto topics = desk.tag("strijd strijd strijd om de titel");
  ASSERT_EQ(topics.size(), 1U);
  EXPECT_EQ(topics[0].evidence.size(), 1U);
}

TEST(TopicStage, WildcardsFindCompoundsAndInflections) {
  Desk desk(rules_of(kWar + "30 vredes*, *oorlog, boiling point*\n"));
  for (const char* text :
       {"vredesmacht", "Vredestroepen", "burgeroorlog", "oorlog", "Boiling points"}) {
    EXPECT_EQ(desk.tag(text).size(), 1U) << text;
  }
  for (const char* text : {"vrede", "oorlogje", "boiling. Points", "boiling"}) {
    EXPECT_THAT(desk.tag(text), IsEmpty()) << text;
  }
  EXPECT_EQ(desk.tag("vredesmacht").at(0).evidence[0].entry, "vredes*");
}

TEST(TopicStage, ExactCaseMeansExactlyThisSpelling) {
  Desk desk(rules_of(kWar + "30 =WHO, =Rode Kruis\n"));
  EXPECT_EQ(desk.tag("de WHO zegt").size(), 1U);
  EXPECT_EQ(desk.tag("het Rode Kruis zegt").size(), 1U);
  EXPECT_THAT(desk.tag("who zegt"), IsEmpty());
  EXPECT_THAT(desk.tag("een rode kruis"), IsEmpty());
}

TEST(TopicStage, OfOverlappingWordsOfARuleTheLongestCounts) {
  Desk desk(
      rules_of(kWar + "threshold 10\n20 centrale bank*, bank, centrale\n5 centrale\u00ADbank\n"));
  const auto topics = desk.tag("De centrale bank.");
  ASSERT_EQ(topics.size(), 1U);
  ASSERT_EQ(topics[0].evidence.size(), 1U);
  EXPECT_EQ(topics[0].evidence[0].entry, "centrale bank*");
}

TEST(TopicStage, AWholeWordComesBeforeAWildcard) {
  Desk desk(rules_of(kWar + "30 *oorlog\n0 prijzenoorlog\n"));
  EXPECT_THAT(desk.tag("prijzenoorlog"), IsEmpty());
  EXPECT_EQ(desk.tag("loopgravenoorlog").size(), 1U);
}

TEST(TopicStage, RulesDoNotSeeEachOthersWords) {
  Desk desk(rules_of(kWar + "30 oorlog\ntopic medtop:11000000 nl\n30 oorlog in de kamer\n"));
  EXPECT_EQ(desk.tag("Er is oorlog in de kamer").size(), 2U);
}

TEST(TopicStage, ACombinationNeedsAllItsGroups) {
  Desk desk(rules_of(kWar + "combination talks: (vrede | bestand) & (gesprek*) = 40\n"));
  const auto topics = desk.tag("Over het bestand volgen later gesprekken.");
  ASSERT_EQ(topics.size(), 1U);
  EXPECT_EQ(topics[0].evidence[0].kind, EvidenceKind::rule_combination);
  EXPECT_EQ(topics[0].evidence[0].entry, "talks");
  EXPECT_EQ(topics[0].evidence[0].weight, 40);
  EXPECT_EQ(topics[0].evidence[0].count, 1);
  EXPECT_THAT(desk.tag("Over het bestand niets."), IsEmpty());
  EXPECT_THAT(desk.tag("gesprekken gesprek"), IsEmpty());
}

TEST(TopicStage, AForbiddenWordAnywhereSpoilsACombinationWithoutWithin) {
  Desk desk(rules_of(kWar + "combination talks: (vrede) & (gesprek*) & !(cao) = 40\n"));
  EXPECT_EQ(desk.tag("gesprekken over vrede").size(), 1U);
  EXPECT_THAT(desk.tag("gesprekken over vrede." + padding(30) + " cao"), IsEmpty());
}

TEST(TopicStage, ProximityCountsWordsFromFirstToLast) {
  Desk desk(rules_of(kWar + "combination talks: (vrede) & (gesprek*) within 5 words = 40\n"));
  EXPECT_EQ(desk.tag("vrede a b c d gesprek").size(), 1U);
  EXPECT_EQ(desk.tag("gesprek, a, b, c, d: vrede!").size(), 1U);
  EXPECT_THAT(desk.tag("vrede a b c d e gesprek"), IsEmpty());
  EXPECT_EQ(desk.tag("vrede a b c d e vrede a gesprek").size(), 1U);
}

TEST(TopicStage, ProximityRangeCoversTheStretch) {
  Desk desk(rules_of(kWar + "combination talks: (vrede) & (gesprek*) within 5 words = 40\n"));
  const auto topics = desk.tag("Nu: vrede na gesprekken.");
  EXPECT_EQ(topics.at(0).evidence[0].range, (ByteRange{4, 23}));
}

TEST(TopicStage, ProximityDoesNotCrossParts) {
  Desk desk(rules_of(kWar + "combination talks: (vrede) & (gesprek*) within 50 words = 40\n"));
  EXPECT_THAT(desk.tag(Story{"gesprekken", "Vrede"}), IsEmpty());
}

TEST(TopicStage, WithinZeroWordsMeansOneCompound) {
  Desk desk(rules_of(kWar + "combination talks: (vredes*) & (*overleg) within 0 words = 40\n"));
  EXPECT_EQ(desk.tag("vredesoverleg").size(), 1U);
  EXPECT_THAT(desk.tag("vredesmacht overleg"), IsEmpty());
}

TEST(TopicStage, AForbiddenWordNearbySpoilsTheStretchOnEitherSide) {
  Desk desk(
      rules_of(kWar + "combination talks: (vrede) & (gesprek) & !(cao) within 4 words = 40\n"));
  EXPECT_THAT(desk.tag("cao a vrede b gesprek"), IsEmpty());
  EXPECT_THAT(desk.tag("vrede cao gesprek"), IsEmpty());
  EXPECT_THAT(desk.tag("vrede b gesprek a b c cao"), IsEmpty());
  EXPECT_EQ(desk.tag("vrede b gesprek a b c d cao").size(), 1U);
  EXPECT_EQ(desk.tag("cao a b c d e vrede b gesprek").size(), 1U);
}

TEST(TopicStage, StretchesOfACombinationDoNotOverlap) {
  Desk desk(rules_of(kWar + "combination talks: (vrede) & (gesprek) within 9 words = 40\n"));
  EXPECT_EQ(desk.tag("vrede gesprek gesprek").at(0).evidence[0].count, 1);
  EXPECT_EQ(desk.tag("vrede gesprek vrede gesprek").at(0).evidence[0].count, 2);
}

const std::string kFamily = "topic medtop:20000076 nl\n30 vredesoverleg\n20 onderhandelaars\n" +
                            kWar + "30 oorlog\n" + "topic medtop:15000000 nl\n30 voetbal\n";

TEST(TopicStage, ANarrowerTopicImpliesItsTopTopicWithTheSameEvidence) {
  Desk desk(rules_of(kFamily));
  const auto topics = desk.tag("vredesoverleg");
  ASSERT_THAT(codes(topics), ElementsAre("medtop:16000000", "medtop:20000076"));
  EXPECT_EQ(topics[0].relevance, topics[1].relevance);
  EXPECT_LE(topics[0].confidence, 80);
  EXPECT_EQ(topics[0].broader, "");
  EXPECT_EQ(topics[1].broader, "medtop:16000000");
  ASSERT_EQ(topics[0].evidence.size(), 1U);
  EXPECT_EQ(topics[0].evidence[0].entry, "vredesoverleg");
}

TEST(TopicStage, ABroaderTopicThatFiredKeepsItsOwnEvidenceAndIsLifted) {
  Desk desk(rules_of(kFamily));
  const auto topics = desk.tag("vredesoverleg vredesoverleg onderhandelaars oorlog");
  ASSERT_THAT(codes(topics), ElementsAre("medtop:16000000", "medtop:20000076"));
  EXPECT_EQ(topics[0].relevance, topics[1].relevance);
  EXPECT_EQ(topics[0].evidence.at(0).entry, "oorlog");
}

TEST(TopicStage, MostRelevantComesFirst) {
  Desk desk(rules_of(kFamily));
  EXPECT_THAT(codes(desk.tag("voetbal voetbal oorlog")),
              ElementsAre("medtop:15000000", "medtop:16000000"));
  EXPECT_THAT(codes(desk.tag("voetbal oorlog oorlog")),
              ElementsAre("medtop:16000000", "medtop:15000000"));
}

TEST(TopicStage, ASideIssueIsLeftOut) {
  Desk desk(rules_of(kWar + "cap 20\n100 oorlog\ntopic medtop:15000000 nl\n40 voetbal\n"));
  EXPECT_EQ(desk.tag("voetbal oorlog").size(), 2U);
  EXPECT_THAT(codes(desk.tag("voetbal oorlog oorlog oorlog oorlog oorlog")),
              ElementsAre("medtop:16000000"));
}

TEST(TopicStage, WithATopTopicAllBelowItIsLeftOut) {
  Desk desk(rules_of(kFamily + "topic medtop:11000000 nl\ncap 20\n100 kabinet\n"));
  EXPECT_EQ(desk.tag("vredesoverleg vredesoverleg kabinet").size(), 3U);
  EXPECT_THAT(codes(desk.tag("vredesoverleg kabinet kabinet kabinet kabinet kabinet")),
              ElementsAre("medtop:11000000"));
}

TEST(TopicStage, LowerTopicsAreMeasuredAgainstLowerOnes) {
  Desk desk(
      rules_of("topic medtop:20000076 nl\n30 vredesoverleg\n" + kWar + "cap 20\n100 oorlog\n"));
  EXPECT_THAT(codes(desk.tag("vredesoverleg oorlog oorlog oorlog oorlog")),
              ElementsAre("medtop:16000000", "medtop:20000076"));
}

TEST(TopicStage, MoreWordsOfARuleGiveMoreConfidence) {
  Desk desk(rules_of(kWar + "30 oorlog\n30 leger\n"));
  EXPECT_GT(desk.tag("oorlog leger").at(0).confidence, desk.tag("oorlog oorlog").at(0).confidence);
}

TEST(TopicStage, AtMostEightTopicsAndNeverWithoutTheirTopTopic) {
  std::string error;
  const auto vocabulary = TopicRules::shipped_vocabulary();
  std::string text;
  int weight = 30;
  for (const VocabularyTopic& topic : vocabulary->topics()) {
    if (topic.level != 3) continue;
    text += "topic " + topic.code + " nl\n" + std::to_string(weight) + " woord\n";
    weight = weight == 60 ? 30 : weight + 1;
  }
  const std::vector<EmbeddedFile> files{{"t.rules", text}};
  const auto rules = TopicRules::load(files, vocabulary, error);
  ASSERT_TRUE(rules) << error;
  Desk desk(rules);
  const auto topics = desk.tag("woord");
  ASSERT_EQ(topics.size(), TopicStage::kTopicsMax);
  for (std::size_t i = 0; i < topics.size(); ++i) {
    if (topics[i].broader.empty()) continue;
    bool before = false;
    for (std::size_t j = 0; j < i; ++j) before = before || topics[j].code == topics[i].broader;
    EXPECT_TRUE(before) << topics[i].code;
  }
}

TEST(TopicStage, EvidenceIsBoundedAndStrongestFirst) {
  std::string text = kWar;
  std::string story;
  for (int i = 1; i <= 20; ++i) {
    text += std::to_string(i) + " woord" + std::to_string(i) + "\n";
    story += " woord" + std::to_string(i);
  }
  Desk desk(rules_of(text));
  const auto topics = desk.tag(story);
  ASSERT_EQ(topics.at(0).evidence.size(), TopicStage::kEvidenceMax);
  for (std::uint32_t i = 0; i < TopicStage::kEvidenceMax; ++i) {
    EXPECT_EQ(topics[0].evidence[i].weight, 20 - i);
  }
}

TEST(TopicStage, ALanguageWithoutRulesGetsNoTopics) {
  Desk desk(rules_of(kWar + "30 oorlog\n"));
  EXPECT_THAT(desk.tag(Story{"oorlog", "", "pl"}), IsEmpty());
  EXPECT_THAT(desk.tag(Story{"oorlog", "", ""}), IsEmpty());
}

TEST(TopicStage, WordsOfOtherLanguagesDoNotCount) {
  Desk desk(rules_of(kWar + "30 war\ntopic medtop:15000000 en\n30 war of attrition\n30 sport\n"));
  EXPECT_THAT(codes(desk.tag(Story{"a war of attrition", "", "nl"})),
              ElementsAre("medtop:16000000"));
  EXPECT_THAT(codes(desk.tag(Story{"a war of attrition", "", "en"})),
              ElementsAre("medtop:15000000"));
}

TEST(TopicStage, WithoutRulesThereAreNoTopics) {
  Desk desk(nullptr);
  EXPECT_THAT(desk.tag("oorlog"), IsEmpty());
}

TEST(TopicStage, RowsThatDoNotPublishAreSkipped) {
  Desk desk(rules_of(kWar + "30 oorlog\n"));
  desk.fill({{"oorlog", "", "nl"}, {"oorlog", "", "nl"}});
  desk.batch().set_verdict(0, VerdictKind::filtered, Reason::none, "filter", "");
  desk.run();
  EXPECT_THAT(desk.topics(0), IsEmpty());
  EXPECT_EQ(desk.topics(1).size(), 1U);
}

TEST(TopicStage, EmptyAndMarkOnlyTextsAreFine) {
  Desk desk(rules_of(kWar + "30 oorlog\n"));
  EXPECT_THAT(desk.tag(""), IsEmpty());
  EXPECT_THAT(desk.tag("... !? —"), IsEmpty());
}

// What an article gets does not depend on what stood before it.
TEST(TopicStage, EveryRowIsOnItsOwn) {
  const auto rules = rules_of(kFamily +
                              "topic medtop:11000000 nl\n30 kabinet*\n-20 voetbal\n"
                              "combination a: (kamer) & (debat*) & !(bal) within 6 words = 30\n");
  const std::vector<std::string> texts = {"vredesoverleg in de kamer",
                                          "debat over voetbal",
                                          "kamer debatteert kabinetsval",
                                          "oorlog oorlog kamer bal debat",
                                          "",
                                          "kamer a b debat"};
  std::vector<Story> stories;
  for (int round = 0; round < 3; ++round) {
    for (std::size_t i = 0; i < texts.size(); ++i) {
      stories.push_back({texts[(i * 5 + static_cast<std::size_t>(round)) % texts.size()]});
    }
  }
  Desk desk(rules);
  const auto together = desk.tag(stories);
  for (std::size_t i = 0; i < stories.size(); ++i) {
    const auto alone = Desk(rules).tag(stories[i]);
    ASSERT_EQ(codes(together[i]), codes(alone)) << stories[i].body;
    for (std::size_t t = 0; t < alone.size(); ++t) {
      EXPECT_EQ(together[i][t].relevance, alone[t].relevance);
      EXPECT_EQ(together[i][t].confidence, alone[t].confidence);
      EXPECT_EQ(together[i][t].evidence.size(), alone[t].evidence.size());
    }
  }
}

TEST(TopicStage, NewRulesTakeEffectWithTheNextBatch) {
  Desk desk(rules_of(kWar + "30 oorlog*\n"));
  EXPECT_EQ(desk.tag("oorlogen").size(), 1U);
  desk.generation().rules = rules_of("topic medtop:15000000 nl\n30 *logen\n");
  EXPECT_THAT(codes(desk.tag("oorlogen")), ElementsAre("medtop:15000000"));
}

}  // namespace
}  // namespace telex
