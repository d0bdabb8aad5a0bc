// KafkaSink: the Sink port over a Kafka producer.
//
// exactly_once   One Kafka transaction holds the records and the input positions.
// at_least_once  Records are acknowledged first, then positions are committed through the consumer
//                group (OffsetCommitter). An aborted transaction may leave records behind.
//
// A commit whose request may have been lost under way cannot be trusted to be the only one (the
// client repeats it silently, and a late copy could end the *next* transaction, KIP-890). So any
// transport fault seen during the call, and any call longer than the socket timeout, makes a
// committed or aborted transaction come back with `recreate`: whoever then makes a new sink under
// the same transactional.id shuts the late copy out. The same goes for a transaction in which a
// record was refused: librdkafka 2.0.2 leaves a gap in its sequence numbers then, and the next
// transaction would fail (OUT_OF_ORDER_SEQUENCE_NUMBER, seen on Kafka 4.2).
//
// A dead letter that its topic cannot hold goes to the spool, and a claim check (claim_check.h)
// goes to the topic in its place. The spool has it on the disk before the transaction has anything
// of it; where it cannot take it, stage() says `blocked` with a message that begins with
// "spool_full:" or "spool_unavailable:". Nothing else is ever too large (the pipeline and
// service/kafka_ports.cc see to that); if it is all the same, that is a fault of the set-up, said
// before a broker has to.
//
// Ownership: owns its Producer; stage() copies. Threads: one lane.
// Limits: the producer's byte budget; stage() waits `full_wait` for room, then says `full`.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kafka/client.h"
#include "process/clock.h"
#include "process/sink.h"
#include "sink/spool.h"

namespace telex {

enum class Delivery : std::uint8_t { exactly_once, at_least_once };

// Commits input positions outside a transaction; for at_least_once.
using OffsetCommitter =
    std::function<kafka::Error(const Positions& next, std::chrono::milliseconds limit)>;

// How far a record's timestamp may lie from the broker's clock (message.timestamp.before.max.ms and
// after.max.ms of the topic). 0 = no limit. Beyond, it is clamped a minute inside of the limit, and
// the original goes into the header kOriginalTimestamp.
struct TimestampLimits {
  std::chrono::milliseconds past_max{0};
  std::chrono::milliseconds future_max{0};
};
inline constexpr std::string_view kOriginalTimestamp = "telex-original-timestamp";

struct KafkaSinkOptions {
  Delivery delivery = Delivery::exactly_once;
  std::string enriched_topic;
  std::string dead_letter_topic;
  std::string correction_topic;
  std::vector<std::string> routes;                                       // By Record::route.
  std::vector<std::string> changelogs;                                   // By Record::route.
  std::map<std::string, TimestampLimits, std::less<>> timestamp_limits;  // By topic.
  // By topic: bytes of the largest record it takes (schemas/record_bytes.h). None: not known.
  std::map<std::string, std::uint64_t, std::less<>> record_limits;
  std::optional<SpoolOptions> spool;  // None: such a dead letter is `blocked`.
  std::string host;                   // Whose disk the spool is on, ...
  std::string instance;               // ... and who uses it; for claim checks.
  // Called when a broker refused a record for what it is: its topic is not what it was taken for.
  // The sink is of no more use then (`recreate`).
  std::function<void()> on_refused;
  OffsetCommitter commit_offsets;  // REQUIRED for at_least_once.
  std::chrono::milliseconds full_wait{1000};
  // Called between the offsets and the commit of each transaction; for fault tests.
  std::function<void()> after_send_offsets;
};

class KafkaSink final : public Sink {
 public:
  KafkaSink(std::unique_ptr<kafka::Producer> producer, KafkaSinkOptions options,
            const Clock& clock = system_clock());
  ~KafkaSink() override;

  // Shuts out a predecessor of the same transactional.id and ends what it left open. Call until ok,
  // before anything else and before committed positions are read. transient: call again.
  SinkResult open(std::chrono::milliseconds limit);

  SinkResult begin() override;
  SinkResult stage(const Records& records, std::uint32_t first) override;
  std::uint32_t staged() const override { return staged_; }
  CommitResult commit(const Positions& next, std::string_view group,
                      std::chrono::milliseconds limit) override;
  CommitResult abort(std::chrono::milliseconds limit) override;
  SinkResult poll() override;
  void close(std::chrono::milliseconds limit) override;

 private:
  using Nanos = std::chrono::nanoseconds;

  const std::string* topic_of(const Record& record) const;
  SinkResult stage_one(const Record& record);
  kafka::ProducerRecord prepare(const Record& record, const std::string& topic);
  SinkResult claim(const Record& dead_letter, const std::string& topic, std::uint64_t bytes,
                   std::uint64_t limit);
  kafka::Error produce(const kafka::ProducerRecord& record);
  void clamp_timestamp(const std::string& topic, kafka::ProducerRecord& record);
  void serve(std::chrono::milliseconds wait);
  void note_failure(kafka::Error error);
  std::chrono::milliseconds left(Nanos end) const;
  SinkResult to_result(const kafka::Error& error) const;
  CommitResult commit_transaction(const Positions& next, std::string_view group, Nanos end);
  CommitResult commit_acknowledged(const Positions& next, Nanos end);
  CommitResult abort_transaction(std::string why, FaultCause cause, Nanos end);
  CommitResult lost(const kafka::Error& error) const;
  bool is_suspect(Nanos begin) const;  // See the top.
  std::string with_failure(std::string message) const;

  std::unique_ptr<kafka::Producer> producer_;
  KafkaSinkOptions options_;
  const Clock& clock_;
  bool open_ = false;  // A transaction is.
  std::uint32_t staged_ = 0;
  std::uint32_t transport_faults_ = 0;  // Since the last commit or abort began.
  kafka::Error failed_delivery_;        // First of this transaction.
  kafka::Error refused_;                // First record that was refused for what it is, ever.
  kafka::Error fatal_;
  std::vector<Header> headers_;  // Of the record under way.
  Records claim_;                // At most one.
  std::array<char, 24> original_timestamp_{};
};

}  // namespace telex
