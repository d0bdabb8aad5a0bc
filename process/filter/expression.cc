#include "process/filter/expression.h"

#include <array>

#include <fmt/format.h>

#include "process/filter/lexer.h"

namespace telex {
namespace {

constexpr std::array<std::string_view, 9> kOperators{"=",  "!=", "<",      "<=", ">",
                                                     ">=", "in", "within", "~"};
constexpr std::array<std::string_view, 5> kKinds{"text", "code", "tree", "number", "time"};

// Text is always quoted; what is of a form of its own is bare where it can be.
void append_value(const FilterValue& value, FilterKind kind, std::string& out) {
  if (kind != FilterKind::text && is_plain_word(value.text)) {
    out += value.text;
    return;
  }
  out += '"';
  for (const char c : value.text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      out += fmt::format("\\u{{{:x}}}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    } else {
      out += c;
    }
  }
  out += '"';
}

void append_test(const FilterNode& node, std::span<const FilterField> fields, std::string& out) {
  const FilterField& field = fields[node.field];
  out += fmt::format("{} {} ", field.name, to_string(node.op));
  if (node.op != FilterOperator::in) return append_value(node.values.front(), field.kind, out);
  out += '(';
  for (std::size_t i = 0; i < node.values.size(); ++i) {
    if (i > 0) out += ", ";
    append_value(node.values[i], field.kind, out);
  }
  out += ')';
}

void append_node(const FilterNode& node, std::span<const FilterField> fields, std::string& out) {
  using Kind = FilterNode::Kind;
  const auto append_child = [&](const FilterNode& child, bool in_brackets) {
    if (in_brackets) out += '(';
    append_node(child, fields, out);
    if (in_brackets) out += ')';
  };
  switch (node.kind) {
    case Kind::test:
      append_test(node, fields, out);
      return;
    case Kind::negation: {
      const FilterNode& child = node.children.front();
      out += "not ";
      append_child(child, child.kind == Kind::all_of || child.kind == Kind::any_of);
      return;
    }
    case Kind::all_of:
    case Kind::any_of:
      for (std::size_t i = 0; i < node.children.size(); ++i) {
        if (i > 0) out += node.kind == Kind::all_of ? " and " : " or ";
        append_child(node.children[i],
                     node.kind == Kind::all_of && node.children[i].kind == Kind::any_of);
      }
      return;
  }
}

}  // namespace

std::string_view to_string(FilterKind kind) { return kKinds[static_cast<std::size_t>(kind)]; }
std::string_view to_string(FilterOperator op) { return kOperators[static_cast<std::size_t>(op)]; }

bool suits(FilterOperator op, FilterKind kind) {
  switch (op) {
    case FilterOperator::equal:
    case FilterOperator::not_equal:
    case FilterOperator::in:
      return true;
    case FilterOperator::less:
    case FilterOperator::less_equal:
    case FilterOperator::greater:
    case FilterOperator::greater_equal:
      return kind == FilterKind::number || kind == FilterKind::time;
    case FilterOperator::within:
      return kind == FilterKind::tree;
    case FilterOperator::contains:
      return kind == FilterKind::text;
  }
  return false;
}

std::string operators_of(FilterKind kind) {
  std::string out;
  for (std::size_t i = 0; i < kOperators.size(); ++i) {
    if (!suits(static_cast<FilterOperator>(i), kind)) continue;
    if (!out.empty()) out += ' ';
    out += kOperators[i];
  }
  return out;
}

std::string to_text(const FilterNode& node, std::span<const FilterField> fields) {
  std::string out;
  append_node(node, fields, out);
  return out;
}

}  // namespace telex
