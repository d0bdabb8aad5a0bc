#include "schemas/json_slices.h"

#include <rapidcheck.h>

#include <functional>
#include <vector>

#include <gtest/gtest.h>
#include <simdjson.h>

#include "schemas/json_writer.h"

namespace telex {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

Pairs members_of(std::string_view object) {
  Pairs pairs;
  for (JsonMembers members(object); members.next();) {
    pairs.emplace_back(members.name(), members.value());
  }
  return pairs;
}

std::vector<std::string> elements_of(std::string_view array) {
  std::vector<std::string> values;
  for (JsonElements elements(array); elements.next();) values.emplace_back(elements.value());
  return values;
}

TEST(JsonMembers, AreTheBytesTheyCameIn) {
  EXPECT_EQ(
      members_of(R"( { "a" : 1.50 ,"b\"c":"x\\", "d":{"e":[1,"]}"]} , "f" : [ ] } )"),
      (Pairs{{"a", "1.50"}, {R"(b\"c)", R"("x\\")"}, {"d", R"({"e":[1,"]}"]})"}, {"f", "[ ]"}}));
  EXPECT_EQ(members_of("{}"), Pairs{});
  EXPECT_EQ(members_of("[1]"), Pairs{});
  EXPECT_EQ(members_of(R"({"":null})"), (Pairs{{"", "null"}}));
}

TEST(JsonElements, AreTheBytesTheyCameIn) {
  EXPECT_EQ(elements_of("[1, true ,\"a,b\",{\"x\":[2]},[]]"),
            (std::vector<std::string>{"1", "true", "\"a,b\"", "{\"x\":[2]}", "[]"}));
  EXPECT_TRUE(elements_of("[ ]").empty());
  EXPECT_TRUE(elements_of("{}").empty());
}

TEST(JsonMember, IsTheLastOfItsName) {
  EXPECT_EQ(json_member(R"({"a":1,"b":2,"a":3})", "a"), "3");
  EXPECT_EQ(json_member(R"({"\u0061":1})", "a"), "1");
  EXPECT_EQ(json_member(R"({"b":1})", "a"), "");
}

TEST(Unescaping, SaysWhatTheParserSays) {
  std::string out;
  append_unescaped(R"(a\"\\\/\b\f\n\r\t\u00eb\u20ac\ud83d\ude00z)", out);
  EXPECT_EQ(out, "a\"\\/\b\f\n\r\të€\U0001F600z");
  out.clear();
  append_unescaped(R"(\ud83d!\udc00)", out);
  EXPECT_EQ(out, "\uFFFD!\uFFFD");
}

TEST(JsonSlices, StayInsideTextThatIsNoJson) {
  const std::string text = R"({"a":[1,{"b":"c\"d\u00"}],"e":"f)";
  for (std::size_t length = 0; length <= text.size(); ++length) {
    const std::vector<char> exact(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(length));
    const std::string_view cut(exact.data(), exact.size());
    for (JsonMembers members(cut); members.next();) {
      std::string out;
      append_unescaped(members.name(), out);
      append_unescaped(members.value(), out);
      for (JsonElements elements(members.value()); elements.next();) {
      }
    }
  }
}

// Random JSON, written with random white space.
std::string random_json(int depth) {
  const auto space = [] {
    return *rc::gen::element(std::string(), std::string(" "), std::string("\n\t"));
  };
  const auto string = [] {
    std::string text = *rc::gen::string<std::string>();
    for (char& c : text) c = static_cast<char>(c & 0x7F);
    std::string json;
    append_json_string(text, json);
    return json;
  };
  const int kind = *rc::gen::inRange(0, depth > 0 ? 6 : 4);
  std::string json;
  const int count = kind >= 4 ? *rc::gen::inRange(0, 5) : 0;
  switch (kind) {
    case 0:
      return string();
    case 1:
      return std::to_string(*rc::gen::arbitrary<int>()) + ".250";
    case 2:
      return *rc::gen::element(std::string("true"), std::string("null"));
    case 3:
      return *rc::gen::element(std::string("\"\\u00eb\\\\\""), std::string("\"\\ud83d\\ude00\""));
    case 4:
      for (int i = 0; i < count; ++i) {
        json += (i == 0 ? "" : ",") + space() + random_json(depth - 1) + space();
      }
      return "[" + json + space() + "]";
    default:
      for (int i = 0; i < count; ++i) {
        json += (i == 0 ? "" : ",") + space() + string() + space() + ":" + space() +
                random_json(depth - 1) + space();
      }
      return "{" + json + space() + "}";
  }
}

// The walkers and simdjson see the same thing, all the way down.
void expect_same(std::string_view slice, simdjson::dom::element value) {
  if (value.is_object()) {
    JsonMembers members(slice);
    for (const simdjson::dom::key_value_pair member : simdjson::dom::object(value)) {
      RC_ASSERT(members.next());
      std::string name;
      append_unescaped(members.name(), name);
      RC_ASSERT(name == member.key);
      expect_same(members.value(), member.value);
    }
    RC_ASSERT(!members.next());
  } else if (value.is_array()) {
    JsonElements elements(slice);
    for (const simdjson::dom::element element : simdjson::dom::array(value)) {
      RC_ASSERT(elements.next());
      expect_same(elements.value(), element);
    }
    RC_ASSERT(!elements.next());
  } else if (value.is_string()) {
    std::string text;
    append_unescaped(json_string_content(slice), text);
    RC_ASSERT(text == std::string_view(value));
  } else {
    simdjson::dom::parser parser;
    RC_ASSERT(simdjson::minify(parser.parse(std::string(slice))) == simdjson::minify(value));
  }
}

TEST(JsonSlices, SeeWhatTheParserSees) {
  EXPECT_TRUE(rc::check([] {
    const std::string json = random_json(4);
    simdjson::dom::parser parser;
    expect_same(trimmed_json(json), parser.parse(json));
  }));
}

}  // namespace
}  // namespace telex
