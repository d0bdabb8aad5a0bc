// WeeklyProfile: how many articles a source sends in each hour of a week (168 buckets, UTC),
// learned from what it sent, and how unlikely a count is against that.
//
// A bucket holds counts and the exposure in which they came: hours times the share of the input's
// partitions that were held then. So an hour in which this process was down, or held half of the
// partitions, is no quiet hour. Both fade: when a bucket's hour has come round again, what it held
// before counts for kKeep of what it did (the last five weeks or so decide).
//
// News comes in bursts, so a count spreads wider than Poisson's law says; the bounds that callers
// compare these probabilities with are meant for that (feed_watch.h).
//
// Threads: one. Limits: 168 pairs of numbers.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "schemas/types.h"

namespace telex {

class WeeklyProfile {
 public:
  static constexpr std::size_t kBuckets = 168;
  static constexpr UnixMillis kHour = 3'600'000;
  // What a week-old hour still counts for.
  static constexpr double kKeep = 0.8;
  // Weeks of exposure that the profile needs before it is asked.
  static constexpr double kWeeksNeeded = 3;

  // Bucket of a moment: Monday 00:00 UTC is 0.
  static std::size_t bucket(UnixMillis utc);

  // An hour is over, `at` some moment in it: `count` articles came in `exposure` hours (0 to 1).
  // Once an hour; what the bucket held before fades.
  void add_hour(UnixMillis at, double count, double exposure);

  // Hours of exposure ever seen, unfaded, are at least kWeeksNeeded weeks.
  bool learned() const { return hours_seen_ >= kWeeksNeeded * kBuckets; }

  // Articles an hour in this bucket, at all of the partitions. An hour that was never seen counts
  // as the mean hour; 0 where nothing was seen at all.
  double rate(std::size_t bucket) const;

  // Expected number between two moments, at `share` of the partitions. REQUIRES: from ≤ to, at most
  // a week apart (more is cut).
  double expected(UnixMillis from, UnixMillis to, double share) const;

  // For keeping it somewhere.
  struct Bucket {
    double count = 0;
    double exposure = 0;
  };
  const std::array<Bucket, kBuckets>& buckets() const { return buckets_; }
  double hours_seen() const { return hours_seen_; }
  static WeeklyProfile restored(std::span<const Bucket, kBuckets> buckets, double hours_seen);

 private:
  std::array<Bucket, kBuckets> buckets_{};
  double hours_seen_ = 0;
};

// Probability of at most, and of at least, `count` where `expected` are expected (Poisson).
// Relative error below 1e-9; 0 and 1 at the far ends. REQUIRES: expected ≥ 0.
double poisson_at_most(std::uint64_t count, double expected);
double poisson_at_least(std::uint64_t count, double expected);

}  // namespace telex
