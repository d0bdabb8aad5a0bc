#include "schemas/changelog.h"

#include <gtest/gtest.h>

namespace telex {
namespace {

TEST(Changelog, ReadsBackWhatItWrote) {
  Records records;
  const std::string_view value("\0\xFF", 2);
  add_changelog(4, Partition{7}, "key", value, 123, records);
  add_changelog(4, Partition{7}, "key", "", 123, records);
  EXPECT_EQ(records[0].destination, Destination::changelog);
  EXPECT_EQ(records[0].route, 4);
  EXPECT_EQ(records[0].partition, Partition{7});
  EXPECT_EQ(records[0].timestamp, 123);
  EXPECT_EQ(records[0].key, "key");
  EXPECT_EQ(changelog_value(records[0].value), value);
  EXPECT_EQ(changelog_value(records[1].value), "");
}

TEST(Changelog, ErasedKeyHasANullValue) {
  Records records;
  add_changelog(0, Partition{0}, "key", {}, 0, records);
  EXPECT_EQ(records[0].value.data(), nullptr);
  const auto value = changelog_value(records[0].value);
  ASSERT_TRUE(value.has_value());
  EXPECT_EQ(value->data(), nullptr);
}

TEST(Changelog, RefusesAnotherVersion) {
  EXPECT_EQ(changelog_value(std::string_view("\x02value")), std::nullopt);
  EXPECT_EQ(changelog_value(std::string_view("")), std::nullopt);
}

// The bytes on the wire; they can only change with kChangelogVersion.
TEST(Changelog, LayoutOfVersionOne) {
  Records records;
  add_changelog(0, Partition{0}, "k", "v", 0, records);
  EXPECT_EQ(records[0].value, "\x01v");
}

}  // namespace
}  // namespace telex
