// A read_committed reader that runs all along, beside the workers: what it saw must be what is
// there in the end. Also the clock of recovery: it notes when each article became visible.
//
// Threads: reads on one of its own; the other calls from any.
// Limits: keeps every record's identity in memory.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/fault/checker.h"
#include "tests/integration/real_kafka.h"

namespace telex::fault {

using SteadyTime = std::chrono::steady_clock::time_point;

// How a record becomes what the checker wants to know; as_seen() unless a scenario knows better.
using Reader = std::function<SeenRecord(Outlet outlet, const kafka::ConsumerRecord& record)>;
SeenRecord as_seen(Outlet outlet, const kafka::ConsumerRecord& record);

class Witness {
 public:
  // Reads both topics from their beginning. Errors of the broker are waited out.
  Witness(testing::RealKafka& kafka, const std::string& output, const std::string& dead_letters,
          Reader read = as_seen);
  ~Witness();
  Witness(const Witness&) = delete;
  Witness& operator=(const Witness&) = delete;

  std::uint64_t count() const { return count_; }
  // When an article was first visible.
  std::map<ArticleId, SteadyTime> arrivals() const;
  // Reads until it has everything below these ends (outlet, partition → end), then stops. False if
  // that takes longer than `limit`.
  bool finish(const std::map<std::pair<Outlet, std::int32_t>, std::int64_t>& ends,
              std::chrono::milliseconds limit);
  // REQUIRES: finish() was called.
  const std::vector<SeenRecord>& records() const { return records_; }

 private:
  void run();
  void stop();

  std::string output_;
  Reader read_;
  std::unique_ptr<kafka::Consumer> consumer_;
  std::vector<TopicPartition> partitions_;
  mutable std::mutex mutex_;  // Of the next three.
  std::vector<SeenRecord> records_;
  std::map<ArticleId, SteadyTime> arrivals_;
  std::map<std::pair<Outlet, std::int32_t>, std::int64_t> next_;
  std::atomic<std::uint64_t> count_{0};
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace telex::fault
