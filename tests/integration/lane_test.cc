#include "service/lane.h"

#include <memory>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/integration/fake_world.h"
#include "tests/integration/pass_through.h"
#include "tests/support/temporary_folder.h"

namespace telex::testing {
namespace {

using namespace std::chrono_literals;

class Listening final : public LaneObserver {
 public:
  void on_batch(const Batch&, const Records&, const BatchCounts& counts) override {
    provisional += counts.in;
  }
  void on_commit(const LaneCommit& commit) override {
    committed += commit.counts;
    timestamps += commit.timestamps.size();
    provisional = 0;
    EXPECT_TRUE(commit.counts.balances());
  }
  void on_abort(CommitOutcome, const std::string&) override { provisional = 0; }
  void on_recreate(std::string_view why) override { recreated.emplace_back(why); }
  void on_problem(std::string_view problem) override { problems.emplace_back(problem); }

  std::uint64_t provisional = 0;
  std::uint64_t timestamps = 0;
  BatchCounts committed;
  std::vector<std::string> recreated;
  std::vector<std::string> problems;
};

class LaneTest : public ::testing::Test {
 protected:
  static inline const TopicPartition kA{"raw", Partition{0}};
  static inline const TopicPartition kB{"raw", Partition{1}};
  static inline const TopicPartition kC{"raw", Partition{2}};

  LaneTest() {
    options_.sleep = [this](std::chrono::milliseconds time) { world_.clock.pass(time); };
    published_ = publish_pass_through(1);
  }
  Lane& lane() {
    if (lane_ == nullptr) {
      lane_ = std::make_unique<Lane>(
          options_, ports_to(world_), [this] { return published_; }, world_.clock, &observer_);
    }
    return *lane_;
  }
  // Until nothing is left to read and nothing is open, or the lane is over.
  void settle(int turns_max = 2000) {
    for (int i = 0; i < turns_max; ++i) {
      if (!lane().step()) return;
      bool all = !world_.transaction_open;
      for (const auto& [partition, values] : world_.log) {
        if (world_.held.count(partition) == 0) continue;
        all = all && world_.next_of(partition).value == static_cast<std::int64_t>(values.size());
      }
      if (all) return;
    }
    ADD_FAILURE() << "the lane does not settle; it says: " << lane().status().problem;
  }
  // Every record of every partition is in the output once, in its partition's order.
  void expect_exact() {
    for (const auto& [partition, values] : world_.log) {
      const auto& written = world_.output_by_source[partition];
      if (written == values) continue;
      const auto differ =
          std::mismatch(written.begin(), written.end(), values.begin(), values.end());
      ADD_FAILURE() << "partition " << partition.partition.value << ": " << values.size() << " in, "
                    << written.size() << " out, first wrong at " << differ.first - written.begin()
                    << ": " << (differ.first == written.end() ? "missing" : *differ.first);
    }
    for (const char* wrong : {"assigned what is not held", "committed what is not held",
                              "begin inside a transaction", "commit without group"}) {
      EXPECT_EQ(world_.called(wrong), 0) << wrong;
    }
  }
  LaneState run_to_end() {
    for (int i = 0; i < 2000 && lane().step(); ++i) {
    }
    return lane().status().state;
  }

