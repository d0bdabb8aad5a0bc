#include "service/wire.h"

#include <algorithm>
#include <map>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "kafka/embedded.h"
#include "schemas/json_writer.h"
#include "service/fault.h"
#include "service/log.h"
#include "service/pipelines.h"
#include "service/terminal.h"
#include "service/version.h"

namespace telex {
namespace {

// A lane whose loop has stood still for longer is not alive: more than its longest blocking call
// (LaneOptions::commit_limit) and its drain together.
constexpr std::chrono::seconds kAliveWithin{90};
constexpr int kEmbeddedPartitions = 4;
// Rows of one batch; a transaction takes as many batches as it needs. Up to 250 articles and what
// they become stay in the cache (docs/performance.md: 65 us an article, 103 in batches of 5,000),
// and a lane holds 7 MB of records instead of 133.
constexpr std::int64_t kBatchRows = 250;

LaneOptions lane_options(const Config& config, std::int64_t lane) {
  LaneOptions options;
  options.name = std::to_string(lane);
  options.batch.rows_max =
      static_cast<std::uint32_t>(std::min(config.engine.commit_records, kBatchRows));
  options.batch.raw_bytes_max = static_cast<std::uint32_t>(config.engine.batch_bytes);
  options.transaction_time = std::chrono::milliseconds(config.engine.commit_interval_ms);
  options.transaction_records = static_cast<std::uint32_t>(config.engine.commit_records);
  options.transaction_bytes = static_cast<std::uint64_t>(config.engine.batch_bytes);
  options.drain_limit = std::chrono::seconds(config.engine.drain_seconds);
  if (config.duplicates.on()) {
    options.stores.push_back({config.duplicates.store,
                              config.changelog_topic(config.duplicates.store),
                              static_cast<std::uint64_t>(config.duplicates.state_bytes_max)});
    options.checkpoints = config.duplicates.checkpoints;
  }
  return options;
}

// syslog levels of the client library, as spdlog has them.
spdlog::level::level_enum log_level(int syslog_level) {
  if (syslog_level <= 3) return spdlog::level::err;
  if (syslog_level == 4) return spdlog::level::warn;
  return syslog_level <= 6 ? spdlog::level::info : spdlog::level::debug;
}

void create_embedded_topics(const Config& config, std::vector<std::shared_ptr<void>>& keep) {
  auto cluster = kafka::EmbeddedCluster::start();
  std::vector<std::string> topics = config.input.topics;
  topics.push_back(config.output.enriched);
  topics.push_back(config.dead_letter_topic());
  if (config.duplicates.on()) topics.push_back(config.changelog_topic(config.duplicates.store));
  for (const std::string& topic : topics) {
    const kafka::Error error = cluster->create_topic(topic, kEmbeddedPartitions);
    if (!error.ok()) spdlog::warn("embedded cluster: topic {}: {}", topic, kafka::describe(error));
  }
  spdlog::info("embedded cluster at {}: at-least-once, and gone with this process",
               cluster->bootstrap_servers());
  keep.push_back(std::move(cluster));
}

PublishedPtr publishable(std::shared_ptr<const Generation> generation, const Config& config,
                         Metrics& metrics) {
  auto published = std::make_shared<Published>();
  published->number = generation->number;
  published->make_runner = [generation, config,
                            &metrics](std::span<StateStore* const> stores) -> BatchRunner {
    PipelineState state;
    if (config.duplicates.on()) state.identical = stores.front();  // As in lane_options().
    state.on_full = [store = config.duplicates.store, &metrics,
                     told = false](std::uint32_t articles) mutable {
      metrics.state_full(store, articles);
      if (std::exchange(told, true)) return;
      spdlog::warn(
          "store {} is full: new articles pass unremembered, and their repeats too; give it more "
          "duplicates.state_bytes_max, or less duplicates.remember_hours",
          store);
    };
    std::shared_ptr<Pipeline> pipeline = make_pipeline(generation, config, std::move(state));
    return [pipeline, &metrics](Batch& batch, Records& out) {
      const BatchCounts counts = pipeline->run(batch, out);
      for (const StageTime& stage : pipeline->stage_times()) {
        metrics.stage_seconds(stage.name, std::chrono::duration<double>(stage.time).count());
      }
      return counts;
    };
  };
  return published;
}

using LagByPartition = std::map<TopicPartition, PartitionLag>;

void append_partition(const LanePartition& partition, const LagByPartition& lags,
                      std::string& out) {
  out += R"({"topic":)";
  append_json_string(partition.partition.topic, out);
  out += fmt::format(R"(,"partition":{},"committed":{},"lag":{},)",
                     partition.partition.partition.value, partition.committed.value,
                     partition.lag ? std::to_string(*partition.lag) : "null");
  const auto lag = lags.find(partition.partition);
  const bool known = lag != lags.end() && lag->second.records;
  out += fmt::format(R"("lagSeconds":{},"verdict":"{}","stopped":{},"reason":)",
                     known ? fmt::format("{:.3f}", lag->second.seconds) : "null",
                     to_string(lag == lags.end() ? LagVerdict::unknown : lag->second.verdict),
                     partition.stopped);
  append_json_string(partition.reason, out);
  out += '}';
}

void append_lane(const LaneStatus& lane, const LagByPartition& lags, std::string& out) {
  out += R"({"lane":)";
  append_json_string(lane.name, out);
  out += fmt::format(R"(,"state":"{}","ready":{},"generation":{},"problem":)",
                     to_string(lane.state), lane.ready, lane.generation);
  append_json_string(lane.problem, out);
  out += fmt::format(
      R"(,"in":{},"published":{},"deletions":{},"suppressed":{},"filtered":{},"deadLettered":{},)"
      R"("held":{},"committed":{},"aborted":{},"unknown":{},"fatal":{},"lastCommit":{},)"
      R"("restoreRemaining":{},"partitions":[)",
      lane.counts.in, lane.counts.published, lane.counts.deletions, lane.counts.suppressed,
      lane.counts.filtered, lane.counts.dead_lettered, lane.counts.held, lane.committed,
      lane.aborted, lane.unknown, lane.fatal,
      lane.last_commit == kNoTimestamp ? "null" : std::to_string(lane.last_commit),
      lane.restore_remaining);
  bool first = true;
  for (const LanePartition& partition : lane.partitions) {
    if (!first) out += ',';
    first = false;
    append_partition(partition, lags, out);
  }
  out += "]}";
}

}  // namespace

// Turns what a lane says into metrics and log lines.
class Wire::Observer final : public LaneObserver {
 public:
  Observer(Metrics& metrics, std::string lane) : metrics_(metrics), lane_(std::move(lane)) {}

