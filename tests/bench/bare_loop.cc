// bench.bare_loop: the practical limit. Consumes and produces unchanged with as little as the
// client library allows, at least once or in transactions, and says what it cost, as one line of
// JSON.
//
// usage: bench.bare_loop --bootstrap A --input T --output T --group G --count N
//                        [--mode alo|txn] [--commit-ms 100] [--commit-records 5000]
//
// Deliberately without what a service needs: a failed commit ends it, nothing is retried, nothing
// is drained. It must be its group's only member.
#include <chrono>
#include <cstdlib>

#include <fmt/core.h>

#include "tests/bench/kafka_tools.h"

namespace telex::bench {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int kWaitMs = 30'000;

struct Loop {
  std::string output;
  bool transactional = false;
  std::chrono::milliseconds commit_every{100};
  std::int64_t commit_records = 5000;
  std::int64_t count = 0;
  rd_kafka_t* consumer = nullptr;
  rd_kafka_t* producer = nullptr;
  rd_kafka_topic_partition_list_t* next = nullptr;  // The offsets to be read next.

  void note_position(const rd_kafka_message_t& message) const;
  void commit() const;
  void run();
};

void Loop::note_position(const rd_kafka_message_t& message) const {
  const char* topic = rd_kafka_topic_name(message.rkt);
  auto* row = rd_kafka_topic_partition_list_find(next, topic, message.partition);
  if (row == nullptr) row = rd_kafka_topic_partition_list_add(next, topic, message.partition);
  row->offset = message.offset + 1;
}

void Loop::commit() const {
  if (!transactional) {
    check("flush", rd_kafka_flush(producer, kWaitMs));
    check("commit", rd_kafka_commit(consumer, next, 0));
    return;
  }
  rd_kafka_consumer_group_metadata_t* group = rd_kafka_consumer_group_metadata(consumer);
  check("send offsets", rd_kafka_send_offsets_to_transaction(producer, next, group, kWaitMs));
  rd_kafka_consumer_group_metadata_destroy(group);
  check("commit", rd_kafka_commit_transaction(producer, kWaitMs));
}

void Loop::run() {
  Clock::time_point begun;
  Clock::time_point opened;
  Clock::time_point last_seen = Clock::now();
  std::int64_t done = 0;
  std::int64_t open = 0;  // Records since the last commit.
  while (done < count) {
    rd_kafka_message_t* message = rd_kafka_consumer_poll(consumer, 10);
    if (message != nullptr && message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      last_seen = Clock::now();
      if (done == 0) begun = last_seen;
      if (open++ == 0) {
        opened = last_seen;
        if (transactional) check("begin", rd_kafka_begin_transaction(producer));
      }
      produce(producer, output, {static_cast<const char*>(message->key), message->key_len},
              {static_cast<const char*>(message->payload), message->len});
      note_position(*message);
      ++done;
    } else if (Clock::now() - last_seen > std::chrono::milliseconds(kWaitMs)) {
      die("consume", "no message for half a minute");
    }
    if (message != nullptr) rd_kafka_message_destroy(message);
    rd_kafka_poll(producer, 0);
    if (open > 0 &&
        (open >= commit_records || done == count || Clock::now() - opened >= commit_every)) {
      commit();
      open = 0;
    }
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - begun).count();
  fmt::print(
      "{{\"messages\":{},\"seconds\":{:.3f},\"cpu_seconds\":{:.3f},\"rss_mb\":{:.0f},"
      "\"librdkafka\":\"{}\"}}\n",
      done, seconds, cpu_seconds(0), rss_peak_mb(0), rd_kafka_version_str());
}

}  // namespace
}  // namespace telex::bench

int main(int argc, char** argv) {
  using namespace telex::bench;
  auto options = parse_options(argc, argv, 0);
  for (const char* needed : {"bootstrap", "input", "output", "group", "count"}) {
    if (!options.contains(needed)) die(needed, "is needed");
  }
  Loop loop;
  loop.output = options["output"];
  loop.transactional = options["mode"] == "txn";
  loop.count = std::atoll(options["count"].c_str());
  if (options.contains("commit-ms")) {
    loop.commit_every = std::chrono::milliseconds(std::atoll(options["commit-ms"].c_str()));
  }
  if (options.contains("commit-records")) {
    loop.commit_records = std::atoll(options["commit-records"].c_str());
  }

  const std::string& bootstrap = options["bootstrap"];
  // Queues, fetches and backoff are those of telex, so that neither has an advantage from settings:
  // librdkafka 2.0.2 pauses a second whenever an answer fills the prefetch queue, and a tenth of
  // one when a transaction begins right after another.
  Settings producer{{"bootstrap.servers", bootstrap},
                    {"enable.idempotence", "true"},
                    {"acks", "all"},
                    {"delivery.report.only.error", "true"},
                    {"socket.nagle.disable", "true"},
                    {"queue.buffering.max.kbytes", "32768"},
                    {"queue.buffering.max.messages", "1000000"},
                    {"retry.backoff.ms", "5"}};
  if (loop.transactional) producer["transactional.id"] = options["group"] + ".0";
  loop.producer = make_client(RD_KAFKA_PRODUCER, producer);
  if (loop.transactional) check("init", rd_kafka_init_transactions(loop.producer, kWaitMs));
  loop.consumer = make_client(RD_KAFKA_CONSUMER, {{"bootstrap.servers", bootstrap},
                                                  {"group.id", options["group"]},
                                                  {"enable.auto.commit", "false"},
                                                  {"auto.offset.reset", "earliest"},
                                                  {"isolation.level", "read_committed"},
                                                  {"check.crcs", "true"},
                                                  {"socket.nagle.disable", "true"},
                                                  {"queued.min.messages", "1000000"},
                                                  {"queued.max.messages.kbytes", "65536"},
                                                  {"fetch.message.max.bytes", "4194304"},
                                                  {"fetch.max.bytes", "16777216"}});
  rd_kafka_poll_set_consumer(loop.consumer);
  loop.next = rd_kafka_topic_partition_list_new(8);
  rd_kafka_topic_partition_list_t* topics = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(topics, options["input"].c_str(), RD_KAFKA_PARTITION_UA);
  check("subscribe", rd_kafka_subscribe(loop.consumer, topics));
  loop.run();
  rd_kafka_topic_partition_list_destroy(topics);
  rd_kafka_topic_partition_list_destroy(loop.next);
  rd_kafka_consumer_close(loop.consumer);
  rd_kafka_destroy(loop.consumer);
  rd_kafka_destroy(loop.producer);
  return 0;
}
