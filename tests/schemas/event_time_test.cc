#include "schemas/event_time.h"

#include <gtest/gtest.h>

namespace telex {
namespace {

struct TimeCase {
  const char* name;
  std::string_view text;
  DatePrecision precision;
  UnixMillis unix_millis;
  std::string_view rfc3339;  // Empty: cannot be said.
};
void PrintTo(const TimeCase& row, std::ostream* out) { *out << row.name; }

constexpr UnixMillis kFeb17 = 1739750400000;  // 2025-02-17T00:00:00Z
constexpr UnixMillis kSecond = 1000;
constexpr UnixMillis kHour = 3600 * kSecond;
constexpr auto kAt = kFeb17 + 10 * kHour + 11 * 60 * kSecond + 12 * kSecond;  // 10:11:12Z

class Time : public ::testing::TestWithParam<TimeCase> {};

TEST_P(Time, IsReadAndWrittenHonestly) {
  const EventTime time = parse_event_time(GetParam().text);
  EXPECT_EQ(to_string(time.precision), to_string(GetParam().precision));
  EXPECT_EQ(time.unix_millis, GetParam().unix_millis);
  std::string out = "kept";
  EXPECT_EQ(append_rfc3339(time, out), !GetParam().rfc3339.empty());
  EXPECT_EQ(out, "kept" + std::string(GetParam().rfc3339));
  EXPECT_EQ(is_rfc3339(GetParam().rfc3339), !GetParam().rfc3339.empty());
}

using P = DatePrecision;
INSTANTIATE_TEST_SUITE_P(
    Cases, Time,
    ::testing::Values(
        TimeCase{"utc", "2025-02-17T10:11:12Z", P::second, kAt, "2025-02-17T10:11:12Z"},
        TimeCase{"offset", "2025-02-17T10:11:12+01:00", P::second, kAt - kHour,
                 "2025-02-17T10:11:12+01:00"},
        TimeCase{"fraction", "2025-02-17T10:11:12.345678-05:00", P::second, kAt + 345 + 5 * kHour,
                 "2025-02-17T10:11:12.345678-05:00"},
        TimeCase{"lower_case", "2025-02-17t10:11:12z", P::second, kAt, "2025-02-17T10:11:12Z"},
        TimeCase{"space_between", "2025-02-17 10:11:12Z", P::second, kAt, "2025-02-17T10:11:12Z"},
        TimeCase{"space_before_offset", "2025-02-17T10:11:12 +0100", P::second, kAt - kHour,
                 "2025-02-17T09:11:12Z"},
        TimeCase{"offset_without_colon", "2025-02-17T10:11:12+0100", P::second, kAt - kHour,
                 "2025-02-17T09:11:12Z"},
        TimeCase{"offset_of_hours", "2025-02-17T10:11:12+01", P::second, kAt - kHour,
                 "2025-02-17T09:11:12Z"},
        TimeCase{"to_the_minute", "2025-02-17T10:11Z", P::second, kAt - 12 * kSecond,
                 "2025-02-17T10:11:00Z"},
        TimeCase{"without_offset", "2025-02-17T10:11:12", P::second, kAt, ""},
        TimeCase{"comma_fraction", "2025-02-17T10:11:12,5Z", P::second, kAt + 500,
                 "2025-02-17T10:11:12.500Z"},
        TimeCase{"leap_second", "2025-02-17T10:11:60Z", P::second, kAt + 48 * kSecond,
                 "2025-02-17T10:12:00Z"},
        TimeCase{"day", "2025-02-17", P::day, kFeb17, ""},
        TimeCase{"month", "2025-02", P::month, kFeb17 - 16 * 24 * kHour, ""},
        TimeCase{"year", "2025", P::year, kFeb17 - 47 * 24 * kHour, ""},
        TimeCase{"year_1000", "1000", P::year, -30610224000000, ""},
        TimeCase{"white_space_around", " \t2025-02-17\r\n", P::day, kFeb17, ""},
        TimeCase{"basic_day", "20250217", P::day, kFeb17, ""},
        TimeCase{"basic_utc", "20250217T101112Z", P::second, kAt, "2025-02-17T10:11:12Z"},
        TimeCase{"basic_offset", "20250217T101112+0100", P::second, kAt - kHour,
                 "2025-02-17T09:11:12Z"},
        TimeCase{"rfc2822", "Mon, 17 Feb 2025 10:11:12 +0100", P::second, kAt - kHour,
                 "2025-02-17T09:11:12Z"},
        TimeCase{"rfc2822_zone_name", "Mon, 17 Feb 2025 10:11:12 GMT", P::second, kAt,
                 "2025-02-17T10:11:12Z"},
        TimeCase{"rfc2822_summer_time", "17 Feb 2025 10:11:12 CEST", P::second, kAt - 2 * kHour,
                 "2025-02-17T08:11:12Z"},
        TimeCase{"rfc2822_comment", "Mon, 17 Feb 2025 10:11:12 +0000 (UTC)", P::second, kAt,
                 "2025-02-17T10:11:12Z"},
        TimeCase{"rfc2822_without_zone", "Mon, 17 Feb 2025 10:11:12", P::second, kAt, ""},
        TimeCase{"rfc2822_unknown_zone", "Mon, 17 Feb 2025 10:11:12 XYZ", P::second, kAt, ""},
        TimeCase{"rfc2822_two_digit_year", "17 Feb 25 10:11:12 GMT", P::second, kAt,
                 "2025-02-17T10:11:12Z"},
        TimeCase{"rfc2822_day_alone", "17 February 2025", P::day, kFeb17, ""},
        TimeCase{"unix_seconds", "1739787072", P::second, kAt, "2025-02-17T10:11:12Z"},
        TimeCase{"unix_fraction", "1739787072.25", P::second, kAt + 250,
                 "2025-02-17T10:11:12.250Z"},
        TimeCase{"unix_millis", "1739787072345", P::second, kAt + 345, "2025-02-17T10:11:12.345Z"},
        TimeCase{"empty", "", P::none, 0, ""}, TimeCase{"words", "gisteren", P::none, 0, ""},
        TimeCase{"month_13", "2025-13", P::none, 0, ""},
        TimeCase{"february_30", "2025-02-30", P::none, 0, ""},
        TimeCase{"year_999", "0999-01-01", P::none, 0, ""},
        TimeCase{"year_10000", "10000-01-01", P::none, 0, ""},
        TimeCase{"hour_25", "2025-02-17T25:00:00Z", P::none, 0, ""},
        TimeCase{"trailing_words", "2025-02-17T10:11:12Z or so", P::none, 0, ""},
        TimeCase{"slashes", "17/02/2025", P::none, 0, ""},
        TimeCase{"short_number", "12345", P::none, 0, ""},
        TimeCase{"long_number", "17397870721739787072", P::none, 0, ""}),
    [](const auto& row) { return row.param.name; });

TEST(EventTime, KeepsTheTextAsGiven) {
  EXPECT_EQ(parse_event_time(" 2025-02 ").text, "2025-02");
  EXPECT_EQ(parse_event_time("gisteren").text, "gisteren");
}

TEST(EventTime, OffsetThatLeavesTheRangeIsNotSaid) {
  std::string out;
  EXPECT_TRUE(append_rfc3339(parse_event_time("9999-12-31T23:59:59-05:00"), out));  // Verbatim.
  out.clear();
  EXPECT_FALSE(append_rfc3339(parse_event_time("31 Dec 9999 23:59:59 EST"), out));
}

}  // namespace
}  // namespace telex
