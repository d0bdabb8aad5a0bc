// The Admin over librdkafka.
#include <algorithm>
#include <thread>
#include <utility>

#include "kafka/rd_internal.h"

namespace telex::kafka::rd {
namespace {

using std::chrono::steady_clock;

// Between two tries for metadata.
constexpr milliseconds kMetadataWait{100};

using MetadataPtr = std::unique_ptr<const rd_kafka_metadata_t, Deleter<rd_kafka_metadata_destroy>>;
using OptionsPtr = std::unique_ptr<rd_kafka_AdminOptions_t, Deleter<rd_kafka_AdminOptions_destroy>>;
using NewTopicPtr = std::unique_ptr<rd_kafka_NewTopic_t, Deleter<rd_kafka_NewTopic_destroy>>;
using DeleteTopicPtr =
    std::unique_ptr<rd_kafka_DeleteTopic_t, Deleter<rd_kafka_DeleteTopic_destroy>>;
using ResourcePtr =
    std::unique_ptr<rd_kafka_ConfigResource_t, Deleter<rd_kafka_ConfigResource_destroy>>;

class RdAdmin final : public Client, public Admin {
 public:
  explicit RdAdmin(std::shared_ptr<const Common> common) : Client(std::move(common)) {
    Conf conf(*common_, PropertyScope::producer);
    rd_kafka_conf_set_error_cb(conf.get(), on_error);
    handle_ = conf.create(RD_KAFKA_PRODUCER, static_cast<Client*>(this));
  }
  RdAdmin(const RdAdmin&) = delete;
  RdAdmin& operator=(const RdAdmin&) = delete;
  ~RdAdmin() override { rd_kafka_destroy(handle_); }

  Error topics(std::span<const std::string> names, milliseconds timeout,
               std::vector<TopicInfo>& out) override {
    out.clear();
    const rd_kafka_metadata_t* read = nullptr;
    const auto began = steady_clock::now();
    const auto end = began + timeout;
    while (true) {
      const auto left = std::chrono::ceil<milliseconds>(end - steady_clock::now());
      Error error =
          from_code(rd_kafka_metadata(handle_, 1, nullptr, &read, timeout_of(left)), "metadata");
      if (error.ok()) break;
      error = explained(began, std::move(error));
      // Newer clients give up on the first connection that fails, whatever the time.
      const bool passes = error.cause == ErrorCause::world && is_transport_fault(error.code);
      if (!passes || steady_clock::now() >= end) return error;
      std::this_thread::sleep_for(std::min(kMetadataWait, left));
    }
    const MetadataPtr metadata(read);
    for (const std::string& name : names) {
      TopicInfo info{name, 0, 0, make_error("UNKNOWN_TOPIC_OR_PART", "topic " + name)};
      for (int i = 0; i < metadata->topic_cnt; ++i) {
        const rd_kafka_metadata_topic_t& topic = metadata->topics[i];
        if (name != topic.topic) continue;
        info.error = from_code(topic.err, "topic " + name);
        info.partition_count = topic.partition_cnt;
        info.replication_factor = topic.partition_cnt > 0 ? INT32_MAX : 0;
        for (int p = 0; p < topic.partition_cnt; ++p) {
          info.replication_factor =
              std::min(info.replication_factor, topic.partitions[p].replica_cnt);
        }
      }
      out.push_back(std::move(info));
    }
    return {};
  }

  Error topic_config(const std::string& topic, milliseconds timeout,
                     std::map<std::string, std::string>& out) override {
    out.clear();
    const ResourcePtr resource(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()));
    rd_kafka_ConfigResource_t* asked = resource.get();
    const OptionsPtr options = make_options(RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, timeout);
    const QueuePtr queue(rd_kafka_queue_new(handle_));
    rd_kafka_DescribeConfigs(handle_, &asked, 1, options.get(), queue.get());
    EventPtr event;
    const Error error = wait(*queue, timeout, "configuration of " + topic, event);
    if (!error.ok()) return error;
    std::size_t count = 0;
    const rd_kafka_ConfigResource_t** results = rd_kafka_DescribeConfigs_result_resources(
        rd_kafka_event_DescribeConfigs_result(event.get()), &count);
    for (std::size_t i = 0; i < count; ++i) {
      const Error each =
          from_code(rd_kafka_ConfigResource_error(results[i]), "configuration of " + topic);
      if (!each.ok()) return each;
      std::size_t entry_count = 0;
      const rd_kafka_ConfigEntry_t** entries =
          rd_kafka_ConfigResource_configs(results[i], &entry_count);
      for (std::size_t e = 0; e < entry_count; ++e) {
        const char* value = rd_kafka_ConfigEntry_value(entries[e]);
        if (value != nullptr) out.emplace(rd_kafka_ConfigEntry_name(entries[e]), value);
      }
    }
    return {};
  }

