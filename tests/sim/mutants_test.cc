// Each rule of the engine, left out: a world must miss it. A simulator that sees no difference
// sees too little, and a rule that nobody misses is none.
#include <algorithm>
#include <ostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "process/engine_rules.h"
#include "tests/sim/simulation.h"

namespace telex::sim {
namespace {

constexpr std::uint64_t kSeeds = 2000;

struct Mutant {
  std::string rule;
  // Another rule that stands behind it: the mutant shows only where that one is gone as well, and
  // then in a world that holds without that one alone.
  std::string behind{};
};

// For the list of tests, which would show the bytes otherwise.
void PrintTo(const Mutant& mutant, std::ostream* out) {
  *out << "without " << mutant.rule;
  if (!mutant.behind.empty()) *out << " and " << mutant.behind;
}

// A rule that is off for as long as this lives.
class Without {
 public:
  explicit Without(const std::string& rule) : rule_(rule) {
    if (rule_.empty()) return;
    EXPECT_TRUE(set_rule(rule_, false)) << rule_;
  }
  ~Without() {
    if (!rule_.empty()) set_rule(rule_, true);
  }
  Without(const Without&) = delete;
  Without& operator=(const Without&) = delete;

 private:
  std::string rule_;
};

const std::vector<Mutant>& mutants() {
  static const std::vector<Mutant> all{
      {"positions_from_processed"},
      {"rewind_kept_partitions"},
      {"committed_after_fatal"},
      {"recreate_after_unknown"},
      {"state_rolled_back"},
      {"forget_revoked"},
      {"fresh_group_metadata"},
      {"commit_as_member"},
      {"restore_before_run"},
      {"restore_after_unknown"},
      {"dead_letters_in_transaction"},
      // Who is no member any more cannot commit; who has lost partitions should not even try.
      {"abort_when_lost", "commit_as_member"},
  };
  return all;
}

// Committed positions are safe behind the group's generation already (KIP-447), so that shutting a
// predecessor out first matters only where transactions are ended late and nobody's offsets are
// taken: one world in about 20,000, without commit_as_member.
const std::string kNotShown = "sink_before_positions";

class MutantTest : public ::testing::TestWithParam<Mutant> {};

TEST_P(MutantTest, AWorldMissesTheRule) {
  const Mutant& mutant = GetParam();
  const Without rule(mutant.rule);
  const Without behind(mutant.behind);
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const SeedResult result = run_seed(seed);
    if (result.violations.empty()) continue;
    if (!mutant.behind.empty()) {
      set_rule(mutant.rule, true);
      const bool holds = run_seed(seed).violations.empty();
      set_rule(mutant.rule, false);
      if (!holds) continue;
    }
    printf("without %s, seed %llu: %s\n", mutant.rule.c_str(),
           static_cast<unsigned long long>(seed), result.violations.front().c_str());
    set_rule(mutant.rule, true);
    if (!mutant.behind.empty()) set_rule(mutant.behind, true);
    EXPECT_TRUE(run_seed(seed).violations.empty()) << "and with it, the world must hold";
    return;
  }
  FAIL() << "no world misses " << mutant.rule;
}

INSTANTIATE_TEST_SUITE_P(Rules, MutantTest, ::testing::ValuesIn(mutants()),
                         [](const auto& mutant) { return mutant.param.rule; });

TEST(MutantListTest, EveryRuleHasItsMutant) {
  for (const std::string& rule : rule_names()) {
    if (rule == kNotShown) continue;
    EXPECT_TRUE(std::any_of(mutants().begin(), mutants().end(), [&](const Mutant& each) {
      return each.rule == rule;
    })) << rule;
  }
}

}  // namespace
}  // namespace telex::sim
