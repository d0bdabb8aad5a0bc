// The ports of a lane that reads from Kafka and writes to Kafka, put together by hand.
//
// Threads: what it returns is used by one lane. Errors: values, see LanePorts.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/bounded_source.h"
#include "kafka/client.h"
#include "process/clock.h"
#include "service/fault.h"
#include "service/lane.h"
#include "sink/kafka_sink.h"

namespace telex {

struct KafkaLaneSettings {
  std::string name = "telex.wire.host-0.0";  // app.pipeline.instance.lane: its transactional.id.
  std::string group;
  bool static_member = true;  // group.instance.id = name.
  std::vector<std::string> input_topics;
  // Not null: the lane reads no further than this, and ends. It holds the partitions named there
  // without joining the group, so `name` alone shuts out whoever else does the same.
  // REQUIRES exactly_once.
  std::shared_ptr<ReadBounds> bounds;
  kafka::StartPolicy start = kafka::StartPolicy::earliest;
  Delivery delivery = Delivery::exactly_once;
  std::string enriched_topic;
  std::string dead_letter_topic;
  std::string correction_topic;
  std::vector<std::string> routes;
  std::vector<std::string> changelogs;  // Of LaneOptions::stores, in their order. Made if missing.
  std::uint32_t prefetch_bytes = 64U << 20;
  std::uint32_t in_flight_bytes = 32U << 20;
  std::chrono::milliseconds session_timeout{45'000};
  std::chrono::milliseconds transaction_timeout{40'000};
  std::chrono::milliseconds open_limit{5'000};  // For one try to get ready; the lane tries again.
  // What the lane was told about sizes, to be checked against the topics; 0: not checked.
  std::uint64_t record_bytes_max = 0;  // output.record_bytes_max.
  std::uint64_t batch_bytes = 0;       // engine.batch_bytes.
  // For dead letters that their topic cannot hold.
  std::optional<SpoolOptions> spool;
  std::string instance;  // Of this process; for claim checks.
};

// On the in-process cluster delivery becomes at_least_once, whatever the settings say.
LanePorts kafka_lane_ports(std::shared_ptr<kafka::Broker> broker, KafkaLaneSettings settings,
                           const Clock& clock = system_clock(), FaultPlan* faults = nullptr);

}  // namespace telex
