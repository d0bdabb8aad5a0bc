// NullSink: counts what is committed and keeps nothing. For measuring, and for dry runs.
//
// Threads: one lane; counts are read after it has stopped.
#pragma once

#include <array>
#include <cstdint>

#include "process/sink.h"

namespace telex {

class NullSink final : public Sink {
 public:
  SinkResult begin() override;
  SinkResult stage(const Records& records, std::uint32_t first) override;
  std::uint32_t staged() const override { return staged_; }
  CommitResult commit(const Positions& next, std::string_view group,
                      std::chrono::milliseconds limit) override;
  CommitResult abort(std::chrono::milliseconds limit) override;
  SinkResult poll() override { return {}; }
  void close(std::chrono::milliseconds) override {}

  // Committed records, and bytes of their keys and values.
  std::uint64_t records(Destination destination) const {
    return committed_.records[static_cast<std::size_t>(destination)];
  }
  std::uint64_t bytes() const { return committed_.bytes; }
  std::uint64_t transactions() const { return transactions_; }

 private:
  struct Counts {
    std::array<std::uint64_t, kDestinationCount> records{};
    std::uint64_t bytes = 0;
  };
  Counts committed_;
  Counts open_;
  std::uint64_t transactions_ = 0;
  std::uint32_t staged_ = 0;
};

}  // namespace telex
