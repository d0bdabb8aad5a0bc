#include "kafka/properties.h"

#include <algorithm>
#include <array>
#include <span>

namespace telex::kafka {
namespace {

constexpr PropertyScope kBoth = PropertyScope::both;
constexpr PropertyScope kConsumer = PropertyScope::consumer;
constexpr PropertyScope kProducer = PropertyScope::producer;

constexpr std::array kAllowed{
    // Who we are, and how we prove it.
    PropertyRow{"security.protocol", kBoth, false},
    PropertyRow{"ssl.ca.location", kBoth, false},
    PropertyRow{"ssl.ca.pem", kBoth, false},
    PropertyRow{"ssl.certificate.location", kBoth, false},
    PropertyRow{"ssl.certificate.pem", kBoth, false},
    PropertyRow{"ssl.key.location", kBoth, false},
    PropertyRow{"ssl.key.pem", kBoth, true},
    PropertyRow{"ssl.key.password", kBoth, true},
    PropertyRow{"ssl.keystore.location", kBoth, false},
    PropertyRow{"ssl.keystore.password", kBoth, true},
    PropertyRow{"ssl.crl.location", kBoth, false},
    PropertyRow{"ssl.cipher.suites", kBoth, false},
    PropertyRow{"ssl.curves.list", kBoth, false},
    PropertyRow{"ssl.sigalgs.list", kBoth, false},
    PropertyRow{"ssl.endpoint.identification.algorithm", kBoth, false},
    PropertyRow{"sasl.mechanism", kBoth, false},
    PropertyRow{"sasl.mechanisms", kBoth, false},
    PropertyRow{"sasl.username", kBoth, false},
    PropertyRow{"sasl.password", kBoth, true},
    PropertyRow{"sasl.kerberos.service.name", kBoth, false},
    PropertyRow{"sasl.kerberos.principal", kBoth, false},
    PropertyRow{"sasl.kerberos.keytab", kBoth, false},
    PropertyRow{"client.rack", kBoth, false},
    // The network.
    PropertyRow{"broker.address.family", kBoth, false},
    PropertyRow{"broker.address.ttl", kBoth, false},
    PropertyRow{"connections.max.idle.ms", kBoth, false},
    PropertyRow{"socket.keepalive.enable", kBoth, false},
    PropertyRow{"socket.send.buffer.bytes", kBoth, false},
    PropertyRow{"socket.receive.buffer.bytes", kBoth, false},
    PropertyRow{"socket.connection.setup.timeout.ms", kBoth, false},
    PropertyRow{"reconnect.backoff.ms", kBoth, false},
    PropertyRow{"reconnect.backoff.max.ms", kBoth, false},
    PropertyRow{"metadata.max.age.ms", kBoth, false},
    PropertyRow{"topic.metadata.refresh.interval.ms", kBoth, false},
    // Reading.
    PropertyRow{"heartbeat.interval.ms", kConsumer, false},
    PropertyRow{"max.poll.interval.ms", kConsumer, false},
    PropertyRow{"fetch.min.bytes", kConsumer, false},
    PropertyRow{"fetch.wait.max.ms", kConsumer, false},
    // Writing.
    PropertyRow{"compression.type", kProducer, false},
    PropertyRow{"compression.codec", kProducer, false},
    PropertyRow{"compression.level", kProducer, false},
    PropertyRow{"linger.ms", kProducer, false},
    PropertyRow{"batch.size", kProducer, false},
    PropertyRow{"batch.num.messages", kProducer, false},
};

constexpr std::string_view kCode = "it loads code into the process";
constexpr std::string_view kShell = "it runs a shell command";
constexpr std::string_view kUrl = "it makes the client call a URL";
constexpr std::string_view kUnsafe = "it switches off a check that keeps the connection honest";
constexpr std::string_view kLeak = "it writes secrets and articles to the log";
constexpr std::string_view kSetting = "it has a setting of its own in telex's configuration";
constexpr std::string_view kDelivery = "telex decides it, or records could be lost or doubled";
constexpr std::string_view kMemory = "telex decides it, or memory would have no bound";

constexpr std::array kRefused{
    RefusedProperty{"plugin.library.paths", kCode},
    RefusedProperty{"ssl.engine.location", kCode},
    RefusedProperty{"ssl.engine.id", kCode},
    RefusedProperty{"ssl.providers", kCode},
    RefusedProperty{"sasl.kerberos.kinit.cmd", kShell},
    RefusedProperty{"sasl.oauthbearer.token.endpoint.url", kUrl},
    RefusedProperty{"sasl.oauthbearer.method", kUrl},
    RefusedProperty{"sasl.oauthbearer.config", kUrl},
    RefusedProperty{"sasl.oauthbearer.client.id", kUrl},
    RefusedProperty{"sasl.oauthbearer.client.secret", kUrl},
    RefusedProperty{"enable.sasl.oauthbearer.unsecure.jwt", kUnsafe},
    RefusedProperty{"enable.ssl.certificate.verification", kUnsafe},
    RefusedProperty{"debug", kLeak},
    RefusedProperty{"bootstrap.servers", kSetting},
    RefusedProperty{"metadata.broker.list", kSetting},
    RefusedProperty{"client.id", kSetting},
    RefusedProperty{"group.id", kSetting},
    RefusedProperty{"group.instance.id", kSetting},
    RefusedProperty{"transactional.id", kSetting},
    RefusedProperty{"transaction.timeout.ms", kSetting},
    RefusedProperty{"session.timeout.ms", kSetting},
    RefusedProperty{"enable.auto.commit", kDelivery},
    RefusedProperty{"enable.auto.offset.store", kDelivery},
    RefusedProperty{"auto.offset.reset", kDelivery},
    RefusedProperty{"isolation.level", kDelivery},
    RefusedProperty{"partition.assignment.strategy", kDelivery},
    RefusedProperty{"enable.idempotence", kDelivery},
    RefusedProperty{"acks", kDelivery},
    RefusedProperty{"request.required.acks", kDelivery},
    RefusedProperty{"retries", kDelivery},
    RefusedProperty{"message.send.max.retries", kDelivery},
    RefusedProperty{"max.in.flight.requests.per.connection", kDelivery},
    RefusedProperty{"retry.backoff.ms", kDelivery},
    RefusedProperty{"message.timeout.ms", kDelivery},
    RefusedProperty{"delivery.timeout.ms", kDelivery},
    RefusedProperty{"socket.timeout.ms", kDelivery},
    RefusedProperty{"check.crcs", kDelivery},
    RefusedProperty{"enable.partition.eof", kDelivery},
    RefusedProperty{"allow.auto.create.topics", kDelivery},
    RefusedProperty{"partitioner", kDelivery},
    RefusedProperty{"test.mock.num.brokers", kDelivery},
    RefusedProperty{"queued.max.messages.kbytes", kMemory},
    RefusedProperty{"queued.min.messages", kMemory},
    RefusedProperty{"fetch.max.bytes", kMemory},
    RefusedProperty{"fetch.message.max.bytes", kMemory},
    RefusedProperty{"max.partition.fetch.bytes", kMemory},
    RefusedProperty{"receive.message.max.bytes", kMemory},
    RefusedProperty{"message.max.bytes", "telex takes it from the limits of the topics"},
    RefusedProperty{"queue.buffering.max.kbytes", kMemory},
    RefusedProperty{"queue.buffering.max.messages", kMemory},
};

// Properties of which only some values are allowed. Upper case; the client does not care.
struct RestrictedValues {
  std::string_view name;
  std::span<const std::string_view> values;
  std::string_view why;
};
constexpr std::array<std::string_view, 1> kIdentification{"HTTPS"};
constexpr std::array<std::string_view, 4> kMechanisms{"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512",
                                                      "GSSAPI"};
constexpr std::array kRestricted{
    RestrictedValues{"ssl.endpoint.identification.algorithm", kIdentification, kUnsafe},
    RestrictedValues{"sasl.mechanism", kMechanisms, "the others make the client call a URL"},
    RestrictedValues{"sasl.mechanisms", kMechanisms, "the others make the client call a URL"},
};

// Empty: this value may be set.
std::string problem_of_value(std::string_view name, std::string value) {
  for (char& c : value) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  }
  for (const RestrictedValues& row : kRestricted) {
    if (row.name != name) continue;
    if (std::find(row.values.begin(), row.values.end(), value) != row.values.end()) return "";
    std::string problem = " may only be ";
    for (const std::string_view each : row.values) {
      if (each != row.values.front()) problem += each == row.values.back() ? " or " : ", ";
      problem += each;
    }
    return problem + ": " + std::string(row.why);
  }
  return "";
}

const PropertyRow* find_allowed(std::string_view name) {
  const auto* row = std::find_if(kAllowed.begin(), kAllowed.end(),
                                 [&](const PropertyRow& each) { return each.name == name; });
  return row == kAllowed.end() ? nullptr : row;
}

// What a name that is not allowed is refused for.
std::string_view reason_of(std::string_view name) {
  for (const RefusedProperty& row : kRefused) {
    if (row.name == name) return row.why;
  }
  return "telex does not know it";
}

}  // namespace

