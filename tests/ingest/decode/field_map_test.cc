#include "ingest/decode/field_map.h"

#include <gtest/gtest.h>

namespace telex {
namespace {

TEST(FieldMap, NamesReadBack) {
  for (std::size_t i = 0; i < kFieldCount; ++i) {
    const auto field = static_cast<Field>(i);
    EXPECT_EQ(field_from(to_string(field)), field);
  }
  EXPECT_EQ(field_from("unknown"), std::nullopt);
}

TEST(FieldMap, StandardPointersArePointersAndEveryFieldHasOne) {
  const FieldMap map = FieldMap::standard();
  for (const auto& pointers : map.pointers) {
    EXPECT_FALSE(pointers.empty());
    for (const std::string& pointer : pointers) EXPECT_TRUE(is_json_pointer(pointer)) << pointer;
  }
}

TEST(JsonPointer, IsToldFromOtherText) {
  for (const char* const good : {"/a", "/", "/a/0/b", "/a~0b~1c", "/ë"}) {
    EXPECT_TRUE(is_json_pointer(good)) << good;
  }
  for (const char* const bad : {"", "a", "a/b", "/a~", "/a~2"}) {
    EXPECT_FALSE(is_json_pointer(bad)) << bad;
  }
}

}  // namespace
}  // namespace telex
