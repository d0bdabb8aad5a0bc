#include "service/kafka_ports.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include "ingest/kafka_changelog.h"
#include "ingest/kafka_source.h"
#include "service/topic_limits.h"

namespace telex {
namespace {

using std::chrono::milliseconds;

std::vector<std::string> output_topics(const KafkaLaneSettings& settings) {
  std::vector<std::string> topics;
  for (const std::string* each :
       {&settings.enriched_topic, &settings.dead_letter_topic, &settings.correction_topic}) {
    if (!each->empty()) topics.push_back(*each);
  }
  topics.insert(topics.end(), settings.routes.begin(), settings.routes.end());
  topics.insert(topics.end(), settings.changelogs.begin(), settings.changelogs.end());
  return topics;
}

constexpr std::chrono::seconds kTopicGrace{3};

// Whether asking again may help.
bool passes(const kafka::Error& error) {
  return error.cls == kafka::ErrorClass::retriable && error.cause == kafka::ErrorCause::world;
}

std::string host_name() {
  std::array<char, 256> host{};
  return gethostname(host.data(), host.size() - 1) == 0 ? host.data() : "";
}

// One lane's connection to Kafka, from incarnation to incarnation.
class KafkaPorts {
 public:
  KafkaPorts(std::shared_ptr<kafka::Broker> broker, KafkaLaneSettings settings, const Clock& clock,
             FaultPlan* faults)
      : broker_(std::move(broker)), settings_(std::move(settings)), clock_(clock), faults_(faults) {
    if (broker_->at_least_once_only()) settings_.delivery = Delivery::at_least_once;
  }

  std::unique_ptr<Source> make_source(std::string& error) {
    kafka::ConsumerSettings consumer;
    consumer.group_id = settings_.group;
    if (settings_.static_member && settings_.bounds == nullptr)
      consumer.group_instance_id = settings_.name;
    consumer.session_timeout = settings_.session_timeout;
    consumer.prefetch_bytes = settings_.prefetch_bytes;
    consumer.tell_ends = settings_.bounds != nullptr;
    KafkaSourceOptions options;
    options.topics = settings_.input_topics;
    options.start = settings_.start;
    if (settings_.bounds != nullptr) options.partitions = settings_.bounds->partitions();
    try {
      auto source = std::make_unique<KafkaSource>(broker_->consumer(consumer), options, clock_);
      source_ = source.get();
      if (settings_.bounds == nullptr) return source;
      return std::make_unique<BoundedSource>(std::move(source), settings_.bounds);
    } catch (const std::runtime_error& failure) {
      error = failure.what();
      return nullptr;
    }
  }

  SinkResult make_sink(std::unique_ptr<Sink>& sink) {
    if (!topics_known_) {
      SinkResult looked = look_at_topics();
      if (!looked.ok()) return looked;
    }
    if (opening_ == nullptr) {
      try {
        opening_ = new_sink();
      } catch (const std::runtime_error& failure) {
        return {SinkStatus::fatal, failure.what(), FaultCause::setup};
      }
    }
    SinkResult result = opening_->open(settings_.open_limit);
    if (result.ok()) {
      sink = std::move(opening_);
    } else if (result.status != SinkStatus::transient) {
      opening_.reset();  // A transient one goes on where it stopped.
    }
    return result;
  }

  // REQUIRES: the source that was made last is still there.
  std::optional<Positions> committed(std::span<const TopicPartition> partitions,
                                     std::string& error) {
    return source_->committed(partitions, error);
  }
  std::optional<std::int64_t> lag(const TopicPartition& partition, Offset next) {
    return source_->lag(partition, next);
  }
  std::unique_ptr<ChangelogReader> make_changelog_reader(std::vector<ChangelogShard> shards,
                                                         std::string& error) {
    try {
      return std::make_unique<KafkaChangelog>(*broker_, settings_.changelogs, std::move(shards),
                                              settings_.open_limit, clock_);
    } catch (const std::runtime_error& failure) {
      error = failure.what();
      return nullptr;
    }
  }

