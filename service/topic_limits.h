// Limits of topics, and what they mean for a lane: what its settings may be, which records its sink
// must not send, and what its client is told.
//
// All limits of records are of a batch that holds one record (schemas/record_bytes.h), which is
// what max.message.bytes bounds. Threads: none inside. Errors: sentences for people.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kafka/client.h"
#include "service/kafka_ports.h"
#include "sink/kafka_sink.h"

namespace telex {

using TopicConfig = std::map<std::string, std::string>;                  // As Kafka gives it.
using RecordLimits = std::map<std::string, std::uint64_t, std::less<>>;  // By topic.

// The limits that a topic's configuration sets for timestamps.
TimestampLimits timestamp_limits(const TopicConfig& topic_config);

// The largest record that a topic of this configuration takes; nullopt: it does not say. Where the
// broker compresses anew, what does not compress may grow a little, so a little is kept back.
std::optional<std::uint64_t> record_limit(const TopicConfig& topic_config);

// What of the settings does not go together with the topics' limits as far as they are known: one
// sentence each, with both numbers and what to do.
std::vector<std::string> size_problems(const KafkaLaneSettings& settings,
                                       const RecordLimits& limits);

// What the sink must keep to for its output topics: the topics' limits, and what else a record has
// to get through (the client's queue, a request). A dead-letter topic whose limit is not known is
// taken for one with Kafka's default.
RecordLimits usable_limits(const KafkaLaneSettings& settings, const RecordLimits& known,
                           std::span<const std::string> outputs);

// What the producer of such a sink is told; a larger record_bytes_max that it has already stays. No
// limits at all: the in-process cluster, which has none.
void set_sizes(const RecordLimits& usable, kafka::ProducerSettings& producer);

}  // namespace telex
