#include "process/filter/parser.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "process/filter/lexer.h"
#include "process/nearest_name.h"

namespace telex {
namespace {

constexpr std::string_view kDateForms =
    "YYYY, YYYY-MM, YYYY-MM-DD, YYYY-MM-DDTHH:MMZ or YYYY-MM-DDTHH:MM:SSZ";
// Of somebody's own words in a message.
constexpr std::size_t kQuotedMax = 40;

std::string quoted(std::string_view text) {
  std::size_t size = std::min(text.size(), kQuotedMax);
  while (size < text.size() && size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80)
    --size;
  return fmt::format("'{}{}'", text.substr(0, size), size < text.size() ? "..." : "");
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> names) {
  const std::string_view nearest = nearest_name(word, names);
  if (!nearest.empty()) return fmt::format("; did you mean {}?", nearest);
  constexpr std::size_t kListedMax = 40;
  if (names.size() > kListedMax) return "";
  return fmt::format("; there are {}", fmt::join(names, ", "));
}

// Thrown inside of the parser only; parse_filter() turns it into an error.
struct Failure {
  std::size_t at = 0;
  std::string message;
};

class Parser {
 public:
  Parser(std::string_view text, const FilterPlace& place) : lexer_(text), place_(place) { take(); }

  FilterNode whole() {
    FilterNode node = either();
    if (now_.kind == FilterTokenKind::end) return node;
    if (now_.kind == FilterTokenKind::close) fail("this ) closes nothing");
    fail("expected and, or, or the end of the filter, not " + shown(now_));
  }

 private:
  [[noreturn]] void fail(std::string message) { fail_at(now_.at, std::move(message)); }
  [[noreturn]] static void fail_at(std::size_t at, std::string message) {
    throw Failure{at, std::move(message)};
  }

  static std::string shown(const FilterToken& token) {
    return token.kind == FilterTokenKind::end ? "the end" : quoted(token.text);
  }

  void take() {
    std::string why;
    std::size_t at = 0;
    if (!lexer_.next(now_, why, at)) fail_at(at, std::move(why));
  }

  FilterNode either() { return chain(FilterNode::Kind::any_of, "or", &Parser::both); }
  FilterNode both() { return chain(FilterNode::Kind::all_of, "and", &Parser::negated); }

  // Operands joined by `word`; those of the same kind in parentheses are taken in.
  FilterNode chain(FilterNode::Kind kind, std::string_view word, FilterNode (Parser::*operand)()) {
    FilterNode node;
    node.kind = kind;
    append(node, (this->*operand)());
    while (is_keyword(now_, word)) {
      take();
      append(node, (this->*operand)());
    }
    if (node.children.size() > 1) return node;
    FilterNode only = std::move(node.children.front());
    return only;
  }

  static void append(FilterNode& node, FilterNode child) {
    if (child.kind != node.kind) {
      node.children.push_back(std::move(child));
      return;
    }
    for (FilterNode& each : child.children) node.children.push_back(std::move(each));
  }

  FilterNode negated() {
    const bool is_not = is_keyword(now_, "not");
    if (!is_not && now_.kind != FilterTokenKind::open) return test();
    if (++depth_ > Filter::kDepthMax) {
      fail(fmt::format("nested deeper than {} levels", Filter::kDepthMax));
    }
    FilterNode node;
    if (is_not) {
      take();
      node.kind = FilterNode::Kind::negation;
      node.children.push_back(negated());
    } else {
      const std::size_t opened = now_.at;
      take();
      node = either();
      if (now_.kind == FilterTokenKind::end) fail_at(opened, "this ( is never closed");
      if (now_.kind != FilterTokenKind::close) {
        fail("expected and, or, or ), not " + shown(now_));
      }
      take();
    }
    --depth_;
    return node;
  }

