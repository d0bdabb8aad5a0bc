// Sink: where records go, with the positions they settle.
//
// begin · stage* · commit|abort is one transaction: outputs, dead letters, changelogs and input
// positions become visible together or not at all. At-least-once sinks keep the order: outputs are
// acknowledged before positions are.
//
// Threads: one lane calls it. Ownership: stage() copies what it keeps.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "process/source.h"
#include "schemas/record.h"

namespace telex {

// What the lane must do next; one table of policy stands in service/lane.cc.
enum class SinkStatus : std::uint8_t {
  ok,
  full,       // The byte budget is used up: let poll() make room, then stage from `Sink::staged()`.
  transient,  // Nothing was taken; the same call may succeed later.
  blocked,    // The record at `Sink::staged()` cannot be kept anywhere for now (spool_full): abort,
              // hold its partition, try again later. Others go on.
  abort,      // This transaction cannot commit: abort() and rewind.
  fatal,      // This sink is over; make a new one, from committed offsets.
};

struct SinkResult {
  SinkStatus status = SinkStatus::ok;
  std::string message;
  FaultCause cause = FaultCause::world;  // Where status is not ok.
  bool ok() const { return status == SinkStatus::ok; }
};

enum class CommitOutcome : std::uint8_t {
  committed,  // Outputs and positions are in, once.
  aborted,    // Neither is. State overlay is dropped, every partition still held is rewound.
  unknown,    // It may or may not be in: make a new sink, then re-read committed offsets.
  fatal,      // As unknown, but this incarnation of the lane is over as well.
};

struct CommitResult {
  CommitOutcome outcome = CommitOutcome::committed;
  std::string message;
  // committed, but the client cannot be trusted with a next transaction (an end-of-transaction
  // request timed out and was repeated): make a new sink before the next begin().
  bool recreate = false;
  FaultCause cause = FaultCause::world;  // Where outcome is not committed.
};

class Sink {
 public:
  virtual ~Sink() = default;

  // Opens a transaction. REQUIRES: none is open.
  virtual SinkResult begin() = 0;

  // Takes records [first, records.size()). On `full` the ones before staged() were taken.
  virtual SinkResult stage(const Records& records, std::uint32_t first) = 0;
  // How many records of the last stage() call were taken, counted from 0 of that Records.
  virtual std::uint32_t staged() const = 0;

  // Ends the transaction with the input positions it settles. May block up to `limit`. Whatever
  // comes back, no transaction is open any more: there is nothing left to abort.
  // `group` is Source::group(), taken for this transaction.
  virtual CommitResult commit(const Positions& next, std::string_view group,
                              std::chrono::milliseconds limit) = 0;

  // Drops the transaction. `committed` never comes back; `unknown`: make a new sink.
  virtual CommitResult abort(std::chrono::milliseconds limit) = 0;

  // Serves acknowledgements and errors without blocking; called between polls.
  virtual SinkResult poll() = 0;

  // Waits for what is under way, at most `limit`, and stops.
  virtual void close(std::chrono::milliseconds limit) = 0;
};

}  // namespace telex