  Error create_topics(std::span<const NewTopic> topics, milliseconds timeout) override {
    if (common_->cluster != nullptr) {
      for (const NewTopic& topic : topics) {
        Error error = common_->cluster->create_topic(topic.name, topic.partition_count);
        if (!error.ok()) return error;
      }
      return {};
    }
    std::vector<NewTopicPtr> owned;
    std::vector<rd_kafka_NewTopic_t*> asked;
    for (const NewTopic& topic : topics) {
      owned.emplace_back(rd_kafka_NewTopic_new(topic.name.c_str(), topic.partition_count,
                                               topic.replication_factor, nullptr, 0));
      if (owned.back() == nullptr) return make_error("_INVALID_ARG", "topic " + topic.name);
      for (const auto& [name, value] : topic.config) {
        rd_kafka_NewTopic_set_config(owned.back().get(), name.c_str(), value.c_str());
      }
      asked.push_back(owned.back().get());
    }
    const OptionsPtr options = make_options(RD_KAFKA_ADMIN_OP_CREATETOPICS, timeout);
    const QueuePtr queue(rd_kafka_queue_new(handle_));
    rd_kafka_CreateTopics(handle_, asked.data(), asked.size(), options.get(), queue.get());
    EventPtr event;
    const Error error = wait(*queue, timeout, "creating topics", event);
    if (!error.ok()) return error;
    std::size_t count = 0;
    const rd_kafka_topic_result_t** results = rd_kafka_CreateTopics_result_topics(
        rd_kafka_event_CreateTopics_result(event.get()), &count);
    return first_error({results, count});
  }

  Error delete_topics(std::span<const std::string> names, milliseconds timeout) override {
    std::vector<DeleteTopicPtr> owned;
    std::vector<rd_kafka_DeleteTopic_t*> asked;
    for (const std::string& name : names) {
      owned.emplace_back(rd_kafka_DeleteTopic_new(name.c_str()));
      asked.push_back(owned.back().get());
    }
    const OptionsPtr options = make_options(RD_KAFKA_ADMIN_OP_DELETETOPICS, timeout);
    const QueuePtr queue(rd_kafka_queue_new(handle_));
    rd_kafka_DeleteTopics(handle_, asked.data(), asked.size(), options.get(), queue.get());
    EventPtr event;
    const Error error = wait(*queue, timeout, "deleting topics", event);
    if (!error.ok()) return error;
    std::size_t count = 0;
    const rd_kafka_topic_result_t** results = rd_kafka_DeleteTopics_result_topics(
        rd_kafka_event_DeleteTopics_result(event.get()), &count);
    return first_error({results, count});
  }

 private:
  // The broker's own time limit; the client waits a little longer for its answer.
  OptionsPtr make_options(rd_kafka_admin_op_t op, milliseconds timeout) {
    OptionsPtr options(rd_kafka_AdminOptions_new(handle_, op));
    rd_kafka_AdminOptions_set_request_timeout(options.get(), timeout_of(timeout), nullptr, 0);
    return options;
  }

  Error wait(rd_kafka_queue_t& queue, milliseconds timeout, const std::string& what,
             EventPtr& event) {
    const auto began = steady_clock::now();
    event.reset(rd_kafka_queue_poll(&queue, timeout_of(timeout + milliseconds{1000})));
    Error error = event == nullptr ? make_error("_TIMED_OUT", what + ": no answer in time")
                                   : from_code(rd_kafka_event_error(event.get()), what);
    return explained(began, std::move(error));
  }

  // What the callbacks know of it; nobody else serves this client.
  Error explained(steady_clock::time_point began, Error error) {
    rd_kafka_poll(handle_, 0);
    return explain(handle_, began, std::move(error));
  }

  static void on_error(rd_kafka_t*, int code, const char* reason, void* opaque) {
    static_cast<RdAdmin&>(*static_cast<Client*>(opaque)).note_fault(code, reason);
  }

  static Error first_error(std::span<const rd_kafka_topic_result_t*> results) {
    for (const rd_kafka_topic_result_t* each : results) {
      Error error = from_code(rd_kafka_topic_result_error(each),
                              std::string("topic ") + rd_kafka_topic_result_name(each));
      if (!error.ok()) return error;
    }
    return {};
  }

  rd_kafka_t* handle_ = nullptr;
};

}  // namespace

std::unique_ptr<Admin> make_admin(std::shared_ptr<const Common> common) {
  return std::make_unique<RdAdmin>(std::move(common));
}

}  // namespace telex::kafka::rd
