#include "process/language/stop_words.h"

#include <bit>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "process/text/fold.h"

namespace telex {
namespace {

LanguageCode code(std::string_view tag) { return LanguageCode::from_tag(tag); }

TEST(StopWords, LanguagesAreKnownOnce) {
  std::set<std::string> seen;
  for (const LanguageCode language : stop_word_languages()) {
    EXPECT_FALSE(language.empty());
    EXPECT_TRUE(seen.insert(std::string(language.view())).second) << language.view();
  }
  for (const char* tag : {"nl", "en", "de", "fr", "es", "it", "pt", "da", "sv", "nb", "pl"}) {
    EXPECT_TRUE(stop_word_index(code(tag))) << tag;
  }
  EXPECT_FALSE(stop_word_index(code("ja")));
  EXPECT_FALSE(stop_word_index(LanguageCode{}));
}

TEST(StopWords, NorwegianHasOneListUnderThreeCodes) {
  EXPECT_EQ(stop_word_index(code("no")), stop_word_index(code("nb")));
  EXPECT_EQ(stop_word_index(code("nn")), stop_word_index(code("nb")));
}

TEST(StopWords, WordsAreKnownByTheirFoldedHash) {
  EXPECT_TRUE(is_stop_word(folded_hash("Het"), code("nl")));
  EXPECT_TRUE(is_stop_word(folded_hash("FÜR"), code("de")));
  EXPECT_TRUE(is_stop_word(folded_hash("не"), code("ru")));
  EXPECT_FALSE(is_stop_word(folded_hash("het"), code("en")));
  EXPECT_FALSE(is_stop_word(folded_hash("Rutte"), code("nl")));
  EXPECT_FALSE(is_stop_word(folded_hash("het"), code("ja")));
  EXPECT_FALSE(is_stop_word(folded_hash(""), code("nl")));
}

TEST(StopWords, SharedWordsBelongToSeveralLanguages) {
  EXPECT_GE(std::popcount(stop_word_set(folded_hash("de"))), 4);
  EXPECT_EQ(std::popcount(stop_word_set(folded_hash("hebben"))), 1);
  EXPECT_EQ(stop_word_set(folded_hash("Rutte")), 0U);
}

}  // namespace
}  // namespace telex
