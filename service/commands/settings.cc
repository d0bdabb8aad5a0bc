// validate, init, config show, config reference.

#include <unistd.h>

#include <cstdio>

#include <fmt/format.h>

#include "kafka/client.h"
#include "service/commands/commands.h"
#include "service/config.h"
#include "service/exit_code.h"
#include "service/metrics.h"
#include "service/pipelines.h"

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

int validate_command(const ConfigArguments& arguments) {
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
  return kExitGood;
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
