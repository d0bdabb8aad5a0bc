// A place with a field of every kind, and a subject that says what a test tells it to.
#pragma once

#include <array>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "process/filter/filter.h"

namespace telex::testing {

inline constexpr std::array<std::string_view, 4> kSomeReasons{"not_utf8", "malformed_json",
                                                              "no_text", "too_large"};
inline constexpr std::array<FilterField, 8> kSomeFields{{
    {"source", FilterKind::text, "Who sent it."},
    {"headline", FilterKind::text, "The first headline."},
    {"language", FilterKind::text, "Its language."},
    {"entity", FilterKind::text, "What it is about; several."},
    {"reason", FilterKind::code, "Why it was refused.", kSomeReasons},
    {"topic", FilterKind::tree, "Its topics; several."},
    {"offset", FilterKind::number, "Where it stood."},
    {"published", FilterKind::time, "When it was published."},
}};

// 1 › 11 › 111, 1 › 12, 2; "loop" is below itself.
inline const std::map<std::string, std::string, std::less<>>& some_tree() {
  static const std::map<std::string, std::string, std::less<>> tree{
      {"medtop:1", ""},          {"medtop:11", "medtop:1"}, {"medtop:111", "medtop:11"},
      {"medtop:12", "medtop:1"}, {"medtop:2", ""},          {"loop", "loop"}};
  return tree;
}

inline FilterPlace some_place() {
  return {kSomeFields, [](std::string_view code) -> std::optional<std::string_view> {
            const auto found = some_tree().find(code);
            if (found == some_tree().end()) return std::nullopt;
            return found->second;
          }};
}

inline std::size_t field_named(std::string_view name) {
  for (std::size_t i = 0; i < kSomeFields.size(); ++i) {
    if (kSomeFields[i].name == name) return i;
  }
  ADD_FAILURE() << "no field " << name;
  return 0;
}

// Values by field; a field without any is not there.
class SomeSubject final : public FilterSubject {
 public:
  std::array<std::vector<std::string>, kSomeFields.size()> texts;
  std::array<std::vector<std::int64_t>, kSomeFields.size()> numbers;

  SomeSubject& with(std::string_view field, std::vector<std::string> values) {
    texts[field_named(field)] = std::move(values);
    return *this;
  }
  SomeSubject& with(std::string_view field, std::int64_t value) {
    numbers[field_named(field)] = {value};
    return *this;
  }

  std::uint32_t count(std::size_t field) const override {
    return static_cast<std::uint32_t>(texts[field].size() + numbers[field].size());
  }
  std::string_view text(std::size_t field, std::uint32_t index) const override {
    return texts[field].at(index);
  }
  std::int64_t number(std::size_t field, std::uint32_t index) const override {
    return numbers[field].at(index);
  }
};

}  // namespace telex::testing
