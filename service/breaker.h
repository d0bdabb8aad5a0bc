// Breaker: notices when a source topic goes to the dead letters as a whole, so that it is stopped
// instead of drained. It trips when, among the last 1,000 records of the topic or among those of
// the last 60 s, at least 50 are dead letters and these are at least 20 % (design.md section 5).
//
// Event times play no part: the 60 s are the lane's steady clock. Threads: one lane.
#pragma once

#include <array>
#include <bitset>
#include <chrono>
#include <cstdint>

namespace telex {

class Breaker {
 public:
  static constexpr std::uint32_t kRecords = 1000;
  static constexpr std::uint32_t kSeconds = 60;
  static constexpr std::uint32_t kDeadMin = 50;
  static constexpr std::uint32_t kPercent = 20;

  void add(bool dead, std::chrono::nanoseconds now);
  bool tripped() const;
  void reset() { *this = Breaker(); }

 private:
  struct Second {
    std::int64_t number = -1;
    std::uint64_t records = 0;
    std::uint64_t dead = 0;
  };
  static bool too_many(std::uint64_t dead, std::uint64_t records);

  std::bitset<kRecords> last_;
  std::uint32_t next_ = 0;
  std::uint32_t count_ = 0;
  std::uint32_t dead_ = 0;
  std::array<Second, kSeconds> seconds_{};
  std::int64_t now_ = 0;
};

}  // namespace telex
