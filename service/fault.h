// Fault hooks: lets a test end or freeze this process at a point that matters.
//
//   TELEX_FAULT=point:action[:nth][,point:action[:nth]...]
//     point   after_begin | after_produce | after_send_offsets | after_commit | in_revoke
//     action  kill (SIGKILL) | stop (SIGSTOP) | term (SIGTERM) | hang (the thread, for ever)
//     nth     the how-manieth time at this point, counted over all lanes of the process; 1
//
// Without the variable a hook costs one comparison. Threads: hit() from any thread.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace telex {

enum class FaultPoint : std::uint8_t {
  after_begin,         // A transaction is open, and empty.
  after_produce,       // It has records, and is not committed.
  after_send_offsets,  // It has its positions, and is not committed.
  after_commit,        // It is committed, and nobody here knows yet.
  in_revoke,           // Partitions are about to be given up.
};
inline constexpr std::size_t kFaultPointCount = 5;

class FaultPlan {
 public:
  enum class Action : std::uint8_t { none, kill, stop, term, hang };

  FaultPlan() = default;
  FaultPlan(const FaultPlan&) = delete;
  FaultPlan& operator=(const FaultPlan&) = delete;

  // Empty text = no faults. The sentence says what is wrong with `text`; nullopt = all well.
  std::optional<std::string> parse(std::string_view text);

  void hit(FaultPoint point) {
    if (armed_) count(point);
  }
  // What the next hit() at `point` would do.
  Action due(FaultPoint point) const;

 private:
  struct Entry {
    Action action = Action::none;
    std::uint32_t nth = 1;
    std::atomic<std::uint32_t> seen{0};
  };
  void count(FaultPoint point);

  bool armed_ = false;
  std::array<Entry, kFaultPointCount> entries_;
};

// The process's own, read from TELEX_FAULT at the first call. Throws std::runtime_error if that
// cannot be read: a fault test that tests nothing must not pass.
FaultPlan& process_faults();

}  // namespace telex
