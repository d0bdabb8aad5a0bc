// The top-level members of a ninjs 3.1 item, and which value each can have.
//
// Source: IPTC, ninjs JSON Schema 3.1 (http://www.iptc.org/std/ninjs/ninjs-schema_3.1.json); it
// forbids every other top-level member. Threads: none inside.
#pragma once

#include <string_view>

namespace telex {

// Whether `"name": value` can stand at the top of an item: the name is one of ninjs, and the value
// is of the kind that the schema wants there (its inside is not looked at). `value` is valid JSON.
bool is_ninjs_member(std::string_view name, std::string_view value);

// Whether ninjs has a top-level member of this name.
bool is_ninjs_name(std::string_view name);

// Whether `text` looks like a language tag of BCP 47: subtags of 1 to 8 letters or digits, joined
// by hyphens, the first of 2 to 8 letters ("x" and "i" may stand first as well).
bool is_language_tag(std::string_view text);

}  // namespace telex
