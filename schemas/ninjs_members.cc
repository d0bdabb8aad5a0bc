#include "schemas/ninjs_members.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "schemas/event_time.h"
#include "schemas/json_slices.h"

namespace telex {
namespace {

enum class Kind : std::uint8_t {
  string,
  object,
  array,
  date_time,
  urgency,
  news_object,
  pub_status,
  representation,
};

struct Member {
  std::string_view name;
  Kind kind;
};

constexpr std::array kMembers{
    Member{"uri", Kind::string},
    Member{"type", Kind::news_object},
    Member{"representationType", Kind::representation},
    Member{"profile", Kind::string},
    Member{"version", Kind::string},
    Member{"firstCreated", Kind::date_time},
    Member{"versionCreated", Kind::date_time},
    Member{"contentCreated", Kind::date_time},
    Member{"embargoedUntil", Kind::date_time},
    Member{"expires", Kind::date_time},
    Member{"pubStatus", Kind::pub_status},
    Member{"urgency", Kind::urgency},
    Member{"copyrightHolder", Kind::string},
    Member{"copyrightNotice", Kind::string},
    Member{"usageTerms", Kind::string},
    Member{"rightsInfo", Kind::object},
    Member{"edNote", Kind::string},
    Member{"language", Kind::string},
    Member{"title", Kind::string},
    Member{"by", Kind::string},
    Member{"slugline", Kind::string},
    Member{"located", Kind::string},
    Member{"headlines", Kind::array},
    Member{"descriptions", Kind::array},
    Member{"bodies", Kind::array},
    Member{"people", Kind::array},
    Member{"organisations", Kind::array},
    Member{"places", Kind::array},
    Member{"subjects", Kind::array},
    Member{"events", Kind::array},
    Member{"objects", Kind::array},
    Member{"infoSources", Kind::array},
    Member{"genres", Kind::array},
    Member{"renditions", Kind::array},
    Member{"associations", Kind::array},
    Member{"altIds", Kind::array},
    Member{"trustIndicators", Kind::array},
    Member{"standard", Kind::object},
    Member{"eventDetails", Kind::object},
    Member{"plannedCoverage", Kind::array},
    Member{"digitalSourceType", Kind::object},
};

const Member* find(std::string_view name) {
  const auto found = std::find_if(kMembers.begin(), kMembers.end(),
                                  [name](const Member& member) { return member.name == name; });
  return found == kMembers.end() ? nullptr : &*found;
}

bool is_one_of(std::string_view value, std::initializer_list<std::string_view> allowed) {
  if (!is_json_string(value)) return false;
  return std::any_of(allowed.begin(), allowed.end(), [value](std::string_view word) {
    return json_content_is(json_string_content(value), word);
  });
}

bool is_of_kind(std::string_view value, Kind kind) {
  switch (kind) {
    case Kind::string:
      return is_json_string(value);
    case Kind::object:
      return is_json_object(value);
    case Kind::array:
      return is_json_array(value);
    case Kind::date_time:
      return is_json_string(value) && is_rfc3339(json_string_content(value));
    case Kind::urgency:
      return value.size() == 1 && value[0] >= '1' && value[0] <= '9';
    case Kind::news_object:
      return is_one_of(value, {"text", "audio", "video", "picture", "graphic", "composite",
                               "component", "event", "planning"});
    case Kind::pub_status:
      return is_one_of(value, {"usable", "withheld", "canceled"});
    case Kind::representation:
      return is_one_of(value, {"full", "partial"});
  }
  return false;
}

}  // namespace

bool is_ninjs_member(std::string_view name, std::string_view value) {
  const Member* const member = find(name);
  return member != nullptr && is_of_kind(value, member->kind);
}

bool is_ninjs_name(std::string_view name) { return find(name) != nullptr; }

bool is_language_tag(std::string_view text) {
  constexpr std::size_t kSubtagMax = 8;
  bool first = true;
  while (true) {
    const std::size_t hyphen = text.find('-');
    const std::string_view subtag = text.substr(0, hyphen);
    if (subtag.empty() || subtag.size() > kSubtagMax) return false;
    for (const char c : subtag) {
      const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      if (!letter && (first || c < '0' || c > '9')) return false;
    }
    if (first && subtag.size() == 1) {
      const bool lone = subtag == "x" || subtag == "X" || subtag == "i" || subtag == "I";
      if (!lone || hyphen == std::string_view::npos) return false;
    }
    if (hyphen == std::string_view::npos) return true;
    text.remove_prefix(hyphen + 1);
    first = false;
  }
}

}  // namespace telex
