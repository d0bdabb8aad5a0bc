#include "ingest/bounded_source.h"

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

class BoundedSourceTest : public ::testing::Test {
 protected:
  static inline const TopicPartition kA{"dlq", Partition{0}};
  static inline const TopicPartition kB{"dlq", Partition{1}};

  void open(std::map<TopicPartition, Offset> ends) {
    bounds_ = std::make_shared<ReadBounds>(std::move(ends));
    reopen();
  }
  // A new incarnation under the same bounds.
  void reopen(std::map<TopicPartition, std::vector<std::string>> log = {}) {
    auto consumer = std::make_unique<ScriptedConsumer>(clock_);
    consumer_ = consumer.get();
    consumer_->tells_ends = true;
    consumer_->log = std::move(log);
    KafkaSourceOptions options;
    options.topics = {"dlq"};
    source_ = std::make_unique<BoundedSource>(
        std::make_unique<KafkaSource>(std::move(consumer), options, clock_), bounds_);
  }
  void assign(std::vector<TopicPartition> partitions) {
    consumer_->script.push_back(
        [partitions](kafka::RebalanceListener& listener) { listener.on_assigned(partitions); });
  }
  void revoke(std::vector<TopicPartition> partitions) {
    consumer_->script.push_back([partitions](kafka::RebalanceListener& listener) {
      listener.on_revoked(partitions, false);
    });
  }
  std::vector<std::string> poll() {
    batch_.clear();
    ended_ = false;
    source_->poll(batch_, 100ms, [this](const SourceEvent& event) {
      ended_ = ended_ || event.kind == SourceEventKind::end;
    });
    std::vector<std::string> values;
    for (std::uint32_t row = 0; row < batch_.size(); ++row) {
      values.emplace_back(batch_.raw(row).value);
    }
    return values;
  }
  // Polls until the end is told, or a number of times that is more than enough.
  std::vector<std::string> poll_to_end() {
    std::vector<std::string> all;
    for (int i = 0; i < 20; ++i) {
      const std::vector<std::string> some = poll();
      all.insert(all.end(), some.begin(), some.end());
      if (ended_) break;
    }
    EXPECT_TRUE(ended_);
    return all;
  }
  void pick_those_with(char mark, std::uint64_t count) {
    bounds_->stop_after(count, [mark](std::string_view, const RawRecord& record) {
      return record.value.find(mark) != std::string_view::npos;
    });
  }

  ManualClock clock_;
  ScriptedConsumer* consumer_ = nullptr;
  std::shared_ptr<ReadBounds> bounds_;
  std::unique_ptr<BoundedSource> source_;
  Batch batch_{{4, 1000}};
  bool ended_ = false;
};

using Values = std::vector<std::string>;

TEST_F(BoundedSourceTest, EndsOnceEverythingBelowTheEndWasHandedOut) {
  open({{kA, Offset{3}}});
  consumer_->log[kA] = {"a0", "a1", "a2"};
  assign({kA});
  EXPECT_EQ(poll_to_end(), (Values{"a0", "a1", "a2"}));
  poll();
  EXPECT_FALSE(ended_) << "it says so once";
}

TEST_F(BoundedSourceTest, WhatComesLaterIsNotHandedOut) {
  open({{kA, Offset{2}}, {kB, Offset{1}}});
  consumer_->log[kA] = {"a0", "a1", "late", "later"};
  consumer_->log[kB] = {"b0", "late"};
  assign({kA, kB});
  EXPECT_EQ(poll_to_end(), (Values{"a0", "a1", "b0"}));
}

TEST_F(BoundedSourceTest, MarkersBehindTheLastRecordAreNoObstacle) {
  open({{kA, Offset{3}}});
  consumer_->log[kA] = {"a0", "a1"};
  consumer_->markers = 1;
  assign({kA});
  EXPECT_EQ(poll_to_end(), (Values{"a0", "a1"}));
}

TEST_F(BoundedSourceTest, AnEmptyTopicIsAtItsEndAtOnce) {
  open({{kA, Offset{0}}});
  assign({kA});
  EXPECT_TRUE(poll_to_end().empty());
}

TEST_F(BoundedSourceTest, APartitionThatWasNotThereAtFirstIsNotRead) {
  open({{kA, Offset{1}}});
  consumer_->log[kA] = {"a0"};
  consumer_->log[kB] = {"new"};
  assign({kA, kB});
  EXPECT_EQ(poll_to_end(), (Values{"a0"}));
}

TEST_F(BoundedSourceTest, AGroupThatIsReadToTheEndAlreadyEndsWithoutARecord) {
  open({{kA, Offset{2}}});
  consumer_->log[kA] = {"a0", "a1"};
  consumer_->group_offsets[kA] = Offset{2};
  assign({kA});
  EXPECT_TRUE(poll_to_end().empty());
}

