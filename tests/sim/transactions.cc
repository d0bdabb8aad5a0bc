#include "tests/sim/transactions.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace telex::sim {
namespace {

bool is_prepared(TransactionState state) {
  return state == TransactionState::prepare_commit || state == TransactionState::prepare_abort;
}

}  // namespace

Code TransactionCoordinator::init(const std::string& name, Nanos timeout, const ProducerId& known,
                                  ProducerId& out) {
  Transaction& transaction = transactions_[name];
  transaction.name = name;
  if (known.id >= 0 &&
      (known.id != transaction.producer.id || known.epoch != transaction.producer.epoch)) {
    return "PRODUCER_FENCED";
  }
  if (is_prepared(transaction.state)) return "CONCURRENT_TRANSACTIONS";
  if (transaction.state == TransactionState::ongoing) {
    chronicle_.tell("coordinator", name, " begins anew: what it left open is aborted");
    fence_and_abort(transaction);
    return "CONCURRENT_TRANSACTIONS";
  }
  if (transaction.producer.id < 0) transaction.producer = {next_id_++, -1};
  ++transaction.producer.epoch;
  transaction.state = TransactionState::empty;
  transaction.timeout = timeout;
  chronicle_.add(Count::epochs_bumped);
  out = transaction.producer;
  chronicle_.tell("coordinator", name, " has epoch ", transaction.producer.epoch);
  return "";
}

Code TransactionCoordinator::check(Transaction*& transaction, const std::string& name,
                                   const ProducerId& producer) {
  const auto found = transactions_.find(name);
  if (found == transactions_.end() || found->second.producer.id != producer.id) {
    return "INVALID_PRODUCER_ID_MAPPING";
  }
  transaction = &found->second;
  if (producer.epoch != transaction->producer.epoch) {
    chronicle_.add(Count::producers_fenced);
    return "INVALID_PRODUCER_EPOCH";
  }
  return "";
}

void TransactionCoordinator::open(Transaction& transaction) {
  if (transaction.state == TransactionState::ongoing) return;
  transaction.state = TransactionState::ongoing;
  const std::uint64_t number = ++transaction.number;
  const auto on_time_out = [this, &transaction, number] {
    if (transaction.number != number || transaction.state != TransactionState::ongoing) return;
    chronicle_.add(Count::transactions_timed_out);
    chronicle_.tell("coordinator", "the transaction of ", transaction.name, " is overdue");
    fence_and_abort(transaction);
  };
  scheduler_.after(transaction.timeout + outside_.timeout_delay(), on_time_out);
}

Code TransactionCoordinator::add_partitions(const std::string& name, const ProducerId& producer,
                                            const std::set<TopicPartition>& partitions) {
  Transaction* transaction = nullptr;
  if (const Code code = check(transaction, name, producer); !code.empty()) return code;
  if (is_prepared(transaction->state)) return "CONCURRENT_TRANSACTIONS";
  open(*transaction);
  transaction->partitions.insert(partitions.begin(), partitions.end());
  return "";
}

Code TransactionCoordinator::add_group(const std::string& name, const ProducerId& producer,
                                       const std::string& group) {
  Transaction* transaction = nullptr;
  if (const Code code = check(transaction, name, producer); !code.empty()) return code;
  if (is_prepared(transaction->state)) return "CONCURRENT_TRANSACTIONS";
  open(*transaction);
  transaction->groups.insert(group);
  return "";
}

Code TransactionCoordinator::end(const std::string& name, const ProducerId& producer, bool commit) {
  Transaction* transaction = nullptr;
  if (const Code code = check(transaction, name, producer); !code.empty()) return code;
  switch (transaction->state) {
    case TransactionState::empty:
      return "INVALID_TXN_STATE";
    case TransactionState::ongoing:
      decide(*transaction, commit);
      return "";
    case TransactionState::prepare_commit:
      return commit ? "CONCURRENT_TRANSACTIONS" : "INVALID_TXN_STATE";
    case TransactionState::prepare_abort:
      return commit ? "INVALID_TXN_STATE" : "CONCURRENT_TRANSACTIONS";
    case TransactionState::complete_commit:
      return commit ? "" : "INVALID_TXN_STATE";
    case TransactionState::complete_abort:
      return commit ? "INVALID_TXN_STATE" : "";
  }
  return "UNKNOWN_SERVER_ERROR";
}

void TransactionCoordinator::fence_and_abort(Transaction& transaction) {
  ++transaction.producer.epoch;
  decide(transaction, false);
}

void TransactionCoordinator::decide(Transaction& transaction, bool commit) {
  chronicle_.add(commit ? Count::transactions_committed : Count::transactions_aborted);
  chronicle_.tell("coordinator", transaction.name, commit ? " commits" : " aborts", " transaction ",
                  transaction.number);
  transaction.state = commit ? TransactionState::prepare_commit : TransactionState::prepare_abort;
  transaction.markers_missing = transaction.partitions.size() + transaction.groups.size();
  const ProducerId producer = transaction.producer;
  for (const TopicPartition& each : std::exchange(transaction.partitions, {})) {
    scheduler_.after(outside_.marker_delay(), [this, &transaction, producer, commit, each] {
      outside_.mark_partition(each, producer, commit);
      marker_written(transaction);
    });
  }
  for (const std::string& each : std::exchange(transaction.groups, {})) {
    scheduler_.after(outside_.marker_delay(), [this, &transaction, producer, commit, each] {
      outside_.mark_group(each, producer, commit);
      marker_written(transaction);
    });
  }
}

void TransactionCoordinator::marker_written(Transaction& transaction) {
  if (--transaction.markers_missing > 0) return;
  transaction.state = transaction.state == TransactionState::prepare_commit
                          ? TransactionState::complete_commit
                          : TransactionState::complete_abort;
}

bool TransactionCoordinator::takes_part(const std::string& name, const ProducerId& producer,
                                        const TopicPartition& partition) const {
  const auto found = transactions_.find(name);
  return found != transactions_.end() && found->second.producer == producer &&
         found->second.state == TransactionState::ongoing &&
         found->second.partitions.count(partition) > 0;
}

bool TransactionCoordinator::takes_part(const std::string& name, const ProducerId& producer,
                                        const std::string& group) const {
  const auto found = transactions_.find(name);
  return found != transactions_.end() && found->second.producer == producer &&
         found->second.state == TransactionState::ongoing && found->second.groups.count(group) > 0;
}

TransactionState TransactionCoordinator::state(const std::string& name) const {
  const auto found = transactions_.find(name);
  return found == transactions_.end() ? TransactionState::empty : found->second.state;
}

std::uint64_t TransactionCoordinator::number(const std::string& name) const {
  const auto found = transactions_.find(name);
  return found == transactions_.end() ? 0 : found->second.number;
}

bool TransactionCoordinator::all_over() const {
  return std::none_of(transactions_.begin(), transactions_.end(), [](const auto& each) {
    return each.second.state == TransactionState::ongoing || is_prepared(each.second.state);
  });
}

}  // namespace telex::sim
