// FilterNode: a filter as a tree, between its text and its program (filter.h).
//
// Plain data. A tree that parse_filter() gives is in normal form: all_of and any_of have two or
// more children, none of their own kind; values are spelled canonically. Of trees in normal form
// to_text() and parse_filter() are each other's inverse.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace telex {

enum class FilterKind : std::uint8_t { text, code, tree, number, time };
std::string_view to_string(FilterKind kind);

// A name that filters may use. All static storage.
struct FilterField {
  std::string_view name;  // Lower-case letters and _.
  FilterKind kind = FilterKind::text;
  std::string_view meaning;                   // One sentence, for help and documentation.
  std::span<const std::string_view> codes{};  // Of kind `code`: all there are.
};

enum class FilterOperator : std::uint8_t {
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  in,
  within,
  contains,
};
std::string_view to_string(FilterOperator op);
// Whether a field of this kind can be asked so.
bool suits(FilterOperator op, FilterKind kind);
// "= != in ~", for messages.
std::string operators_of(FilterKind kind);

struct FilterValue {
  std::string text;       // Number and time: in canonical spelling.
  std::int64_t from = 0;  // Number: its value. Time: UnixMillis of the period's beginning ...
  std::int64_t to = 0;    // ... and of its end, which is not part of it.
  bool operator==(const FilterValue&) const = default;
};

struct FilterNode {
  enum class Kind : std::uint8_t { all_of, any_of, negation, test };
  Kind kind = Kind::test;
  std::vector<FilterNode> children;
  // Of a test.
  std::uint16_t field = 0;
  FilterOperator op = FilterOperator::equal;
  std::vector<FilterValue> values;
  bool operator==(const FilterNode&) const = default;
};

std::string to_text(const FilterNode& node, std::span<const FilterField> fields);

}  // namespace telex
