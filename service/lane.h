// Lane: one thread over a Source, a Sink, a pipeline and a Clock. It owns begin, commit, abort and
// rewind, and with them the promise: every record of a held partition is settled once, in order.
//
// The life of a transaction
//   poll → (first batch: take the published pipeline) → run → begin → stage → … → commit
//   It closes on time, count or bytes. Positions come from records that were processed.
// What may come of it, and what is done (the one table of policy; lane.cc follows it line by line)
//   committed             counts and positions apply
//   committed, recreate   the same, then a new sink before the next begin
//   aborted               every partition still held goes back to its committed position; again
//                         and again: with a growing pause, during which nothing is assigned
//   unknown               new sink first, then committed positions are asked for, then on
//   fatal                 new source and new sink (an incarnation) from committed positions, with
//                         backoff; kIncarnationsMax in a row without a commit: stop
//   cause setup           stop, with the message: nothing is dead-lettered for what is no record's
//   cause record          after kRecordAbortsMax aborts in a row: stop, with the message
//   cause fenced          kFencedMax times within a minute: stop, another process has the same name
//                         (once or twice a lane does it to itself, when a broker dies while it
//                         joins)
//   blocked               (a record that nothing can hold for now) what stands before it is
//                         committed (with stores: aborted); its partition waits with a growing
//                         pause, the others go on
//   transient             the same call again for up to `transient_limit`, then abort, new sink,
//                         and meanwhile hold the partitions, silent
// A failed commit inside a revoke sends the partitions that stay back as well.
//
// State. What stages remember lives in the lane's stores (lane_stores.h): their changes are staged
// as changelog records right before the commit, kept when it is in, dropped when it is not, and
// read back when nobody knows. A partition runs only when its state has been read back. With stores
// a batch is never split over two transactions, since its changes cannot be: the sink must take
// transaction_bytes and the records of one batch more.
//
// Threads: step() and run() on one thread; request_*(), resume(), status() and idle_time() from
// any. Ownership: owns its ports; borrows clock, observer and faults, which must outlive it.
// Limits: a batch, the records of a batch, and what source and sink bound themselves.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "process/clock.h"
#include "process/pipeline.h"
#include "process/sink.h"
#include "process/source.h"
#include "process/state_store.h"
#include "schemas/batch.h"
#include "schemas/record.h"
#include "service/breaker.h"
#include "service/fault.h"
#include "service/lane_stores.h"

