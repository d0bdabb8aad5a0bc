// A world for lanes: input partitions, a group's committed positions, an output, and ports that
// play by the rules of a broker but fail when the script says so. No threads, no real time.
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "schemas/changelog.h"
#include "service/lane.h"
#include "tests/kafka/scripted.h"

namespace telex::testing {

// What a scripted commit comes to; `unknown_in` and `fatal_in` did happen all the same.
enum class Fate : std::uint8_t {
  committed,
  committed_recreate,
  aborted,
  unknown_in,
  unknown_out,
  fatal_in,
  fatal_out,
  fenced,
  setup,
  record,
};

struct FakeWorld {
  ManualClock clock;
  std::map<TopicPartition, std::vector<std::string>> log;  // Offset = index.
  std::map<TopicPartition, Offset> committed;
  std::map<TopicPartition, std::string> notes;  // Beside the committed positions.
  // The changelog of store 0, by offset; nullopt = a commit marker.
  using ChangelogEntry = std::optional<std::pair<std::string, std::string>>;
  std::map<Partition, std::vector<ChangelogEntry>> changelog;
  std::vector<std::string> output;  // Committed, in order.
  std::map<TopicPartition, std::vector<std::string>> output_by_source;

  // The script.
  std::deque<Fate> fates;         // Of commits; then committed.
  std::deque<SinkResult> begins;  // Then ok.
  std::deque<SinkResult> stages;  // Then ok.
  std::deque<SinkResult> sinks;   // Of make_sink; then ok.
  std::string blocked_at;         // Value of a record that cannot be kept.
  int changelog_away = 0;         // So many readers cannot be made.
  std::uint32_t restores_a_read = 1000;
  bool committed_known = true;     // Whether the group answers.
  std::uint32_t full_after = 0;    // A transaction holds at most so many records; 0 = all.
  std::deque<SourceEvent> events;  // Told by the next polls, one each.
  std::uint32_t rows_a_poll = 100;
  bool ends = false;  // The source says `end` when all is read.

  // What happened.
  std::vector<std::string> calls;
  std::vector<Positions> assignments;
  std::set<TopicPartition> held;
  int sources_made = 0;
  int sinks_made = 0;
  bool transaction_open = false;

  void call(const std::string& what) { calls.push_back(what); }
  int called(const std::string& what) const {
    return static_cast<int>(std::count(calls.begin(), calls.end(), what));
  }
  void fill(const TopicPartition& partition, int count) {
    for (int i = 0; i < count; ++i) {
      log[partition].push_back(partition.topic + "/" + std::to_string(partition.partition.value) +
                               "/" + std::to_string(log[partition].size()));
    }
  }
  Offset next_of(const TopicPartition& partition) {
    const auto found = committed.find(partition);
    return found == committed.end() ? Offset{0} : found->second;
  }
  SourceEvent assigned(const std::vector<TopicPartition>& partitions) {
    SourceEvent event;
    event.kind = SourceEventKind::assigned;
    event.partitions = partitions;
    for (const TopicPartition& each : partitions) {
      event.positions.push_back({each, next_of(each), notes[each]});
    }
    return event;
  }
  static SourceEvent taken(SourceEventKind kind, const std::vector<TopicPartition>& partitions) {
    SourceEvent event;
    event.kind = kind;
    event.partitions = partitions;
    return event;
  }
  static SourceEvent told(SourceEventKind kind, std::string message,
                          FaultCause cause = FaultCause::world) {
    SourceEvent event;
    event.kind = kind;
    event.message = std::move(message);
    event.cause = cause;
    return event;
  }
};

class FakeSource final : public Source {
 public:
  explicit FakeSource(FakeWorld& world) : world_(world) {
    // A new member gets everything there is, as soon as it polls.
    std::vector<TopicPartition> all;
    for (const auto& [partition, values] : world.log) all.push_back(partition);
    world.held.clear();
    first_ = all;
  }
  void poll(Batch& batch, std::chrono::milliseconds deadline,
            const EventHandler& on_event) override {
    if (!first_.empty()) tell(world_.assigned(std::exchange(first_, {})), on_event);
    std::uint32_t rows = 0;
    for (auto& [partition, next] : running_) {
      const auto& values = world_.log[partition];
      while (rows < world_.rows_a_poll && static_cast<std::size_t>(next.value) < values.size()) {
        RawRecord raw;
        raw.topic = batch.intern_topic(partition.topic);
        raw.partition = partition.partition;
        raw.offset = next;
        raw.timestamp = 1000;
        raw.value = values[static_cast<std::size_t>(next.value)];
        if (!batch.append(raw)) return;
        ++next.value;
        ++rows;
      }
    }
    if (!world_.events.empty()) {
      SourceEvent event = std::move(world_.events.front());
      world_.events.pop_front();
      if (event.kind == SourceEventKind::assigned) {
        // As the group knows it by now.
        std::erase_if(event.partitions,
                      [this](const TopicPartition& each) { return world_.held.count(each) > 0; });
        event = world_.assigned(event.partitions);
      }
      tell(event, on_event);
      if (event.kind == SourceEventKind::revoked || event.kind == SourceEventKind::lost) {
        take_back(batch);
      }
    }
    if (batch.empty()) {
      if (world_.ends && !running_.empty()) {
        tell(FakeWorld::told(SourceEventKind::end, ""), on_event);
      }
      world_.clock.pass(deadline);
    }
  }
  void assign(std::span<const Position> positions) override {
    running_.clear();
    for (const Position& each : positions) {
      if (world_.held.count(each.partition) == 0) world_.call("assigned what is not held");
      running_[each.partition] = each.next;
    }
    world_.assignments.emplace_back(positions.begin(), positions.end());
  }
  std::string group() override { return "g"; }
  void close() override { world_.call("source closed"); }

