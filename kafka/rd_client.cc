#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "kafka/client.h"
#include "kafka/rd_internal.h"

namespace telex::kafka {
namespace rd {

Error from_code(rd_kafka_resp_err_t code, std::string_view what) {
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  std::string message(what);
  if (!message.empty()) message += ": ";
  return make_error(rd_kafka_err2name(code), message + rd_kafka_err2str(code));
}

Error from_error(rd_kafka_error_t* error, std::string_view what) {
  const ErrorPtr owned(error);
  if (error == nullptr) return {};
  std::string message(what);
  if (!message.empty()) message += ": ";
  message += rd_kafka_error_string(error);
  return make_error(rd_kafka_error_name(error), std::move(message),
                    {rd_kafka_error_txn_requires_abort(error) != 0,
                     rd_kafka_error_is_retriable(error) != 0, rd_kafka_error_is_fatal(error) != 0});
}

Error fatal_error(rd_kafka_t* handle) {
  std::array<char, 512> why{};
  const rd_kafka_resp_err_t code = rd_kafka_fatal_error(handle, why.data(), why.size());
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  return make_error(rd_kafka_err2name(code), why.data(), {.fatal = true});
}

ListPtr make_list(std::span<const TopicPartition> partitions) {
  ListPtr list(rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size())));
  for (const TopicPartition& each : partitions) {
    rd_kafka_topic_partition_list_add(list.get(), each.topic.c_str(), each.partition.value);
  }
  return list;
}

ListPtr make_list(std::span<const PartitionOffset> offsets) {
  ListPtr list(rd_kafka_topic_partition_list_new(static_cast<int>(offsets.size())));
  for (const PartitionOffset& each : offsets) {
    rd_kafka_topic_partition_t* element = rd_kafka_topic_partition_list_add(
        list.get(), each.partition.topic.c_str(), each.partition.partition.value);
    element->offset = each.next.value;
    if (each.metadata.empty()) continue;
    element->metadata = rd_kafka_mem_malloc(nullptr, each.metadata.size());  // The list frees it.
    std::memcpy(element->metadata, each.metadata.data(), each.metadata.size());
    element->metadata_size = each.metadata.size();
  }
  return list;
}

std::vector<TopicPartition> partitions_of(const rd_kafka_topic_partition_list_t* list) {
  std::vector<TopicPartition> partitions;
  if (list == nullptr) return partitions;
  partitions.reserve(static_cast<std::size_t>(list->cnt));
  for (int i = 0; i < list->cnt; ++i) {
    partitions.push_back({list->elems[i].topic, Partition{list->elems[i].partition}});
  }
  std::sort(partitions.begin(), partitions.end());
  return partitions;
}

namespace {
void on_log(const rd_kafka_t* handle, int level, const char* facility, const char* line) {
  // Some lines come while the handle is being made, before it has an opaque.
  if (const auto* client = static_cast<const Client*>(rd_kafka_opaque(handle))) {
    client->log(level, rd_kafka_name(handle), std::string(facility) + ": " + line);
  }
}
}  // namespace

Conf::Conf(const Common& common, PropertyScope scope) : conf_(rd_kafka_conf_new()) {
  rd_kafka_conf_set_log_cb(get(), on_log);
  // Small transactions wait for each other's answers, never for a full segment.
  set("socket.nagle.disable", "true");
  // After an outage the wire catches up at once, not after the default of 10 s.
  set("reconnect.backoff.max.ms", "2000");
  for (const auto& [name, value] : properties_for(common.settings.properties, scope)) {
    set(name, value);
  }
  set("bootstrap.servers", common.bootstrap_servers);
  set("client.id", common.settings.client_id);
  set("socket.timeout.ms", std::to_string(kSocketTimeout.count()));
  // The in-process cluster speaks too old a protocol to be asked for that, and would warn each
  // time.
  if (common.settings.bootstrap_servers != kEmbedded) set("allow.auto.create.topics", "false");
}

void Conf::set(const std::string& name, const std::string& value) {
  std::array<char, 512> why{};
  if (rd_kafka_conf_set(get(), name.c_str(), value.c_str(), why.data(), why.size()) !=
      RD_KAFKA_CONF_OK) {
    throw std::runtime_error("Kafka client: " + std::string(why.data()));
  }
}

rd_kafka_t* Conf::create(rd_kafka_type_t type, void* opaque) {
  rd_kafka_conf_set_opaque(get(), opaque);
  std::array<char, 512> why{};
  rd_kafka_t* handle = rd_kafka_new(type, get(), why.data(), why.size());
  if (handle == nullptr) throw std::runtime_error("Kafka client: " + std::string(why.data()));
  static_cast<void>(conf_.release());  // The handle owns it now.
  return handle;
}

namespace {

class RdBroker final : public Broker {
 public:
  explicit RdBroker(std::shared_ptr<const Common> common) : common_(std::move(common)) {}
  std::unique_ptr<Consumer> consumer(const ConsumerSettings& settings) override {
    return make_consumer(common_, settings);
  }
  std::unique_ptr<Producer> producer(const ProducerSettings& settings) override {
    return make_producer(common_, settings);
  }
  std::unique_ptr<Admin> admin() override { return make_admin(common_); }
  bool at_least_once_only() const override { return common_->cluster != nullptr; }

 private:
  std::shared_ptr<const Common> common_;
};

}  // namespace
}  // namespace rd

std::shared_ptr<Broker> connect(const BrokerSettings& settings) {
  const std::vector<std::string> problems = check_properties(settings.properties);
  if (!problems.empty()) throw std::runtime_error(problems.front());
  auto common = std::make_shared<rd::Common>();
  common->settings = settings;
  common->bootstrap_servers = settings.bootstrap_servers;
  if (settings.bootstrap_servers == kEmbedded) {
    common->cluster = EmbeddedCluster::start();
    common->bootstrap_servers = common->cluster->bootstrap_servers();
  }
  return std::make_shared<rd::RdBroker>(std::move(common));
}

std::string client_version() { return std::string("librdkafka ") + rd_kafka_version_str(); }

std::vector<std::string> client_known_problems() {
  // From librdkafka's change log; telex avoids what it can by the way it calls the client.
  std::vector<std::string> problems;
  const int version = rd_kafka_version();
  const auto below = [&](int major, int minor, int patch) {
    return (version >> 8) < ((major << 16) | (minor << 8) | patch);
  };
  if (below(2, 1, 0)) {
    problems.emplace_back("max.poll.interval.ms does not notice a lane that hangs (before 2.1.0)");
    problems.emplace_back("a truncated log is not detected (KIP-320, before 2.1.0)");
  }
  if (below(2, 2, 0)) {
    problems.emplace_back(
        "reading pauses for a second whenever the prefetch is full (before 2.2.0)");
  }
  if (below(2, 3, 0)) {
    problems.emplace_back(
        "a producer may end with a false sequence error after a disconnect, which "
        "costs a new incarnation (before 2.3.0)");
  }
  if (below(2, 10, 1)) {
    problems.emplace_back("cooperative rebalancing is not safe, so it is not used (before 2.10.1)");
  }
  return problems;
}

}  // namespace telex::kafka
