// The Producer over librdkafka: idempotent, with or without transactions.
#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <map>
#include <utility>

#include "kafka/rd_internal.h"

namespace telex::kafka::rd {
namespace {

bool is_of_record(const char* code) { return make_error(code, {}).cause == ErrorCause::record; }

using TopicPtr = std::unique_ptr<rd_kafka_topic_t, Deleter<rd_kafka_topic_destroy>>;

class RdProducer final : public Client, public Producer {
 public:
  RdProducer(std::shared_ptr<const Common> common, const ProducerSettings& settings)
      : Client(std::move(common)) {
    Conf conf(*common_, PropertyScope::producer);
    conf.set("enable.idempotence", "true");
    conf.set("acks", "all");
    // The Java client's partitioner: whoever else writes these keys puts them in the same place.
    conf.set("partitioner", "murmur2_random");
    // A byte budget, so the count must not be what stops us.
    conf.set("queue.buffering.max.messages", "1000000");
    conf.set("queue.buffering.max.kbytes",
             std::to_string(std::max(settings.in_flight_bytes >> 10, 1U)));
    // Right after a commit the broker answers CONCURRENT_TRANSACTIONS for some milliseconds; with
    // the default of 100 ms every commit in a row would cost that much (measured on one
    // loaded two-core machine: 106 ms, now 13 to 37 ms).
    conf.set("retry.backoff.ms", "5");
    // Only failures are reported: flush() and the budget count the rest by themselves.
    conf.set("delivery.report.only.error", "true");
    set_sizes(conf, settings);
    if (!settings.transactional_id.empty()) {
      conf.set("transactional.id", settings.transactional_id);
      conf.set("transaction.timeout.ms", std::to_string(settings.transaction_timeout.count()));
    }
    rd_kafka_conf_set_dr_msg_cb(conf.get(), on_delivery);
    rd_kafka_conf_set_error_cb(conf.get(), on_error);
    handle_ = conf.create(RD_KAFKA_PRODUCER, static_cast<Client*>(this));
  }
  RdProducer(const RdProducer&) = delete;
  RdProducer& operator=(const RdProducer&) = delete;
  ~RdProducer() override {
    topics_.clear();
    // What is not acknowledged by now belongs to nobody: destroying must not wait for it.
    rd_kafka_purge(handle_, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    rd_kafka_destroy(handle_);
  }

  Error init_transactions(milliseconds timeout) override {
    const auto began = std::chrono::steady_clock::now();
    Error error =
        from_error(rd_kafka_init_transactions(handle_, timeout_of(timeout)), "init_transactions");
    if (error.ok()) return error;
    rd_kafka_poll(handle_, 0);  // What the callbacks know of it.
    return explain(handle_, began, std::move(error));
  }
  Error begin() override {
    Error error = from_error(rd_kafka_begin_transaction(handle_), "begin_transaction");
    is_open_ = error.ok();
    return error;
  }
  Error commit(milliseconds timeout) override {
    Error error =
        from_error(rd_kafka_commit_transaction(handle_, timeout_of(timeout)), "commit_transaction");
    if (error.ok()) is_open_ = false;
    return error;
  }
  Error abort(milliseconds timeout) override {
    is_open_ = false;
    return from_error(rd_kafka_abort_transaction(handle_, timeout_of(timeout)),
                      "abort_transaction");
  }

  Error send_offsets(std::span<const PartitionOffset> offsets, std::string_view group,
                     milliseconds timeout) override {
    rd_kafka_consumer_group_metadata_t* read = nullptr;
    Error error = from_error(
        rd_kafka_consumer_group_metadata_read(&read, group.data(), group.size()), "group metadata");
    if (!error.ok()) return error;
    const GroupPtr metadata(read);
    const ListPtr list = make_list(offsets);
    return from_error(rd_kafka_send_offsets_to_transaction(handle_, list.get(), metadata.get(),
                                                           timeout_of(timeout)),
                      "send_offsets_to_transaction");
  }

  Error produce(const ProducerRecord& record) override {
    rd_kafka_topic_t* topic = topic_of(record.topic);
    if (topic == nullptr) {
      return from_code(rd_kafka_last_error(), "topic " + std::string(record.topic));
    }
    rd_kafka_headers_t* headers = nullptr;
    if (!record.headers.empty()) {
      headers = rd_kafka_headers_new(record.headers.size());
      for (const Header& each : record.headers) {
        rd_kafka_header_add(headers, each.name.data(), static_cast<ssize_t>(each.name.size()),
                            each.value.data(), static_cast<ssize_t>(each.value.size()));
      }
    }
    // 0 means "now" to librdkafka, so the epoch's first moment becomes its second.
    const std::int64_t timestamp =
        record.timestamp == kNoTimestamp ? 0 : std::max<std::int64_t>(record.timestamp, 1);
    std::array<rd_kafka_vu_t, 7> fields{};
    std::size_t count = 0;
    const auto field = [&](rd_kafka_vtype_t type) -> rd_kafka_vu_t& {
      fields[count].vtype = type;
      return fields[count++];
    };
    field(RD_KAFKA_VTYPE_RKT).u.rkt = topic;
    field(RD_KAFKA_VTYPE_PARTITION).u.i32 =
        record.partition.value < 0 ? RD_KAFKA_PARTITION_UA : record.partition.value;
    field(RD_KAFKA_VTYPE_MSGFLAGS).u.i = RD_KAFKA_MSG_F_COPY;
    field(RD_KAFKA_VTYPE_TIMESTAMP).u.i64 = timestamp;
    auto& key = field(RD_KAFKA_VTYPE_KEY).u.mem;
    key.ptr = const_cast<char*>(record.key.data());
    key.size = record.key.size();
    auto& value = field(RD_KAFKA_VTYPE_VALUE).u.mem;
    value.ptr = const_cast<char*>(record.value.data());
    value.size = record.value.size();
    if (headers != nullptr) field(RD_KAFKA_VTYPE_HEADERS).u.headers = headers;
    rd_kafka_error_t* refused = rd_kafka_produceva(handle_, fields.data(), count);
    if (refused == nullptr) return {};
    if (headers != nullptr) rd_kafka_headers_destroy(headers);  // Not taken over.
    // The flags of this error object are not set by produceva(); the table decides, unless the
    // client or the transaction is over already.
    Error error = from_error(refused, "produce to " + std::string(record.topic) + " (" +
                                          std::to_string(record.value.size()) + " bytes)");
    if (error.code == "_FATAL" || error.code == "_FENCED") return fatal_or(std::move(error));
    // Outside a good transaction librdkafka answers _STATE: it has to be aborted.
    if (error.code == "_STATE") {
      error.cls = ErrorClass::abortable;
      error.cause = ErrorCause::world;
      name_cause(error);
    }
    return error;
  }

  ProducerEvents serve(milliseconds timeout) override {
    rd_kafka_poll(handle_, timeout_of(timeout));
    if (events_.fatal.ok() && fatal_seen_) events_.fatal = fatal_error(handle_);
    // A transaction that failed takes its records along, whatever it failed of.
    if (events_.first_failure.code == "_PURGE_QUEUE") name_cause(events_.first_failure);
    return std::exchange(events_, {});
  }

  Error flush(milliseconds timeout) override {
    const auto began = std::chrono::steady_clock::now();
    return explain(handle_, began,
                   from_code(rd_kafka_flush(handle_, timeout_of(timeout)), "flush"));
  }

  void purge() override {
    rd_kafka_purge(handle_, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    // Serves the reports of what was dropped.
    rd_kafka_flush(handle_, 100);
  }

 private:
  static RdProducer& self(void* opaque) {
    return static_cast<RdProducer&>(*static_cast<Client*>(opaque));
  }

  rd_kafka_topic_t* topic_of(std::string_view name) {
    const auto found = topics_.find(name);
    if (found != topics_.end()) return found->second.get();
    TopicPtr topic(rd_kafka_topic_new(handle_, std::string(name).c_str(), nullptr));
    return topics_.emplace(std::string(name), std::move(topic)).first->second.get();
  }

  Error fatal_or(Error error) {
    Error fatal = fatal_error(handle_);
    return fatal.ok() ? error : fatal;
  }

  // What the open transaction failed of, if it did. Asked by a call that is refused while one is
  // open: after a failure librdkafka refuses it with that failure.
  void name_cause(Error& error) {
    if (!is_open_) return;
    Error cause = from_error(rd_kafka_begin_transaction(handle_), "");
    if (cause.ok() || cause.code == "_STATE") return;
    cause.message = error.message + "; " + cause.message;
    error = std::move(cause);
  }

  static void on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) return;
    RdProducer& producer = self(opaque);
    ++producer.events_.deliveries_failed;
    const char* code = rd_kafka_err2name(message->err);
    if (is_transport_fault(code)) ++producer.events_.transport_faults;
    Error& first = producer.events_.first_failure;
    // The others of its transaction fall with a record that is refused, and may be told first.
    if (!first.ok() && (first.cause == ErrorCause::record || !is_of_record(code))) return;
    first = make_error(code, std::string(rd_kafka_topic_name(message->rkt)) + ", " +
                                 std::to_string(message->len) +
                                 " bytes: " + rd_kafka_err2str(message->err));
  }

