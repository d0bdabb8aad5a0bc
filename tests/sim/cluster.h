// Cluster: the brokers of a simulated Kafka, and the network between them and their clients.
//
// One request at a time, in the order of virtual time. What may happen to a request is what may
// happen to one on a real network: it is lost, its answer is lost, or it is so long under way that
// its client has given it up when it is carried out. While the broker is away nothing answers.
//
// Threads: one. Everything random comes from the seed.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/sim/chronicle.h"
#include "tests/sim/group.h"
#include "tests/sim/partition_log.h"
#include "tests/sim/process.h"
#include "tests/sim/scheduler.h"
#include "tests/sim/transactions.h"

namespace telex::sim {

// How often something goes wrong, per mille of the occasions.
struct FaultRates {
  std::uint32_t request_lost = 0;
  std::uint32_t answer_lost = 0;
  std::uint32_t request_late = 0;
  std::uint32_t end_late = 0;        // EndTxn and TxnOffsetCommit, on top.
  std::uint32_t record_refused = 0;  // A batch of records that its topic does not take.
  std::uint32_t delivery_timed_out = 0;
  std::uint32_t client_fatal = 0;  // The client gives itself up (librdkafka #4438).
  std::uint32_t queue_full = 0;
  std::uint32_t slow_markers = 0;
  std::uint32_t busy = 0;  // COORDINATOR_LOAD_IN_PROGRESS and its like.
};

// What is left of a client once it is destroyed: what it has sent is under way all the same, but
// nobody hears the answer.
struct Link {
  std::shared_ptr<Process> process;
  bool open = true;
};
using LinkPtr = std::shared_ptr<Link>;

enum class Api : std::uint8_t {
  heartbeat,  // And whatever else does no harm when it comes late.
  query,
  add_to_transaction,
  offsets_to_transaction,
  end_transaction,
  init_producer,
  produce,
};

class Cluster {
 public:
  struct Options {
    bool cooperative = false;
    Nanos initial_delay{0};  // group.initial.rebalance.delay.ms
  };

  Cluster(Scheduler& scheduler, Chronicle& chronicle, std::uint64_t seed, Options options);

  Scheduler& scheduler() { return scheduler_; }
  Chronicle& chronicle() { return chronicle_; }
  const Options& options() const { return options_; }
  FaultRates& faults() { return faults_; }

  void create_topic(const std::string& name, std::int32_t partitions);
  std::int32_t partition_count(const std::string& topic) const;  // 0: no such topic.
  PartitionLog& log(const TopicPartition& partition);            // REQUIRES: it is there.
  std::vector<TopicPartition> partitions_of(const std::string& topic) const;
  GroupCoordinator& group(const std::string& name);
  TransactionCoordinator& transactions() { return *transactions_; }

  // Whoever writes to this topic does it past any transaction, as with a producer of its own: a
  // mutant of the engine that needs no hook in it.
  void leave_out_of_transactions(const std::string& topic) { left_out_ = topic; }
  bool is_left_out(const std::string& topic) const { return topic == left_out_; }

  // A record from a producer without transactions.
  void publish(const TopicPartition& partition, Message message);
  // Something may be read that was not there before.
  void log_changed();
  void listen(const std::shared_ptr<std::function<void()>>& on_change);

  // The broker answers nobody for `time`.
  void outage(Nanos time);
  // Only the broker that coordinates transactions; groups and records live on others.
  void coordinator_outage(Nanos time);
  bool down() const { return scheduler_.now() < up_again_; }

  // `at_broker` is carried out there, or not; `late`: its client has given it up. `on_answer` runs
  // once in the client, unless that is gone: with what at_broker returned, or with _TRANSPORT or
  // _TIMED_OUT if nobody can know.
  void request(const LinkPtr& client, Api api, std::function<Code(bool late)> at_broker,
               std::function<void(Code)> on_answer);
  // The group's answer comes when the round is over; it is lost with the connection.
  void join(const LinkPtr& client, const std::string& group,
            const GroupCoordinator::JoinRequest& request,
            std::function<void(const GroupCoordinator::JoinAnswer&)> on_answer);

  bool chance(std::uint32_t per_mille) { return per_mille > 0 && random_.per_mille(per_mille); }

 private:
  bool down(Api api) const;
  Nanos latency();
  void answer(const LinkPtr& client, Nanos delay, std::function<void()> action);

  Scheduler& scheduler_;
  Chronicle& chronicle_;
  Random random_;
  Options options_;
  FaultRates faults_;
  std::map<std::string, std::vector<PartitionLog>> topics_;
  std::map<std::string, std::unique_ptr<GroupCoordinator>> groups_;
  std::unique_ptr<TransactionCoordinator> transactions_;
  std::vector<std::weak_ptr<std::function<void()>>> readers_;
  std::string left_out_;
  Nanos up_again_{0};
  Nanos coordinator_up_again_{0};
  std::uint64_t connection_ = 0;  // Counts outages: an answer of an earlier one is lost.
  std::uint64_t join_number_ = 0;
  std::map<std::uint64_t, std::function<void(Nanos)>> joins_;  // Unanswered; how to give one up.
};

// What a process sees of the cluster.
std::shared_ptr<kafka::Broker> connect(Cluster& cluster, std::shared_ptr<Process> process);

}  // namespace telex::sim
