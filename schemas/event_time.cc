#include "schemas/event_time.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

#include <fmt/format.h>

namespace telex {
namespace {

constexpr std::int64_t kYearMin = 1000;
constexpr std::int64_t kYearMax = 9999;
constexpr std::int64_t kMillisPerSecond = 1000;
constexpr std::int64_t kMillisPerMinute = 60 * kMillisPerSecond;
constexpr std::int64_t kMillisPerDay = 24 * 60 * kMillisPerMinute;

struct Parsed {
  UnixMillis unix_millis = 0;
  DatePrecision precision = DatePrecision::none;
  bool has_offset = false;  // It is known which moment is meant.
  bool rfc3339 = false;     // Written as RFC 3339 has it.
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Reads forward through a text.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}
  bool done() const { return rest_.empty(); }
  char peek() const { return rest_.empty() ? '\0' : rest_.front(); }
  bool skip(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool skip_spaces() {
    const std::size_t before = rest_.size();
    while (!rest_.empty() && is_space(rest_.front())) rest_.remove_prefix(1);
    return rest_.size() != before;
  }
  // Exactly `count` digits.
  bool digits(std::size_t count, std::int64_t& value) {
    if (rest_.size() < count) return false;
    value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (!is_digit(rest_[i])) return false;
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(count);
    return true;
  }
  std::size_t count_digits() const {
    std::size_t count = 0;
    while (count < rest_.size() && is_digit(rest_[count])) ++count;
    return count;
  }
  // Letters; empty if there are none.
  std::string_view word() {
    std::size_t length = 0;
    while (length < rest_.size() && lower(rest_[length]) >= 'a' && lower(rest_[length]) <= 'z') {
      ++length;
    }
    const std::string_view word = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return word;
  }
  // A fraction behind its point or comma, as milliseconds; further digits are cut off.
  bool fraction(std::int64_t& millis) {
    const std::size_t count = count_digits();
    if (count == 0) return false;
    millis = 0;
    for (std::size_t i = 0; i < 3; ++i) millis = millis * 10 + (i < count ? rest_[i] - '0' : 0);
    rest_.remove_prefix(count);
    return true;
  }

 private:
  std::string_view rest_;
};

std::optional<std::int64_t> days_since_1970(std::int64_t year, std::int64_t month,
                                            std::int64_t day) {
  namespace ch = std::chrono;
  if (year < kYearMin || year > kYearMax) return std::nullopt;
  const ch::year_month_day date{ch::year(static_cast<int>(year)),
                                ch::month(static_cast<unsigned>(month)),
                                ch::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  return ch::sys_days(date).time_since_epoch().count();
}

std::optional<Parsed> period(std::int64_t year, std::int64_t month, std::int64_t day,
                             DatePrecision precision) {
  const auto days = days_since_1970(year, month, day);
  if (!days) return std::nullopt;
  return Parsed{*days * kMillisPerDay, precision, false, false};
}

// Z, ±hh:mm, ±hhmm or ±hh, in minutes east of UTC; false if none of these is there.
bool read_offset(Cursor& in, std::int64_t& minutes, bool& strict) {
  minutes = 0;
  if (in.skip('Z')) return true;
  if (in.skip('z')) {
    strict = false;
    return true;
  }
  const char sign = in.peek();
  if (sign != '+' && sign != '-') return false;
  in.skip(sign);
  std::int64_t hour = 0;
  std::int64_t minute = 0;
  if (!in.digits(2, hour)) return false;
  if (in.skip(':')) {
    if (!in.digits(2, minute)) return false;
  } else {
    strict = false;
    if (is_digit(in.peek()) && !in.digits(2, minute)) return false;
  }
  if (hour > 23 || minute > 59) return false;
  minutes = (hour * 60 + minute) * (sign == '-' ? -1 : 1);
  return true;
}

// hh:mm[:ss[.fraction]] or the same without colons; milliseconds since midnight.
bool read_time_of_day(Cursor& in, bool basic, std::int64_t& millis, bool& strict) {
  std::int64_t hour = 0;
  std::int64_t minute = 0;
  std::int64_t second = 0;
  std::int64_t fraction = 0;
  if (!in.digits(2, hour)) return false;
  if (!basic && !in.skip(':')) return false;
  if (!in.digits(2, minute)) return false;
  if (basic ? is_digit(in.peek()) : in.skip(':')) {
    if (!in.digits(2, second)) return false;
    const bool point = in.skip('.');
    if (!point && in.peek() == ',') strict = false;
    if ((point || in.skip(',')) && !in.fraction(fraction)) return false;
  } else {
    strict = false;
  }
  if (hour > 23 || minute > 59 || second > 60) return false;
  if (second == 60) strict = false;  // A leap second: Unix time has no room for it.
  millis = (hour * 60 + minute) * kMillisPerMinute + second * kMillisPerSecond + fraction;
  return true;
}

// What follows a full date: T or a space, a time of day, perhaps an offset.
std::optional<Parsed> finish_date_time(Cursor& in, std::int64_t days, bool basic) {
  bool strict = !basic && in.peek() == 'T';
  if (!in.skip('T') && !in.skip('t') && !in.skip(' ')) return std::nullopt;
  std::int64_t millis = 0;
  if (!read_time_of_day(in, basic, millis, strict)) return std::nullopt;
  Parsed parsed{days * kMillisPerDay + millis, DatePrecision::second, false, false};
  in.skip_spaces();
  if (!in.done()) {
    std::int64_t minutes = 0;
    if (!read_offset(in, minutes, strict) || !in.done()) return std::nullopt;
    parsed.unix_millis -= minutes * kMillisPerMinute;
    parsed.has_offset = true;
    parsed.rfc3339 = strict;
  }
  return parsed;
}

// Dates that begin with a year and a hyphen, or with a year alone.
std::optional<Parsed> parse_iso(std::string_view text) {
  Cursor in(text);
  std::int64_t year = 0;
  std::int64_t month = 1;
  std::int64_t day = 1;
  if (!in.digits(4, year)) return std::nullopt;
  if (in.done()) return period(year, 1, 1, DatePrecision::year);
  if (!in.skip('-') || !in.digits(2, month)) return std::nullopt;
  if (in.done()) return period(year, month, 1, DatePrecision::month);
  if (!in.skip('-') || !in.digits(2, day)) return std::nullopt;
  if (in.done()) return period(year, month, day, DatePrecision::day);
  const auto days = days_since_1970(year, month, day);
  if (!days) return std::nullopt;
  // "2025-02-17T10:11:12 +01:00" is read, but is not RFC 3339.
  auto parsed = finish_date_time(in, *days, false);
  if (parsed && text.find(' ') != std::string_view::npos) parsed->rfc3339 = false;
  return parsed;
}

// YYYYMMDD, alone or with T and a time of day in the basic form.
std::optional<Parsed> parse_basic(std::string_view text) {
  Cursor in(text);
  std::int64_t year = 0;
  std::int64_t month = 0;
  std::int64_t day = 0;
  if (!in.digits(4, year) || !in.digits(2, month) || !in.digits(2, day)) return std::nullopt;
  if (in.done()) return period(year, month, day, DatePrecision::day);
  const auto days = days_since_1970(year, month, day);
  if (!days) return std::nullopt;
  return finish_date_time(in, *days, true);
}

std::optional<Parsed> parse_unix(std::string_view text) {
  Cursor in(text);
  const std::size_t count = in.count_digits();
  std::int64_t value = 0;
  if (count < 9 || count > 13 || count == 11 || !in.digits(count, value)) return std::nullopt;
  std::int64_t fraction = 0;
  if (in.skip('.') && !in.fraction(fraction)) return std::nullopt;
  if (!in.done()) return std::nullopt;
  const bool seconds = count <= 10;
  return Parsed{seconds ? value * kMillisPerSecond + fraction : value, DatePrecision::second, true,
                false};
}

struct NamedZone {
  std::string_view name;
  std::int64_t minutes;
};
// RFC 2822 section 4.3, and the European zones that feeds use.
constexpr std::array kZones{NamedZone{"gmt", 0},    NamedZone{"ut", 0},     NamedZone{"utc", 0},
                            NamedZone{"z", 0},      NamedZone{"est", -300}, NamedZone{"edt", -240},
                            NamedZone{"cst", -360}, NamedZone{"cdt", -300}, NamedZone{"mst", -420},
                            NamedZone{"mdt", -360}, NamedZone{"pst", -480}, NamedZone{"pdt", -420},
                            NamedZone{"wet", 0},    NamedZone{"west", 60},  NamedZone{"cet", 60},
                            NamedZone{"cest", 120}, NamedZone{"eet", 120},  NamedZone{"eest", 180}};

bool same_word(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

std::int64_t month_number(std::string_view word) {
  constexpr std::array<std::string_view, 12> kMonths{"jan", "feb", "mar", "apr", "may", "jun",
                                                     "jul", "aug", "sep", "oct", "nov", "dec"};
  for (std::size_t i = 0; i < kMonths.size(); ++i) {
    if (same_word(word.substr(0, 3), kMonths[i])) return static_cast<std::int64_t>(i) + 1;
  }
  return 0;
}

// RFC 2822 section 3.3, with the two-digit years of 4.3.
std::optional<Parsed> parse_rfc2822(std::string_view text) {
  Cursor in(text);
  if (!is_digit(in.peek())) {
    if (in.word().size() < 3) return std::nullopt;
    in.skip(',');
    if (!in.skip_spaces()) return std::nullopt;
  }
  std::int64_t day = 0;
  std::int64_t year = 0;
  const std::size_t day_digits = in.count_digits();
  if (day_digits > 2 || !in.digits(day_digits, day) || !in.skip_spaces()) return std::nullopt;
  const std::int64_t month = month_number(in.word());
  if (month == 0 || !in.skip_spaces()) return std::nullopt;
  const std::size_t year_digits = in.count_digits();
  if ((year_digits != 4 && year_digits != 2) || !in.digits(year_digits, year)) return std::nullopt;
  if (year_digits == 2) year += year < 50 ? 2000 : 1900;
  const auto days = days_since_1970(year, month, day);
  if (!days) return std::nullopt;
  Parsed parsed{*days * kMillisPerDay, DatePrecision::day, false, false};
  in.skip_spaces();
  if (in.done()) return parsed;
  std::int64_t millis = 0;
  bool strict = false;
  if (!read_time_of_day(in, false, millis, strict)) return std::nullopt;
  parsed.unix_millis += millis;
  parsed.precision = DatePrecision::second;
  in.skip_spaces();
  if (in.done()) return parsed;
  std::int64_t minutes = 0;
  if (in.peek() == '+' || in.peek() == '-') {
    // -0000: the time is UTC, and nothing is known of the place.
    if (!read_offset(in, minutes, strict)) return std::nullopt;
    parsed.has_offset = true;
  } else {
    const std::string_view word = in.word();
    if (word.empty()) return std::nullopt;
    for (const NamedZone& zone : kZones) {
      if (!same_word(word, zone.name)) continue;
      minutes = zone.minutes;
      parsed.has_offset = true;
    }
  }
  in.skip_spaces();
  if (!in.done() && in.peek() != '(') return std::nullopt;  // "+0100 (CET)"
  parsed.unix_millis -= minutes * kMillisPerMinute;
  return parsed;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::optional<Parsed> parse(std::string_view text) {
  constexpr std::size_t kBytesMax = 128;
  if (text.empty() || text.size() > kBytesMax) return std::nullopt;
  const std::size_t digits = Cursor(text).count_digits();
  if (digits == 4) return parse_iso(text);
  if (digits == 8) return parse_basic(text);
  if (digits >= 9) return parse_unix(text);
  return parse_rfc2822(text);
}

}  // namespace

std::string_view to_string(DatePrecision precision) {
  constexpr std::array<std::string_view, 5> kNames{"none", "year", "month", "day", "second"};
  return kNames[static_cast<std::size_t>(precision)];
}

EventTime parse_event_time(std::string_view text) {
  text = trimmed(text);
  const auto parsed = parse(text);
  if (!parsed) return {0, DatePrecision::none, text};
  return {parsed->unix_millis, parsed->precision, text};
}

bool is_rfc3339(std::string_view text) {
  const auto parsed = parse(text);
  return parsed && parsed->rfc3339;
}

bool append_rfc3339(const EventTime& time, std::string& out) {
  if (time.precision != DatePrecision::second) return false;
  const auto parsed = parse(time.text);
  if (!parsed || !parsed->has_offset) return false;
  if (parsed->rfc3339) {
    out.append(time.text);
    return true;
  }
  namespace ch = std::chrono;
  const ch::sys_time<ch::milliseconds> moment{ch::milliseconds(time.unix_millis)};
  const auto day = ch::floor<ch::days>(moment);
  const ch::year_month_day date{day};
  // An offset can carry the first or last hours of the range out of it.
  const int year = static_cast<int>(date.year());
  if (year < kYearMin || year > kYearMax) return false;
  const ch::hh_mm_ss<ch::milliseconds> of_day{moment - day};
  fmt::format_to(std::back_inserter(out), "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", year,
                 static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                 of_day.hours().count(), of_day.minutes().count(), of_day.seconds().count());
  if (of_day.subseconds().count() != 0) {
    fmt::format_to(std::back_inserter(out), ".{:03}", of_day.subseconds().count());
  }
  out.push_back('Z');
  return true;
}

}  // namespace telex
