// The Consumer as librdkafka 2.0.2 behaves behind the seam: it joins, beats and learns of
// rebalances in the background, but partitions change hands only inside poll(). A member that the
// group has thrown out forgets its member id and generation at once, before poll() tells anybody,
// so group_metadata() may be that of nobody (rdkafka_cgrp.c, UNKNOWN_MEMBER_ID on a heartbeat).
#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/sim/sim_client.h"

namespace telex::sim {
namespace {

using namespace std::chrono_literals;
using kafka::Error;
using kafka::make_error;
using kafka::PollStatus;

constexpr Nanos kHeartbeatMax = 3s;
// max.poll.interval.ms, which is also how long the group waits for a member to join.
constexpr Nanos kRebalanceTimeout = 300s;

class SimConsumer final : public Client, public kafka::Consumer {
 public:
  SimConsumer(Cluster& cluster, std::shared_ptr<Process> process, kafka::ConsumerSettings settings)
      : Client(cluster, std::move(process)),
        settings_(std::move(settings)),
        on_change_(std::make_shared<std::function<void()>>([this] { look_soon(); })) {
    claim_.group = settings_.group_id;
    claim_.instance_id = settings_.group_instance_id;
    cluster_.listen(on_change_);
  }

  Error subscribe(std::span<const std::string> topics) override {
    process().enter(SeamCall::other);
    if (settings_.group_id.empty()) return make_error("_UNKNOWN_GROUP", "subscribe");
    topics_.assign(topics.begin(), topics.end());
    join();
    return {};
  }

  PollStatus poll(kafka::milliseconds timeout, kafka::RebalanceListener& listener,
                  kafka::ConsumerRecord& record, Error& error) override {
    process().enter(SeamCall::poll);
    const Nanos deadline = now() + timeout;
    while (true) {
      if (!events_.empty()) {
        serve(listener);
        continue;
      }
      if (!pending_error_.ok()) {
        error = std::exchange(pending_error_, {});
        return PollStatus::error;
      }
      if (take(record)) return PollStatus::record;
      if (settings_.group_id.empty() && tell_end(record)) return PollStatus::end;
      if (now() >= deadline) return PollStatus::nothing;
      process().wait_until(deadline);
    }
  }

  Error assign(std::span<const kafka::PartitionOffset> positions) override {
    process().enter(SeamCall::assign);
    running_.clear();
    for (const kafka::PartitionOffset& each : positions) {
      if (!settings_.group_id.empty() && held_.count(each.partition) == 0) {
        return make_error("_INVALID_ARG", "assign: a partition that is not held");
      }
      running_[each.partition] = each.next;
    }
    told_end_.clear();
    if (settings_.group_id.empty()) count(Count::restores);
    return {};
  }

  Error committed(std::span<const TopicPartition> partitions, kafka::milliseconds timeout,
                  std::vector<kafka::PartitionOffset>& out) override {
    process().enter(SeamCall::committed);
    out.clear();
    if (partitions.empty()) return {};
    const std::vector<TopicPartition> asked(partitions.begin(), partitions.end());
    const auto read = std::make_shared<std::vector<kafka::PartitionOffset>>();
    const Error error = ask(now() + timeout, "committed offsets",
                            [&cluster = cluster_, group = settings_.group_id, asked, read](bool) {
                              const Code code = cluster.group(group).fetch(asked, *read);
                              if (!code.empty()) {
                                cluster.chronicle().add(Count::offsets_unstable);
                              }
                              return code;
                            });
    if (error.ok()) out = *read;
    return error;
  }

  Error commit(std::span<const kafka::PartitionOffset> offsets,
               kafka::milliseconds timeout) override {
    process().enter(SeamCall::other);
    const std::vector<kafka::PartitionOffset> given(offsets.begin(), offsets.end());
    return ask(now() + timeout, "offset commit",
               [&cluster = cluster_, claim = claim_, given](bool) {
                 return cluster.group(claim.group).commit(claim, given);
               });
  }

  Error watermarks(const TopicPartition& partition, kafka::milliseconds timeout,
                   kafka::Watermarks& out) override {
    process().enter(SeamCall::other);
    const auto read = std::make_shared<kafka::Watermarks>();
    const Error error =
        ask(now() + timeout, "offsets",
            [&cluster = cluster_, partition, read, committed = settings_.read_committed](bool) {
              const PartitionLog& log = cluster.log(partition);
              *read = {Offset{0}, committed ? log.stable_end() : log.end()};
              return Code("");
            });
    if (error.ok()) out = *read;
    return error;
  }

