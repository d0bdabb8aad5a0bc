#include "kafka/rd_assignment.h"

#include <algorithm>
#include <string>

namespace telex::kafka::rd {
namespace {

using std::chrono::steady_clock;

// One round of seeks; the client's own thread does them, without asking the broker.
constexpr milliseconds kSeekLimit{1000};
// A partition cannot be sought while others are being stopped, which takes milliseconds. If it is
// still so after this long, the client has lost its thread.
constexpr milliseconds kSeekPatience{10'000};

bool is_cooperative(rd_kafka_t* handle) {
  const char* protocol = rd_kafka_rebalance_protocol(handle);
  return protocol != nullptr && std::string_view(protocol) == "COOPERATIVE";
}

// rd_kafka_assign(). One that comes while partitions of the last one are still being stopped stops
// them again, and the second report of that ends the process with an assertion (2.0.2:
// rd_kafka_assignment_partition_stopped, rktp_started). A rewind and a revoke right after it do
// just that. A question to the client's main thread waits behind the stops, so once it is answered
// their reports are ahead of whatever comes next.
Error replace(rd_kafka_t* handle, const rd_kafka_topic_partition_list_t* list, const char* what) {
  Error error = from_code(rd_kafka_assign(handle, list), what);
  rd_kafka_rebalance_protocol(handle);
  return error;
}

template <class List>
ListPtr list_of(const List& held) {
  ListPtr list(rd_kafka_topic_partition_list_new(static_cast<int>(held.size())));
  for (const auto* each : held) {
    rd_kafka_topic_partition_list_add(list.get(), each->partition.topic.c_str(),
                                      each->partition.partition.value)
        ->offset = each->next.value;
  }
  return list;
}

}  // namespace

const char* Assignment::strategy() {
  return rebalances_cooperatively() ? "cooperative-sticky" : "range";
}

Error Assignment::given(rd_kafka_t* handle, std::span<const TopicPartition> partitions) {
  is_cooperative_ = is_cooperative(handle);
  const ListPtr none = make_list(std::span<const PartitionOffset>{});
  if (!is_cooperative_) {
    held_.clear();
    return replace(handle, none.get(), "assign");
  }
  for (const TopicPartition& each : partitions) {
    if (find(each.topic, each.partition) == nullptr) held_.push_back({each});
  }
  // The empty list says that the callback was heard. With the partitions in it the client would ask
  // for their committed offsets itself, and read.
  return from_error(rd_kafka_incremental_assign(handle, none.get()), "incremental assign");
}

Error Assignment::taken(rd_kafka_t* handle, std::span<const TopicPartition> partitions) {
  is_cooperative_ = is_cooperative(handle);
  if (is_cooperative_) return left(handle, partitions);
  held_.clear();
  seeks_due_ = 0;
  return replace(handle, nullptr, "unassign");
}

Error Assignment::left(rd_kafka_t* handle, std::span<const TopicPartition> partitions) {
  if (!is_cooperative_) return from_code(rd_kafka_assign(handle, nullptr), "unassign");
  std::vector<const Held*> gone;
  for (const TopicPartition& each : partitions) {
    const Held* held = find(each.topic, each.partition);
    if (held != nullptr && held->added) gone.push_back(held);
  }
  const ListPtr list = list_of(gone);
  Error error =
      from_error(rd_kafka_incremental_unassign(handle, list.get()), "incremental unassign");
  std::erase_if(held_, [&](const Held& held) {
    return std::find(partitions.begin(), partitions.end(), held.partition) != partitions.end();
  });
  seeks_due_ = static_cast<std::size_t>(
      std::count_if(held_.begin(), held_.end(), [](const Held& held) { return held.seek_due; }));
  return error;
}

Error Assignment::run(rd_kafka_t* handle, std::span<const PartitionOffset> positions) {
  if (!is_cooperative_) {
    const ListPtr list = make_list(positions);
    return replace(handle, list.get(), "assign");
  }
  for (const PartitionOffset& each : positions) {
    if (find(each.partition.topic, each.partition.partition) == nullptr) {
      return make_error("_INVALID_ARG", "assign: " + each.partition.topic + "/" +
                                            std::to_string(each.partition.partition.value) +
                                            " is not held");
    }
  }
  std::vector<Held*> to_add;
  std::vector<Held*> to_pause;
  seeks_due_ = 0;
  for (Held& held : held_) {
    const auto position =
        std::find_if(positions.begin(), positions.end(),
                     [&](const PartitionOffset& each) { return each.partition == held.partition; });
    const bool wanted = position != positions.end();
    held.goes_on =
        held.runs && wanted && !held.seek_due && !held.is_disturbed && held.next == position->next;
    held.runs = wanted;
    held.is_disturbed = false;
    if (held.goes_on) continue;
    held.seek_due = wanted && held.added;
    if (held.seek_due) ++seeks_due_;
    if (wanted) {
      held.next = position->next;
      if (!held.added) to_add.push_back(&held);
    } else if (held.added && !held.is_paused) {
      to_pause.push_back(&held);
    }
  }
  Error error = pause(handle, to_pause);
  if (error.ok()) error = add(handle, to_add);
  if (error.ok() && seeks_due_ > 0) {
    seeks_since_ = steady_clock::now();
    error = seek(handle);
  }
  return error;
}

Error Assignment::settle(rd_kafka_t* handle) {
  if (seeks_due_ == 0) return {};
  Error error = seek(handle);
  if (error.ok() && seeks_due_ > 0 && steady_clock::now() - seeks_since_ > kSeekPatience) {
    error = make_error("_STATE", "a partition cannot be sought");
  }
  return error;
}

Error Assignment::pause(rd_kafka_t* handle, std::span<Held* const> held) {
  if (held.empty()) return {};
  const ListPtr list = list_of(held);
  for (Held* each : held) each->is_paused = true;
  return from_code(rd_kafka_pause_partitions(handle, list.get()), "pause");
}

void Assignment::resume(rd_kafka_t* handle, std::span<Held* const> held) {
  if (held.empty()) return;
  const ListPtr list = list_of(held);
  for (Held* each : held) each->is_paused = false;
  // It fails only for partitions that the client has never heard of, which are not paused either.
  rd_kafka_resume_partitions(handle, list.get());
}

Error Assignment::add(rd_kafka_t* handle, std::span<Held* const> held) {
  if (held.empty()) return {};
  // A pause outlives the assignment it was made in.
  resume(handle, held);
  const ListPtr list = list_of(held);
  Error error = from_error(rd_kafka_incremental_assign(handle, list.get()), "incremental assign");
  if (error.ok()) {
    for (Held* each : held) each->added = true;
  }
  return error;
}

// Moves those that are due. What the client cannot move now stays due, and hands out nothing.
Error Assignment::seek(rd_kafka_t* handle) {
  std::vector<Held*> due;
  for (Held& held : held_) {
    if (held.seek_due) due.push_back(&held);
  }
  const ListPtr list = list_of(due);
  Error error =
      from_error(rd_kafka_seek_partitions(handle, list.get(), timeout_of(kSeekLimit)), "seek");
  if (!error.ok()) return error;
  std::vector<Held*> resumed;
  for (Held* each : due) {
    const rd_kafka_topic_partition_t* answer = rd_kafka_topic_partition_list_find(
        list.get(), each->partition.topic.c_str(), each->partition.partition.value);
    if (answer == nullptr || answer->err != RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    each->seek_due = false;
    --seeks_due_;
    if (each->is_paused) resumed.push_back(each);
  }
  resume(handle, resumed);
  return {};
}

bool Assignment::takes(std::string_view topic, Partition partition, Offset offset) {
  if (!is_cooperative_) return true;
  Held* held = find(topic, partition);
  if (held == nullptr || !held->runs || held->seek_due || offset < held->next) return false;
  held->next = Offset{offset.value + 1};
  return true;
}

void Assignment::disturbed(std::string_view topic, Partition partition) {
  if (Held* held = find(topic, partition)) held->is_disturbed = true;
}

bool Assignment::goes_on(const TopicPartition& partition) const {
  return std::any_of(held_.begin(), held_.end(),
                     [&](const Held& held) { return held.goes_on && held.partition == partition; });
}

Assignment::Held* Assignment::find(std::string_view topic, Partition partition) {
  const auto is = [&](const Held& held) {
    return held.partition.partition == partition && held.partition.topic == topic;
  };
  if (last_ < held_.size() && is(held_[last_])) return &held_[last_];
  const auto found = std::find_if(held_.begin(), held_.end(), is);
  if (found == held_.end()) return nullptr;
  last_ = static_cast<std::size_t>(found - held_.begin());
  return &*found;
}

}  // namespace telex::kafka::rd
