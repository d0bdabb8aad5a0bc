// Wire: one configuration, running: broker, lanes, metrics and admin server put together.
// `telex run` and the demo are both this.
//
// Threads: lanes have threads of their own; all calls here may come from any thread.
// Ownership: owns everything it starts; the destructor drains nothing, it aborts what still runs.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "kafka/client.h"
#include "service/admin/server.h"
#include "service/config.h"
#include "service/engine.h"
#include "service/kafka_ports.h"
#include "service/metrics.h"

namespace telex {

class Wire {
 public:
  // nullptr, and why in `error`, if the pack, the rules or the admin address cannot be had.
  static std::unique_ptr<Wire> start(const Config& config, std::string& error);
  ~Wire();

  Engine& engine() { return *engine_; }
  kafka::Broker& broker() { return *broker_; }
  const Generation& generation() const { return *generation_; }
  // Empty where there is none.
  std::string admin_address() const;
  // Brings gauges (lag, lanes, generation) up to date; a second apart is often enough.
  void refresh_metrics();

  // What the admin server answers.
  HealthAnswer live() const;
  HealthAnswer ready() const;
  std::string status() const;

 private:
  class Observer;
  Wire();

  Config config_;
  std::shared_ptr<const Generation> generation_;
  std::unique_ptr<Metrics> metrics_;
  std::shared_ptr<kafka::Broker> broker_;
  std::vector<std::unique_ptr<Observer>> observers_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<AdminServer> admin_;
};

// How lanes of this configuration read from and write to Kafka.
KafkaLaneSettings lane_settings(const Config& config, std::int64_t lane);

}  // namespace telex
