// TransactionCoordinator: the broker's side of transactions, as Kafka 4.2 treats a client without
// KIP-890 (librdkafka): the epoch stays the same from transaction to transaction, so a request of
// an earlier one that was long under way is taken for one of the current.
//
//   empty ─ add ─▶ ongoing ─ end ─▶ prepare_* ─ all markers written ─▶ complete_* ─ add ─▶ ongoing
//
// The answer to end() comes when the outcome is decided; markers are written afterwards, one
// partition at a time, in any order. A transaction that is open for longer than its producer
// allows is aborted under a new epoch, which shuts the producer out.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>

#include "tests/sim/chronicle.h"
#include "tests/sim/partition_log.h"
#include "tests/sim/scheduler.h"

namespace telex::sim {

enum class TransactionState : std::uint8_t {
  empty,
  ongoing,
  prepare_commit,
  prepare_abort,
  complete_commit,
  complete_abort,
};

class TransactionCoordinator {
 public:
  struct Outside {
    // Writes a marker to a partition, or to a group's pending offsets.
    std::function<void(const TopicPartition&, const ProducerId&, bool commit)> mark_partition;
    std::function<void(const std::string& group, const ProducerId&, bool commit)> mark_group;
    std::function<Nanos()> marker_delay;   // Until the next marker is written.
    std::function<Nanos()> timeout_delay;  // Until an overdue transaction is noticed.
  };

  TransactionCoordinator(Scheduler& scheduler, Chronicle& chronicle, Outside outside)
      : scheduler_(scheduler), chronicle_(chronicle), outside_(std::move(outside)) {}

  // InitProducerId. `known`: the producer's own, which it wants a new epoch for; id < 0: none.
  Code init(const std::string& name, Nanos timeout, const ProducerId& known, ProducerId& out);
  Code add_partitions(const std::string& name, const ProducerId& producer,
                      const std::set<TopicPartition>& partitions);
  Code add_group(const std::string& name, const ProducerId& producer, const std::string& group);
  Code end(const std::string& name, const ProducerId& producer, bool commit);

  // Whether the producer has this partition, or group, in a transaction that is under way. What
  // brokers ask before they append (transaction.partition.verification.enable).
  bool takes_part(const std::string& name, const ProducerId& producer,
                  const TopicPartition& partition) const;
  bool takes_part(const std::string& name, const ProducerId& producer,
                  const std::string& group) const;

  TransactionState state(const std::string& name) const;
  // Counts the transactions of this name; so one can tell which one a request has ended.
  std::uint64_t number(const std::string& name) const;
  bool all_over() const;  // None is ongoing or half-way.

 private:
  struct Transaction {
    std::string name;
    ProducerId producer;
    TransactionState state = TransactionState::empty;
    Nanos timeout{0};
    std::uint64_t number = 0;
    std::set<TopicPartition> partitions;
    std::set<std::string> groups;
    std::size_t markers_missing = 0;
  };

  Code check(Transaction*& transaction, const std::string& name, const ProducerId& producer);
  void open(Transaction& transaction);
  void fence_and_abort(Transaction& transaction);
  void decide(Transaction& transaction, bool commit);
  void marker_written(Transaction& transaction);

  Scheduler& scheduler_;
  Chronicle& chronicle_;
  Outside outside_;
  std::map<std::string, Transaction> transactions_;
  std::int64_t next_id_ = 1000;
};

}  // namespace telex::sim
