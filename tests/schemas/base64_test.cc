#include "schemas/base64.h"

#include <rapidcheck.h>

#include <gtest/gtest.h>

namespace telex {
namespace {

std::string encoded(std::string_view bytes) {
  std::string text;
  append_base64(bytes, text);
  return text;
}

// The examples of RFC 4648, section 10.
TEST(Base64, EncodesAndDecodesTheExamplesOfTheStandard) {
  const std::pair<const char*, const char*> cases[] = {{"", ""},
                                                       {"f", "Zg=="},
                                                       {"fo", "Zm8="},
                                                       {"foo", "Zm9v"},
                                                       {"foob", "Zm9vYg=="},
                                                       {"fooba", "Zm9vYmE="},
                                                       {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : cases) {
    EXPECT_EQ(encoded(bytes), text);
    std::string back = "before:";
    EXPECT_TRUE(append_from_base64(text, back)) << text;
    EXPECT_EQ(back, std::string("before:") + bytes);
  }
}

TEST(Base64, AnyBytesComeBack) {
  rc::check([](const std::string& bytes) {
    std::string back;
    RC_ASSERT(append_from_base64(encoded(bytes), back));
    RC_ASSERT(back == bytes);
  });
}

TEST(Base64, WhatNoEncoderWritesIsRefusedAndChangesNothing) {
  for (const std::string_view text : {"Zg", "Zg=", "Zg==Zg==", "Z===", "====", "Zm 9", "Zm9v\n",
                                      "Zm-_", "Zh==", "Zm9=", "Z\xC3\xA9==", "=Zg="}) {
    std::string out = "kept";
    EXPECT_FALSE(append_from_base64(text, out)) << text;
    EXPECT_EQ(out, "kept");
  }
}

}  // namespace
}  // namespace telex
