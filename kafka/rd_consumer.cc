// The Consumer over librdkafka, 2.0.2 and later: rd_kafka_consumer_poll() only (no batch calls,
// which skip offsets there). What is assigned and what of it runs is rd_assignment.h's.
#include <algorithm>
#include <array>
#include <map>
#include <thread>
#include <utility>

#include <simdjson.h>

#include "kafka/rd_assignment.h"
#include "kafka/rd_internal.h"

namespace telex::kafka::rd {
namespace {

using std::chrono::steady_clock;

constexpr milliseconds kLeaderPause{50};
// How often the client tells how far it has fetched.
constexpr milliseconds kProgressInterval{1000};
// How long a client that is leaving may wait for an answer before it gets one that it may not need.
constexpr milliseconds kAnswerPatience{500};
constexpr milliseconds kTakenPatience{40};
// How long records that nobody wants are read to find a rebalance behind them.
constexpr milliseconds kSettleLimit{200};

class RdConsumer final : public Client, public Consumer {
 public:
  RdConsumer(std::shared_ptr<const Common> common, const ConsumerSettings& settings)
      : Client(std::move(common)), is_static_(!settings.group_instance_id.empty()) {
    Conf conf(*common_, PropertyScope::consumer);
    // Without a group.id librdkafka refuses assign(); one that is never subscribed joins no group.
    conf.set("group.id", settings.group_id.empty() ? "telex-reader" : settings.group_id);
    if (!settings.group_instance_id.empty()) {
      conf.set("group.instance.id", settings.group_instance_id);
    }
    conf.set("session.timeout.ms", std::to_string(settings.session_timeout.count()));
    conf.set("partition.assignment.strategy", Assignment::strategy());
    conf.set("enable.auto.commit", "false");
    conf.set("enable.auto.offset.store", "false");
    // Never silently somewhere else: being out of range is an event.
    conf.set("auto.offset.reset", "error");
    conf.set("isolation.level", settings.read_committed ? "read_committed" : "read_uncommitted");
    conf.set("check.crcs", "true");
    const bool tell_ends = settings.tell_ends || settings.group_id.empty();
    conf.set("enable.partition.eof", tell_ends ? "true" : "false");
    // 2.0.2 pauses a second when the prefetch is full, so one answer must never fill it.
    const std::uint32_t prefetch_kib = std::max(settings.prefetch_bytes >> 10, 1024U);
    conf.set("queued.max.messages.kbytes", std::to_string(prefetch_kib));
    conf.set("queued.min.messages", "1000000");
    const std::uint32_t fetch_bytes = std::max(settings.prefetch_bytes / 4, 1U << 20);
    conf.set("fetch.message.max.bytes", std::to_string(std::min(fetch_bytes, 4U << 20)));
    conf.set("fetch.max.bytes", std::to_string(fetch_bytes));
    conf.set("receive.message.max.bytes", std::to_string(std::max(fetch_bytes * 2, 100'000'000U)));
    conf.set("statistics.interval.ms", std::to_string(kProgressInterval.count()));
    rd_kafka_conf_set_rebalance_cb(conf.get(), on_rebalance);
    rd_kafka_conf_set_stats_cb(conf.get(), on_statistics);
    // Errors of no particular partition (all brokers down, authentication) come here.
    rd_kafka_conf_set_error_cb(conf.get(), on_error);
    handle_ = conf.create(RD_KAFKA_CONSUMER, static_cast<Client*>(this));
    rd_kafka_poll_set_consumer(handle_);
  }
  RdConsumer(const RdConsumer&) = delete;
  RdConsumer& operator=(const RdConsumer&) = delete;
  ~RdConsumer() override {
    message_.reset();
    // close() has done what could be done in its time.
    rd_kafka_destroy_flags(handle_, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
  }

  Error subscribe(std::span<const std::string> topics) override {
    const ListPtr list(rd_kafka_topic_partition_list_new(static_cast<int>(topics.size())));
    for (const std::string& topic : topics) {
      rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
    }
    subscribed_ = true;
    return from_code(rd_kafka_subscribe(handle_, list.get()), "subscribe");
  }

  PollStatus poll(milliseconds timeout, RebalanceListener& listener, ConsumerRecord& record,
                  Error& error) override {
    message_.reset();
    keep(assignment_.settle(handle_));
    if (pending_error_.ok()) {
      listener_ = &listener;
      message_.reset(rd_kafka_consumer_poll(handle_, timeout_of(timeout)));
      listener_ = nullptr;
    }
    if (message_ == nullptr) {
      // Before the connection's own words, which newer clients repeat many times a second.
      if (pending_error_.cls != ErrorClass::fatal) {
        if (Error fault = setup_fault(handle_); !fault.ok()) pending_error_ = std::move(fault);
      }
      if (pending_error_.ok()) return PollStatus::nothing;
      error = std::exchange(pending_error_, {});
      return PollStatus::error;
    }
    if (message_->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      record = {};
      record.topic = rd_kafka_topic_name(message_->rkt);
      record.partition = Partition{message_->partition};
      record.offset = Offset{message_->offset};
      return PollStatus::end;
    }
    if (message_->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      if (message_->rkt != nullptr) {
        assignment_.disturbed(rd_kafka_topic_name(message_->rkt), Partition{message_->partition});
      }
      error = error_of(*message_);
      return PollStatus::error;
    }
    fill(record);
    // Of a partition that was silenced or moved while this record was on its way.
    if (!assignment_.takes(record.topic, record.partition, record.offset)) {
      return PollStatus::nothing;
    }
    return PollStatus::record;
  }

  Error assign(std::span<const PartitionOffset> positions) override {
    message_.reset();
    Error error = assignment_.run(handle_, positions);
    forget_progress();
    return error;
  }

  Error committed(std::span<const TopicPartition> partitions, milliseconds timeout,
                  std::vector<PartitionOffset>& out) override {
    out.clear();
    if (partitions.empty()) return {};
    const ListPtr list = make_list(partitions);
    const auto began = steady_clock::now();
    Error error = from_code(rd_kafka_committed(handle_, list.get(), timeout_of(timeout)),
                            "committed offsets");
    if (!error.ok()) return explain(handle_, began, std::move(error));
    for (int i = 0; i < list->cnt; ++i) {
      const rd_kafka_topic_partition_t& each = list->elems[i];
      if (each.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return from_code(each.err, std::string("committed offset of ") + each.topic);
      }
      const Offset next{each.offset >= 0 ? each.offset : -1};
      std::string metadata;
      if (each.metadata != nullptr) {
        metadata.assign(static_cast<const char*>(each.metadata), each.metadata_size);
      }
      out.push_back({{each.topic, Partition{each.partition}}, next, std::move(metadata)});
    }
    return {};
  }

  Error commit(std::span<const PartitionOffset> offsets, milliseconds timeout) override {
    // The queue form, because rd_kafka_commit() has no timeout of its own.
    const QueuePtr queue(rd_kafka_queue_new(handle_));
    const ListPtr list = make_list(offsets);
    const Error sent = from_code(
        rd_kafka_commit_queue(handle_, list.get(), queue.get(), nullptr, nullptr), "offset commit");
    if (!sent.ok()) return sent;
    const EventPtr event(rd_kafka_queue_poll(queue.get(), timeout_of(timeout)));
    if (event == nullptr) return make_error("_TIMED_OUT", "offset commit: no answer in time");
    return from_code(rd_kafka_event_error(event.get()), "offset commit");
  }

  Error watermarks(const TopicPartition& partition, milliseconds timeout,
                   Watermarks& out) override {
    const auto began = steady_clock::now();
    for (;;) {
      const auto left = std::chrono::ceil<milliseconds>(began + timeout - steady_clock::now());
      const rd_kafka_resp_err_t code = rd_kafka_query_watermark_offsets(
          handle_, partition.topic.c_str(), partition.partition.value, &out.low.value,
          &out.high.value, timeout_of(std::max(left, milliseconds{1})));
      // A topic that was just made, or a partition that moves: its leader is known in a moment.
      if ((code == RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION ||
           code == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE) &&
          left > kLeaderPause) {
        std::this_thread::sleep_for(kLeaderPause);
        continue;
      }
      return explain(handle_, began, from_code(code, "offsets of " + partition.topic));
    }
  }

  std::optional<FetchProgress> progress(const TopicPartition& partition) override {
    const auto found = progress_.find(partition);
    if (found == progress_.end()) return std::nullopt;
    return found->second;
  }

  std::string group_metadata() override {
    const GroupPtr group(rd_kafka_consumer_group_metadata(handle_));
    if (group == nullptr) return {};
    void* bytes = nullptr;
    std::size_t size = 0;
    const ErrorPtr error(rd_kafka_consumer_group_metadata_write(group.get(), &bytes, &size));
    if (error != nullptr) return {};
    std::string opaque(static_cast<const char*>(bytes), size);
    rd_kafka_mem_free(handle_, bytes);
    return opaque;
  }

  bool is_member() override {
    char* const id = rd_kafka_memberid(handle_);
    const bool is = id != nullptr && *id != '\0';
    rd_kafka_mem_free(handle_, id);
    return is;
  }

  void close(milliseconds timeout) override {
    message_.reset();
    if (closed_) return;
    closed_ = true;
    const auto end = steady_clock::now() + timeout;
    if (subscribed_) settle(end);
    // rd_kafka_consumer_close() may wait for ever for a coordinator; the queue form is bounded.
    // (Events are taken one by one: rd_kafka_queue_poll_callback() ends the process when a fetched
    // record lies in the queue, 2.0.2.)
    const QueuePtr queue(rd_kafka_queue_new(handle_));
    if (const ErrorPtr error(rd_kafka_consumer_close_queue(handle_, queue.get()));
        error != nullptr) {
      return;
    }
    EventPtr due;
    auto due_since = steady_clock::now();
    while (rd_kafka_consumer_closed(handle_) == 0 && steady_clock::now() < end) {
      EventPtr event(rd_kafka_queue_poll(queue.get(), 20));
      if (event != nullptr && rd_kafka_event_type(event.get()) == RD_KAFKA_EVENT_REBALANCE) {
        due = std::move(event);
        due_since = steady_clock::now();
      }
      // settle() has had answered what there was. What comes all the same may be out of date, and
      // an answer on its way when the group has been left is dropped by the client without a word,
      // with the caller waiting for that for ever (2.0.2: rd_kafka_cgrp_terminated purges its
      // queue). Only if the client goes on waiting was it meant.
      if (due != nullptr && steady_clock::now() - due_since > patience_for(*due)) {
        keep(assignment_.left(handle_,
                              partitions_of(rd_kafka_event_topic_partition_list(due.get()))));
        due.reset();
      }
    }
  }

 private:
  static RdConsumer& self(void* opaque) {
    return static_cast<RdConsumer&>(*static_cast<Client*>(opaque));
  }

  static void on_rebalance(rd_kafka_t*, rd_kafka_resp_err_t code,
                           rd_kafka_topic_partition_list_t* list, void* opaque) {
    self(opaque).rebalance(code, list);
  }

  // Has every rebalance answered that the client may be waiting for, while answers are still heard.
  // With the subscription gone no other comes, and no record either; but a static member would
  // leave the group by that, and its partitions are to wait for it.
  void settle(steady_clock::time_point end) {
    if (is_static_) {
      end = std::min(end, steady_clock::now() + kSettleLimit);
    } else if (rd_kafka_unsubscribe(handle_) != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return;
    }
    while (steady_clock::now() < end) {
      // Callbacks are called in it; nothing is left in the queue when it has no message.
      const MessagePtr message(rd_kafka_consumer_poll(handle_, 0));
      if (message == nullptr) return;
    }
  }

  // Closing takes the partitions of a static member, which wants an answer.
  milliseconds patience_for(rd_kafka_event_t& event) const {
    const bool taken = rd_kafka_event_error(&event) == RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS;
    return is_static_ && taken ? kTakenPatience : kAnswerPatience;
  }

  void rebalance(rd_kafka_resp_err_t code, const rd_kafka_topic_partition_list_t* list) {
    const std::vector<TopicPartition> partitions = partitions_of(list);
    if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
      // Silent until assign() says where to begin: positions are asked for outside this callback.
      keep(assignment_.given(handle_, partitions));
      forget_progress();
      if (listener_ != nullptr) listener_->on_assigned(partitions);
      return;
    }
    const bool lost = rd_kafka_assignment_lost(handle_) != 0;
    if (listener_ != nullptr) listener_->on_revoked(partitions, lost);
    keep(assignment_.taken(handle_, partitions));
    forget_progress();
    if (code != RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS) keep(from_code(code, "rebalance"));
  }