std::span<const PropertyRow> allowed_properties() { return kAllowed; }
std::span<const RefusedProperty> refused_properties() { return kRefused; }

std::vector<std::string> check_properties(const Properties& properties) {
  std::vector<std::string> problems;
  for (const auto& [name, value] : properties) {
    if (find_allowed(name) == nullptr) {
      problems.push_back("the Kafka property " + name +
                         " may not be set: " + std::string(reason_of(name)));
    } else if (std::string problem = problem_of_value(name, value); !problem.empty()) {
      problems.push_back(problem.insert(0, "the Kafka property " + name));
    } else if (value.find_first_of(std::string_view("\0", 1)) != std::string::npos) {
      problems.push_back("the Kafka property " + name + " has a NUL byte in its value");
    }
  }
  return problems;
}

Properties properties_for(const Properties& properties, PropertyScope scope) {
  Properties chosen;
  for (const auto& [name, value] : properties) {
    const PropertyRow* row = find_allowed(name);
    if (row != nullptr && (row->scope == kBoth || row->scope == scope)) chosen.emplace(name, value);
  }
  return chosen;
}

Properties masked(const Properties& properties) {
  Properties shown = properties;
  for (auto& [name, value] : shown) {
    const PropertyRow* row = find_allowed(name);
    if (row == nullptr || row->secret) value = "***";
  }
  return shown;
}

}  // namespace telex::kafka
