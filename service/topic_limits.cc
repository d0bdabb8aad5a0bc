#include "service/topic_limits.h"

#include <algorithm>
#include <charconv>
#include <chrono>

#include "schemas/claim_check.h"

namespace telex {
namespace {

using std::chrono::milliseconds;

// Kafka's default of message.max.bytes: what a topic is taken for that does not let itself be
// asked.
constexpr std::uint64_t kRecordBytesDefault = 1'048'588;
// A broker closes the connection on a request above socket.request.max.bytes, by default 100 MiB,
// whatever its topics take.
constexpr std::uint64_t kRequestBytesMax = 100'000'000;

// What the client's own queue takes at all; librdkafka counts in KiB.
std::uint64_t queue_bytes(const KafkaLaneSettings& settings) {
  return std::uint64_t{settings.in_flight_bytes >> 10U} << 10U;
}

// 0: not there, or no number.
std::int64_t read_limit(const TopicConfig& config, const char* name) {
  const auto found = config.find(name);
  if (found == config.end()) return 0;
  std::int64_t value = 0;
  const std::string& text = found->second;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool good = read.ec == std::errc{} && read.ptr == text.data() + text.size() && value >= 0;
  return good ? value : 0;
}

}  // namespace

TimestampLimits timestamp_limits(const TopicConfig& topic_config) {
  // Kafka 3.6 split message.timestamp.difference.max.ms into the two (KIP-937).
  TimestampLimits limits;
  const milliseconds both{read_limit(topic_config, "message.timestamp.difference.max.ms")};
  limits.past_max = milliseconds{read_limit(topic_config, "message.timestamp.before.max.ms")};
  limits.future_max = milliseconds{read_limit(topic_config, "message.timestamp.after.max.ms")};
  if (limits.past_max.count() == 0) limits.past_max = both;
  if (limits.future_max.count() == 0) limits.future_max = both;
  return limits;
}

std::optional<std::uint64_t> record_limit(const TopicConfig& topic_config) {
  const auto found = topic_config.find("max.message.bytes");
  if (found == topic_config.end()) return std::nullopt;
  const auto limit = static_cast<std::uint64_t>(read_limit(topic_config, "max.message.bytes"));
  const auto compression = topic_config.find("compression.type");
  const bool as_sent = compression == topic_config.end() || compression->second == "producer" ||
                       compression->second == "uncompressed";
  if (as_sent) return limit;
  // What does not compress grows by a header and the frames of its blocks: 5 bytes in 16 KiB
  // (deflate) is the most of the four. This is six times that, and a header.
  const std::uint64_t kept_back = limit / 512 + 128;
  return limit > kept_back ? limit - kept_back : 0;
}

std::vector<std::string> size_problems(const KafkaLaneSettings& settings,
                                       const RecordLimits& limits) {
  std::vector<std::string> problems;
  const auto limit_of = [&](const std::string& topic) -> std::optional<std::uint64_t> {
    const auto found = limits.find(topic);
    if (topic.empty() || found == limits.end()) return std::nullopt;
    return found->second;
  };
  const auto bytes = [](std::uint64_t count) { return std::to_string(count); };
  std::vector<std::string> enriched{settings.enriched_topic, settings.correction_topic};
  enriched.insert(enriched.end(), settings.routes.begin(), settings.routes.end());
  for (const std::string& topic : enriched) {
    const auto limit = limit_of(topic);
    if (!limit || settings.record_bytes_max <= *limit) continue;
    problems.push_back("output.record_bytes_max is " + bytes(settings.record_bytes_max) +
                       ", and topic " + topic + " takes records of at most " + bytes(*limit) +
                       " bytes: lower the setting to " + bytes(*limit) +
                       ", or raise max.message.bytes of the topic");
  }
  if (settings.record_bytes_max > queue_bytes(settings)) {
    problems.push_back("output.record_bytes_max is " + bytes(settings.record_bytes_max) +
                       ", and engine.produce_bytes is " + bytes(settings.in_flight_bytes) +
                       ": raise engine.produce_bytes, or a record of that size can never be sent");
  }
  const auto dead = limit_of(settings.dead_letter_topic);
  if (dead && *dead < kClaimRecordBytesMax) {
    problems.push_back("topic " + settings.dead_letter_topic + " takes records of at most " +
                       bytes(*dead) + " bytes, and dead letters need " +
                       bytes(kClaimRecordBytesMax) + ": raise max.message.bytes of the topic");
  }
  for (const std::string& topic : settings.input_topics) {
    const auto limit = limit_of(topic);
    if (!limit || settings.batch_bytes == 0 || *limit <= settings.batch_bytes) continue;
    problems.push_back("topic " + topic + " may hold records of up to " + bytes(*limit) +
                       " bytes, and engine.batch_bytes is " + bytes(settings.batch_bytes) +
                       ": a lane would stop at a larger one; raise engine.batch_bytes to " +
                       bytes(*limit) + ", or lower max.message.bytes of the topic");
  }
  return problems;
}

RecordLimits usable_limits(const KafkaLaneSettings& settings, const RecordLimits& known,
                           std::span<const std::string> outputs) {
  RecordLimits usable;
  const std::uint64_t most = std::min(queue_bytes(settings), kRequestBytesMax);
  for (const std::string& name : outputs) {
    const auto limit = known.find(name);
    if (limit != known.end()) {
      usable[name] = std::min(limit->second, most);
    } else if (name == settings.dead_letter_topic) {
      usable[name] = std::min(kRecordBytesDefault, most);
    }
  }
  return usable;
}

void set_sizes(const RecordLimits& usable, kafka::ProducerSettings& producer) {
  if (usable.empty()) {
    producer.record_bytes_max = kRequestBytesMax;
    return;
  }
  producer.record_bytes_max = std::max(producer.record_bytes_max, kRecordBytesDefault);
  producer.batch_bytes_max = kRecordBytesDefault;
  for (const auto& [topic, limit] : usable) {
    producer.record_bytes_max = std::max(producer.record_bytes_max, limit);
    producer.batch_bytes_max = std::min(producer.batch_bytes_max, limit);
  }
}

}  // namespace telex
