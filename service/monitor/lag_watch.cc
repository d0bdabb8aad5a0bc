#include "service/monitor/lag_watch.h"

#include <algorithm>

namespace telex {

void LagWatch::update(std::span<const LanePartition> held, std::chrono::nanoseconds steady,
                      UnixMillis utc) {
  std::map<TopicPartition, Watched> before = std::move(watched_);
  watched_.clear();
  for (const LanePartition& partition : held) {
    Watched watched;
    if (auto node = before.extract(partition.partition)) watched = std::move(node.mapped());
    measure(partition, steady, utc, watched);
    watched.now.verdict = judge(partition, steady, watched);
    watched_.insert_or_assign(partition.partition, std::move(watched));
  }
}

void LagWatch::measure(const LanePartition& partition, std::chrono::nanoseconds steady,
                       UnixMillis utc, Watched& watched) {
  PartitionLag& now = watched.now;
  if (now.partition == partition.partition && partition.committed < now.committed) {
    watched.rewound_at = steady;
  }
  now.partition = partition.partition;
  now.committed = partition.committed;
  now.records = partition.lag;
  now.seconds = 0;
  if (!partition.lag) return;
  const std::int64_t records = *partition.lag;
  if (!watched.first_known) watched.first_known = utc;
  if (records == 0) {
    watched.nothing_left = utc;
  } else {
    UnixMillis since = watched.nothing_left.value_or(partition.committed_timestamp);
    if (partition.committed_timestamp != kNoTimestamp) {
      since = std::max(since, partition.committed_timestamp);
    }
    if (since == kNoTimestamp) since = *watched.first_known;
    now.seconds = static_cast<double>(std::max<UnixMillis>(utc - since, 0)) / 1000.0;
  }
  std::deque<Sample>& samples = watched.samples;
  // A moment with nothing left must not fall between two samples.
  if (records != 0 && !samples.empty() && steady - samples.back().at < kSampleEvery) return;
  if (!samples.empty() && steady - samples.back().at < kSampleEvery) {
    samples.back() = {samples.back().at, records, partition.committed};
    return;
  }
  samples.push_back({steady, records, partition.committed});
  // One sample stays that is as old as the window.
  while (samples.size() > kSamplesMax ||
         (samples.size() > 1 && steady - samples[1].at >= kWindow)) {
    samples.pop_front();
  }
}

LagVerdict LagWatch::judge(const LanePartition& partition, std::chrono::nanoseconds steady,
                           const Watched& watched) {
  if (partition.stopped) return LagVerdict::stopped;
  if (!partition.lag) return LagVerdict::unknown;
  if (watched.rewound_at && steady - *watched.rewound_at < kWindow) return LagVerdict::rewound;
  const std::deque<Sample>& samples = watched.samples;
  const bool full = steady - samples.front().at >= kWindow;
  const bool nothing_left =
      *partition.lag == 0 || std::any_of(samples.begin(), samples.end(),
                                         [](const Sample& sample) { return sample.records == 0; });
  if (!full || nothing_left) return LagVerdict::ok;
  if (partition.committed == samples.front().committed) return LagVerdict::stalled;
  return *partition.lag < samples.front().records ? LagVerdict::catching_up
                                                  : LagVerdict::falling_behind;
}

std::vector<PartitionLag> LagWatch::partitions() const {
  std::vector<PartitionLag> all;
  all.reserve(watched_.size());
  for (const auto& [partition, watched] : watched_) all.push_back(watched.now);
  return all;
}

}  // namespace telex
