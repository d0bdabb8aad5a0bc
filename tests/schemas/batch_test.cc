#include "schemas/batch.h"

#include <string>

#include <gtest/gtest.h>

namespace telex {
namespace {

RawRecord record(Batch& batch, std::int64_t offset, std::string_view value) {
  RawRecord raw;
  raw.topic = batch.intern_topic("raw");
  raw.partition = Partition{0};
  raw.offset = Offset{offset};
  raw.value = value;
  return raw;
}

TEST(Batch, KeepsNullAndEmptyApart) {
  Batch batch;
  ASSERT_TRUE(batch.append(record(batch, 0, {})));
  ASSERT_TRUE(batch.append(record(batch, 1, "")));
  EXPECT_TRUE(batch.raw(0).is_tombstone());
  EXPECT_EQ(batch.raw(0).key.data(), nullptr);
  EXPECT_FALSE(batch.raw(1).is_tombstone());
  EXPECT_TRUE(batch.raw(1).value.empty());
}

TEST(Batch, CopiesKeyValueAndHeaders) {
  Batch batch;
  {
    std::string value = "value";
    std::string name = "content-type";
    const Header headers[] = {{name, value}, {"empty", ""}, {"null", {}}};
    RawRecord raw = record(batch, 7, value);
    raw.key = name;
    raw.headers = headers;
    ASSERT_TRUE(batch.append(raw));
    value = "VALUE";
    name = "overwritten!";
  }
  const RawRecord kept = batch.raw(0);
  EXPECT_EQ(kept.value, "value");
  EXPECT_EQ(kept.key, "content-type");
  ASSERT_EQ(kept.headers.size(), 3U);
  EXPECT_EQ(kept.headers[0].name, "content-type");
  EXPECT_EQ(kept.headers[0].value, "value");
  EXPECT_NE(kept.headers[1].value.data(), nullptr);
  EXPECT_EQ(kept.headers[2].value.data(), nullptr);
}

TEST(Batch, RefusesWhatDoesNotFitAndStaysAsItWas) {
  Batch batch({2, 10});
  ASSERT_TRUE(batch.append(record(batch, 0, "12345678")));
  EXPECT_FALSE(batch.append(record(batch, 1, "123")));
  EXPECT_EQ(batch.size(), 1U);
  EXPECT_EQ(batch.raw_bytes(), 8U);
  EXPECT_TRUE(batch.append(record(batch, 1, "12")));
  EXPECT_FALSE(batch.append(record(batch, 2, "")));  // rows_max
  EXPECT_TRUE(batch.fits_empty(record(batch, 2, "1234567890")));
  EXPECT_FALSE(batch.fits_empty(record(batch, 2, "12345678901")));
}

TEST(Batch, ClearKeepsTopicNames) {
  Batch batch;
  const std::uint16_t first = batch.intern_topic("a");
  const std::uint16_t second = batch.intern_topic("b");
  ASSERT_TRUE(batch.append(record(batch, 0, "x")));
  batch.clear();
  EXPECT_TRUE(batch.empty());
  EXPECT_EQ(batch.raw_bytes(), 0U);
  EXPECT_EQ(batch.intern_topic("a"), first);
  EXPECT_EQ(batch.intern_topic("b"), second);
}

TEST(Batch, MoveKeepsViewsValid) {
  Batch batch;
  ASSERT_TRUE(batch.append(record(batch, 0, "stays where it is")));
  const std::string_view before = batch.raw(0).value;
  const Batch moved = std::move(batch);
  EXPECT_EQ(moved.raw(0).value.data(), before.data());
  EXPECT_EQ(before, "stays where it is");
}

TEST(Batch, FirstFaultStands) {
  Batch batch;
  ASSERT_TRUE(batch.append(record(batch, 0, "x")));
  batch.set_verdict(0, VerdictKind::filtered, Reason::none, "filter", "by a rule");
  EXPECT_FALSE(batch.publishes(0));
  batch.set_verdict(0, VerdictKind::faulty, Reason::no_text, "decode", "first");
  batch.set_verdict(0, VerdictKind::faulty, Reason::too_deep, "later", "second");
  EXPECT_EQ(batch.verdict(0).reason, Reason::no_text);
  EXPECT_EQ(batch.verdict(0).message, "first");
  EXPECT_EQ(batch.verdict(0).stage, "decode");
}

TEST(Batch, MessagesAreCutOnACodePoint) {
  Batch batch;
  ASSERT_TRUE(batch.append(record(batch, 0, "x")));
  ASSERT_TRUE(batch.append(record(batch, 1, "x")));
  std::string text(1023, 'a');
  text += "ë";
  batch.set_verdict(0, VerdictKind::faulty, Reason::no_text, "decode", text);
  batch.set_verdict(1, VerdictKind::faulty, Reason::no_text, "decode", "short");
  EXPECT_EQ(batch.verdict(0).message, std::string(1023, 'a'));
  EXPECT_EQ(batch.verdict(1).message, "short");
}

TEST(Batch, EveryRowHasRoomForAMessage) {
  Batch batch({50, 1000});
  const std::string text(5000, 'm');
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(batch.append(record(batch, i, "")));
  for (std::uint32_t row = 0; row < 50; ++row) {
    batch.set_verdict(row, VerdictKind::filtered, Reason::none, "a", text);
    batch.set_verdict(row, VerdictKind::faulty, Reason::no_text, "b", text);
  }
  for (std::uint32_t row = 0; row < 50; ++row) EXPECT_EQ(batch.verdict(row).message.size(), 1024U);
}

TEST(Batch, ArticlesKeepTheirColumnsApart) {
  Batch batch;
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(batch.append(record(batch, i, "text")));
  EXPECT_TRUE(batch.article(1).parts.empty());
  for (const std::uint32_t row : {0U, 2U}) {
    const Part parts[] = {{"head", PartKind::headline, TextFormat::plain, 0},
                          {row == 0 ? "first" : "third", PartKind::body, TextFormat::plain, 0}};
    const Heading headings[] = {{1, {0, 2}}};
    const PassThrough passed[] = {{"by", "\"A\""}};
    Article article;
    article.uri = "urn:x";
    article.parts = parts;
    article.headings = headings;
    article.pass_through = passed;
    batch.set_article(row, article);
  }
  EXPECT_EQ(batch.article(0).parts[1].text, "first");
  EXPECT_EQ(batch.article(2).parts[1].text, "third");
  EXPECT_EQ(batch.article(2).headings.size(), 1U);
  EXPECT_EQ(batch.article(2).pass_through[0].name, "by");
  EXPECT_TRUE(batch.article(1).uri.empty());
}

TEST(Batch, TextArenaHandsOutItsRoomAndNoMore) {
  Batch batch({1, 100});
  const std::uint32_t all = batch.text_bytes_max();
  ASSERT_GE(all, 400U);
  char* const begin = batch.allocate_text(all - 10);
  ASSERT_NE(begin, nullptr);
  EXPECT_EQ(batch.allocate_text(11), nullptr);
  EXPECT_EQ(batch.store_text("01234567890").data(), nullptr);
  EXPECT_EQ(batch.store_text("0123456789"), "0123456789");
  EXPECT_EQ(batch.allocate_text(1), nullptr);
}

TEST(Batch, TrimGivesTheTailBack) {
  Batch batch({1, 100});
  char* const begin = batch.allocate_text(batch.text_bytes_max());
  ASSERT_NE(begin, nullptr);
  batch.trim_text(begin + 5);
  EXPECT_EQ(batch.allocate_text(1), begin + 5);
}

}  // namespace
}  // namespace telex