  std::optional<kafka::FetchProgress> progress(const TopicPartition& partition) override {
    const auto found = running_.find(partition);
    if (found == running_.end()) return std::nullopt;
    return kafka::FetchProgress{Offset{0}, cluster_.log(partition).stable_end(), found->second, 0};
  }

  std::string group_metadata() override {
    process().enter(SeamCall::other);
    return claim_.encode();
  }

  bool is_member() override {
    process().enter(SeamCall::other);
    return !claim_.member_id.empty();
  }

  void close(kafka::milliseconds) override {
    process().enter(SeamCall::other);
    closed_ = true;
    // Static members stay in the group; of the others it hears, unless the request is lost.
    if (claim_.instance_id.empty() && !claim_.member_id.empty()) {
      request(
          Api::heartbeat,
          [&cluster = cluster_, claim = claim_](bool) {
            cluster.group(claim.group).leave(claim.member_id);
            return Code("");
          },
          [](Code) {});
    }
    forget_membership();
    held_.clear();
    running_.clear();
    events_.clear();
  }

 private:
  enum class Step : std::uint8_t { out, joining, steady, serving };

  struct Event {
    bool assigned = false;
    std::vector<TopicPartition> partitions;
  };

  // One question to the broker, asked again until it is answered or the deadline has passed.
  Error ask(Nanos deadline, const std::string& what, std::function<Code(bool)> at_broker) {
    Code last = "_TIMED_OUT";
    while (true) {
      const auto answered = std::make_shared<bool>(false);
      const auto given = std::make_shared<Code>();
      request(Api::query, at_broker, [this, answered, given](Code code) {
        *answered = true;
        *given = code;
        process().wake();
      });
      if (!wait_for([&] { return *answered; }, deadline)) return make_error(last, what);
      if (given->empty()) return {};
      last = *given;
      if (!is_fault(last) && last != "UNSTABLE_OFFSET_COMMIT") return make_error(last, what);
      const Nanos again = now() + process().random().time(10ms, 100ms);
      if (again >= deadline) return make_error(last, what);
      wait_for([] { return false; }, again);
    }
  }

  // ---- Records.

  void look_soon() {
    if (running_.empty() || std::exchange(look_due_, true)) return;
    background(process().random().time(200us, 3ms), [this] {
      look_due_ = false;
      process().wake();
    });
  }

  bool take(kafka::ConsumerRecord& record) {
    if (cluster_.down() || running_.empty()) return false;
    // From which partition the next record comes is as chance will have it.
    const std::size_t first = process().random().below(running_.size());
    for (std::size_t i = 0; i < running_.size(); ++i) {
      auto position = running_.begin();
      std::advance(position, static_cast<std::ptrdiff_t>((first + i) % running_.size()));
      const LogEntry* entry =
          cluster_.log(position->first).read(position->second, settings_.read_committed);
      if (entry == nullptr) continue;
      fill(position->first, position->second, *entry, record);
      ++position->second.value;
      return true;
    }
    return false;
  }

  // Once for each end that was come to; markers and aborted records have been passed by then.
  bool tell_end(kafka::ConsumerRecord& record) {
    if (cluster_.down()) return false;
    for (const auto& [partition, next] : running_) {
      Offset& told = told_end_.try_emplace(partition, Offset{-1}).first->second;
      if (told == next) continue;
      told = next;
      topic_ = partition.topic;
      record = {};
      record.topic = topic_;
      record.partition = partition.partition;
      record.offset = next;
      return true;
    }
    return false;
  }

  // Views of a copy: the log grows while the application holds them.
  void fill(const TopicPartition& partition, Offset offset, const LogEntry& entry,
            kafka::ConsumerRecord& record) {
    taken_ = entry.message;
    topic_ = partition.topic;
    headers_.clear();
    for (const auto& [name, value] : taken_.headers) {
      headers_.push_back({name, value ? std::string_view(*value) : std::string_view{}});
    }
    record.topic = topic_;
    record.partition = partition.partition;
    record.offset = offset;
    record.timestamp = taken_.timestamp;
    record.key = taken_.key ? std::string_view(*taken_.key) : std::string_view{};
    record.value = taken_.value ? std::string_view(*taken_.value) : std::string_view{};
    record.headers = headers_;
  }

  // ---- The group, in the background.

  void forget_membership() {
    claim_.generation = -1;
    claim_.member_id.clear();
    ++membership_;
    step_ = Step::out;
  }

