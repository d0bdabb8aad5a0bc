#include "ingest/kafka_source.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/kafka/scripted.h"

namespace telex {
namespace {

using namespace std::chrono_literals;
using testing::ManualClock;
using testing::ScriptedConsumer;

class KafkaSourceTest : public ::testing::Test {
 protected:
  static inline const TopicPartition kA{"raw", Partition{0}};
  static inline const TopicPartition kB{"raw", Partition{1}};

  KafkaSourceTest() { open(kafka::StartPolicy::earliest); }

  void open(kafka::StartPolicy start) {
    auto consumer = std::make_unique<ScriptedConsumer>(clock_);
    consumer_ = consumer.get();
    KafkaSourceOptions options;
    options.topics = {"raw"};
    options.start = start;
    source_ = std::make_unique<KafkaSource>(std::move(consumer), options, clock_);
  }
  void assign(std::vector<TopicPartition> partitions) {
    consumer_->script.push_back(
        [partitions](kafka::RebalanceListener& listener) { listener.on_assigned(partitions); });
  }
  void revoke(std::vector<TopicPartition> partitions, bool lost = false) {
    consumer_->script.push_back([partitions, lost](kafka::RebalanceListener& listener) {
      listener.on_revoked(partitions, lost);
    });
  }
  // Polls once into an empty batch; returns its values.
  std::vector<std::string> poll(std::chrono::milliseconds time = 100ms) {
    batch_.clear();
    events_.clear();
    source_->poll(batch_, time, [this](const SourceEvent& event) { events_.push_back(event); });
    std::vector<std::string> values;
    for (std::uint32_t row = 0; row < batch_.size(); ++row) {
      values.emplace_back(batch_.raw(row).value);
    }
    return values;
  }

