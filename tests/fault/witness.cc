#include "tests/fault/witness.h"

#include <utility>

namespace telex::fault {
namespace {

using std::chrono::milliseconds;

class Nobody final : public kafka::RebalanceListener {
 public:
  void on_assigned(std::span<const TopicPartition>) override {}
  void on_revoked(std::span<const TopicPartition>, bool) override {}
};

}  // namespace

SeenRecord as_seen(Outlet outlet, const kafka::ConsumerRecord& record) {
  std::string_view id;
  for (const Header& header : record.headers) {
    if (header.name == kIdHeader) id = header.value;
  }
  return read_record(outlet, record.partition.value, record.offset.value, record.key, record.value,
                     id);
}

Witness::Witness(testing::RealKafka& kafka, const std::string& output,
                 const std::string& dead_letters, Reader read)
    : output_(output), read_(std::move(read)) {
  kafka::ConsumerSettings settings;  // Of no group.
  settings.read_committed = true;
  consumer_ = kafka.broker().consumer(settings);
  std::vector<kafka::PartitionOffset> begin;
  for (const std::string& topic : {output, dead_letters}) {
    for (const TopicPartition& each : kafka.partitions_of(topic)) {
      partitions_.push_back(each);
      begin.push_back({each, Offset{0}});
    }
  }
  testing::must(consumer_->assign(begin), "witness");
  thread_ = std::thread([this] { run(); });
}

Witness::~Witness() { stop(); }

void Witness::stop() {
  stop_ = true;
  if (thread_.joinable()) thread_.join();
}

void Witness::run() {
  Nobody listener;
  while (!stop_) {
    kafka::ConsumerRecord record;
    kafka::Error error;
    const auto status = consumer_->poll(milliseconds{20}, listener, record, error);
    if (status == kafka::PollStatus::record) {
      if (record.key == kFillerKey) continue;
      const Outlet outlet = record.topic == output_ ? Outlet::enriched : Outlet::dead_letters;
      const SteadyTime now = std::chrono::steady_clock::now();
      const SeenRecord seen = read_(outlet, record);
      const std::lock_guard lock(mutex_);
      records_.push_back(seen);
      if (seen.id) arrivals_.try_emplace(*seen.id, now);
      ++count_;
    } else if (status == kafka::PollStatus::end) {
      // Markers and aborted records make no record: how far it is past them only the client knows.
      const Outlet outlet = record.topic == output_ ? Outlet::enriched : Outlet::dead_letters;
      const std::lock_guard lock(mutex_);
      next_[{outlet, record.partition.value}] = record.offset.value;
    }
  }
  consumer_->close(milliseconds{1000});
}

std::map<ArticleId, SteadyTime> Witness::arrivals() const {
  const std::lock_guard lock(mutex_);
  return arrivals_;
}

bool Witness::finish(const std::map<std::pair<Outlet, std::int32_t>, std::int64_t>& ends,
                     milliseconds limit) {
  const bool caught_up = testing::eventually(
      [&] {
        const std::lock_guard lock(mutex_);
        for (const auto& [place, end] : ends) {
          const auto next = next_.find(place);
          if (end > 0 && (next == next_.end() || next->second < end)) return false;
        }
        return true;
      },
      limit);
  stop();
  return caught_up;
}

}  // namespace telex::fault