  void join() {
    if (closed_ || fenced_) return;
    step_ = Step::joining;
    rejoin_ = false;
    GroupCoordinator::JoinRequest wanted;
    wanted.claim = claim_;
    if (cluster_.options().cooperative) wanted.owned.assign(held_.begin(), held_.end());
    wanted.session_timeout = settings_.session_timeout;
    wanted.rebalance_timeout = kRebalanceTimeout;
    cluster_.join(link_, settings_.group_id, wanted,
                  [this, number = ++membership_](const GroupCoordinator::JoinAnswer& given) {
                    if (number == membership_ && !closed_) on_joined(given);
                  });
  }

  void on_joined(const GroupCoordinator::JoinAnswer& given) {
    if (given.code == "FENCED_INSTANCE_ID") {
      set_fenced();
      return;
    }
    if (given.code == "UNKNOWN_MEMBER_ID") {
      // Thrown out: what it still holds (cooperatively) belongs to others by now.
      set_lost();
      return;
    }
    if (!given.code.empty()) {
      background(process().random().time(10ms, 200ms), [this, number = membership_] {
        if (number == membership_) join();
      });
      return;
    }
    claim_.member_id = given.member_id;
    claim_.generation = given.generation;
    last_beat_ = now();
    const std::set<TopicPartition> assigned(given.assignment.begin(), given.assignment.end());
    if (cluster_.options().cooperative) {
      std::vector<TopicPartition> taken;
      std::vector<TopicPartition> added;
      std::set_difference(held_.begin(), held_.end(), assigned.begin(), assigned.end(),
                          std::back_inserter(taken));
      std::set_difference(assigned.begin(), assigned.end(), held_.begin(), held_.end(),
                          std::back_inserter(added));
      rejoin_ = !taken.empty();
      if (!taken.empty()) events_.push_back({false, taken});
      events_.push_back({true, added});
    } else {
      events_.push_back({true, given.assignment});
    }
    step_ = Step::serving;
    process().wake();
    beat_later();
  }

  void beat_later() {
    const Nanos interval = std::min<Nanos>(settings_.session_timeout / 3, kHeartbeatMax);
    background(interval, [this, number = membership_] {
      if (number == membership_ && !closed_) beat();
    });
  }

  void beat() {
    if (claim_.member_id.empty()) return;
    if (now() - last_beat_ > settings_.session_timeout) {
      // The client's own watch; the generation stays as it was.
      const std::int32_t generation = claim_.generation;
      set_lost();
      claim_.generation = generation;
      return;
    }
    request(
        Api::heartbeat,
        [&cluster = cluster_, claim = claim_](bool) {
          return cluster.group(claim.group).heartbeat(claim);
        },
        [this, number = membership_](Code code) {
          if (number == membership_ && !closed_) on_beaten(code);
        });
  }

  void on_beaten(Code code) {
    if (code.empty()) {
      last_beat_ = now();
    } else if (code == "REBALANCE_IN_PROGRESS") {
      last_beat_ = now();
      if (step_ == Step::steady) {
        begin_rebalance();
        if (step_ == Step::joining) return;  // Beats begin again with the answer.
      }
    } else if (code == "FENCED_INSTANCE_ID") {
      set_fenced();
      return;
    } else if (!is_fault(code)) {
      set_lost();
      return;
    }
    beat_later();
  }

  void begin_rebalance() {
    tell("hears of a rebalance");
    if (cluster_.options().cooperative || held_.empty()) {
      join();
      return;
    }
    step_ = Step::serving;
    rejoin_ = true;
    events_.push_back({false, {held_.begin(), held_.end()}});
    process().wake();
  }

  // What was held belongs to others already.
  void set_lost() {
    tell("has lost its place in the group");
    count(Count::assignments_lost);
    forget_membership();
    events_.clear();
    lost_ = !held_.empty();
    rejoin_ = true;
    step_ = Step::serving;
    if (held_.empty()) {
      if (!in_listener_) join();
      return;
    }
    if (!in_listener_) events_.push_back({false, {held_.begin(), held_.end()}});
    process().wake();
  }

  void set_fenced() {
    fenced_ = true;
    set_lost();
    pending_error_ =
        make_error("FENCED_INSTANCE_ID", "another member has this instance id", {.fatal = true});
    process().wake();
  }

  // ---- Inside poll().

  static std::string list(const std::vector<TopicPartition>& partitions) {
    std::string text = partitions.empty() ? " nothing" : "";
    for (const TopicPartition& each : partitions) {
      text += " " + each.topic + "/" + std::to_string(each.partition.value);
    }
    return text;
  }

