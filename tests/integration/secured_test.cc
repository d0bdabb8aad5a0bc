// The client on a broker that asks who is there.
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "service/engine.h"
#include "service/kafka_ports.h"
#include "tests/integration/pass_through.h"
#include "tests/integration/real_kafka.h"
#include "tests/integration/secured_kafka.h"

namespace telex::testing {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

// What a client says in its log, from any thread.
class Said {
 public:
  void add(std::string_view line) {
    const std::lock_guard lock(mutex_);
    text_.append(line).append("\n");
  }
  std::string text() const {
    const std::lock_guard lock(mutex_);
    return text_;
  }

 private:
  mutable std::mutex mutex_;
  std::string text_;
};

class Members final : public kafka::RebalanceListener {
 public:
  void on_assigned(std::span<const TopicPartition> partitions) override {
    held.insert(held.end(), partitions.begin(), partitions.end());
  }
  void on_revoked(std::span<const TopicPartition>, bool) override { held.clear(); }
  std::vector<TopicPartition> held;
};

std::shared_ptr<kafka::Broker> connect_to(const std::string& bootstrap,
                                          const Properties& properties,
                                          const std::shared_ptr<Said>& said = nullptr) {
  kafka::BrokerSettings settings;
  settings.bootstrap_servers = bootstrap;
  settings.client_id = "telex-test";
  settings.properties = properties;
  if (said != nullptr) {
    settings.log = [said](int, std::string_view, std::string_view line) { said->add(line); };
  }
  return kafka::connect(settings);
}

// Reads `count` values of the topic as a member of a group, and gives its name for a commit.
std::string read_as_member(kafka::Consumer& consumer, const std::string& topic, std::size_t count,
                           std::vector<std::string>& values) {
  must(consumer.subscribe(std::vector{topic}), "subscribe");
  Members members;
  bool runs = false;
  EXPECT_TRUE(eventually(
      [&] {
        kafka::ConsumerRecord record;
        kafka::Error error;
        const kafka::PollStatus status = consumer.poll(50ms, members, record, error);
        if (status == kafka::PollStatus::record) values.emplace_back(record.value);
        if (!members.held.empty() && !runs) {
          runs = true;
          const std::vector<kafka::PartitionOffset> begin{{members.held.front(), Offset{0}}};
          must(consumer.assign(begin), "assign");
        }
        return values.size() == count;
      },
      20s));
  return consumer.group_metadata();
}

// ---------------------------------------------------------------------------------------------
// Ways in.

struct Door {
  const char* name;
  const char* mechanism;  // Empty: a client certificate.
};

class SecuredDoor : public ::testing::TestWithParam<Door> {
 protected:
  Properties properties() const {
    const std::string mechanism = GetParam().mechanism;
    return mechanism.empty() ? secured_.mutual_tls() : secured_.sasl(mechanism);
  }
  const std::string& bootstrap() const {
    return *GetParam().mechanism == '\0' ? secured_.ssl_bootstrap : secured_.sasl_bootstrap;
  }

