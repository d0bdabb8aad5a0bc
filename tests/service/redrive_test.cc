#include "service/redrive.h"

#include <gtest/gtest.h>

#include "schemas/record_bytes.h"
#include "sink/kafka_sink.h"
#include "tests/service/dead_letter_testing.h"
#include "tests/support/temporary_folder.h"

namespace telex {
namespace {

using testing::LetterBox;
using testing::Refused;
using Headers = std::vector<std::pair<std::string, std::string>>;

RedriveOptions options_for(const std::string& filter = "") {
  RedriveOptions options;
  FilterError error;
  const auto parsed = Filter::parse(filter, dead_letter_place(), error);
  EXPECT_TRUE(parsed) << error.text();
  if (parsed) options.filter = *parsed;
  options.targets = {{"more", {1}}, {"raw", {2}}};
  options.parking_topic = "raw.dlq.parked";
  return options;
}

RedriveDecision decided(const RedriveOptions& options, const DeadLetter& letter) {
  FilterScratch scratch;
  return RedrivePlan(options).decide(letter, scratch);
}

RedriveDecision applied(const RedriveOptions& options, const DeadLetter& letter, Records& out,
                        std::uint32_t row = 0) {
  FilterScratch scratch;
  return RedrivePlan(options).apply(letter, scratch, row, out);
}

Headers headers_of(const Record& record) {
  Headers headers;
  for (std::uint32_t i = 0; i < record.headers.size(); ++i) {
    headers.emplace_back(record.headers[i].name, record.headers[i].value);
  }
  return headers;
}

TEST(RedrivePlan, PutsBackWhereItCameFrom) {
  const LetterBox box;
  const RedrivePlan plan(options_for());
  FilterScratch scratch;
  const RedriveDecision decision = plan.decide(box.letter(), scratch);
  EXPECT_EQ(decision.fate, Fate::put_back);
  EXPECT_EQ(plan.routes()[decision.route], "raw");
  EXPECT_EQ(decision.partition, Partition{1});
  EXPECT_EQ(plan.routes().back(), "raw.dlq.parked");
}

TEST(RedrivePlan, APartitionThatIsNotThereAnyMoreIsChosenByKey) {
  Refused refused;
  refused.partition = Partition{2};
  const RedriveDecision decision = decided(options_for(), LetterBox(refused).letter());
  EXPECT_EQ(decision.fate, Fate::put_back);
  EXPECT_EQ(decision.partition, Partition{});
}

TEST(RedrivePlan, AnotherTargetIsWrittenByKey) {
  RedriveOptions options = options_for();
  options.to = "more";
  options.targets = {{"more", {8}}};
  Refused refused;
  refused.topic = "from.anywhere";
  const RedriveDecision decision = decided(options, LetterBox(refused).letter());
  EXPECT_EQ(decision.fate, Fate::put_back);
  EXPECT_EQ(decision.route, 0);
  EXPECT_EQ(decision.partition, Partition{});
}

TEST(RedrivePlan, PassesOverWhatTheFilterDoesNotMatch) {
  EXPECT_EQ(decided(options_for("reason = not_utf8"), LetterBox().letter()).fate,
            Fate::passed_over);
}

TEST(RedrivePlan, ParksWhatWasPutBackAsOftenAsMayBe) {
  Refused refused;
  refused.headers = {{"telex-dlq-replays", "1"}};  // The dead letter says 2.
  const LetterBox box(refused);
  RedriveOptions options = options_for();
  EXPECT_EQ(decided(options, box.letter()).fate, Fate::put_back);
  options.replays_max = 2;
  EXPECT_EQ(decided(options, box.letter()).fate, Fate::parked);
  options.replays_max = 0;
  EXPECT_EQ(decided(options, LetterBox().letter()).fate, Fate::parked);
}

TEST(RedrivePlan, InTheParkingTopicWhatCameBackTooOftenStays) {
  RedriveOptions options = options_for();
  options.parking_topic.clear();
  options.replays_max = 0;
  const RedriveDecision decision = decided(options, LetterBox().letter());
  EXPECT_EQ(decision.fate, Fate::left);
  EXPECT_EQ(decision.left, LeftReason::too_often);
  EXPECT_EQ(RedrivePlan(options).routes(), (std::vector<std::string>{"more", "raw"}));
}

TEST(RedrivePlan, LeavesWhatIsNoneOfItsBusiness) {
  Refused foreign;
  foreign.topic = "elsewhere";
  const RedriveDecision decision = decided(options_for(), LetterBox(foreign).letter());
  EXPECT_EQ(decision.fate, Fate::left);
  EXPECT_EQ(decision.left, LeftReason::foreign_topic);
  const DeadLetter stranger =
      read_dead_letter(kafka::ConsumerRecord{"raw.dlq", Partition{0}, Offset{3}, 5, {}, "v", {}});
  EXPECT_EQ(decided(options_for(), stranger).left, LeftReason::unreadable);
}

TEST(RedrivePlan, WhatGoesBackIsTheOriginal) {
  Refused refused;
  refused.key = std::string("\0k", 2);
  refused.value = "\xFFv";
  refused.headers = {{"a", "1"}, {"a", ""}, {"telex-dlq-replays", "1"}, {"telex-dlq-x", "own"}};
  const LetterBox box(refused);
  Records out;
  applied(options_for(), box.letter(), out, 5);
  ASSERT_EQ(out.size(), 1U);
  EXPECT_EQ(out[0].destination, Destination::routed);
  EXPECT_EQ(out[0].key, *refused.key);
  EXPECT_EQ(out[0].value, *refused.value);
  EXPECT_EQ(out[0].timestamp, refused.timestamp);
  EXPECT_EQ(out[0].row, 5U);
  EXPECT_EQ(headers_of(out[0]),
            (Headers{{"a", "1"}, {"a", ""}, {"telex-dlq-x", "own"}, {"telex-dlq-replays", "2"}}));
}

TEST(RedrivePlan, NullStaysNull) {
  Refused refused;
  refused.key.reset();
  refused.value.reset();
  const LetterBox box(refused);
  Records out;
  applied(options_for(), box.letter(), out);
  EXPECT_EQ(out[0].key.data(), nullptr);
  EXPECT_EQ(out[0].value.data(), nullptr);
}

TEST(RedrivePlan, ATimestampThatWasClampedOnItsWayIsTheOriginalAgain) {
  Refused refused;
  refused.headers = {{kOriginalTimestamp, "17"}};  // The publisher's own, whatever it means.
  LetterBox box(refused);
  box.add_header(kOriginalTimestamp, "1600000000000");
  Records out;
  applied(options_for(), box.letter(), out);
  EXPECT_EQ(out[0].timestamp, 1'600'000'000'000);
  EXPECT_EQ(headers_of(out[0]),
            (Headers{{std::string(kOriginalTimestamp), "17"}, {"telex-dlq-replays", "0"}}));
}

TEST(RedrivePlan, WhatIsParkedIsTheDeadLetterAsItIs) {
  RedriveOptions options = options_for();
  options.replays_max = 0;
  Refused refused;
  refused.headers = {{"own", "x"}};
  const LetterBox box(refused);
  Records out;
  applied(options, box.letter(), out);
  ASSERT_EQ(out.size(), 1U);
  EXPECT_EQ(out[0].route, 2);
  EXPECT_EQ(out[0].headers.size(), box.letter().headers.size());
  EXPECT_EQ(out[0].timestamp, refused.timestamp);
}

TEST(RedrivePlan, LeavesWhatItsTopicDoesNotTake) {
  Refused refused;
  refused.value = std::string(10'000, 'x');
  const LetterBox box(refused);
  RedriveOptions options = options_for();
  Records out;
  ASSERT_EQ(applied(options, box.letter(), out).fate, Fate::put_back);
  const std::uint64_t bytes = bytes_on_topic(out[0]);
  out.clear();
  options.targets["raw"].record_bytes_max = bytes;
  EXPECT_EQ(applied(options, box.letter(), out).fate, Fate::put_back);
  out.clear();
  options.targets["raw"].record_bytes_max = bytes - 1;
  const RedriveDecision decision = applied(options, box.letter(), out);
  EXPECT_EQ(decision.left, LeftReason::too_large);
  EXPECT_NE(decision.message.find("raw takes"), std::string::npos) << decision.message;
  EXPECT_TRUE(out.empty());
}

class SpooledRedrive : public ::testing::Test {
 protected:
  SpooledRedrive() : folder_("redrive") {
    options_.spool = folder_.path();
    refused_.value = std::string(5000, 'x');
    refused_.headers = {{"own", "y"}};
  }
  // A claim check of `refused_`, the file of which holds `entry`.
  void claim(Offset spooled_offset) {
    box_.emplace(refused_);
    SpoolEntry entry;
    entry.topic = refused_.topic;
    entry.partition = refused_.partition;
    entry.offset = spooled_offset;
    entry.timestamp = 99;
    entry.key = *refused_.key;
    entry.value = *refused_.value;
    entry.headers = refused_.headers;
    const SpoolResult put = Spool({folder_.path()}).put(entry);
    ASSERT_TRUE(put.ok()) << put.message;
    file_ = put.file;
    add_claim_check(box_->records()[0], {put.file, "host", "instance"}, claims_);
    box_->look_at(claims_[0], Offset{7});
  }

  testing::TemporaryFolder folder_;
  RedriveOptions options_ = options_for();
  Refused refused_;
  std::optional<LetterBox> box_;
  Records claims_;
  std::string file_;
};

TEST_F(SpooledRedrive, TheOriginalGoesBack) {
  claim(refused_.offset);
  Records out;
  const RedriveDecision decision = applied(options_, box_->letter(), out);
  ASSERT_EQ(decision.fate, Fate::put_back) << decision.message;
  EXPECT_EQ(out[0].value, *refused_.value);
  EXPECT_EQ(out[0].timestamp, 99);
  EXPECT_EQ(headers_of(out[0]), (Headers{{"own", "y"}, {"telex-dlq-replays", "0"}}));
}

TEST_F(SpooledRedrive, WithoutItsFileItIsLeft) {
  claim(refused_.offset);
  std::filesystem::remove(folder_.path() / file_);
  const RedriveDecision decision = decided(options_, box_->letter());
  EXPECT_EQ(decision.left, LeftReason::not_in_spool);
  EXPECT_NE(decision.message.find(file_), std::string::npos) << decision.message;
  options_.spool.clear();
  EXPECT_EQ(decided(options_, box_->letter()).left, LeftReason::not_in_spool);
}

TEST_F(SpooledRedrive, AFileOfAnotherRecordIsNotFetched) {
  claim(Offset{refused_.offset.value + 1});
  const RedriveDecision decision = decided(options_, box_->letter());
  EXPECT_EQ(decision.left, LeftReason::not_in_spool);
  EXPECT_FALSE(decision.original);
}

TEST_F(SpooledRedrive, WhatIsParkedNeedsNoFile) {
  claim(refused_.offset);
  options_.spool.clear();
  options_.replays_max = 0;
  EXPECT_EQ(decided(options_, box_->letter()).fate, Fate::parked);
}

TEST(Redrive, ALaneBalancesItsBooks) {
  RedriveTally tally;
  const auto plan = std::make_shared<RedrivePlan>(options_for("offset < 50"));
  const BatchRunner runner = publish_redrive(plan, tally)->make_runner({});
  Batch batch;
  const std::uint16_t topic = batch.intern_topic("raw.dlq");
  for (int i = 0; i < 4; ++i) {
    Refused refused;
    refused.offset = Offset{i == 1 ? 60 : i};
    if (i == 2) refused.headers = {{"telex-dlq-replays", "9"}};
    const LetterBox box(refused);
    RawRecord raw;
    raw.topic = topic;
    raw.partition = Partition{0};
    raw.offset = Offset{i};
    raw.value = "v";
    if (i < 3) raw.headers = box.letter().headers;
    ASSERT_TRUE(batch.append(raw));
  }
  Records out;
  const BatchCounts counts = runner(batch, out);
  EXPECT_TRUE(counts.balances());
  EXPECT_EQ(counts.in, 4U);
  EXPECT_EQ(counts.published, 1U);
  EXPECT_EQ(counts.filtered, 1U);
  EXPECT_EQ(counts.suppressed, 1U);
  EXPECT_EQ(counts.held, 1U);
  EXPECT_EQ(out.size(), 2U);
  out.clear();
  runner(batch, out);  // Read again after an abort.
  EXPECT_TRUE(tally.counts().balances());
  EXPECT_EQ(tally.counts().in, 4U);
  EXPECT_EQ(tally.counts().of(Fate::put_back), 1U);
  EXPECT_EQ(tally.counts().of(LeftReason::unreadable), 1U);
  EXPECT_EQ(tally.counts().by_topic.at("raw"), 1U);
}

TEST(Redrive, ARecordThatFailsAgainAndAgainIsParkedInTheEnd) {
  Refused refused;
  int times_back = 0;
  std::string replays;
  while (true) {
    refused.headers.clear();
    if (!replays.empty()) refused.headers = {{"telex-dlq-replays", replays}};
    const LetterBox box(refused);
    Records out;
    const RedriveDecision decision = applied(options_for(), box.letter(), out);
    if (decision.fate == Fate::parked) break;
    ASSERT_LT(++times_back, 10);
    replays = headers_of(out[0]).back().second;
  }
  EXPECT_EQ(times_back, 3);
}

TEST(Redrive, RunsAreNamedAfterTopicFilterAndTarget) {
  const Filter all;
  FilterError error;
  const Filter some = *Filter::parse("offset<1", dead_letter_place(), error);
  const Filter same = *Filter::parse("(offset < 1)", dead_letter_place(), error);
  EXPECT_EQ(default_run_name("dlq", some, ""), default_run_name("dlq", same, ""));
  EXPECT_NE(default_run_name("dlq", some, ""), default_run_name("dlq", all, ""));
  EXPECT_NE(default_run_name("dlq", all, ""), default_run_name("dlq2", all, ""));
  EXPECT_NE(default_run_name("dlq", all, ""), default_run_name("dlq", all, "to"));
  EXPECT_TRUE(is_run_name(default_run_name("dlq", all, "")));
  EXPECT_TRUE(is_run_name("2025-02_mended.1"));
  EXPECT_FALSE(is_run_name(""));
  EXPECT_FALSE(is_run_name("a b"));
  EXPECT_FALSE(is_run_name(std::string(65, 'x')));
}

}  // namespace
}  // namespace telex
