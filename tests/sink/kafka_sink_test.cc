#include "sink/kafka_sink.h"

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/conformance/records.h"
#include "tests/kafka/scripted.h"

namespace telex {
namespace {

using namespace std::chrono_literals;
using kafka::make_error;
using testing::add_record;
using testing::ManualClock;
using testing::ScriptedProducer;
using Calls = std::vector<std::string>;

class KafkaSinkTest : public ::testing::Test {
 protected:
  KafkaSinkTest() {
    options_.enriched_topic = "enriched";
    options_.dead_letter_topic = "dead";
    options_.routes = {"sport", "politics"};
    open();
  }
  void open() {
    auto producer = std::make_unique<ScriptedProducer>(clock_);
    producer_ = producer.get();
    sink_ = std::make_unique<KafkaSink>(std::move(producer), options_, clock_);
  }
  void begin() {
    ASSERT_TRUE(sink_->begin().ok());
    producer_->calls.clear();
  }
  CommitResult commit() { return sink_->commit({{{"raw", Partition{0}}, Offset{7}}}, "group", 5s); }
  void say(const std::string& call, kafka::Error error, std::chrono::milliseconds takes = 0ms,
           std::uint32_t faults = 0) {
    producer_->answers[call].push_back({std::move(error), takes, faults});
  }