  FilterNode test() {
    FilterNode node;
    node.field = field();
    take();
    const std::size_t at = now_.at;
    node.op = operation(place_.fields[node.field]);
    const FilterField& field = place_.fields[node.field];
    if (!suits(node.op, field.kind)) {
      fail_at(at, fmt::format("{} is a {} field: it takes {}, not {}", field.name,
                              to_string(field.kind), operators_of(field.kind), to_string(node.op)));
    }
    take();
    if (node.op == FilterOperator::in) {
      list(field, node.values);
    } else {
      node.values.push_back(value(field));
    }
    if (++tests_ > Filter::kTestsMax) {
      fail_at(at, fmt::format("more than {} tests", Filter::kTestsMax));
    }
    return node;
  }

  std::uint16_t field() {
    if (now_.kind != FilterTokenKind::word || is_any_keyword(now_.text)) {
      fail("expected the name of a field, not " + shown(now_));
    }
    std::vector<std::string_view> names;
    for (const FilterField& each : place_.fields) {
      if (each.name == now_.text) return static_cast<std::uint16_t>(names.size());
      names.push_back(each.name);
    }
    fail(fmt::format("no field {}{}", quoted(now_.text), did_you_mean(now_.text, names)));
  }

  FilterOperator operation(const FilterField& field) {
    if (is_keyword(now_, "in")) return FilterOperator::in;
    if (is_keyword(now_, "within")) return FilterOperator::within;
    if (is_keyword(now_, "not")) fail(fmt::format("write: not {} in (...)", field.name));
    if (now_.kind == FilterTokenKind::sign) {
      for (const FilterOperator op :
           {FilterOperator::equal, FilterOperator::not_equal, FilterOperator::less,
            FilterOperator::less_equal, FilterOperator::greater, FilterOperator::greater_equal,
            FilterOperator::contains}) {
        if (now_.text == to_string(op)) return op;
      }
    }
    fail(fmt::format("expected an operator after {} ({}), not {}", field.name,
                     operators_of(field.kind), shown(now_)));
  }

  void list(const FilterField& field, std::vector<FilterValue>& values) {
    if (now_.kind != FilterTokenKind::open) fail("expected ( after in, not " + shown(now_));
    do {
      take();
      if (values.size() == Filter::kValuesMax) {
        fail(fmt::format("more than {} values in one list", Filter::kValuesMax));
      }
      values.push_back(value(field));
    } while (now_.kind == FilterTokenKind::comma);
    if (now_.kind != FilterTokenKind::close) fail("expected , or ), not " + shown(now_));
    take();
  }

  FilterValue value(const FilterField& field) {
    if (now_.kind == FilterTokenKind::word && is_any_keyword(now_.text)) {
      fail(fmt::format("expected a value, not {}; in quotes it is one", quoted(now_.text)));
    }
    if (now_.kind != FilterTokenKind::word && now_.kind != FilterTokenKind::string) {
      fail("expected a value, not " + shown(now_));
    }
    if (now_.text.size() > Filter::kValueBytesMax) {
      fail(fmt::format("a value of more than {} bytes", Filter::kValueBytesMax));
    }
    FilterValue made;
    switch (field.kind) {
      case FilterKind::text:
        made.text = now_.text;
        break;
      case FilterKind::code:
        made.text = code(field);
        break;
      case FilterKind::tree:
        made.text = now_.text;
        if (!place_.parent || !place_.parent(made.text)) {
          fail(fmt::format("no {} {} in the vocabulary", field.name, quoted(made.text)));
        }
        break;
      case FilterKind::number:
        made = number();
        break;
      case FilterKind::time:
        if (auto period = parse_period(now_.text)) {
          made = std::move(*period);
        } else {
          fail(fmt::format("{} is no date; write {}", quoted(now_.text), kDateForms));
        }
        break;
    }
    take();
    return made;
  }

  std::string code(const FilterField& field) {
    const auto found = std::find(field.codes.begin(), field.codes.end(), now_.text);
    if (found != field.codes.end()) return now_.text;
    fail(fmt::format("{} is never {}{}", field.name, quoted(now_.text),
                     did_you_mean(now_.text, field.codes)));
  }

