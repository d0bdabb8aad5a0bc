// The in-process cluster: librdkafka's mock brokers, for trying telex out without Kafka.
//
// It lives inside the process that started it and is gone with it. It is at-least-once: it accepts
// transactional calls but holds no record back and takes none out again. It keeps at most the
// latest 5 MiB a partition (librdkafka 2.0.2), so it is for samples, not for archives.
//
// Ownership: shared; the last user ends it. One a process: every start() while one lives gives
// that. Threads:   start() and create_topic() from any thread.
#pragma once

#include <memory>
#include <string>

#include "kafka/errors.h"

namespace telex::kafka {

inline constexpr std::string_view kEmbedded = "embedded";  // As bootstrap.servers.

class EmbeddedCluster {
 public:
  // Throws std::runtime_error when the machine has no port left.
  static std::shared_ptr<EmbeddedCluster> start();
  virtual ~EmbeddedCluster() = default;
  virtual std::string bootstrap_servers() const = 0;
  virtual Error create_topic(const std::string& name, int partition_count) = 0;
};

}  // namespace telex::kafka
