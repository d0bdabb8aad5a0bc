// FieldTree: a FieldMap compiled so that one walk over a document finds all its fields.
//
// Internal to ingest/decode. simdjson's at_key() finds the first of duplicate members, and two
// at_pointer() calls overwrite each other's string (3.0.1); a walk has neither trouble, and costs
// one lookup a member however many alternatives there are.
//
// Threads: immutable after construction; FieldValues are one user's.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <simdjson.h>

#include "ingest/decode/field_map.h"

namespace telex {

// What a walk found: for each pointer of the tree, the value there. Valid until the next parse.
class FieldValues {
 public:
  const simdjson::dom::element* get(std::uint32_t leaf) const {
    return present_[leaf] != 0 ? &values_[leaf] : nullptr;
  }

 private:
  friend class FieldTree;
  std::vector<simdjson::dom::element> values_;
  std::vector<std::uint8_t> present_;
};

class FieldTree {
 public:
  // One place where a field may stand.
  struct Alternative {
    std::uint32_t leaf = 0;
    std::string pointer;
  };

  // Pointers that are none (see is_json_pointer) match nothing.
  explicit FieldTree(const FieldMap& map);

  // Of duplicate members the last counts, with everything in it.
  void collect(simdjson::dom::object document, FieldValues& values) const;

  std::span<const Alternative> alternatives(Field field) const {
    return alternatives_[static_cast<std::size_t>(field)];
  }

 private:
  static constexpr std::uint32_t kNone = 0xFFFFFFFFU;
  struct Node {
    std::vector<std::pair<std::string, std::uint32_t>> children;
    std::vector<std::uint32_t> slots;  // Hash table: index into children plus 1; 0 = free.
    std::uint32_t leaf = kNone;        // A pointer ends here.
    std::uint32_t leaves_first = 0;    // Leaves at and below the node: a range, numbered in
    std::uint32_t leaves_last = 0;     // depth-first order.
  };

  std::uint32_t add(std::uint32_t node, std::string_view name);
  void number_leaves(std::uint32_t node, std::uint32_t& next);
  void index(Node& node);
  const Node* find(const Node& node, std::string_view name) const;
  void visit(const Node& node, std::string_view name, simdjson::dom::element value,
             FieldValues& values) const;
  void walk(const Node& node, simdjson::dom::element value, FieldValues& values) const;

  std::vector<Node> nodes_;  // The first is the document.
  std::uint32_t leaf_count_ = 0;
  std::array<std::vector<Alternative>, kFieldCount> alternatives_;
};

}  // namespace telex
