#include "sink/kafka_sink.h"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <utility>

#include "schemas/claim_check.h"
#include "schemas/dead_letter.h"
#include "schemas/record_bytes.h"

namespace telex {
namespace {

using std::chrono::milliseconds;

// Between two tries of a call that may be repeated at once.
constexpr milliseconds kRetryWait{50};
// How far inside its topic's limit a clamped timestamp lies: clocks differ, requests wait.
constexpr milliseconds kClampMargin{60'000};

FaultCause cause_of(const kafka::Error& error) {
  switch (error.cause) {
    case kafka::ErrorCause::record:
      return FaultCause::record;
    case kafka::ErrorCause::setup:
      return FaultCause::setup;
    case kafka::ErrorCause::fenced:
      return FaultCause::fenced;
    default:
      return FaultCause::world;
  }
}

std::string too_large(Destination destination, std::uint64_t bytes, const std::string& topic,
                      std::uint64_t limit) {
  return std::string(to_string(destination)) + " record of " + std::to_string(bytes) +
         " bytes, and topic " + topic + " takes " + std::to_string(limit) +
         ": raise its max.message.bytes";
}

std::vector<kafka::PartitionOffset> to_offsets(const Positions& positions) {
  std::vector<kafka::PartitionOffset> offsets;
  offsets.reserve(positions.size());
  for (const Position& each : positions) offsets.push_back({each.partition, each.next, each.note});
  return offsets;
}

}  // namespace

KafkaSink::KafkaSink(std::unique_ptr<kafka::Producer> producer, KafkaSinkOptions options,
                     const Clock& clock)
    : producer_(std::move(producer)), options_(std::move(options)), clock_(clock) {
  assert(options_.delivery == Delivery::exactly_once || options_.commit_offsets);
}

KafkaSink::~KafkaSink() = default;

milliseconds KafkaSink::left(Nanos end) const {
  const auto rest = std::chrono::ceil<milliseconds>(end - clock_.steady());
  return std::max(rest, milliseconds{0});
}

void KafkaSink::serve(milliseconds wait) {
  kafka::ProducerEvents events = producer_->serve(wait);
  transport_faults_ += events.transport_faults;
  note_failure(std::move(events.first_failure));
  if (fatal_.ok()) fatal_ = std::move(events.fatal);
}

void KafkaSink::note_failure(kafka::Error error) {
  const bool of_record = error.cause == kafka::ErrorCause::record;
  if (of_record && refused_.ok()) {
    refused_ = error;
    if (options_.on_refused) options_.on_refused();
  }
  // Others fall with a record that is refused, and may be told first.
  if (failed_delivery_.ok() || (of_record && failed_delivery_.cause != kafka::ErrorCause::record)) {
    failed_delivery_ = std::move(error);
  }
}

SinkResult KafkaSink::to_result(const kafka::Error& error) const {
  SinkResult result{SinkStatus::fatal, describe(error), cause_of(error)};
  switch (error.cls) {
    case kafka::ErrorClass::none:
      return {};
    case kafka::ErrorClass::full:
      result.status = SinkStatus::full;
      break;
    case kafka::ErrorClass::retriable:
      result.status = SinkStatus::transient;
      break;
    case kafka::ErrorClass::abortable:
    case kafka::ErrorClass::unknown:
      result.status = SinkStatus::abort;
      break;
    case kafka::ErrorClass::fatal:
      break;
  }
  return result;
}

SinkResult KafkaSink::open(milliseconds limit) {
  if (options_.delivery == Delivery::at_least_once) return {};
  const kafka::Error error = producer_->init_transactions(limit);
  serve(milliseconds{0});
  SinkResult result = to_result(error);
  // There is no transaction yet that an abort could help.
  if (result.status == SinkStatus::abort) result.status = SinkStatus::transient;
  return result;
}

SinkResult KafkaSink::begin() {
  serve(milliseconds{0});
  transport_faults_ = 0;
  failed_delivery_ = {};
  if (!fatal_.ok()) return to_result(fatal_);
  // Its report may come in only after its transaction has failed over something else.
  if (!refused_.ok()) return {SinkStatus::abort, describe(refused_), FaultCause::record};
  open_ = true;
  if (options_.delivery == Delivery::at_least_once) return {};
  SinkResult result = to_result(producer_->begin());
  open_ = result.ok();
  // A client that cannot even begin and will not say that trying again helps is of no more use.
  if (result.status == SinkStatus::abort) result.status = SinkStatus::fatal;
  return result;
}

const std::string* KafkaSink::topic_of(const Record& record) const {
  const std::string* topic = nullptr;
  const auto at = [&](const std::vector<std::string>& topics) {
    return record.route < topics.size() ? &topics[record.route] : nullptr;
  };
  switch (record.destination) {
    case Destination::enriched:
      topic = &options_.enriched_topic;
      break;
    case Destination::dead_letter:
      topic = &options_.dead_letter_topic;
      break;
    case Destination::correction:
      topic = &options_.correction_topic;
      break;
    case Destination::routed:
      topic = at(options_.routes);
      break;
    case Destination::changelog:
      topic = at(options_.changelogs);
      break;
  }
  return topic == nullptr || topic->empty() ? nullptr : topic;
}

SinkResult KafkaSink::stage(const Records& records, std::uint32_t first) {
  staged_ = first;
  if (!failed_delivery_.ok()) {
    return {SinkStatus::abort, describe(failed_delivery_), cause_of(failed_delivery_)};
  }
  for (; staged_ < records.size(); ++staged_) {
    SinkResult result = stage_one(records[staged_]);
    if (!result.ok()) return result;
  }
  return {};
}

SinkResult KafkaSink::stage_one(const Record& record) {
  const std::string* topic = topic_of(record);
  if (topic == nullptr) {
    return {SinkStatus::abort,
            "no topic is configured for " + std::string(to_string(record.destination)) +
                " records (route " + std::to_string(record.route) + ")",
            FaultCause::setup};
  }
  kafka::ProducerRecord out = prepare(record, *topic);
  const auto known = options_.record_limits.find(*topic);
  const std::uint64_t limit = known == options_.record_limits.end() ? UINT64_MAX : known->second;
  const std::span<const Header> added = std::span(headers_).subspan(record.headers.size());
  const std::uint64_t bytes = bytes_on_topic(record, added);
  if (bytes > limit && record.destination == Destination::dead_letter) {
    SinkResult claimed = claim(record, *topic, bytes, limit);
    if (!claimed.ok()) return claimed;
    out = prepare(claim_[0], *topic);
  } else if (bytes > limit && bytes_on_topic(record) <= limit) {
    // Only the note about its timestamp is too much. What it was stands with the source record,
    // which an enriched record names.
    headers_.resize(record.headers.size());
    out.headers = headers_;
  } else if (bytes > limit) {
    return {SinkStatus::abort, too_large(record.destination, bytes, *topic, limit),
            FaultCause::setup};
  }
  return to_result(produce(out));
}

// Sets claim_ to what goes to the topic in place of `dead_letter`, which is in the spool then.
SinkResult KafkaSink::claim(const Record& dead_letter, const std::string& topic,
                            std::uint64_t bytes, std::uint64_t limit) {
  std::string why;
  const std::optional<DeadLetterInfo> info = parse_dead_letter(headers_, why);
  if (!info) {
    return {SinkStatus::abort, "a dead letter too large for its topic has no coordinates: " + why,
            FaultCause::setup};
  }
  const std::string record = "the dead letter of " + info->topic + "/" +
                             std::to_string(info->partition.value) + " at " +
                             std::to_string(info->offset.value);
  const std::string what = record + ": " + std::to_string(bytes) + " bytes, and topic " + topic +
                           " takes " + std::to_string(limit);
  if (!options_.spool) {
    return {SinkStatus::blocked,
            std::string(to_string(SpoolStatus::unavailable)) + ": " + what +
                ": set dead_letters.spool to a folder for such records, or raise "
                "max.message.bytes of the topic",
            FaultCause::world};
  }
  SpoolEntry entry{info->topic,
                   info->partition,
                   info->offset,
                   dead_letter.timestamp,
                   dead_letter.key,
                   dead_letter.value,
                   {}};
  for (std::uint32_t i = 0; i < dead_letter.headers.size(); ++i) {
    const Header header = dead_letter.headers[i];
    if (!is_dead_letter_header(header.name)) entry.headers.push_back(header);
  }
  const SpoolResult kept = Spool(*options_.spool).put(entry);
  if (!kept.ok()) {
    return {SinkStatus::blocked,
            std::string(to_string(kept.status)) + ": " + what + ": " + kept.message,
            FaultCause::world};
  }
  claim_.clear();
  add_claim_check(dead_letter, {kept.file, options_.host, options_.instance}, claim_);
  prepare(claim_[0], topic);
  const std::uint64_t claim_bytes =
      bytes_on_topic(claim_[0], std::span(headers_).subspan(claim_[0].headers.size()));
  if (claim_bytes <= limit) return {};
  return {SinkStatus::abort, too_large(Destination::dead_letter, claim_bytes, topic, limit),
          FaultCause::setup};
}

// Sets headers_.
kafka::ProducerRecord KafkaSink::prepare(const Record& record, const std::string& topic) {
  headers_.clear();
  for (std::uint32_t i = 0; i < record.headers.size(); ++i) headers_.push_back(record.headers[i]);
  kafka::ProducerRecord out{topic,      record.partition, record.timestamp,
                            record.key, record.value,     {}};
  clamp_timestamp(topic, out);
  out.headers = headers_;
  return out;
}

kafka::Error KafkaSink::produce(const kafka::ProducerRecord& record) {
  kafka::Error error = producer_->produce(record);
  // The broker is slower than we are: give it a moment before ending the transaction early.
  const Nanos end = clock_.steady() + options_.full_wait;
  while (error.cls == kafka::ErrorClass::full && left(end).count() > 0) {
    serve(std::min(kRetryWait, left(end)));
    if (!fatal_.ok() || !failed_delivery_.ok()) break;
    error = producer_->produce(record);
  }
  if (error.cause == kafka::ErrorCause::record) note_failure(error);
  return error;
}

void KafkaSink::clamp_timestamp(const std::string& topic, kafka::ProducerRecord& record) {
  const auto limits = options_.timestamp_limits.find(topic);
  if (limits == options_.timestamp_limits.end() || record.timestamp == kNoTimestamp) return;
  const UnixMillis now = clock_.utc();
  const UnixMillis original = record.timestamp;
  const auto inside = [](milliseconds limit) {
    return (limit > 2 * kClampMargin ? limit - kClampMargin : limit / 2).count();
  };
  // Limits may be as large as an int64 ("no limit" as Kafka writes it): compare differences.
  const auto& [past, future] = limits->second;
  if (past.count() > 0 && now > original && now - original > past.count()) {
    record.timestamp = now - inside(past);
  } else if (future.count() > 0 && original > now && original - now > future.count()) {
    record.timestamp = now + inside(future);
  } else {
    return;
  }
  char* const begin = original_timestamp_.data();
  char* const end = std::to_chars(begin, begin + original_timestamp_.size(), original).ptr;
  headers_.push_back({kOriginalTimestamp, {begin, static_cast<std::size_t>(end - begin)}});
}

std::string KafkaSink::with_failure(std::string message) const {
  if (failed_delivery_.ok()) return message;
  return message + " (" + describe(failed_delivery_) + ")";
}

// Nobody knows, or the client is over. Which of the two decides whether the group is left as well.
CommitResult KafkaSink::lost(const kafka::Error& error) const {
  CommitResult result{CommitOutcome::fatal, with_failure(describe(error)), true, cause_of(error)};
  if (error.cls != kafka::ErrorClass::fatal) result.outcome = CommitOutcome::unknown;
  return result;
}

CommitResult KafkaSink::commit(const Positions& next, std::string_view group, milliseconds limit) {
  // What went wrong before is known by now or will show as an error; from here on a transport fault
  // concerns this commit.
  serve(milliseconds{0});
  transport_faults_ = 0;
  const Nanos begin = clock_.steady();
  CommitResult result = options_.delivery == Delivery::exactly_once
                            ? commit_transaction(next, group, begin + limit)
                            : commit_acknowledged(next, begin + limit);
  open_ = false;
  serve(milliseconds{0});
  result.recreate |= !refused_.ok();
  if (options_.delivery == Delivery::exactly_once) result.recreate |= is_suspect(begin);
  return result;
}

bool KafkaSink::is_suspect(Nanos begin) const {
  return transport_faults_ > 0 || !failed_delivery_.ok() ||
         clock_.steady() - begin >= kafka::kSocketTimeout;
}

CommitResult KafkaSink::commit_transaction(const Positions& next, std::string_view group,
                                           Nanos end) {
  if (!failed_delivery_.ok()) {
    return abort_transaction(describe(failed_delivery_), cause_of(failed_delivery_), end);
  }
  if (!next.empty() && group.empty()) {
    return abort_transaction("this lane is no member of its group any more", FaultCause::world,
                             end);
  }
  const std::vector<kafka::PartitionOffset> offsets = to_offsets(next);
  // Offsets first: they may be refused (a rebalance) while nothing is decided yet. Repeated only
  // with the same arguments, as librdkafka asks for.
  while (!offsets.empty()) {
    const kafka::Error error = producer_->send_offsets(offsets, group, left(end));
    if (error.ok()) break;
    if (error.cls == kafka::ErrorClass::abortable ||
        (error.cls == kafka::ErrorClass::retriable && left(end).count() == 0)) {
      CommitResult result = abort_transaction(describe(error), cause_of(error), end);
      // Given up, not refused: the request may be carried out yet, and bring these positions into
      // the next transaction.
      result.recreate |= kafka::is_transport_fault(error.code);
      return result;
    }
    if (error.cls != kafka::ErrorClass::retriable) return lost(error);
    serve(kRetryWait);
  }
  if (options_.after_send_offsets) options_.after_send_offsets();
  while (true) {
    const kafka::Error error = producer_->commit(left(end));
    if (error.ok()) return {};
    if (error.cls == kafka::ErrorClass::abortable) {
      serve(milliseconds{0});  // The delivery report that says which record it was.
      const FaultCause cause = cause_of(failed_delivery_.ok() ? error : failed_delivery_);
      return abort_transaction(with_failure(describe(error)), cause, end);
    }
    // Out of time: the request may be on its way.
    if (error.cls != kafka::ErrorClass::retriable || left(end).count() == 0) return lost(error);
    serve(kRetryWait);
  }
}

// Ends the transaction for certain, or says that nobody knows. The time for it comes on top of what
// the commit had: an open transaction holds up every reader.
CommitResult KafkaSink::abort_transaction(std::string why, FaultCause cause, Nanos end) {
  const Nanos limit = std::max(end, clock_.steady() + Nanos{kafka::kSocketTimeout} / 2);
  while (true) {
    const kafka::Error error = producer_->abort(left(limit));
    if (error.ok()) return {CommitOutcome::aborted, std::move(why), false, cause};
    if (error.cls != kafka::ErrorClass::retriable || left(limit).count() == 0) {
      CommitResult result = lost(error);
      result.message = why + "; then " + result.message;
      // What a person must mend stays so, however the abort went.
      if (cause == FaultCause::setup) result.cause = cause;
      return result;
    }
    serve(kRetryWait);
  }
}

CommitResult KafkaSink::commit_acknowledged(const Positions& next, Nanos end) {
  const auto give_up = [&](std::string why, FaultCause cause) -> CommitResult {
    producer_->purge();
    return {CommitOutcome::aborted, std::move(why), false, cause};
  };
  while (true) {
    const kafka::Error error = producer_->flush(left(end));
    serve(milliseconds{0});
    if (!fatal_.ok()) return lost(fatal_);
    if (!failed_delivery_.ok()) {
      return give_up(describe(failed_delivery_), cause_of(failed_delivery_));
    }
    if (error.ok()) break;
    if (left(end).count() == 0) return give_up(describe(error), cause_of(error));
  }
  if (next.empty()) return {};
  const kafka::Error error = options_.commit_offsets(next, std::max(left(end), kRetryWait));
  if (error.ok()) return {};
  if (error.cls == kafka::ErrorClass::abortable) {
    return {CommitOutcome::aborted, describe(error), false, cause_of(error)};
  }
  return lost(error);
}

CommitResult KafkaSink::abort(milliseconds limit) {
  open_ = false;
  if (options_.delivery == Delivery::at_least_once) {
    producer_->purge();
    serve(milliseconds{0});
    return {CommitOutcome::aborted, "", !refused_.ok(), FaultCause::world};
  }
  serve(milliseconds{0});
  transport_faults_ = 0;
  const Nanos begin = clock_.steady();
  CommitResult result = abort_transaction("", FaultCause::world, begin + limit);
  serve(milliseconds{0});
  result.recreate |= is_suspect(begin);
  return result;
}

SinkResult KafkaSink::poll() {
  serve(milliseconds{0});
  if (!fatal_.ok()) return to_result(fatal_);
  // Reports of what an abort dropped may come in later; they concern nobody.
  if (open_ && !failed_delivery_.ok()) {
    return {SinkStatus::abort, describe(failed_delivery_), cause_of(failed_delivery_)};
  }
  return {};
}

void KafkaSink::close(milliseconds limit) {
  if (options_.delivery == Delivery::at_least_once) producer_->flush(limit);
  serve(milliseconds{0});
}

}  // namespace telex
