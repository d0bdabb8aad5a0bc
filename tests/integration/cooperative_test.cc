// Two members of a group, seen from the seam: the contract of assign() and of RebalanceListener in
// both protocols. Which one is tested is the linked client's choice: newer_client runs these with a
// client that rebalances cooperatively.
#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/integration/real_kafka.h"

namespace telex::testing {
namespace {

using namespace std::chrono_literals;

constexpr int kPartitions = 4;

// A member that keeps account of what it holds, and of which records came.
class Member final : public kafka::RebalanceListener {
 public:
  Member(RealKafka& kafka, const std::string& topic) {
    kafka::ConsumerSettings settings;
    settings.group_id = topic;
    settings.session_timeout = 6s;
    consumer_ = kafka.broker().consumer(settings);
    must(consumer_->subscribe(std::vector{topic}), "subscribe");
  }
  ~Member() override { consumer_->close(5s); }

  void on_assigned(std::span<const TopicPartition> partitions) override {
    for (const TopicPartition& each : partitions) {
      EXPECT_TRUE(held.insert(each).second) << "given twice";
      due_.insert(each);
    }
    ++assigned;
  }
  void on_revoked(std::span<const TopicPartition> partitions, bool) override {
    for (const TopicPartition& each : partitions) {
      EXPECT_EQ(held.erase(each), 1U) << "taken without having been given";
      due_.erase(each);
      next.erase(each);
    }
    revoked += static_cast<int>(partitions.size());
  }

  // One poll; partitions that are new run from their committed offset, or the beginning.
  void step() {
    kafka::ConsumerRecord record;
    kafka::Error error;
    if (consumer_->poll(20ms, *this, record, error) == kafka::PollStatus::record) {
      const TopicPartition from{std::string(record.topic), record.partition};
      EXPECT_TRUE(held.contains(from)) << "a record of a partition that is not held";
      const auto position = next.find(from);
      if (position == next.end()) {
        ADD_FAILURE() << "a record of a partition that is silent";
      } else {
        EXPECT_EQ(record.offset, position->second) << "a gap, or a record twice";
        position->second = Offset{record.offset.value + 1};
      }
      values.emplace_back(record.value);
    }
    if (runs_new_ones && !due_.empty()) {
      for (const TopicPartition& each : due_) next[each] = Offset{0};
      due_.clear();
      run();
    }
  }
  // Lets exactly those of `next` run.
  void run() {
    std::vector<kafka::PartitionOffset> positions;
    positions.reserve(next.size());
    for (const auto& [partition, offset] : next) positions.push_back({partition, offset});
    must(consumer_->assign(positions), "assign");
  }
  bool until(const std::function<bool()>& done, std::chrono::milliseconds limit = 20s) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (!done() && std::chrono::steady_clock::now() < end) step();
    return done();
  }
  void settle(std::chrono::milliseconds time) {
    until([] { return false; }, time);
  }
  kafka::Consumer& consumer() { return *consumer_; }

  std::set<TopicPartition> held;
  std::map<TopicPartition, Offset> next;  // Of those that run.
  std::vector<std::string> values;
  bool runs_new_ones = true;
  int assigned = 0;  // Times.
  int revoked = 0;   // Partitions.

 private:
  std::unique_ptr<kafka::Consumer> consumer_;
  std::set<TopicPartition> due_;
};

class Cooperative : public ::testing::Test {
 protected:
  Cooperative() : topic_(kafka_.unique("cooperative")) { kafka_.create_topic(topic_, kPartitions); }

  TopicPartition partition(int number) const { return {topic_, Partition{number}}; }
  void feed(int partition, int count) {
    std::vector<std::string> values;
    values.reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) values.push_back(std::to_string(fed_++));
    kafka_.produce(topic_, values, Partition{partition});
  }
  void feed_all(int count) {
    for (int i = 0; i < kPartitions; ++i) feed(i, count);
  }
  static bool holds(const Member& member, std::size_t count) { return member.held.size() == count; }

  RealKafka kafka_;
  std::string topic_;
  int fed_ = 0;
};

TEST_F(Cooperative, WhatIsGivenIsSilentUntilToldWhereToBegin) {
  feed_all(5);
  Member member(kafka_, topic_);
  member.runs_new_ones = false;
  ASSERT_TRUE(member.until([&] { return holds(member, kPartitions); }));
  member.settle(1s);
  EXPECT_TRUE(member.values.empty());
  member.next[partition(2)] = Offset{3};
  member.run();
  EXPECT_TRUE(member.until([&] { return member.values.size() == 2; }));
  member.settle(500ms);
  EXPECT_EQ(member.values, (std::vector<std::string>{"13", "14"}));
}

