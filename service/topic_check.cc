#include "service/topic_check.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <thread>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace telex {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLookAgain{100};
constexpr std::int32_t kReplicasWanted = 3;
// Where neither the input nor the lanes say how many.
constexpr std::int32_t kPartitionsDefault = 4;
constexpr std::int64_t kDayMs = 86'400'000;
// Dead letters carry the original and headers of their own.
constexpr std::uint64_t kDeadLetterRoom = 65'536;

const std::string* find(const std::optional<TopicConfig>& config, const char* name) {
  if (!config) return nullptr;
  const auto found = config->find(name);
  return found == config->end() ? nullptr : &found->second;
}

std::optional<std::int64_t> number(const std::optional<TopicConfig>& config, const char* name) {
  const std::string* text = find(config, name);
  std::int64_t value = 0;
  if (text == nullptr) return std::nullopt;
  const auto read = std::from_chars(text->data(), text->data() + text->size(), value);
  if (read.ec != std::errc{} || read.ptr != text->data() + text->size()) return std::nullopt;
  return value;
}

// Every topic that a lane of these settings touches, each once.
std::vector<TopicFacts> topics_of(const KafkaLaneSettings& settings) {
  std::vector<TopicFacts> topics;
  const auto add = [&](const std::string& name, TopicRole role) {
    const bool known = std::any_of(topics.begin(), topics.end(),
                                   [&](const TopicFacts& each) { return each.name == name; });
    if (name.empty() || known) return;
    topics.emplace_back();
    topics.back().name = name;
    topics.back().role = role;
  };
  for (const std::string& name : settings.input_topics) add(name, TopicRole::input);
  add(settings.enriched_topic, TopicRole::enriched);
  add(settings.correction_topic, TopicRole::enriched);
  for (const std::string& name : settings.routes) add(name, TopicRole::enriched);
  add(settings.dead_letter_topic, TopicRole::dead_letter);
  for (const std::string& name : settings.changelogs) add(name, TopicRole::changelog);
  return topics;
}

class Judge {
 public:
  Judge(TopicCheck& check, const KafkaLaneSettings& settings, std::int64_t lanes)
      : check_(check), settings_(settings), lanes_(lanes) {}

  void judge() {
    for (const TopicFacts& topic : check_.topics) {
      if (topic.role == TopicRole::input && topic.info.error.ok()) {
        input_partitions_ = std::max(input_partitions_, topic.info.partition_count);
      }
    }
    RecordLimits limits;
    for (const TopicFacts& topic : check_.topics) {
      if (topic.missing()) {
        plan(topic);
        continue;
      }
      if (!topic.info.error.ok()) {
        error(describe(topic.info.error));
        continue;
      }
      replicas(topic);
      if (!topic.config) {
        warn(fmt::format("the limits of topic {} are not known, and not checked{}{}", topic.name,
                         topic.config_error.empty() ? "" : ": ", topic.config_error));
        continue;
      }
      if (const auto limit = record_limit(*topic.config)) limits[topic.name] = *limit;
      kept(topic);
    }
    for (std::string& problem : size_problems(settings_, limits)) error(std::move(problem));
    for (const auto& [replicas, names] : few_replicas_) {
      warn(
          fmt::format("{} replica(s) of {}: with fewer than three, a broker that is lost for good "
                      "takes records with it",
                      replicas, fmt::join(names, ", ")));
    }
    if (input_partitions_ > 0 && lanes_ > input_partitions_) {
      warn(fmt::format(
          "engine.lanes is {}, and the input has {} partitions: {} lanes of this process "
          "alone would stand idle",
          lanes_, input_partitions_, lanes_ - input_partitions_));
    }
  }

 private:
  void error(std::string text) { check_.findings.push_back({std::move(text), false}); }
  void warn(std::string text) { check_.findings.push_back({std::move(text), true}); }

  void plan(const TopicFacts& topic) {
    if (topic.role == TopicRole::changelog) {
      warn(fmt::format("topic {} (changelog) does not exist; the first lane will make it",
                       topic.name));
    } else {
      error(fmt::format("topic {} ({}) does not exist", topic.name, to_string(topic.role)));
    }
    kafka::NewTopic made;
    made.name = topic.name;
    made.partition_count =
        input_partitions_ > 0
            ? input_partitions_
            : std::max<std::int32_t>(kPartitionsDefault, static_cast<std::int32_t>(lanes_));
    if (topic.role == TopicRole::changelog) made.config["cleanup.policy"] = "compact";
    if (topic.role == TopicRole::dead_letter) {
      made.config["retention.ms"] = "-1";
      std::uint64_t largest = 0;
      for (const TopicFacts& each : check_.topics) {
        if (each.role != TopicRole::input || !each.config) continue;
        largest = std::max(largest, record_limit(*each.config).value_or(0));
      }
      if (largest > 0) made.config["max.message.bytes"] = std::to_string(largest + kDeadLetterRoom);
    }
    check_.to_make.push_back(std::move(made));
  }

  void replicas(const TopicFacts& topic) {
    if (topic.info.replication_factor < kReplicasWanted) {
      few_replicas_[topic.info.replication_factor].push_back(topic.name);
      return;
    }
    const auto in_sync = number(topic.config, "min.insync.replicas");
    if (in_sync && *in_sync < 2) {
      warn(fmt::format(
          "topic {} has min.insync.replicas = {}: what one broker alone has taken counts "
          "as written; set it to 2",
          topic.name, *in_sync));
    }
  }

