// Metrics: what Prometheus scrapes. All names begin with telex_, units are base units, label sets
// are closed: outcome, reason, linked, cause, stage, store, verdict, state, topic and partition (of
// those held), nothing that comes out of a text. docs/metrics.md is generated from here.
//
// Threads: all calls may come from any thread; counters are atomic.
// Ownership: owns its registry; the process has one, made in main and handed down.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "process/pipeline.h"
#include "service/monitor/lag_watch.h"

namespace telex {

// What may come of a reload.
inline constexpr std::array<std::string_view, 4> kReloadOutcomes{
    "applied",         // A new generation is in force.
    "invalid",         // The file cannot be read, or something in it is wrong.
    "restart_needed",  // It changes what only a start can change.
    "unavailable",     // The pack or the rules that it names cannot be loaded.
};

class Metrics {
 public:
  explicit Metrics(std::string_view version);
  ~Metrics();

  // One committed transaction: an article is counted here and nowhere else.
  void committed(const LaneCommit& commit);
  void transaction_failed(std::string_view outcome);  // aborted | unknown | fatal
  // transport | unknown | fatal | fenced | transient
  void producer_recreated(std::string_view cause);
  void rebalanced();
  void stage_seconds(std::string_view stage, double seconds);
  // State as it is now; replaces what was said before (series of partitions no longer held go).
  void lag(const std::vector<PartitionLag>& partitions);
  void restoring(std::uint64_t remaining_records);
  void lanes(std::uint64_t running, std::uint64_t ready);
  void generation(std::uint64_t number);

  // Names of kReloadOutcomes.
  void reloaded(std::string_view outcome);
  // Counted as it happens, so that what is read again counts again.
  void state_full(std::string_view store, std::uint64_t articles);

  // The exposition, with what the kernel says of the process at this moment.
  std::string text();

  // docs/metrics.md: every metric with its type, labels, and their values where the set is closed.
  static std::string reference();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace telex
