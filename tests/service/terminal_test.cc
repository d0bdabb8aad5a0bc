#include "service/terminal.h"

#include <gtest/gtest.h>

namespace telex {
namespace {

TEST(SafeText, ShowsWhatWouldSteerATerminal) {
  EXPECT_EQ(safe_text("a\x1b[31mred", false), "a‹U+001B›[31mred");
  EXPECT_EQ(safe_text("x\u202Ey", false), "x‹U+202E›y");
  EXPECT_EQ(safe_text("bell\a", false), "bell‹U+0007›");
  EXPECT_EQ(safe_text("\xC2\x9B"
                      "31m",
                      false),
            "‹U+009B›31m");
}

TEST(SafeText, ReplacesBytesThatAreNoUtf8) {
  EXPECT_EQ(safe_text("a\xFFz", false), "a\uFFFDz");
  EXPECT_EQ(safe_text("cut\xE2\x82", false), "cut\uFFFD\uFFFD");
}

TEST(SafeText, KeepsLinesOnlyWhenAsked) {
  EXPECT_EQ(safe_text("a\nb", true), "a\nb");
  EXPECT_EQ(safe_text("a\nb\tc", false), "a b c");
}

TEST(Fitted, CountsColumnsNotBytes) {
  EXPECT_EQ(fitted("Zürich", 8), "Zürich  ");
  EXPECT_EQ(fitted("Oekraïne-gezant", 8), "Oekraïn…");
  EXPECT_EQ(text_columns("日本"), 4U);
  EXPECT_EQ(text_columns(fitted("日本語の新聞", 8)), 8U);
}

TEST(Grouped, PutsACommaEveryThreeDigits) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(1234567), "1,234,567");
}

TEST(Styled, IsPlainWithoutColours) {
  EXPECT_EQ(Terminal(false, 80).styled(Style::red, "x"), "x");
  EXPECT_EQ(Terminal(true, 80).styled(Style::red, "x"), "\x1b[31mx\x1b[0m");
}

}  // namespace
}  // namespace telex