  ManualClock clock_;
  ScriptedConsumer* consumer_ = nullptr;
  std::unique_ptr<KafkaSource> source_;
  Batch batch_{{4, 1000}};
  std::vector<SourceEvent> events_;
};

TEST_F(KafkaSourceTest, BeginsAtTheCommittedOffset) {
  consumer_->log[kA] = {"a0", "a1", "a2"};
  consumer_->group_offsets[kA] = Offset{2};
  assign({kA});
  EXPECT_EQ(poll(), (std::vector<std::string>{"a2"}));
  ASSERT_EQ(events_.size(), 1U);
  EXPECT_EQ(events_[0].kind, SourceEventKind::assigned);
  EXPECT_EQ(events_[0].positions, (Positions{{kA, Offset{2}}}));
}

TEST_F(KafkaSourceTest, WithoutACommittedOffsetTheStartPolicyDecides) {
  consumer_->log[kA] = {"a0", "a1"};
  assign({kA});
  EXPECT_EQ(poll(), (std::vector<std::string>{"a0", "a1"}));
  open(kafka::StartPolicy::latest);
  consumer_->log[kA] = {"a0", "a1"};
  assign({kA});
  EXPECT_TRUE(poll().empty());
  consumer_->log[kA].push_back("a2");
  EXPECT_EQ(poll(), (std::vector<std::string>{"a2"}));
}

TEST_F(KafkaSourceTest, AGroupThatDoesNotAnswerIsJoinedAnew) {
  poll(59s);
  EXPECT_TRUE(events_.empty());
  poll(2s);
  ASSERT_EQ(events_.size(), 1U);
  EXPECT_EQ(events_[0].kind, SourceEventKind::fatal);
  EXPECT_EQ(events_[0].cause, FaultCause::world) << "it is not to be mended by a person";
}

TEST_F(KafkaSourceTest, WithoutABrokerTheGroupIsWaitedFor) {
  consumer_->watermarks_error = kafka::make_error("_TRANSPORT", "nobody there");
  for (int i = 0; i < 10; ++i) {
    poll(30s);
    EXPECT_TRUE(events_.empty());
  }
  consumer_->watermarks_error = {};
  poll(61s);
  EXPECT_EQ(events_.size(), 1U) << "from then on, and not for the time before";
}

TEST_F(KafkaSourceTest, AnEmptyShareIsAnAnswerAndARevokeBeginsTheWaitAnew) {
  assign({});
  poll(300s);
  ASSERT_EQ(events_.size(), 1U);
  EXPECT_EQ(events_[0].kind, SourceEventKind::assigned);
  assign({kA});
  poll(300s);
  EXPECT_EQ(events_.size(), 1U);
  revoke({kA});
  poll(59s);
  EXPECT_EQ(events_.size(), 1U) << "the revoke alone";
  poll(2s);
  ASSERT_EQ(events_.size(), 1U);
  EXPECT_EQ(events_[0].kind, SourceEventKind::fatal);
}

TEST_F(KafkaSourceTest, GivenPartitionsAreHeldWithoutJoiningTheGroup) {
  auto consumer = std::make_unique<ScriptedConsumer>(clock_);
  consumer_ = consumer.get();
  consumer_->log[kA] = {"a0", "a1", "a2"};
  consumer_->group_offsets[kA] = Offset{1};
  consumer_->member = false;
  KafkaSourceOptions options;
  options.partitions = {kA};
  source_ = std::make_unique<KafkaSource>(std::move(consumer), options, clock_);
  EXPECT_TRUE(consumer_->topics.empty());
  EXPECT_EQ(poll(), (std::vector<std::string>{"a1", "a2"}));
  ASSERT_EQ(events_.size(), 1U);
  EXPECT_EQ(events_[0].positions, (Positions{{kA, Offset{1}}}));
  EXPECT_EQ(source_->group(), "generation") << "positions are kept for it all the same";
}

TEST_F(KafkaSourceTest, WhileTheBrokerDoesNotSayWhereToBeginThePartitionIsSilent) {
  consumer_->log[kA] = {"a0"};
  consumer_->committed_errors = {kafka::make_error("NOT_COORDINATOR", ""),
                                 kafka::make_error("UNSTABLE_OFFSET_COMMIT", "")};
  assign({kA});
  EXPECT_TRUE(poll().empty());
  ASSERT_EQ(events_.size(), 2U);
  EXPECT_EQ(events_[0].kind, SourceEventKind::unavailable);
  EXPECT_EQ(events_[1].kind, SourceEventKind::unavailable);
  EXPECT_EQ(poll(), (std::vector<std::string>{"a0"}));
  ASSERT_EQ(events_.size(), 1U);
  EXPECT_EQ(events_[0].kind, SourceEventKind::assigned);
}

TEST_F(KafkaSourceTest, ARecordThatDoesNotFitComesFirstInTheNextBatch) {
  consumer_->log[kA] = {"0", "1", "2", "3", "4", "5"};
  assign({kA});
  EXPECT_EQ(poll(), (std::vector<std::string>{"0", "1", "2", "3"}));
  EXPECT_EQ(poll(), (std::vector<std::string>{"4", "5"}));
  EXPECT_TRUE(poll().empty());
}

TEST_F(KafkaSourceTest, ARewindDropsTheRecordThatWasSetAside) {
  consumer_->log[kA] = {"0", "1", "2", "3", "4", "5"};
  assign({kA});
  poll();
  const Positions back{{kA, Offset{1}}};
  source_->assign(back);
  EXPECT_EQ(poll(), (std::vector<std::string>{"1", "2", "3", "4"}));
  EXPECT_EQ(poll(), (std::vector<std::string>{"5"}));
}

TEST_F(KafkaSourceTest, AnEmptyAssignmentIsSilentAndEndsWithAnother) {
  consumer_->log[kA] = {"0"};
  assign({kA});
  consumer_->log[kA].clear();
  poll();
  source_->assign({});
  consumer_->log[kA] = {"0"};
  EXPECT_TRUE(poll().empty());
  const Positions on{{kA, Offset{0}}};
  source_->assign(on);
  EXPECT_EQ(poll(), (std::vector<std::string>{"0"}));
}

TEST_F(KafkaSourceTest, ARecordLargerThanAnyBatchIsAnEventAndNotSkipped) {
  consumer_->log[kA] = {"small", std::string(2000, 'x'), "after"};
  assign({kA});
  EXPECT_EQ(poll(), (std::vector<std::string>{"small"}));
  ASSERT_EQ(events_.size(), 2U);
  EXPECT_EQ(events_[1].kind, SourceEventKind::oversized);
  EXPECT_EQ(events_[1].positions, (Positions{{kA, Offset{1}}}));
  EXPECT_NE(events_[1].message.find("raw/0 at 1"), std::string::npos) << events_[1].message;
  EXPECT_TRUE(poll().empty());
  EXPECT_EQ(events_.at(0).kind, SourceEventKind::oversized);
}

TEST_F(KafkaSourceTest, ABatchHoldsNothingOfPartitionsThatWereTakenAwayMeanwhile) {
  consumer_->log[kA] = {"a0", "a1"};
  consumer_->log[kB] = {"b0"};
  assign({kA, kB});
  Batch batch;
  std::vector<SourceEventKind> kinds;
  const auto note = [&](const SourceEvent& event) { kinds.push_back(event.kind); };
  source_->poll(batch, 10ms, note);
  ASSERT_EQ(batch.size(), 3U);
  // The rows are still in hand when, in the same poll, A goes and B stays.
  revoke({kA});
  source_->poll(batch, 10ms, note);
  ASSERT_EQ(batch.size(), 1U);
  EXPECT_EQ(batch.raw(0).value, "b0") << "taken back, and read again";
  EXPECT_EQ(kinds.back(), SourceEventKind::revoked);
}

// What follows happens only where partitions are given and taken a few at a time.

TEST_F(KafkaSourceTest, PartitionsThatComeLaterRunBesideThoseThatStay) {
  consumer_->log[kA] = {"a0", "a1"};
  consumer_->log[kB] = {"b0", "b1"};
  consumer_->group_offsets[kB] = Offset{1};
  assign({kA});
  EXPECT_EQ(poll(), (std::vector<std::string>{"a0", "a1"}));
  assign({kB});
  EXPECT_EQ(poll(), (std::vector<std::string>{"b1"}));
  ASSERT_EQ(events_.size(), 1U);
  EXPECT_EQ(events_[0].partitions, (std::vector{kB})) << "only what is new";
  consumer_->log[kA].push_back("a2");
  EXPECT_EQ(poll(), (std::vector<std::string>{"a2"}));
  EXPECT_EQ(consumer_->assignments.back().size(), 2U);
}

TEST_F(KafkaSourceTest, WhileNewPartitionsAreNotKnownTheOthersReadOnAndAreAskedAboutOnceAPoll) {
  consumer_->log[kA] = {"0", "1", "2"};
  consumer_->log[kB] = {"b0"};
  assign({kA});
  EXPECT_EQ(poll().size(), 3U);
  assign({kB});
  consumer_->committed_errors.assign(3, kafka::make_error("UNSTABLE_OFFSET_COMMIT", ""));
  EXPECT_TRUE(poll(0ms).empty());
  consumer_->log[kA] = {"0", "1", "2", "3", "4", "5"};
  const std::size_t asked = consumer_->committed_errors.size();
  EXPECT_EQ(poll(), (std::vector<std::string>{"3", "4", "5"}));
  EXPECT_EQ(asked - consumer_->committed_errors.size(), 1U);
  ASSERT_EQ(events_.size(), 1U);
  EXPECT_EQ(events_[0].kind, SourceEventKind::unavailable);
}

TEST_F(KafkaSourceTest, ARecordSetAsideIsNotLostWhenNewPartitionsBeginToRun) {
  consumer_->log[kA] = {"0", "1", "2", "3", "4", "5"};
  consumer_->log[kB] = {"b0"};
  assign({kA});
  EXPECT_EQ(poll().size(), 4U);  // The fifth was set aside.
  assign({kB});
  std::vector<std::string> rest = poll();
  while (rest.size() < 3) {
    const std::vector<std::string> more = poll();
    ASSERT_FALSE(more.empty());
    rest.insert(rest.end(), more.begin(), more.end());
  }
  std::sort(rest.begin(), rest.end());
  EXPECT_EQ(rest, (std::vector<std::string>{"4", "5", "b0"}));
}

TEST_F(KafkaSourceTest, PartitionsThatAreSilencedStaySilentWhenOthersAreTaken) {
  consumer_->log[kA] = {"a0"};
  consumer_->log[kB] = {"b0"};
  assign({kA, kB});
  poll();
  source_->assign({});
  revoke({kA});
  consumer_->log[kB].push_back("b1");
  EXPECT_TRUE(poll().empty());
  const Positions on{{kB, Offset{1}}};
  source_->assign(on);
  EXPECT_EQ(poll(), (std::vector<std::string>{"b1"}));
}

TEST_F(KafkaSourceTest, LostPartitionsAreToldApartFromRevokedOnes) {
  assign({kA});
  poll();
  revoke({kA}, true);
  poll();
  ASSERT_EQ(events_.size(), 1U);
  EXPECT_EQ(events_[0].kind, SourceEventKind::lost);
  EXPECT_EQ(events_[0].partitions, (std::vector{kA}));
}

TEST_F(KafkaSourceTest, ErrorsBecomeEventsByTheirCause) {
  const struct {
    const char* code;
    SourceEventKind kind;
    FaultCause cause;
  } cases[] = {
      {"_ALL_BROKERS_DOWN", SourceEventKind::unavailable, FaultCause::world},
      {"_AUTO_OFFSET_RESET", SourceEventKind::out_of_range, FaultCause::world},
      {"TOPIC_AUTHORIZATION_FAILED", SourceEventKind::fatal, FaultCause::setup},
      {"UNKNOWN_TOPIC_OR_PART", SourceEventKind::fatal, FaultCause::setup},
      {"FENCED_INSTANCE_ID", SourceEventKind::fatal, FaultCause::fenced},
      {"_FATAL", SourceEventKind::fatal, FaultCause::world},
  };
  for (const auto& each : cases) {
    consumer_->poll_errors.push_back(kafka::make_error(each.code, "text"));
    poll();
    ASSERT_EQ(events_.size(), 1U) << each.code;
    EXPECT_EQ(events_[0].kind, each.kind) << each.code;
    EXPECT_EQ(events_[0].cause, each.cause) << each.code;
    EXPECT_NE(events_[0].message.find(each.code), std::string::npos);
  }
}

TEST_F(KafkaSourceTest, PollReturnsByItsDeadline) {
  assign({kA});
  poll(0ms);
  const auto before = clock_.steady();
  EXPECT_TRUE(poll(70ms).empty());
  EXPECT_EQ(clock_.steady() - before, 70ms);
}

TEST_F(KafkaSourceTest, LagIsZeroBehindCommitMarkersAndCountsWhatIsNotFetched) {
  consumer_->log[kA] = {"a0", "a1"};
  assign({kA});
  poll();
  EXPECT_EQ(source_->lag(kA, Offset{2}), std::nullopt) << "nothing is known yet";
  // Two records and a marker; all fetched, all handed out.
  consumer_->fetched[kA] = {Offset{0}, Offset{3}, Offset{3}, 0};
  EXPECT_EQ(source_->lag(kA, Offset{2}), 0);
  // Handed out is not settled.
  EXPECT_EQ(source_->lag(kA, Offset{1}), 2);
  consumer_->fetched[kA] = {Offset{0}, Offset{10}, Offset{5}, 2};
  EXPECT_EQ(source_->lag(kA, Offset{2}), 8);
  // Below the log's start there is nothing to be behind of.
  consumer_->fetched[kA] = {Offset{6}, Offset{10}, Offset{6}, 0};
  EXPECT_EQ(source_->lag(kA, Offset{2}), 4);
}

}  // namespace
}  // namespace telex
