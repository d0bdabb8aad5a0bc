#include "process/filter/filter.h"

#include <gtest/gtest.h>

#include "process/filter/parser.h"
#include "tests/process/filter/filter_testing.h"

namespace telex {
namespace {

using testing::some_place;
using testing::SomeSubject;

Filter parsed(std::string_view text) {
  FilterError error;
  std::optional<Filter> filter = Filter::parse(text, some_place(), error);
  if (!filter) {
    ADD_FAILURE() << error.text();
    return {};
  }
  return *filter;
}

// 2025-02-17T10:11:12Z.
constexpr std::int64_t kThen = 1'739'787'072'000;

// An article from anp about two people and topic 111.
SomeSubject article() {
  SomeSubject subject;
  subject.with("source", {"anp"})
      .with("headline", {"Brandweer blust grote BRAND in Zürich"})
      .with("entity", {"wd:Q212", "wd:Q55"})
      .with("reason", {"not_utf8"})
      .with("topic", {"medtop:111", "medtop:2"})
      .with("offset", 100)
      .with("published", kThen);
  return subject;
}

struct Case {
  const char* name;
  const char* filter;
  bool matches;
};
void PrintTo(const Case& row, std::ostream* out) { *out << row.name; }

class FilterCases : public ::testing::TestWithParam<Case> {};

TEST_P(FilterCases, SaysOfTheArticle) {
  FilterScratch scratch;
  const Filter filter = parsed(GetParam().filter);
  EXPECT_EQ(filter.matches(article(), scratch), GetParam().matches) << GetParam().filter;
}

const Case kCases[] = {
    {"nothing_asked_is_everything", "", true},
    {"white_space_is_everything", " \t\n", true},
    {"text_equal", R"(source = "anp")", true},
    {"text_equal_is_exact", R"(source = "ANP")", false},
    {"text_may_be_bare", "source=anp", true},
    {"single_quotes", "source = 'anp'", true},
    {"text_not_equal", R"(source != "afp")", true},
    {"text_not_equal_itself", R"(source != "anp")", false},
    {"text_in", R"(source in ("afp", "anp"))", true},
    {"text_not_in_list", R"(source in ("afp", "dpa"))", false},
    {"code_equal", "reason = not_utf8", true},
    {"code_quoted", R"(reason = "not_utf8")", true},
    {"code_in", "reason in (malformed_json, not_utf8)", true},
    {"any_of_several", R"(entity = "wd:Q55")", true},
    {"none_of_several", R"(entity = "wd:Q1")", false},
    {"not_equal_asks_all_of_several", R"(entity != "wd:Q55")", false},
    {"not_equal_to_none_of_several", R"(entity != "wd:Q1")", true},
    {"contains", R"(headline ~ "brand")", true},
    {"contains_folds_both", R"(headline ~ "ZURICH")", true},
    {"contains_decomposed", "headline ~ \"zu\u0308rich\"", true},
    {"contains_not", R"(headline ~ "storm")", false},
    {"contains_nothing_at_all", R"(headline ~ "")", true},
    {"within_itself", "topic within medtop:111", true},
    {"within_parent", "topic within medtop:11", true},
    {"within_top", "topic within medtop:1", true},
    {"within_sibling", "topic within medtop:12", false},
    {"within_below", "topic = medtop:11", false},
    {"number_less", "offset < 101", true},
    {"number_not_less", "offset < 100", false},
    {"number_less_equal", "offset <= 100", true},
    {"number_greater", "offset > 100", false},
    {"number_greater_equal", "offset >= 100", true},
    {"number_equal", "offset = 0100", true},
    {"number_in", "offset in (1, 100)", true},
    {"number_negative", "offset > -1", true},
    {"time_in_year", "published = 2025", true},
    {"time_in_month", "published = 2025-02", true},
    {"time_in_day", "published = 2025-02-17", true},
    {"time_in_minute", "published = 2025-02-17T10:11Z", true},
    {"time_in_second", "published = 2025-02-17T10:11:12Z", true},
    {"time_not_in_day_before", "published = 2025-02-16", false},
    {"time_not_equal", "published != 2025-02-17", false},
    {"time_before_its_day", "published < 2025-02-17", false},
    {"time_before_next_day", "published < 2025-02-18", true},
    {"time_up_to_its_day", "published <= 2025-02-17", true},
    {"time_after_its_day", "published > 2025-02-17", false},
    {"time_after_day_before", "published > 2025-02-16", true},
    {"time_from_its_month", "published >= 2025-02", true},
    {"time_from_next_month", "published >= 2025-03", false},
    {"and_both", "source = anp and offset = 100", true},
    {"and_one", "source = anp and offset = 1", false},
    {"or_one", "source = afp or offset = 100", true},
    {"or_none", "source = afp or offset = 1", false},
    {"and_binds_closer_than_or", "source = anp or offset = 1 and offset = 2", true},
    {"parentheses_bind_first", "(source = anp or offset = 1) and offset = 2", false},
    {"not_binds_closest", "not source = afp and offset = 100", true},
    {"not_of_parentheses", "not (source = anp and offset = 100)", false},
    {"not_not", "not not source = anp", true},
    {"keywords_in_any_case", "NOT source = afp AND offset IN (100)", true},
    {"long_chain", "offset=1 or offset=2 or offset=3 or (offset=100 and not (offset=5))", true},
    {"absent_is_not_equal_to_anything", R"(language = "nl")", false},
    {"absent_is_not_unequal_either", R"(language != "nl")", false},
    {"absent_is_in_no_list", R"(language in ("nl", "en"))", false},
    {"absent_contains_nothing", R"(language ~ "")", false},
    {"not_of_absent", R"(not language = "nl")", true},
    {"not_of_absent_unequal", R"(not language != "nl")", true},
};

INSTANTIATE_TEST_SUITE_P(Filter, FilterCases, ::testing::ValuesIn(kCases),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(Filter, IsWrittenInOneWay) {
  EXPECT_EQ(parsed(" ( source='a\"b' ) AND((offset=007)) ").to_text(),
            R"(source = "a\"b" and offset = 7)");
  EXPECT_EQ(parsed("reason in (not_utf8,'no_text')or not(topic within 'medtop:1')").to_text(),
            "reason in (not_utf8, no_text) or not topic within medtop:1");
  EXPECT_EQ(parsed("published>=2025-02 and (offset<1 or offset>2)").to_text(),
            "published >= 2025-02 and (offset < 1 or offset > 2)");
  EXPECT_EQ(parsed("").to_text(), "");
  EXPECT_EQ(parsed("source = 'and'").to_text(), R"(source = "and")");
  EXPECT_EQ(parsed(R"(source = "a\u{1b}\nb\\")").to_text(), R"(source = "a\u{1b}\u{a}b\\")");
}

TEST(Filter, EscapesStandForTheirCharacters) {
  FilterScratch scratch;
  SomeSubject subject;
  subject.with("source", {"\"'\\\n\r\t\xC3\xA9\xF0\x9F\x98\x80"});
  EXPECT_TRUE(parsed(R"(source = "\"\'\\\n\r\t\u{e9}\u{1F600}")").matches(subject, scratch));
}

TEST(Filter, ContainsFindsWhatLiesAcrossPieces) {
  // The text is folded in pieces; a match may begin in one and end in the next.
  FilterScratch scratch;
  for (std::size_t before = kFilterChunkBytes - 12; before < kFilterChunkBytes + 4; ++before) {
    SomeSubject subject;
    subject.with("headline", {std::string(before, 'x') + "Zürich bräNd" + std::string(2000, 'y')});
    EXPECT_TRUE(parsed("headline ~ 'ZURICH BRAND'").matches(subject, scratch)) << before;
    EXPECT_FALSE(parsed("headline ~ 'zurich  brand'").matches(subject, scratch)) << before;
  }
}

TEST(Filter, ContainsReadsTextWithoutAnyAsciiByte) {
  FilterScratch scratch;
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "\u65B0";
  text += "\u805E";
  SomeSubject subject;
  subject.with("headline", {text});
  EXPECT_TRUE(parsed("headline ~ '\u65B0\u805E'").matches(subject, scratch));
  EXPECT_FALSE(parsed("headline ~ '\u805E\u65B0'").matches(subject, scratch));
}

TEST(Filter, WithinEndsInATreeThatBitesItsTail) {
  FilterScratch scratch;
  SomeSubject subject;
  subject.with("topic", {"loop"});
  EXPECT_FALSE(parsed("topic within medtop:1").matches(subject, scratch));
}

TEST(Filter, WithinKnowsNothingAboveACodeThatIsNotInTheTree) {
  FilterScratch scratch;
  SomeSubject subject;
  subject.with("topic", {"medtop:999"});
  EXPECT_FALSE(parsed("topic within medtop:1").matches(subject, scratch));
}

TEST(Filter, PeriodsEndWhereTheNextOnesBegin) {
  for (const auto& [period, next] : std::vector<std::pair<const char*, const char*>>{
           {"2023", "2024"},
           {"2024-02", "2024-03"},
           {"2024-12", "2025-01"},
           {"2024-02-28", "2024-02-29"},
           {"2024-02-29", "2024-03-01"},
           {"2024-02-29T23:59Z", "2024-03-01T00:00Z"},
           {"2024-12-31T23:59:59Z", "2025-01-01T00:00:00Z"}}) {
    const auto one = parse_period(period);
    const auto other = parse_period(next);
    ASSERT_TRUE(one && other) << period;
    EXPECT_EQ(one->to, other->from) << period;
    EXPECT_LT(one->from, one->to) << period;
  }
  EXPECT_EQ(parse_period("1970-01-01T00:00:01Z")->from, 1000);
  EXPECT_EQ(parse_period("1969-12-31T23:59:59Z")->from, -1000);
}

}  // namespace
}  // namespace telex
