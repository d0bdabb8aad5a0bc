// FieldMap: where a feed's JSON keeps what an article needs, as JSON Pointers (RFC 6901).
//
// Each field has alternatives, tried in order; the first that is there and can be read is taken.
// Null counts as not there. Plain data: no ownership, no threads.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace telex {

enum class Field : std::uint8_t {
  uri,        // A string; what is no URI becomes one (schemas/identity.h).
  id,         // A string or a number.
  version,    // A string or a number.
  source,     // Who sends it.
  language,   // A BCP 47 tag.
  published,  // See schemas/event_time.h for the forms; a number is Unix time.
  updated,    // The time of this version.
  headline,   // A string, as are the next two.
  lead,
  body,       // A string, or an array of strings: several bodies.
  body_html,  // As body, and markup; only read where there is no body.
  by,         // A string, or an object with a name, or an array of these.
  section,    // A string or an array of strings: becomes subjects without a creator.
  slugline,
  located,
  copyright,   // Who holds it.
  pub_status,  // usable, withheld or canceled, see pub_status_from().
};
inline constexpr std::size_t kFieldCount = static_cast<std::size_t>(Field::pub_status) + 1;

// "uri", ...: the name of the field in the configuration.
std::string_view to_string(Field field);
std::optional<Field> field_from(std::string_view name);

struct FieldMap {
  std::array<std::vector<std::string>, kFieldCount> pointers;

  std::vector<std::string>& operator[](Field field) {
    return pointers[static_cast<std::size_t>(field)];
  }
  const std::vector<std::string>& operator[](Field field) const {
    return pointers[static_cast<std::size_t>(field)];
  }

  // The names that common feeds use: schema.org, JSON Feed, RSS as JSON, news APIs.
  static FieldMap standard();
};

// Whether `text` is a JSON Pointer to something inside a document: "/a", "/a/0/b~1c".
bool is_json_pointer(std::string_view text);

}  // namespace telex
