// Chronicle: what happened in a run. Counts of everything worth counting, always; the events in
// words only when a listener is there, for words cost more than the run itself.
//
// One thread. Counts of several runs add up.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "tests/sim/scheduler.h"

namespace telex::sim {

enum class Count : std::uint8_t {
  records_in,
  outputs,
  dead_letters,
  suppressed,
  hidden_records,  // Written, and never to be seen: their transaction was aborted.
  transactions_committed,
  transactions_aborted,
  transactions_timed_out,
  commits_by_lane,
  aborts_by_lane,
  unknown_outcomes,
  fatal_outcomes,
  recreated_sinks,
  incarnations,
  lanes_failed,
  crashes,
  crashes_in_commit,
  freezes,
  freezes_beyond_session,
  freezes_in_commit,
  stalls,
  stops,
  aborted_stops,
  zombies,  // Two processes under one name.
  restarts,
  rebalances_eager,
  rebalances_cooperative,
  static_rejoins,
  assignments_lost,
  session_timeouts,
  members_fenced,
  producers_fenced,
  offsets_refused,    // TxnOffsetCommit of a member that is none any more.
  offsets_unchecked,  // TxnOffsetCommit of nobody in particular: taken without a check.
  offsets_unstable,   // Committed offsets asked for while a transaction was pending on them.
  commits_in_revoke,
  evictions,  // Members thrown out by the group, or by an operator.
  outages,
  coordinator_outages,
  requests_lost,
  answers_lost,
  requests_late,
  end_late,      // An EndTxn reached the broker after its client had given it up.
  end_late_hit,  // … and ended a later transaction.
  offsets_late,  // A TxnOffsetCommit the same.
  deliveries_failed,
  queue_full,
  epochs_bumped,
  records_compacted,
  restores,
  last_one,
};
inline constexpr std::size_t kCountKinds = static_cast<std::size_t>(Count::last_one);
std::string_view to_string(Count count);

using Counts = std::array<std::uint64_t, kCountKinds>;

class Chronicle {
 public:
  using Listener = std::function<void(const std::string& line)>;

  explicit Chronicle(const Scheduler& clock) : clock_(clock) {}
  void listen(Listener listener) { listener_ = std::move(listener); }

  void add(Count count, std::uint64_t times = 1) {
    counts_[static_cast<std::size_t>(count)] += times;
  }
  std::uint64_t count(Count count) const { return counts_[static_cast<std::size_t>(count)]; }
  const Counts& counts() const { return counts_; }

  // `words` are put together only if somebody listens.
  template <class... Words>
  void tell(std::string_view who, const Words&... words) {
    if (!listener_) return;
    std::string line;
    (append(line, words), ...);
    write(who, line);
  }

 private:
  static void append(std::string& line, std::string_view word) { line += word; }
  template <class Number>
    requires std::integral<Number>
  static void append(std::string& line, Number number) {
    line += std::to_string(number);
  }
  void write(std::string_view who, const std::string& line);

  const Scheduler& clock_;
  Listener listener_;
  Counts counts_{};
};

}  // namespace telex::sim
