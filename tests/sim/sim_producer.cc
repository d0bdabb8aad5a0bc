// The Producer as librdkafka 2.0.2 behaves behind the seam: transactional calls go on in the
// background when their caller has run out of time, EndTxn is repeated silently, faults of the
// connection are told by serve(), and answers are sorted as rdkafka_txnmgr.c sorts them.
#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/sim/sim_client.h"

namespace telex::sim {
namespace {

using namespace std::chrono_literals;
using kafka::Error;
using kafka::ErrorClass;
using kafka::make_error;

constexpr std::size_t kBatchRecords = 8;  // Small, so that a transaction is several requests.

class SimProducer final : public Client, public kafka::Producer {
 public:
  SimProducer(Cluster& cluster, std::shared_ptr<Process> process, kafka::ProducerSettings settings)
      : Client(cluster, std::move(process)), settings_(std::move(settings)) {
    // Without transactions there is nothing to wait for.
    if (settings_.transactional_id.empty()) state_ = State::open;
  }

  Error init_transactions(kafka::milliseconds timeout) override {
    process().enter(SeamCall::init);
    if (!fatal_.ok()) return fatal_;
    if (call_ == Call::none) {
      begin_call(Call::init);
      ask_for_id({});
    }
    return finish_call(Call::init, timeout);
  }

  Error begin() override {
    process().enter(SeamCall::begin);
    if (!fatal_.ok()) return fatal_;
    if (state_ != State::ready) return make_error("_STATE", "begin: no producer id yet");
    state_ = State::open;
    at_coordinator_ = false;
    registering_ = false;
    ++transaction_;
    for (auto& [partition, lane] : partitions_) lane.registered = false;
    return {};
  }

  Error send_offsets(std::span<const kafka::PartitionOffset> offsets, std::string_view group,
                     kafka::milliseconds timeout) override {
    process().enter(SeamCall::send_offsets);
    if (!fatal_.ok()) return fatal_;
    if (state_ != State::open) return refused();
    if (group.empty()) return make_error("_BAD_MSG", "group metadata: nothing to read");
    begin_call(Call::offsets);
    offsets_.assign(offsets.begin(), offsets.end());
    group_ = group;
    call_deadline_ = now() + timeout;
    at_coordinator_ = true;
    add_group();
    Error error = finish_call(Call::offsets, timeout);
    // Not resumable: the next try begins anew.
    if (call_ == Call::offsets) call_ = Call::none;
    return error;
  }

  Error commit(kafka::milliseconds timeout) override {
    process().enter(SeamCall::commit);
    if (!fatal_.ok()) return fatal_;
    if (call_ == Call::none) {
      if (state_ != State::open) return refused();
      if (process().in_rebalance()) count(Count::commits_in_revoke);
      begin_call(Call::commit);
      state_ = State::committing;
      go_on();
    }
    return finish_call(Call::commit, timeout);
  }

  Error abort(kafka::milliseconds timeout) override {
    process().enter(SeamCall::abort);
    if (!fatal_.ok()) return fatal_;
    if (call_ == Call::none) {
      if (state_ != State::open && state_ != State::failed) return refused();
      begin_call(Call::abort);
      state_ = State::aborting;
      drop_queued();
      go_on();
    }
    return finish_call(Call::abort, timeout);
  }

  Error produce(const kafka::ProducerRecord& record) override {
    process().enter(SeamCall::produce);
    if (!fatal_.ok()) return fatal_;
    if (state_ != State::open) {
      Error error = make_error("_STATE", "produce: no transaction is open");
      error.cls = ErrorClass::abortable;
      error.cause = kafka::ErrorCause::world;
      return error;
    }
    Message message;
    if (record.key.data() != nullptr) message.key.emplace(record.key);
    if (record.value.data() != nullptr) message.value.emplace(record.value);
    for (const Header& each : record.headers) {
      message.headers.emplace_back(each.name, std::nullopt);
      if (each.value.data() != nullptr) message.headers.back().second.emplace(each.value);
    }
    message.timestamp = record.timestamp;
    const std::size_t bytes = message.bytes();
    if (queued_bytes_ + bytes > settings_.in_flight_bytes ||
        cluster_.chance(cluster_.faults().queue_full)) {
      count(Count::queue_full);
      return make_error("_QUEUE_FULL", "produce: the queue is full");
    }
    const std::int32_t partition_count = cluster_.partition_count(std::string(record.topic));
    if (partition_count == 0) return make_error("UNKNOWN_TOPIC_OR_PART", "produce: no such topic");
    const Partition partition =
        record.partition.value >= 0 ? record.partition : by_key(record.key, partition_count);
    if (cluster_.is_left_out(std::string(record.topic))) {
      cluster_.publish({std::string(record.topic), partition}, std::move(message));
      return {};
    }
    queued_bytes_ += bytes;
    partitions_[{std::string(record.topic), partition}].queue.push_back(std::move(message));
    send_soon(process().random().time(0ms, 5ms));
    return {};
  }

