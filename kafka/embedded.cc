#include "kafka/embedded.h"

#include <librdkafka/rdkafka.h>
// The mock's header wants to follow the library's.
#include <array>
#include <mutex>
#include <stdexcept>

#include <librdkafka/rdkafka_mock.h>

namespace telex::kafka {
namespace {

class MockCluster final : public EmbeddedCluster {
 public:
  MockCluster() {
    std::array<char, 512> why{};
    // A handle of its own: the mock needs one for its thread, and outlives every client.
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "client.id", "telex-embedded", nullptr, 0);
    rd_kafka_conf_set_log_cb(conf, nullptr);
    handle_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why.data(), why.size());
    if (handle_ == nullptr) {
      rd_kafka_conf_destroy(conf);
      throw std::runtime_error(std::string("the in-process cluster: ") + why.data());
    }
    cluster_ = rd_kafka_mock_cluster_new(handle_, 1);
    if (cluster_ == nullptr) {
      rd_kafka_destroy(handle_);
      throw std::runtime_error("the in-process cluster found no port to listen on");
    }
  }
  MockCluster(const MockCluster&) = delete;
  MockCluster& operator=(const MockCluster&) = delete;
  ~MockCluster() override {
    rd_kafka_mock_cluster_destroy(cluster_);
    rd_kafka_destroy(handle_);
  }

  std::string bootstrap_servers() const override {
    return rd_kafka_mock_cluster_bootstraps(cluster_);
  }

  Error create_topic(const std::string& name, int partition_count) override {
    const rd_kafka_resp_err_t code =
        rd_kafka_mock_topic_create(cluster_, name.c_str(), partition_count, 1);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
    return make_error(rd_kafka_err2name(code), "topic " + name);
  }

 private:
  rd_kafka_t* handle_ = nullptr;
  rd_kafka_mock_cluster_t* cluster_ = nullptr;
};

}  // namespace

std::shared_ptr<EmbeddedCluster> EmbeddedCluster::start() {
  // Two of them in one process would be two worlds under one name.
  static std::mutex mutex;
  static std::weak_ptr<EmbeddedCluster> running;
  const std::lock_guard lock(mutex);
  if (auto cluster = running.lock()) return cluster;
  auto cluster = std::make_shared<MockCluster>();
  running = cluster;
  return cluster;
}

}  // namespace telex::kafka
