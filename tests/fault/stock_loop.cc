// stock_loop: what one writes after reading librdkafka's documentation, as the peer that fault
// tests measure telex against. Consumes and produces unchanged.
//
//   stock_loop BOOTSTRAP INPUT OUTPUT GROUP NAME transactions|at_least_once
//              SESSION_MS TRANSACTION_MS COMMIT_MS COMMIT_RECORDS
//
// transactions: abortable errors abort and go back to the committed offsets, retriable ones are
// tried again, anything else ends the program; the transaction is committed when partitions are
// taken. As in the library's own example, a producer lives as long as the process, whatever
// happened to its requests. at_least_once: flush, then commit offsets; a failed delivery ends it.
// SIGTERM commits and leaves. Exit code 0: asked to; 1: an error that only a restart mends.
#include <signal.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "tests/bench/kafka_tools.h"

namespace telex::fault {
namespace {

using bench::check;
using bench::die;
using Clock = std::chrono::steady_clock;

constexpr int kWaitMs = 60'000;

volatile sig_atomic_t stopping = 0;
void on_signal(int) { stopping = 1; }

struct Loop {
  std::string output;
  bool transactional = false;
  std::chrono::milliseconds commit_every{100};
  int commit_records = 250;
  rd_kafka_t* consumer = nullptr;
  rd_kafka_t* producer = nullptr;
  int open = 0;  // Records since the last commit.
  Clock::time_point opened;

  bool begin() const;
  bool finish(rd_kafka_error_t* error) const;
  void rewind() const;
  void abort() const;
  void commit();
  void on_message(const rd_kafka_message_t& message);
  void run();
};

// What to do about a transactional call: true = done, false = the transaction has to be aborted.
bool Loop::finish(rd_kafka_error_t* error) const {
  if (error == nullptr) return true;
  if (rd_kafka_error_txn_requires_abort(error) == 0) check("transaction", error);
  std::fprintf(stderr, "stock_loop: %s\n", rd_kafka_error_string(error));
  rd_kafka_error_destroy(error);
  return false;
}

// Every partition that is held, back to the group's committed offset.
void Loop::rewind() const {
  rd_kafka_topic_partition_list_t* held = nullptr;
  check("assignment", rd_kafka_assignment(consumer, &held));
  check("committed", rd_kafka_committed(consumer, held, kWaitMs));
  for (int i = 0; i < held->cnt; ++i) {
    if (held->elems[i].offset < 0) held->elems[i].offset = RD_KAFKA_OFFSET_BEGINNING;
  }
  check("seek", rd_kafka_seek_partitions(consumer, held, kWaitMs));
  rd_kafka_topic_partition_list_destroy(held);
}

void Loop::abort() const {
  rd_kafka_error_t* error = rd_kafka_abort_transaction(producer, -1);
  if (error != nullptr) check("abort", error);
}

void Loop::commit() {
  if (open == 0) return;
  open = 0;
  rd_kafka_topic_partition_list_t* next = nullptr;
  check("assignment", rd_kafka_assignment(consumer, &next));
  check("position", rd_kafka_position(consumer, next));
  if (!transactional) {
    while (rd_kafka_flush(producer, 1000) == RD_KAFKA_RESP_ERR__TIMED_OUT && stopping < 2) {
    }
    const rd_kafka_resp_err_t code = rd_kafka_commit(consumer, next, 0);
    rd_kafka_topic_partition_list_destroy(next);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
      std::fprintf(stderr, "stock_loop: commit: %s\n", rd_kafka_err2str(code));
    }
    return;
  }
  rd_kafka_consumer_group_metadata_t* group = rd_kafka_consumer_group_metadata(consumer);
  rd_kafka_error_t* error = nullptr;
  do {
    if (error != nullptr) rd_kafka_error_destroy(error);
    error = rd_kafka_send_offsets_to_transaction(producer, next, group, -1);
  } while (error != nullptr && rd_kafka_error_is_retriable(error) != 0);
  rd_kafka_consumer_group_metadata_destroy(group);
  rd_kafka_topic_partition_list_destroy(next);
  bool good = finish(error);
  while (good) {
    error = rd_kafka_commit_transaction(producer, -1);
    if (error == nullptr || rd_kafka_error_is_retriable(error) == 0) {
      good = finish(error);
      break;
    }
    rd_kafka_error_destroy(error);
  }
  if (good) return;
  abort();
  rewind();
}

void Loop::on_message(const rd_kafka_message_t& message) {
  if (open++ == 0) {
    opened = Clock::now();
    if (transactional) check("begin", rd_kafka_begin_transaction(producer));
  }
  bench::produce(producer, output, {static_cast<const char*>(message.key), message.key_len},
                 {static_cast<const char*>(message.payload), message.len});
}

void Loop::run() {
  while (stopping == 0) {
    rd_kafka_message_t* message = rd_kafka_consumer_poll(consumer, 10);
    if (message != nullptr) {
      if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) on_message(*message);
      rd_kafka_message_destroy(message);
    }
    rd_kafka_poll(producer, 0);
    if (open >= commit_records || (open > 0 && Clock::now() - opened >= commit_every)) commit();
  }
  commit();
}

