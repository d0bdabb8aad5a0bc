// The processes under test: `telex run`, a bare lane, and the peers they are measured against, all
// reading one topic and writing another.
//
// Threads: one, but for Health. Errors: std::runtime_error when one cannot be started.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/fault/process.h"

namespace telex::fault {

enum class Subject : std::uint8_t {
  telex,                // telex run, no pack, no rules.
  lane,                 // The engine with a pass-through pipeline (lane_runner).
  stock_transactions,   // librdkafka's transactional loop as its example has it (stock_loop).
  stock_at_least_once,  // The bare loop without transactions (stock_loop).
  java_copier,          // Kafka's own TransactionalMessageCopier.
};
std::string to_string(Subject subject);
// Throws for a name that is none.
Subject parse_subject(const std::string& name);
// Has dead letters, admin server, exit codes: is ours.
inline bool is_ours(Subject subject) {
  return subject == Subject::telex || subject == Subject::lane;
}

// Where the programs are.
struct Tools {
  std::string telex;
  std::string lane_runner;
  std::string stock_loop;
  std::string java;        // Empty: no java_copier.
  std::string class_path;  // Of the copier.
};

struct Names {
  std::string input;
  std::string output;
  std::string dead_letters;
  std::string group;
};

// Times are scaled down from the defaults, so that a test need not wait for them.
struct WorkerPlan {
  Subject subject = Subject::telex;
  std::string instance = "a";  // Decides the transactional id and the static member's name.
  std::string bootstrap;
  std::string fault;  // TELEX_FAULT; ours only.
  int session_timeout_ms = 10'000;
  // Long: that a restart need not wait for it is what some tests are about.
  int transaction_timeout_ms = 60'000;
  int commit_interval_ms = 100;
  int commit_records = 250;
  int partitions = 4;  // Of the input; the copier has to be told.
  std::map<std::string, std::string> kafka_properties;
  std::string source;    // input.source, which a reload may change.
  std::string settings;  // More lines for telex.toml, under [output].
};

class Worker {
 public:
  // Its configuration and log are files in `folder`; `nth` keeps those of several starts apart.
  Worker(const Tools& tools, const Names& names, WorkerPlan plan, const std::string& folder,
         int nth);

  Process& process() { return *process_; }
  const WorkerPlan& plan() const { return plan_; }
  std::string log() const;
  bool log_has(const std::string& text) const { return log().find(text) != std::string::npos; }
  // Writes its configuration file anew, by rename, as of this plan; or as it is given, readable or
  // not. For a SIGHUP to come.
  void configure(const WorkerPlan& plan) const;
  void configure_raw(const std::string& text) const;
  // host:port of telex's admin server; empty while it has not said so.
  std::string admin() const;
  // HTTP status of an admin path, 0 without an answer within 2 s.
  int status_of(const std::string& path) const;
  // Sum of a metric over its labels, or over those rows that have `label` (`name="value"`); -1
  // without an answer.
  double metric(const std::string& name, const std::string& label = {}) const;

 private:
  WorkerPlan plan_;
  Names names_;
  std::string config_path_;
  std::string log_path_;
  std::unique_ptr<Process> process_;
  mutable std::string admin_;
};

// Asks a worker every 100 ms, from a thread of its own, whether it is alive and ready.
class Health {
 public:
  explicit Health(const Worker& worker);
  ~Health();
  Health(const Health&) = delete;
  Health& operator=(const Health&) = delete;

  std::uint64_t live() const { return live_; }          // Answers 200 of /livez,
  std::uint64_t not_live() const { return not_live_; }  // and others, or none.
  std::uint64_t ready() const { return ready_; }
  std::uint64_t not_ready() const { return not_ready_; }

 private:
  std::atomic<std::uint64_t> live_{0};
  std::atomic<std::uint64_t> not_live_{0};
  std::atomic<std::uint64_t> ready_{0};
  std::atomic<std::uint64_t> not_ready_{0};
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace telex::fault
