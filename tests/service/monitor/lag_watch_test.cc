#include "service/monitor/lag_watch.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace telex {
namespace {

using namespace std::chrono_literals;

const TopicPartition kPartition{"raw", Partition{0}};
constexpr UnixMillis kMorning = 1'700'000'000'000;

class LagWatchTest : public ::testing::Test {
 protected:
  // One second a call, as the service does it.
  PartitionLag see(std::int64_t committed, std::optional<std::int64_t> lag,
                   UnixMillis committed_timestamp = kNoTimestamp, bool stopped = false) {
    LanePartition partition;
    partition.partition = kPartition;
    partition.committed = Offset{committed};
    partition.lag = lag;
    partition.committed_timestamp = committed_timestamp;
    partition.stopped = stopped;
    const std::vector<LanePartition> held{partition};
    watch_.update(held, steady_, utc_);
    steady_ += 1s;
    utc_ += 1000;
    EXPECT_EQ(watch_.partitions().size(), 1U);
    return watch_.partitions().front();
  }

  LagWatch watch_;
  std::chrono::nanoseconds steady_ = 100h;
  UnixMillis utc_ = kMorning;
};

TEST_F(LagWatchTest, IsUnknownRightAfterARebalance) {
  EXPECT_EQ(see(10, std::nullopt).verdict, LagVerdict::unknown);
  EXPECT_EQ(see(10, std::nullopt).seconds, 0);
  EXPECT_EQ(see(10, 500).verdict, LagVerdict::ok) << "no window has been seen yet";
  watch_.update({}, steady_, utc_);
  EXPECT_TRUE(watch_.partitions().empty()) << "what was given up is nobody's lag";
  EXPECT_EQ(see(700, std::nullopt).verdict, LagVerdict::unknown) << "nor what it was before";
}

TEST_F(LagWatchTest, HasNoSecondsWithNothingToRead) {
  EXPECT_EQ(see(10, 0, kMorning - 3'600'000).seconds, 0);
}

TEST_F(LagWatchTest, DoesNotCountTheQuietHoursBeforeAnArticle) {
  for (int second = 0; second < 7200; ++second) see(10, 0, kMorning - 1000);
  EXPECT_DOUBLE_EQ(see(10, 1, kMorning - 1000).seconds, 1) << "since nothing was left";
  EXPECT_DOUBLE_EQ(see(10, 1, kMorning - 1000).seconds, 2);
}

TEST_F(LagWatchTest, TellsABacklogOfDays) {
  const UnixMillis old = kMorning - 86'400'000;
  EXPECT_DOUBLE_EQ(see(10, 100'000, old).seconds, 86'400);
  see(11, 99'999, old + 5000);
  EXPECT_DOUBLE_EQ(see(12, 99'998, old + 10'000).seconds, 86'392);
}

TEST_F(LagWatchTest, CountsFromItsOwnFirstLookWithoutATime) {
  EXPECT_DOUBLE_EQ(see(10, 7).seconds, 0);
  EXPECT_DOUBLE_EQ(see(10, 7).seconds, 1);
}

TEST_F(LagWatchTest, IsNeverNegative) {
  EXPECT_EQ(see(10, 7, kMorning + 3'600'000).seconds, 0) << "a producer's clock may be ahead";
}

TEST_F(LagWatchTest, StalledIsAWindowWithoutACommit) {
  for (int second = 0; second < 60; ++second) {
    EXPECT_EQ(see(10, 3).verdict, LagVerdict::ok) << second;
  }
  EXPECT_EQ(see(10, 3).verdict, LagVerdict::stalled);
  EXPECT_EQ(see(11, 2).verdict, LagVerdict::catching_up);
}

TEST_F(LagWatchTest, FallingBehindAndCatchingUpAreTwoThings) {
  std::int64_t committed = 0;
  std::int64_t lag = 1000;
  for (int second = 0; second < 90; ++second) see(committed += 10, lag += 5);
  EXPECT_EQ(see(committed += 10, lag).verdict, LagVerdict::falling_behind);
  for (int second = 0; second < 90; ++second) see(committed += 10, lag -= 5);
  EXPECT_EQ(see(committed, lag).verdict, LagVerdict::catching_up);
}

TEST_F(LagWatchTest, AMomentWithNothingLeftIsEnough) {
  for (int second = 0; second < 300; ++second) {
    const bool through = second % 50 == 17;
    EXPECT_EQ(see(second, through ? 0 : 5).verdict, LagVerdict::ok) << second;
  }
  for (int second = 0; second < 70; ++second) see(300, 5);
  EXPECT_EQ(see(300, 5).verdict, LagVerdict::stalled) << "and it is forgotten after a window";
}

TEST_F(LagWatchTest, CommitMarkersAreNothingToRead) {
  // What lane and source make of a partition whose end is a marker:
  // tests/kafka/kafka_source_test.cc.
  for (int second = 0; second < 120; ++second) see(10, 0);
  EXPECT_EQ(see(10, 0).verdict, LagVerdict::ok) << "no commit for two minutes, and none was due";
}

TEST_F(LagWatchTest, SaysWhenPositionsWentBack) {
  see(10, 5);
  EXPECT_EQ(see(4, 11).verdict, LagVerdict::rewound);
  for (int second = 0; second < 58; ++second) see(10 + second, 0);
  EXPECT_EQ(see(80, 0).verdict, LagVerdict::rewound);
  EXPECT_EQ(see(81, 0).verdict, LagVerdict::ok);
}

TEST_F(LagWatchTest, AStopIsSaidAtOnce) {
  EXPECT_EQ(see(10, 5, kNoTimestamp, true).verdict, LagVerdict::stopped);
  EXPECT_EQ(see(10, 5).verdict, LagVerdict::ok);
}

TEST_F(LagWatchTest, KeepsBoundedSamplesAtAnyPace) {
  for (int step = 0; step < 100'000; ++step) {
    LanePartition partition;
    partition.partition = kPartition;
    partition.committed = Offset{5};
    partition.lag = 3;
    const std::vector<LanePartition> held{partition};
    watch_.update(held, steady_, utc_);
    steady_ += 7ms;
    utc_ += 7;
  }
  EXPECT_EQ(watch_.partitions().front().verdict, LagVerdict::stalled);
}

}  // namespace
}  // namespace telex