namespace telex {

// What a batch becomes; one lane's, called by that lane only. Same contract as Pipeline::run().
using BatchRunner = std::function<BatchCounts(Batch&, Records&)>;

// A published generation, as lanes see it. A lane asks for it when a transaction begins.
struct Published {
  std::uint64_t number = 0;
  // `stores` are the lane's, in the order of LaneOptions::stores; they outlive the runner.
  std::function<BatchRunner(std::span<StateStore* const> stores)> make_runner;
};
using PublishedPtr = std::shared_ptr<const Published>;

// How a lane gets its ports. Called on the lane's thread.
struct LanePorts {
  // nullptr, and why in `error`: not now.
  std::function<std::unique_ptr<Source>(std::string& error)> make_source;
  // Sets `sink` and returns ok, or says why not. Predecessors are shut out when it returns ok.
  std::function<SinkResult(std::unique_ptr<Sink>& sink)> make_sink;
  // Committed positions of partitions that the latest source holds, asked of where they are kept.
  // Empty function: what this lane committed is all there is to know (archives).
  std::function<std::optional<Positions>(std::span<const TopicPartition>, std::string& error)>
      committed;
  // REQUIRED with LaneOptions::stores.
  MakeChangelogReader make_changelog_reader;
  // Records behind, see KafkaSource::lag(). Empty function: unknown.
  std::function<std::optional<std::int64_t>(const TopicPartition&, Offset next)> lag;
};

struct LaneOptions {
  std::string name = "0";
  BatchLimits batch;
  // A transaction closes when the first of these is reached.
  std::chrono::milliseconds transaction_time{50};
  std::uint32_t transaction_records = 5000;
  std::uint64_t transaction_bytes = 16U << 20;  // Of the records staged.
  std::chrono::milliseconds poll_wait{100};     // How long an idle poll may wait.
  std::chrono::milliseconds commit_limit{30'000};
  // A revoke must be over well before the group gives up on this member (session 45 s).
  std::chrono::milliseconds revoke_limit{10'000};
  std::chrono::milliseconds drain_limit{25'000};
  std::chrono::milliseconds transient_limit{30'000};
  std::chrono::milliseconds backoff_first{100};
  std::chrono::milliseconds backoff_max{10'000};
  // How long a partition waits whose record could not be kept; doubles up to the second.
  std::chrono::milliseconds blocked_first{1'000};
  std::chrono::milliseconds blocked_max{30'000};
  std::vector<StoreOptions> stores;
  std::filesystem::path checkpoints;  // Folder for them (checkpoint.h); empty: none.
  std::chrono::milliseconds checkpoint_interval{300'000};
  // How to wait; tests and simulations bring their own.
  std::function<void(std::chrono::milliseconds)> sleep;
};

// One committed transaction.
struct LaneCommit {
  const BatchCounts& counts;
  std::span<const UnixMillis> timestamps;  // Of the input records; kNoTimestamp among them.
  UnixMillis committed_at;                 // utc() when the commit had returned.
  std::chrono::nanoseconds duration;       // Of the commit call.
  std::chrono::nanoseconds open_for;       // From begin to committed.
  std::uint64_t output_bytes;
  std::uint64_t generation;
};

// Told on the lane's thread; must not block. All default to nothing, so that a test hears only what
// it asks for.
class LaneObserver {
 public:
  virtual ~LaneObserver() = default;
  // A batch went through the pipeline. Provisional: count it only when on_commit() follows, and
  // forget it at on_abort().
  virtual void on_batch(const Batch&, const Records&, const BatchCounts&) {}
  virtual void on_commit(const LaneCommit&) {}
  virtual void on_abort(CommitOutcome, const std::string&) {}
  virtual void on_recreate(std::string_view) {}  // transport | unknown | fatal | fenced | transient
  virtual void on_rebalance() {}
  // One sentence about something that an operator wants to know; warning or worse.
  virtual void on_problem(std::string_view) {}
};

enum class LaneState : std::uint8_t {
  starting,   // No source, no sink, or no assignment yet.
  restoring,  // State is being read back; partitions whose state is there run already.
  running,
  suspended,  // Holds its partitions but reads nothing: the world is wrong for now.
  draining,
  stopped,  // Asked to.
  ended,    // The source has no more.
  failed,   // See LaneStatus::problem; a person must act.
};
std::string_view to_string(LaneState state);
constexpr bool is_over(LaneState state) {
  return state == LaneState::stopped || state == LaneState::ended || state == LaneState::failed;
}

struct LanePartition {
  TopicPartition partition;
  Offset committed;
  std::optional<std::int64_t> lag;  // Records; nullopt = not known.
  // Of the last record committed since the partition is held.
  UnixMillis committed_timestamp = kNoTimestamp;
  bool stopped = false;  // By the breaker, or blocked.
  std::string reason{};  // Why it is stopped.
};

// Commit durations: counts of those at or below each bound, in ms; the last has no bound.
inline constexpr std::array<std::uint32_t, 13> kCommitBoundsMs{
    1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000};

// A copy, at most kStatusInterval old while the lane is busy.
struct LaneStatus {
  std::string name;
  LaneState state = LaneState::starting;
  bool ready = false;   // Has its ports and an assignment (maybe an empty one), not draining.
  std::string problem;  // Why not, or what went wrong last; empty = nothing.
  std::uint64_t generation = 0;  // Of the latest transaction.
  BatchCounts counts;            // Committed.
  std::uint64_t committed = 0;   // Transactions by outcome.
  std::uint64_t aborted = 0;
  std::uint64_t unknown = 0;
  std::uint64_t fatal = 0;
  std::uint64_t recreated = 0;     // Sinks made anew.
  std::uint64_t incarnations = 0;  // Sources made anew.
  std::uint64_t rebalances = 0;
  std::array<std::uint64_t, kCommitBoundsMs.size() + 1> commit_ms{};
  double commit_seconds_sum = 0;
  UnixMillis last_commit = kNoTimestamp;
  std::uint64_t restore_remaining = 0;  // Changelog offsets still to be read.
  std::vector<LanePartition> partitions;
  std::vector<std::string> stopped_topics;
};

// The open transaction of a lane.
struct LaneTransaction {
  std::chrono::nanoseconds began{0};
  std::uint64_t records = 0;
  std::uint64_t output_bytes = 0;
  BatchCounts counts;
  std::vector<UnixMillis> timestamps;
};

class Lane {
 public:
  static constexpr std::uint32_t kIncarnationsMax = 5;
  static constexpr std::uint32_t kRecordAbortsMax = 3;
  static constexpr std::uint32_t kFencedMax = 3;
  static constexpr std::chrono::seconds kFencedWithin{60};
  static constexpr std::chrono::milliseconds kStatusInterval{200};

  Lane(LaneOptions options, LanePorts ports, std::function<PublishedPtr()> published,
       const Clock& clock = system_clock(), LaneObserver* observer = nullptr,
       FaultPlan* faults = nullptr);
  ~Lane();
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  // step() until it is over.
  void run();
  // One turn of the loop; false when the lane is over (stopped, ended or failed).
  bool step();

  // Finish what is in hand, commit, leave; within drain_limit.
  void request_stop() { raise_stop(1); }
  // Drop what is in hand and leave.
  void request_abort() { raise_stop(2); }
  // Lets a topic that the breaker stopped run again.
  void resume(const std::string& topic);

  LaneStatus status() const;
  // Since the loop last turned. Grows while a call blocks: at most about commit_limit plus
  // drain_limit in good health, so liveness asks for more than a minute.
  std::chrono::nanoseconds idle_time() const;

 private:
  using Nanos = std::chrono::nanoseconds;
  using Millis = std::chrono::milliseconds;

  struct Held {
    Offset committed;
    Offset next;       // After the last record that was processed in the open transaction.
    Offset counted{};  // After the last record that the breaker has counted.
    UnixMillis next_timestamp = kNoTimestamp;  // Of the record before `next`.
    UnixMillis committed_timestamp = kNoTimestamp;
    bool gone = false;  // Given up; kept only where EngineRules::forget_revoked is off.
  };
  struct Blocked {
    Nanos until{0};
    std::uint32_t times = 0;  // In a row.
    bool waits = true;        // false: it is being tried again.
    std::string why;
  };
  struct Topic {
    Breaker breaker;
    bool stopped = false;
    std::uint64_t stopped_at = 0;  // Generation in force then.
  };

  // Ports and positions. get_*(): false = not now.
  bool get_source();
  bool get_sink();
  bool get_positions();
  bool hold(const Position& position);
  bool may_restore() const;
  void checkpoint();
  void restore();
  void close_ports();
  void apply_assignment();
  bool may_run() const;
  void rewind_all();
  void drop_sink(std::string_view why);
  void new_incarnation(std::string why, FaultCause cause);
  Millis backoff() const;

  // Events.
  void on_event(const SourceEvent& event);
  void on_assigned(const SourceEvent& event);
  void on_taken(const SourceEvent& event);

  // One batch.
  void process();
  void take_generation();
  bool trips_breaker();
  void unblock();
  void block_row(std::uint32_t row, const std::string& why);
  bool begin();
  bool stage_all();
  BatchCounts settle_part(std::uint32_t first, std::uint32_t last);
  void settle(std::uint32_t first, std::uint32_t last);
  BatchCounts counts_of(std::uint32_t first, std::uint32_t last) const;
  bool wait_out(Nanos since, Millis limit, const std::string& why);
  void on_sink_fault(const SinkResult& result);

  // The end of a transaction.
  bool due() const;
  bool commit(Millis limit);
  bool stage_state(Millis limit);
  void on_committed(const Positions& next, Nanos started);
  void on_not_committed(const CommitResult& result);
  void abort(const std::string& why, FaultCause cause);
  void drop_transaction();

  // The end of the lane.
  void raise_stop(int level);
  void fail(std::string why);
  void finish(LaneState state);
  void drain(LaneState state);
  bool after_poll();
  void settle_unprocessed();

  void take_commands();
  void sleep(Millis time);
  void say(std::string_view problem);
  void beat();
  void publish_status(bool now);
  Millis poll_time() const;
  void hit(FaultPoint point);

  const LaneOptions options_;
  const LanePorts ports_;
  const std::function<PublishedPtr()> published_;
  const Clock& clock_;
  LaneObserver& observer_;
  FaultPlan* const faults_;

  std::unique_ptr<Source> source_;
  std::unique_ptr<Sink> sink_;
  LaneStores stores_;
  std::map<TopicPartition, Held> held_;
  std::map<TopicPartition, Held> remembered_;  // Empty unless committed_after_fatal is off.
  std::map<TopicPartition, Blocked> blocked_;
  std::map<std::string, Topic, std::less<>> topics_;
  PublishedPtr generation_;
  BatchRunner runner_;
  Batch batch_;
  Records records_;
  Records changelog_;
  std::string group_;  // Of the latest transaction.
  BatchCounts batch_counts_;
  std::optional<LaneTransaction> open_;
  std::vector<UnixMillis> spare_timestamps_;  // Memory of the last transaction.

  // What the next turn must do first.
  bool reassign_ = false;       // Partitions do not run where they should.
  bool ask_committed_ = false;  // Positions in memory are not to be trusted.
  bool incarnation_due_ = false;
  bool ended_ = false;
  std::string failure_;
  Nanos pause_until_{0};        // Nothing runs before.
  Nanos sink_after_{0};         // No new sink before.
  Nanos restore_after_{0};      // Nothing is read back before.
  Nanos checkpoint_at_{0};      // The latest.
  std::uint32_t setbacks_ = 0;  // Without a commit between; decides the pause.
  std::uint32_t incarnations_in_row_ = 0;
  std::uint32_t record_aborts_ = 0;
  std::vector<Nanos> fenced_;  // When, within kFencedWithin.
  bool assigned_once_ = false;
  bool was_running_ = false;

  std::atomic<int> stop_{0};
  std::atomic<std::int64_t> beat_{0};
  mutable std::mutex mutex_;  // Of the following.
  LaneStatus shared_;
  std::set<std::string> to_resume_;
  std::atomic<bool> has_commands_{false};

  LaneStatus status_;  // The lane's own; copied to shared_.
  Nanos status_at_{0};
  Nanos lag_at_{0};
};

}  // namespace telex