  kafka::ProducerEvents serve(kafka::milliseconds timeout) override {
    process().enter(SeamCall::serve);
    const auto any = [this] {
      return events_.transport_faults > 0 || events_.deliveries_failed > 0 || !events_.fatal.ok();
    };
    wait_for(any, now() + timeout);
    return std::exchange(events_, {});
  }

  Error flush(kafka::milliseconds timeout) override {
    process().enter(SeamCall::other);
    if (wait_for([this] { return all_sent(); }, now() + timeout)) return {};
    return make_error("_TIMED_OUT", "flush");
  }
  void purge() override { drop_queued(); }

 private:
  enum class State : std::uint8_t { fresh, ready, open, failed, committing, aborting };
  enum class Call : std::uint8_t { none, init, offsets, commit, abort };

  // What is on its way to one partition; one request at a time.
  struct Lane {
    std::deque<Message> queue;
    std::vector<Message> batch;  // Under way, until answered for good.
    Nanos since{0};
    std::int32_t sequence = 0;  // Of the first of `batch`, or of the next.
    bool registered = false;    // With the transaction.
    std::shared_ptr<bool> in;   // `batch` is in the log; only without transactions.
  };

  static Partition by_key(std::string_view key, std::int32_t count) {
    std::uint32_t hash = 2166136261U;  // FNV-1a; the cluster has no other writers of these keys.
    for (const char c : key) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
    return Partition{static_cast<std::int32_t>(hash % static_cast<std::uint32_t>(count))};
  }

  // ---- A call of the application, which the background carries out.

  void begin_call(Call call) {
    call_ = call;
    ++call_number_;
    call_done_ = false;
    call_result_ = {};
  }
  void end_call(Error result) {
    call_done_ = true;
    call_result_ = std::move(result);
    process().wake();
  }
  Error finish_call(Call call, Nanos timeout) {
    if (call_ != call) return make_error("_CONFLICT", "another transactional call is under way");
    const auto over = [this] { return call_done_ || !fatal_.ok(); };
    if (!wait_for(over, now() + timeout)) {
      return make_error("_TIMED_OUT", "not yet", {.retriable = true});
    }
    call_ = Call::none;
    if (!fatal_.ok() && !call_done_) return fatal_;
    return call_result_;
  }
  // Runs `action` after `delay`, if the call it belongs to is still the one under way.
  void retry(Nanos delay, std::function<void()> action) {
    background(delay, [this, number = call_number_, action = std::move(action)] {
      if (number == call_number_ && !call_done_ && fatal_.ok()) action();
    });
  }
  Nanos retry_time() { return process().random().time(2ms, 30ms); }

  Error refused() const {
    if (state_ == State::failed) return failure_;
    return make_error("_STATE", "the transaction is not open");
  }

  // ---- What goes wrong.

