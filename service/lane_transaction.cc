// How a lane makes, fills and ends its transactions. lane.h has the whole, lane.cc the loop.
#include <algorithm>
#include <cassert>
#include <utility>

#include "process/engine_rules.h"
#include "service/lane.h"

namespace telex {
namespace {

using std::chrono::milliseconds;

// How long the end of a transaction that nobody waits for may take.
constexpr milliseconds kAbortLimit{10'000};
// Between two tries of a call that says it may succeed later.
constexpr milliseconds kTransientWait{100};
// What of `whole` is left after `part` was counted elsewhere.
BatchCounts without(BatchCounts whole, const BatchCounts& part) {
  whole.in -= part.in;
  whole.published -= part.published;
  whole.deletions -= part.deletions;
  whole.suppressed -= part.suppressed;
  whole.filtered -= part.filtered;
  whole.dead_lettered -= part.dead_lettered;
  whole.held -= part.held;
  for (std::size_t i = 0; i < whole.dead_by_reason.size(); ++i) {
    whole.dead_by_reason[i] -= part.dead_by_reason[i];
  }
  return whole;
}

double seconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

}  // namespace

// ---------------------------------------------------------------------------------------------
// One batch.

void Lane::process() {
  if (!open_) take_generation();
  records_.clear();
  batch_counts_ = runner_(batch_, records_);
  if (trips_breaker()) {
    // The batch goes, and its changes of state with it; they cannot be told from earlier ones.
    if (open_ && stores_.any()) abort("a topic was stopped", FaultCause::world);
    stores_.abort();
    return;
  }
  if (!stage_all()) {
    stores_.abort();
    reassign_ = true;  // What was not settled is read again.
  }
}

void Lane::take_generation() {
  const PublishedPtr published = published_();
  assert(published != nullptr);
  if (generation_ != nullptr && generation_->number == published->number) return;
  runner_ = published->make_runner(stores_.stores());
  generation_ = published;
  status_.generation = published->number;
}

// A topic that trips takes this batch with it: none of its rows is settled, and those of other
// topics are read again. A row counts once: one that is read again, after an abort, would otherwise
// count as often as the abort is repeated, and one dead letter in a batch stop its topic.
bool Lane::trips_breaker() {
  const Nanos now = clock_.steady();
  std::vector<Topic*> touched(batch_.topics().size(), nullptr);
  TopicPartition partition;
  Held* held = nullptr;
  for (std::uint32_t row = 0; row < batch_.size(); ++row) {
    const RawRecord raw = batch_.raw(row);
    Topic*& topic = touched[raw.topic];
    if (topic == nullptr) topic = &topics_[std::string(batch_.topic(row))];
    if (held == nullptr || partition.partition != raw.partition ||
        partition.topic != batch_.topic(row)) {
      partition = {std::string(batch_.topic(row)), raw.partition};
      const auto found = held_.find(partition);
      assert(found != held_.end());
      held = &found->second;
    }
    if (raw.offset < held->counted) continue;
    held->counted = Offset{raw.offset.value + 1};
    topic->breaker.add(batch_.verdict(row).kind == VerdictKind::faulty, now);
  }
  bool tripped = false;
  for (std::size_t i = 0; i < touched.size(); ++i) {
    if (touched[i] == nullptr || !touched[i]->breaker.tripped()) continue;
    tripped = true;
    touched[i]->stopped = true;
    touched[i]->stopped_at = generation_->number;
    touched[i]->breaker.reset();
    for (auto& [each, position] : held_) {
      if (each.topic == batch_.topics()[i]) position.counted = position.next;
    }
    say("stopped reading " + batch_.topics()[i] + ": at least " +
        std::to_string(Breaker::kPercent) +
        " % of its latest records would go to the dead letters; mend the configuration and reload, "
        "or resume it");
  }
  if (tripped) reassign_ = true;
  return tripped;
}

bool Lane::begin() {
  const Nanos since = clock_.steady();
  while (true) {
    const SinkResult result = sink_->begin();
    if (result.ok()) break;
    if (result.status != SinkStatus::transient) {
      on_sink_fault(result);
      return false;
    }
    if (!wait_out(since, options_.transient_limit, result.message)) return false;
  }
  open_.emplace();
  open_->began = clock_.steady();
  open_->timestamps = std::move(spare_timestamps_);
  open_->timestamps.clear();
  hit(FaultPoint::after_begin);
  return true;
}

// Stages the batch's records and settles its rows; false when some row was not settled.
bool Lane::stage_all() {
  std::uint32_t first = 0;    // Next record to be staged.
  std::uint32_t settled = 0;  // Rows.
  BatchCounts given;          // Counted with an earlier transaction already.
  bool told = false;          // The observer, once a transaction is open that can be aborted.
  Nanos since = clock_.steady();
  while (true) {
    const bool fresh = !open_;
    if (fresh && !begin()) return false;
    if (!std::exchange(told, true)) observer_.on_batch(batch_, records_, batch_counts_);
    const SinkResult result = sink_->stage(records_, first);
    const std::uint32_t staged = sink_->staged();
    if (staged > first) {
      hit(FaultPoint::after_produce);
      since = clock_.steady();
    }
    if (result.ok()) break;
    const bool in_row =
        staged > 0 && staged < records_.size() && records_[staged].row == records_[staged - 1].row;
    if (result.status == SinkStatus::full && fresh && staged == first && !in_row) {
      fail("a single record does not fit into the sink: " + result.message);
      return false;
    }
    const bool may_split = !in_row && !stores_.any();
    if (result.status == SinkStatus::full && may_split) {
      given += settle_part(settled, records_[staged].row);
      settled = records_[staged].row;
      if (!commit(options_.commit_limit) || sink_ == nullptr) return false;
    } else if (result.status == SinkStatus::full || result.status == SinkStatus::transient) {
      // Full between two records of one row, or with state: these must not be torn apart, so the
      // sink gets time.
      if (!wait_out(since, options_.transient_limit, result.message)) return false;
    } else if (result.status == SinkStatus::blocked) {
      // What stands before it is in the spool or on its way already, and must not have to be so
      // again with each try: that alone could fill the spool.
      const std::uint32_t row = records_[staged].row;
      if (may_split) {
        settle_part(settled, row);
        if (open_->records > 0 && !commit(options_.commit_limit)) return false;
      }
      block_row(row, result.message);
      return false;
    } else {
      on_sink_fault(result);
      return false;
    }
    first = staged;
  }
  settle(settled, batch_.size());
  open_->counts += without(batch_counts_, given);
  open_->output_bytes += records_.bytes();
  return true;
}

// Settles rows [first, last), which are staged, and counts them with the open transaction.
BatchCounts Lane::settle_part(std::uint32_t first, std::uint32_t last) {
  const BatchCounts part = counts_of(first, last);
  settle(first, last);
  open_->counts += part;
  return part;
}

// REQUIRES: rows [first, last) of batch_ are staged.
void Lane::settle(std::uint32_t first, std::uint32_t last) {
  Held* held = nullptr;
  std::uint16_t topic = 0;
  Partition partition;
  for (std::uint32_t row = first; row < last; ++row) {
    const RawRecord raw = batch_.raw(row);
    if (held == nullptr || raw.topic != topic || raw.partition != partition) {
      topic = raw.topic;
      partition = raw.partition;
      const auto found = held_.find({std::string(batch_.topic(row)), partition});
      assert(found != held_.end());
      held = &found->second;
    }
    held->next = Offset{raw.offset.value + 1};
    held->next_timestamp = raw.timestamp;
    open_->timestamps.push_back(raw.timestamp);
  }
  open_->records += last - first;
}

// What rows [first, last) came to, by their verdicts. Mentions and topics are the whole batch's and
// go with its last rows.
BatchCounts Lane::counts_of(std::uint32_t first, std::uint32_t last) const {
  BatchCounts counts;
  for (std::uint32_t row = first; row < last; ++row) counts.add(batch_.verdict(row));
  return counts;
}

// Waits a little before the same call again. False, with the transaction dropped and the sink given
// up, when it has been going on since `since` for too long or the lane is to stop.
bool Lane::wait_out(Nanos since, Millis limit, const std::string& why) {
  const bool again = clock_.steady() - since < limit && stop_.load() == 0;
  if (again) {
    sleep(kTransientWait);
    return true;
  }
  if (open_) abort(why, FaultCause::world);
  say(why);
  if (sink_ != nullptr) drop_sink("transient");
  ++setbacks_;
  sink_after_ = clock_.steady() + backoff();
  return false;
}

// The record of `row` can be kept nowhere for now. Its partition waits, and nothing of it is passed
// over; what else is in the transaction is read again without it.
void Lane::block_row(std::uint32_t row, const std::string& why) {
  const TopicPartition partition{std::string(batch_.topic(row)), batch_.raw(row).partition};
  Blocked& blocked = blocked_[partition];
  const Nanos wait = std::min<Nanos>(options_.blocked_first * (1U << std::min(blocked.times, 16U)),
                                     options_.blocked_max);
  ++blocked.times;
  blocked.waits = true;
  blocked.until = clock_.steady() + wait;
  blocked.why = why;
  if (open_) abort(why, FaultCause::world);
  pause_until_ = clock_.steady();  // Only this one waits.
  setbacks_ = 0;
  reassign_ = true;
  publish_status(true);
}

void Lane::unblock() {
  const Nanos now = clock_.steady();
  for (auto& [partition, blocked] : blocked_) {
    if (!blocked.waits || now < blocked.until) continue;
    blocked.waits = false;
    reassign_ = true;
  }
}

void Lane::on_sink_fault(const SinkResult& result) {
  if (result.status == SinkStatus::fatal) {
    observer_.on_abort(CommitOutcome::fatal, result.message);
    ++status_.fatal;
    new_incarnation(result.message, result.cause);
  } else if (open_) {
    abort(result.message, result.cause);
  } else {
    // Nothing is open that could be aborted: this sink is of no use.
    drop_sink("fatal");
    if (result.cause == FaultCause::setup) fail(result.message);
  }
}

// ---------------------------------------------------------------------------------------------
// The end of a transaction.

bool Lane::due() const {
  return clock_.steady() - open_->began >= options_.transaction_time ||
         open_->records >= options_.transaction_records ||
         open_->output_bytes >= options_.transaction_bytes;
}

// True if it is in.
bool Lane::commit(Millis limit) {
  if (!stage_state(limit)) return false;
  Positions next;
  for (const auto& [partition, held] : held_) {
    if (held.next == held.committed) continue;
    next.push_back({partition, held.next, stores_.note(partition.partition)});
  }
  if (kRules.fresh_group_metadata || group_.empty()) group_ = source_->group();
  const Nanos started = clock_.steady();
  const CommitResult result = sink_->commit(next, group_, limit);
  beat();
  if (result.outcome != CommitOutcome::committed) {
    on_not_committed(result);
    return false;
  }
  hit(FaultPoint::after_commit);
  on_committed(next, started);
  // Positions are certain; only the client is not. The partitions keep what was read ahead.
  if (result.recreate && kRules.recreate_after_unknown) drop_sink("transport");
  return true;
}

// What the transaction has changed of the lane's state becomes a part of it.
bool Lane::stage_state(Millis limit) {
  if (!stores_.any()) return true;
  changelog_.clear();
  // Never the clock: the latest record's own time.
  stores_.drain(changelog_, open_->timestamps.empty() ? kNoTimestamp : open_->timestamps.back());
  std::uint32_t first = 0;
  const Nanos since = clock_.steady();
  while (true) {
    const SinkResult result = sink_->stage(changelog_, first);
    first = sink_->staged();
    if (result.ok()) break;
    if (result.status == SinkStatus::full || result.status == SinkStatus::transient) {
      if (!wait_out(since, limit, result.message)) return false;
    } else {
      on_sink_fault(result);
      return false;
    }
  }
  open_->output_bytes += changelog_.bytes();
  return true;
}

void Lane::on_committed(const Positions& next, Nanos started) {
  stores_.commit();
  for (const Position& each : next) {
    Held& held = held_[each.partition];
    held.committed = each.next;
    held.committed_timestamp = held.next_timestamp;
    blocked_.erase(each.partition);  // It is through.
  }
  const Nanos now = clock_.steady();
  const Nanos took = now - started;
  const auto took_ms = static_cast<std::uint64_t>(std::chrono::ceil<Millis>(took).count());
  std::size_t bucket = 0;
  while (bucket < kCommitBoundsMs.size() && took_ms > kCommitBoundsMs[bucket]) ++bucket;
  ++status_.commit_ms[bucket];
  status_.commit_seconds_sum += seconds(took);
  status_.counts += open_->counts;
  status_.last_commit = clock_.utc();
  ++status_.committed;
  status_.problem.clear();
  setbacks_ = 0;
  incarnations_in_row_ = 0;
  record_aborts_ = 0;
  observer_.on_commit({open_->counts, open_->timestamps, status_.last_commit, took,
                       now - open_->began, open_->output_bytes, status_.generation});
  drop_transaction();
  publish_status(true);
}

// The table of policy at the top of lane.h, in its order.
void Lane::on_not_committed(const CommitResult& result) {
  drop_transaction();
  rewind_all();
  stores_.abort();
  say(result.message);
  observer_.on_abort(result.outcome, result.message);
  if (result.outcome == CommitOutcome::fatal || result.cause == FaultCause::fenced) {
    ++status_.fatal;
    new_incarnation(result.message, result.cause);
    return;
  }
  if (result.outcome == CommitOutcome::unknown) {
    ++status_.unknown;
    ask_committed_ = true;
    stores_.distrust();
    if (kRules.recreate_after_unknown) drop_sink("unknown");
  } else {
    ++status_.aborted;
    if (result.recreate && kRules.recreate_after_unknown) drop_sink("transport");
  }
  if (result.cause == FaultCause::setup) fail(result.message);
  if (result.cause == FaultCause::record && ++record_aborts_ >= kRecordAbortsMax) {
    fail("a record cannot be written, tried " + std::to_string(kRecordAbortsMax) +
         " times: " + result.message);
  }
  // The first abort is retried at once: mostly a rebalance, and over.
  if (++setbacks_ > 1) pause_until_ = clock_.steady() + backoff();
  publish_status(true);
}

void Lane::abort(const std::string& why, FaultCause cause) {
  CommitResult result = sink_->abort(kAbortLimit);
  beat();
  if (result.outcome == CommitOutcome::committed) result.outcome = CommitOutcome::aborted;
  // What a person must mend stays so, however the abort went.
  if (result.outcome == CommitOutcome::aborted || cause == FaultCause::setup) result.cause = cause;
  result.message = result.message.empty() ? why : why + "; then " + result.message;
  on_not_committed(result);
}

void Lane::drop_transaction() {
  if (!open_) return;
  spare_timestamps_ = std::move(open_->timestamps);
  open_.reset();
}

}  // namespace telex