  ManualClock clock_;
  KafkaSinkOptions options_;
  ScriptedProducer* producer_ = nullptr;
  std::unique_ptr<KafkaSink> sink_;
};

TEST_F(KafkaSinkTest, PositionsAndGroupGoIntoTheTransactionBeforeItsCommit) {
  begin();
  EXPECT_EQ(commit().outcome, CommitOutcome::committed);
  EXPECT_EQ(producer_->calls, (Calls{"send_offsets", "commit"}));
  EXPECT_EQ(producer_->last_group, "group");
  ASSERT_EQ(producer_->last_offsets.size(), 1U);
  EXPECT_EQ(producer_->last_offsets[0].next, Offset{7});
}

TEST_F(KafkaSinkTest, DestinationsGoToTheirTopics) {
  begin();
  Records records;
  add_record(records, "k", "e");
  add_record(records, "k", "d", Destination::dead_letter);
  add_record(records, "k", "r", Destination::routed, 0, 1);
  ASSERT_TRUE(sink_->stage(records, 0).ok());
  ASSERT_EQ(producer_->sent.size(), 3U);
  EXPECT_EQ(producer_->sent[0].topic, "enriched");
  EXPECT_EQ(producer_->sent[1].topic, "dead");
  EXPECT_EQ(producer_->sent[2].topic, "politics");
}

TEST_F(KafkaSinkTest, ADestinationWithoutATopicIsAFaultOfTheSetUp) {
  begin();
  Records records;
  add_record(records, "k", "r", Destination::routed, 0, 2);
  const SinkResult result = sink_->stage(records, 0);
  EXPECT_EQ(result.status, SinkStatus::abort);
  EXPECT_EQ(result.cause, FaultCause::setup);
}

TEST_F(KafkaSinkTest, AnAbortableErrorAbortsAndSaysSo) {
  begin();
  say("send_offsets", make_error("ILLEGAL_GENERATION", "rebalance", {.requires_abort = true}));
  const CommitResult result = commit();
  EXPECT_EQ(result.outcome, CommitOutcome::aborted);
  EXPECT_EQ(producer_->calls, (Calls{"send_offsets", "abort"}));
  EXPECT_FALSE(result.recreate);
}

TEST_F(KafkaSinkTest, ARetriableErrorIsTriedAgainWithTheSameArguments) {
  begin();
  say("send_offsets", make_error("NOT_COORDINATOR", "", {.retriable = true}));
  say("commit", make_error("COORDINATOR_NOT_AVAILABLE", "", {.retriable = true}));
  EXPECT_EQ(commit().outcome, CommitOutcome::committed);
  EXPECT_EQ(producer_->calls, (Calls{"send_offsets", "send_offsets", "commit", "commit"}));
}

TEST_F(KafkaSinkTest, ACommitThatRunsOutOfTimeIsUnknown) {
  begin();
  say("commit", make_error("_TIMED_OUT", "", {.retriable = true}), 6s);
  const CommitResult result = commit();
  EXPECT_EQ(result.outcome, CommitOutcome::unknown);
  EXPECT_EQ(producer_->calls, (Calls{"send_offsets", "commit"})) << "nothing may follow it";
}

TEST_F(KafkaSinkTest, OffsetsThatRunOutOfTimeAreAnAbortForNothingWasDecided) {
  begin();
  say("send_offsets", make_error("_TIMED_OUT", "", {.retriable = true}), 6s);
  EXPECT_EQ(commit().outcome, CommitOutcome::aborted);
}

TEST_F(KafkaSinkTest, AFatalErrorIsFatalAndFencedIsToldApart) {
  begin();
  say("commit", make_error("INVALID_TXN_STATE", "", {.fatal = true}));
  CommitResult result = commit();
  EXPECT_EQ(result.outcome, CommitOutcome::fatal);
  EXPECT_EQ(result.cause, FaultCause::world);
  open();
  begin();
  say("commit", make_error("_FENCED", "", {.fatal = true}));
  result = commit();
  EXPECT_EQ(result.outcome, CommitOutcome::fatal);
  EXPECT_EQ(result.cause, FaultCause::fenced);
}

TEST_F(KafkaSinkTest, ATransportFaultDuringTheCommitAsksForANewSink) {
  begin();
  say("commit", {}, 10ms, 1);
  const CommitResult result = commit();
  EXPECT_EQ(result.outcome, CommitOutcome::committed);
  EXPECT_TRUE(result.recreate);
}

TEST_F(KafkaSinkTest, ACommitLongerThanTheSocketTimeoutAsksForANewSink) {
  begin();
  say("commit", {}, kafka::kSocketTimeout);
  const CommitResult result = commit();
  EXPECT_EQ(result.outcome, CommitOutcome::committed);
  EXPECT_TRUE(result.recreate);
}

TEST_F(KafkaSinkTest, ATransportFaultBeforeTheCommitIsNoneOfItsBusiness) {
  begin();
  producer_->events.transport_faults = 3;
  EXPECT_FALSE(commit().recreate);
}

TEST_F(KafkaSinkTest, AnAbortThatFailsLeavesNobodyCertain) {
  begin();
  say("abort", make_error("_TIMED_OUT", "", {.retriable = true}), 20s);
  EXPECT_EQ(sink_->abort(5s).outcome, CommitOutcome::unknown);
}

TEST_F(KafkaSinkTest, ARecordTooLargeIsAnAbortThatNamesIt) {
  begin();
  producer_->events.deliveries_failed = 1;
  producer_->events.first_failure = make_error("MSG_SIZE_TOO_LARGE", "enriched, 2000000 bytes");
  const CommitResult result = commit();
  EXPECT_EQ(result.outcome, CommitOutcome::aborted);
  EXPECT_EQ(result.cause, FaultCause::record);
  EXPECT_NE(result.message.find("2000000 bytes"), std::string::npos) << result.message;
  EXPECT_EQ(producer_->calls, (Calls{"abort"})) << "there was no use in trying";
  EXPECT_TRUE(result.recreate);
  EXPECT_TRUE(sink_->poll().ok()) << "what was dropped concerns nobody";
}

TEST_F(KafkaSinkTest, AFullQueueIsWaitedForAndThenFull) {
  begin();
  Records records;
  for (int i = 0; i < 3; ++i) add_record(records, "k", "v");
  say("produce", {});
  say("produce", make_error("_QUEUE_FULL", ""));
  ASSERT_TRUE(sink_->stage(records, 0).ok()) << "a short wait was enough";
  EXPECT_EQ(producer_->sent.size(), 3U);

  const auto before = clock_.steady();
  say("produce", {});
  for (int i = 0; i < 100; ++i) say("produce", make_error("_QUEUE_FULL", ""));
  const SinkResult result = sink_->stage(records, 0);
  EXPECT_EQ(result.status, SinkStatus::full);
  EXPECT_EQ(sink_->staged(), 1U);
  EXPECT_EQ(clock_.steady() - before, options_.full_wait);
}

TEST_F(KafkaSinkTest, TimestampsOutsideOfTheTopicsLimitsAreClampedAndTheOriginalKept) {
  options_.timestamp_limits["enriched"] = {24h, 1h};
  open();
  begin();
  const UnixMillis now = clock_.utc();
  const struct {
    UnixMillis given;
    UnixMillis sent;
  } cases[] = {
      {now, now},
      {now - 3'600'000, now - 3'600'000},
      {now + 1'800'000, now + 1'800'000},
      {now + 7'200'000, now + 3'600'000 - 60'000},
      {now - 10 * 86'400'000LL, now - 86'400'000 + 60'000},
      {kNoTimestamp, kNoTimestamp},
  };
  Records records;
  for (const auto& each : cases) {
    records.open();
    records.end_value();
    records.close(Destination::enriched, 0, Partition{}, each.given, 0);
  }
  ASSERT_TRUE(sink_->stage(records, 0).ok());
  for (std::size_t i = 0; i < std::size(cases); ++i) {
    EXPECT_EQ(producer_->sent[i].timestamp, cases[i].sent) << i;
    if (cases[i].given == cases[i].sent) {
      EXPECT_TRUE(producer_->sent[i].headers.empty()) << i;
    } else {
      ASSERT_EQ(producer_->sent[i].headers.size(), 1U) << i;
      EXPECT_EQ(producer_->sent[i].headers[0].first, kOriginalTimestamp);
      EXPECT_EQ(producer_->sent[i].headers[0].second, std::to_string(cases[i].given));
    }
  }
}

TEST_F(KafkaSinkTest, NoLimitAsKafkaWritesItClampsNothing) {
  options_.timestamp_limits["enriched"] = {std::chrono::milliseconds{INT64_MAX}, 1h};
  open();
  begin();
  Records records;
  records.open();
  records.end_value();
  records.close(Destination::enriched, 0, Partition{}, 1, 0);
  ASSERT_TRUE(sink_->stage(records, 0).ok());
  EXPECT_EQ(producer_->sent[0].timestamp, 1);
}

TEST_F(KafkaSinkTest, OpenGoesOnAfterATransientFaultAndNamesTheOthers) {
  say("init", make_error("_TIMED_OUT", "", {.retriable = true}));
  EXPECT_EQ(sink_->open(5s).status, SinkStatus::transient);
  EXPECT_TRUE(sink_->open(5s).ok());
  say("init", make_error("TRANSACTIONAL_ID_AUTHORIZATION_FAILED", "", {.fatal = true}));
  const SinkResult result = sink_->open(5s);
  EXPECT_EQ(result.status, SinkStatus::fatal);
  EXPECT_EQ(result.cause, FaultCause::setup);
}

class AtLeastOnceTest : public KafkaSinkTest {
 protected:
  AtLeastOnceTest() {
    options_.delivery = Delivery::at_least_once;
    options_.commit_offsets = [this](const Positions& next, std::chrono::milliseconds) {
      producer_->calls.emplace_back("commit_offsets");
      committed_ = next;
      return offsets_answer_;
    };
    open();
  }
  Positions committed_;
  kafka::Error offsets_answer_;
};

TEST_F(AtLeastOnceTest, OutputsAreAcknowledgedBeforePositionsAreCommitted) {
  begin();
  EXPECT_EQ(commit().outcome, CommitOutcome::committed);
  EXPECT_EQ(producer_->calls, (Calls{"flush", "commit_offsets"}));
  ASSERT_EQ(committed_.size(), 1U);
}

TEST_F(AtLeastOnceTest, AFailedDeliveryKeepsThePositionsBack) {
  begin();
  producer_->events.first_failure = make_error("_MSG_TIMED_OUT", "enriched, 10 bytes");
  EXPECT_EQ(commit().outcome, CommitOutcome::aborted);
  EXPECT_EQ(producer_->calls, (Calls{"flush", "purge"}));
  EXPECT_TRUE(committed_.empty());
}

TEST_F(AtLeastOnceTest, OffsetsThatTimeOutAreUnknownAndRefusedOnesAnAbort) {
  begin();
  offsets_answer_ = make_error("_TIMED_OUT", "");
  EXPECT_EQ(commit().outcome, CommitOutcome::unknown);
  begin();
  offsets_answer_ = make_error("ILLEGAL_GENERATION", "");
  EXPECT_EQ(commit().outcome, CommitOutcome::aborted);
}

}  // namespace
}  // namespace telex
