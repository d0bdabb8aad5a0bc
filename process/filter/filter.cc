#include "process/filter/filter.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include <fmt/format.h>

#include "process/filter/parser.h"
#include "process/text/fold.h"

namespace telex {
namespace {

bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

// Where the piece that begins at `at` ends: before an ASCII byte, which joins nothing before it.
std::size_t end_of_piece(std::string_view text, std::size_t at) {
  if (text.size() - at <= kFilterChunkBytes) return text.size();
  std::size_t end = at + kFilterChunkBytes;
  while (end > at && !is_ascii(text[end])) --end;
  if (end > at) return end;
  end = at + kFilterChunkBytes;
  while (end < text.size() && !is_ascii(text[end])) ++end;
  return end;
}

bool holds(FilterOperator op, std::int64_t value, std::int64_t from, std::int64_t to) {
  switch (op) {
    case FilterOperator::equal:
    case FilterOperator::not_equal:
    case FilterOperator::in:
      return value >= from && value <= to;
    case FilterOperator::less:
      return value < from;
    case FilterOperator::less_equal:
      return value <= to;
    case FilterOperator::greater:
      return value > to;
    case FilterOperator::greater_equal:
      return value >= from;
    default:
      return false;
  }
}

}  // namespace

FilterScratch::FilterScratch() {
  // A folded character takes at most five times its bytes (ligatures of Arabic letters), and the
  // end of the piece before is kept as well.
  folded.reserve(kFilterChunkBytes * 5 + Filter::kValueBytesMax * 5);
}

std::string FilterError::text() const {
  std::string shown = source;
  std::replace_if(
      shown.begin(), shown.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return fmt::format("{}:{}: {}\n  {}\n  {:>{}}", line, column, message, shown, '^', column);
}

bool contains_folded(std::string_view text, std::string_view needle, FilterScratch& scratch) {
  if (needle.empty()) return true;
  std::string& folded = scratch.folded;
  folded.clear();
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = end_of_piece(text, at);
    // What could be the beginning of a match that ends in this piece.
    const std::size_t kept = std::min(folded.size(), needle.size() - 1);
    folded.erase(0, folded.size() - kept);
    append_folded(text.substr(at, end - at), folded);
    if (folded.find(needle) != std::string::npos) return true;
    at = end;
  }
  return false;
}

std::optional<Filter> Filter::parse(std::string_view text, const FilterPlace& place,
                                    FilterError& error) {
  error = {};
  const auto refuse = [&](std::size_t at, std::string why) {
    error.message = std::move(why);
    locate(text, at, error);
    return std::nullopt;
  };
  const auto too_long = [] {
    return fmt::format("a filter of more than {} bytes", Filter::kBytesMax);
  };
  if (text.size() > kBytesMax) {
    text = {};
    return refuse(0, too_long());
  }
  if (const std::size_t bad = first_invalid_utf8(text); bad != text.size()) {
    const std::string_view whole = text;
    text = whole.substr(0, bad);
    return refuse(bad, "not UTF-8 from here on");
  }
  Filter filter;
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) return filter;
  const std::optional<FilterNode> node = parse_filter(text, place, error);
  if (!node) return std::nullopt;
  filter.text_ = telex::to_text(*node, place.fields);
  if (filter.text_.size() > kBytesMax) return refuse(0, too_long());
  filter.parent_ = place.parent;
  filter.compile(*node, place);
  return filter;
}

// all_of and any_of end as soon as they are decided.
void Filter::compile(const FilterNode& node, const FilterPlace& place) {
  using Kind = FilterNode::Kind;
  switch (node.kind) {
    case Kind::test:
      compile_test(node, place);
      return;
    case Kind::negation:
      compile(node.children.front(), place);
      program_.push_back({.code = Code::negate});
      return;
    case Kind::all_of:
    case Kind::any_of: {
      std::vector<std::size_t> jumps;
      for (std::size_t i = 0; i < node.children.size(); ++i) {
        compile(node.children[i], place);
        if (i + 1 == node.children.size()) break;
        jumps.push_back(program_.size());
        program_.push_back(
            {.code = node.kind == Kind::all_of ? Code::jump_if_false : Code::jump_if_true});
      }
      const auto end = static_cast<std::uint32_t>(program_.size());
      for (const std::size_t jump : jumps) program_[jump].first = end;
      return;
    }
  }
}

void Filter::compile_test(const FilterNode& node, const FilterPlace& place) {
  Step step;
  step.op = node.op;
  step.kind = place.fields[node.field].kind;
  step.field = node.field;
  step.first = static_cast<std::uint32_t>(constants_.size());
  step.count = static_cast<std::uint32_t>(node.values.size());
  for (const FilterValue& value : node.values) {
    Constant constant;
    constant.from = value.from;
    // From here on both ends are inside of the period.
    constant.to = step.kind == FilterKind::time ? value.to - 1 : value.to;
    if (step.kind != FilterKind::number && step.kind != FilterKind::time) {
      constant.begin = static_cast<std::uint32_t>(pool_.size());
      if (node.op == FilterOperator::contains) {
        append_folded(value.text, pool_);
      } else {
        pool_ += value.text;
      }
      constant.size = static_cast<std::uint32_t>(pool_.size()) - constant.begin;
    }
    constants_.push_back(constant);
  }
  program_.push_back(step);
}

bool Filter::matches(const FilterSubject& subject, FilterScratch& scratch) const {
  bool truth = true;
  for (std::size_t at = 0; at < program_.size();) {
    const Step& step = program_[at++];
    switch (step.code) {
      case Code::test:
        truth = test(step, subject, scratch);
        break;
      case Code::negate:
        truth = !truth;
        break;
      case Code::jump_if_false:
        if (!truth) at = step.first;
        break;
      case Code::jump_if_true:
        if (truth) at = step.first;
        break;
    }
  }
  return truth;
}

bool Filter::test(const Step& step, const FilterSubject& subject, FilterScratch& scratch) const {
  const bool is_number = step.kind == FilterKind::number || step.kind == FilterKind::time;
  const bool any = is_number ? any_number(step, subject) : any_text(step, subject, scratch);
  // "!=" is asked as "=" and turned round, for fields that are there.
  if (step.op == FilterOperator::not_equal) return subject.count(step.field) > 0 && !any;
  return any;
}

bool Filter::any_text(const Step& step, const FilterSubject& subject,
                      FilterScratch& scratch) const {
  const std::span<const Constant> constants(constants_.data() + step.first, step.count);
  const std::uint32_t count = subject.count(step.field);
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::string_view value = subject.text(step.field, i);
    for (const Constant& constant : constants) {
      const std::string_view wanted = text_of(constant);
      const bool found = step.op == FilterOperator::contains
                             ? contains_folded(value, wanted, scratch)
                         : step.op == FilterOperator::within ? is_within(value, wanted)
                                                             : value == wanted;
      if (found) return true;
    }
  }
  return false;
}

bool Filter::any_number(const Step& step, const FilterSubject& subject) const {
  const std::span<const Constant> constants(constants_.data() + step.first, step.count);
  const std::uint32_t count = subject.count(step.field);
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::int64_t value = subject.number(step.field, i);
    for (const Constant& constant : constants) {
      if (holds(step.op, value, constant.from, constant.to)) return true;
    }
  }
  return false;
}

bool Filter::is_within(std::string_view code, std::string_view ancestor) const {
  for (std::size_t depth = 0; depth < kTreeDepthMax; ++depth) {
    if (code == ancestor) return true;
    const std::optional<std::string_view> above = parent_(code);
    if (!above || above->empty()) return false;
    code = *above;
  }
  return false;
}

}  // namespace telex
