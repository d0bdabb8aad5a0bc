// Tally: what many seeds came to, and how far a run has got, so that it can be gone on with.
//
// Plain data; one owner. A file is text: a line of what the run is, a line of how far it is, one
// for the counts, and one for each violation.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/sim/simulation.h"

namespace telex::sim {

inline constexpr std::size_t kViolationsKept = 100;

struct Violation {
  std::uint64_t seed = 0;
  std::string what;
};

struct Tally {
  std::uint64_t seeds = 0;
  std::uint64_t events = 0;
  std::uint64_t violated = 0;  // Seeds with a violation.
  Nanos longest{0};            // Virtual time of one seed.
  Counts counts{};
  std::vector<Violation> violations;  // At most kViolationsKept, the first of each seed.

  void add(const SeedResult& result);
  void add(const Tally& later);
};

// False: the file is not there, or is of another run (`run` is any line of text).
bool load_tally(const std::string& file, const std::string& run, Tally& tally);
// Written beside and renamed; false if that does not work.
bool save_tally(const std::string& file, const std::string& run, const Tally& tally);

}  // namespace telex::sim