 private:
  std::unique_ptr<KafkaSink> new_sink() {
    kafka::ProducerSettings producer;
    if (settings_.delivery == Delivery::exactly_once) producer.transactional_id = settings_.name;
    producer.in_flight_bytes = settings_.in_flight_bytes;
    producer.transaction_timeout = settings_.transaction_timeout;
    producer.record_bytes_max = settings_.record_bytes_max;
    set_sizes(record_limits_, producer);
    KafkaSinkOptions options;
    options.delivery = settings_.delivery;
    options.enriched_topic = settings_.enriched_topic;
    options.dead_letter_topic = settings_.dead_letter_topic;
    options.correction_topic = settings_.correction_topic;
    options.routes = settings_.routes;
    options.changelogs = settings_.changelogs;
    options.timestamp_limits = timestamp_limits_;
    options.record_limits = record_limits_;
    options.spool = settings_.spool;
    options.host = host_name();
    options.instance = settings_.instance;
    options.on_refused = [this] { topics_known_ = false; };
    options.commit_offsets = [this](const Positions& next, milliseconds limit) {
      return source_->commit_offsets(next, limit);
    };
    if (faults_ != nullptr) {
      options.after_send_offsets = [this] { faults_->hit(FaultPoint::after_send_offsets); };
    }
    return std::make_unique<KafkaSink>(broker_->producer(producer), std::move(options), clock_);
  }

  // Before the first sink, and again when a broker refused a record: a topic that is missing is
  // said now, not half a minute after its first record; and what records and timestamps it takes.
  SinkResult look_at_topics() {
    const std::vector<std::string> names = output_topics(settings_);
    std::unique_ptr<kafka::Admin> admin = broker_->admin();
    if (SinkResult made = make_changelogs(*admin); !made.ok()) return made;
    std::vector<kafka::TopicInfo> topics;
    const kafka::Error error = admin->topics(names, settings_.open_limit, topics);
    if (!error.ok()) return not_now(error);
    for (const kafka::TopicInfo& topic : topics) {
      if (!topic.error.ok()) return not_there(topic);
    }
    missing_since_.reset();
    if (!broker_->at_least_once_only()) {
      SinkResult asked = ask_limits(*admin, names);
      if (!asked.ok()) return asked;
    }
    if (settings_.spool && !spool_seen_) {
      const SpoolResult opened = Spool(*settings_.spool).open();
      // Full is for later: there may be nothing to put there.
      if (opened.status == SpoolStatus::unavailable) {
        return {SinkStatus::transient, opened.message, FaultCause::setup};
      }
      spool_seen_ = true;  // What happens to it from now on holds up only those that need it.
    }
    topics_known_ = true;
    return {};
  }

  static SinkResult not_now(const kafka::Error& error) {
    const bool setup = error.cause == kafka::ErrorCause::setup;
    return {SinkStatus::transient, describe(error), setup ? FaultCause::setup : FaultCause::world};
  }

  // A topic that was made a moment ago is not known everywhere yet; one that stays away for longer
  // than kTopicGrace is a fault of the set-up.
  SinkResult not_there(const kafka::TopicInfo& topic) {
    const auto now = clock_.steady();
    if (!missing_since_) missing_since_ = now;
    const bool setup =
        topic.error.cause == kafka::ErrorCause::setup && now - *missing_since_ >= kTopicGrace;
    return {SinkStatus::transient, describe(topic.error),
            setup ? FaultCause::setup : FaultCause::world};
  }

