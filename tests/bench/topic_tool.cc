// bench.topic: fills topics for the end-to-end benchmark, and watches a group read one.
//
// usage: bench.topic create --bootstrap A --topic T [--partitions 4]
//        bench.topic delete --bootstrap A --topic T
//        bench.topic fill   --bootstrap A --topic T --count N [--tables FOLDER] [--seed 1]
//        bench.topic watch  --bootstrap A --topic T --group G --count N --pid P [--timeout-s 120]
//
// fill writes Dutch wire stories; --tables adds the names of the curated tables to the built-in
// ones. watch waits until the group's committed offsets reach the end of the topic, and prints what
// process P has used until then, as one line of JSON like that of bench.bare_loop. The clock runs
// from the first commit seen to the last; the records of that first commit are not counted.
#include <unistd.h>

#include <chrono>
#include <cstdlib>

#include <fmt/core.h>

#include "tests/bench/corpus.h"
#include "tests/bench/curated_names.h"
#include "tests/bench/kafka_tools.h"

namespace telex::bench {
namespace {

using Options = std::map<std::string, std::string>;
constexpr int kWaitMs = 30'000;

std::string option(const Options& options, const std::string& name, std::string_view otherwise) {
  const auto found = options.find(name);
  if (found != options.end()) return found->second;
  if (otherwise.empty()) die(name, "is needed");
  return std::string(otherwise);
}

rd_kafka_t* producer_for(const Options& options) {
  return make_client(RD_KAFKA_PRODUCER, {{"bootstrap.servers", option(options, "bootstrap", "")},
                                         {"acks", "all"},
                                         {"linger.ms", "20"},
                                         {"queue.buffering.max.kbytes", "65536"}});
}

// Until the broker itself knows of a topic that its controller has made.
void wait_until_known(rd_kafka_t* client, const std::string& topic) {
  rd_kafka_topic_t* handle = rd_kafka_topic_new(client, topic.c_str(), nullptr);
  bool known = false;
  for (int tries = 0; tries < 100 && !known; ++tries) {
    if (tries > 0) usleep(50'000);
    const rd_kafka_metadata_t* metadata = nullptr;
    check(topic, rd_kafka_metadata(client, 0, handle, &metadata, kWaitMs));
    known = metadata->topic_cnt == 1 && metadata->topics[0].err == RD_KAFKA_RESP_ERR_NO_ERROR &&
            metadata->topics[0].partition_cnt > 0;
    rd_kafka_metadata_destroy(metadata);
  }
  rd_kafka_topic_destroy(handle);
  if (!known) die(topic, "made, but the broker does not know it");
}

void create(const Options& options) {
  rd_kafka_t* client = producer_for(options);
  char error[512];
  const std::string topic = option(options, "topic", "");
  rd_kafka_NewTopic_t* wanted = rd_kafka_NewTopic_new(
      topic.c_str(), std::atoi(option(options, "partitions", "4").c_str()), 1, error, sizeof error);
  if (wanted == nullptr) die(topic, error);
  rd_kafka_queue_t* queue = rd_kafka_queue_new(client);
  rd_kafka_CreateTopics(client, &wanted, 1, nullptr, queue);
  rd_kafka_event_t* event = rd_kafka_queue_poll(queue, kWaitMs);
  if (event == nullptr) die(topic, "no answer to creating it");
  check(topic, rd_kafka_event_error(event));
  std::size_t count = 0;
  const rd_kafka_topic_result_t** results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count);
  for (std::size_t i = 0; i < count; ++i) check(topic, rd_kafka_topic_result_error(results[i]));
  rd_kafka_event_destroy(event);
  rd_kafka_NewTopic_destroy(wanted);
  rd_kafka_queue_destroy(queue);
  wait_until_known(client, topic);
  rd_kafka_destroy(client);
}

void remove(const Options& options) {
  rd_kafka_t* client = producer_for(options);
  const std::string topic = option(options, "topic", "");
  rd_kafka_DeleteTopic_t* unwanted = rd_kafka_DeleteTopic_new(topic.c_str());
  rd_kafka_queue_t* queue = rd_kafka_queue_new(client);
  rd_kafka_DeleteTopics(client, &unwanted, 1, nullptr, queue);
  rd_kafka_event_t* event = rd_kafka_queue_poll(queue, kWaitMs);
  if (event == nullptr) die(topic, "no answer to deleting it");
  check(topic, rd_kafka_event_error(event));
  rd_kafka_event_destroy(event);
  rd_kafka_DeleteTopic_destroy(unwanted);
  rd_kafka_queue_destroy(queue);
  rd_kafka_destroy(client);
}

void fill(const Options& options) {
  const std::string topic = option(options, "topic", "");
  const std::string tables = option(options, "tables", "none");
  const CorpusNames names = tables == "none" ? CorpusNames::builtin() : curated_names(tables);
  CorpusOptions corpus;
  corpus.seed = static_cast<std::uint64_t>(std::atoll(option(options, "seed", "1").c_str()));
  CorpusGenerator generator(names, corpus);
  rd_kafka_t* client = producer_for(options);
  for (std::int64_t left = std::atoll(option(options, "count", "").c_str()); left > 0; --left) {
    const CorpusArticle article = generator.next();
    produce(client, topic, article.key, article.value);
    rd_kafka_poll(client, 0);
  }
  check("flush", rd_kafka_flush(client, kWaitMs));
  rd_kafka_destroy(client);
}

// The group's committed offsets over all partitions, added up; 0 where there is none.
std::int64_t committed(rd_kafka_t* client, rd_kafka_topic_partition_list_t* partitions) {
  check("committed", rd_kafka_committed(client, partitions, kWaitMs));
  std::int64_t sum = 0;
  for (int i = 0; i < partitions->cnt; ++i) {
    if (partitions->elems[i].offset > 0) sum += partitions->elems[i].offset;
  }
  return sum;
}

void watch(const Options& options) {
  using Clock = std::chrono::steady_clock;
  const std::string topic = option(options, "topic", "");
  const std::int64_t count = std::atoll(option(options, "count", "").c_str());
  const int pid = std::atoi(option(options, "pid", "").c_str());
  rd_kafka_t* client =
      make_client(RD_KAFKA_CONSUMER, {{"bootstrap.servers", option(options, "bootstrap", "")},
                                      {"group.id", option(options, "group", "")}});
  rd_kafka_topic_partition_list_t* partitions = rd_kafka_topic_partition_list_new(8);
  rd_kafka_topic_partition_list_add_range(
      partitions, topic.c_str(), 0, std::atoi(option(options, "partitions", "4").c_str()) - 1);

  const auto give_up =
      Clock::now() + std::chrono::seconds(std::atoi(option(options, "timeout-s", "120").c_str()));
  Clock::time_point begun;
  std::int64_t first = 0;
  for (;;) {
    const std::int64_t now = committed(client, partitions);
    const double cpu = cpu_seconds(pid);
    if (cpu < 0) die("watch", "the process ended before it had read the topic");
    if (first == 0 && now > 0) {
      first = now;
      begun = Clock::now();
    }
    if (now >= count) {
      const double seconds = std::chrono::duration<double>(Clock::now() - begun).count();
      fmt::print(
          "{{\"messages\":{},\"seconds\":{:.3f},\"counted\":{},\"cpu_seconds\":{:.3f},"
          "\"rss_mb\":{:.0f}}}\n",
          now, seconds, now - first, cpu, rss_peak_mb(pid));
      break;
    }
    if (Clock::now() > give_up) die("watch", fmt::format("only {} of {} in time", now, count));
    usleep(20'000);
  }
  rd_kafka_topic_partition_list_destroy(partitions);
  rd_kafka_destroy(client);
}

}  // namespace
}  // namespace telex::bench

int main(int argc, char** argv) {
  using namespace telex::bench;
  const std::string_view command = argc > 1 ? argv[1] : "";
  const Options options = parse_options(argc, argv, 1);
  if (command == "create") {
    create(options);
  } else if (command == "delete") {
    remove(options);
  } else if (command == "fill") {
    fill(options);
  } else if (command == "watch") {
    watch(options);
  } else {
    die("bench.topic", "create, delete, fill or watch");
  }
  return 0;
}
