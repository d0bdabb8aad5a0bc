#include "process/text/code_points.h"

#include <string_view>

#include <gtest/gtest.h>

namespace telex {
namespace {

TEST(CodePointCursor, CountsFromOneOffsetToTheNext) {
  constexpr std::string_view kText = "Zürich € 😀!";
  CodePointCursor cursor(kText);
  EXPECT_EQ(cursor.at(0), 0U);
  EXPECT_EQ(cursor.at(3), 2U);
  EXPECT_EQ(cursor.at(3), 2U);
  EXPECT_EQ(cursor.at(8), 7U);
  EXPECT_EQ(cursor.at(11), 8U);
  EXPECT_EQ(cursor.at(16), 10U);
  EXPECT_EQ(cursor.at(static_cast<std::uint32_t>(kText.size())), 11U);
}

TEST(CodePointCursor, GoesBackWhenAskedTo) {
  CodePointCursor cursor("éé");
  EXPECT_EQ(cursor.at(4), 2U);
  EXPECT_EQ(cursor.at(2), 1U);
}

}  // namespace
}  // namespace telex
