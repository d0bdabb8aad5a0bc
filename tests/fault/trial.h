// A trial: one iteration of one scenario, with topics, group, articles, workers and readers of its
// own, and in the end an Outcome.
//
// Threads: one (the main thread, for it starts processes); feeding and reading run on their own.
// Errors: std::runtime_error when the world of the test itself fails; what is wrong with a subject
//         is a finding or a complaint.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "tests/fault/checker.h"
#include "tests/fault/witness.h"
#include "tests/fault/worker.h"
#include "tests/integration/real_kafka.h"

namespace telex::fault {

// What a trial found. Times in milliseconds; -1: not measured.
struct Outcome {
  std::string scenario;
  std::string variant;  // Which of the scenario's ways it took.
  std::string subject;
  std::uint64_t iteration = 0;
  std::uint64_t seed = 0;
  Findings findings;
  std::uint64_t faults = 0;       // Kills, stops, cuts ... that were done.
  std::int64_t recovery_ms = -1;  // Longest from a mark_recovery() to the last article behind it.
  std::int64_t took_ms = 0;
  std::vector<std::string> complaints;        // What else was not as it must be.
  std::map<std::string, std::int64_t> facts;  // Counts worth a look.
  bool passed() const { return findings.exact() && complaints.empty(); }
  std::string json() const;  // One line.
};

struct TrialOptions {
  std::string scenario;
  Subject subject = Subject::telex;
  std::uint64_t iteration = 0;
  std::uint64_t seed = 1;
  std::uint64_t records = 4000;
  std::string folder;  // For files of this trial; exists.
  Tools tools;
};

struct TopicSetup {
  int partitions = 4;
  std::map<std::string, std::string> output_config;
  std::map<std::string, std::string> input_config;
  std::map<std::string, std::string> dead_letter_config;
  int broken_percent = 2;  // Articles that are no JSON; ours only.
  bool witness = true;
  Reader read = as_seen;
};

class Trial {
 public:
  Trial(testing::RealKafka& kafka, TrialOptions options, TopicSetup setup = {});
  ~Trial();
  Trial(const Trial&) = delete;
  Trial& operator=(const Trial&) = delete;

  const TrialOptions& options() const { return options_; }
  const Names& names() const { return names_; }
  const TopicSetup& setup() const { return setup_; }
  testing::RealKafka& kafka() { return kafka_; }
  Outcome& outcome() { return outcome_; }
  Checker& checker() { return checker_; }
  bool ours() const { return is_ours(options_.subject); }

  // Uniform in [low, high], by the seed.
  std::int64_t random(std::int64_t low, std::int64_t high);
  std::chrono::milliseconds random_ms(std::int64_t low, std::int64_t high) {
    return std::chrono::milliseconds{random(low, high)};
  }

  // A plan with the trial's subject and broker filled in.
  WorkerPlan plan(const std::string& instance) const;
  Worker& start(const WorkerPlan& plan);
  // SIGTERM, and complains unless it exits 0 within the drain budget. Forgets it either way.
  void drain(Worker& worker);
  // Kills it if need be, and forgets it.
  void drop(Worker& worker);
  std::vector<std::unique_ptr<Worker>>& workers() { return workers_; }
  // Looks after them as a service manager would: one that ended by itself is a complaint if it is
  // ours, and is started again in any case. Called while the trial waits for something.
  void tend();
  // From here on workers may end by themselves with code 1 and a sentence, as they must when the
  // set-up is wrong.
  void allow_exits(bool allowed) { exits_allowed_ = allowed; }

  // Sends `count` articles, all of them acknowledged when it returns; `seq` goes on from before.
  void feed(std::uint64_t count, std::size_t text_bytes = 300);
  // A record of one's own: `value` as it is, due where it says.
  ArticleId feed_record(std::int32_t partition, Due due, const std::string& key,
                        const std::string& value);
  // The article that feed_record() would send next in this partition.
  ArticleId next_id(std::int32_t partition) const {
    return {static_cast<std::uint32_t>(partition), next_seq_[static_cast<std::size_t>(partition)]};
  }
  // Sends the trial's records at this rate, in the background.
  void start_feeding(std::uint64_t records, double per_second);
  bool feeding() const { return feeding_; }
  std::uint64_t fed() const;

  // Waits for the readers to have seen this many records more than at the call.
  bool wait_visible(std::uint64_t more, std::chrono::milliseconds limit);
  Witness& witness() { return *witness_; }

  // From now to the visibility of the last article that was fed before now.
  void mark_recovery() { marks_.push_back(std::chrono::steady_clock::now()); }
  // Complains about a longer recovery. For orders of magnitude: the machine may be busy.
  void expect_recovery_within(std::chrono::milliseconds limit) { recovery_max_ = limit; }
  void fault_done() { ++outcome_.faults; }
  // The sentence and the tail of the log tell it all.
  void complain(const std::string& sentence, const Worker* worker = nullptr);

  // True once the group's positions are behind everything that was fed.
  bool settled();
  bool wait_settled(std::chrono::milliseconds limit);
  // Counts what these outlets hold now; for who takes a topic away. REQUIRES: settled, no witness.
  void read_outlets(std::vector<Outlet> which);
  // Everything fed and settled, workers drained, all read and counted.
  Outcome finish(std::chrono::milliseconds limit = std::chrono::seconds{60});

 private:
  struct Fed {
    ArticleId id;
    SteadyTime at;
  };
  void send_filler();
  void send(std::uint64_t count, double per_second, std::size_t text_bytes);
  void produce_article(ArticleId id, std::size_t text_bytes, bool again);
  void serve_feed(std::chrono::milliseconds time);
  void finish_feeding(std::size_t text_bytes);
  void sent(ArticleId id, Due due, const std::string& value);
  void wait_stable(const std::string& topic);
  void await_drained(Worker& worker, SteadyTime asked);
  void check_group();
  void measure_recovery();

  testing::RealKafka& kafka_;
  TrialOptions options_;
  TopicSetup setup_;
  Names names_;
  std::mt19937_64 random_;
  Outcome outcome_;
  SteadyTime begun_;
  std::vector<SteadyTime> marks_;
  std::chrono::milliseconds recovery_max_{0};
  std::unique_ptr<Witness> witness_;
  std::vector<std::unique_ptr<Worker>> workers_;
  int started_ = 0;
  bool exits_allowed_ = false;
  SteadyTime filled_;

  std::unique_ptr<kafka::Producer> producer_;   // Of the feeding thread while that runs.
  std::unique_ptr<kafka::Consumer> positions_;  // Asks for the group's.
  std::vector<TopicPartition> inputs_;
  mutable std::mutex mutex_;  // Of checker_, next_seq_ and fed_ while feeding.
  Checker checker_;
  std::vector<std::uint64_t> next_seq_;  // By source.
  std::vector<Fed> fed_;
  std::atomic<bool> feeding_{false};
  std::atomic<bool> stop_feeding_{false};
  kafka::Error feed_error_;   // Of the feeding thread.
  std::string feed_failure_;  // Read after the thread has ended.
  std::thread feeder_;
};

}  // namespace telex::fault
