// What the files rd_*.cc share: owning handles, settings and errors of librdkafka. Nobody else
// includes this.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <librdkafka/rdkafka.h>

#include "kafka/client.h"
#include "kafka/embedded.h"
#include "kafka/properties.h"

namespace telex::kafka::rd {

template <auto Destroy>
struct Deleter {
  template <class T>
  void operator()(T* handle) const {
    Destroy(handle);
  }
};
using ErrorPtr = std::unique_ptr<rd_kafka_error_t, Deleter<rd_kafka_error_destroy>>;
using ListPtr = std::unique_ptr<rd_kafka_topic_partition_list_t,
                                Deleter<rd_kafka_topic_partition_list_destroy>>;
using MessagePtr = std::unique_ptr<rd_kafka_message_t, Deleter<rd_kafka_message_destroy>>;
using ConfPtr = std::unique_ptr<rd_kafka_conf_t, Deleter<rd_kafka_conf_destroy>>;
using QueuePtr = std::unique_ptr<rd_kafka_queue_t, Deleter<rd_kafka_queue_destroy>>;
using EventPtr = std::unique_ptr<rd_kafka_event_t, Deleter<rd_kafka_event_destroy>>;
using GroupPtr = std::unique_ptr<rd_kafka_consumer_group_metadata_t,
                                 Deleter<rd_kafka_consumer_group_metadata_destroy>>;

Error from_code(rd_kafka_resp_err_t code, std::string_view what);
// Takes the error over; nullptr = no error. The flags come first, see errors.h.
Error from_error(rd_kafka_error_t* error, std::string_view what);
// The error that ended the client; ok() while it lives.
Error fatal_error(rd_kafka_t* handle);

// Why SCRAM cannot work with the linked client on a current broker; empty: it can, or is not asked
// for.
std::string scram_problem(const Properties& properties);

inline int timeout_of(milliseconds time) {
  constexpr milliseconds kLongest{24L * 3600 * 1000};
  return static_cast<int>(std::clamp(time, milliseconds{0}, kLongest).count());
}

ListPtr make_list(std::span<const TopicPartition> partitions);
ListPtr make_list(std::span<const PartitionOffset> offsets);
std::vector<TopicPartition> partitions_of(const rd_kafka_topic_partition_list_t* list);

// What all clients of a Broker have in common.
struct Common {
  BrokerSettings settings;
  std::string bootstrap_servers;             // Resolved.
  std::shared_ptr<EmbeddedCluster> cluster;  // Set when it is the in-process one.
};

// A configuration that ends itself unless given to rd_kafka_new().
class Conf {
 public:
  Conf(const Common& common, PropertyScope scope);
  Conf(const Conf&) = delete;
  Conf& operator=(const Conf&) = delete;
  // Throws std::runtime_error with librdkafka's own words.
  void set(const std::string& name, const std::string& value);
  rd_kafka_conf_t* get() { return conf_.get(); }
  // Throws std::runtime_error. `opaque` is what callbacks and the log find.
  rd_kafka_t* create(rd_kafka_type_t type, void* opaque);

 private:
  ConfPtr conf_;
};

// The base of each client: callbacks find it as the opaque of their handle.
class Client {
 public:
  explicit Client(std::shared_ptr<const Common> common) : common_(std::move(common)) {}
  virtual ~Client() = default;
  void log(int level, std::string_view client, std::string_view facility, std::string_view line);

 protected:
  // What a callback said of a connection, kept if only a person can mend it: a password that is
  // refused, a TLS handshake that fails, a listener that hangs up on the first request. Any thread;
  // asks the client nothing.
  void note_fault(int code, std::string_view reason);
  // That fault, once it is certain: a broker that is starting or dying may look the same for a
  // moment; and when any broker has answered, one among several may be to blame.
  Error setup_fault(rd_kafka_t* handle);
  // The error of a call that began then, or, if its request was lost because of such a fault, what
  // is behind it. REQUIRES: callbacks have been served since.
  Error explain(rd_kafka_t* handle, std::chrono::steady_clock::time_point began, Error error);

  std::shared_ptr<const Common> common_;  // Keeps the in-process cluster alive.

 private:
  std::mutex mutex_;
  Error fault_;
  bool fault_is_certain_ = false;
  std::chrono::steady_clock::time_point fault_since_;
};

std::unique_ptr<Consumer> make_consumer(std::shared_ptr<const Common> common,
                                        const ConsumerSettings& settings);
std::unique_ptr<Producer> make_producer(std::shared_ptr<const Common> common,
                                        const ProducerSettings& settings);
std::unique_ptr<Admin> make_admin(std::shared_ptr<const Common> common);

}  // namespace telex::kafka::rd