  void note_fault(Code code) {
    if (!is_fault(code)) return;
    ++events_.transport_faults;
    process().wake();
  }
  void set_fatal(std::string_view code, const std::string& what) {
    if (!fatal_.ok()) return;
    fatal_ = make_error(code, what, {.fatal = true});
    events_.fatal = fatal_;
    tell("its producer is over: ", code, " (", what, ")");
    process().wake();
  }
  void set_failed(std::string_view code, const std::string& what) {
    if (!fatal_.ok()) return;
    if (state_ != State::open && state_ != State::committing) return;
    failure_ = make_error(code, what, {.requires_abort = true});
    const bool committing = state_ == State::committing;
    state_ = State::failed;
    tell("its transaction has failed: ", code, " (", what, ")");
    if (committing) end_call(failure_);
    if (call_ == Call::offsets && !call_done_) end_call(failure_);
  }
  // An answer of the coordinator that is neither good nor passing.
  void sort_out(Code code, const std::string& what) {
    if (code == "INVALID_PRODUCER_EPOCH" || code == "PRODUCER_FENCED") {
      set_fatal("_FENCED", what);
    } else if (code == "INVALID_TXN_STATE") {
      set_fatal(code, what);
    } else {
      if (code == "INVALID_PRODUCER_ID_MAPPING") needs_epoch_ = true;
      set_failed(code, what);
    }
  }

  // ---- The producer's id.

  void ask_for_id(const ProducerId& known) {
    const auto given = std::make_shared<ProducerId>();
    request(
        Api::init_producer,
        [&cluster = cluster_, settings = settings_, known, given](bool) {
          return cluster.transactions().init(settings.transactional_id,
                                             settings.transaction_timeout, known, *given);
        },
        [this, known, given, number = call_number_](Code code) {
          note_fault(code);
          if (number != call_number_) return;
          if (is_passing(code)) {
            retry(retry_time(), [this, known] { ask_for_id(known); });
          } else if (!code.empty()) {
            set_fatal("_FENCED", "init_transactions");
          } else {
            id_ = *given;
            needs_epoch_ = false;
            for (auto& [partition, lane] : partitions_) lane.sequence = 0;
            state_ = State::ready;
            end_call({});
          }
        });
  }

  // ---- Records.

  bool all_sent() const {
    return std::all_of(partitions_.begin(), partitions_.end(), [](const auto& each) {
      return each.second.queue.empty() && each.second.batch.empty();
    });
  }
  bool none_under_way() const {
    return std::all_of(partitions_.begin(), partitions_.end(),
                       [](const auto& each) { return each.second.batch.empty(); });
  }
  void drop_queued() {
    for (auto& [partition, lane] : partitions_) {
      for (const Message& each : lane.queue) queued_bytes_ -= each.bytes();
      lane.queue.clear();
    }
  }
  void send_soon(Nanos delay) {
    if (std::exchange(send_due_, true)) return;
    background(delay, [this] {
      send_due_ = false;
      send();
    });
  }
  void send() {
    if (!fatal_.ok() || (state_ != State::open && state_ != State::committing)) return;
    std::set<TopicPartition> unregistered;
    for (auto& [partition, lane] : partitions_) {
      if (lane.queue.empty()) continue;
      if (!lane.registered && !settings_.transactional_id.empty()) {
        unregistered.insert(partition);
      } else if (lane.batch.empty()) {
        send_batch(partition, lane);
      }
    }
    if (!unregistered.empty() && !registering_) add_partitions(std::move(unregistered));
  }

  void add_partitions(std::set<TopicPartition> partitions) {
    registering_ = true;
    at_coordinator_ = true;
    request(
        Api::add_to_transaction,
        [&cluster = cluster_, name = settings_.transactional_id, id = id_, partitions](bool) {
          return cluster.transactions().add_partitions(name, id, partitions);
        },
        [this, partitions, number = transaction_](Code code) {
          note_fault(code);
          if (number != transaction_) return;
          registering_ = false;
          if (is_passing(code)) {
            send_soon(retry_time());
          } else if (!code.empty()) {
            sort_out(code, "partitions cannot be added to the transaction");
          } else {
            for (const TopicPartition& each : partitions) partitions_[each].registered = true;
            send();
          }
        });
  }

