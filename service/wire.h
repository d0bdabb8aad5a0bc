// Wire: one configuration, running: broker, lanes, metrics and admin server put together.
// `telex run` and the demo are both this.
//
// Threads: lanes have threads of their own; all calls here may come from any thread.
// Ownership: owns everything it starts; the destructor drains nothing, it aborts what still runs.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "kafka/client.h"
#include "service/admin/server.h"
#include "service/config.h"
#include "service/engine.h"
#include "service/kafka_ports.h"
#include "service/metrics.h"
#include "service/monitor/lag_watch.h"
#include "service/reload.h"

namespace telex {

struct ReloadReport {
  ReloadOutcome outcome = ReloadOutcome::applied;
  std::string message;
  std::uint64_t generation = 0;  // In force after it.
  UnixMillis at = kNoTimestamp;  // When it was over; kNoTimestamp: there was none yet.
};

class Wire {
 public:
  // nullptr, and why in `error`, if the pack, the rules or the admin address cannot be had.
  static std::unique_ptr<Wire> start(const Config& config, std::string& error);
  ~Wire();

  Engine& engine() { return *engine_; }
  kafka::Broker& broker() { return *broker_; }
  // What is in force: lanes take it with their next transaction.
  std::shared_ptr<const Generation> generation() const;

  // Reads the configuration file again and, if all of it is good, publishes a new generation; else
  // everything stays as it is. Lanes go on meanwhile. One at a time; a second caller waits.
  ReloadReport reload();
  // Empty where there is none.
  std::string admin_address() const;
  // Brings gauges (lag, lanes, generation) up to date; a second apart is often enough.
  void refresh_metrics();

  // What the admin server answers.
  HealthAnswer live() const;
  HealthAnswer ready() const;
  std::string status() const;
  // How the wire is, in one sentence: "ready: 60,720 articles in, 17 behind".
  std::string sentence() const;

 private:
  class Observer;
  Wire();

  // Immutable; a reload replaces it as a whole.
  struct InForce {
    Config config;
    std::shared_ptr<const Generation> generation;
  };
  std::shared_ptr<const InForce> in_force() const;
  void put_in_force(InForce next);

  std::mutex reloading_;          // Held by whoever reloads.
  mutable std::mutex lag_mutex_;  // Of lag_.
  LagWatch lag_;
  mutable std::mutex mutex_;  // Of the two that follow.
  std::shared_ptr<const InForce> in_force_;
  ReloadReport last_reload_;
  std::unique_ptr<Metrics> metrics_;
  std::shared_ptr<kafka::Broker> broker_;
  std::vector<std::unique_ptr<Observer>> observers_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<AdminServer> admin_;
};

// How lanes of this configuration read from and write to Kafka.
KafkaLaneSettings lane_settings(const Config& config, std::int64_t lane);

}  // namespace telex