  FakeWorld world_;
  LaneOptions options_;
  Listening observer_;
  PublishedPtr published_;
  std::unique_ptr<Lane> lane_;
};

TEST_F(LaneTest, SettlesEveryRecordOnceAndInOrder) {
  for (const TopicPartition& each : {kA, kB, kC}) world_.fill(each, 1000);
  settle();
  expect_exact();
  EXPECT_EQ(observer_.committed.in, 3000U);
  EXPECT_EQ(observer_.timestamps, 3000U);
  EXPECT_EQ(lane().status().counts.published, 3000U);
  EXPECT_TRUE(lane().status().ready);
}

TEST_F(LaneTest, NoTransactionIsBegunWhileThereIsNothingToDo) {
  world_.fill(kA, 0);
  world_.log[kA];
  for (int i = 0; i < 50; ++i) lane().step();
  EXPECT_EQ(world_.called("begin"), 0);
}

TEST_F(LaneTest, ATransactionClosesOnCount) {
  options_.transaction_records = 300;
  world_.fill(kA, 1000);
  settle();
  EXPECT_EQ(world_.called("commit"), 4);
  expect_exact();
}

TEST_F(LaneTest, ATransactionClosesOnBytes) {
  options_.transaction_bytes = 1;
  world_.fill(kA, 1000);
  settle();
  EXPECT_EQ(world_.called("commit"), 10) << "one a poll";
}

TEST_F(LaneTest, ATransactionClosesOnTime) {
  world_.fill(kA, 1);
  const auto before = world_.clock.steady();
  settle();
  EXPECT_EQ(world_.clock.steady() - before, options_.transaction_time);
}

TEST_F(LaneTest, AnAbortedTransactionIsReadAgain) {
  world_.fill(kA, 500);
  world_.fill(kB, 500);
  world_.fates = {Fate::committed, Fate::aborted, Fate::aborted, Fate::committed, Fate::aborted};
  options_.transaction_records = 200;
  settle();
  expect_exact();
  EXPECT_EQ(observer_.committed.in, 1000U) << "counts apply at commit only";
  EXPECT_EQ(lane().status().aborted, 3U);
}

TEST_F(LaneTest, RepeatedAbortsPauseLongerEachTimeAndKeepPolling) {
  world_.fill(kA, 10);
  world_.fates.assign(6, Fate::aborted);
  const auto before = world_.clock.steady();
  settle();
  expect_exact();
  // 100 + 200 + 400 + 800 + 1600 ms after the second to the sixth, the first at once.
  EXPECT_GE(world_.clock.steady() - before, 3s);
  EXPECT_TRUE(std::any_of(world_.assignments.begin(), world_.assignments.end(),
                          [](const Positions& each) { return each.empty(); }));
}

TEST_F(LaneTest, ARevokeCommitsWhatWasProcessed) {
  world_.fill(kA, 50);
  options_.transaction_time = 10s;
  lane().step();
  ASSERT_TRUE(world_.transaction_open);
  world_.events.push_back(FakeWorld::taken(SourceEventKind::revoked, {kA}));
  lane().step();
  EXPECT_EQ(world_.committed[kA], Offset{50});
  EXPECT_TRUE(world_.held.empty());
  expect_exact();
}

TEST_F(LaneTest, AFailedCommitInARevokeSendsBackThePartitionsThatStay) {
  for (const TopicPartition& each : {kA, kB, kC}) world_.fill(each, 30);
  world_.rows_a_poll = 60;  // A, and B, in hand; C not yet.
  options_.transaction_time = 10s;
  lane().step();
  ASSERT_TRUE(world_.transaction_open);
  world_.fates = {Fate::aborted};
  world_.events.push_back(FakeWorld::taken(SourceEventKind::revoked, {kA}));
  lane().step();
  EXPECT_EQ(world_.committed.count(kA), 0U);
  // Another member reads A; here it comes back, from its committed position.
  world_.events.push_back(world_.assigned({kA}));
  options_.transaction_time = 50ms;
  settle();
  expect_exact();
}

TEST_F(LaneTest, RowsReadInTheSamePollAsARevokeAreNotLost) {
  for (const TopicPartition& each : {kA, kB}) world_.fill(each, 30);
  world_.events.push_back(FakeWorld::taken(SourceEventKind::revoked, {kA}));
  world_.events.push_back(world_.assigned({kA}));
  settle();
  expect_exact();
}

TEST_F(LaneTest, NothingIsCommittedForPartitionsThatAreLost) {
  for (const TopicPartition& each : {kA, kB}) world_.fill(each, 30);
  options_.transaction_time = 10s;
  lane().step();
  world_.events.push_back(FakeWorld::taken(SourceEventKind::lost, {kA}));
  lane().step();
  EXPECT_EQ(world_.called("commit"), 0);
  EXPECT_EQ(world_.called("abort"), 1);
  world_.events.push_back(world_.assigned({kA}));
  settle();
  expect_exact();
}

TEST_F(LaneTest, AnUnknownOutcomeThatWasInIsNotWrittenTwice) {
  world_.fill(kA, 500);
  options_.transaction_records = 100;
  world_.fates = {Fate::committed, Fate::unknown_in, Fate::committed, Fate::unknown_in};
  settle();
  expect_exact();
  EXPECT_EQ(world_.called("asked for committed positions"), 2);
  EXPECT_EQ(world_.sinks_made, 3);
  EXPECT_EQ(world_.sources_made, 1) << "the group is not left for it";
}

TEST_F(LaneTest, AnUnknownOutcomeThatWasNotInIsNotLost) {
  world_.fill(kA, 500);
  options_.transaction_records = 100;
  world_.fates = {Fate::committed, Fate::unknown_out};
  settle();
  expect_exact();
}

TEST_F(LaneTest, WhileCommittedPositionsAreNotKnownNothingRuns) {
  world_.fill(kA, 100);
  world_.fates = {Fate::unknown_in};
  world_.committed_known = false;
  for (int i = 0; i < 50; ++i) lane().step();
  EXPECT_EQ(world_.output.size(), 100U);
  EXPECT_EQ(world_.called("begin"), 1);
  EXPECT_EQ(lane().status().state, LaneState::suspended);
  EXPECT_FALSE(lane().status().ready);
  world_.committed_known = true;
  settle();
  expect_exact();
}

TEST_F(LaneTest, WhereThereIsNothingToAskAnUnknownOutcomeEndsTheLane) {
  world_.fill(kA, 100);
  world_.fates = {Fate::unknown_in};
  LanePorts ports = ports_to(world_);
  ports.committed = nullptr;
  lane_ = std::make_unique<Lane>(
      options_, ports, [this] { return published_; }, world_.clock, &observer_);
  EXPECT_EQ(run_to_end(), LaneState::failed);
}

TEST_F(LaneTest, AFatalOutcomeMakesEverythingNewFromCommittedPositions) {
  world_.fill(kA, 500);
  options_.transaction_records = 100;
  world_.fates = {Fate::committed, Fate::fatal_in, Fate::committed, Fate::fatal_out};
  settle();
  expect_exact();
  EXPECT_EQ(world_.sources_made, 3);
  EXPECT_EQ(world_.sinks_made, 3);
  EXPECT_EQ(lane().status().incarnations, 2U);
}

TEST_F(LaneTest, FiveIncarnationsInARowEndTheLane) {
  world_.fill(kA, 10);
  world_.fates.assign(100, Fate::fatal_out);
  EXPECT_EQ(run_to_end(), LaneState::failed);
  EXPECT_EQ(world_.called("commit"), static_cast<int>(Lane::kIncarnationsMax));
  EXPECT_NE(lane().status().problem.find("5 attempts in a row"), std::string::npos);
  EXPECT_FALSE(lane().status().ready);
}

TEST_F(LaneTest, ACommitInBetweenStartsTheCountAnew) {
  world_.fill(kA, 2000);
  options_.transaction_records = 100;
  for (int i = 0; i < 4; ++i) {
    world_.fates.insert(world_.fates.end(), 4, Fate::fatal_out);
    world_.fates.push_back(Fate::committed);
  }
  settle();
  expect_exact();
}

TEST_F(LaneTest, ACommitThatLooksOddGetsANewSinkAndKeepsWhatWasReadAhead) {
  world_.fill(kA, 300);
  options_.transaction_records = 100;
  world_.fates = {Fate::committed_recreate};
  settle();
  expect_exact();
  EXPECT_EQ(world_.sinks_made, 2);
  EXPECT_TRUE(world_.assignments.empty()) << "no partition was stopped or sent back";
  EXPECT_EQ(observer_.recreated, (std::vector<std::string>{"transport"}));
}

TEST_F(LaneTest, BeingShutOutThreeTimesWithinAMinuteEndsTheLane) {
  world_.fill(kA, 300);
  options_.transaction_records = 100;
  world_.fates = {Fate::fenced, Fate::committed, Fate::fenced, Fate::committed, Fate::fenced};
  EXPECT_EQ(run_to_end(), LaneState::failed);
  EXPECT_NE(lane().status().problem.find("same instance name"), std::string::npos);
}

TEST_F(LaneTest, BeingShutOutTwiceIsSurvived) {
  world_.fill(kA, 300);
  world_.fates = {Fate::fenced, Fate::fenced};
  settle();
  expect_exact();
}

TEST_F(LaneTest, AFaultOfTheSetUpStopsWithItsMessageAndWritesNothing) {
  world_.fill(kA, 300);
  world_.fates = {Fate::setup};
  EXPECT_EQ(run_to_end(), LaneState::failed);
  EXPECT_EQ(lane().status().problem, "no right");
  EXPECT_TRUE(world_.output.empty());
}

TEST_F(LaneTest, ARecordThatCannotBeWrittenIsTriedThreeTimes) {
  world_.fill(kA, 10);
  world_.fates.assign(100, Fate::record);
  EXPECT_EQ(run_to_end(), LaneState::failed);
  EXPECT_EQ(world_.called("commit"), static_cast<int>(Lane::kRecordAbortsMax));
  EXPECT_NE(lane().status().problem.find("too large"), std::string::npos);
}

TEST_F(LaneTest, AShortTransientFaultIsWaitedOutInPlace) {
  world_.fill(kA, 100);
  world_.begins.assign(20, {SinkStatus::transient, "busy", FaultCause::world});
  world_.stages.assign(20, {SinkStatus::transient, "busy", FaultCause::world});
  settle();
  expect_exact();
  EXPECT_EQ(world_.sinks_made, 1);
  EXPECT_TRUE(world_.assignments.empty());
}

TEST_F(LaneTest, ALongTransientFaultSilencesThePartitionsAndKeepsPolling) {
  world_.fill(kA, 100);
  world_.stages.assign(400, {SinkStatus::transient, "busy", FaultCause::world});
  world_.sinks = {{}, {SinkStatus::transient, "no broker", FaultCause::world}};
  settle();
  expect_exact();
  EXPECT_GE(world_.called("abort"), 1);
  EXPECT_GE(world_.sinks_made, 2);
  EXPECT_TRUE(std::any_of(world_.assignments.begin(), world_.assignments.end(),
                          [](const Positions& each) { return each.empty(); }))
      << "held, but silent, while there was no sink";
  EXPECT_EQ(world_.sources_made, 1);
}

TEST_F(LaneTest, WhileNoSinkCanBeMadeThePartitionsAreHeldButSilent) {
  world_.fill(kA, 100);
  world_.sinks.assign(20, {SinkStatus::transient, "no broker", FaultCause::world});
  for (int i = 0; i < 10; ++i) lane().step();
  EXPECT_EQ(lane().status().state, LaneState::suspended);
  EXPECT_EQ(lane().status().problem, "no broker");
  settle();
  expect_exact();
}

TEST_F(LaneTest, AFullSinkSplitsABatchBetweenRows) {
  world_.fill(kA, 1000);
  world_.full_after = 33;
  settle();
  expect_exact();
  EXPECT_EQ(observer_.committed.in, 1000U);
  EXPECT_EQ(world_.called("commit"), 31);
}

TEST_F(LaneTest, AFullSinkWithFailingCommitsStaysExact) {
  world_.fill(kA, 500);
  world_.full_after = 33;
  for (int i = 0; i < 10; ++i) {
    world_.fates.push_back(Fate::aborted);
    world_.fates.push_back(Fate::committed);
    world_.fates.push_back(Fate::unknown_in);
    world_.fates.push_back(Fate::unknown_out);
  }
  settle();
  expect_exact();
}

TEST_F(LaneTest, PositionsOutOfRangeStopTheLane) {
  world_.fill(kA, 10);
  world_.events.push_back(FakeWorld::told(SourceEventKind::out_of_range, "raw/0 at 5: gone"));
  EXPECT_EQ(run_to_end(), LaneState::failed);
  EXPECT_EQ(lane().status().problem, "raw/0 at 5: gone");
}

TEST_F(LaneTest, ASourceThatIsOverIsMadeNew) {
  world_.fill(kA, 300);
  lane().step();
  world_.events.push_back(FakeWorld::told(SourceEventKind::fatal, "evicted"));
  settle();
  expect_exact();
  EXPECT_EQ(world_.sources_made, 2);
}

TEST_F(LaneTest, TheEndOfTheSourceCommitsAndEnds) {
  world_.fill(kA, 250);
  world_.ends = true;
  options_.transaction_time = 10min;
  EXPECT_EQ(run_to_end(), LaneState::ended);
  expect_exact();
}

TEST_F(LaneTest, AFailedLastCommitIsTriedAgainBeforeTheEnd) {
  world_.fill(kA, 250);
  world_.ends = true;
  options_.transaction_time = 10min;
  world_.fates = {Fate::aborted, Fate::unknown_out};
  EXPECT_EQ(run_to_end(), LaneState::ended);
  expect_exact();
}

TEST_F(LaneTest, DrainingCommitsWhatIsInHandAndLeaves) {
  world_.fill(kA, 250);
  options_.transaction_time = 10min;
  lane().step();
  ASSERT_TRUE(world_.transaction_open);
  lane().request_stop();
  EXPECT_EQ(run_to_end(), LaneState::stopped);
  EXPECT_EQ(world_.committed[kA], Offset{100});
  EXPECT_EQ(world_.output.size(), 100U);
  EXPECT_EQ(world_.called("source closed"), 1);
}

TEST_F(LaneTest, ASecondSignalAborts) {
  world_.fill(kA, 250);
  options_.transaction_time = 10min;
  lane().step();
  lane().request_stop();
  lane().request_abort();
  EXPECT_EQ(run_to_end(), LaneState::stopped);
  EXPECT_TRUE(world_.output.empty());
  EXPECT_EQ(world_.called("commit"), 0);
  EXPECT_EQ(world_.called("abort"), 1);
}

TEST_F(LaneTest, ASignalEndsTheWaitForABusySink) {
  world_.fill(kA, 100);
  world_.begins.assign(100'000, {SinkStatus::transient, "busy", FaultCause::world});
  options_.transient_limit = 1h;
  int slept = 0;
  options_.sleep = [&](std::chrono::milliseconds time) {
    world_.clock.pass(time);
    if (++slept == 3) lane().request_stop();
  };
  EXPECT_EQ(run_to_end(), LaneState::stopped);
  EXPECT_LE(slept, 4);
}

TEST_F(LaneTest, AGenerationIsTakenBetweenTransactionsOnly) {
  world_.fill(kA, 250);
  options_.transaction_time = 10s;
  lane().step();
  ASSERT_TRUE(world_.transaction_open);
  published_ = publish_pass_through(2);
  lane().step();
  options_.transaction_time = 50ms;
  settle();
  EXPECT_EQ(lane().status().generation, 1U);
  world_.fill(kA, 10);
  settle();
  EXPECT_EQ(lane().status().generation, 2U);
}

TEST_F(LaneTest, ATopicThatGoesToTheDeadLettersStopsAndTheOthersRun) {
  const TopicPartition bad{"bad", Partition{0}};
  for (int i = 0; i < 2000; ++i) world_.log[bad].emplace_back("{broken");
  world_.fill(kA, 2000);
  for (int i = 0; i < 200; ++i) lane().step();
  EXPECT_EQ(world_.output_by_source[kA], world_.log[kA]);
  EXPECT_LT(world_.output.size(), 2000U + Breaker::kDeadMin + world_.rows_a_poll);
  EXPECT_EQ(lane().status().stopped_topics, (std::vector<std::string>{"bad"}));
  ASSERT_FALSE(observer_.problems.empty());
  EXPECT_NE(observer_.problems.back().find("stopped reading bad"), std::string::npos);
  // A new generation lets it run again; it is as broken as before, and stops again.
  const std::size_t before = observer_.problems.size();
  published_ = publish_pass_through(2);
  for (int i = 0; i < 200; ++i) lane().step();
  EXPECT_GT(observer_.problems.size(), before);
}

TEST_F(LaneTest, AStoppedTopicRunsAgainOnCommandAndLosesNothing) {
  for (int i = 0; i < 60; ++i) world_.log[kA].emplace_back("{broken");
  for (int i = 0; i < 50; ++i) lane().step();
  EXPECT_TRUE(world_.output.empty()) << "the batch that tripped was not settled";
  ASSERT_EQ(lane().status().stopped_topics.size(), 1U);
  for (auto& value : world_.log[kA]) value = "mended";
  lane().resume("raw");
  settle();
  EXPECT_EQ(world_.output.size(), 60U);
}

TEST_F(LaneTest, CommitDurationsAreCountedByBucket) {
  world_.fill(kA, 500);
  options_.transaction_records = 100;
  settle();
  lane().request_stop();
  run_to_end();
  const LaneStatus status = lane().status();
  std::uint64_t sum = 0;
  for (const std::uint64_t each : status.commit_ms) sum += each;
  EXPECT_EQ(sum, status.committed);
  EXPECT_NE(status.last_commit, kNoTimestamp);
}

// ---------------------------------------------------------------------------------------------
// State: each output carries how many its partition has had, as a store counted them.

PublishedPtr publish_counting() {
  auto published = std::make_shared<Published>();
  published->number = 1;
  published->make_runner = [](std::span<StateStore* const> stores) -> BatchRunner {
    return [store = stores[0]](Batch& batch, Records& out) {
      BatchCounts counts;
      for (std::uint32_t row = 0; row < batch.size(); ++row) {
        const RawRecord raw = batch.raw(row);
        const auto before = store->get(raw.partition, "n");
        const int number = before ? std::stoi(std::string(*before)) : 0;
        EXPECT_TRUE(store->put(raw.partition, "n", std::to_string(number + 1)));
        out.open();
        out.buffer() += raw.value;
        // "raw/0/17" is the eighteenth, so it must have found 17.
        if (!raw.value.ends_with("/" + std::to_string(number))) out.buffer() += " miscounted";
        out.end_value();
        out.close(Destination::enriched, 0, Partition{}, raw.timestamp, row);
        counts.add(batch.verdict(row));
      }
      return counts;
    };
  };
  return published;
}

class LaneWithState : public LaneTest {
 protected:
  LaneWithState() {
    options_.stores = {{"count", "changelog", 1U << 20}};
    published_ = publish_counting();
  }
};

TEST_F(LaneWithState, StateIsCommittedWithItsTransactionAndReadBackByTheNextLane) {
  world_.fill(kA, 250);
  settle();
  ASSERT_FALSE(world_.changelog[kA.partition].empty());
  EXPECT_NE(world_.notes[kA].find("count="), std::string::npos) << world_.notes[kA];
  lane_.reset();
  world_.fill(kA, 100);
  settle();
  expect_exact();
}

TEST_F(LaneWithState, StateOfAnAbortedTransactionIsDropped) {
  world_.fill(kA, 300);
  options_.transaction_records = 1;
  world_.fates = {Fate::aborted, Fate::committed, Fate::aborted};
  settle();
  expect_exact();
}

TEST_F(LaneWithState, AfterAnUnknownOutcomeTheRestOfTheChangelogIsRead) {
  world_.fill(kA, 300);
  options_.transaction_records = 1;
  world_.rows_a_poll = 50;
  world_.fates = {Fate::committed, Fate::unknown_in, Fate::committed, Fate::unknown_out};
  settle();
  expect_exact();
  EXPECT_GE(world_.called("read the changelog"), 3);
}

TEST_F(LaneWithState, AChangelogWithFewerRecordsThanWereWrittenIsRefused) {
  world_.fill(kA, 300);
  settle();
  lane_.reset();
  world_.changelog.clear();
  world_.fill(kA, 1);
  EXPECT_EQ(run_to_end(), LaneState::failed);
  EXPECT_NE(lane().status().problem.find("cut"), std::string::npos) << lane().status().problem;
  EXPECT_EQ(world_.next_of(kA), Offset{300}) << "nothing was settled without its state";
}

TEST_F(LaneWithState, ANoteThatIsNotOursIsRefused) {
  world_.fill(kA, 3);
  world_.committed[kA] = Offset{1};
  world_.notes[kA] = "somebody else's";
  EXPECT_EQ(run_to_end(), LaneState::failed);
  EXPECT_NE(lane().status().problem.find("raw/0"), std::string::npos) << lane().status().problem;
}

TEST_F(LaneWithState, AStoreOfAnotherNameBeginsAnew) {
  world_.fill(kA, 10);
  settle();
  lane_.reset();
  options_.stores = {{"other", "changelog", 1U << 20}};
  world_.changelog.clear();
  world_.fill(kA, 1);
  settle();
  EXPECT_EQ(world_.output.back(), "raw/0/10 miscounted") << "it has forgotten the first ten";
}

TEST_F(LaneWithState, WhatComesBackUnchangedIsNotReadAgainAndWhatChangedIs) {
  world_.fill(kA, 100);
  world_.fill(kB, 100);
  settle();
  const int reads = world_.called("read the changelog");
  world_.events.push_back(FakeWorld::taken(SourceEventKind::revoked, {kA, kB}));
  world_.events.push_back(world_.assigned({kA, kB}));
  world_.fill(kA, 10);
  world_.fill(kB, 10);
  lane().step();
  lane().step();
  settle();
  EXPECT_EQ(world_.called("read the changelog"), reads);
  // While it is away another lane settles ten of partition 0.
  world_.events.push_back(FakeWorld::taken(SourceEventKind::lost, {kA, kB}));
  lane().step();
  world_.fill(kA, 10);
  for (int i = 110; i < 120; ++i) {
    const std::string value = "raw/0/" + std::to_string(i);
    world_.output.push_back(value);
    world_.output_by_source[kA].push_back(value);
  }
  world_.changelog[kA.partition].emplace_back(std::pair("n", std::string(1, '\1') + "120"));
  world_.committed[kA] = Offset{120};
  const std::size_t equals = world_.notes[kA].find('=');
  const int written = std::stoi(world_.notes[kA].substr(equals + 1));
  world_.notes[kA] = world_.notes[kA].substr(0, equals + 1) + std::to_string(written + 1);
  world_.events.push_back(world_.assigned({kA, kB}));
  world_.fill(kA, 10);
  lane().step();
  settle();
  expect_exact();
  EXPECT_EQ(world_.called("read the changelog"), reads + 1);
}

TEST_F(LaneWithState, ACheckpointLeavesOnlyTheRestOfTheChangelogToBeRead) {
  const TemporaryFolder folder("lane-checkpoints");
  options_.checkpoints = folder.path();
  world_.fill(kA, 300);
  settle();
  lane().request_stop();
  EXPECT_EQ(run_to_end(), LaneState::stopped);
  lane_.reset();
  // What the checkpoint covers need not even be there any more.
  for (auto& entry : world_.changelog[kA.partition]) entry.reset();
  world_.fill(kA, 10);
  settle();
  expect_exact();
}

TEST_F(LaneWithState, AnUnknownOutcomeAfterACheckpointIsReadFromThere) {
  options_.checkpoint_interval = 1ms;
  options_.transaction_records = 1;
  world_.rows_a_poll = 50;
  world_.fill(kA, 400);
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(lane().step());
  ASSERT_GT(world_.next_of(kA), Offset{0});
  for (auto& entry : world_.changelog[kA.partition]) entry.reset();
  world_.fates = {Fate::committed, Fate::unknown_in, Fate::unknown_out};
  settle();
  expect_exact();
}

TEST_F(LaneWithState, WhileItIsReadBackTheLaneIsNotReadyAndThePartitionSilent) {
  world_.fill(kA, 300);
  options_.transaction_records = 1;
  world_.rows_a_poll = 1;
  settle();
  lane_.reset();
  world_.restores_a_read = 10;
  world_.fill(kA, 1);
  bool restoring = false;
  std::uint64_t remaining = 0;
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(lane().step());
    world_.clock.pass(Lane::kStatusInterval);
    const LaneStatus status = lane().status();
    if (status.state != LaneState::restoring) continue;
    restoring = true;
    EXPECT_FALSE(status.ready);
    remaining = std::max(remaining, status.restore_remaining);
    EXPECT_EQ(world_.next_of(kA), Offset{300});
  }
  EXPECT_TRUE(restoring);
  EXPECT_GT(remaining, 0U);
  settle();
  expect_exact();
  EXPECT_TRUE(lane().status().ready);
}

TEST_F(LaneWithState, AChangelogThatCannotBeReadIsTriedAgain) {
  world_.fill(kA, 30);
  settle();
  lane_.reset();
  world_.changelog_away = 4;
  world_.fill(kA, 30);
  settle();
  expect_exact();
  EXPECT_EQ(world_.changelog_away, 0);
}

TEST_F(LaneWithState, AFullSinkIsWaitedForAndTheBatchStaysWhole) {
  world_.fill(kA, 100);
  world_.stages = {{},
                   {SinkStatus::full, "busy", FaultCause::world},
                   {SinkStatus::full, "busy", FaultCause::world}};
  settle();
  expect_exact();
  EXPECT_EQ(world_.called("abort"), 0);
}

TEST_F(LaneWithState, ATopicThatTripsTakesItsStateBack) {
  options_.transaction_records = 100'000;
  options_.transaction_time = 1h;
  world_.rows_a_poll = 40;
  world_.fill(kA, 40);
  // Everything after the fortieth is broken: the breaker trips in a later batch of the same
  // transaction.
  auto published = std::make_shared<Published>(*publish_counting());
  published->make_runner =
      [inner = published->make_runner](std::span<StateStore* const> stores) -> BatchRunner {
    return [run = inner(stores)](Batch& batch, Records& out) {
      const BatchCounts counts = run(batch, out);
      for (std::uint32_t row = 0; row < batch.size(); ++row) {
        if (batch.raw(row).offset.value >= 40) {
          batch.set_verdict(row, VerdictKind::faulty, Reason::malformed_json, "decode", "broken");
        }
      }
      return counts;
    };
  };
  published_ = published;
  world_.fill(kA, 200);
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(lane().step());
  EXPECT_EQ(lane().status().stopped_topics, std::vector<std::string>{"raw"});
  EXPECT_EQ(world_.called("abort"), 1);
  EXPECT_EQ(world_.next_of(kA), Offset{0});
  EXPECT_TRUE(world_.changelog[kA.partition].empty());
}

TEST_F(LaneTest, ARecordThatCanBeKeptNowhereHoldsItsPartitionOnly) {
  world_.fill(kA, 50);
  world_.fill(kB, 50);
  world_.rows_a_poll = 10;  // So that the first batch is of partition 0 alone.
  world_.stages = {{SinkStatus::blocked, "spool_full: 4 MiB are used", FaultCause::world}};
  for (int i = 0; i < 15; ++i) {
    ASSERT_TRUE(lane().step());
    if (world_.next_of(kB) == Offset{50}) break;
    EXPECT_EQ(world_.next_of(kA), Offset{0});
    EXPECT_FALSE(lane().status().ready);
  }
  EXPECT_EQ(world_.next_of(kB), Offset{50}) << "the other goes on";
  const LaneStatus status = lane().status();
  ASSERT_FALSE(status.partitions.empty());
  EXPECT_TRUE(status.partitions[0].stopped);
  EXPECT_EQ(status.partitions[0].reason, "spool_full: 4 MiB are used");
  settle();  // A second later it is tried again, and there is room.
  expect_exact();
  EXPECT_TRUE(lane().status().ready);
}

TEST_F(LaneTest, WhatStandsBeforeABlockedRecordIsNotStagedAgain) {
  world_.fill(kA, 50);
  world_.blocked_at = "raw/0/20";
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(lane().step());
  EXPECT_EQ(world_.next_of(kA), Offset{20});
  world_.blocked_at.clear();
  settle();
  expect_exact();
  EXPECT_EQ(observer_.committed.in, 50U);
}

TEST_F(LaneTest, ABlockedPartitionWaitsLongerEachTimeAndLosesNothing) {
  world_.fill(kA, 5);
  for (int i = 0; i < 6; ++i) {
    world_.stages.push_back({SinkStatus::blocked, "spool_full", FaultCause::world});
  }
  const auto begin = world_.clock.steady();
  settle();
  EXPECT_GE(world_.clock.steady() - begin, 1s + 2s + 4s + 8s + 16s + 30s);
  expect_exact();
}

// Everything at once, by seed: whatever happens, what comes out is exact.
class LaneThroughFaults : public LaneTest, public ::testing::WithParamInterface<bool> {
 protected:
  void run_seeds();
};

TEST_P(LaneThroughFaults, StaysExact) {
  if (GetParam()) {
    options_.stores = {{"count", "changelog", 1U << 20}};
    published_ = publish_counting();
  }
  run_seeds();
}
INSTANTIATE_TEST_SUITE_P(Lane, LaneThroughFaults, ::testing::Bool(), [](const auto& tested) {
  return std::string(tested.param ? "with_state" : "without_state");
});

void LaneThroughFaults::run_seeds() {
  for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    lane_.reset();
    world_ = FakeWorld();
    const std::vector<TopicPartition> partitions{kA, kB, kC};
    for (const TopicPartition& each : partitions)
      world_.fill(each, static_cast<int>(random() % 400));
    options_.transaction_records = static_cast<std::uint32_t>(1 + random() % 200);
    world_.rows_a_poll = static_cast<std::uint32_t>(1 + random() % 150);
    world_.restores_a_read = static_cast<std::uint32_t>(1 + random() % 200);
    // A sink that takes only so much a transaction does not go with state (lane.h).
    world_.full_after =
        GetParam() || random() % 2 == 0 ? 0 : static_cast<std::uint32_t>(1 + random() % 100);
    for (int i = 0; i < 60; ++i) {
      constexpr Fate kFates[] = {Fate::committed, Fate::committed,  Fate::committed_recreate,
                                 Fate::aborted,   Fate::unknown_in, Fate::unknown_out,
                                 Fate::fatal_in,  Fate::committed,  Fate::committed,
                                 Fate::committed};
      world_.fates.push_back(kFates[random() % std::size(kFates)]);
    }
    // Fates end in commits; between turns partitions go and come.
    for (int turn = 0; turn < 300; ++turn) {
      const TopicPartition& one = partitions[random() % partitions.size()];
      if (random() % 10 == 0 && world_.events.empty()) {
        if (world_.held.count(one) > 0) {
          world_.events.push_back(FakeWorld::taken(
              random() % 3 == 0 ? SourceEventKind::lost : SourceEventKind::revoked, {one}));
        } else if (!world_.held.empty()) {
          world_.events.push_back(world_.assigned({one}));
        }
      }
      ASSERT_TRUE(lane().step()) << lane().status().problem;
    }
    world_.fates.clear();
    world_.events.clear();
    for (const TopicPartition& each : partitions) {
      if (world_.held.count(each) == 0) {
        world_.events.push_back(world_.assigned({each}));
        lane().step();
      }
    }
    settle(5000);
    expect_exact();
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace telex::testing
