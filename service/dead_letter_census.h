// DeadLetterCensus: what lies in a dead-letter topic, counted in one pass: `telex dlq list`.
//
// Ownership: owns its counters. Threads: one.
// Limits:    kNamesMax names a table; what other names come to is summed up.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "schemas/reason.h"
#include "service/dead_letters.h"
#include "service/terminal.h"

namespace telex {

// How often each name came up; beyond `names_max` different names, others are summed up.
class NameCounts {
 public:
  explicit NameCounts(std::size_t names_max) : names_max_(names_max) {}
  void add(std::string_view name);
  // Most frequent first, equals by name; at most `top` of them.
  std::vector<std::pair<std::string, std::uint64_t>> top(std::size_t top) const;
  std::size_t names() const { return counts_.size(); }
  std::uint64_t sum() const { return sum_; }

 private:
  std::size_t names_max_;
  std::map<std::string, std::uint64_t, std::less<>> counts_;
  std::uint64_t sum_ = 0;
};

class DeadLetterCensus {
 public:
  static constexpr std::size_t kNamesMax = 4096;
  static constexpr std::size_t kReplaysShown = 10;  // Replays from here on are counted together.

  // Counts a dead letter that the filter matched, ...
  void add(const DeadLetter& letter);
  // ... one that it did not, ...
  void add_other() { ++others_; }
  // ... and a record that is no dead letter of telex.
  void add_unreadable(const DeadLetter& letter);

  std::uint64_t matched() const { return matched_; }
  std::uint64_t unreadable() const { return unreadable_; }

  // Tables for people; `filter` in its canonical text, `replays_max` as `replay` would have it.
  std::string report(const std::string& topic, const std::string& filter, std::uint32_t replays_max,
                     const Terminal& terminal) const;
  // One JSON object.
  std::string json(const std::string& topic, const std::string& filter) const;

 private:
  struct Origin {
    std::uint64_t count = 0;
    UnixMillis oldest = kNoTimestamp;
    UnixMillis newest = kNoTimestamp;
    void add(UnixMillis time);
  };

  std::uint64_t matched_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t others_ = 0;
  std::uint64_t unreadable_ = 0;
  std::string first_unreadable_;
  std::uint64_t claims_ = 0;
  std::uint64_t claimed_bytes_ = 0;
  Origin all_;
  std::array<std::uint64_t, kReasonNames.size()> reasons_{};
  NameCounts sources_{kNamesMax};
  std::map<TopicPartition, Origin> origins_;
  Origin other_origins_;
  std::array<std::uint64_t, kReplaysShown + 1> replays_{};
};

}  // namespace telex
