// A scripted Consumer and Producer, and a clock that goes only when told: what the client says is
// written down in advance, what it was asked is written down for the test to read.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "kafka/client.h"
#include "process/clock.h"

namespace telex::testing {

class ManualClock final : public Clock {
 public:
  std::chrono::nanoseconds steady() const override { return now_; }
  UnixMillis utc() const override {
    return kEpoch + std::chrono::duration_cast<std::chrono::milliseconds>(now_).count();
  }
  void pass(std::chrono::nanoseconds time) { now_ += time; }

  static constexpr UnixMillis kEpoch = 1'700'000'000'000;

 private:
  std::chrono::nanoseconds now_{1'000'000'000};
};

// The records of partitions, by offset; hands out those of the assigned ones in turn. Steps of the
// script run first, one a poll.
class ScriptedConsumer final : public kafka::Consumer {
 public:
  using Step = std::function<void(kafka::RebalanceListener&)>;

  explicit ScriptedConsumer(ManualClock& clock) : clock_(clock) {}

  // The world.
  std::map<TopicPartition, std::vector<std::string>> log;  // Offset = index.
  std::map<TopicPartition, Offset> group_offsets;
  std::deque<Step> script;
  std::deque<kafka::Error> poll_errors;
  std::deque<kafka::Error> committed_errors;  // Empty: ok.
  kafka::Error watermarks_error;
  bool tells_ends = false;
  std::int64_t markers = 0;  // Offsets behind the last record of each partition.
  // What was asked.
  std::vector<std::vector<kafka::PartitionOffset>> assignments;
  std::vector<std::string> topics;
  bool closed = false;
  bool member = true;

  kafka::Error subscribe(std::span<const std::string> names) override {
    topics.assign(names.begin(), names.end());
    return {};
  }
  kafka::PollStatus poll(kafka::milliseconds timeout, kafka::RebalanceListener& listener,
                         kafka::ConsumerRecord& record, kafka::Error& error) override {
    if (!script.empty()) {
      const Step step = std::move(script.front());
      script.pop_front();
      step(listener);
      return kafka::PollStatus::nothing;
    }
    if (!poll_errors.empty()) {
      error = std::move(poll_errors.front());
      poll_errors.pop_front();
      return kafka::PollStatus::error;
    }
    for (kafka::PartitionOffset& each : positions_) {
      const auto& values = log[each.partition];
      const auto index = static_cast<std::size_t>(each.next.value);
      if (index >= values.size()) continue;
      record = {each.partition.topic,
                each.partition.partition,
                each.next,
                1000 + each.next.value,
                {},
                values[index],
                {}};
      ++each.next.value;
      return kafka::PollStatus::record;
    }
    for (kafka::PartitionOffset& each : positions_) {
      const auto end = static_cast<std::int64_t>(log[each.partition].size()) + markers;
      if (!tells_ends || each.next.value >= end + 1) continue;
      each.next.value = end + 1;  // Told once.
      record = {};
      record.topic = each.partition.topic;
      record.partition = each.partition.partition;
      record.offset = Offset{end};
      return kafka::PollStatus::end;
    }
    clock_.pass(timeout);
    return kafka::PollStatus::nothing;
  }
  kafka::Error assign(std::span<const kafka::PartitionOffset> positions) override {
    positions_.assign(positions.begin(), positions.end());
    assignments.push_back(positions_);
    return {};
  }
  kafka::Error committed(std::span<const TopicPartition> partitions, kafka::milliseconds,
                         std::vector<kafka::PartitionOffset>& out) override {
    out.clear();
    if (!committed_errors.empty()) {
      kafka::Error error = std::move(committed_errors.front());
      committed_errors.pop_front();
      if (!error.ok()) return error;
    }
    for (const TopicPartition& each : partitions) {
      const auto found = group_offsets.find(each);
      out.push_back({each, found == group_offsets.end() ? Offset{-1} : found->second});
    }
    return {};
  }
  kafka::Error commit(std::span<const kafka::PartitionOffset> offsets,
                      kafka::milliseconds) override {
    for (const auto& each : offsets) group_offsets[each.partition] = each.next;
    return {};
  }
  kafka::Error watermarks(const TopicPartition& partition, kafka::milliseconds,
                          kafka::Watermarks& out) override {
    out = {Offset{0}, Offset{static_cast<std::int64_t>(log[partition].size())}};
    return watermarks_error;
  }
  std::optional<kafka::FetchProgress> progress(const TopicPartition& partition) override {
    const auto found = fetched.find(partition);
    if (found == fetched.end()) return std::nullopt;
    return found->second;
  }
  std::map<TopicPartition, kafka::FetchProgress> fetched;
  std::string group_metadata() override { return "generation"; }
  bool is_member() override { return member; }
  void close(kafka::milliseconds) override { closed = true; }

 private:
  ManualClock& clock_;
  std::vector<kafka::PartitionOffset> positions_;
};

// Calls are written down as words; each may be given errors to say first.
class ScriptedProducer final : public kafka::Producer {
 public:
  struct Answer {
    kafka::Error error;
    std::chrono::milliseconds takes{0};
    std::uint32_t faults = 0;  // Transport faults that the next serve() tells.
  };
  struct Sent {
    std::string topic, key, value;
    UnixMillis timestamp;
    std::vector<std::pair<std::string, std::string>> headers;
  };

  explicit ScriptedProducer(ManualClock& clock) : clock_(clock) {}

  std::map<std::string, std::deque<Answer>> answers;  // By call.
  std::vector<std::string> calls;                     // But not serve() and produce().
  std::vector<Sent> sent;
  kafka::ProducerEvents events;  // Told by the next serve().
  std::function<void()> on_produce = [] {};

  kafka::Error init_transactions(kafka::milliseconds) override { return answer("init"); }
  kafka::Error begin() override { return answer("begin"); }
  kafka::Error send_offsets(std::span<const kafka::PartitionOffset> offsets, std::string_view group,
                            kafka::milliseconds) override {
    last_offsets.assign(offsets.begin(), offsets.end());
    last_group = group;
    return answer("send_offsets");
  }
  kafka::Error commit(kafka::milliseconds) override { return answer("commit"); }
  kafka::Error abort(kafka::milliseconds) override { return answer("abort"); }
  kafka::Error flush(kafka::milliseconds) override { return answer("flush"); }
  void purge() override { calls.emplace_back("purge"); }
  kafka::Error produce(const kafka::ProducerRecord& record) override {
    on_produce();
    auto& due = answers["produce"];
    if (!due.empty()) {
      kafka::Error error = std::move(due.front().error);
      due.pop_front();
      if (!error.ok()) return error;
    }
    Sent each{std::string(record.topic),
              std::string(record.key),
              std::string(record.value),
              record.timestamp,
              {}};
    for (const Header& header : record.headers) {
      each.headers.emplace_back(header.name, header.value);
    }
    sent.push_back(std::move(each));
    return {};
  }
  kafka::ProducerEvents serve(kafka::milliseconds timeout) override {
    clock_.pass(timeout);
    return std::exchange(events, {});
  }

  std::vector<kafka::PartitionOffset> last_offsets;
  std::string last_group;

 private:
  kafka::Error answer(const std::string& call) {
    calls.push_back(call);
    auto& due = answers[call];
    if (due.empty()) return {};
    Answer given = std::move(due.front());
    due.pop_front();
    clock_.pass(given.takes);
    events.transport_faults += given.faults;
    return given.error;
  }

  ManualClock& clock_;
};

}  // namespace telex::testing