void on_rebalance(rd_kafka_t* consumer, rd_kafka_resp_err_t code,
                  rd_kafka_topic_partition_list_t* partitions, void* opaque) {
  Loop& loop = *static_cast<Loop*>(opaque);
  if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
    check("assign", rd_kafka_assign(consumer, partitions));
    return;
  }
  if (loop.transactional && loop.open > 0 && rd_kafka_assignment_lost(consumer) != 0) {
    loop.open = 0;
    loop.abort();
  } else {
    loop.commit();
  }
  check("unassign", rd_kafka_assign(consumer, nullptr));
}

void on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
  // In a transaction the commit says so.
  if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) return;
  if (!static_cast<Loop*>(opaque)->transactional) die("delivery", rd_kafka_err2str(message->err));
}

rd_kafka_t* make_client(rd_kafka_type_t type, const bench::Settings& settings, Loop& loop) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  char why[512];
  for (const auto& [name, value] : settings) {
    if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), why, sizeof why) != RD_KAFKA_CONF_OK) {
      die(name, why);
    }
  }
  rd_kafka_conf_set_opaque(conf, &loop);
  if (type == RD_KAFKA_CONSUMER) rd_kafka_conf_set_rebalance_cb(conf, on_rebalance);
  if (type == RD_KAFKA_PRODUCER) rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
  rd_kafka_t* client = rd_kafka_new(type, conf, why, sizeof why);
  if (client == nullptr) die("client", why);
  return client;
}

int run(const std::vector<std::string>& arguments) {
  Loop loop;
  const std::string& bootstrap = arguments[0];
  const std::string& name = arguments[4];
  loop.output = arguments[2];
  loop.transactional = arguments[5] == "transactions";
  loop.commit_every = std::chrono::milliseconds{std::atoi(arguments[8].c_str())};
  loop.commit_records = std::atoi(arguments[9].c_str());
  // The timeouts of telex, so that a fault lasts as long for both.
  bench::Settings producer{{"bootstrap.servers", bootstrap},
                           {"enable.idempotence", "true"},
                           {"acks", "all"},
                           {"partitioner", "murmur2_random"},
                           {"socket.timeout.ms", "10000"},
                           {"reconnect.backoff.max.ms", "2000"}};
  if (loop.transactional) {
    producer["transactional.id"] = name;
    producer["transaction.timeout.ms"] = arguments[7];
  }
  loop.producer = make_client(RD_KAFKA_PRODUCER, producer, loop);
  if (loop.transactional) check("init", rd_kafka_init_transactions(loop.producer, kWaitMs));
  loop.consumer = make_client(RD_KAFKA_CONSUMER,
                              {{"bootstrap.servers", bootstrap},
                               {"group.id", arguments[3]},
                               {"group.instance.id", name},
                               {"session.timeout.ms", arguments[6]},
                               {"enable.auto.commit", "false"},
                               {"auto.offset.reset", "earliest"},
                               {"isolation.level", "read_committed"},
                               {"socket.timeout.ms", "10000"},
                               {"reconnect.backoff.max.ms", "2000"}},
                              loop);
  rd_kafka_poll_set_consumer(loop.consumer);
  rd_kafka_topic_partition_list_t* topics = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(topics, arguments[1].c_str(), RD_KAFKA_PARTITION_UA);
  check("subscribe", rd_kafka_subscribe(loop.consumer, topics));
  rd_kafka_topic_partition_list_destroy(topics);
  loop.run();
  rd_kafka_consumer_close(loop.consumer);
  rd_kafka_destroy(loop.consumer);
  rd_kafka_destroy(loop.producer);
  return 0;
}

}  // namespace
}  // namespace telex::fault

int main(int argc, char** argv) {
  if (argc != 11) {
    std::fputs(
        "stock_loop BOOTSTRAP INPUT OUTPUT GROUP NAME transactions|at_least_once SESSION_MS "
        "TRANSACTION_MS COMMIT_MS COMMIT_RECORDS\n",
        stderr);
    return 64;
  }
  struct sigaction action {};
  action.sa_handler = telex::fault::on_signal;
  sigaction(SIGTERM, &action, nullptr);
  return telex::fault::run({argv + 1, argv + argc});
}