 private:
  void tell(const SourceEvent& event, const EventHandler& on_event) {
    if (event.kind == SourceEventKind::assigned) {
      for (const Position& each : event.positions) {
        world_.held.insert(each.partition);
        running_[each.partition] = each.next;
      }
    }
    on_event(event);
    if (event.kind == SourceEventKind::revoked || event.kind == SourceEventKind::lost) {
      for (const TopicPartition& each : event.partitions) {
        world_.held.erase(each);
        running_.erase(each);
      }
    }
  }
  void take_back(Batch& batch) {
    for (std::uint32_t row = batch.size(); row-- > 0;) {
      const auto found = running_.find({std::string(batch.topic(row)), batch.raw(row).partition});
      if (found != running_.end()) found->second = std::min(found->second, batch.raw(row).offset);
    }
    batch.clear();
  }

  FakeWorld& world_;
  std::vector<TopicPartition> first_;
  std::map<TopicPartition, Offset> running_;
};

class FakeSink final : public Sink {
 public:
  explicit FakeSink(FakeWorld& world) : world_(world) {}
  ~FakeSink() override { world_.transaction_open = false; }

  SinkResult begin() override {
    if (SinkResult result = next(world_.begins); !result.ok()) return result;
    if (world_.transaction_open) world_.call("begin inside a transaction");
    world_.transaction_open = true;
    world_.call("begin");
    open_.clear();
    state_.clear();
    return {};
  }
  SinkResult stage(const Records& records, std::uint32_t first) override {
    staged_ = first;
    if (SinkResult result = next(world_.stages); !result.ok()) return result;
    for (; staged_ < records.size(); ++staged_) {
      if (world_.full_after > 0 && open_.size() >= world_.full_after) {
        return {SinkStatus::full, "full", FaultCause::world};
      }
      const Record record = records[staged_];
      if (!world_.blocked_at.empty() && record.value == world_.blocked_at) {
        return {SinkStatus::blocked, "spool_full", FaultCause::world};
      }
      if (record.destination == Destination::changelog) {
        state_.emplace_back(record.partition, std::pair(record.key, record.value));
      } else {
        open_.emplace_back(record.value);
      }
    }
    return {};
  }
  std::uint32_t staged() const override { return staged_; }
  CommitResult commit(const Positions& positions, std::string_view group,
                      std::chrono::milliseconds) override {
    world_.call("commit");
    if (group != "g") world_.call("commit without group");
    world_.transaction_open = false;
    Fate fate = Fate::committed;
    if (!world_.fates.empty()) {
      fate = world_.fates.front();
      world_.fates.pop_front();
    }
    switch (fate) {
      case Fate::committed:
        apply(positions);
        return {};
      case Fate::committed_recreate:
        apply(positions);
        return {CommitOutcome::committed, "", true, FaultCause::world};
      case Fate::aborted:
        return {CommitOutcome::aborted, "rebalance", false, FaultCause::world};
      case Fate::unknown_in:
        apply(positions);
        [[fallthrough]];
      case Fate::unknown_out:
        return {CommitOutcome::unknown, "lost", true, FaultCause::world};
      case Fate::fatal_in:
        apply(positions);
        [[fallthrough]];
      case Fate::fatal_out:
        return {CommitOutcome::fatal, "over", true, FaultCause::world};
      case Fate::fenced:
        return {CommitOutcome::fatal, "shut out", true, FaultCause::fenced};
      case Fate::setup:
        return {CommitOutcome::aborted, "no right", false, FaultCause::setup};
      case Fate::record:
        return {CommitOutcome::aborted, "too large", false, FaultCause::record};
    }
    return {};
  }
  CommitResult abort(std::chrono::milliseconds) override {
    world_.call("abort");
    world_.transaction_open = false;
    return {CommitOutcome::aborted, "", false, FaultCause::world};
  }
  SinkResult poll() override { return {}; }
  void close(std::chrono::milliseconds) override { world_.call("sink closed"); }