  void on_commit(const LaneCommit& commit) override { metrics_.committed(commit); }
  void on_abort(CommitOutcome outcome, const std::string& message) override {
    const std::string_view name = outcome == CommitOutcome::unknown ? "unknown"
                                  : outcome == CommitOutcome::fatal ? "fatal"
                                                                    : "aborted";
    metrics_.transaction_failed(name);
    spdlog::warn("lane {}: transaction {}: {}", lane_, name, message);
  }
  void on_recreate(std::string_view cause) override {
    metrics_.producer_recreated(cause);
    spdlog::info("lane {}: new producer, cause {}", lane_, cause);
  }
  void on_rebalance() override {
    metrics_.rebalanced();
    spdlog::info("lane {}: assignment changed", lane_);
  }
  void on_problem(std::string_view problem) override {
    spdlog::warn("lane {}: {}", lane_, problem);
  }

 private:
  Metrics& metrics_;
  std::string lane_;
};

KafkaLaneSettings lane_settings(const Config& config, std::int64_t lane) {
  KafkaLaneSettings settings;
  settings.name = fmt::format("telex.{}.{}.{}", config.pipeline, config.instance(), lane);
  settings.group = config.group();
  settings.static_member = !config.kafka.embedded();  // The mock cluster knows no static members.
  settings.input_topics = config.input.topics;
  settings.start =
      config.input.start == "latest" ? kafka::StartPolicy::latest : kafka::StartPolicy::earliest;
  settings.delivery = config.engine.delivery == "at_least_once" || config.kafka.embedded()
                          ? Delivery::at_least_once
                          : Delivery::exactly_once;
  settings.enriched_topic = config.output.enriched;
  settings.dead_letter_topic = config.dead_letter_topic();
  if (config.duplicates.on()) {
    settings.changelogs.push_back(config.changelog_topic(config.duplicates.store));
  }
  settings.record_bytes_max = static_cast<std::uint64_t>(config.output.record_bytes_max);
  settings.batch_bytes = static_cast<std::uint64_t>(config.engine.batch_bytes);
  settings.instance = config.instance();
  if (!config.dead_letters.spool.empty()) {
    settings.spool.emplace();
    settings.spool->folder = config.dead_letters.spool;
    settings.spool->bytes_max = static_cast<std::uint64_t>(config.dead_letters.spool_bytes_max);
  }
  settings.prefetch_bytes = static_cast<std::uint32_t>(config.engine.prefetch_bytes);
  settings.in_flight_bytes = static_cast<std::uint32_t>(config.engine.produce_bytes);
  settings.session_timeout = std::chrono::milliseconds(config.engine.session_timeout_ms);
  settings.transaction_timeout = std::chrono::milliseconds(config.engine.transaction_timeout_ms);
  return settings;
}

Wire::Wire() = default;

Wire::~Wire() {
  if (admin_ != nullptr) admin_->stop();  // Its handlers look at the engine.
}

std::unique_ptr<Wire> Wire::start(const Config& config, std::string& error) {
  std::unique_ptr<Wire> wire(new Wire());
  const std::shared_ptr<const Generation> first = make_generation(config, 1, error);
  if (first == nullptr) return nullptr;
  wire->metrics_ = std::make_unique<Metrics>(kVersion);
  wire->put_in_force({config, first});

  kafka::BrokerSettings settings;
  settings.bootstrap_servers = config.kafka.bootstrap_servers;
  settings.properties = config.kafka.properties;
  settings.log = [](int level, std::string_view client, std::string_view line) {
    spdlog::log(log_level(level), "{}: {}", client, line);
  };
  std::vector<std::shared_ptr<void>> keep;  // The embedded cluster, until the broker holds it.
  if (config.kafka.embedded()) create_embedded_topics(config, keep);
  for (const std::string& warning : kafka::property_warnings(config.kafka.properties)) {
    spdlog::warn("{}", warning);
  }
  try {
    wire->broker_ = kafka::connect(settings);
  } catch (const std::runtime_error& failure) {
    error = failure.what();
    return nullptr;
  }
  if (const auto problems = kafka::client_known_problems(); !problems.empty()) {
    spdlog::info("{} is known to have problems: {}", kafka::client_version(),
                 fmt::join(problems, "; "));
  }

  std::vector<LaneSetup> lanes;
  for (std::int64_t lane = 0; lane < config.engine.lanes; ++lane) {
    LaneSetup setup;
    setup.options = lane_options(config, lane);
    setup.ports = kafka_lane_ports(wire->broker_, lane_settings(config, lane), system_clock(),
                                   &process_faults());
    wire->observers_.push_back(std::make_unique<Observer>(*wire->metrics_, setup.options.name));
    setup.observer = wire->observers_.back().get();
    lanes.push_back(std::move(setup));
  }
  wire->engine_ =
      std::make_unique<Engine>(std::move(lanes), publishable(first, config, *wire->metrics_),
                               system_clock(), &process_faults());
  if (!config.admin.listen.empty()) {
    Wire* self = wire.get();
    wire->admin_ = std::make_unique<AdminServer>(
        AdminHandlers{[self] { return self->metrics_->text(); }, [self] { return self->live(); },
                      [self] { return self->ready(); }, [self] { return self->status(); }});
    error = wire->admin_->start(config.admin.listen);
    if (!error.empty()) return nullptr;
  }
  wire->engine_->start();
  return wire;
}

std::string Wire::admin_address() const { return admin_ == nullptr ? "" : admin_->address(); }

void Wire::refresh_metrics() {
  std::vector<LanePartition> held;
  std::uint64_t running = 0;
  std::uint64_t ready = 0;
  std::uint64_t restoring = 0;
  for (const LaneStatus& lane : engine_->status()) {
    if (lane.state == LaneState::running) ++running;
    if (lane.ready) ++ready;
    restoring += lane.restore_remaining;
    held.insert(held.end(), lane.partitions.begin(), lane.partitions.end());
  }
  metrics_->lanes(running, ready);
  metrics_->restoring(restoring);
  const Clock& clock = system_clock();
  const std::lock_guard lock(lag_mutex_);
  lag_.update(held, clock.steady(), clock.utc());
  metrics_->lag(lag_.partitions());
}

HealthAnswer Wire::live() const {
  const auto idle = std::chrono::duration_cast<std::chrono::milliseconds>(engine_->idle_time());
  const bool good = idle < kAliveWithin;
  return {good, fmt::format(R"({{"live":{},"idleMilliseconds":{}}})", good, idle.count())};
}

HealthAnswer Wire::ready() const {
  HealthAnswer answer{engine_->ready(), R"({"ready":)"};
  answer.json += answer.good ? "true" : "false";
  answer.json += R"(,"lanes":[)";
  bool first = true;
  for (const LaneStatus& lane : engine_->status()) {
    answer.json += first ? R"({"lane":)" : R"(,{"lane":)";
    first = false;
    append_json_string(lane.name, answer.json);
    answer.json +=
        fmt::format(R"(,"ready":{},"state":"{}","reason":)", lane.ready, to_string(lane.state));
    append_json_string(lane.ready ? "" : lane.problem, answer.json);
    answer.json += '}';
  }
  answer.json += "]}";
  return answer;
}

std::string Wire::sentence() const {
  std::uint64_t in = 0;
  std::int64_t behind = 0;
  bool behind_known = true;
  std::string why;
  for (const LaneStatus& lane : engine_->status()) {
    in += lane.counts.in;
    if (!lane.ready && why.empty()) {
      why = fmt::format("lane {} is {}{}{}", lane.name, to_string(lane.state),
                        lane.problem.empty() ? "" : ": ", lane.problem);
    }
    for (const LanePartition& partition : lane.partitions) {
      behind += partition.lag.value_or(0);
      behind_known = behind_known && partition.lag.has_value();
    }
  }
  if (!why.empty()) return "not ready: " + why;
  return fmt::format("ready: {} articles in, {}", grouped(in),
                     behind_known ? grouped(static_cast<std::uint64_t>(behind)) + " behind"
                                  : "how far behind is not known yet");
}

std::shared_ptr<const Wire::InForce> Wire::in_force() const {
  const std::lock_guard lock(mutex_);
  return in_force_;
}

void Wire::put_in_force(InForce next) {
  metrics_->generation(next.generation->number);
  const std::lock_guard lock(mutex_);
  in_force_ = std::make_shared<const InForce>(std::move(next));
}

std::shared_ptr<const Generation> Wire::generation() const { return in_force()->generation; }

ReloadReport Wire::reload() {
  const std::lock_guard alone(reloading_);
  const std::shared_ptr<const InForce> before = in_force();
  Reload read = prepare_reload(before->config, before->generation->number + 1);
  ReloadReport report{read.outcome, std::move(read.message), before->generation->number,
                      system_clock().utc()};
  if (read.outcome == ReloadOutcome::applied) {
    report.generation = read.generation->number;
    set_log_level(read.config.log.level);
    PublishedPtr next = publishable(read.generation, read.config, *metrics_);
    put_in_force({std::move(read.config), std::move(read.generation)});
    engine_->publish(std::move(next));
  }
  metrics_->reloaded(to_string(report.outcome));
  const std::lock_guard lock(mutex_);
  last_reload_ = report;
  return report;
}

std::string Wire::status() const {
  const std::shared_ptr<const InForce> now = in_force();
  const Config& config = now->config;
  const Provenance& provenance = now->generation->provenance;
  std::string out = R"({"version":)";
  append_json_string(kVersion, out);
  const auto member = [&out](std::string_view name, std::string_view value) {
    out += fmt::format(R"(,"{}":)", name);
    append_json_string(value, out);
  };
  member("pipeline", config.pipeline);
  member("group", config.group());
  member("client", kafka::client_version());
  member("delivery", broker_->at_least_once_only() ? "at_least_once" : config.engine.delivery);
  member("packVersion", provenance.pack_version);
  member("packDigest", provenance.pack_digest);
  member("rulesDigest", provenance.rules_digest);
  member("configDigest", provenance.config_digest);
  ReloadReport reload;
  {
    const std::lock_guard lock(mutex_);
    reload = last_reload_;
  }
  out += fmt::format(R"(,"generation":{},"reload":)", now->generation->number);
  if (reload.at == kNoTimestamp) {
    out += "null";
  } else {
    out += fmt::format(R"({{"outcome":"{}","generation":{},"at":{},"message":)",
                       to_string(reload.outcome), reload.generation, reload.at);
    append_json_string(reload.message, out);
    out += '}';
  }
  LagByPartition lags;
  {
    const std::lock_guard lock(lag_mutex_);
    for (PartitionLag& lag : lag_.partitions()) lags.emplace(lag.partition, std::move(lag));
  }
  out += R"(,"lanes":[)";
  bool first = true;
  for (const LaneStatus& lane : engine_->status()) {
    if (!first) out += ',';
    first = false;
    append_lane(lane, lags, out);
  }
  return out + "]}";
}

}  // namespace telex
