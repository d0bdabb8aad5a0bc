#include "service/lane.h"

#include <algorithm>
#include <cassert>
#include <thread>
#include <utility>

#include "process/engine_rules.h"

namespace telex {
namespace {

using std::chrono::milliseconds;

// The longest sleep between two looks at the stop flag.
constexpr milliseconds kSleepSlice{100};
constexpr std::chrono::seconds kLagInterval{1};
// How long state is read back between two polls, which keep the lane in its group.
constexpr milliseconds kRestoreSlice{100};

LaneObserver& deaf_observer() {
  static LaneObserver observer;
  return observer;
}

}  // namespace

std::string_view to_string(LaneState state) {
  switch (state) {
    case LaneState::starting:
      return "starting";
    case LaneState::restoring:
      return "restoring";
    case LaneState::running:
      return "running";
    case LaneState::suspended:
      return "suspended";
    case LaneState::draining:
      return "draining";
    case LaneState::stopped:
      return "stopped";
    case LaneState::ended:
      return "ended";
    case LaneState::failed:
      return "failed";
  }
  return "failed";
}

Lane::Lane(LaneOptions options, LanePorts ports, std::function<PublishedPtr()> published,
           const Clock& clock, LaneObserver* observer, FaultPlan* faults)
    : options_(std::move(options)),
      ports_(std::move(ports)),
      published_(std::move(published)),
      clock_(clock),
      observer_(observer == nullptr ? deaf_observer() : *observer),
      faults_(faults),
      stores_(options_.stores, ports_.make_changelog_reader, options_.checkpoints, clock_),
      batch_(options_.batch) {
  status_.name = options_.name;
  shared_.name = options_.name;
  checkpoint_at_ = clock_.steady();
  beat();
}

Lane::~Lane() = default;

void Lane::run() {
  while (step()) {
  }
}

bool Lane::step() {
  beat();
  if (is_over(status_.state)) return false;
  take_commands();
  if (!failure_.empty()) {
    if (open_) abort(failure_, FaultCause::world);
    finish(LaneState::failed);
    return false;
  }
  const int stop = stop_.load();
  if (stop > 1) {
    if (open_) abort("asked to stop at once", FaultCause::world);
    finish(LaneState::stopped);
    return false;
  }
  if (stop == 1) {
    drain(LaneState::stopped);
    return false;
  }
  if (incarnation_due_) close_ports();
  if (!get_source()) return true;
  // The sink first: making it ends what a predecessor left open, which committed positions wait
  // for.
  get_sink();
  if (sink_ != nullptr) get_positions();
  if (may_restore()) restore();
  if (!failure_.empty() || incarnation_due_) return true;
  unblock();
  if (reassign_ || may_run() != was_running_) apply_assignment();

  batch_.clear();
  source_->poll(batch_, poll_time(), [this](const SourceEvent& event) { on_event(event); });
  beat();
  return after_poll();
}

bool Lane::after_poll() {
  if (!failure_.empty() || incarnation_due_) return true;
  if (!kRules.positions_from_processed) settle_unprocessed();
  if (reassign_ || !may_run()) {
    // What was read belongs to an assignment that is over; it is read again from `next`.
    if (!batch_.empty()) reassign_ = true;
  } else if (!batch_.empty()) {
    process();
  }
  if (sink_ != nullptr) {
    const SinkResult result = sink_->poll();
    if (!result.ok() && result.status != SinkStatus::transient) on_sink_fault(result);
  }
  // Only a source that was reading, from where it should, can have come to its end.
  const bool last = ended_ && batch_.empty() && !reassign_ && was_running_ && may_run() &&
                    blocked_.empty() && !stores_.pending();
  if (open_ && (due() || last)) commit(options_.commit_limit);
  if (last && !open_ && !reassign_ && failure_.empty() && !incarnation_due_) {
    drain(LaneState::ended);
    return false;
  }
  if (!open_ && clock_.steady() - checkpoint_at_ >= options_.checkpoint_interval) checkpoint();
  publish_status(false);
  return true;
}

// ---------------------------------------------------------------------------------------------
// Ports and positions.

bool Lane::get_source() {
  if (source_ != nullptr) return true;
  const Nanos now = clock_.steady();
  if (now < pause_until_) {
    sleep(std::chrono::ceil<Millis>(pause_until_ - now));
    publish_status(false);
    return false;
  }
  std::string why;
  source_ = ports_.make_source(why);
  if (source_ != nullptr) return true;
  say(why);
  ++setbacks_;
  pause_until_ = clock_.steady() + backoff();
  return false;
}

bool Lane::get_sink() {
  if (sink_ != nullptr) return true;
  if (clock_.steady() < sink_after_) return false;
  const SinkResult result = ports_.make_sink(sink_);
  beat();
  if (result.ok()) {
    assert(sink_ != nullptr);
    return true;
  }
  sink_.reset();
  say(result.message);
  if (result.cause == FaultCause::setup) {
    fail(result.message);
  } else if (result.status == SinkStatus::fatal) {
    new_incarnation(result.message, result.cause);
  } else {
    ++setbacks_;
    sink_after_ = clock_.steady() + backoff();
  }
  return false;
}

bool Lane::get_positions() {
  if (!ask_committed_) return true;
  if (clock_.steady() < pause_until_) return false;
  if (held_.empty()) {
    ask_committed_ = false;
    return true;
  }
  if (!ports_.committed) {
    fail("the outcome of a commit is not known, and this source keeps no positions to ask for");
    return false;
  }
  std::vector<TopicPartition> partitions;
  partitions.reserve(held_.size());
  for (const auto& [partition, held] : held_) partitions.push_back(partition);
  std::string why;
  const std::optional<Positions> positions = ports_.committed(partitions, why);
  beat();
  if (!positions) {
    say(why);
    ++setbacks_;
    pause_until_ = clock_.steady() + backoff();
    return false;
  }
  for (const Position& each : *positions) {
    if (held_.count(each.partition) > 0 && !hold(each)) return false;
  }
  ask_committed_ = false;
  reassign_ = true;
  return true;
}

// The partition goes on from `position`, which the group has committed.
bool Lane::hold(const Position& position) {
  Held& held = held_[position.partition];
  held = {position.next, position.next, held.counted};
  std::string why;
  if (stores_.add(position, why)) return true;
  fail(std::move(why));
  return false;
}

// Only when positions, and with them how much there is to read, are certain.
bool Lane::may_restore() const {
  return sink_ != nullptr && !ask_committed_ && stores_.pending() &&
         clock_.steady() >= restore_after_;
}

// Reads state back, a slice a turn; partitions whose state is there run meanwhile.
void Lane::restore() {
  const ChangelogProgress progress = stores_.restore(kRestoreSlice);
  beat();
  switch (progress.status) {
    case ChangelogStatus::reading:
      break;
    case ChangelogStatus::done:
      reassign_ = true;
      publish_status(true);
      break;
    case ChangelogStatus::unavailable:
      say(progress.message);
      if (progress.cause == FaultCause::setup) {
        fail(progress.message);
        break;
      }
      ++setbacks_;
      restore_after_ = clock_.steady() + backoff();
      break;
    case ChangelogStatus::refused:
      fail(progress.message);
      break;
  }
}

// REQUIRES: no transaction is open.
void Lane::checkpoint() {
  checkpoint_at_ = clock_.steady();
  if (!stores_.any() || sink_ == nullptr || ask_committed_ || incarnation_due_) return;
  const std::string why = stores_.checkpoint([this](std::string& error) {
    std::vector<TopicPartition> partitions;
    Positions own;
    for (const auto& [partition, held] : held_) {
      partitions.push_back(partition);
      own.push_back({partition, held.committed, stores_.note(partition.partition)});
    }
    // Where nobody keeps positions, nobody else writes.
    return ports_.committed ? ports_.committed(partitions, error) : std::optional(std::move(own));
  });
  beat();
  if (!why.empty()) observer_.on_problem("no checkpoint of the state: " + why);
}

// Only where EngineRules::positions_from_processed is off.
void Lane::settle_unprocessed() {
  for (std::uint32_t row = 0; row < batch_.size(); ++row) {
    const RawRecord raw = batch_.raw(row);
    const auto held = held_.find({std::string(batch_.topic(row)), raw.partition});
    if (held != held_.end()) held->second.next = Offset{raw.offset.value + 1};
  }
}

bool Lane::may_run() const {
  return sink_ != nullptr && !ask_committed_ && clock_.steady() >= pause_until_;
}

void Lane::apply_assignment() {
  reassign_ = false;
  ended_ = false;  // The source says so again if it is still so.
  was_running_ = may_run();
  if (held_.empty()) return;
  Positions positions;
  if (was_running_) {
    for (const auto& [partition, held] : held_) {
      const auto topic = topics_.find(partition.topic);
      if (topic != topics_.end() && topic->second.stopped) continue;
      const auto blocked = blocked_.find(partition);
      if (blocked != blocked_.end() && blocked->second.waits) continue;
      if (held.gone || !stores_.ready(partition.partition)) continue;
      positions.push_back({partition, held.next});
    }
  }
  source_->assign(positions);
}

void Lane::rewind_all() {
  if (!kRules.rewind_kept_partitions) return;
  for (auto& [partition, held] : held_) held.next = held.committed;
  reassign_ = true;
}

void Lane::drop_sink(std::string_view why) {
  sink_.reset();
  ++status_.recreated;
  observer_.on_recreate(why);
}

// Called from anywhere, also from inside the source's poll(): the ports go at the next turn.
void Lane::new_incarnation(std::string why, FaultCause cause) {
  drop_transaction();
  if (incarnation_due_) return;
  incarnation_due_ = true;
  say(why);
  const Nanos now = clock_.steady();
  if (cause == FaultCause::setup) {
    fail(std::move(why));
    return;
  }
  if (cause == FaultCause::fenced) {
    std::erase_if(fenced_, [&](Nanos when) { return now - when >= kFencedWithin; });
    fenced_.push_back(now);
    if (fenced_.size() >= kFencedMax) {
      fail("shut out " + std::to_string(kFencedMax) +
           " times within a minute: another process runs under the same instance name (" + why +
           ")");
      return;
    }
  }
  ++status_.incarnations;
  ++incarnations_in_row_;
  ++setbacks_;
  observer_.on_recreate(cause == FaultCause::fenced ? "fenced" : "fatal");
  if (incarnations_in_row_ >= kIncarnationsMax) {
    fail("gave up after " + std::to_string(kIncarnationsMax) + " attempts in a row: " + why);
  }
}

void Lane::close_ports() {
  incarnation_due_ = false;
  sink_.reset();  // It may commit through the source.
  if (source_ != nullptr) source_->close();
  source_.reset();
  if (!kRules.committed_after_fatal) remembered_ = held_;
  held_.clear();
  stores_.clear();
  ask_committed_ = false;
  reassign_ = false;
  was_running_ = false;
  assigned_once_ = false;
  ended_ = false;
  pause_until_ = clock_.steady() + backoff();
  publish_status(true);
}

Lane::Millis Lane::backoff() const {
  const std::uint32_t doublings = std::min(setbacks_ > 0 ? setbacks_ - 1 : 0, 16U);
  return std::min(options_.backoff_first * (1U << doublings), options_.backoff_max);
}

// ---------------------------------------------------------------------------------------------
// Events, from inside Source::poll().

void Lane::on_event(const SourceEvent& event) {
  beat();
  switch (event.kind) {
    case SourceEventKind::assigned:
      on_assigned(event);
      break;
    case SourceEventKind::revoked:
    case SourceEventKind::lost:
      on_taken(event);
      break;
    case SourceEventKind::end:
      ended_ = true;
      break;
    case SourceEventKind::unavailable:
      say(event.message);
      break;
    case SourceEventKind::out_of_range:
    case SourceEventKind::oversized:
      fail(event.message);
      break;
    case SourceEventKind::fatal:
      new_incarnation(event.message, event.cause);
      break;
  }
}

void Lane::on_assigned(const SourceEvent& event) {
  assigned_once_ = true;
  // The source has set these going; what was held before and lay still goes on lying still.
  if (!was_running_ && !held_.empty()) reassign_ = true;
  was_running_ = true;
  for (const Position& each : event.positions) {
    if (!hold(each)) return;
    if (const auto old = remembered_.find(each.partition); old != remembered_.end()) {
      held_[each.partition] = old->second;
      reassign_ = true;
    }
    const auto topic = topics_.find(each.partition.topic);
    if (topic != topics_.end() && topic->second.stopped) reassign_ = true;
  }
  stores_.forget_given_up();  // What did not come back.
  // State comes back first; and what is blocked waits on.
  if (!may_run() || stores_.pending() || !blocked_.empty()) reassign_ = true;
  // Read while a predecessor was not shut out yet: asked for again when it is.
  if (sink_ == nullptr && ports_.committed && kRules.sink_before_positions) ask_committed_ = true;
  observer_.on_rebalance();
  ++status_.rebalances;
  publish_status(true);
}

void Lane::on_taken(const SourceEvent& event) {
  hit(FaultPoint::in_revoke);
  if (!kRules.forget_revoked) {
    for (const TopicPartition& partition : event.partitions) held_[partition].gone = true;
    return;
  }
  if (open_ && (event.kind == SourceEventKind::revoked || !kRules.abort_when_lost)) {
    // On failure this sends back whatever stays, too.
    commit(options_.revoke_limit);
  } else if (open_) {
    abort(event.message, FaultCause::world);
  }
  for (const TopicPartition& partition : event.partitions) {
    held_.erase(partition);
    blocked_.erase(partition);
    stores_.give_up(partition.partition);
  }
  publish_status(true);
}

// ---------------------------------------------------------------------------------------------
// The end of the lane, and what others see of it.

void Lane::raise_stop(int level) {
  int seen = stop_.load();
  while (seen < level && !stop_.compare_exchange_weak(seen, level)) {
  }
}

void Lane::fail(std::string why) {
  if (failure_.empty()) failure_ = std::move(why);
}

void Lane::drain(LaneState state) {
  status_.state = LaneState::draining;
  publish_status(true);
  // A part of the time is kept for leaving the group in good order.
  const Nanos end = clock_.steady() + options_.drain_limit;
  if (open_) commit(options_.drain_limit * 4 / 5);
  if (!open_) checkpoint();
  const auto rest = std::chrono::ceil<Millis>(end - clock_.steady());
  if (sink_ != nullptr) sink_->close(std::max(rest / 2, Millis{0}));
  finish(state);
}

void Lane::finish(LaneState state) {
  sink_.reset();
  if (source_ != nullptr) source_->close();
  source_.reset();
  held_.clear();
  stores_.clear();
  if (state == LaneState::failed) status_.problem = failure_;
  status_.state = state;
  publish_status(true);
}

void Lane::resume(const std::string& topic) {
  const std::lock_guard lock(mutex_);
  to_resume_.insert(topic);
  has_commands_ = true;
}

void Lane::take_commands() {
  if (has_commands_.exchange(false)) {
    const std::lock_guard lock(mutex_);
    for (const std::string& name : to_resume_) {
      const auto topic = topics_.find(name);
      if (topic == topics_.end() || !topic->second.stopped) continue;
      topic->second.stopped = false;
      reassign_ = true;
    }
    to_resume_.clear();
  }
  const bool any = std::any_of(topics_.begin(), topics_.end(),
                               [](const auto& entry) { return entry.second.stopped; });
  if (!any) return;
  const std::uint64_t number = published_()->number;
  for (auto& [name, topic] : topics_) {
    if (!topic.stopped || topic.stopped_at == number) continue;
    topic.stopped = false;
    reassign_ = true;
  }
}

void Lane::sleep(Millis time) {
  while (time.count() > 0 && stop_.load() == 0) {
    const Millis slice = std::min(time, kSleepSlice);
    if (options_.sleep) {
      options_.sleep(slice);
    } else {
      std::this_thread::sleep_for(slice);
    }
    time -= slice;
    beat();
  }
}

Lane::Millis Lane::poll_time() const {
  const Nanos now = clock_.steady();
  Nanos time = options_.poll_wait;
  if (open_) time = std::min(time, open_->began + options_.transaction_time - now);
  if (now < pause_until_) time = std::min(time, pause_until_ - now);
  if (may_restore()) time = Nanos{0};
  return std::max(std::chrono::ceil<Millis>(time), Millis{0});
}

void Lane::say(std::string_view problem) {
  status_.problem = problem;
  observer_.on_problem(problem);
}

void Lane::beat() { beat_.store(clock_.steady().count(), std::memory_order_relaxed); }

std::chrono::nanoseconds Lane::idle_time() const {
  return std::max(clock_.steady() - Nanos{beat_.load(std::memory_order_relaxed)}, Nanos{0});
}

void Lane::hit(FaultPoint point) {
  if (faults_ != nullptr) faults_->hit(point);
}

void Lane::publish_status(bool now) {
  const Nanos time = clock_.steady();
  if (!now && time - status_at_ < kStatusInterval) return;
  status_at_ = time;
  if (!is_over(status_.state) && status_.state != LaneState::draining) {
    status_.state = !assigned_once_     ? LaneState::starting
                    : !may_run()        ? LaneState::suspended
                    : stores_.pending() ? LaneState::restoring
                                        : LaneState::running;
  }
  status_.restore_remaining = stores_.remaining();
  status_.ready = status_.state == LaneState::running && blocked_.empty();
  const bool ask_lag = ports_.lag && source_ != nullptr && time - lag_at_ >= kLagInterval;
  if (ask_lag) lag_at_ = time;
  std::vector<LanePartition> partitions;
  partitions.reserve(held_.size());
  auto before = status_.partitions.begin();
  for (const auto& [partition, held] : held_) {
    const auto topic = topics_.find(partition.topic);
    LanePartition shown{partition, held.committed, std::nullopt, held.committed_timestamp,
                        topic != topics_.end() && topic->second.stopped};
    if (shown.stopped) shown.reason = "breaker";
    if (const auto blocked = blocked_.find(partition); blocked != blocked_.end()) {
      shown.stopped = true;
      shown.reason = blocked->second.why;
    }
    while (before != status_.partitions.end() && before->partition < partition) ++before;
    if (ask_lag) {
      shown.lag = ports_.lag(partition, held.committed);
    } else if (before != status_.partitions.end() && before->partition == partition) {
      shown.lag = before->lag;
    }
    partitions.push_back(std::move(shown));
  }
  status_.partitions = std::move(partitions);
  status_.stopped_topics.clear();
  for (const auto& [name, topic] : topics_) {
    if (topic.stopped) status_.stopped_topics.push_back(name);
  }
  const std::lock_guard lock(mutex_);
  shared_ = status_;
}

LaneStatus Lane::status() const {
  const std::lock_guard lock(mutex_);
  return shared_;
}

}  // namespace telex
