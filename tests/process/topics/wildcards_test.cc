#include "process/topics/wildcards.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "process/text/fold.h"

namespace telex {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Stems {
  std::vector<std::string> prefixes;
  std::vector<std::string> suffixes;
};

// Values are the positions in the lists, suffixes counting on from 100.
WildcardTable table_of(const Stems& stems) {
  WildcardTable table;
  for (std::uint32_t i = 0; i < stems.prefixes.size(); ++i) table.add_prefix(stems.prefixes[i], i);
  for (std::uint32_t i = 0; i < stems.suffixes.size(); ++i) {
    table.add_suffix(stems.suffixes[i], 100 + i);
  }
  std::string error;
  EXPECT_TRUE(table.build(error)) << error;
  return table;
}

std::vector<std::uint32_t> found(const WildcardTable& table, std::string_view word) {
  std::string scratch;
  std::vector<std::uint32_t> values;
  table.find(word, scratch, values);
  return values;
}

TEST(Wildcards, FindBeginningsAndEnds) {
  const WildcardTable table = table_of({{"vredes"}, {"overleg"}});
  EXPECT_THAT(found(table, "vredesmacht"), ElementsAre(0));
  EXPECT_THAT(found(table, "spoedoverleg"), ElementsAre(100));
  EXPECT_THAT(found(table, "vredesoverleg"), ElementsAre(100, 0));
  EXPECT_THAT(found(table, "vrede"), IsEmpty());
  EXPECT_THAT(found(table, "overlegde"), IsEmpty());
}

TEST(Wildcards, TheBareStemFitsToo) {
  EXPECT_THAT(found(table_of({{"vredes"}, {}}), "vredes"), ElementsAre(0));
}

TEST(Wildcards, LongestStemComesFirst) {
  const WildcardTable table = table_of({{"voe", "voetbal", "voetb"}, {"ballen"}});
  EXPECT_THAT(found(table, "voetballen"), ElementsAre(1, 100, 2, 0));
}

TEST(Wildcards, CaseAndDiacriticsMakeNoDifference) {
  const WildcardTable table = table_of({{"énergie", "straße"}, {"crisë"}});
  EXPECT_THAT(found(table, "ENERGIEPRIJS"), ElementsAre(0));
  EXPECT_THAT(found(table, "énergetique"), IsEmpty());
  EXPECT_THAT(found(table, "e\u0301nergiecrise"), ElementsAre(0, 100));
  EXPECT_THAT(found(table, "STRASSENBAHN"), ElementsAre(1));
}

TEST(Wildcards, ShortAndEmptyWordsAreFine) {
  const WildcardTable table = table_of({{"abc"}, {"abc"}});
  for (const char* word : {"", "a", "ab", "é", "東"})
    EXPECT_THAT(found(table, word), IsEmpty()) << word;
  EXPECT_THAT(found(table, "abc"), ElementsAre(0, 100));
}

TEST(Wildcards, OtherScriptsWork) {
  EXPECT_THAT(found(table_of({{"войн"}, {"ный"}}), "Военный"), ElementsAre(100));
}

// The filters and keys are only a short cut: a plain comparison says the same.
TEST(Wildcards, AgreeWithAPlainComparison) {
  const std::vector<std::string> parts = {"vre", "de", "oor", "log", "ß", "é", "top", "a", "x"};
  Stems stems;
  for (const std::string& a : parts) {
    for (const std::string& b : parts) {
      if (folded(a + b).size() < 3) continue;
      stems.prefixes.push_back(a + b);
      stems.suffixes.push_back(b + a);
    }
  }
  const WildcardTable table = table_of(stems);
  for (const std::string& a : parts) {
    for (const std::string& b : parts) {
      for (const std::string& c : parts) {
        std::string spelling = a;
        spelling += b;
        spelling += c;
        const std::string word = folded(spelling);
        std::vector<std::uint32_t> expected;
        for (std::uint32_t i = 0; i < stems.prefixes.size(); ++i) {
          if (word.starts_with(folded(stems.prefixes[i]))) expected.push_back(i);
          if (word.ends_with(folded(stems.suffixes[i]))) expected.push_back(100 + i);
        }
        EXPECT_THAT(found(table, spelling), ::testing::UnorderedElementsAreArray(expected));
      }
    }
  }
}

TEST(Wildcards, TooManyStemsOfOneBeginningAreRefused) {
  WildcardTable table;
  for (std::uint32_t i = 0; i <= WildcardTable::kBucketMax; ++i) {
    table.add_prefix("abc" + std::to_string(i), i);
  }
  std::string error;
  EXPECT_FALSE(table.build(error));
  EXPECT_EQ(error.substr(0, 40), "too many words with '*' share the letter");
}

}  // namespace
}  // namespace telex