 private:
  static SinkResult next(std::deque<SinkResult>& script) {
    if (script.empty()) return {};
    SinkResult result = std::move(script.front());
    script.pop_front();
    return result;
  }
  void apply(const Positions& positions) {
    for (const std::string& value : open_) {
      world_.output.push_back(value);
      const std::size_t slash = value.find('/');
      const std::size_t last = value.rfind('/');
      if (slash == std::string::npos || slash == last) continue;
      world_
          .output_by_source[{value.substr(0, slash),
                             Partition{std::stoi(value.substr(slash + 1, last - slash - 1))}}]
          .push_back(value);
    }
    for (const Position& each : positions) {
      if (world_.held.count(each.partition) == 0) world_.call("committed what is not held");
      world_.committed[each.partition] = each.next;
      world_.notes[each.partition] = each.note;
    }
    std::set<Partition> written;
    for (const auto& [partition, entry] : state_) {
      world_.changelog[partition].emplace_back(entry);
      written.insert(partition);
    }
    for (const Partition partition : written) world_.changelog[partition].emplace_back();
  }

  FakeWorld& world_;
  std::vector<std::string> open_;
  std::vector<std::pair<Partition, std::pair<std::string, std::string>>> state_;
  std::uint32_t staged_ = 0;
};

class FakeChangelogReader final : public ChangelogReader {
 public:
  FakeChangelogReader(FakeWorld& world, std::vector<ChangelogShard> shards)
      : world_(world), shards_(std::move(shards)) {
    for (const ChangelogShard& each : shards_) {
      next_.push_back(each.from);
      ends_[each.partition] =
          Offset{static_cast<std::int64_t>(world.changelog[each.partition].size())};
    }
  }
  ChangelogProgress read(std::chrono::milliseconds, const Visit& visit) override {
    ChangelogProgress progress;
    std::uint32_t reads = 0;
    for (std::size_t i = 0; i < shards_.size(); ++i) {
      const ChangelogShard& shard = shards_[i];
      const Offset end = ends_.at(shard.partition);
      if (static_cast<std::uint64_t>(end.value) < shard.written) {
        return {ChangelogStatus::refused, 0, "the changelog was cut", FaultCause::world};
      }
      for (; next_[i] < end; ++next_[i].value) {
        if (++reads > world_.restores_a_read) break;
        const auto& entry =
            world_.changelog[shard.partition][static_cast<std::size_t>(next_[i].value)];
        if (entry && !visit(shard, entry->first, changelog_value(entry->second).value())) {
          return {ChangelogStatus::refused, 0, "too much", FaultCause::world};
        }
      }
      progress.remaining += static_cast<std::uint64_t>(end.value - next_[i].value);
    }
    world_.call("read the changelog");
    if (progress.remaining == 0) progress.status = ChangelogStatus::done;
    return progress;
  }
  Offset end(const ChangelogShard& shard) const override { return ends_.at(shard.partition); }

 private:
  FakeWorld& world_;
  std::vector<ChangelogShard> shards_;
  std::vector<Offset> next_;
  std::map<Partition, Offset> ends_;
};

inline LanePorts ports_to(FakeWorld& world) {
  LanePorts ports;
  ports.make_source = [&world](std::string&) {
    ++world.sources_made;
    return std::make_unique<FakeSource>(world);
  };
  ports.make_sink = [&world](std::unique_ptr<Sink>& sink) -> SinkResult {
    if (!world.sinks.empty()) {
      SinkResult result = std::move(world.sinks.front());
      world.sinks.pop_front();
      if (!result.ok()) return result;
    }
    ++world.sinks_made;
    sink = std::make_unique<FakeSink>(world);
    return {};
  };
  ports.committed = [&world](std::span<const TopicPartition> partitions,
                             std::string& error) -> std::optional<Positions> {
    world.call("asked for committed positions");
    if (!world.committed_known) {
      error = "the coordinator does not answer";
      return std::nullopt;
    }
    Positions positions;
    for (const TopicPartition& each : partitions) {
      positions.push_back({each, world.next_of(each), world.notes[each]});
    }
    return positions;
  };
  ports.make_changelog_reader = [&world](std::vector<ChangelogShard> shards,
                                         std::string& error) -> std::unique_ptr<ChangelogReader> {
    if (world.changelog_away > 0) {
      --world.changelog_away;
      error = "no broker";
      return nullptr;
    }
    return std::make_unique<FakeChangelogReader>(world, std::move(shards));
  };
  return ports;
}

}  // namespace telex::testing