  SecuredKafka secured_;
  RealKafka plain_;
};

TEST_P(SecuredDoor, RecordsAreReadAndWrittenInATransactionThroughIt) {
  const auto broker = connect_to(bootstrap(), properties());
  if (!kafka::property_warnings(properties()).empty()) {
    // A client that gets SCRAM wrong: what the broker takes for a wrong password is explained.
    std::vector<kafka::TopicInfo> topics;
    const kafka::Error error = broker->admin()->topics({}, 5s, topics);
    EXPECT_EQ(error.cause, kafka::ErrorCause::setup) << describe(error);
    EXPECT_NE(error.message.find("use a newer librdkafka"), std::string::npos) << error.message;
    return;
  }
  const std::string input = plain_.unique("door.in");
  const std::string output = plain_.unique("door.out");
  plain_.create_topic(output, 1);
  const std::vector<kafka::NewTopic> topics{{input, 1, -1, {}}};
  must(broker->admin()->create_topics(topics, 15s), "create");

  const auto writer = broker->producer({});
  for (const char* value : {"a", "b"}) {
    kafka::ProducerRecord record;
    record.topic = input;
    record.partition = Partition{0};
    record.value = value;
    must(writer->produce(record), "produce");
  }
  must(writer->flush(15s), "flush");

  kafka::ConsumerSettings consumer_settings;
  consumer_settings.group_id = input;
  const auto consumer = broker->consumer(consumer_settings);
  std::vector<std::string> values;
  const std::string group = read_as_member(*consumer, input, 2, values);
  EXPECT_EQ(values, (std::vector<std::string>{"a", "b"}));

  kafka::ProducerSettings transactional;
  transactional.transactional_id = input;
  const auto producer = broker->producer(transactional);
  must(producer->init_transactions(15s), "init");
  must(producer->begin(), "begin");
  kafka::ProducerRecord record;
  record.topic = output;
  record.partition = Partition{0};
  record.value = "once";
  must(producer->produce(record), "produce");
  const std::vector<kafka::PartitionOffset> next{{{input, Partition{0}}, Offset{2}}};
  must(producer->send_offsets(next, group, 15s), "send offsets");
  must(producer->commit(15s), "commit");
  consumer->close(5s);

  plain_.wait_until_stable(output);
  const auto read = plain_.read_all(output);
  ASSERT_EQ(read.size(), 1U);
  EXPECT_EQ(read[0].value, "once");
  EXPECT_EQ(plain_.committed_offset(input, {input, Partition{0}}), 2);
}

template <class Param>
std::string name_of(const ::testing::TestParamInfo<Param>& each) {
  return each.param.name;
}

INSTANTIATE_TEST_SUITE_P(Kafka, SecuredDoor,
                         ::testing::Values(Door{"PlainOverTls", "PLAIN"},
                                           Door{"ScramSha256OverTls", "SCRAM-SHA-256"},
                                           Door{"ScramSha512OverTls", "SCRAM-SHA-512"},
                                           Door{"ClientCertificate", ""}),
                         name_of<Door>);

// ---------------------------------------------------------------------------------------------
// Faults of the set-up.

struct Wrong {
  const char* name;
  bool sasl;           // Else the listener for client certificates.
  Properties changed;  // "@" before a name stands for the file of that name; empty: not set.
  const char* host;    // Instead of 127.0.0.1; null: that.
  const char* said;
};

void PrintTo(const Wrong& wrong, std::ostream* out) { *out << wrong.name; }

class SecuredFault : public ::testing::TestWithParam<Wrong> {
 protected:
  SecuredFault() {
    const Wrong& wrong = GetParam();
    bootstrap_ = wrong.sasl ? secured_.sasl_bootstrap : secured_.ssl_bootstrap;
    if (wrong.host != nullptr) bootstrap_ = wrong.host + bootstrap_.substr(bootstrap_.find(':'));
    properties_ = wrong.sasl ? secured_.sasl() : secured_.mutual_tls();
    for (const auto& [name, value] : wrong.changed) {
      if (value.empty()) {
        properties_.erase(name);
      } else {
        properties_[name] = value.front() == '@' ? secured_.path(value.substr(1)) : value;
      }
    }
    broker_ = connect_to(bootstrap_, properties_, said_);
  }
  void expect_setup(const kafka::Error& error, steady_clock::time_point began) {
    EXPECT_EQ(error.cause, kafka::ErrorCause::setup) << describe(error);
    EXPECT_NE(error.message.find(GetParam().said), std::string::npos) << describe(error);
    expect_no_secret(describe(error));
    EXPECT_LT(steady_clock::now() - began, 30s);
  }
  void expect_no_secret(const std::string& text) {
    for (const char* name : {"sasl.password", "ssl.key.password"}) {
      const auto found = properties_.find(name);
      if (found == properties_.end()) continue;
      EXPECT_EQ(text.find(found->second), std::string::npos) << name;
    }
  }

