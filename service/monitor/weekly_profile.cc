#include "service/monitor/weekly_profile.h"

#include <algorithm>
#include <cmath>

namespace telex {
namespace {

// 1970-01-01 was a Thursday: three days after a Monday.
constexpr UnixMillis kMondayOffset = 3 * 24 * WeeklyProfile::kHour;
constexpr UnixMillis kWeek = WeeklyProfile::kBuckets * WeeklyProfile::kHour;
constexpr double kNegligible = 1e-12;  // Of the sum so far.

double poisson_term(std::uint64_t count, double expected) {
  const auto k = static_cast<double>(count);
  return std::exp(k * std::log(expected) - expected - std::lgamma(k + 1));
}

}  // namespace

std::size_t WeeklyProfile::bucket(UnixMillis utc) {
  const UnixMillis into = ((utc + kMondayOffset) % kWeek + kWeek) % kWeek;
  return static_cast<std::size_t>(into / kHour);
}

void WeeklyProfile::add_hour(UnixMillis at, double count, double exposure) {
  if (exposure <= 0) return;  // Nobody watched: nothing was learned, and nothing is forgotten.
  Bucket& into = buckets_[bucket(at)];
  into.count = into.count * kKeep + count;
  into.exposure = into.exposure * kKeep + exposure;
  hours_seen_ += exposure;
}

double WeeklyProfile::rate(std::size_t bucket) const {
  const Bucket& here = buckets_[bucket];
  if (here.exposure > 0) return here.count / here.exposure;
  Bucket all;
  for (const Bucket& each : buckets_) {
    all.count += each.count;
    all.exposure += each.exposure;
  }
  return all.exposure > 0 ? all.count / all.exposure : 0;
}

double WeeklyProfile::expected(UnixMillis from, UnixMillis to, double share) const {
  double sum = 0;
  from = std::max(from, to - kWeek);
  while (from < to) {
    const UnixMillis next = std::min(to, (from / kHour + 1) * kHour);
    sum += rate(bucket(from)) * static_cast<double>(next - from) / kHour;
    from = next;
  }
  return sum * share;
}

WeeklyProfile WeeklyProfile::restored(std::span<const Bucket, kBuckets> buckets,
                                      double hours_seen) {
  WeeklyProfile profile;
  std::copy(buckets.begin(), buckets.end(), profile.buckets_.begin());
  profile.hours_seen_ = hours_seen;
  return profile;
}

// Both are summed from the term next to `count` outwards on the side where terms shrink, so that
// nothing underflows that matters; on the other side of the mean they are 1 minus the other one.
double poisson_at_most(std::uint64_t count, double expected) {
  if (expected <= 0) return 1;
  if (static_cast<double>(count) >= expected) return 1 - poisson_at_least(count + 1, expected);
  double term = poisson_term(count, expected);
  double sum = 0;
  for (auto k = static_cast<double>(count); term > sum * kNegligible; --k) {
    sum += term;
    if (k == 0) break;
    term *= k / expected;
  }
  return std::min(sum, 1.0);
}

double poisson_at_least(std::uint64_t count, double expected) {
  if (count == 0) return 1;
  if (expected <= 0) return 0;
  if (static_cast<double>(count) <= expected) return 1 - poisson_at_most(count - 1, expected);
  double term = poisson_term(count, expected);
  double sum = 0;
  for (auto k = static_cast<double>(count + 1); term > sum * kNegligible; ++k) {
    sum += term;
    term *= expected / k;
  }
  return std::min(sum, 1.0);
}

}  // namespace telex
