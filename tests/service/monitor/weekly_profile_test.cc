#include "service/monitor/weekly_profile.h"

#include <cmath>

#include <gtest/gtest.h>

namespace telex {
namespace {

constexpr UnixMillis kHour = WeeklyProfile::kHour;
constexpr UnixMillis kDay = 24 * kHour;
constexpr UnixMillis kWeek = 7 * kDay;
// 2023-11-13 00:00 UTC, a Monday (date -u -d 2023-11-13 +%s).
constexpr UnixMillis kMonday = 1'699'833'600'000;

// `weeks` weeks of a source that sends ten an hour by day (6 to 22 UTC) and none by night.
WeeklyProfile daytime_source(int weeks, double share = 1) {
  WeeklyProfile profile;
  for (UnixMillis at = kMonday; at < kMonday + weeks * kWeek; at += kHour) {
    const UnixMillis hour = at % kDay / kHour;
    profile.add_hour(at, hour >= 6 && hour < 22 ? 10 * share : 0, share);
  }
  return profile;
}

TEST(WeeklyProfile, BucketsBeginOnMondays) {
  EXPECT_EQ(WeeklyProfile::bucket(kMonday), 0U);
  EXPECT_EQ(WeeklyProfile::bucket(kMonday - 1), 167U);
  EXPECT_EQ(WeeklyProfile::bucket(kMonday + 2 * kDay + 5 * kHour + 1), 53U);
  EXPECT_EQ(WeeklyProfile::bucket(0), 72U) << "1970 began on a Thursday";
  EXPECT_EQ(WeeklyProfile::bucket(-1), 71U);
}

TEST(WeeklyProfile, NeedsThreeWeeks) {
  EXPECT_FALSE(WeeklyProfile{}.learned());
  EXPECT_FALSE(daytime_source(2).learned());
  EXPECT_TRUE(daytime_source(3).learned());
  EXPECT_FALSE(daytime_source(5, 0.5).learned()) << "of half of the partitions: half of the weeks";
}

TEST(WeeklyProfile, ExpectsWhatCameAtThisHourOfTheWeek) {
  const WeeklyProfile profile = daytime_source(4);
  const UnixMillis later = kMonday + 10 * kWeek;
  EXPECT_NEAR(profile.expected(later, later + kDay, 1), 160, 1e-9);
  EXPECT_NEAR(profile.expected(later, later + 6 * kHour, 1), 0, 1e-9) << "the night";
  EXPECT_NEAR(profile.expected(later + 6 * kHour + kHour / 2, later + 8 * kHour, 1), 15, 1e-9);
  EXPECT_NEAR(profile.expected(later, later + kDay, 0.25), 40, 1e-9);
  EXPECT_EQ(profile.expected(later, later, 1), 0);
  EXPECT_NEAR(profile.expected(later, later + 50 * kWeek, 1), 7 * 160, 1e-9) << "a week at most";
}

TEST(WeeklyProfile, HalfOfThePartitionsSayTheSame) {
  const WeeklyProfile half = daytime_source(8, 0.5);
  EXPECT_NEAR(half.expected(kMonday, kMonday + kDay, 1), 160, 1e-9);
}

TEST(WeeklyProfile, AnHourThatNobodyWatchedIsNoQuietHour) {
  WeeklyProfile profile;
  for (UnixMillis at = kMonday; at < kMonday + 4 * kWeek; at += kHour) {
    const bool down = WeeklyProfile::bucket(at) == 30;
    profile.add_hour(at, down ? 0 : 6, down ? 0 : 1);
  }
  EXPECT_NEAR(profile.expected(kMonday + 30 * kHour, kMonday + 31 * kHour, 1), 6, 1e-9);
}

TEST(WeeklyProfile, FollowsASourceThatChanges) {
  WeeklyProfile profile;
  for (UnixMillis at = kMonday; at < kMonday + 30 * kWeek; at += kHour) {
    profile.add_hour(at, at < kMonday + 15 * kWeek ? 100 : 10, 1);
  }
  const double now = profile.expected(kMonday, kMonday + kHour, 1);
  EXPECT_GT(now, 10);
  EXPECT_LT(now, 15) << "15 weeks ago it was ten times as much: 0.8^15 = 3.5 % of the weight";
}

TEST(WeeklyProfile, IsRestoredAsItWas) {
  const WeeklyProfile profile = daytime_source(4);
  const WeeklyProfile again = WeeklyProfile::restored(profile.buckets(), profile.hours_seen());
  EXPECT_TRUE(again.learned());
  EXPECT_EQ(again.expected(kMonday, kMonday + kWeek, 1),
            profile.expected(kMonday, kMonday + kWeek, 1));
}

// Sums of e^-m m^k / k!, taken term by term.
TEST(Poisson, IsThatOfTheTables) {
  EXPECT_NEAR(poisson_at_most(0, 9.21), 1.0e-4, 1e-6);
  EXPECT_DOUBLE_EQ(poisson_at_most(0, 2), std::exp(-2.0));
  EXPECT_NEAR(poisson_at_most(3, 5), 0.265025915297, 1e-11);
  EXPECT_NEAR(poisson_at_least(9, 5), 1 - 0.931906365278, 1e-11);
  EXPECT_EQ(poisson_at_least(0, 5), 1);
  EXPECT_EQ(poisson_at_least(1, 0), 0);
  EXPECT_EQ(poisson_at_most(7, 0), 1);
}

TEST(Poisson, TheTailsMakeOne) {
  for (const double expected : {0.01, 0.7, 3.0, 40.0, 900.0, 123'456.0}) {
    for (const double at : {0.0, 0.5, 0.9, 1.0, 1.1, 2.0}) {
      const auto count = static_cast<std::uint64_t>(expected * at);
      EXPECT_NEAR(poisson_at_most(count, expected) + poisson_at_least(count + 1, expected), 1, 1e-9)
          << expected << " " << count;
    }
  }
}

TEST(Poisson, DoesNotGiveUpFarOut) {
  EXPECT_GT(poisson_at_most(600, 1000), 0);
  EXPECT_LT(poisson_at_most(600, 1000), 1e-30);
  EXPECT_GT(poisson_at_least(1500, 1000), 0);
  EXPECT_LT(poisson_at_least(1500, 1000), 1e-30);
  EXPECT_EQ(poisson_at_most(0, 1e6), 0) << "below what a number can hold";
}

}  // namespace
}  // namespace telex