TEST_F(BoundedSourceTest, SilencedPartitionsAreNotAtTheirEnd) {
  open({{kA, Offset{1}}});
  consumer_->log[kA] = {"a0"};
  assign({kA});
  poll();
  source_->assign({});
  poll();
  EXPECT_FALSE(ended_);
  source_->assign(Positions{{kA, Offset{1}}});
  poll_to_end();
}

TEST_F(BoundedSourceTest, AfterARewindItEndsAgain) {
  open({{kA, Offset{3}}});
  consumer_->log[kA] = {"a0", "a1", "a2"};
  assign({kA});
  poll_to_end();
  source_->assign(Positions{{kA, Offset{1}}});
  EXPECT_EQ(poll_to_end(), (Values{"a1", "a2"}));
}

TEST_F(BoundedSourceTest, ABatchThatIsFullLeavesTheRestForTheNext) {
  open({{kA, Offset{10}}});
  consumer_->log[kA] = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};
  assign({kA});
  batch_.clear();
  EXPECT_EQ(poll_to_end(), consumer_->log[kA]);
}

TEST_F(BoundedSourceTest, ABatchThatHoldsSomethingAlreadyIsFilledUp) {
  open({{kA, Offset{4}}});
  consumer_->log[kA] = {"0", "1", "2", "3"};
  assign({kA});
  batch_.clear();
  RawRecord other;
  other.topic = batch_.intern_topic("other");
  for (int i = 0; i < 3; ++i) {
    other.offset = Offset{i};
    ASSERT_TRUE(batch_.append(other));
  }
  source_->poll(batch_, 100ms, [](const SourceEvent&) {});
  ASSERT_EQ(batch_.size(), 4U);
  EXPECT_EQ(batch_.raw(3).value, "0");
  EXPECT_EQ(poll(), (Values{"1", "2", "3"}));
}

TEST_F(BoundedSourceTest, StopsBeforeTheFirstRecordThatIsTooMany) {
  open({{kA, Offset{6}}});
  pick_those_with('x', 2);
  consumer_->log[kA] = {"x0", "1", "x2", "3", "x4", "x5"};
  assign({kA});
  EXPECT_EQ(poll_to_end(), (Values{"x0", "1", "x2", "3"}));
  EXPECT_EQ(bounds_->end(kA), Offset{4});
}

TEST_F(BoundedSourceTest, TheLimitCountsOverAllPartitions) {
  open({{kA, Offset{3}}, {kB, Offset{3}}});
  pick_those_with('x', 2);
  consumer_->log[kA] = {"xa0", "a1", "xa2"};
  consumer_->log[kB] = {"b0", "xb1", "b2"};
  assign({kA, kB});
  EXPECT_EQ(poll_to_end(), (Values{"xa0", "a1", "xa2", "b0"}));
}

TEST_F(BoundedSourceTest, WhatIsReadAgainCountsOnce) {
  open({{kA, Offset{5}}});
  pick_those_with('x', 3);
  const Values log{"x0", "x1", "x2", "x3", "4"};
  consumer_->log[kA] = log;
  assign({kA});
  EXPECT_EQ(poll_to_end(), (Values{"x0", "x1", "x2"}));
  source_->assign(Positions{{kA, Offset{1}}});
  EXPECT_EQ(poll_to_end(), (Values{"x1", "x2"}));
  reopen({{kA, log}});
  assign({kA});
  EXPECT_EQ(poll_to_end(), (Values{"x0", "x1", "x2"})) << "by a new incarnation too";
}

TEST_F(BoundedSourceTest, ALimitOfNothingHandsOutWhatIsNotPicked) {
  open({{kA, Offset{3}}});
  pick_those_with('x', 0);
  consumer_->log[kA] = {"0", "1", "x2"};
  assign({kA});
  EXPECT_EQ(poll_to_end(), (Values{"0", "1"}));
}

TEST_F(BoundedSourceTest, WithoutItsPartitionsItDoesNotEnd) {
  open({{kA, Offset{2}}});
  consumer_->log[kA] = {"a0", "a1"};
  assign({kA});
  revoke({kA});
  EXPECT_TRUE(poll().empty());
  EXPECT_FALSE(ended_);
  assign({kA});
  EXPECT_EQ(poll_to_end(), (Values{"a0", "a1"}));
}

TEST_F(BoundedSourceTest, NothingComesAfterClose) {
  open({{kA, Offset{0}}});
  assign({kA});
  source_->close();
  EXPECT_TRUE(poll().empty());
  EXPECT_FALSE(ended_);
  EXPECT_TRUE(consumer_->closed);
}

}  // namespace
}  // namespace telex
