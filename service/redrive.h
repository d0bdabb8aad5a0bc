// Redrive: dead letters go back where they came from: `telex dlq replay`.
//
// A record that goes back is the original byte for byte: key, value, headers, timestamp. Of
// telex's own headers only telex-dlq-replays goes with it, counted on from the dead letter's, so
// that a record that fails again and again is known by it and is parked. It goes into the partition
// it came from, if its topic still has that one; into another topic (`to`) by its key.
//
// Exactly once: it is the engine's Lane over a source that ends (BoundedSource), with a pipeline
// that decides record by record and a consumer group of its own. What a run has settled stays
// settled: the same run again goes on where it stopped, after a kill too; a run of another name
// begins anew.
//
// What becomes of a record
//   put_back     the filter matches it
//   parked       so it does, but it was put back `replays_max` times already: as it is, into the
//                parking topic, in the same transaction
//   passed_over  the filter does not match it
//   left         telex cannot or must not put it back: LeftReason
//
// Threads: a RedrivePlan is immutable, decide() with a scratch of one's own. Reads spool files.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "process/filter/filter.h"
#include "schemas/batch.h"
#include "schemas/record.h"
#include "service/dead_letters.h"
#include "service/lane.h"
#include "sink/spool.h"

namespace telex {

enum class Fate : std::uint8_t { put_back, parked, passed_over, left };

enum class LeftReason : std::uint8_t {
  none,
  unreadable,     // No dead letter of telex.
  foreign_topic,  // It came from a topic that is none of the pipeline's inputs, and `to` is not
                  // set.
  not_in_spool,   // Its original is not in the spool folder, or not as it was put there.
  too_often,      // It was put back replays_max times already, and this is the parking topic.
  too_large,      // Its topic does not take it, with the header that counts.
};
inline constexpr std::size_t kLeftReasons = 6;
std::string_view to_string(LeftReason reason);  // A sentence for people.

struct RedriveTarget {
  std::int32_t partition_count = 1;
  std::uint64_t record_bytes_max = UINT64_MAX;  // As schemas/record_bytes.h counts.
};

struct RedriveOptions {
  Filter filter;
  std::uint32_t replays_max = 3;
  std::string to;  // Empty: where they came from.
  // Topics that records may go back to. With `to`, that one.
  std::map<std::string, RedriveTarget, std::less<>> targets;
  std::string parking_topic;    // Empty: the dead letters are read from it.
  std::filesystem::path spool;  // Empty: there is none.
};

struct RedriveDecision {
  Fate fate = Fate::passed_over;
  LeftReason left = LeftReason::none;
  std::string message;      // Of `left`.
  std::uint16_t route = 0;  // Of put_back and parked: index into RedrivePlan::routes().
  Partition partition;      // Of put_back; -1: by key.
  std::optional<SpooledRecord> original;  // Where it lay in the spool.
};

class RedrivePlan {
 public:
  explicit RedrivePlan(RedriveOptions options);

  // The topics it writes to, as KafkaLaneSettings::routes; the last one is the parking topic, if
  // there is one.
  const std::vector<std::string>& routes() const { return routes_; }
  const RedriveOptions& options() const { return options_; }

  // What would become of it, but for its size.
  RedriveDecision decide(const DeadLetter& letter, FilterScratch& scratch) const;
  // What becomes of it; appends what goes out of put_back and parked.
  RedriveDecision apply(const DeadLetter& letter, FilterScratch& scratch, std::uint32_t row,
                        Records& out) const;

 private:
  std::optional<std::uint16_t> route_to(std::string_view topic) const;

  RedriveOptions options_;
  std::vector<std::string> routes_;
};

// What a redrive came to: in = put back + parked + passed over + left.
struct RedriveCounts {
  std::uint64_t in = 0;
  std::array<std::uint64_t, 4> by_fate{};  // By Fate.
  std::array<std::uint64_t, kLeftReasons> by_left{};
  std::map<std::string, std::uint64_t> by_topic;               // Written to.
  std::array<std::uint64_t, kReasonNames.size()> by_reason{};  // Of put_back.
  std::string first_left;                                      // Coordinates and why.

  std::uint64_t of(Fate fate) const { return by_fate[static_cast<std::size_t>(fate)]; }
  std::uint64_t of(LeftReason reason) const { return by_left[static_cast<std::size_t>(reason)]; }
  bool balances() const;
  void add(const DeadLetter& letter, const RedriveDecision& decision,
           const std::vector<std::string>& routes);
};

// Counts each record once, however often aborts let it be read again.
class RedriveTally {
 public:
  void add(const DeadLetter& letter, const RedriveDecision& decision,
           const std::vector<std::string>& routes);
  // REQUIRES: the lane that adds has ended.
  const RedriveCounts& counts() const { return counts_; }

 private:
  RedriveCounts counts_;
  std::map<TopicPartition, Offset> counted_;  // The latest of each partition.
};

// For a lane. Its BatchCounts: put_back = published, parked = suppressed, passed_over = filtered,
// left = held. `tally` must outlive the lane.
PublishedPtr publish_redrive(std::shared_ptr<const RedrivePlan> plan, RedriveTally& tally);

// The name of a run that nobody named: the same for the same topic, filter and target.
std::string default_run_name(const std::string& topic, const Filter& filter, const std::string& to);
// Letters, digits and - _ . and at most 64 of them.
bool is_run_name(std::string_view name);

}  // namespace telex
