#include "process/topics/word_memo.h"

#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "process/text/fold.h"
#include "tests/process/topics/topics_testing.h"

namespace telex {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// The memo's answer, learnt where it is not known.
WordMemo::Entry ask(WordMemo& memo, const TopicRules::Language& language, std::string_view word) {
  const std::uint64_t hash = folded_hash(word);
  const std::uint64_t key = WordMemo::key(language, hash);
  const WordMemo::Entry* entry = memo.known(key);
  return entry != nullptr ? *entry : *memo.learn(key, language, hash, word);
}

std::vector<std::uint32_t> rows(const WordMemo& memo, const WordMemo::Entry& entry) {
  const auto span = memo.rows(entry);
  return {span.begin(), span.end()};
}

TEST(WordMemo, SaysWhichWordsBeginAPhraseAndWhichWildcardsFit) {
  const auto rules =
      testing::rules_of("topic medtop:16000000 nl\n30 den haag, vredes*, car crash*\n");
  const auto& language = *rules->find(LanguageCode::from_tag("nl"));
  WordMemo memo;
  EXPECT_TRUE(ask(memo, language, "den").begins_phrase);
  EXPECT_TRUE(ask(memo, language, "car").begins_phrase);
  EXPECT_FALSE(ask(memo, language, "haag").begins_phrase);
  EXPECT_FALSE(ask(memo, language, "vredesmacht").begins_phrase);
  EXPECT_THAT(rows(memo, ask(memo, language, "vredesmacht")), ElementsAre(1));
  EXPECT_THAT(rows(memo, ask(memo, language, "haag")), IsEmpty());
}

TEST(WordMemo, TellsLanguagesApart) {
  const auto rules = testing::rules_of(
      "topic medtop:16000000 nl\n30 oorlog*\ntopic medtop:16000000 en\n30 =IS, *log\n");
  const auto& dutch = *rules->find(LanguageCode::from_tag("nl"));
  const auto& english = *rules->find(LanguageCode::from_tag("en"));
  WordMemo memo;
  for (int round = 0; round < 2; ++round) {
    EXPECT_THAT(rows(memo, ask(memo, dutch, "oorlog")), ElementsAre(0));
    EXPECT_THAT(rows(memo, ask(memo, english, "oorlog")), ElementsAre(1));
  }
}

TEST(WordMemo, GivesWhatTheTablesGiveHoweverManyWordsPass) {
  const auto rules =
      testing::rules_of("topic medtop:16000000 nl\n30 woord1*, woord2*, *d777, woord42\n");
  const auto& language = *rules->find(LanguageCode::from_tag("nl"));
  WordMemo memo;
  std::string scratch;
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 40000; ++i) {
      const std::string word = "woord" + std::to_string(i);
      const WordMemo::Entry entry = ask(memo, language, word);
      std::vector<std::uint32_t> expected;
      language.wildcards.find(word, scratch, expected);
      ASSERT_EQ(rows(memo, entry), expected) << word;
      ASSERT_TRUE(entry.begins_phrase || i != 42) << word;
    }
  }
}

}  // namespace
}  // namespace telex
