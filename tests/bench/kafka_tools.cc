#include "tests/bench/kafka_tools.h"

#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>

#include <fmt/core.h>

namespace telex::bench {

void die(std::string_view what, std::string_view why) {
  fmt::print(stderr, "{}: {}\n", what, why);
  std::exit(1);
}

void check(std::string_view what, rd_kafka_error_t* error) {
  if (error != nullptr) die(what, rd_kafka_error_string(error));
}

void check(std::string_view what, rd_kafka_resp_err_t code) {
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) die(what, rd_kafka_err2str(code));
}

rd_kafka_t* make_client(rd_kafka_type_t type, const Settings& settings) {
  char error[512];
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  for (const auto& [name, value] : settings) {
    if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), error, sizeof error) !=
        RD_KAFKA_CONF_OK) {
      die(name, error);
    }
  }
  rd_kafka_t* client = rd_kafka_new(type, conf, error, sizeof error);
  if (client == nullptr) die("client", error);
  return client;
}

void produce(rd_kafka_t* client, const std::string& topic, std::string_view key,
             std::string_view value) {
  std::array<rd_kafka_vu_t, 4> fields{};
  fields[0].vtype = RD_KAFKA_VTYPE_TOPIC;
  fields[0].u.cstr = topic.c_str();
  fields[1].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
  fields[1].u.i = RD_KAFKA_MSG_F_COPY;
  fields[2].vtype = RD_KAFKA_VTYPE_KEY;
  fields[2].u.mem = {const_cast<char*>(key.data()), key.size()};
  fields[3].vtype = RD_KAFKA_VTYPE_VALUE;
  fields[3].u.mem = {const_cast<char*>(value.data()), value.size()};
  for (;;) {
    rd_kafka_error_t* error = rd_kafka_produceva(client, fields.data(), fields.size());
    if (error == nullptr) return;
    if (rd_kafka_error_code(error) != RD_KAFKA_RESP_ERR__QUEUE_FULL) check("produce", error);
    rd_kafka_error_destroy(error);
    rd_kafka_poll(client, 10);
  }
}

std::map<std::string, std::string> parse_options(int argc, char** argv, int skip) {
  std::map<std::string, std::string> options;
  for (int i = 1 + skip; i < argc; i += 2) {
    const std::string_view name = argv[i];
    if (!name.starts_with("--") || i + 1 == argc) die(name, "expected --name value");
    options[std::string(name.substr(2))] = argv[i + 1];
  }
  return options;
}

double cpu_seconds(int pid) {
  if (pid == 0) {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    return static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           1e-6 * static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
  }
  std::ifstream file(fmt::format("/proc/{}/stat", pid));
  std::string stat{std::istreambuf_iterator<char>(file), {}};
  const std::size_t name_end = stat.rfind(')');  // The name may hold spaces.
  if (name_end == std::string::npos) return -1;
  std::istringstream fields(stat.substr(name_end + 1));
  std::string skipped;
  double user = 0;
  double system = 0;
  fields >> skipped;
  if (skipped == "Z") return -1;                   // Ended, and nobody has asked why yet.
  for (int i = 0; i < 10; ++i) fields >> skipped;  // Fields 4 to 13 of proc(5).
  fields >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

double rss_peak_mb(int pid) {
  std::ifstream file(pid == 0 ? std::string("/proc/self/status")
                              : fmt::format("/proc/{}/status", pid));
  for (std::string word; file >> word;) {
    if (word != "VmHWM:") continue;
    double kib = 0;
    file >> kib;
    return kib * 1024 / 1e6;
  }
  return -1;
}

}  // namespace telex::bench
