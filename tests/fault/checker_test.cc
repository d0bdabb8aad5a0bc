#include "tests/fault/checker.h"

#include <functional>

#include <gtest/gtest.h>

namespace telex::fault {
namespace {

// Two sources, ten articles each; article 7 of each is due in the dead letters. Everything comes
// out as it should; each test spoils one thing.
class CheckerTest : public ::testing::Test {
 protected:
  static constexpr std::uint64_t kCount = 10;
  static constexpr std::uint64_t kDead = 7;

  void SetUp() override {
    for (std::uint32_t source = 0; source < 2; ++source) {
      for (std::uint64_t seq = 0; seq < kCount; ++seq) records_.push_back(record({source, seq}));
    }
  }

  static SeenRecord record(ArticleId id) {
    const std::string value = make_article(id, 20);
    const bool dead = id.seq == kDead;
    return read_record(dead ? Outlet::dead_letters : Outlet::enriched,
                       static_cast<std::int32_t>(id.source),
                       static_cast<std::int64_t>(dead ? 0 : id.seq), key_of(id), value, "");
  }

  Findings check() {
    for (std::uint32_t source = 0; source < 2; ++source) {
      for (std::uint64_t seq = 0; seq < kCount; ++seq) {
        const ArticleId id{source, seq};
        checker_.sent(id, seq == kDead ? Due::dead_letters : Due::enriched,
                      crc_of(make_article(id, 20)));
      }
    }
    for (const SeenRecord& each : records_) checker_.saw(each);
    for (const SeenRecord& each : witness_ ? *witness_ : records_) checker_.witnessed(each);
    checker_.group_at(10, 10, 10);
    checker_.group_at(11, 10, 12);
    return checker_.findings();
  }

  // A copy of an article later in its partition.
  SeenRecord again(ArticleId id) {
    SeenRecord copy = record(id);
    copy.offset += 100;
    return copy;
  }

