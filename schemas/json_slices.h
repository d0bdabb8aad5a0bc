// Slices of JSON: the members and elements of a value as the bytes they came in.
//
// A parsed document has lost its bytes: digits of numbers, escapes, white space. Where telex passes
// a publisher's member on, it passes these bytes. The walkers here only skip; they judge nothing.
//
// REQUIRES: the text was accepted by a JSON parser. On anything else they stay within the text and
// end, but what they return means nothing.
// Ownership: everything returned is a view of the text. Threads: none inside. Cost: one pass.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace telex {

// Without the white space of JSON around it.
std::string_view trimmed_json(std::string_view json);

// Walks the members of an object:
//   for (JsonMembers members(object); members.next();) use(members.name(), members.value());
class JsonMembers {
 public:
  // `object` begins with '{' after white space; anything else has no members.
  explicit JsonMembers(std::string_view object);
  bool next();
  // Between the quotes, escapes as they came.
  std::string_view name() const { return name_; }
  std::string_view value() const { return value_; }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  std::string_view name_;
  std::string_view value_;
};

// Walks the elements of an array.
class JsonElements {
 public:
  explicit JsonElements(std::string_view array);
  bool next();
  std::string_view value() const { return value_; }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  std::string_view value_;
};

// The value of the last member called `name` (by its meaning, not its spelling); empty = none.
std::string_view json_member(std::string_view object, std::string_view name);

inline bool is_json_string(std::string_view value) { return !value.empty() && value[0] == '"'; }
inline bool is_json_object(std::string_view value) { return !value.empty() && value[0] == '{'; }
inline bool is_json_array(std::string_view value) { return !value.empty() && value[0] == '['; }

// What stands between the quotes of a string value. REQUIRES is_json_string(value).
inline std::string_view json_string_content(std::string_view value) {
  return value.size() < 2 ? std::string_view() : value.substr(1, value.size() - 2);
}

// Writes what the content of a string means to `to`, which has room for content.size() bytes (the
// meaning is never longer), and returns the end. Half a surrogate pair becomes U+FFFD.
char* write_unescaped(std::string_view content, char* to);
void append_unescaped(std::string_view content, std::string& out);

// Whether a string's content means `text`.
bool json_content_is(std::string_view content, std::string_view text);

}  // namespace telex
