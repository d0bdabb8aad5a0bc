// Dead letters as `telex dlq` sees them: what a record of a dead-letter topic says, the fields that
// filters may name, and reading such a topic from one end to the other.
//
// Everything in a dead letter is somebody else's: whatever is shown of it goes through
// shown_bytes() or safe_text() first.
//
// Ownership: a DeadLetter is views into the record it was read from. Threads: one at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kafka/client.h"
#include "process/filter/filter.h"
#include "schemas/claim_check.h"
#include "schemas/dead_letter.h"
#include "schemas/types.h"

namespace telex {

struct DeadLetter {
  // Where it lies.
  std::string_view topic;
  Partition partition;
  Offset offset;
  UnixMillis timestamp = kNoTimestamp;  // Of the original.
  std::string_view key;                 // Null: data() == nullptr, here and below.
  std::string_view value;
  std::span<const Header> headers;

  // What telex says of it. nullopt: its headers are not there or not readable, see `unreadable`.
  std::optional<DeadLetterInfo> info;
  std::string unreadable;
  // Set where the original lies in the spool, and `value` is only the claim check.
  std::optional<ClaimCheck> claim;

  // Who sent the article; where the dead letter does not say, the topic it came from.
  std::string_view source() const;
  // Bytes of the original value.
  std::uint64_t value_bytes() const;
};

DeadLetter read_dead_letter(const kafka::ConsumerRecord& record);
DeadLetter read_dead_letter(std::string_view topic, const RawRecord& record);

// Fields of filters over dead letters.
std::span<const FilterField> dead_letter_fields();
FilterPlace dead_letter_place();

// A dead letter as filters see it. One without readable headers has only the fields that every
// record has.
class DeadLetterSubject final : public FilterSubject {
 public:
  explicit DeadLetterSubject(const DeadLetter& letter) : letter_(letter) {}
  std::uint32_t count(std::size_t field) const override;
  std::string_view text(std::size_t field, std::uint32_t index) const override;
  std::int64_t number(std::size_t field, std::uint32_t index) const override;

 private:
  const DeadLetter& letter_;
};

// A part of a topic: the records of one partition from `begin` to below `end`.
struct ReadRange {
  TopicPartition partition;
  Offset begin;
  Offset end;
};

// All that is committed in the topic now, a range a partition. False, and why in `error`: the topic
// is not there or the broker does not answer.
bool find_ranges(kafka::Broker& broker, const std::string& topic, std::chrono::milliseconds limit,
                 std::vector<ReadRange>& ranges, std::string& error);

struct ReadProgress {
  std::uint64_t done = 0;  // Offsets.
  std::uint64_t total = 0;
};

// Reads the committed records of `ranges`, in order within a partition, without a group and without
// leaving a trace. `visit` returns whether to go on; `progress` (may be empty) is called now and
// then. False, and why in `error`, if the broker stays silent for kSilenceMax.
inline constexpr std::chrono::seconds kSilenceMax{30};
bool read_ranges(kafka::Broker& broker, std::span<const ReadRange> ranges,
                 const std::function<bool(const DeadLetter&)>& visit,
                 const std::function<void(const ReadProgress&)>& progress, std::string& error);

// Any bytes as text that a terminal may be sent: safe_text() of what is UTF-8, and ‹E9› for a byte
// that is not. Time grows with the square of what is not UTF-8: cut what is long before.
std::string shown_bytes(std::string_view bytes, bool lines);

// "2025-02-17T10:11:12.345Z"; "-" for kNoTimestamp; "… ms" outside of 1970 to 9999.
std::string shown_time(UnixMillis time);

// "3.4 MB"; "812 bytes" below a thousand.
std::string shown_size(std::uint64_t bytes);

}  // namespace telex
