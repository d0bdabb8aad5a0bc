// Random: the simulator's own source of chance (xoshiro256**, seeded through splitmix64, both by
// Blackman and Vigna), so that a seed means the same run on every machine and standard library.
//
// Plain data; one owner.
#pragma once

#include <array>
#include <bit>
#include <chrono>
#include <cstdint>

namespace telex::sim {

using Nanos = std::chrono::nanoseconds;
using Millis = std::chrono::milliseconds;

class Random {
 public:
  explicit Random(std::uint64_t seed) {
    for (std::uint64_t& word : state_) {
      seed += 0x9e3779b97f4a7c15ULL;
      std::uint64_t mixed = seed;
      mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9ULL;
      mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebULL;
      word = mixed ^ (mixed >> 31);
    }
  }

  std::uint64_t next() {
    const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

  // 0 … bound-1. The bias of the remainder does not matter here. REQUIRES: bound > 0.
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }
  // low … high, both included.
  int between(int low, int high) {
    return low + static_cast<int>(below(static_cast<std::uint64_t>(high - low) + 1));
  }
  bool one_in(std::uint64_t count) { return below(count) == 0; }
  bool per_mille(std::uint32_t share) { return below(1000) < share; }
  Nanos time(Nanos low, Nanos high) {
    return low + Nanos{static_cast<std::int64_t>(
                     below(static_cast<std::uint64_t>((high - low).count()) + 1))};
  }

 private:
  std::array<std::uint64_t, 4> state_{};
};

}  // namespace telex::sim
