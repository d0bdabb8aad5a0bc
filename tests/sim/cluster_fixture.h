// A small cluster and processes with scripts, for tests of the simulator itself.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/sim/cluster.h"

namespace telex::sim {

class ClusterTest : public ::testing::Test {
 protected:
  static inline const TopicPartition kIn{"in", Partition{0}};
  static inline const TopicPartition kOut{"out", Partition{0}};

  void TearDown() override {
    for (const auto& each : processes_) each->kill();
    while (std::any_of(processes_.begin(), processes_.end(),
                       [](const auto& each) { return !each->finished(); })) {
      ASSERT_TRUE(scheduler_.run_one());
    }
    scheduler_.clear();
  }

  Cluster& cluster(bool cooperative = false) {
    if (cluster_ == nullptr) {
      cluster_ = std::make_unique<Cluster>(scheduler_, chronicle_, 7,
                                           Cluster::Options{cooperative, Nanos{0}});
      cluster_->create_topic("in", 3);
      cluster_->create_topic("out", 1);
      cluster_->group("g").set_partitions(cluster_->partitions_of("in"));
    }
    return *cluster_;
  }

  // Runs `script` as a process's main thread; goes on while others do.
  using Script = std::function<void(Process&, kafka::Broker&)>;
  std::shared_ptr<Process> start(const std::string& name, Script script) {
    auto process = std::make_shared<Process>(name, scheduler_, chronicle_, 11);
    const std::shared_ptr<kafka::Broker> broker = connect(cluster(), process);
    processes_.push_back(process);
    process->start([process, broker, script = std::move(script)] { script(*process, *broker); });
    return process;
  }
  // The same, until it has ended.
  void run(const std::string& name, Script script) {
    const auto process = start(name, std::move(script));
    while (process->alive()) ASSERT_TRUE(scheduler_.run_one());
  }
  void pass(Nanos time) { scheduler_.run_until(scheduler_.now() + time); }

  static kafka::ProducerSettings writer(const std::string& name) {
    kafka::ProducerSettings settings;
    settings.transactional_id = name;
    return settings;
  }
  static kafka::Error put(kafka::Producer& producer, const std::string& value) {
    kafka::ProducerRecord record;
    record.topic = "out";
    record.partition = Partition{0};
    record.key = "k";
    record.value = value;
    return producer.produce(record);
  }
  // What a reader of "out" sees.
  std::vector<std::string> read(bool committed = true) {
    std::vector<std::string> values;
    Offset at{0};
    for (; const LogEntry* entry = cluster().log(kOut).read(at, committed); ++at.value) {
      values.push_back(*entry->message.value);
    }
    return values;
  }
  GroupCoordinator::JoinAnswer join(const std::string& member, const std::string& instance = {},
                                    std::vector<TopicPartition> owned = {}) {
    auto answer = std::make_shared<GroupCoordinator::JoinAnswer>();
    join_later(member, instance, std::move(owned), answer);
    pass(std::chrono::milliseconds{100});
    return *answer;
  }
  void join_later(const std::string& member, const std::string& instance,
                  std::vector<TopicPartition> owned,
                  const std::shared_ptr<GroupCoordinator::JoinAnswer>& answer) {
    GroupCoordinator::JoinRequest request;
    request.claim = {"g", -1, member, instance};
    request.owned = std::move(owned);
    request.session_timeout = std::chrono::seconds{10};
    request.rebalance_timeout = std::chrono::seconds{60};
    cluster().group("g").join(request, [answer](const auto& given) { *answer = given; });
  }
  static MemberClaim claim(const GroupCoordinator::JoinAnswer& answer,
                           const std::string& instance = {}) {
    return {"g", answer.generation, answer.member_id, instance};
  }

  Scheduler scheduler_;
  Chronicle chronicle_{scheduler_};
  std::unique_ptr<Cluster> cluster_;
  std::vector<std::shared_ptr<Process>> processes_;
};

}  // namespace telex::sim
