// Source: where raw records come from. One narrow port; Kafka, archives and tests implement it.
//
// Threads: one lane calls it; no call is made from another thread.
// Errors:  the world's faults are values (SourceEvent::lost, fatal); a record's faults are not the
//          source's business, except that it may refuse records that no batch can hold.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "schemas/batch.h"
#include "schemas/types.h"

namespace telex {

// The next offset to be read of a partition. Comes from *processed* records, never from what a
// client has merely handed out.
struct Position {
  TopicPartition partition;
  Offset next;
  // Whatever the lane wants to find again with this position; kept and given back with it. UTF-8,
  // at most kPositionNoteMax bytes.
  std::string note{};
  auto operator<=>(const Position&) const = default;
};
inline constexpr std::size_t kPositionNoteMax = 1024;
using Positions = std::vector<Position>;  // Sorted by partition; each partition once.

enum class SourceEventKind : std::uint8_t {
  assigned,  // `partitions` now belong to this source; reading begins at `positions`.
  revoked,   // `partitions` are given up in good order: commit what is theirs during the call.
  lost,      // `partitions` are gone already: nothing of theirs may be committed.
  // Nothing more will come, ever (archives and bounded sources; never Kafka itself). Told once, and
  // once more after every assign() with which it is so again.
  end,
  unavailable,   // The world is wrong for now; keep polling. `message` says how.
  out_of_range,  // A position is below or above what is there: stop, never guess. `message`.
  oversized,     // A record larger than any batch lies at `positions`: stop. `message`.
  fatal,         // This source is over; make a new one from committed offsets. `message`.
};

// Why something does not work, where that changes what the lane does about it. Sinks use it too.
enum class FaultCause : std::uint8_t {
  world,   // Passes by itself: broker away, timeout, rebalance. Try again.
  record,  // One record cannot be taken (too large for its topic); the message names it.
  setup,   // Authorisation, a topic that is not there: stop, a person must act.
  fenced,  // Another process runs under the same name.
};

struct SourceEvent {
  SourceEventKind kind = SourceEventKind::end;
  std::vector<TopicPartition> partitions;
  Positions positions;
  std::string message;
  FaultCause cause = FaultCause::world;  // Of `fatal` and `unavailable`.
};

class Source {
 public:
  // Called inside poll() for every event, in order, before poll() returns. On `revoked` the handler
  // may commit; the partitions are released when it returns.
  using EventHandler = std::function<void(const SourceEvent&)>;

  virtual ~Source() = default;

  // Appends records to `batch` until it is full, `deadline` has passed or nothing more is at hand.
  // Returns after at most `deadline` plus what the event handler takes. Records of partitions that
  // an event of this same call took away are not in the batch.
  virtual void poll(Batch& batch, std::chrono::milliseconds deadline,
                    const EventHandler& on_event) = 0;

  // Pauses, resumes and rewinds in one: of the partitions held, exactly those in `positions` run
  // on, each from its offset; all others stay held but silent. An empty list keeps membership.
  // Not from inside an event handler. REQUIRES: every partition is held.
  virtual void assign(std::span<const Position> positions) = 0;

  // What a transaction needs to know of the consumer group, as opaque bytes; taken fresh for each
  // transaction. Empty where there is no group, and where this source is no member of it any more:
  // then a transaction with positions must not be committed.
  virtual std::string group() = 0;

  // Leaves the group (static members: stays in it) and stops. poll() is over after this.
  virtual void close() = 0;
};

}  // namespace telex