  FilterValue number() {
    FilterValue made;
    const std::string& text = now_.text;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), made.from);
    if (read.ec != std::errc() || read.ptr != text.data() + text.size() || text.empty()) {
      fail(fmt::format("{} is no integer of 64 bits", quoted(text)));
    }
    made.to = made.from;
    made.text = std::to_string(made.from);
    return made;
  }

  FilterLexer lexer_;
  const FilterPlace& place_;
  FilterToken now_;
  std::size_t depth_ = 0;
  std::size_t tests_ = 0;
};

// Reads `count` digits at the front of `text`.
bool read_digits(std::string_view& text, std::size_t count, unsigned& value) {
  if (text.size() < count) return false;
  value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
    value = value * 10 + static_cast<unsigned>(text[i] - '0');
  }
  text.remove_prefix(count);
  return true;
}

bool read_mark(std::string_view& text, char mark) {
  if (!text.starts_with(mark)) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

std::optional<FilterNode> parse_filter(std::string_view text, const FilterPlace& place,
                                       FilterError& error) {
  try {
    return Parser(text, place).whole();
  } catch (Failure& failure) {
    error.message = std::move(failure.message);
    locate(text, failure.at, error);
    return std::nullopt;
  }
}

void locate(std::string_view text, std::size_t at, FilterError& error) {
  at = std::min(at, text.size());
  const std::string_view before = text.substr(0, at);
  error.line = 1 + static_cast<std::uint32_t>(std::count(before.begin(), before.end(), '\n'));
  const std::size_t newline = before.rfind('\n');
  const std::size_t begin = newline == std::string_view::npos ? 0 : newline + 1;
  error.source = text.substr(begin, text.find('\n', begin) - begin);
  error.column = 1;
  for (const char c : before.substr(begin)) {
    if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) ++error.column;
  }
}

std::optional<FilterValue> parse_period(std::string_view text) {
  using namespace std::chrono;
  FilterValue period;
  period.text = text;
  unsigned year_number = 0;
  unsigned month_number = 1;
  unsigned day_number = 1;
  if (!read_digits(text, 4, year_number) || year_number == 0) return std::nullopt;
  const year y{static_cast<int>(year_number)};
  const auto set = [&period](auto from, auto to) {
    period.from = duration_cast<milliseconds>(from.time_since_epoch()).count();
    period.to = duration_cast<milliseconds>(to.time_since_epoch()).count();
    return period;
  };
  if (text.empty()) return set(sys_days{y / January / 1}, sys_days{(y + years{1}) / January / 1});
  if (!read_mark(text, '-') || !read_digits(text, 2, month_number)) return std::nullopt;
  const year_month ym = y / month{month_number};
  if (!ym.ok()) return std::nullopt;
  if (text.empty()) return set(sys_days{ym / 1}, sys_days{(ym + months{1}) / 1});
  if (!read_mark(text, '-') || !read_digits(text, 2, day_number)) return std::nullopt;
  const year_month_day ymd = ym / day{day_number};
  if (!ymd.ok()) return std::nullopt;
  const sys_days begin{ymd};
  if (text.empty()) return set(begin, begin + days{1});

  unsigned hour = 0;
  unsigned minute = 0;
  unsigned second = 0;
  if (!read_mark(text, 'T') || !read_digits(text, 2, hour) || !read_mark(text, ':') ||
      !read_digits(text, 2, minute)) {
    return std::nullopt;
  }
  const bool to_the_second = read_mark(text, ':');
  if (to_the_second && !read_digits(text, 2, second)) return std::nullopt;
  if (text != "Z" || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  const sys_seconds from = begin + hours{hour} + minutes{minute} + seconds{second};
  return set(from, from + (to_the_second ? seconds{1} : seconds{60}));
}

}  // namespace telex
