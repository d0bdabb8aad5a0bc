// Configuration: telex.toml, read once, checked whole, and described in one place.
//
// Every setting is declared in describe() in config.cc: its name, default, limits and sentence of
// documentation. The reader, `telex init`, `telex config show` and docs/configuration.md are all
// made from that one list, so they cannot disagree.
//
// Errors: file, line and column of what is wrong (an unknown key, a wrong type, a value out of
//         range); all errors are found in one go. Properties known to hold a secret are masked
//         wherever settings are shown, and no error shows their value.
// Threads: plain data after loading.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace telex {

struct Config {
  std::filesystem::path file;  // Where it came from; empty for defaults.

  std::string pipeline = "wire";

  struct Kafka {
    std::string bootstrap_servers = "localhost:9092";
    std::map<std::string, std::string> properties;
    bool embedded() const { return bootstrap_servers == "embedded"; }
  } kafka;

  struct Input {
    std::vector<std::string> topics{"raw.articles"};
    std::string group;
    std::string start = "earliest";
    std::string format = "auto";
    std::string source;
    std::string language;
    std::map<std::string, std::vector<std::string>> fields;
  } input;

  struct Output {
    std::string enriched = "enriched.articles";
    std::string dead_letter;
    std::int64_t record_bytes_max = 1'000'000;
  } output;

  // Those that their topic cannot hold.
  struct DeadLetters {
    std::string spool;  // Empty: none.
    std::int64_t spool_bytes_max = std::int64_t{1} << 30;
    std::string parking;
  } dead_letters;

  struct Engine {
    std::int64_t lanes = 1;
    std::string delivery = "exactly_once";
    std::string instance;
    std::int64_t commit_interval_ms = 50;
    std::int64_t commit_records = 5000;
    std::int64_t batch_bytes = 16 << 20;
    std::int64_t produce_bytes = 32 << 20;
    std::int64_t prefetch_bytes = 64 << 20;
    std::int64_t drain_seconds = 25;
    std::int64_t session_timeout_ms = 45'000;
    std::int64_t transaction_timeout_ms = 60'000;
  } engine;

  struct Knowledge {
    std::string pack = "default";
  } knowledge;

  struct Topics {
    std::string rules = "builtin";
  } topics;

  struct Duplicates {
    std::string identical = "off";
    std::int64_t remember_hours = 48;
    std::int64_t state_bytes_max = 64 << 20;
    std::string store = "identical";
    std::string checkpoints;
    bool on() const { return identical != "off"; }
  } duplicates;

  struct Admin {
    std::string listen = "127.0.0.1:9464";
  } admin;

  struct Log {
    std::string level = "info";
    std::string format = "text";
  } log;

  // Derived names: what an empty setting stands for.
  std::string group() const { return input.group.empty() ? "telex-" + pipeline : input.group; }
  std::string dead_letter_topic() const {
    return output.dead_letter.empty() ? input.topics.front() + ".dlq" : output.dead_letter;
  }
  // Where dead letters of `topic` go that were put back too often.
  std::string parking_topic(const std::string& topic) const {
    return dead_letters.parking.empty() ? topic + ".parked" : dead_letters.parking;
  }
  std::string instance() const;  // Configured, else the host name and "-0".
  // Topic of a store's changelog. The group is no part of it: pipelines need names of their own.
  std::string changelog_topic(const std::string& store) const {
    return "telex-" + pipeline + "-" + store + "-changelog";
  }
};

struct ConfigError {
  std::string file;
  std::uint32_t line = 0;  // 1-based; 0 = the file as a whole.
  std::uint32_t column = 0;
  std::string message;
  std::string text() const;  // "telex.toml:3:9: message"
};

// Reads and checks `file`. On errors the configuration is the default one and must not be used.
Config load_config(const std::filesystem::path& file, std::vector<ConfigError>& errors);
// The same for TOML at hand; `name` stands in error messages.
Config parse_config(std::string_view toml, const std::string& name,
                    std::vector<ConfigError>& errors);

// A commented telex.toml with every setting at its default.
std::string config_template();
// All settings as they are in force; secrets masked.
std::string show_config(const Config& config);
// docs/configuration.md.
std::string config_reference();
// Full names ("kafka.bootstrap_servers") of settings that differ and are in force from a start on
// only; empty = all that differs can be taken over by a reload.
std::vector<std::string> restart_only_changes(const Config& running, const Config& wanted);
// Digest (XXH3-128, hex) of the settings that can change a record; not of addresses or log levels.
std::string record_settings_digest(const Config& config);

}  // namespace telex
