#include "tests/sim/cluster.h"

#include <algorithm>
#include <utility>

namespace telex::sim {
namespace {

using namespace std::chrono_literals;

bool may_be_late(Api api) { return api != Api::heartbeat && api != Api::query; }

}  // namespace

Cluster::Cluster(Scheduler& scheduler, Chronicle& chronicle, std::uint64_t seed, Options options)
    : scheduler_(scheduler), chronicle_(chronicle), random_(seed), options_(options) {
  TransactionCoordinator::Outside outside;
  outside.mark_partition = [this](const TopicPartition& partition, const ProducerId& producer,
                                  bool commit) {
    log(partition).append_marker(producer, commit);
    log_changed();
  };
  outside.mark_group = [this](const std::string& name, const ProducerId& producer, bool commit) {
    group(name).end_transaction(producer, commit);
  };
  outside.marker_delay = [this] {
    const Nanos away = down() ? up_again_ - scheduler_.now() : 0ns;
    if (chance(faults_.slow_markers)) return away + random_.time(100ms, 8s);
    return away + random_.time(100us, 15ms);
  };
  // transaction.abort.timed.out.transaction.cleanup.interval.ms is 10 s.
  outside.timeout_delay = [this] { return random_.time(0s, 10s); };
  transactions_ = std::make_unique<TransactionCoordinator>(scheduler_, chronicle_, outside);
}

void Cluster::create_topic(const std::string& name, std::int32_t partitions) {
  topics_[name].resize(static_cast<std::size_t>(partitions));
}

std::int32_t Cluster::partition_count(const std::string& topic) const {
  const auto found = topics_.find(topic);
  return found == topics_.end() ? 0 : static_cast<std::int32_t>(found->second.size());
}

PartitionLog& Cluster::log(const TopicPartition& partition) {
  return topics_.at(partition.topic).at(static_cast<std::size_t>(partition.partition.value));
}

std::vector<TopicPartition> Cluster::partitions_of(const std::string& topic) const {
  std::vector<TopicPartition> partitions;
  partitions.reserve(static_cast<std::size_t>(partition_count(topic)));
  for (std::int32_t i = 0; i < partition_count(topic); ++i) {
    partitions.push_back({topic, Partition{i}});
  }
  return partitions;
}

GroupCoordinator& Cluster::group(const std::string& name) {
  auto& group = groups_[name];
  if (group == nullptr) {
    group = std::make_unique<GroupCoordinator>(scheduler_, chronicle_, options_.cooperative,
                                               options_.initial_delay);
  }
  return *group;
}

void Cluster::publish(const TopicPartition& partition, Message message) {
  log(partition).append(std::move(message));
  log_changed();
}

void Cluster::listen(const std::shared_ptr<std::function<void()>>& on_change) {
  std::erase_if(readers_, [](const auto& each) { return each.expired(); });
  readers_.push_back(on_change);
}

void Cluster::log_changed() {
  for (const auto& each : readers_) {
    if (const auto reader = each.lock()) (*reader)();
  }
}

void Cluster::outage(Nanos time) {
  chronicle_.add(Count::outages);
  chronicle_.tell("broker", "is away for ", time / 1ms, " ms");
  up_again_ = std::max(up_again_, scheduler_.now() + time);
  ++connection_;
  for (auto& [name, group] : groups_) group->lose_connections(up_again_ - scheduler_.now());
  for (const auto& [number, give_up] : std::exchange(joins_, {})) give_up(random_.time(1ms, 100ms));
  scheduler_.at(up_again_, [this] { log_changed(); });
}

void Cluster::coordinator_outage(Nanos time) {
  chronicle_.add(Count::coordinator_outages);
  chronicle_.tell("coordinator", "is away for ", time / 1ms, " ms");
  coordinator_up_again_ = std::max(coordinator_up_again_, scheduler_.now() + time);
}

bool Cluster::down(Api api) const {
  const bool at_coordinator =
      api == Api::add_to_transaction || api == Api::end_transaction || api == Api::init_producer;
  return down() || (at_coordinator && scheduler_.now() < coordinator_up_again_);
}

Nanos Cluster::latency() {
  return random_.one_in(32) ? random_.time(2ms, 60ms) : random_.time(100us, 2ms);
}

void Cluster::answer(const LinkPtr& client, Nanos delay, std::function<void()> action) {
  client->process->background(delay, [client, action = std::move(action)] {
    if (client->open) action();
  });
}

void Cluster::request(const LinkPtr& client, Api api, std::function<Code(bool late)> at_broker,
                      std::function<void(Code)> on_answer) {
  const auto fail = [&](Nanos delay, Code code) {
    answer(client, delay, [on_answer, code] { on_answer(code); });
  };
  if (down(api)) {
    fail(random_.time(1ms, 100ms), "_TRANSPORT");
    return;
  }
  // A connection that breaks is noticed at once, one that is silent after the socket timeout.
  const bool silent = random_.one_in(3);
  const Nanos noticed = silent ? Nanos{kafka::kSocketTimeout} : random_.time(1ms, 300ms);
  const Code fault = silent ? "_TIMED_OUT" : "_TRANSPORT";
  if (chance(faults_.request_lost)) {
    chronicle_.add(Count::requests_lost);
    fail(noticed, fault);
    return;
  }
  std::uint32_t late = may_be_late(api) ? faults_.request_late : 0;
  if (api == Api::end_transaction || api == Api::offsets_to_transaction) late += faults_.end_late;
  if (chance(late)) {
    chronicle_.add(Count::requests_late);
    // From shortly after the client gave up to long after; never later than connections live.
    const Nanos arrives =
        noticed + (random_.one_in(2) ? random_.time(1ms, 200ms) : random_.time(200ms, 60s));
    scheduler_.after(arrives, [this, api, at_broker] {
      if (!down(api)) at_broker(true);
    });
    fail(noticed, fault);
    return;
  }
  const bool answer_lost = chance(faults_.answer_lost);
  if (answer_lost) chronicle_.add(Count::answers_lost);
  scheduler_.after(latency(), [this, client, api, at_broker = std::move(at_broker),
                               on_answer = std::move(on_answer), answer_lost, noticed, fault] {
    if (down(api)) {
      answer(client, random_.time(1ms, 100ms), [on_answer] { on_answer("_TRANSPORT"); });
      return;
    }
    const std::uint64_t connection = connection_;
    const Code code = at_broker(false);
    if (answer_lost) {
      answer(client, noticed, [on_answer, fault] { on_answer(fault); });
      return;
    }
    answer(client, latency(), [this, on_answer, code, connection] {
      on_answer(connection == connection_ ? code : Code("_TRANSPORT"));
    });
  });
}

void Cluster::join(const LinkPtr& client, const std::string& group_name,
                   const GroupCoordinator::JoinRequest& request,
                   std::function<void(const GroupCoordinator::JoinAnswer&)> on_answer) {
  const auto give_up = [this, client, on_answer](Nanos delay) {
    answer(client, delay, [on_answer] { on_answer({"_TRANSPORT", "", -1, {}}); });
  };
  if (down() || chance(faults_.request_lost)) {
    give_up(random_.time(1ms, 300ms));
    return;
  }
  scheduler_.after(latency(), [this, client, group_name, request, on_answer, give_up] {
    if (down()) {
      give_up(random_.time(1ms, 100ms));
      return;
    }
    const std::uint64_t number = ++join_number_;
    joins_[number] = give_up;
    group(group_name)
        .join(request,
              [this, client, on_answer, number](const GroupCoordinator::JoinAnswer& given) {
                // Who waits when the broker goes has heard so, and comes again.
                if (joins_.erase(number) == 0) return;
                answer(client, latency(), [on_answer, given] { on_answer(given); });
              });
  });
}

}  // namespace telex::sim
