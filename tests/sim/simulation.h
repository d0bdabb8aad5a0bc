// One seed, from beginning to end.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/sim/chronicle.h"

namespace telex::sim {

struct SeedResult {
  std::uint64_t seed = 0;
  std::vector<std::string> violations;
  Counts counts{};
  Nanos virtual_time{0};
  std::uint64_t events = 0;
};

// `listener` hears every event, in words; leave it empty to be fast.
SeedResult run_seed(std::uint64_t seed, const Chronicle::Listener& listener = {});

// The last `lines` events of a seed, for a report.
std::vector<std::string> last_events(std::uint64_t seed, std::size_t lines);

// Names of the fields of EngineRules, in order, and the switch for one of them. False: no such
// rule.
const std::vector<std::string>& rule_names();
bool set_rule(const std::string& name, bool on);

}  // namespace telex::sim
