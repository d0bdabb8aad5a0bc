// validate, init, config show, config reference.

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <stdexcept>

#include <fmt/format.h>

#include "kafka/client.h"
#include "service/commands/commands.h"
#include "service/config.h"
#include "service/exit_code.h"
#include "service/metrics.h"
#include "service/pipelines.h"
#include "service/terminal.h"
#include "service/topic_check.h"
#include "service/wire.h"

namespace telex {

bool load_or_explain(const std::string& path, Config& config) {
  if (path.empty()) {
    config = Config{};
    return true;
  }
  std::vector<ConfigError> errors;
  config = load_config(path, errors);
  for (const ConfigError& error : errors) fmt::print(stderr, "{}\n", error.text());
  return errors.empty();
}

namespace {

std::string topic_line(const TopicFacts& topic, std::size_t width) {
  std::string line = fmt::format("  {:<{}}  {:<12}  ", topic.name, width, to_string(topic.role));
  if (topic.missing()) return line + "missing";
  if (!topic.info.error.ok()) return line + "not to be seen";
  line += fmt::format("{} partitions, {} replica(s)", topic.info.partition_count,
                      topic.info.replication_factor);
  if (!topic.config) return line;
  if (const auto limit = record_limit(*topic.config)) {
    line += fmt::format(", records up to {} bytes", grouped(*limit));
  }
  return line;
}

void print_check(const TopicCheck& check) {
  std::size_t width = 0;
  for (const TopicFacts& topic : check.topics) width = std::max(width, topic.name.size());
  if (!check.topics.empty()) fmt::print("topics\n");
  for (const TopicFacts& topic : check.topics) fmt::print("{}\n", topic_line(topic, width));
  for (const TopicFinding& finding : check.findings) {
    fmt::print("{}  {}\n", finding.is_warning ? "warning" : "error  ", finding.text);
  }
}

void print_plan(const std::vector<kafka::NewTopic>& topics) {
  for (const kafka::NewTopic& topic : topics) {
    std::string config;
    for (const auto& [name, value] : topic.config) config += fmt::format(", {} = {}", name, value);
    fmt::print("  {}: {} partitions, the brokers' number of replicas{}\n", topic.name,
               topic.partition_count, config);
  }
}

int check_brokers(const Config& config, const ValidateArguments& arguments) {
  if (config.kafka.embedded()) {
    fmt::print(stderr, "validate --connect: the embedded cluster is only there while telex runs\n");
    return kExitConfiguration;
  }
  kafka::BrokerSettings settings;
  settings.bootstrap_servers = config.kafka.bootstrap_servers;
  settings.properties = config.kafka.properties;
  const std::chrono::seconds limit(arguments.timeout_seconds);
  std::shared_ptr<kafka::Broker> broker;
  try {
    broker = kafka::connect(settings);
  } catch (const std::runtime_error& failure) {
    fmt::print(stderr, "{}: {}\n", arguments.config, failure.what());
    return kExitConfiguration;
  }
  const KafkaLaneSettings lane = lane_settings(config, 0);
  TopicCheck check = check_topics(*broker, lane, config.engine.lanes, limit);
  print_check(check);
  if (!check.to_make.empty()) {
    fmt::print("{}\n", arguments.create_topics ? "making" : "with --create-topics would be made");
    print_plan(check.to_make);
  }
  if (arguments.create_topics && !check.to_make.empty()) {
    const std::string why = make_topics(*broker, check.to_make, limit);
    if (!why.empty()) {
      fmt::print(stderr, "could not make the topics: {}\n", why);
      return kExitFailed;
    }
    check = check_topics(*broker, lane, config.engine.lanes, limit);
    fmt::print("made; now\n");
    print_check(check);
  }
  return check.good() ? kExitGood : kExitFailed;
}

}  // namespace

int validate_command(const ValidateArguments& arguments) {
  Config config;
  if (!load_or_explain(arguments.config, config)) return kExitConfiguration;
  std::string error;
  const auto generation = make_generation(config, 1, error);
  if (generation == nullptr) {
    fmt::print(stderr, "{}: {}\n", arguments.config, error);
    return kExitConfiguration;
  }
  for (const std::string& warning : kafka::property_warnings(config.kafka.properties)) {
    fmt::print(stderr, "{}: warning: {}\n", arguments.config, warning);
  }
  const Provenance& provenance = generation->provenance;
  fmt::print("{}: good\n", arguments.config);
  fmt::print("  reads    {} on {} as group {}\n", fmt::join(config.input.topics, ", "),
             config.kafka.bootstrap_servers, config.group());
  fmt::print("  writes   {}, dead letters to {}\n", config.output.enriched,
             config.dead_letter_topic());
  fmt::print("  delivery {}\n",
             config.kafka.embedded() ? "at_least_once (embedded cluster)" : config.engine.delivery);
  fmt::print("  pack     {}\n", provenance.pack_digest.empty()
                                    ? "none"
                                    : provenance.pack_version + " " + provenance.pack_digest);
  fmt::print("  rules    {}\n", provenance.rules_digest.empty() ? "none" : provenance.rules_digest);
  return arguments.connect ? check_brokers(config, arguments) : kExitGood;
}

int config_show_command(const ConfigArguments& arguments) {
  Config config;
  if (!load_or_explain(arguments.config, config)) return kExitConfiguration;
  fmt::print("{}", show_config(config));
  return kExitGood;
}

int config_reference_command() {
  fmt::print("{}", config_reference());
  return kExitGood;
}

int metrics_reference_command() {
  fmt::print("{}", Metrics::reference());
  return kExitGood;
}

int init_command() {
  fmt::print("{}", config_template());
  if (isatty(1) == 1) {
    fmt::print(stderr, "\nWrite it to a file with: telex init > telex.toml\n");
  }
  return kExitGood;
}

}  // namespace telex