  SecuredKafka secured_;
  std::string bootstrap_;
  Properties properties_;
  std::shared_ptr<Said> said_ = std::make_shared<Said>();
  std::shared_ptr<kafka::Broker> broker_;
};

TEST_P(SecuredFault, IsOfTheSetUpForEveryClientAndNamed) {
  auto began = steady_clock::now();
  std::vector<kafka::TopicInfo> topics;
  expect_setup(broker_->admin()->topics({}, 5s, topics), began);

  began = steady_clock::now();
  kafka::ProducerSettings transactional;
  transactional.transactional_id = "telex-test";
  expect_setup(broker_->producer(transactional)->init_transactions(5s), began);

  began = steady_clock::now();
  kafka::ConsumerSettings settings;
  settings.group_id = "telex-test";
  const auto consumer = broker_->consumer(settings);
  must(consumer->subscribe(std::vector<std::string>{"raw"}), "subscribe");
  Members members;
  kafka::Error error;
  eventually(
      [&] {
        kafka::ConsumerRecord record;
        const auto status = consumer->poll(50ms, members, record, error);
        return status == kafka::PollStatus::error && error.cause == kafka::ErrorCause::setup;
      },
      20s);
  expect_setup(error, began);
  consumer->close(1s);
  expect_no_secret(said_->text());
}

const Properties kNoCertificate{
    {"ssl.certificate.location", ""}, {"ssl.key.location", ""}, {"ssl.key.password", ""}};

INSTANTIATE_TEST_SUITE_P(
    Kafka, SecuredFault,
    ::testing::Values(Wrong{"WrongPassword",
                            true,
                            {{"sasl.password", "c4n4ry-of-a-password"}},
                            nullptr,
                            "SASL authentication error"},
                      Wrong{"UnknownUser",
                            true,
                            {{"sasl.username", "nobody"}},
                            nullptr,
                            "SASL authentication error"},
                      Wrong{"UnknownAuthority",
                            true,
                            {{"ssl.ca.location", "@other-ca.pem"}},
                            nullptr,
                            "signed by an authority in ssl.ca.location"},
                      // An address that is the broker's and stands in no certificate.
                      Wrong{"WrongHostName", true, {}, "127.1", "made out to this host name"},
                      Wrong{"ExpiredClientCertificate",
                            false,
                            {{"ssl.certificate.location", "@expired.pem"},
                             {"ssl.key.location", "@expired.key"},
                             {"ssl.key.password", ""}},
                            nullptr,
                            "refuses this client's certificate"},
                      Wrong{"NoClientCertificate", false, kNoCertificate, nullptr,
                            "refuses this client's certificate"},
                      Wrong{"PlaintextToATlsListener",
                            false,
                            {{"security.protocol", "PLAINTEXT"}},
                            nullptr,
                            "security.protocol"},
                      Wrong{"SaslToAListenerWithoutIt",
                            false,
                            {{"security.protocol", "SASL_SSL"},
                             {"sasl.mechanism", "PLAIN"},
                             {"sasl.username", "telex"},
                             {"sasl.password", "c4n4ry-of-a-password"}},
                            nullptr,
                            "mechanism handshake failed"},
                      Wrong{"CertificateToASaslListener",
                            true,
                            {{"security.protocol", "SSL"}},
                            nullptr,
                            "security.protocol"}),
    name_of<Wrong>);

TEST(SecuredKeys, APassphraseThatDoesNotFitIsSaidAtOnceWithoutIt) {
  const SecuredKafka secured;
  Properties properties = secured.mutual_tls();
  properties["ssl.key.password"] = "c4n4ry-of-a-passphrase";
  try {
    connect_to(secured.ssl_bootstrap, properties);
    FAIL() << "the key opened";
  } catch (const std::runtime_error& failure) {
    const std::string text = failure.what();
    EXPECT_NE(text.find("ssl.key.location"), std::string::npos) << text;
    EXPECT_EQ(text.find("c4n4ry"), std::string::npos) << text;
  }
}

TEST(SecuredKeys, ABrokerThatIsNotThereIsNoFaultOfTheSetUp) {
  const SecuredKafka secured;
  const auto broker = connect_to("127.0.0.1:1", secured.sasl());
  std::vector<kafka::TopicInfo> topics;
  const kafka::Error error = broker->admin()->topics({}, 4s, topics);
  EXPECT_EQ(error.cause, kafka::ErrorCause::world) << describe(error);
}

// ---------------------------------------------------------------------------------------------
// Rights.

TEST(SecuredRights, WithoutTheRightToWriteTheEngineStopsAndNamesTheTopic) {
  const SecuredKafka secured;
  RealKafka plain;
  const std::string input = plain.unique("rights.in");
  const std::string output = plain.unique("rights.out");
  const std::string dead_letters = plain.unique("rights.dlq");
  for (const std::string& topic : {input, output, dead_letters}) plain.create_topic(topic, 1);
  plain.produce(input, {"a", "b", "{broken"});

  KafkaLaneSettings lane;
  lane.name = input;
  lane.group = input;
  lane.static_member = false;
  lane.input_topics = {input};
  lane.enriched_topic = output;
  lane.dead_letter_topic = dead_letters;
  std::vector<LaneSetup> setups(1);
  setups[0].ports =
      kafka_lane_ports(connect_to(secured.sasl_bootstrap, secured.sasl("PLAIN", "reader")), lane);
  Engine engine(std::move(setups), publish_pass_through());
  engine.start();
  ASSERT_TRUE(engine.wait(60s));
  EXPECT_NE(engine.exit_reason().find("TOPIC_AUTHORIZATION_FAILED"), std::string::npos)
      << engine.exit_reason();
  EXPECT_NE(engine.exit_reason().find(output), std::string::npos) << engine.exit_reason();
  EXPECT_TRUE(plain.read_all(output, false).empty());
  EXPECT_TRUE(plain.read_all(dead_letters, false).empty()) << "nothing is dead-lettered for it";
  EXPECT_EQ(plain.committed_offset(input, {input, Partition{0}}), -1);
}

}  // namespace
}  // namespace telex::testing