  // Changelogs are the lane's own, so it makes them: compacted, a partition for each of the
  // input's. One that has another number of partitions would hold the state of other articles.
  SinkResult make_changelogs(kafka::Admin& admin) {
    if (settings_.changelogs.empty() || broker_->at_least_once_only()) return {};
    std::vector<std::string> names{settings_.input_topics.front()};
    names.insert(names.end(), settings_.changelogs.begin(), settings_.changelogs.end());
    std::vector<kafka::TopicInfo> topics;
    kafka::Error error = admin.topics(names, settings_.open_limit, topics);
    if (!error.ok()) return not_now(error);
    const auto input = std::find_if(topics.begin(), topics.end(),
                                    [&](const auto& each) { return each.name == names.front(); });
    if (input == topics.end()) return {SinkStatus::transient, "no answer", FaultCause::world};
    if (!input->error.ok()) return not_there(*input);
    std::vector<kafka::NewTopic> missing;
    for (const kafka::TopicInfo& topic : topics) {
      if (topic.error.code == "UNKNOWN_TOPIC_OR_PART" || topic.error.code == "_UNKNOWN_TOPIC") {
        missing.push_back(
            {topic.name, input->partition_count, -1, {{"cleanup.policy", "compact"}}});
      } else if (topic.error.ok() && topic.partition_count != input->partition_count) {
        return {SinkStatus::transient,
                "changelog " + topic.name + " has " + std::to_string(topic.partition_count) +
                    " partitions, " + input->name + " has " +
                    std::to_string(input->partition_count) +
                    ": state does not move with a changed partition count; begin anew under "
                    "another store name",
                FaultCause::setup};
      }
    }
    if (missing.empty()) return {};
    error = admin.create_topics(missing, settings_.open_limit);
    // Another lane may have been quicker.
    if (error.ok() || error.code == "TOPIC_ALREADY_EXISTS") return {};
    const bool setup = error.cause == kafka::ErrorCause::setup;
    return {SinkStatus::transient, describe(error), setup ? FaultCause::setup : FaultCause::world};
  }

  SinkResult ask_limits(kafka::Admin& admin, const std::vector<std::string>& outputs) {
    RecordLimits known;
    timestamp_limits_.clear();
    std::vector<std::string> names = outputs;
    names.insert(names.end(), settings_.input_topics.begin(), settings_.input_topics.end());
    for (const std::string& name : names) {
      TopicConfig config;
      const kafka::Error error = admin.topic_config(name, settings_.open_limit, config);
      if (passes(error)) return {SinkStatus::transient, describe(error), FaultCause::world};
      // Without the right to read a topic's configuration there is nothing to go by.
      if (!error.ok()) continue;
      timestamp_limits_[name] = timestamp_limits(config);
      if (const auto limit = record_limit(config)) known[name] = *limit;
    }
    const std::vector<std::string> problems = size_problems(settings_, known);
    if (!problems.empty()) return {SinkStatus::transient, problems.front(), FaultCause::setup};
    record_limits_ = usable_limits(settings_, known, outputs);
    return {};
  }

  std::shared_ptr<kafka::Broker> broker_;
  KafkaLaneSettings settings_;
  const Clock& clock_;
  FaultPlan* faults_;
  KafkaSource* source_ = nullptr;  // The lane's.
  std::unique_ptr<KafkaSink> opening_;
  std::map<std::string, TimestampLimits, std::less<>> timestamp_limits_;
  RecordLimits record_limits_;
  bool topics_known_ = false;
  std::optional<std::chrono::nanoseconds> missing_since_;
  bool spool_seen_ = false;
};

}  // namespace

LanePorts kafka_lane_ports(std::shared_ptr<kafka::Broker> broker, KafkaLaneSettings settings,
                           const Clock& clock, FaultPlan* faults) {
  auto ports = std::make_shared<KafkaPorts>(std::move(broker), std::move(settings), clock, faults);
  LanePorts made;
  made.make_source = [ports](std::string& error) { return ports->make_source(error); };
  made.make_sink = [ports](std::unique_ptr<Sink>& sink) { return ports->make_sink(sink); };
  made.committed = [ports](std::span<const TopicPartition> partitions, std::string& error) {
    return ports->committed(partitions, error);
  };
  made.make_changelog_reader = [ports](std::vector<ChangelogShard> shards, std::string& error) {
    return ports->make_changelog_reader(std::move(shards), error);
  };
  made.lag = [ports](const TopicPartition& partition, Offset next) {
    return ports->lag(partition, next);
  };
  return made;
}

}  // namespace telex
