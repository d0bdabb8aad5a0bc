// Filters against their own text, and against an evaluator that walks the tree.
#include <rapidcheck.h>

#include <algorithm>

#include <gtest/gtest.h>

#include "process/filter/filter.h"
#include "process/filter/parser.h"
#include "process/text/fold.h"
#include "tests/process/filter/filter_testing.h"

namespace telex {
namespace {

using testing::kSomeFields;
using testing::kSomeReasons;
using testing::some_place;
using testing::some_tree;
using testing::SomeSubject;

// Values from a small world, so that tests meet: what one side asks for, the other often has.
std::string some_text() {
  return *rc::gen::element<std::string>("anp", "ANP", "\"quoted\" \\ text", "and", "Zürich zürich",
                                        "a", "", "esc\x1b\n", "\u65B0\u805E", "wd:Q212", "nl");
}
std::string some_code_of(const FilterField& field) {
  if (field.kind == FilterKind::code) {
    return std::string(*rc::gen::elementOf(kSomeReasons));
  }
  return *rc::gen::element<std::string>("medtop:1", "medtop:11", "medtop:111", "medtop:12",
                                        "medtop:2", "loop");
}
FilterValue some_period() {
  return *parse_period(*rc::gen::element<std::string>(
      "2025", "2025-02", "2025-02-17", "2025-02-17T10:11Z", "2025-02-17T10:11:12Z", "1969"));
}

FilterValue some_value(const FilterField& field) {
  FilterValue value;
  switch (field.kind) {
    case FilterKind::text:
      value.text = some_text();
      break;
    case FilterKind::code:
    case FilterKind::tree:
      value.text = some_code_of(field);
      break;
    case FilterKind::number:
      value.from = value.to = *rc::gen::inRange<std::int64_t>(-3, 4);
      value.text = std::to_string(value.from);
      break;
    case FilterKind::time:
      value = some_period();
      break;
  }
  return value;
}

FilterNode some_test() {
  FilterNode node;
  node.field = *rc::gen::inRange<std::uint16_t>(0, kSomeFields.size());
  const FilterField& field = kSomeFields[node.field];
  do {
    node.op = static_cast<FilterOperator>(*rc::gen::inRange(0, 9));
  } while (!suits(node.op, field.kind));
  const int count = node.op == FilterOperator::in ? *rc::gen::inRange(1, 4) : 1;
  for (int i = 0; i < count; ++i) node.values.push_back(some_value(field));
  return node;
}

// A tree in normal form.
FilterNode some_node(int depth, FilterNode::Kind above = FilterNode::Kind::test) {
  using Kind = FilterNode::Kind;
  const Kind kind = depth == 0 ? Kind::test : static_cast<Kind>(*rc::gen::inRange(0, 4));
  if (kind == Kind::test || kind == above) return some_test();
  FilterNode node;
  node.kind = kind;
  const int count = kind == Kind::negation ? 1 : *rc::gen::inRange(2, 4);
  for (int i = 0; i < count; ++i) {
    // Negations may follow one another.
    node.children.push_back(some_node(depth - 1, kind == Kind::negation ? Kind::test : kind));
  }
  return node;
}

SomeSubject some_subject() {
  SomeSubject subject;
  for (std::size_t i = 0; i < kSomeFields.size(); ++i) {
    const FilterField& field = kSomeFields[i];
    const int count = *rc::gen::inRange(0, 3);
    for (int value = 0; value < count; ++value) {
      switch (field.kind) {
        case FilterKind::text:
          subject.texts[i].push_back(some_text() + *rc::gen::element<std::string>("", " x"));
          break;
        case FilterKind::code:
        case FilterKind::tree:
          subject.texts[i].push_back(some_code_of(field));
          break;
        case FilterKind::number:
          subject.numbers[i].push_back(*rc::gen::inRange<std::int64_t>(-4, 5));
          break;
        case FilterKind::time: {
          const FilterValue period = some_period();
          subject.numbers[i].push_back(
              *rc::gen::element(period.from - 1, period.from, period.to - 1, period.to));
          break;
        }
      }
    }
  }
  return subject;
}

bool is_below(std::string code, const std::string& top) {
  for (int i = 0; i < 100; ++i) {
    if (code == top) return true;
    code = some_tree().at(code);
    if (code.empty()) return false;
  }
  return false;
}

// The sentences of filter.h, one by one.
bool naive_test(const FilterNode& node, const SomeSubject& subject) {
  const FilterKind kind = kSomeFields[node.field].kind;
  const auto equals = [&](std::size_t i, const FilterValue& wanted) {
    if (kind == FilterKind::number) return subject.numbers[node.field][i] == wanted.from;
    if (kind == FilterKind::time) {
      const std::int64_t value = subject.numbers[node.field][i];
      return value >= wanted.from && value < wanted.to;
    }
    return subject.texts[node.field][i] == wanted.text;
  };
  const std::size_t count = subject.count(node.field);
  const FilterValue& first = node.values.front();
  std::size_t holding = 0;
  for (std::size_t i = 0; i < count; ++i) {
    bool holds = false;
    switch (node.op) {
      case FilterOperator::equal:
      case FilterOperator::in:
        holds = std::any_of(node.values.begin(), node.values.end(),
                            [&](const FilterValue& each) { return equals(i, each); });
        break;
      case FilterOperator::not_equal:
        holds = !equals(i, first);
        break;
      case FilterOperator::less:
        holds = subject.numbers[node.field][i] < first.from;
        break;
      case FilterOperator::greater_equal:
        holds = subject.numbers[node.field][i] >= first.from;
        break;
      case FilterOperator::less_equal:
        holds = subject.numbers[node.field][i] < first.from || equals(i, first);
        break;
      case FilterOperator::greater:
        holds = subject.numbers[node.field][i] >= first.from && !equals(i, first);
        break;
      case FilterOperator::within:
        holds = is_below(subject.texts[node.field][i], first.text);
        break;
      case FilterOperator::contains:
        holds = folded(subject.texts[node.field][i]).find(folded(first.text)) != std::string::npos;
        break;
    }
    holding += holds ? 1U : 0U;
  }
  if (node.op == FilterOperator::not_equal) return count > 0 && holding == count;
  return holding > 0;
}

bool naive(const FilterNode& node, const SomeSubject& subject) {
  const auto holds = [&](const FilterNode& child) { return naive(child, subject); };
  switch (node.kind) {
    case FilterNode::Kind::test:
      return naive_test(node, subject);
    case FilterNode::Kind::negation:
      return !holds(node.children.front());
    case FilterNode::Kind::all_of:
      return std::all_of(node.children.begin(), node.children.end(), holds);
    case FilterNode::Kind::any_of:
      return std::any_of(node.children.begin(), node.children.end(), holds);
  }
  return false;
}

TEST(FilterProperty, WhatIsWrittenIsReadAgain) {
  EXPECT_TRUE(rc::check([] {
    const FilterNode node = some_node(4);
    const std::string text = to_text(node, kSomeFields);
    FilterError error;
    const std::optional<FilterNode> read = parse_filter(text, some_place(), error);
    if (!read) RC_FAIL(error.text());
    RC_ASSERT(*read == node);
  }));
}

TEST(FilterProperty, TheProgramSaysWhatTheTreeSays) {
  EXPECT_TRUE(rc::check([] {
    const FilterNode node = some_node(4);
    FilterError error;
    const auto filter = Filter::parse(to_text(node, kSomeFields), some_place(), error);
    if (!filter) RC_FAIL(error.text());
    FilterScratch scratch;
    for (int i = 0; i < 8; ++i) {
      const SomeSubject subject = some_subject();
      RC_ASSERT(filter->matches(subject, scratch) == naive(node, subject));
    }
  }));
}

TEST(FilterProperty, ContainsIsWhatFoldingTheWholeTextSays) {
  EXPECT_TRUE(rc::check([] {
    std::string text;
    const int pieces = *rc::gen::inRange(0, 400);
    for (int i = 0; i < pieces; ++i) {
      text += *rc::gen::element<std::string>("e", "\u0308", "\u00E9", " ", "\u65B0", "\u00AD",
                                             "\uFB01", "I", "\u1112\u1161", "\xFF", "abc abc abc ");
    }
    const std::string whole = folded(text);
    const std::size_t at = *rc::gen::inRange<std::size_t>(0, whole.size() + 1);
    std::string needle = whole.substr(at, *rc::gen::inRange<std::size_t>(0, 30));
    if (*rc::gen::inRange(0, 2) == 0) needle += "e";
    FilterScratch scratch;
    RC_ASSERT(contains_folded(text, needle, scratch) == (whole.find(needle) != std::string::npos));
  }));
}

}  // namespace
}  // namespace telex
