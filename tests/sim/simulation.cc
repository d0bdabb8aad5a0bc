#include "tests/sim/simulation.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "process/engine_rules.h"
#include "tests/sim/scenario.h"
#include "tests/sim/world.h"

namespace telex::sim {
namespace {

struct RuleSwitch {
  const char* name;
  bool EngineRules::*field;
};
constexpr RuleSwitch kSwitches[] = {
    {"positions_from_processed", &EngineRules::positions_from_processed},
    {"rewind_kept_partitions", &EngineRules::rewind_kept_partitions},
    {"committed_after_fatal", &EngineRules::committed_after_fatal},
    {"recreate_after_unknown", &EngineRules::recreate_after_unknown},
    {"dead_letters_in_transaction", &EngineRules::dead_letters_in_transaction},
    {"state_rolled_back", &EngineRules::state_rolled_back},
    {"forget_revoked", &EngineRules::forget_revoked},
    {"fresh_group_metadata", &EngineRules::fresh_group_metadata},
    {"commit_as_member", &EngineRules::commit_as_member},
    {"sink_before_positions", &EngineRules::sink_before_positions},
    {"restore_before_run", &EngineRules::restore_before_run},
    {"restore_after_unknown", &EngineRules::restore_after_unknown},
    {"abort_when_lost", &EngineRules::abort_when_lost},
};
// A rule that is added without a switch would go unproved.
static_assert(sizeof(EngineRules) == std::size(kSwitches) * sizeof(bool));

}  // namespace

SeedResult run_seed(std::uint64_t seed, const Chronicle::Listener& listener) {
  SeedResult result;
  result.seed = seed;
  World world(make_scenario(seed), listener);
  result.violations = world.run();
  result.counts = world.counts();
  result.virtual_time = world.now();
  result.events = world.events();
  return result;
}

std::vector<std::string> last_events(std::uint64_t seed, std::size_t lines) {
  std::deque<std::string> kept;
  run_seed(seed, [&](const std::string& line) {
    kept.push_back(line);
    if (kept.size() > lines) kept.pop_front();
  });
  return {kept.begin(), kept.end()};
}

const std::vector<std::string>& rule_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const RuleSwitch& each : kSwitches) all.emplace_back(each.name);
    return all;
  }();
  return names;
}

bool set_rule(const std::string& name, bool on) {
  const auto* found = std::find_if(std::begin(kSwitches), std::end(kSwitches),
                                   [&](const RuleSwitch& each) { return each.name == name; });
  if (found == std::end(kSwitches)) return false;
  kRules.*(found->field) = on;
  return true;
}

}  // namespace telex::sim
