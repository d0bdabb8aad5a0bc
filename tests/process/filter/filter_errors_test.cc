// What is no filter, and what is said of it.
#include <gtest/gtest.h>

#include "process/filter/filter.h"
#include "process/nearest_name.h"
#include "tests/process/filter/filter_testing.h"

namespace telex {
namespace {

using testing::some_place;

FilterError refused(std::string_view text) {
  FilterError error;
  EXPECT_FALSE(Filter::parse(text, some_place(), error)) << text;
  EXPECT_FALSE(error.message.empty()) << text;
  return error;
}

struct Case {
  const char* name;
  const char* filter;
  std::uint32_t column;
  const char* message;  // A part of it.
};
void PrintTo(const Case& row, std::ostream* out) { *out << row.name; }

class FilterErrorCases : public ::testing::TestWithParam<Case> {};

TEST_P(FilterErrorCases, AreExplained) {
  const FilterError error = refused(GetParam().filter);
  EXPECT_EQ(error.column, GetParam().column) << error.text();
  EXPECT_NE(error.message.find(GetParam().message), std::string::npos) << error.text();
}

const Case kCases[] = {
    {"unknown_field", "sauce = anp", 1, "no field 'sauce'; did you mean source?"},
    {"unknown_field_far_from_all", "quux = 1", 1, "there are source, headline"},
    {"fields_are_lower_case", "Source = anp", 1, "did you mean source?"},
    {"unknown_code", "reason = not_utf", 10, "reason is never 'not_utf'; did you mean not_utf8?"},
    {"unknown_code_in_list", "reason in (no_text, zzz)", 21, "there are not_utf8"},
    {"unknown_topic", "topic within medtop:9", 14, "no topic 'medtop:9' in the vocabulary"},
    {"unknown_topic_equal", "topic = medtop:9", 9, "no topic"},
    {"operator_for_text", "source < anp", 8, "source is a text field: it takes = != in ~, not <"},
    {"operator_for_code", "reason ~ utf", 8, "reason is a code field"},
    {"operator_for_tree", "topic ~ 1", 7, "it takes = != in within"},
    {"operator_for_number", "offset ~ 1", 8, "offset is a number field"},
    {"operator_for_time", "published within 2025", 11, "published is a time field"},
    {"not_a_number", "offset = many", 10, "'many' is no integer"},
    {"number_too_large", "offset = 99999999999999999999", 10, "is no integer of 64 bits"},
    {"not_a_date", "published = yesterday", 13, "is no date; write YYYY"},
    {"month_that_is_none", "published = 2025-13", 13, "is no date"},
    {"day_that_is_none", "published = 2025-02-29", 13, "is no date"},
    {"hour_that_is_none", "published = 2025-02-01T24:00Z", 13, "is no date"},
    {"time_without_zone", "published = 2025-02-01T10:00", 13, "is no date"},
    {"year_zero", "published = 0000", 13, "is no date"},
    {"no_operator", "source", 7, "expected an operator after source (= != in ~), not the end"},
    {"no_value", "source =", 9, "expected a value, not the end"},
    {"keyword_as_value", "source = and", 10, "in quotes it is one"},
    {"keyword_as_field", "and = 1", 1, "expected the name of a field"},
    {"string_as_field", "'source' = 1", 1, "expected the name of a field"},
    {"not_in", "source not in (a)", 8, "write: not source in (...)"},
    {"two_tests_without_and", "source = a offset = 1", 12, "expected and, or, or the end"},
    {"nothing_after_and", "source = a and", 15, "expected the name of a field, not the end"},
    {"open_parenthesis", "(source = a", 1, "this ( is never closed"},
    {"closed_too_often", "source = a)", 11, "this ) closes nothing"},
    {"empty_parentheses", "()", 2, "expected the name of a field"},
    {"empty_list", "source in ()", 12, "expected a value"},
    {"list_without_parenthesis", "source in a", 11, "expected ( after in"},
    {"list_not_closed", "source in (a b)", 14, "expected , or )"},
    {"quote_not_closed", "source = 'a", 10, "this quote is never closed"},
    {"unknown_escape", R"(source = "a\q")", 12, "no such escape"},
    {"escape_at_the_end", "source = \"a\\", 12, "no such escape"},
    {"escape_of_no_character", R"(source = "\u{d800}")", 11, "number of a character"},
    {"escape_beyond_unicode", R"(source = "\u{110000}")", 11, "number of a character"},
    {"escape_without_brace", R"(source = "\u{41")", 11, "number of a character"},
    {"lone_exclamation_mark", "source ! a", 8, "write != or not"},
    {"control_character", "source = \x1b", 10, "a control character"},
    {"control_character_in_string", "source = 'a\x1b'", 12, "a control character"},
    {"not_utf8", "source = '\xFF'", 11, "not UTF-8"},
    {"columns_count_characters", "headline = 'éé' x", 17, "expected and"},
};

INSTANTIATE_TEST_SUITE_P(Filter, FilterErrorCases, ::testing::ValuesIn(kCases),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(FilterError, PutsACaretUnderWhatIsWrong) {
  EXPECT_EQ(refused("source = anp\n  and reson = x").text(),
            "2:7: no field 'reson'; did you mean reason?\n"
            "    and reson = x\n"
            "        ^");
}

TEST(FilterError, ShowsNoMoreThanABitOfAHostileWord) {
  const FilterError error = refused(std::string(5000, 'x') + " = 1");
  EXPECT_LT(error.message.size(), 200U);
}

TEST(FilterLimits, HoldAtTheirEdges) {
  FilterError error;
  const auto parses = [&](const std::string& text) {
    return Filter::parse(text, some_place(), error).has_value();
  };
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '(') + "offset = 1" + std::string(depth, ')');
  };
  EXPECT_TRUE(parses(nested(Filter::kDepthMax)));
  EXPECT_FALSE(parses(nested(Filter::kDepthMax + 1)));
  EXPECT_FALSE(parses(nested(8000))) << "no matter how deep, the stack holds";

  const auto chained = [](std::size_t tests) {
    std::string text = "offset = 1";
    for (std::size_t i = 1; i < tests; ++i) text += " or offset = 1";
    return text;
  };
  EXPECT_TRUE(parses(chained(Filter::kTestsMax)));
  EXPECT_FALSE(parses(chained(Filter::kTestsMax + 1)));

  const auto listed = [](std::size_t values) {
    std::string text = "offset in (1";
    for (std::size_t i = 1; i < values; ++i) text += ", 1";
    return text + ")";
  };
  EXPECT_TRUE(parses(listed(Filter::kValuesMax)));
  EXPECT_FALSE(parses(listed(Filter::kValuesMax + 1)));

  const auto sized = [](std::size_t bytes) { return "source = '" + std::string(bytes, 'x') + "'"; };
  EXPECT_TRUE(parses(sized(Filter::kValueBytesMax)));
  EXPECT_FALSE(parses(sized(Filter::kValueBytesMax + 1)));

  EXPECT_TRUE(parses("offset = 1" + std::string(Filter::kBytesMax - 10, ' ')));
  EXPECT_FALSE(parses("offset = 1" + std::string(Filter::kBytesMax - 9, ' ')));
}

TEST(FilterLimits, CountWhatTheCanonicalTextNeedsToo) {
  // Each quote costs a backslash when it is written down.
  std::string text = "source in (";
  for (int i = 0; i < 12; ++i) text += (i == 0 ? "'" : ",'") + std::string(1000, '"') + "'";
  text += ")";
  ASSERT_LT(text.size(), Filter::kBytesMax);
  EXPECT_NE(refused(text).message.find("bytes"), std::string::npos);
}

TEST(NearestName, IsNearOrNothing) {
  const std::vector<std::string_view> names{"topic", "partition", "offset"};
  EXPECT_EQ(nearest_name("topics", names), "topic");
  EXPECT_EQ(nearest_name("OFFSET", names), "offset");
  EXPECT_EQ(nearest_name("partision", names), "partition");
  EXPECT_EQ(nearest_name("headline", names), "");
  EXPECT_EQ(nearest_name("", names), "");
}

}  // namespace
}  // namespace telex
