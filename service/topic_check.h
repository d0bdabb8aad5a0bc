// Whether the topics of a configuration are there and are what telex needs, asked of the brokers
// before anything runs; and what would have to be made.
//
// Only looks, and only make_topics() makes anything. Reads no record, joins no group, opens no
// transaction: it may be run beside a service of the same name. Rights to write are therefore not
// tried out.
//
// Threads: none inside. Limits: `timeout` for each question. Errors: findings, each a sentence that
// says what to do.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kafka/client.h"
#include "kafka/errors.h"
#include "service/kafka_ports.h"
#include "service/topic_limits.h"

namespace telex {

enum class TopicRole : std::uint8_t { input, enriched, dead_letter, changelog };
std::string_view to_string(TopicRole role);

// What the brokers say of a topic.
struct TopicFacts {
  std::string name;
  TopicRole role = TopicRole::input;
  kafka::TopicInfo info;              // info.error: not there, or not to be asked.
  std::optional<TopicConfig> config;  // nullopt: not known, see config_error.
  std::string config_error;
  // The broker says that there is no such topic.
  bool missing() const;
};

struct TopicFinding {
  std::string text;
  bool is_warning = false;  // It runs, and yet.
};

struct TopicCheck {
  std::vector<TopicFacts> topics;
  std::vector<TopicFinding> findings;
  // What is missing, as it should be made. Changelogs are among them, though a lane would make
  // them.
  std::vector<kafka::NewTopic> to_make;
  bool good() const;  // No finding but warnings.
};

// Asks. An empty `topics` with one finding: the brokers did not answer.
TopicCheck check_topics(kafka::Broker& broker, const KafkaLaneSettings& settings,
                        std::int64_t lanes, std::chrono::milliseconds timeout);

// Judges what is known; check_topics() without the asking.
TopicCheck judge_topics(std::vector<TopicFacts> topics, const KafkaLaneSettings& settings,
                        std::int64_t lanes);

// Makes `to_make`, one after the other. Empty: all are there now (one that somebody else made
// meanwhile is). Else why not; what was made before stays.
std::string make_topics(kafka::Broker& broker, std::span<const kafka::NewTopic> to_make,
                        std::chrono::milliseconds timeout);

}  // namespace telex