  // How long records stay, and whether that is long enough.
  void kept(const TopicFacts& topic) {
    const std::string* policy = find(topic.config, "cleanup.policy");
    const bool deletes = policy == nullptr || policy->find("delete") != std::string::npos;
    const bool compacts = policy != nullptr && policy->find("compact") != std::string::npos;
    if (topic.role == TopicRole::changelog) {
      if (deletes || !compacts) {
        error(fmt::format(
            "changelog {} has cleanup.policy = {}: it must be compact, and nothing else, "
            "or state would be deleted",
            topic.name, policy == nullptr ? "delete" : *policy));
      }
      if (input_partitions_ > 0 && topic.info.partition_count != input_partitions_) {
        error(
            fmt::format("changelog {} has {} partitions, and the input has {}: state does not move "
                        "with a changed partition count; begin anew under another store name",
                        topic.name, topic.info.partition_count, input_partitions_));
      }
      return;
    }
    const auto retention = number(topic.config, "retention.ms");
    if (topic.role == TopicRole::dead_letter && deletes && retention && *retention >= 0) {
      warn(
          fmt::format("topic {} deletes dead letters after {:.1f} days, mended or not: set "
                      "retention.ms = -1",
                      topic.name, static_cast<double>(*retention) / kDayMs));
    }
    if (topic.role == TopicRole::input && deletes && retention && *retention >= 0 &&
        *retention < kDayMs) {
      warn(
          fmt::format("topic {} deletes articles after {:.1f} hours: an outage that lasts longer "
                      "loses what was not read",
                      topic.name, static_cast<double>(*retention) / (kDayMs / 24.0)));
    }
    if (topic.role == TopicRole::input && compacts) {
      warn(
          fmt::format("topic {} is compacted: of several versions of an article that come before "
                      "they are read, only the last one may be seen",
                      topic.name));
    }
  }

  TopicCheck& check_;
  const KafkaLaneSettings& settings_;
  const std::int64_t lanes_;
  std::int32_t input_partitions_ = 0;
  std::map<std::int32_t, std::vector<std::string>> few_replicas_;  // Topics by how many they have.
};

}  // namespace

std::string_view to_string(TopicRole role) {
  switch (role) {
    case TopicRole::input:
      return "input";
    case TopicRole::enriched:
      return "enriched";
    case TopicRole::dead_letter:
      return "dead letters";
    case TopicRole::changelog:
      return "changelog";
  }
  return "";
}

bool TopicFacts::missing() const {
  return info.error.code == "UNKNOWN_TOPIC_OR_PART" || info.error.code == "_UNKNOWN_TOPIC";
}

bool TopicCheck::good() const {
  return std::all_of(findings.begin(), findings.end(),
                     [](const TopicFinding& each) { return each.is_warning; });
}

TopicCheck check_topics(kafka::Broker& broker, const KafkaLaneSettings& settings,
                        std::int64_t lanes, milliseconds timeout) {
  std::vector<TopicFacts> topics = topics_of(settings);
  std::vector<std::string> names;
  names.reserve(topics.size());
  for (const TopicFacts& topic : topics) names.push_back(topic.name);
  const std::unique_ptr<kafka::Admin> admin = broker.admin();
  std::vector<kafka::TopicInfo> infos;
  if (const kafka::Error error = admin->topics(names, timeout, infos); !error.ok()) {
    TopicCheck unanswered;
    unanswered.findings.push_back({describe(error), false});
    return unanswered;
  }
  for (TopicFacts& topic : topics) {
    const auto info = std::find_if(infos.begin(), infos.end(), [&](const kafka::TopicInfo& each) {
      return each.name == topic.name;
    });
    if (info != infos.end()) topic.info = *info;
    if (!topic.info.error.ok()) continue;
    TopicConfig config;
    const kafka::Error refused = admin->topic_config(topic.name, timeout, config);
    if (refused.ok()) {
      topic.config = std::move(config);
    } else {
      topic.config_error = describe(refused);
    }
  }
  return judge_topics(std::move(topics), settings, lanes);
}

TopicCheck judge_topics(std::vector<TopicFacts> topics, const KafkaLaneSettings& settings,
                        std::int64_t lanes) {
  TopicCheck check;
  check.topics = std::move(topics);
  Judge(check, settings, lanes).judge();
  return check;
}

std::string make_topics(kafka::Broker& broker, std::span<const kafka::NewTopic> to_make,
                        milliseconds timeout) {
  const std::unique_ptr<kafka::Admin> admin = broker.admin();
  std::vector<std::string> names;
  for (const kafka::NewTopic& topic : to_make) {
    const kafka::Error error = admin->create_topics({&topic, 1}, timeout);
    if (!error.ok() && error.code != "TOPIC_ALREADY_EXISTS") return describe(error);
    names.push_back(topic.name);
  }
  // A topic is there a moment before all brokers know it.
  const auto end = std::chrono::steady_clock::now() + timeout;
  while (true) {
    std::vector<kafka::TopicInfo> infos;
    const kafka::Error error = admin->topics(names, timeout, infos);
    if (!error.ok()) return describe(error);
    const auto unknown =
        std::find_if(infos.begin(), infos.end(), [](const auto& each) { return !each.error.ok(); });
    if (unknown == infos.end()) return "";
    if (std::chrono::steady_clock::now() >= end) return describe(unknown->error);
    std::this_thread::sleep_for(kLookAgain);
  }
}

}  // namespace telex
