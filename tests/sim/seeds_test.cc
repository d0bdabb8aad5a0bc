// Worlds by the thousand: nothing lost, nothing doubled, nothing out of order, nothing stuck.
#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/sim/simulation.h"
#include "tests/sim/tally.h"

namespace telex::sim {
namespace {

constexpr std::uint64_t kSeeds = 2000;

Tally run_seeds(std::uint64_t first, std::uint64_t count) {
  Tally tally;
  for (std::uint64_t seed = first; seed < first + count; ++seed) tally.add(run_seed(seed));
  return tally;
}

std::string lines_of(std::uint64_t seed) {
  std::string text;
  for (const std::string& line : last_events(seed, 40)) text += line + "\n";
  return text;
}

TEST(SeedsTest, TwoThousandWorldsLoseAndDoubleNothing) {
  const Tally tally = run_seeds(1, kSeeds);
  for (const Violation& each : tally.violations) {
    ADD_FAILURE() << "seed " << each.seed << ": " << each.what;
  }
  if (!tally.violations.empty()) FAIL() << lines_of(tally.violations.front().seed);
}

// A fault that never comes proves nothing.
TEST(SeedsTest, TwoThousandWorldsMeetEveryKindOfFault) {
  const Tally tally = run_seeds(1, kSeeds);
  for (std::size_t i = 0; i < kCountKinds; ++i) {
    const auto count = static_cast<Count>(i);
    // Only an engine without commit_as_member does that.
    if (count == Count::offsets_unchecked) {
      EXPECT_EQ(tally.counts[i], 0U) << to_string(count);
    } else {
      EXPECT_GT(tally.counts[i], 0U) << to_string(count);
    }
  }
}

TEST(SeedsTest, TheSameSeedIsTheSameRun) {
  for (const std::uint64_t seed : {3U, 44U, 155U, 624U}) {
    std::vector<std::string> first;
    std::vector<std::string> second;
    run_seed(seed, [&](const std::string& line) { first.push_back(line); });
    run_seed(seed, [&](const std::string& line) { second.push_back(line); });
    EXPECT_GT(first.size(), 10U);
    EXPECT_EQ(first, second) << "seed " << seed;
    // Listening changes nothing.
    EXPECT_EQ(run_seed(seed).events, run_seed(seed, [](const std::string&) {}).events);
  }
}

}  // namespace
}  // namespace telex::sim
