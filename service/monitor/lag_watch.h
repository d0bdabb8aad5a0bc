// LagWatch: how far behind the partitions of this process are, in records, in seconds and in a
// word.
//
// Records are what the lane says (LanePartition::lag: data records between the committed position
// and the last stable end; commit markers and aborted records do not count, nor does what the log
// has deleted; never negative).
//
// Seconds: how long the oldest record that is not committed may have been waiting. 0 with nothing
// to read; else now minus the later of (a) the Kafka timestamp of the last committed record and
// (b) the last moment at which nothing was left to read. Without (b) the first article after a
// quiet night would look a night late; without (a) a backlog of days would look as old as this
// process. Never negative, whatever producers' clocks say.
//
// The word follows Burrow's idea
// (https://github.com/linkedin/Burrow/wiki/Consumer-Lag-Evaluation-Rules): no thresholds, but what
// happened over a window.
//   unknown         lag is not known yet, as right after an assignment
//   stopped         the lane has stopped the partition (circuit breaker, or a record that fits
//   nowhere) rewound         the committed position went backwards within the window ok nothing was
//   left to read at some moment of the window, or it is not full yet stalled         there was
//   something to read all the time, and nothing was committed falling_behind  ... and the lag is
//   not smaller than a window ago catching_up     ... and it is
//
// Threads: one. Limits: kSamplesMax samples a partition that is held; others are forgotten.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "process/source.h"
#include "service/lane.h"

namespace telex {

enum class LagVerdict : std::uint8_t {
  unknown,
  stopped,
  rewound,
  ok,
  stalled,
  falling_behind,
  catching_up
};
inline constexpr std::array<std::string_view, 7> kLagVerdicts{
    "unknown", "stopped", "rewound", "ok", "stalled", "falling_behind", "catching_up"};
constexpr std::string_view to_string(LagVerdict verdict) {
  return kLagVerdicts[static_cast<std::size_t>(verdict)];
}

struct PartitionLag {
  TopicPartition partition;
  Offset committed;
  std::optional<std::int64_t> records;  // nullopt: not known.
  double seconds = 0;                   // 0 where records are not known.
  LagVerdict verdict = LagVerdict::unknown;
};

class LagWatch {
 public:
  static constexpr std::chrono::seconds kWindow{60};
  static constexpr std::chrono::seconds kSampleEvery{5};
  static constexpr std::size_t kSamplesMax = kWindow / kSampleEvery + 1;

  // What all lanes hold at this moment, each partition once; `steady` and `utc` are of one Clock.
  // May be called at any pace; samples are taken kSampleEvery.
  void update(std::span<const LanePartition> held, std::chrono::nanoseconds steady, UnixMillis utc);

  // As of the last update, ordered by partition.
  std::vector<PartitionLag> partitions() const;

 private:
  struct Sample {
    std::chrono::nanoseconds at;
    std::int64_t records;
    Offset committed;
  };
  struct Watched {
    PartitionLag now;
    std::deque<Sample> samples;              // Oldest first; spans the window once that is full.
    std::optional<UnixMillis> nothing_left;  // When that was so last.
    std::optional<UnixMillis> first_known;
    std::optional<std::chrono::nanoseconds> rewound_at;
  };
  static void measure(const LanePartition& partition, std::chrono::nanoseconds steady,
                      UnixMillis utc, Watched& watched);
  static LagVerdict judge(const LanePartition& partition, std::chrono::nanoseconds steady,
                          const Watched& watched);

  std::map<TopicPartition, Watched> watched_;
};

}  // namespace telex
