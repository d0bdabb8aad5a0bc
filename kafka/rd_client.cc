#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "kafka/client.h"
#include "kafka/rd_internal.h"

namespace telex::kafka {
namespace {

// Of the library that is linked at run time, which may be newer than the one built against.
bool client_is_below(int major, int minor, int patch) {
  return (rd_kafka_version() >> 8) < ((major << 16) | (minor << 8) | patch);
}

// A property's value in lower case, as the client compares it; empty when it is not set.
std::string lower(const Properties& properties, const std::string& name) {
  const auto found = properties.find(name);
  std::string value = found == properties.end() ? "" : found->second;
  std::transform(value.begin(), value.end(), value.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return value;
}

// GSSAPI is what the client takes if nothing is said.
bool takes_kerberos(const Properties& properties) {
  const std::string mechanism =
      lower(properties, "sasl.mechanism") + lower(properties, "sasl.mechanisms");
  return lower(properties, "security.protocol").starts_with("sasl_") &&
         (mechanism.empty() || mechanism.find("gssapi") != std::string::npos);
}

bool has_any(const Properties& properties, std::string_view prefix) {
  const auto first = properties.lower_bound(std::string(prefix));
  return first != properties.end() && first->first.starts_with(prefix);
}

}  // namespace

namespace rd {

std::string scram_problem(const Properties& properties) {
  const bool scram = lower(properties, "sasl.mechanism").starts_with("scram") ||
                     lower(properties, "sasl.mechanisms").starts_with("scram");
  // It sends its own nonce twice, which brokers took until they compared it as RFC 5802 asks.
  if (!scram || !client_is_below(2, 6, 1)) return "";
  return "brokers from Kafka 4.0 on refuse SCRAM from librdkafka before 2.6.1, and this is " +
         std::string(rd_kafka_version_str()) +
         ": use a newer librdkafka, client certificates, or PLAIN over TLS";
}

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
  if (auto* client = static_cast<Client*>(rd_kafka_opaque(handle))) {
    client->log(level, rd_kafka_name(handle), facility, line);
  }
}
}  // namespace

void Client::log(int level, std::string_view client, std::string_view facility,
                 std::string_view line) {
  // A broker that hangs up is told to the error callback by older clients only.
  if (facility == "FAIL") note_fault(RD_KAFKA_RESP_ERR__TRANSPORT, line);
  if (common_->settings.log) {
    common_->settings.log(level, client, std::string(facility) + ": " + std::string(line));
  }
}

Conf::Conf(const Common& common, PropertyScope scope) : conf_(rd_kafka_conf_new()) {
  rd_kafka_conf_set_log_cb(get(), on_log);
  // Small transactions wait for each other's answers, never for a full segment.
  set("socket.nagle.disable", "true");
  // After an outage the wire catches up at once, not after the default of 10 s.
  set("reconnect.backoff.max.ms", "2000");
  for (const auto& [name, value] : properties_for(common.settings.properties, scope)) {
    set(name, value);
  }
  if (!common.bootstrap_servers.empty()) set("bootstrap.servers", common.bootstrap_servers);
  set("client.id", common.settings.client_id);
  // The default since 2.0.0, said aloud: a certificate must be the host's.
  set("ssl.endpoint.identification.algorithm", "https");
  set("socket.timeout.ms", std::to_string(kSocketTimeout.count()));
  // The client's Kerberos would run a shell with what sasl.kerberos.* says; tickets are the
  // operator's business. (Builds without Kerberos know neither the command nor this property.)
  if (takes_kerberos(common.settings.properties)) set("sasl.kerberos.min.time.before.relogin", "0");
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

// Throws what making clients would. Without brokers' addresses, so that nobody is connected to.
void try_settings(const Common& common) {
  auto lonely = std::make_shared<Common>();
  lonely->settings = common.settings;
  lonely->settings.log = {};
  make_admin(lonely);
  const Conf consumer(*lonely, PropertyScope::consumer);
}

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
  // What no client can be made from (a key that a passphrase does not open, a file that is not
  // there) is said now, and not by each lane again and again. It connects to nobody.
  if (!settings.properties.empty()) rd::try_settings(*common);
  return std::make_shared<rd::RdBroker>(std::move(common));
}

std::string client_version() { return std::string("librdkafka ") + rd_kafka_version_str(); }

std::vector<std::string> property_warnings(const std::map<std::string, std::string>& properties) {
  std::vector<std::string> warnings;
  const std::string protocol = lower(properties, "security.protocol");
  const bool sasl = protocol.starts_with("sasl_");
  const bool tls = protocol.ends_with("ssl");
  if (sasl && !tls) {
    warnings.emplace_back(
        "security.protocol is sasl_plaintext: credentials and articles travel unencrypted, and "
        "nobody proves to be the broker");
  }
  if (sasl && !properties.contains("sasl.mechanism") && !properties.contains("sasl.mechanisms")) {
    warnings.emplace_back("sasl.mechanism is not set: the client takes GSSAPI (Kerberos)");
  }
  if (!sasl && has_any(properties, "sasl.")) {
    warnings.push_back("the sasl.* properties have no effect: security.protocol is " +
                       (protocol.empty() ? "plaintext" : protocol));
  }
  if (!tls && has_any(properties, "ssl.")) {
    warnings.push_back("the ssl.* properties have no effect: security.protocol is " +
                       (protocol.empty() ? "plaintext" : protocol));
  }
  if (std::string problem = rd::scram_problem(properties); sasl && !problem.empty()) {
    warnings.push_back(std::move(problem));
  }
  return warnings;
}

bool rebalances_cooperatively() { return !client_is_below(2, 10, 1); }

std::vector<std::string> client_known_problems() {
  // From librdkafka's change log; telex avoids what it can by the way it calls the client.
  std::vector<std::string> problems;
  const auto below = client_is_below;
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
  if (below(2, 6, 1)) {
    problems.emplace_back("brokers from Kafka 4.0 on refuse its SCRAM (before 2.6.1)");
  }
  if (below(2, 10, 1)) {
    problems.emplace_back("cooperative rebalancing is not safe, so it is not used (before 2.10.1)");
  }
  return problems;
}

}  // namespace telex::kafka
