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

void set_topic_config(const std::string& bootstrap, const std::string& topic,
                      const std::map<std::string, std::string>& config) {
  char why[512] = "";
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  rd_kafka_conf_set(conf, "bootstrap.servers", bootstrap.c_str(), why, sizeof why);
  const std::unique_ptr<rd_kafka_t, void (*)(rd_kafka_t*)> client(
      rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why), rd_kafka_destroy);
  if (client == nullptr) throw std::runtime_error(why);
  const std::unique_ptr<rd_kafka_queue_t, void (*)(rd_kafka_queue_t*)> queue(
      rd_kafka_queue_new(client.get()), rd_kafka_queue_destroy);
  rd_kafka_ConfigResource_t* resource =
      rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str());
  for (const auto& [name, value] : config) {
    rd_kafka_ConfigResource_set_config(resource, name.c_str(), value.c_str());
  }
  rd_kafka_AlterConfigs(client.get(), &resource, 1, nullptr, queue.get());
  const std::unique_ptr<rd_kafka_event_t, void (*)(rd_kafka_event_t*)> event(
      rd_kafka_queue_poll(queue.get(), 15'000), rd_kafka_event_destroy);
  rd_kafka_ConfigResource_destroy(resource);
  if (event == nullptr || rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    throw std::runtime_error("the configuration of " + topic + " cannot be set");
  }
}

}  // namespace telex::fault
