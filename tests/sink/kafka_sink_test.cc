#include "sink/kafka_sink.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "schemas/claim_check.h"
#include "schemas/dead_letter.h"
#include "schemas/record_bytes.h"
#include "tests/conformance/records.h"
#include "tests/kafka/scripted.h"

namespace telex {
namespace {

namespace fs = std::filesystem;
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

TEST_F(KafkaSinkTest, AFaultOfTheSetUpStaysOneWhenItsAbortFails) {
  begin();
  say("send_offsets", make_error("TOPIC_AUTHORIZATION_FAILED", "enriched"));
  // As a broker answers that was never told of the transaction.
  say("abort", make_error("INVALID_TXN_STATE", "", {.fatal = true}));
  const CommitResult result = commit();
  EXPECT_EQ(result.outcome, CommitOutcome::fatal);
  EXPECT_EQ(result.cause, FaultCause::setup) << result.message;
  EXPECT_NE(result.message.find("TOPIC_AUTHORIZATION_FAILED"), std::string::npos) << result.message;
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

// ---------------------------------------------------------------------------------------------
// What does not fit into its topic.

class OversizeTest : public KafkaSinkTest {
 protected:
  static constexpr std::uint64_t kLimit = 10'000;

  OversizeTest() {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::path(::testing::TempDir()) /
              ("telex_claims." + std::string(info->name()) + "." + std::to_string(::getpid()));
    fs::remove_all(folder_);
    options_.record_limits = {{"enriched", kLimit}, {"dead", kLimit}};
    options_.spool = SpoolOptions{folder_};
    options_.host = "wire-1";
    options_.instance = "wire-1-0";
    options_.on_refused = [this] { ++refused_; };
    open();
  }
  ~OversizeTest() override { fs::remove_all(folder_); }

  // A dead letter of raw/3 at `offset`.
  static void add_dead(Records& records, std::string_view value, std::int64_t offset = 42,
                       std::string_view key = "key", UnixMillis timestamp = ManualClock::kEpoch) {
    Batch batch;
    const Header headers[] = {{"own", "header"}, {"null", {}}};
    RawRecord raw;
    raw.topic = batch.intern_topic("raw");
    raw.partition = Partition{3};
    raw.offset = Offset{offset};
    raw.timestamp = timestamp;
    raw.key = key;
    raw.value = value;
    raw.headers = headers;
    ASSERT_TRUE(batch.append(raw));
    batch.set_verdict(0, VerdictKind::faulty, Reason::too_large, "decode", "too large");
    add_dead_letter(batch, 0, Provenance{}, records);
  }
  // Such that the dead letter has exactly `bytes` on its topic.
  static std::string value_for(std::uint64_t bytes) {
    std::string value(bytes, 'v');
    while (true) {
      Records records;
      add_dead(records, value);
      const std::uint64_t have = bytes_on_topic(records[0]);
      if (have == bytes) return value;
      value.resize(value.size() + bytes - have);
    }
  }
  std::string sent_header(std::size_t index, std::string_view name) const {
    for (const auto& [have, value] : producer_->sent[index].headers) {
      if (have == name) return value;
    }
    return "<none>";
  }
  std::size_t spooled() const {
    std::size_t count = 0;
    std::error_code none;
    for (const auto& each : fs::directory_iterator(folder_, none)) {
      if (each.path().extension() == ".record") ++count;
    }
    return count;
  }

  fs::path folder_;
  int refused_ = 0;
};

TEST_F(OversizeTest, ADeadLetterAtTheLimitGoesOutAsItIsAndOneByteMoreAsAClaimCheck) {
  begin();
  for (const std::uint64_t bytes : {kLimit - 1, kLimit, kLimit + 1}) {
    Records records;
    const std::string value = value_for(bytes);
    add_dead(records, value);
    ASSERT_TRUE(sink_->stage(records, 0).ok());
    const auto& sent = producer_->sent.back();
    EXPECT_EQ(sent.topic, "dead");
    EXPECT_EQ(sent.value == value, bytes <= kLimit) << bytes;
  }
  ASSERT_EQ(producer_->sent.size(), 3U);
  EXPECT_EQ(sent_header(1, kClaimHeader), "<none>");
  EXPECT_EQ(sent_header(1, "own"), "header");
  EXPECT_EQ(sent_header(2, kClaimHeader), "1");
  EXPECT_EQ(sent_header(2, "own"), "<none>");
  EXPECT_EQ(sent_header(2, "telex-dlq-offset"), "42");
  EXPECT_EQ(producer_->sent[2].timestamp, ManualClock::kEpoch);
  EXPECT_EQ(producer_->sent[2].key, "key");

  std::string error;
  const auto claim = parse_claim_check(producer_->sent[2].value, error);
  ASSERT_TRUE(claim.has_value()) << error;
  EXPECT_EQ(claim->host, "wire-1");
  EXPECT_EQ(claim->instance, "wire-1-0");
  const auto original = read_claimed(folder_, *claim, error);
  ASSERT_TRUE(original.has_value()) << error;
  EXPECT_EQ(original->entry.topic, "raw");
  EXPECT_EQ(original->entry.partition, Partition{3});
  EXPECT_EQ(original->entry.offset, Offset{42});
  EXPECT_EQ(original->entry.timestamp, ManualClock::kEpoch);
  EXPECT_EQ(original->entry.key, "key");
  EXPECT_EQ(original->entry.value, value_for(kLimit + 1));
  ASSERT_EQ(original->entry.headers.size(), 2U) << "telex's own are on the topic";
  EXPECT_EQ(original->entry.headers[0].value, "header");
  EXPECT_EQ(original->entry.headers[1].value.data(), nullptr);
}

TEST_F(OversizeTest, TheRecordIsOnTheDiskBeforeTheTransactionHasAnythingOfIt) {
  begin();
  Records records;
  add_dead(records, std::string(kLimit, 'v'));
  producer_->on_produce = [this] { EXPECT_EQ(spooled(), 1U); };
  ASSERT_TRUE(sink_->stage(records, 0).ok());
  EXPECT_EQ(producer_->sent.size(), 1U);
}

TEST_F(OversizeTest, ARepeatedTransactionReplacesItsOwnFile) {
  Records records;
  add_dead(records, std::string(kLimit, 'v'));
  for (int i = 0; i < 3; ++i) {
    begin();
    ASSERT_TRUE(sink_->stage(records, 0).ok());
    EXPECT_EQ(sink_->abort(5s).outcome, CommitOutcome::aborted);
  }
  EXPECT_EQ(spooled(), 1U);
}

TEST_F(OversizeTest, AKeyThatIsTooLargeIsCutAndTheOriginalKept) {
  begin();
  const std::string key(kLimit, 'k');
  Records records;
  add_dead(records, "v", 42, key);
  ASSERT_TRUE(sink_->stage(records, 0).ok());
  EXPECT_EQ(producer_->sent[0].key, "xxh3-128:" + content_digest(key));
  std::string error;
  const auto claim = parse_claim_check(producer_->sent[0].value, error);
  ASSERT_TRUE(claim.has_value()) << error;
  EXPECT_EQ(read_claimed(folder_, *claim, error)->entry.key, key);
}

TEST_F(OversizeTest, WithoutASpoolTheRecordIsBlockedAndWhatStoodBeforeItIsTaken) {
  options_.spool.reset();
  open();
  begin();
  Records records;
  add_record(records, "k", "e");
  add_dead(records, std::string(kLimit, 'v'));
  const SinkResult result = sink_->stage(records, 0);
  EXPECT_EQ(result.status, SinkStatus::blocked);
  EXPECT_EQ(sink_->staged(), 1U);
  EXPECT_TRUE(result.message.starts_with("spool_unavailable: the dead letter of raw/3 at 42: "))
      << result.message;
  EXPECT_NE(result.message.find("dead_letters.spool"), std::string::npos) << result.message;
  EXPECT_EQ(producer_->sent.size(), 1U);
}

TEST_F(OversizeTest, AFullSpoolBlocksTheRecordUntilThereIsRoom) {
  options_.spool->bytes_max = 15'000;
  open();
  begin();
  Records records;
  add_dead(records, std::string(kLimit, 'v'), 1);
  add_dead(records, std::string(kLimit, 'v'), 2);
  SinkResult result = sink_->stage(records, 0);
  EXPECT_EQ(result.status, SinkStatus::blocked);
  EXPECT_EQ(sink_->staged(), 1U);
  EXPECT_TRUE(result.message.starts_with("spool_full: the dead letter of raw/3 at 2: "))
      << result.message;
  EXPECT_EQ(producer_->sent.size(), 1U);
  fs::remove_all(folder_);
  EXPECT_TRUE(sink_->stage(records, 1).ok());
  EXPECT_EQ(producer_->sent.size(), 2U);
}

TEST_F(OversizeTest, ASpoolThatCannotBeWrittenBlocksTheRecord) {
  std::ofstream(folder_) << "no folder";
  begin();
  Records records;
  add_dead(records, std::string(kLimit, 'v'));
  const SinkResult result = sink_->stage(records, 0);
  EXPECT_EQ(result.status, SinkStatus::blocked);
  EXPECT_TRUE(result.message.starts_with("spool_unavailable: ")) << result.message;
  EXPECT_TRUE(producer_->sent.empty());
}

TEST_F(OversizeTest, AnythingElseThatIsTooLargeIsAFaultOfTheSetUpSaidBeforeABrokerHasTo) {
  begin();
  Records records;
  add_record(records, "k", std::string(kLimit, 'v'));
  const SinkResult result = sink_->stage(records, 0);
  EXPECT_EQ(result.status, SinkStatus::abort);
  EXPECT_EQ(result.cause, FaultCause::setup);
  EXPECT_NE(result.message.find("topic enriched takes 10000"), std::string::npos) << result.message;
  EXPECT_TRUE(producer_->sent.empty());
}

TEST_F(OversizeTest, TheNoteAboutATimestampMakesNoRecordTooLarge) {
  options_.timestamp_limits["enriched"] = {24h, 1h};
  options_.timestamp_limits["dead"] = {24h, 1h};
  open();
  begin();
  Records records;
  records.open();
  records.buffer() += std::string(kLimit - 61 - 7 - 4, 'v');  // Its lengths take 3 bytes each.
  records.end_value();
  records.close(Destination::enriched, 0, Partition{}, 1, 0);
  ASSERT_EQ(bytes_on_topic(records[0]), kLimit);
  add_dead(records, value_for(kLimit), 42, "key", 1);
  ASSERT_TRUE(sink_->stage(records, 0).ok());
  EXPECT_EQ(sent_header(0, kOriginalTimestamp), "<none>");
  EXPECT_EQ(sent_header(1, kOriginalTimestamp), "1");
  EXPECT_EQ(sent_header(1, kClaimHeader), "1") << "a dead letter keeps it, in a claim check";
}

TEST_F(OversizeTest, ARecordThatABrokerRefusesIsToldAndEndsTheSink) {
  begin();
  producer_->events.first_failure = make_error("MSG_SIZE_TOO_LARGE", "dead, 2000 bytes");
  EXPECT_TRUE(commit().recreate);
  EXPECT_EQ(refused_, 1);
  open();
  begin();
  say("produce", make_error("MSG_SIZE_TOO_LARGE", "dead, 2000 bytes"));
  Records records;
  add_record(records, "k", "e");
  const SinkResult result = sink_->stage(records, 0);
  EXPECT_EQ(result.status, SinkStatus::abort);
  EXPECT_EQ(result.cause, FaultCause::record);
  EXPECT_TRUE(sink_->abort(5s).recreate);
  EXPECT_EQ(refused_, 2);
}

TEST_F(OversizeTest, ARefusalThatIsReportedAfterItsTransactionEndsTheSinkAllTheSame) {
  begin();
  EXPECT_EQ(sink_->abort(5s).outcome, CommitOutcome::aborted);
  producer_->events.first_failure = make_error("MSG_SIZE_TOO_LARGE", "dead, 2000 bytes");
  EXPECT_TRUE(sink_->poll().ok()) << "nothing is open that it could fail";
  const SinkResult result = sink_->begin();
  EXPECT_EQ(result.status, SinkStatus::abort);
  EXPECT_EQ(result.cause, FaultCause::record);
  EXPECT_EQ(refused_, 1);
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

TEST_F(AtLeastOnceTest, ARecordThatABrokerRefusesEndsTheSink) {
  begin();
  producer_->events.first_failure = make_error("MSG_SIZE_TOO_LARGE", "enriched, 10 bytes");
  const CommitResult result = commit();
  EXPECT_EQ(result.outcome, CommitOutcome::aborted);
  EXPECT_EQ(result.cause, FaultCause::record);
  EXPECT_TRUE(result.recreate);
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