  // What is known of partitions that do not simply read on is out of date.
  void forget_progress() {
    std::erase_if(progress_, [&](const auto& entry) { return !assignment_.goes_on(entry.first); });
  }

  void keep(Error error) {
    if (!error.ok() && pending_error_.ok()) pending_error_ = std::move(error);
  }

  static void on_error(rd_kafka_t* handle, int code, const char* reason, void* opaque) {
    RdConsumer& consumer = self(opaque);
    if (code == RD_KAFKA_RESP_ERR__FATAL) return consumer.keep(fatal_error(handle));
    consumer.note_fault(code, reason);
    // Refused credentials are told with what is known of them, by the next poll().
    if (code == RD_KAFKA_RESP_ERR__AUTHENTICATION) return;
    consumer.keep(make_error(rd_kafka_err2name(static_cast<rd_kafka_resp_err_t>(code)), reason));
  }

  Error error_of(const rd_kafka_message_t& message) const {
    if (message.err == RD_KAFKA_RESP_ERR__FATAL) return fatal_error(handle_);
    std::string where;
    if (message.rkt != nullptr) {
      where = std::string(rd_kafka_topic_name(message.rkt)) + "/" +
              std::to_string(message.partition) + " at " + std::to_string(message.offset) + ": ";
    }
    return make_error(rd_kafka_err2name(message.err), where + rd_kafka_message_errstr(&message));
  }

