// The lists of a ninjs item that telex and the publisher share: people, organisations, places,
// events, objects and subjects. What the publisher put in stays and stands first; what an earlier
// run of telex put in is taken out.
//
// Ownership: views into the article's pass-through members. Threads: none inside.
// Cost: linear in the publisher's elements, however many they are.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "schemas/annotations.h"
#include "schemas/article.h"
#include "schemas/json_writer.h"

namespace telex {

inline constexpr std::size_t kEntityTypeCount = 5;

// "people", "organisations", ...: the list in which entities of a type stand.
std::string_view list_name(EntityType type);

// One list as the publisher gave it.
class PublisherList {
 public:
  PublisherList() = default;
  bool given() const { return given_; }

  // The publisher's own elements of `array`, without those that `is_ours` names by their key.
  // Elements with one key are taken out from the end, because telex's stand last.
  void read(std::string_view array, std::unordered_multiset<std::string> ours);
  // The publisher's own subjects: those whose creator is not telex.
  void read_subjects(std::string_view array);

  // Whether an element that stays has this uri; where `uri` is empty, this name.
  bool lists(std::string_view uri, std::string_view name) const;

  std::span<const std::string_view> elements() const { return elements_; }
  // Whether the member is written although it would be empty: it came empty.
  bool came_empty() const { return given_ && elements_.empty() && taken_out_ == 0; }

 private:
  bool given_ = false;
  std::size_t taken_out_ = 0;
  std::vector<std::string_view> elements_;
  std::unordered_set<std::string> keys_;  // Uris and names of the elements that stay.
};

// What the publisher's item holds of the members that telex writes itself.
struct PublisherItem {
  std::array<PublisherList, kEntityTypeCount> lists;  // By EntityType.
  PublisherList subjects;
  std::string_view type;               // As it came, quotes included; empty = none.
  std::vector<PassThrough> passed_on;  // Members of ninjs that stay as they came.
  std::vector<PassThrough> others;     // Members that ninjs has no place for.
};

PublisherItem read_publisher_item(const Article& article);

}  // namespace telex
