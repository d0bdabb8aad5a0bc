#include "ingest/decode/field_tree.h"

#include <algorithm>
#include <bit>
#include <charconv>

namespace telex {
namespace {

// Elements of an array that pointers with numbers can reach.
constexpr std::uint32_t kArrayIndexMax = 64;

std::size_t hash_of(std::string_view name) {
  if (name.empty()) return 0;
  const auto byte = [name](std::size_t i) {
    return static_cast<std::size_t>(static_cast<unsigned char>(name[i]));
  };
  return (name.size() * 0x9E37U) ^ (byte(0) * 0x85EBU) ^ (byte(name.size() - 1) * 0xC2B3U) ^
         (byte(name.size() / 2) * 0x27D5U);
}

std::string unescaped_token(std::string_view token) {
  std::string name;
  for (std::size_t i = 0; i < token.size(); ++i) {
    if (token[i] != '~') {
      name.push_back(token[i]);
    } else {
      name.push_back(token[++i] == '0' ? '~' : '/');
    }
  }
  return name;
}

}  // namespace

FieldTree::FieldTree(const FieldMap& map) : nodes_(1) {
  std::array<std::vector<std::uint32_t>, kFieldCount> ends;
  for (std::size_t field = 0; field < kFieldCount; ++field) {
    for (const std::string& pointer : map.pointers[field]) {
      if (!is_json_pointer(pointer)) continue;
      std::uint32_t node = 0;
      std::string_view rest = pointer;
      while (!rest.empty()) {
        rest.remove_prefix(1);
        const std::string_view token = rest.substr(0, rest.find('/'));
        node = add(node, unescaped_token(token));
        rest.remove_prefix(token.size());
      }
      nodes_[node].leaf = 0;
      ends[field].push_back(node);
      alternatives_[field].push_back({0, pointer});
    }
  }
  number_leaves(0, leaf_count_);
  for (std::size_t field = 0; field < kFieldCount; ++field) {
    for (std::size_t i = 0; i < ends[field].size(); ++i) {
      alternatives_[field][i].leaf = nodes_[ends[field][i]].leaf;
    }
  }
  for (Node& node : nodes_) index(node);
}

std::uint32_t FieldTree::add(std::uint32_t node, std::string_view name) {
  for (const auto& [child_name, child] : nodes_[node].children) {
    if (child_name == name) return child;
  }
  const auto child = static_cast<std::uint32_t>(nodes_.size());
  nodes_[node].children.emplace_back(name, child);
  nodes_.emplace_back();
  return child;
}

void FieldTree::number_leaves(std::uint32_t node, std::uint32_t& next) {
  nodes_[node].leaves_first = next;
  if (nodes_[node].leaf != kNone) nodes_[node].leaf = next++;
  for (const auto& [name, child] : nodes_[node].children) number_leaves(child, next);
  nodes_[node].leaves_last = next;
}

void FieldTree::index(Node& node) {
  if (node.children.empty()) return;
  node.slots.assign(std::bit_ceil(node.children.size() * 4), 0);
  const std::size_t mask = node.slots.size() - 1;
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    std::size_t slot = hash_of(node.children[i].first) & mask;
    while (node.slots[slot] != 0) slot = (slot + 1) & mask;
    node.slots[slot] = static_cast<std::uint32_t>(i) + 1;
  }
}

const FieldTree::Node* FieldTree::find(const Node& node, std::string_view name) const {
  if (node.slots.empty()) return nullptr;
  const std::size_t mask = node.slots.size() - 1;
  for (std::size_t slot = hash_of(name) & mask; node.slots[slot] != 0; slot = (slot + 1) & mask) {
    const auto& [child_name, child] = node.children[node.slots[slot] - 1];
    if (child_name == name) return &nodes_[child];
  }
  return nullptr;
}

void FieldTree::collect(simdjson::dom::object document, FieldValues& values) const {
  values.values_.resize(leaf_count_);
  values.present_.assign(leaf_count_, 0);
  for (const simdjson::dom::key_value_pair& member : document) {
    visit(nodes_[0], member.key, member.value, values);
  }
}

void FieldTree::visit(const Node& node, std::string_view name, simdjson::dom::element value,
                      FieldValues& values) const {
  const Node* const child = find(node, name);
  if (child == nullptr) return;
  std::fill(values.present_.begin() + child->leaves_first,
            values.present_.begin() + child->leaves_last, std::uint8_t{0});
  if (value.is_null()) return;
  if (child->leaf != kNone) {
    values.values_[child->leaf] = value;
    values.present_[child->leaf] = 1;
  }
  if (!child->children.empty()) walk(*child, value, values);
}

void FieldTree::walk(const Node& node, simdjson::dom::element value, FieldValues& values) const {
  simdjson::dom::object object;
  simdjson::dom::array array;
  if (value.get(object) == simdjson::SUCCESS) {
    for (const simdjson::dom::key_value_pair& member : object) {
      visit(node, member.key, member.value, values);
    }
  } else if (value.get(array) == simdjson::SUCCESS) {
    std::uint32_t position = 0;
    for (const simdjson::dom::element element : array) {
      if (position >= kArrayIndexMax) break;
      std::array<char, 12> digits;
      const char* const end = std::to_chars(digits.begin(), digits.end(), position++).ptr;
      visit(node, {digits.data(), static_cast<std::size_t>(end - digits.data())}, element, values);
    }
  }
}

}  // namespace telex
