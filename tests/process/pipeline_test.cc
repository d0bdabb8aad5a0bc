#include "process/pipeline.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "schemas/record_bytes.h"

namespace telex {
namespace {

// Gives every row an article of its own value, so that a pipeline can be tried without a decoder.
void as_article(Batch& batch, StageContext&) {
  for (std::uint32_t row = 0; row < batch.size(); ++row) {
    const RawRecord raw = batch.raw(row);
    if (raw.is_tombstone()) {
      Article gone;
      gone.uri = raw.key;
      batch.set_article(row, gone);
      batch.set_verdict(row, VerdictKind::deletion, Reason::none, "decode", "");
      continue;
    }
    if (raw.value == "faulty") {
      batch.set_verdict(row, VerdictKind::faulty, Reason::no_text, "decode", "nothing in it");
      continue;
    }
    const std::vector<Part> parts{{raw.value, PartKind::body, TextFormat::plain, 0}};
    Article article;
    article.uri = "urn:example:1";
    article.parts = parts;
    batch.set_article(row, article);
  }
}

class PipelineTest : public testing::Test {
 protected:
  void add(std::string_view value, bool tombstone = false) {
    RawRecord record;
    record.topic = batch_.intern_topic("raw");
    record.partition = Partition{0};
    record.offset = Offset{next_++};
    record.key = key_;
    if (!tombstone) record.value = value;
    ASSERT_TRUE(batch_.append(record));
  }
  Pipeline pipeline(std::vector<Pipeline::NamedStage> more = {}, PipelineOptions options = {}) {
    std::vector<Pipeline::NamedStage> stages{{"decode", as_article}};
    stages.insert(stages.end(), more.begin(), more.end());
    return {std::make_shared<Generation>(), std::move(stages), std::move(options)};
  }
  Batch batch_;
  Records records_;
  std::int64_t next_ = 0;
  std::string key_ = "key";
};

TEST_F(PipelineTest, EachRowBecomesOneRecordInOrder) {
  add("Een bericht.");
  add("faulty");
  add("", true);
  add("Nog een bericht.");
  const BatchCounts counts = pipeline().run(batch_, records_);
  ASSERT_EQ(records_.size(), 4U);
  EXPECT_EQ(records_[0].destination, Destination::enriched);
  EXPECT_EQ(records_[1].destination, Destination::dead_letter);
  EXPECT_EQ(records_[1].value, "faulty");
  EXPECT_EQ(records_[2].destination, Destination::enriched);
  EXPECT_EQ(records_[2].value.data(), nullptr);
  for (std::uint32_t i = 0; i < 4; ++i) EXPECT_EQ(records_[i].row, i);
  EXPECT_TRUE(counts.balances());
  EXPECT_EQ(counts.published, 2U);
  EXPECT_EQ(counts.dead_by_reason[static_cast<std::size_t>(Reason::no_text)], 1U);
  EXPECT_EQ(counts.deletions, 1U);
}

TEST_F(PipelineTest, RowsTakenOutGiveNoRecordAndAreCounted) {
  for (int i = 0; i < 3; ++i) add("Een bericht.");
  const auto take_out = [](Batch& batch, StageContext&) {
    batch.set_verdict(0, VerdictKind::filtered, Reason::none, "filter", "");
    batch.set_verdict(1, VerdictKind::suppressed, Reason::none, "duplicates", "");
    batch.set_verdict(2, VerdictKind::held, Reason::none, "embargo", "");
  };
  const BatchCounts counts = pipeline({{"take_out", take_out}}).run(batch_, records_);
  EXPECT_TRUE(records_.empty());
  EXPECT_EQ(counts.in, 3U);
  EXPECT_EQ(counts.filtered, 1U);
  EXPECT_EQ(counts.suppressed, 1U);
  EXPECT_EQ(counts.held, 1U);
  EXPECT_TRUE(counts.balances());
}

TEST_F(PipelineTest, ARecordAboveTheOutputLimitIsADeadLetterWithTheOriginal) {
  const std::string long_text(5000, 'a');
  add("Een bericht.");
  add(long_text);
  PipelineOptions options;
  options.output_bytes_max = 4000;
  const BatchCounts counts = pipeline({}, options).run(batch_, records_);
  ASSERT_EQ(records_.size(), 2U);
  EXPECT_EQ(records_[0].destination, Destination::enriched);
  EXPECT_EQ(records_[1].destination, Destination::dead_letter);
  EXPECT_EQ(records_[1].value, long_text);
  EXPECT_EQ(counts.dead_by_reason[static_cast<std::size_t>(Reason::output_too_large)], 1U);
  EXPECT_TRUE(counts.balances());
}

TEST_F(PipelineTest, TheOutputLimitCountsKeyHeadersAndFrames) {
  add("Een bericht.");
  pipeline().run(batch_, records_);
  const std::uint64_t bytes = bytes_on_topic(records_[0]);
  ASSERT_GT(bytes, records_[0].value.size() + 61);
  PipelineOptions options;
  for (const std::uint64_t limit : {bytes - 1, bytes}) {
    batch_.clear();
    records_.clear();
    add("Een bericht.");
    // The offset stands in a header: as many digits as before.
    ASSERT_LT(next_, 10);
    options.output_bytes_max = static_cast<std::uint32_t>(limit);
    const BatchCounts counts = pipeline({}, options).run(batch_, records_);
    EXPECT_EQ(counts.published, limit == bytes ? 1U : 0U);
  }
}

TEST_F(PipelineTest, ADeletionWhoseKeyIsTooLongForTheOutputIsADeadLetter) {
  key_ = std::string(5000, 'k');
  add("", true);
  PipelineOptions options;
  options.output_bytes_max = 5000;
  const BatchCounts counts = pipeline({}, options).run(batch_, records_);
  ASSERT_EQ(records_.size(), 1U);
  EXPECT_EQ(records_[0].destination, Destination::dead_letter);
  EXPECT_EQ(records_[0].key, key_);
  EXPECT_EQ(records_[0].value.data(), nullptr);
  EXPECT_EQ(counts.deletions, 0U);
  EXPECT_EQ(counts.dead_by_reason[static_cast<std::size_t>(Reason::output_too_large)], 1U);
  EXPECT_TRUE(counts.balances());
}

TEST_F(PipelineTest, EveryStageIsTimedOnce) {
  add("Een bericht.");
  Pipeline timed = pipeline({{"more", [](Batch&, StageContext&) {}}});
  timed.run(batch_, records_);
  timed.run(batch_, records_);
  ASSERT_EQ(timed.stage_times().size(), 3U);
  EXPECT_EQ(timed.stage_times()[1].name, "more");
  EXPECT_EQ(timed.stage_times()[2].name, "encode");
}

}  // namespace
}  // namespace telex