TEST_F(Cooperative, RunningPausingAndRewindingAreOneCallInAnyOrder) {
  feed_all(200);
  Member member(kafka_, topic_);
  ASSERT_TRUE(member.until([&] { return member.values.size() >= 50; }));
  // Forty changes of mind while records are on their way: step() checks every offset.
  for (int round = 0; round < 40; ++round) {
    for (int i = 0; i < kPartitions; ++i) {
      switch ((round * 7 + i * 3) % 4) {
        case 0:
          member.next.erase(partition(i));
          break;
        case 1:
          member.next[partition(i)] = Offset{round};
          break;
        case 2:
          if (!member.next.contains(partition(i))) member.next[partition(i)] = Offset{2 * round};
          break;
        default:
          break;  // As it is.
      }
    }
    member.run();
    member.settle(std::chrono::milliseconds{round % 5 * 20});
  }
  member.next.clear();
  member.run();
  member.values.clear();
  member.settle(1s);
  EXPECT_TRUE(member.values.empty()) << "an empty list keeps membership and hands out nothing";
  for (int i = 0; i < kPartitions; ++i) member.next[partition(i)] = Offset{190};
  member.run();
  EXPECT_TRUE(member.until([&] { return member.values.size() == 40; }));
  EXPECT_TRUE(holds(member, kPartitions));
  EXPECT_EQ(member.assigned, 1);
}

TEST_F(Cooperative, AMemberThatJoinsTakesItsShareAndTheRestIsReadOn) {
  feed_all(10);
  Member stays(kafka_, topic_);
  ASSERT_TRUE(stays.until([&] { return stays.values.size() == 40; }));
  std::set<TopicPartition> before = stays.held;
  {
    Member joins(kafka_, topic_);
    ASSERT_TRUE(stays.until([&] {
      joins.step();
      return holds(stays, 2) && holds(joins, 2);
    }));
    for (const TopicPartition& each : joins.held) EXPECT_FALSE(stays.held.contains(each));
    if (kafka::rebalances_cooperatively()) {
      EXPECT_EQ(stays.revoked, 2) << "only what changes hands is taken";
      // The two that stay go on where they were, without having been told to.
      for (const TopicPartition& each : stays.held) EXPECT_EQ(stays.next[each], Offset{10});
    } else {
      EXPECT_EQ(stays.revoked, kPartitions) << "everything is taken first";
    }
    feed_all(5);
    ASSERT_TRUE(stays.until([&] {
      joins.step();
      const auto at_end = [](const auto& entry) { return entry.second == Offset{15}; };
      return std::all_of(stays.next.begin(), stays.next.end(), at_end) &&
             std::all_of(joins.next.begin(), joins.next.end(), at_end);
    }));
  }
  ASSERT_TRUE(stays.until([&] { return stays.held == before; }));
  EXPECT_TRUE(stays.until([&] {
    return stays.next.size() == kPartitions &&
           std::all_of(stays.next.begin(), stays.next.end(),
                       [](const auto& entry) { return entry.second == Offset{15}; });
  }));
}

TEST_F(Cooperative, WhatWasSilencedIsHeldAndCanBeTakenAndGivenBack) {
  feed_all(10);
  Member stays(kafka_, topic_);
  ASSERT_TRUE(stays.until([&] { return stays.values.size() == 40; }));
  stays.runs_new_ones = false;
  stays.next.clear();
  stays.run();
  {
    Member joins(kafka_, topic_);
    joins.runs_new_ones = false;
    ASSERT_TRUE(stays.until([&] {
      joins.step();
      return holds(stays, 2) && holds(joins, 2);
    }));
  }
  ASSERT_TRUE(stays.until([&] { return holds(stays, kPartitions); }));
  feed_all(1);
  stays.values.clear();
  stays.settle(1s);
  EXPECT_TRUE(stays.values.empty()) << "silent since before the rebalance";
  for (int i = 0; i < kPartitions; ++i) stays.next[partition(i)] = Offset{9};
  stays.run();
  EXPECT_TRUE(stays.until([&] { return stays.values.size() == 8; }));
}

TEST_F(Cooperative, MembersThatComeAndGoWhileMindsChangeGetEveryRecordInOrder) {
  feed_all(100);
  Member stays(kafka_, topic_);
  ASSERT_TRUE(stays.until([&] { return holds(stays, kPartitions); }));
  for (int round = 0; round < 4; ++round) {
    auto guest = std::make_unique<Member>(kafka_, topic_);
    // Rewinds fall before, into and behind the rebalance.
    for (int turn = 0; turn < 60; ++turn) {
      stays.step();
      guest->step();
      if (turn % 9 == round) {
        for (auto& [partition, offset] : stays.next) offset = Offset{offset.value / 2};
        stays.run();
      }
      if (turn == 50) guest->settle(10ms);
    }
    if (round % 2 == 0) feed(round, 10);
  }
  ASSERT_TRUE(stays.until(
      [&] {
        if (stays.next.size() != kPartitions) return false;
        return stays.next[partition(0)] == Offset{110} && stays.next[partition(1)] == Offset{100} &&
               stays.next[partition(2)] == Offset{110} && stays.next[partition(3)] == Offset{100};
      },
      40s));
}

}  // namespace
}  // namespace telex::testing
