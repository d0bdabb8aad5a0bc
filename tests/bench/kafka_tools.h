// What the bare loop and the topic tool share: settings of librdkafka by name, and what a process
// has used. Straight on the C API: this is what telex is measured against.
//
// Errors: die() prints and exits with 1; a benchmark that cannot run has no figure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include <librdkafka/rdkafka.h>

namespace telex::bench {

[[noreturn]] void die(std::string_view what, std::string_view why);

// Dies on an error; takes it over.
void check(std::string_view what, rd_kafka_error_t* error);
void check(std::string_view what, rd_kafka_resp_err_t code);

using Settings = std::map<std::string, std::string>;
// A client with these settings; dies if one is refused.
rd_kafka_t* make_client(rd_kafka_type_t type, const Settings& settings);

// Sends a copy of key and value; while the client's queue is full, serves it and tries again.
void produce(rd_kafka_t* client, const std::string& topic, std::string_view key,
             std::string_view value);

// `--name value` pairs after the first `skip` arguments; dies on anything else.
std::map<std::string, std::string> parse_options(int argc, char** argv, int skip);

// CPU seconds (user and system) that a process has used so far; 0: this one. -1 if it is gone.
double cpu_seconds(int pid);
// Its largest resident set so far, in MB (10^6 bytes); -1 if it is gone.
double rss_peak_mb(int pid);

}  // namespace telex::bench
