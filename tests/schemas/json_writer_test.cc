#include "schemas/json_writer.h"

#include <rapidcheck.h>

#include <limits>

#include <gtest/gtest.h>
#include <simdjson.h>

namespace telex {
namespace {

std::string json_of(std::string_view text) {
  std::string out;
  append_json_string(text, out);
  return out;
}

TEST(JsonWriter, EscapesWhatItMustAndNothingElse) {
  EXPECT_EQ(json_of(""), R"("")");
  EXPECT_EQ(json_of("a\"b\\c/d"), R"("a\"b\\c/d")");
  EXPECT_EQ(json_of("\b\f\n\r\t"), R"("\b\f\n\r\t")");
  EXPECT_EQ(json_of(std::string_view("\0\x01\x1F\x7F", 4)), "\"\\u0000\\u0001\\u001f\x7F\"");
  EXPECT_EQ(json_of("Oekraïne \U0001F600"), "\"Oekraïne \U0001F600\"");
}

// Eight bytes are looked at together: an escape must be found at each of the places.
TEST(JsonWriter, EscapesAtEveryPlaceOfAWord) {
  for (std::size_t length = 0; length <= 24; ++length) {
    for (std::size_t place = 0; place < length; ++place) {
      for (const char c : {'"', '\\', '\n', '\x01'}) {
        std::string text(length, 'x');
        text[place] = c;
        std::string expected = "\"" + std::string(place, 'x');
        expected += c == '\x01' ? "\\u0001" : c == '\n' ? "\\n" : std::string("\\") + c;
        expected += std::string(length - place - 1, 'x') + "\"";
        ASSERT_EQ(json_of(text), expected);
      }
    }
  }
}

TEST(JsonWriter, LeavesNothingButWhatWasWritten) {
  std::string out = "before";
  {
    JsonWriter writer(out);
    writer.raw("{\"n\":");
    writer.number(std::numeric_limits<std::int64_t>::min());
    writer.raw(',');
    writer.number(std::numeric_limits<std::uint64_t>::max());
    writer.finish();
    EXPECT_EQ(out, "before{\"n\":-9223372036854775808,18446744073709551615");
    writer.raw(std::string_view("}"));
  }
  EXPECT_EQ(out, "before{\"n\":-9223372036854775808,18446744073709551615}");
}

TEST(JsonWriter, WritesLongStrings) {
  const std::string text(1 << 20, '\n');
  const std::string json = json_of(text);
  EXPECT_EQ(json.size(), 2 * text.size() + 2);
}

TEST(JsonWriter, ParserReadsBackWhatWasWritten) {
  EXPECT_TRUE(rc::check([](const std::string& bytes) {
    // Any UTF-8: what is not gets replaced by ASCII.
    std::string text = bytes;
    if (!simdjson::validate_utf8(text.data(), text.size())) {
      for (char& c : text) c = static_cast<char>(c & 0x7F);
    }
    simdjson::dom::parser parser;
    const std::string json = json_of(text);
    const std::string_view back = parser.parse(json);
    RC_ASSERT(back == text);
  }));
}

}  // namespace
}  // namespace telex
