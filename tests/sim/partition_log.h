// PartitionLog: one partition as a broker keeps it. Records of transactions stay hidden from
// read_committed readers until their marker is there; markers take an offset of their own, so
// offsets have gaps.
//
// What it checks of a producer is what Kafka 4.2 checks at the log: epochs below the latest known
// are refused, a sequence number that was there already is taken for a repetition and dropped, one
// that leaves a gap is refused. That the transaction is really under way is checked before
// (KIP-890 part 1, for all clients), see Cluster.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "schemas/types.h"
#include "tests/sim/random.h"

namespace telex::sim {

// A broker's answer: "" = done, otherwise the name of the error.
using Code = std::string_view;

struct ProducerId {
  std::int64_t id = -1;
  std::int16_t epoch = -1;
  bool operator==(const ProducerId&) const = default;
};

// A record as it lies in the log, or on its way there.
struct Message {
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<std::pair<std::string, std::optional<std::string>>> headers;
  UnixMillis timestamp = kNoTimestamp;
  std::size_t bytes() const;
};

enum class Fate : std::uint8_t { committed, open, aborted, marker };

struct LogEntry {
  Message message;
  std::int64_t producer = -1;  // -1: of no transaction.
  Fate fate = Fate::committed;
  bool compacted = false;  // Gone; its offset stays empty.
};

class PartitionLog {
 public:
  // Outside any transaction.
  void append(Message message);
  // A batch of a transaction's records, numbered from `sequence` on.
  Code append(const ProducerId& producer, std::int32_t sequence, const std::vector<Message>& batch);
  // Ends the producer's transaction here. A marker is written even where nothing was.
  void append_marker(const ProducerId& producer, bool commit);

  Offset end() const { return {static_cast<std::int64_t>(entries_.size())}; }
  Offset stable_end() const;  // First offset of the oldest open transaction, or the end.
  // The first record at or after `from` that the reader may see, and its offset in `from`; nullptr,
  // with `from` at the end of what may be seen, if there is none.
  const LogEntry* read(Offset& from, bool committed) const;
  const LogEntry& at(Offset offset) const {
    return entries_[static_cast<std::size_t>(offset.value)];
  }

  // Drops about half of the records below the stable end that a later one of the same key replaces.
  std::uint64_t compact(Random& random);
  std::uint64_t count(Fate fate) const;

 private:
  struct Producer {
    std::int16_t epoch = -1;
    std::int32_t next_sequence = 0;
    std::int64_t open_first = -1;  // Offset; -1: no open transaction here.
  };

  std::vector<LogEntry> entries_;
  std::map<std::int64_t, Producer> producers_;
};

}  // namespace telex::sim
