#include "tests/fault/worker.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <utility>

#include <httplib.h>

namespace telex::fault {
namespace {

constexpr std::chrono::milliseconds kHealthInterval{100};
constexpr std::array<std::pair<Subject, const char*>, 5> kSubjects{{
    {Subject::telex, "telex"},
    {Subject::lane, "lane"},
    {Subject::stock_transactions, "stock-txn"},
    {Subject::stock_at_least_once, "stock-alo"},
    {Subject::java_copier, "java-copier"},
}};

std::string toml_of(const Names& names, const WorkerPlan& plan) {
  // Part of the transactional ids: trials side by side on one broker must not shut each other out.
  std::string pipeline = names.group;
  std::replace(pipeline.begin(), pipeline.end(), '.', '-');
  std::ostringstream toml;
  toml << "pipeline = \"" << pipeline << "\"\n[kafka]\nbootstrap_servers = \"" << plan.bootstrap
       << "\"\n[kafka.properties]\n";
  for (const auto& [name, value] : plan.kafka_properties) {
    toml << '"' << name << "\" = \"" << value << "\"\n";
  }
  toml << "[input]\ntopics = [\"" << names.input << "\"]\ngroup = \"" << names.group
       << "\"\nsource = \"" << plan.source << "\"\n"
       << "[output]\nenriched = \"" << names.output << "\"\ndead_letter = \"" << names.dead_letters
       << "\"\n"
       << plan.settings << "[engine]\ninstance = \"" << plan.instance
       << "\"\nsession_timeout_ms = " << plan.session_timeout_ms
       << "\ntransaction_timeout_ms = " << plan.transaction_timeout_ms
       << "\ncommit_interval_ms = " << plan.commit_interval_ms
       << "\ncommit_records = " << plan.commit_records
       << "\n[knowledge]\npack = \"none\"\n[topics]\nrules = \"none\"\n"
       << "[admin]\nlisten = \"127.0.0.1:0\"\n[log]\nlevel = \"info\"\n";
  return toml.str();
}

// The engine's names for the lane of an instance, so that the peers compete for the same ids.
std::string lane_name(const WorkerPlan& plan, const Names& names) {
  return names.group + "." + plan.instance;
}

std::vector<std::string> command_of(const Tools& tools, const Names& names, const WorkerPlan& plan,
                                    const std::string& toml) {
  switch (plan.subject) {
    case Subject::telex:
      return {tools.telex, "run", "--config", toml};
    case Subject::lane:
      return {tools.lane_runner,
              plan.bootstrap,
              names.input,
              names.output,
              names.dead_letters,
              names.group,
              lane_name(plan, names),
              "1",
              "exactly_once",
              std::to_string(plan.session_timeout_ms),
              std::to_string(plan.transaction_timeout_ms)};
    case Subject::stock_transactions:
    case Subject::stock_at_least_once:
      return {tools.stock_loop,
              plan.bootstrap,
              names.input,
              names.output,
              names.group,
              lane_name(plan, names),
              plan.subject == Subject::stock_transactions ? "transactions" : "at_least_once",
              std::to_string(plan.session_timeout_ms),
              std::to_string(plan.transaction_timeout_ms),
              std::to_string(plan.commit_interval_ms),
              std::to_string(plan.commit_records)};
    case Subject::java_copier:
      break;
  }
  if (tools.java.empty()) throw std::runtime_error("no Java for the copier: see deploy/fault");
  return {tools.java,
          "-Xmx128m",
          "-XX:TieredStopAtLevel=1",
          "-XX:+UseSerialGC",
          "-cp",
          tools.class_path,
          "org.apache.kafka.tools.TransactionalMessageCopier",
          "--broker-list",
          plan.bootstrap,
          "--input-topic",
          names.input,
          "--output-topic",
          names.output,
          "--input-partition",
          "0",
          "--consumer-group",
          names.group,
          "--transactional-id",
          lane_name(plan, names),
          "--transaction-size",
          std::to_string(plan.commit_records),
          "--transaction-timeout",
          std::to_string(plan.transaction_timeout_ms),
          "--group-mode",
          "--use-group-metadata"};
}

}  // namespace

std::string to_string(Subject subject) {
  for (const auto& [each, name] : kSubjects) {
    if (each == subject) return name;
  }
  return "?";
}

Subject parse_subject(const std::string& name) {
  for (const auto& [each, known] : kSubjects) {
    if (name == known) return each;
  }
  throw std::runtime_error("no subject is called '" + name + "'");
}

Worker::Worker(const Tools& tools, const Names& names, WorkerPlan plan, const std::string& folder,
               int nth)
    : plan_(std::move(plan)), names_(names) {
  const std::string stem = folder + "/" + plan_.instance + "." + std::to_string(nth);
  log_path_ = stem + ".log";
  config_path_ = stem + ".toml";
  if (plan_.subject == Subject::telex) configure_raw(toml_of(names_, plan_));
  Launch launch;
  launch.command = command_of(tools, names_, plan_, config_path_);
  launch.environment["TELEX_FAULT"] = plan_.fault;
  launch.log = log_path_;
  process_ = std::make_unique<Process>(launch);
}

void Worker::configure(const WorkerPlan& plan) const { configure_raw(toml_of(names_, plan)); }

void Worker::configure_raw(const std::string& text) const {
  std::ofstream(config_path_ + ".new") << text;
  std::filesystem::rename(config_path_ + ".new", config_path_);
}

std::string Worker::log() const {
  std::ostringstream text;
  text << std::ifstream(log_path_).rdbuf();
  return text.str();
}

std::string Worker::admin() const {
  if (!admin_.empty()) return admin_;
  static constexpr std::string_view kSaid = "admin at http://";
  const std::string text = log();
  const std::size_t at = text.find(kSaid);
  const std::size_t end = text.find('\n', at);
  if (at == std::string::npos || end == std::string::npos) return {};
  admin_ = text.substr(at + kSaid.size(), end - at - kSaid.size());
  return admin_;
}

int Worker::status_of(const std::string& path) const {
  const std::string address = admin();
  if (address.empty()) return 0;
  httplib::Client client("http://" + address);
  client.set_connection_timeout(2);
  client.set_read_timeout(2);
  const auto answer = client.Get(path);
  return answer ? answer->status : 0;
}

double Worker::metric(const std::string& name, const std::string& label) const {
  const std::string address = admin();
  if (address.empty()) return -1;
  httplib::Client client("http://" + address);
  client.set_connection_timeout(2);
  client.set_read_timeout(2);
  const auto answer = client.Get("/metrics");
  if (!answer || answer->status != 200) return -1;
  double sum = 0;
  std::istringstream lines(answer->body);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(name) || line.find(label) == std::string::npos) continue;
    if (line.size() > name.size() && line[name.size()] != ' ' && line[name.size()] != '{') continue;
    sum += std::strtod(line.c_str() + line.rfind(' '), nullptr);
  }
  return sum;
}

Health::Health(const Worker& worker) {
  const std::string address = worker.admin();
  if (address.empty()) throw std::runtime_error("the worker's admin server is not known yet");
  thread_ = std::thread([this, address] {
    while (!stop_) {
      httplib::Client client("http://" + address);
      client.set_connection_timeout(5);
      client.set_read_timeout(5);
      const auto live = client.Get("/livez");
      ++(live && live->status == 200 ? live_ : not_live_);
      const auto ready = client.Get("/readyz");
      ++(ready && ready->status == 200 ? ready_ : not_ready_);
      std::this_thread::sleep_for(kHealthInterval);
    }
  });
}

Health::~Health() {
  stop_ = true;
  thread_.join();
}

}  // namespace telex::fault
