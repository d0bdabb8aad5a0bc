#include "schemas/ninjs_lists.h"

#include <algorithm>

#include "schemas/enriched.h"
#include "schemas/json_slices.h"
#include "schemas/ninjs_members.h"

namespace telex {
namespace {

constexpr std::array<std::string_view, kEntityTypeCount> kLists{"people", "organisations", "places",
                                                                "events", "objects"};

std::string text_of(std::string_view value) {
  std::string text;
  if (is_json_string(value)) append_unescaped(json_string_content(value), text);
  return text;
}

// Under which an element is known: its uri, or without one its name.
std::string key(char kind, std::string_view text) {
  std::string key(1, kind);
  key.append(text);
  return key;
}
std::string uri_key(std::string_view uri) { return key('u', uri); }
std::string name_key(std::string_view name) { return key('n', name); }

struct Keys {
  std::string uri;  // Empty = none.
  std::string name;
  std::string main() const { return uri.empty() ? name_key(name) : uri_key(uri); }
};

Keys keys_of(std::string_view element) {
  return {text_of(json_member(element, "uri")), text_of(json_member(element, "name"))};
}

bool is_ours(std::string_view annotations) {
  return is_json_object(annotations) && is_json_object(json_member(annotations, "provenance")) &&
         !json_member(annotations, "version").empty();
}

using OurKeys = std::array<std::unordered_multiset<std::string>, kEntityTypeCount>;

// What an earlier run added to the lists, by the entities that its annotations name.
OurKeys our_keys(std::string_view annotations) {
  OurKeys keys;
  for (JsonElements entities(json_member(annotations, "entities")); entities.next();) {
    const std::string_view entity = entities.value();
    if (json_member(entity, "givenByPublisher") == "true") continue;
    const std::string type = text_of(json_member(entity, "type"));
    for (std::size_t i = 0; i < kEntityTypeCount; ++i) {
      if (to_string(static_cast<EntityType>(i)) == type) keys[i].insert(keys_of(entity).main());
    }
  }
  return keys;
}

}  // namespace

std::string_view list_name(EntityType type) { return kLists[static_cast<std::size_t>(type)]; }

void PublisherList::read(std::string_view array, std::unordered_multiset<std::string> ours) {
  given_ = true;
  for (JsonElements elements(array); elements.next();) elements_.push_back(elements.value());
  for (std::size_t i = elements_.size(); i-- > 0;) {
    const Keys keys = keys_of(elements_[i]);
    if (const auto found = ours.find(keys.main()); found != ours.end()) {
      ours.erase(found);
      elements_[i] = {};
      ++taken_out_;
      continue;
    }
    if (!keys.uri.empty()) keys_.insert(uri_key(keys.uri));
    if (!keys.name.empty()) keys_.insert(name_key(keys.name));
  }
  std::erase_if(elements_, [](std::string_view element) { return element.empty(); });
}

void PublisherList::read_subjects(std::string_view array) {
  given_ = true;
  for (JsonElements elements(array); elements.next();) {
    const std::string_view creator = json_member(elements.value(), "creator");
    if (is_json_string(creator) && json_content_is(json_string_content(creator), kCreator)) {
      ++taken_out_;
    } else {
      elements_.push_back(elements.value());
    }
  }
}

bool PublisherList::lists(std::string_view uri, std::string_view name) const {
  if (keys_.empty()) return false;
  return keys_.contains(uri.empty() ? name_key(name) : uri_key(uri));
}

PublisherItem read_publisher_item(const Article& article) {
  PublisherItem item;
  std::string_view earlier;  // Annotations of an earlier run of telex.
  for (const PassThrough& member : article.pass_through) {
    if (member.name == "annotations" && is_ours(member.raw_json)) earlier = member.raw_json;
  }
  OurKeys ours = our_keys(earlier);
  for (const PassThrough& member : article.pass_through) {
    const auto list = std::find(kLists.begin(), kLists.end(), member.name);
    const std::string_view value = member.raw_json;
    if (value.data() == earlier.data()) continue;
    if (member.name == "uri" && is_json_string(value) &&
        json_content_is(json_string_content(value), article.uri)) {
      continue;
    }
    const bool fits = is_ninjs_member(member.name, value);
    if (fits && list != kLists.end()) {
      const auto type = static_cast<std::size_t>(list - kLists.begin());
      item.lists[type].read(value, std::move(ours[type]));
    } else if (fits && member.name == "subjects") {
      item.subjects.read_subjects(value);
    } else if (fits && member.name == "type") {
      item.type = value;
    } else if (fits && member.name == "standard") {
      // The declaration of our own extension is made anew; the publisher's is kept aside.
      if (text_of(json_member(value, "name")) != kCreator) item.others.push_back(member);
    } else if (fits && member.name != "uri") {
      item.passed_on.push_back(member);
    } else {
      item.others.push_back(member);
    }
  }
  // What an earlier run kept aside is kept on, unless the item now brings it itself.
  for (JsonMembers kept(json_member(earlier, "otherMembers")); kept.next();) {
    const bool known = std::any_of(
        item.others.begin(), item.others.end(),
        [&kept](const PassThrough& other) { return json_content_is(kept.name(), other.name); });
    if (!known && kept.name().find('\\') == std::string_view::npos) {
      item.others.push_back({kept.name(), kept.value()});
    }
  }
  return item;
}

}  // namespace telex
