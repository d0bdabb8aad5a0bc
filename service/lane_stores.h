// LaneStores: what a lane remembers, and how it comes back.
//
// A store's part for one input partition is a shard. Shards are written to with the transaction
// that the lane has open, and read back from their changelog when a partition is newly held, and
// when the outcome of a transaction is not known. Beside each committed position stands a note that
// says how many changelog records its shards have been given, ever: a changelog that has fewer was
// deleted or cut, and is refused instead of believed.
//
//   add()       partitions are held, at positions that are certain    → shards wait to be read back
//   restore()   reads them back, a slice at a time                     → ready()
//   drain()     what the open transaction changed, as changelog records
//   commit() | abort() | distrust()                                    its outcome
//
// Threads: one lane. Ownership: owns its stores. Limits: each store's bytes_max; a lane whose
// changelog holds more is refused, with a message. Errors: values.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "process/changelog_reader.h"
#include "process/clock.h"
#include "process/memory_state_store.h"
#include "process/source.h"
#include "process/state_store.h"
#include "schemas/record.h"

namespace telex {

struct StoreOptions {
  std::string name;       // [a-z0-9-]; stands in notes and messages.
  std::string changelog;  // Its topic; names the checkpoints.
  std::uint64_t bytes_max = 64U << 20;
};

// nullptr, and why in `error`: not now.
using MakeChangelogReader = std::function<std::unique_ptr<ChangelogReader>(
    std::vector<ChangelogShard> shards, std::string& error)>;

class LaneStores {
 public:
  // REQUIRES: `make_reader` where there are stores. Empty `checkpoints`: none are kept.
  LaneStores(const std::vector<StoreOptions>& stores, MakeChangelogReader make_reader,
             std::filesystem::path checkpoints, const Clock& clock);
  LaneStores(const LaneStores&) = delete;
  LaneStores& operator=(const LaneStores&) = delete;

  bool any() const { return !stores_.empty(); }
  std::span<StateStore* const> stores() const { return pointers_; }

  // The partition is held, and the position is what the group has committed. Shards that are in
  // memory and trusted stay; others wait for restore(). False, and why in `error`: the note is not
  // one of ours.
  [[nodiscard]] bool add(const Position& position, std::string& error);
  // The partition is given up. Its shards stay in memory until forget_given_up(), since an eager
  // rebalance gives up what it gets back: if the note then says that nobody has written since, they
  // are what was committed and need not be read back.
  void give_up(Partition partition);
  void forget_given_up();
  void clear();

  // Whether all shards of the partition are what was committed.
  bool ready(Partition partition) const;
  bool pending() const;                                   // Some shard waits.
  std::uint64_t remaining() const { return remaining_; }  // Offsets to be read; 0 = none, unknown.

  // Reads back what waits, for at most about `limit`. done: nothing waits any more.
  ChangelogProgress restore(std::chrono::milliseconds limit);

  // Appends what the open transaction has changed. Call once, right before its commit.
  void drain(Records& out, UnixMillis timestamp);
  // Goes with the partition's position into the commit that follows drain().
  std::string note(Partition partition) const;
  void commit();
  void abort();
  // Nobody knows whether the transaction is in: every shard waits to have the rest of its changelog
  // read. add() with the positions that hold now comes first.
  void distrust();

  // Learns up to where the changelogs are decided, and so how little is to be read when an outcome
  // is not known; and keeps checkpoints of that. Asks the broker, and writes files; takes a moment.
  // Empty = done, else why not, which is no harm. REQUIRES: no transaction is open.
  // `committed` gives the group's positions of what is held, and is asked after the changelogs:
  // only a shard of which nobody else has written anything by then is what its changelog says. (A
  // lane that was frozen, or whose last commit is in although its client has failed, has an old
  // state and does not know it.)
  using AskCommitted = std::function<std::optional<Positions>(std::string& error)>;
  std::string checkpoint(const AskCommitted& committed);

 private:
  struct Shard {
    Offset from{0};             // Everything committed below is in memory.
    std::uint64_t written = 0;  // Changelog records, ever; as committed.
    std::uint64_t drained = 0;  // In the open transaction.
    bool trusted = false;
    bool held = true;
  };
  using Shards = std::vector<Shard>;  // By store.

  void load(Partition partition, Shards& shards);
  void remove(Partition partition);
  static bool is_current(const Shards& known, const Shards& committed);
  bool read_note(const Position& position, Shards& shards, std::string& error) const;
  void forget_drained();
  void start_reader(ChangelogProgress& progress);
  void finish_reader();

  std::vector<std::string> names_;
  std::vector<std::string> changelogs_;
  const std::filesystem::path checkpoints_;
  const Clock& clock_;
  std::vector<std::unique_ptr<MemoryStateStore>> stores_;
  std::vector<StateStore*> pointers_;
  MakeChangelogReader make_reader_;
  std::map<Partition, Shards> shards_;
  std::unique_ptr<ChangelogReader> reader_;
  std::vector<ChangelogShard> reading_;  // What reader_ reads.
  std::uint64_t remaining_ = 0;
};

}  // namespace telex