  Checker checker_;
  std::vector<SeenRecord> records_;
  std::optional<std::vector<SeenRecord>> witness_;
};

TEST_F(CheckerTest, EverythingOnceIsExact) {
  const Findings found = check();
  EXPECT_TRUE(found.exact()) << found.text();
  EXPECT_EQ(found.sent, 20U);
  EXPECT_EQ(checker_.examples(5), "");
}

TEST_F(CheckerTest, AMissingArticleIsLost) {
  records_.erase(records_.begin() + 3);
  const Findings found = check();
  EXPECT_EQ(found.lost, 1U);
  EXPECT_FALSE(found.exact());
  EXPECT_EQ(checker_.examples(5), "00.000000003 lost");
}

TEST_F(CheckerTest, EveryFurtherCopyIsDoubled) {
  records_.push_back(again({1, 9}));
  records_.push_back(again({1, 9}));
  records_.back().offset += 1;
  const Findings found = check();
  EXPECT_EQ(found.doubled, 2U);
  EXPECT_EQ(found.out_of_order, 0U) << "a copy says nothing about order";
  EXPECT_FALSE(found.exact());
}

TEST_F(CheckerTest, ACopyInTheOtherOutletIsDoubledAndMisplaced) {
  SeenRecord copy = again({0, 2});
  copy.outlet = Outlet::dead_letters;
  records_.push_back(copy);
  const Findings found = check();
  EXPECT_EQ(found.doubled, 1U);
  EXPECT_EQ(found.misplaced, 1U);
}

TEST_F(CheckerTest, AGoodArticleAmongTheDeadLettersIsMisplaced) {
  records_[2].outlet = Outlet::dead_letters;
  records_[2].offset = 1;
  const Findings found = check();
  EXPECT_EQ(found.misplaced, 1U);
  EXPECT_EQ(found.lost, 0U);
  EXPECT_FALSE(found.exact());
}

TEST_F(CheckerTest, AnArticleBehindALaterOneIsOutOfOrder) {
  std::swap(records_[4], records_[5]);
  std::swap(records_[4].offset, records_[5].offset);
  const Findings found = check();
  EXPECT_EQ(found.out_of_order, 1U);
  EXPECT_EQ(found.lost + found.doubled, 0U);
  EXPECT_FALSE(found.exact());
}

TEST_F(CheckerTest, SourcesMayComeInAnyMixture) {
  std::rotate(records_.begin(), records_.begin() + 10, records_.end());
  EXPECT_TRUE(check().exact());
}

TEST_F(CheckerTest, AKeyInTwoPartitionsIsMoved) {
  // Article 0 and article 32 of a source have the same key.
  SeenRecord later = record({0, kKeysPerSource});
  checker_.sent({0, kKeysPerSource}, Due::enriched, 0);
  later.partition = 1;
  records_.push_back(later);
  const Findings found = check();
  EXPECT_EQ(found.keys_moved, 1U);
  EXPECT_FALSE(found.exact());
}

TEST_F(CheckerTest, WhatWasNeverSentIsUnknown) {
  records_.push_back(record({0, 4711}));
  records_.push_back(read_record(Outlet::enriched, 0, 5000, "key", "no mark at all", ""));
  const Findings found = check();
  EXPECT_EQ(found.unknown, 2U);
  EXPECT_FALSE(found.exact());
}

TEST_F(CheckerTest, AChangedBodyIsCorrupt) {
  std::string value = make_article({0, 1}, 20);
  value[value.size() - 6] ^= 1;
  records_[1] = read_record(Outlet::enriched, 0, 1, key_of({0, 1}), value, "");
  const Findings found = check();
  EXPECT_EQ(found.corrupt, 1U);
  EXPECT_EQ(found.lost, 0U);
}

TEST_F(CheckerTest, ADeadLetterHasEveryByteOfTheRecord) {
  const ArticleId id{0, kDead};
  // The mark is whole, and yet a byte is missing.
  std::string value = make_article(id, 20);
  value.pop_back();
  records_[kDead] = read_record(Outlet::dead_letters, 0, 0, key_of(id), value, "");
  EXPECT_EQ(check().corrupt, 1U);
}

TEST_F(CheckerTest, TheConcurrentReaderMustHaveSeenTheSame) {
  witness_ = records_;
  witness_->erase(witness_->begin() + 5);  // Missed one,
  witness_->at(0).value_crc ^= 1;          // read other bytes,
  witness_->push_back(again({0, 0}));      // and one that is gone.
  EXPECT_EQ(check().witness_differs, 3U);
}

TEST_F(CheckerTest, TheConcurrentReaderMustNotGetAnOffsetTwice) {
  witness_ = records_;
  witness_->push_back(records_.front());
  EXPECT_EQ(check().witness_differs, 1U);
}

TEST_F(CheckerTest, AGroupIsBehindBeforeTheLastArticleAndBeyondTheLog) {
  checker_.group_at(9, 10, 12);
  checker_.group_at(13, 10, 12);
  checker_.group_at(-1, 10, 10);
  checker_.group_at(-1, 0, 0);
  EXPECT_EQ(check().group_behind, 3U);
}

TEST_F(CheckerTest, HiddenRecordsAreCountedAndNoFault) {
  checker_.count_hidden(250);
  const Findings found = check();
  EXPECT_EQ(found.hidden, 250U);
  EXPECT_TRUE(found.exact());
}

TEST(Mark, IsFoundAmongOtherTextAndChecked) {
  const std::string mark = make_mark({3, 42}, "some text");
  const auto found = find_mark("[[ [[no mark]] " + mark + " tail");
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->id, (ArticleId{3, 42}));
  EXPECT_TRUE(found->is_intact);
}

TEST(Mark, CutShortOrChangedItIsNotIntact) {
  const std::string mark = make_mark({3, 42}, "some text");
  for (std::size_t size = 26; size < mark.size(); ++size) {
    const auto found = find_mark(std::string_view(mark).substr(0, size));
    ASSERT_TRUE(found.has_value()) << size;
    EXPECT_FALSE(found->is_intact) << size;
  }
  for (std::size_t i = 15; i < mark.size() - 2; ++i) {
    std::string changed = mark;
    changed[i] ^= 1;
    const auto found = find_mark(changed);
    EXPECT_TRUE(!found || !found->is_intact) << changed;
  }
}

TEST(Mark, TheHeaderNamesWhatTheValueCannot) {
  const SeenRecord record = read_record(Outlet::dead_letters, 0, 0, "key",
                                        std::string("\xff\x00\xfe", 3), "02.000000009");
  ASSERT_TRUE(record.id.has_value());
  EXPECT_EQ(*record.id, (ArticleId{2, 9}));
}

}  // namespace
}  // namespace telex::fault