  static void on_error(rd_kafka_t*, int code, const char* reason, void* opaque) {
    RdProducer& producer = self(opaque);
    producer.note_fault(code, reason);
    if (code == RD_KAFKA_RESP_ERR__FATAL) {
      producer.fatal_seen_ = true;
    } else if (is_transport_fault(rd_kafka_err2name(static_cast<rd_kafka_resp_err_t>(code)))) {
      ++producer.events_.transport_faults;
    }
  }

  void set_sizes(Conf& conf, const ProducerSettings& settings) const {
    constexpr std::uint64_t kMessageBytesMax = 1'000'000'000;  // librdkafka's own bound.
    if (settings.record_bytes_max != 0) {
      // librdkafka counts every length with its longest varint: 11 bytes a header, where a small
      // one has 3 altogether. So its bound lies where no record of ours can reach it.
      const std::uint64_t bytes = 4 * settings.record_bytes_max + (64U << 10);
      conf.set("message.max.bytes", std::to_string(std::min(bytes, kMessageBytesMax)));
    }
    if (settings.batch_bytes_max != 0) {
      std::uint64_t bytes = std::min<std::uint64_t>(settings.batch_bytes_max, 1'000'000);
      const auto given = common_->settings.properties.find("batch.size");
      if (given != common_->settings.properties.end()) {
        // Rather smaller, if somebody wants it so. What is no number librdkafka has refused.
        bytes = std::min<std::uint64_t>(bytes, std::strtoull(given->second.c_str(), nullptr, 10));
      }
      conf.set("batch.size", std::to_string(std::max<std::uint64_t>(bytes, 1)));
    }
  }

  rd_kafka_t* handle_ = nullptr;
  std::map<std::string, TopicPtr, std::less<>> topics_;
  ProducerEvents events_;
  bool fatal_seen_ = false;
  bool is_open_ = false;  // A transaction.
};

}  // namespace

std::unique_ptr<Producer> make_producer(std::shared_ptr<const Common> common,
                                        const ProducerSettings& settings) {
  return std::make_unique<RdProducer>(std::move(common), settings);
}

}  // namespace telex::kafka::rd
