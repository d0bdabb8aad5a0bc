#include "schemas/ninjs_members.h"

#include <gtest/gtest.h>

namespace telex {
namespace {

TEST(NinjsMembers, AreKnownByNameAndKind) {
  EXPECT_TRUE(is_ninjs_member("slugline", "\"x\""));
  EXPECT_TRUE(is_ninjs_member("bodies", "[]"));
  EXPECT_TRUE(is_ninjs_member("rightsInfo", "{}"));
  EXPECT_TRUE(is_ninjs_member("urgency", "5"));
  EXPECT_TRUE(is_ninjs_member("type", "\"picture\""));
  EXPECT_TRUE(is_ninjs_member("firstCreated", "\"2025-02-17T10:00:00Z\""));
  EXPECT_FALSE(is_ninjs_member("priority", "5"));
  EXPECT_FALSE(is_ninjs_member("Slugline", "\"x\""));
  EXPECT_FALSE(is_ninjs_member("slugline", "null"));
  EXPECT_FALSE(is_ninjs_member("bodies", "{}"));
  EXPECT_FALSE(is_ninjs_member("urgency", "\"5\""));
  EXPECT_FALSE(is_ninjs_member("urgency", "0"));
  EXPECT_FALSE(is_ninjs_member("urgency", "12"));
  EXPECT_FALSE(is_ninjs_member("type", "\"article\""));
  EXPECT_FALSE(is_ninjs_member("pubStatus", "\"cancelled\""));
  EXPECT_FALSE(is_ninjs_member("firstCreated", "\"2025-02\""));
  EXPECT_FALSE(is_ninjs_member("", ""));
}

TEST(LanguageTag, IsToldFromOtherWords) {
  for (const char* const tag :
       {"nl", "nl-NL", "zh-Hant-TW", "nb-NO", "x-private", "fil", "de-1996"}) {
    EXPECT_TRUE(is_language_tag(tag)) << tag;
  }
  for (const char* const tag : {"", "n", "nl-", "-nl", "nl_NL", "nederlands ", "1l", "x",
                                "abcdefghi", "nl-123456789", "nl NL", "ë"}) {
    EXPECT_FALSE(is_language_tag(tag)) << tag;
  }
}

}  // namespace
}  // namespace telex