  void send_batch(const TopicPartition& partition, Lane& lane) {
    while (!lane.queue.empty() && lane.batch.size() < kBatchRecords) {
      lane.batch.push_back(std::move(lane.queue.front()));
      lane.queue.pop_front();
    }
    lane.since = now();
    lane.in = std::make_shared<bool>(false);
    // The client splits and builds batches; the bug of 2.0.2 makes it lose count now and then.
    if (cluster_.chance(cluster_.faults().client_fatal)) {
      set_fatal("_INCONSISTENT", "sequence numbers do not fit any more");
      return;
    }
    if (cluster_.chance(cluster_.faults().record_refused)) {
      // The numbers are used up all the same: the next batch leaves a gap.
      const auto size = static_cast<std::int32_t>(lane.batch.size());
      background(1ms, [this, partition, size] {
        fail_batch(partition, "MSG_SIZE_TOO_LARGE");
        partitions_[partition].sequence += size;
      });
      return;
    }
    if (cluster_.chance(cluster_.faults().delivery_timed_out)) {
      background(1ms, [this, partition] {
        needs_epoch_ = true;
        fail_batch(partition, "_MSG_TIMED_OUT");
      });
      return;
    }
    transmit(partition);
  }

  void transmit(const TopicPartition& partition) {
    const Lane& lane = partitions_[partition];
    request(
        Api::produce,
        [&cluster = cluster_, name = settings_.transactional_id, id = id_, partition,
         sequence = lane.sequence, batch = lane.batch, in = lane.in](bool) -> Code {
          if (name.empty()) {
            if (std::exchange(*in, true)) return "";  // A repetition.
            for (const Message& each : batch) cluster.publish(partition, each);
            return "";
          }
          if (!cluster.transactions().takes_part(name, id, partition)) return "INVALID_TXN_STATE";
          const Code code = cluster.log(partition).append(id, sequence, batch);
          cluster.log_changed();
          return code;
        },
        [this, partition, id = id_](Code code) {
          if (id == id_) on_transmitted(partition, code);
        });
  }

  void on_transmitted(const TopicPartition& partition, Code code) {
    Lane& lane = partitions_[partition];
    if (lane.batch.empty()) return;
    note_fault(code);
    if (code.empty()) {
      lane.sequence += static_cast<std::int32_t>(lane.batch.size());
      settle_batch(lane);
      send();
      go_on();
    } else if (is_passing(code) && now() - lane.since < settings_.transaction_timeout) {
      background(retry_time(), [this, partition] {
        if (fatal_.ok() && !partitions_[partition].batch.empty()) transmit(partition);
      });
    } else if (is_passing(code)) {
      needs_epoch_ = true;
      fail_batch(partition, "_MSG_TIMED_OUT");
    } else if (code == "INVALID_PRODUCER_EPOCH") {
      set_fatal("_FENCED", "records are refused");
    } else {
      needs_epoch_ = true;
      fail_batch(partition, code);
    }
  }

  void settle_batch(Lane& lane) {
    for (const Message& each : lane.batch) queued_bytes_ -= each.bytes();
    lane.batch.clear();
  }

  void fail_batch(const TopicPartition& partition, Code code) {
    Lane& lane = partitions_[partition];
    if (lane.batch.empty()) return;
    count(Count::deliveries_failed);
    events_.deliveries_failed += static_cast<std::uint32_t>(lane.batch.size());
    if (kafka::is_transport_fault(code)) ++events_.transport_faults;
    if (events_.first_failure.ok()) events_.first_failure = make_error(code, partition.topic);
    settle_batch(lane);
    set_failed(code, "a record was not delivered");
    process().wake();
    go_on();
  }

  // ---- Offsets.

  void add_group() {
    request(
        Api::add_to_transaction,
        [&cluster = cluster_, name = settings_.transactional_id, id = id_,
         group = MemberClaim::decode(group_).group](bool) -> Code {
          if (cluster.chance(cluster.faults().busy)) return "COORDINATOR_LOAD_IN_PROGRESS";
          return cluster.transactions().add_group(name, id, group);
        },
        [this, number = call_number_](Code code) {
          note_fault(code);
          if (number != call_number_ || call_done_ || call_ != Call::offsets) return;
          if (is_passing(code)) {
            if (now() < call_deadline_) retry(retry_time(), [this] { add_group(); });
          } else if (!code.empty()) {
            sort_out(code, "offsets cannot be added to the transaction");
          } else {
            commit_offsets();
          }
        });
  }