  void fill(ConsumerRecord& record) {
    const auto view = [](const void* bytes, std::size_t size) {
      if (bytes == nullptr) return std::string_view{};
      return std::string_view(static_cast<const char*>(bytes), size);
    };
    record.topic = rd_kafka_topic_name(message_->rkt);
    record.partition = Partition{message_->partition};
    record.offset = Offset{message_->offset};
    record.timestamp = rd_kafka_message_timestamp(message_.get(), nullptr);
    record.key = view(message_->key, message_->key_len);
    record.value = view(message_->payload, message_->len);
    headers_.clear();
    rd_kafka_headers_t* headers = nullptr;
    if (rd_kafka_message_headers(message_.get(), &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {
      const char* name = nullptr;
      const void* value = nullptr;
      std::size_t size = 0;
      for (std::size_t i = 0;
           rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
           ++i) {
        headers_.push_back({name, view(value, size)});
      }
    }
    record.headers = headers_;
  }

  static int on_statistics(rd_kafka_t*, char* json, std::size_t size, void* opaque) {
    self(opaque).read_statistics({json, size});
    return 0;  // librdkafka frees it.
  }

  // topics.<topic>.partitions.<n>.{lo_offset, ls_offset, next_offset, fetchq_cnt}, as STATISTICS.md
  // of librdkafka names them. Partitions that are not being fetched say fetch_state != "active".
  void read_statistics(std::string_view json) {
    simdjson::dom::element root;
    if (parser_.parse(json.data(), json.size()).get(root) != simdjson::SUCCESS) return;
    simdjson::dom::object topics;
    if (root["topics"].get(topics) != simdjson::SUCCESS) return;
    for (const auto topic : topics) {
      simdjson::dom::object partitions;
      if (topic.value["partitions"].get(partitions) != simdjson::SUCCESS) continue;
      for (const auto entry : partitions) {
        std::int64_t number = -1;
        std::string_view state;
        FetchProgress seen;
        const auto& partition = entry.value;
        if (partition["partition"].get(number) != simdjson::SUCCESS || number < 0 ||
            partition["fetch_state"].get(state) != simdjson::SUCCESS || state != "active" ||
            partition["lo_offset"].get(seen.low.value) != simdjson::SUCCESS ||
            partition["ls_offset"].get(seen.stable_end.value) != simdjson::SUCCESS ||
            partition["next_offset"].get(seen.fetch_next.value) != simdjson::SUCCESS ||
            partition["fetchq_cnt"].get(seen.queued) != simdjson::SUCCESS ||
            seen.stable_end.value < 0) {
          continue;
        }
        progress_[{std::string(topic.key), Partition{static_cast<std::int32_t>(number)}}] = seen;
      }
    }
  }

  rd_kafka_t* handle_ = nullptr;
  Assignment assignment_;
  const bool is_static_;
  bool subscribed_ = false;
  MessagePtr message_;  // The one whose views are out.
  std::vector<Header> headers_;
  RebalanceListener* listener_ = nullptr;  // Set during poll().
  Error pending_error_;  // From a callback; handed out by the next poll() that has no record.
  std::map<TopicPartition, FetchProgress> progress_;
  simdjson::dom::parser parser_;
  bool closed_ = false;
};

}  // namespace

std::unique_ptr<Consumer> make_consumer(std::shared_ptr<const Common> common,
                                        const ConsumerSettings& settings) {
  return std::make_unique<RdConsumer>(std::move(common), settings);
}

}  // namespace telex::kafka::rd
