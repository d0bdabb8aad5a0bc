#include "tests/fault/broker.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <memory>
#include <random>
#include <stdexcept>
#include <thread>

#include <librdkafka/rdkafka.h>

#include "tests/integration/real_kafka.h"

namespace telex::fault {
namespace {

using std::chrono::milliseconds;

std::string needed(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') {
    throw std::runtime_error(std::string(name) +
                             " is not set: run this through `deploy/kafka run -- …`");
  }
  return value;
}

bool is_free(int port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  const bool good =
      ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(socket);
  return good;
}

}  // namespace

BrokerProcess::BrokerProcess()
    : script_(needed("TELEX_TEST_KAFKA")), folder_(needed("TELEX_TEST_KAFKA_DIR")) {}

void BrokerProcess::end(int signal) {
  pid_t pid = 0;
  std::ifstream(folder_ + "/pid") >> pid;
  if (pid <= 0 || ::kill(pid, signal) != 0) throw std::runtime_error("no broker to end");
  // A zombie answers kill(), and its parent is a shell that waits for something else.
  const auto gone = [&] {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string stat;
    if (!std::getline(file, stat)) return true;
    const std::size_t state = stat.rfind(") ");
    return state != std::string::npos && stat[state + 2] == 'Z';
  };
  if (!testing::eventually(gone, milliseconds{40'000})) {
    throw std::runtime_error("the broker does not end");
  }
}

void BrokerProcess::start() {
  const std::string file = folder_ + "/fault.properties";
  std::ofstream(file) << properties_;
  const std::string command =
      "TELEX_KAFKA_PROPERTIES='" + file + "' '" + script_ + "' start --dir '" + folder_ + "' >&2";
  if (std::system(command.c_str()) != 0) {
    throw std::runtime_error("the broker does not start again");
  }
}

void BrokerProcess::require(const std::string& properties) {
  if (properties == properties_) return;
  end(SIGTERM);
  properties_ = properties;
  start();
}

int BrokerProcess::port() const {
  int port = 0;
  std::ifstream(folder_ + "/port") >> port;
  return port;
}

int free_ports(int count) {
  // Not seeded: two tests side by side must not meet.
  std::random_device device;
  std::uniform_int_distribution<int> any(20'000, 31'999 - count);
  for (int tries = 0; tries < 200; ++tries) {
    const int first = any(device);
    int port = first;
    while (port < first + count && is_free(port)) ++port;
    if (port == first + count) return first;
  }
  throw std::runtime_error("no free ports between 20000 and 31999");
}

namespace {

using ClientPtr = std::unique_ptr<rd_kafka_t, void (*)(rd_kafka_t*)>;
using QueuePtr = std::unique_ptr<rd_kafka_queue_t, void (*)(rd_kafka_queue_t*)>;
using EventPtr = std::unique_ptr<rd_kafka_event_t, void (*)(rd_kafka_event_t*)>;
using BindingPtr = std::unique_ptr<rd_kafka_AclBinding_t, void (*)(rd_kafka_AclBinding_t*)>;

// One request to the cluster's administration, and its answer.
class Administrator {
 public:
  explicit Administrator(const std::string& bootstrap)
      : client_(make(bootstrap)),
        queue_(rd_kafka_queue_new(client_.get()), rd_kafka_queue_destroy) {}
  rd_kafka_t* client() const { return client_.get(); }
  rd_kafka_queue_t* queue() const { return queue_.get(); }
  void expect_good(const std::string& what) const {
    const EventPtr event(rd_kafka_queue_poll(queue_.get(), 15'000), rd_kafka_event_destroy);
    if (event == nullptr || rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) {
      throw std::runtime_error(
          what + ": " +
          (event == nullptr ? "no answer" : rd_kafka_event_error_string(event.get())));
    }
  }

 private:
  static ClientPtr make(const std::string& bootstrap) {
    char why[512] = "";
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "bootstrap.servers", bootstrap.c_str(), why, sizeof why);
    ClientPtr client(rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why), rd_kafka_destroy);
    if (client == nullptr) throw std::runtime_error(why);
    return client;
  }
  ClientPtr client_;
  QueuePtr queue_;
};

}  // namespace

void deny_write(const std::string& bootstrap, const std::string& topic,
                const std::string& principal) {
  const Administrator admin(bootstrap);
  char why[512] = "";
  const BindingPtr denial(
      rd_kafka_AclBinding_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str(),
                              RD_KAFKA_RESOURCE_PATTERN_LITERAL, principal.c_str(), "*",
                              RD_KAFKA_ACL_OPERATION_WRITE, RD_KAFKA_ACL_PERMISSION_TYPE_DENY, why,
                              sizeof why),
      rd_kafka_AclBinding_destroy);
  if (denial == nullptr) throw std::runtime_error(why);
  rd_kafka_AclBinding_t* each = denial.get();
  rd_kafka_CreateAcls(admin.client(), &each, 1, nullptr, admin.queue());
  admin.expect_good("deny writing to " + topic);
}

void allow_write(const std::string& bootstrap, const std::string& topic,
                 const std::string& principal) {
  const Administrator admin(bootstrap);
  char why[512] = "";
  const BindingPtr denials(
      rd_kafka_AclBindingFilter_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str(),
                                    RD_KAFKA_RESOURCE_PATTERN_LITERAL, principal.c_str(), "*",
                                    RD_KAFKA_ACL_OPERATION_WRITE, RD_KAFKA_ACL_PERMISSION_TYPE_DENY,
                                    why, sizeof why),
      rd_kafka_AclBinding_destroy);
  if (denials == nullptr) throw std::runtime_error(why);
  rd_kafka_AclBindingFilter_t* each = denials.get();
  rd_kafka_DeleteAcls(admin.client(), &each, 1, nullptr, admin.queue());
  admin.expect_good("allow writing to " + topic);
}

void set_topic_config(const std::string& bootstrap, const std::string& topic,
                      const std::map<std::string, std::string>& config) {
  const Administrator admin(bootstrap);
  const std::unique_ptr<rd_kafka_ConfigResource_t, void (*)(rd_kafka_ConfigResource_t*)> resource(
      rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()),
      rd_kafka_ConfigResource_destroy);
  for (const auto& [name, value] : config) {
    rd_kafka_ConfigResource_set_config(resource.get(), name.c_str(), value.c_str());
  }
  rd_kafka_ConfigResource_t* each = resource.get();
  rd_kafka_AlterConfigs(admin.client(), &each, 1, nullptr, admin.queue());
  admin.expect_good("configuration of " + topic);
}

}  // namespace telex::fault
