// MemorySink: a Sink in memory, the obvious one: what is committed stands in a list.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "process/sink.h"

namespace telex::testing {

class MemorySink final : public Sink {
 public:
  SinkResult begin() override {
    open_.clear();
    return {};
  }
  SinkResult stage(const Records& records, std::uint32_t first) override {
    for (staged_ = first; staged_ < records.size(); ++staged_) {
      open_.emplace_back(records[staged_].value);
    }
    return {};
  }
  std::uint32_t staged() const override { return staged_; }
  CommitResult commit(const Positions& next, std::string_view, std::chrono::milliseconds) override {
    values_.insert(values_.end(), open_.begin(), open_.end());
    for (const Position& each : next) positions_[each.partition] = each.next;
    open_.clear();
    return {};
  }
  CommitResult abort(std::chrono::milliseconds) override {
    open_.clear();
    return {CommitOutcome::aborted, "", false, FaultCause::world};
  }
  SinkResult poll() override { return {}; }
  void close(std::chrono::milliseconds) override {}

  const std::vector<std::string>& values() const { return values_; }
  const std::map<TopicPartition, Offset>& positions() const { return positions_; }

 private:
  std::vector<std::string> open_;
  std::vector<std::string> values_;
  std::map<TopicPartition, Offset> positions_;
  std::uint32_t staged_ = 0;
};

}  // namespace telex::testing