  void commit_offsets() {
    const std::uint64_t transaction = cluster_.transactions().number(settings_.transactional_id);
    request(
        Api::offsets_to_transaction,
        [&cluster = cluster_, name = settings_.transactional_id, id = id_, offsets = offsets_,
         claim = MemberClaim::decode(group_), transaction](bool late) -> Code {
          if (!cluster.transactions().takes_part(name, id, claim.group)) return "INVALID_TXN_STATE";
          if (cluster.chance(cluster.faults().busy)) return "COORDINATOR_LOAD_IN_PROGRESS";
          if (late) cluster.chronicle().add(Count::offsets_late);
          if (transaction != cluster.transactions().number(name)) {
            cluster.chronicle().tell("group", "offsets of an earlier transaction of ", name);
          }
          return cluster.group(claim.group).commit_transactional(id, claim, offsets);
        },
        [this, number = call_number_](Code code) {
          note_fault(code);
          if (number != call_number_ || call_done_ || call_ != Call::offsets) return;
          if (code.empty()) {
            end_call({});
          } else if (is_passing(code) && now() < call_deadline_) {
            retry(retry_time(), [this] { commit_offsets(); });
          } else {
            sort_out(is_passing(code) ? Code("_TIMED_OUT") : code, "offsets are not taken");
          }
        });
  }

  // ---- The end of a transaction.

  void go_on() {
    if (call_done_ || !fatal_.ok()) return;
    if (state_ == State::committing && call_ == Call::commit && all_sent()) {
      at_coordinator_ ? end(true) : ended();
    } else if (state_ == State::aborting && call_ == Call::abort && none_under_way()) {
      at_coordinator_ ? end(false) : ended();
    }
  }

  void end(bool commit) {
    if (std::exchange(ending_, true)) return;
    const std::uint64_t transaction = cluster_.transactions().number(settings_.transactional_id);
    request(
        Api::end_transaction,
        [&cluster = cluster_, name = settings_.transactional_id, id = id_, commit,
         transaction](bool late) -> Code {
          const bool ongoing = cluster.transactions().state(name) == TransactionState::ongoing;
          const bool other = cluster.transactions().number(name) != transaction;
          const Code code = cluster.transactions().end(name, id, commit);
          if (late) cluster.chronicle().add(Count::end_late);
          if (ongoing && other && code.empty()) {
            cluster.chronicle().add(Count::end_late_hit);
            cluster.chronicle().tell("coordinator", "a late EndTxn of ", name,
                                     " has ended its next transaction");
          }
          return code;
        },
        [this, commit](Code code) {
          ending_ = false;
          note_fault(code);
          if (is_passing(code)) {
            // Silently, for as long as it takes: the caller hears nothing of it.
            background(retry_time(), [this, commit] {
              if (fatal_.ok() && !call_done_) end(commit);
            });
          } else if (!code.empty()) {
            sort_out(code, commit ? "commit" : "abort");
            if (fatal_.ok() && state_ == State::aborting) set_fatal(code, "abort");
          } else if (commit && cluster_.chance(cluster_.faults().client_fatal)) {
            // Committed by the broker, while the client had given up on it.
            set_fatal("_INCONSISTENT", "committed, but the transaction had failed here");
          } else {
            ended();
          }
        });
  }

  void ended() {
    if (state_ == State::aborting && needs_epoch_) {
      ask_for_id(id_);
      return;
    }
    state_ = State::ready;
    end_call({});
  }

  const kafka::ProducerSettings settings_;
  State state_ = State::fresh;
  ProducerId id_;
  Error fatal_;
  Error failure_;
  kafka::ProducerEvents events_;
  std::map<TopicPartition, Lane> partitions_;
  std::size_t queued_bytes_ = 0;
  bool send_due_ = false;
  bool registering_ = false;
  bool ending_ = false;
  bool at_coordinator_ = false;  // It has heard of this transaction, or may have.
  bool needs_epoch_ = false;
  std::uint64_t transaction_ = 0;  // Counts begin().

  Call call_ = Call::none;
  std::uint64_t call_number_ = 0;
  bool call_done_ = true;
  Error call_result_;
  Nanos call_deadline_{0};
  std::vector<kafka::PartitionOffset> offsets_;
  std::string group_;
};

}  // namespace

std::unique_ptr<kafka::Producer> make_producer(Cluster& cluster, std::shared_ptr<Process> process,
                                               const kafka::ProducerSettings& settings) {
  return std::make_unique<SimProducer>(cluster, std::move(process), settings);
}

}  // namespace telex::sim
