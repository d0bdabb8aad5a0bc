// Filters look at every record that goes by: they take no memory from the heap.
#include <gtest/gtest.h>

#include "process/filter/filter.h"
#include "tests/process/filter/filter_testing.h"
#include "tests/support/allocation_counter.h"

namespace telex {
namespace {

TEST(FilterMemory, MatchingAllocatesNothing) {
  FilterError error;
  const auto filter = Filter::parse(
      "not (source = afp or topic within medtop:12) and headline ~ 'Zürich' and "
      "reason in (not_utf8, no_text) and offset > 5 and published >= 2025 or entity != 'x'",
      testing::some_place(), error);
  ASSERT_TRUE(filter) << error.text();
  testing::SomeSubject subject;
  std::string headline;
  for (int i = 0; i < 5000; ++i) headline += "Überall Brände, ";
  subject.with("source", {"anp"})
      .with("headline", {headline + "ZÜRICH"})
      .with("topic", {"medtop:111"})
      .with("reason", {"no_text"})
      .with("offset", 7)
      .with("published", 1'739'787'072'000);
  FilterScratch scratch;
  bool matched = filter->matches(subject, scratch);  // utf8proc's table is filled on first use.
  const std::uint64_t before = testing::allocation_count();
  matched = filter->matches(subject, scratch) && matched;
  EXPECT_EQ(testing::allocation_count(), before);
  EXPECT_TRUE(matched);
}

}  // namespace
}  // namespace telex