  void serve(kafka::RebalanceListener& listener) {
    const Event event = std::move(events_.front());
    events_.pop_front();
    in_listener_ = true;
    process().set_in_rebalance(true);
    if (event.assigned) {
      tell("is assigned", list(event.partitions), " in generation ", claim_.generation);
      held_.insert(event.partitions.begin(), event.partitions.end());
      if (!cluster_.options().cooperative) running_.clear();
      listener.on_assigned(event.partitions);
    } else {
      tell(lost_ ? "has lost" : "gives up", list(event.partitions));
      listener.on_revoked(event.partitions, lost_);
      for (const TopicPartition& each : event.partitions) {
        held_.erase(each);
        running_.erase(each);
      }
    }
    in_listener_ = false;
    process().set_in_rebalance(false);
    // Lost while the application was at it: what is still held goes as well.
    if (lost_ && !held_.empty() && events_.empty()) {
      events_.push_back({false, {held_.begin(), held_.end()}});
      return;
    }
    if (!events_.empty() || step_ != Step::serving) return;
    lost_ = false;
    if (rejoin_) {
      join();
    } else {
      step_ = Step::steady;
    }
  }

  const kafka::ConsumerSettings settings_;
  std::vector<std::string> topics_;
  std::shared_ptr<std::function<void()>> on_change_;
  bool look_due_ = false;

  MemberClaim claim_;
  Step step_ = Step::out;
  std::uint64_t membership_ = 0;  // Counts joins; what belongs to an earlier one is dropped.
  Nanos last_beat_{0};
  bool rejoin_ = false;  // When the application has served what there is.
  bool lost_ = false;
  bool fenced_ = false;
  bool closed_ = false;
  bool in_listener_ = false;
  std::deque<Event> events_;
  Error pending_error_;

  std::set<TopicPartition> held_;
  std::map<TopicPartition, Offset> running_;
  std::map<TopicPartition, Offset> told_end_;
  Message taken_;
  std::string topic_;
  std::vector<Header> headers_;
};

class SimAdmin final : public Client, public kafka::Admin {
 public:
  using Client::Client;
  Error topics(std::span<const std::string> names, kafka::milliseconds timeout,
               std::vector<kafka::TopicInfo>& out) override {
    process().enter(SeamCall::other);
    out.clear();
    if (cluster_.down()) {
      process().sleep(timeout);
      return make_error("_TRANSPORT", "metadata");
    }
    for (const std::string& name : names) {
      const std::int32_t count = cluster_.partition_count(name);
      out.push_back({name, count, 3, {}});
      if (count == 0) out.back().error = make_error("UNKNOWN_TOPIC_OR_PART", name);
    }
    return {};
  }
  Error topic_config(const std::string&, kafka::milliseconds,
                     std::map<std::string, std::string>& out) override {
    process().enter(SeamCall::other);
    out.clear();
    return {};
  }
  Error create_topics(std::span<const kafka::NewTopic>, kafka::milliseconds) override {
    return make_error("POLICY_VIOLATION", "topics of this world are made with it");
  }
  Error delete_topics(std::span<const std::string>, kafka::milliseconds) override {
    return make_error("TOPIC_DELETION_DISABLED", "topics of this world stay");
  }
};

class SimBroker final : public kafka::Broker {
 public:
  SimBroker(Cluster& cluster, std::shared_ptr<Process> process)
      : cluster_(cluster), process_(std::move(process)) {}
  std::unique_ptr<kafka::Consumer> consumer(const kafka::ConsumerSettings& settings) override {
    process_->enter(SeamCall::other);
    return make_consumer(cluster_, process_, settings);
  }
  std::unique_ptr<kafka::Producer> producer(const kafka::ProducerSettings& settings) override {
    process_->enter(SeamCall::other);
    return make_producer(cluster_, process_, settings);
  }
  std::unique_ptr<kafka::Admin> admin() override {
    return std::make_unique<SimAdmin>(cluster_, process_);
  }
  bool at_least_once_only() const override { return false; }

 private:
  Cluster& cluster_;
  std::shared_ptr<Process> process_;
};

}  // namespace

std::unique_ptr<kafka::Consumer> make_consumer(Cluster& cluster, std::shared_ptr<Process> process,
                                               const kafka::ConsumerSettings& settings) {
  return std::make_unique<SimConsumer>(cluster, std::move(process), settings);
}

std::shared_ptr<kafka::Broker> connect(Cluster& cluster, std::shared_ptr<Process> process) {
  return std::make_shared<SimBroker>(cluster, std::move(process));
}

}  // namespace telex::sim
