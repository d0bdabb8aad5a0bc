#include "process/entities/relevance.h"

#include <gtest/gtest.h>

namespace telex {
namespace {

TEST(Relevance, AHeadlineCountsMoreThanALeadMoreThanTheBody) {
  Score before = 100;
  for (const MentionPlace place :
       {MentionPlace::headline, MentionPlace::lead, MentionPlace::opening, MentionPlace::body}) {
    RelevanceSum sum;
    sum.add_name(place, 0);
    EXPECT_LT(sum.relevance(), before);
    before = sum.relevance();
  }
}

TEST(Relevance, OneMentionInTheBodyIsTenPoints) {
  RelevanceSum sum;
  sum.add_name(MentionPlace::body, 3);
  EXPECT_EQ(sum.relevance(), 38);
}

TEST(Relevance, GrowsWithFrequencyAndCoverageAndStaysBelowAHundred) {
  RelevanceSum gathered;
  RelevanceSum spread;
  for (std::uint32_t i = 0; i < 4; ++i) {
    gathered.add_name(MentionPlace::body, 1);
    spread.add_name(MentionPlace::body, i * 2);
  }
  EXPECT_GT(spread.relevance(), gathered.relevance());
  for (std::uint32_t i = 0; i < 10000; ++i) spread.add_name(MentionPlace::headline, i % 8);
  EXPECT_EQ(spread.relevance(), 99);
}

TEST(Relevance, AdjectivesAloneStayLow) {
  RelevanceSum sum;
  for (std::uint32_t i = 0; i < 100; ++i) sum.add_adjective(i % 8);
  EXPECT_EQ(sum.relevance(), RelevanceSum::kAdjectiveRelevanceMax);
}

}  // namespace
}  // namespace telex
