// Base64: bytes in JSON (RFC 4648 section 4, with padding).
//
// Threads: none inside. Errors: decoding is strict: no white space, no missing padding, no bits
// that stand for nothing, so that one text means one sequence of bytes and the other way round.
#pragma once

#include <string>
#include <string_view>

namespace telex {

// Appends `bytes` without quotes.
void append_base64(std::string_view bytes, std::string& out);

// Appends `bytes` as a JSON string, or null where there are none (which is not empty).
void append_base64_or_null(std::string_view bytes, std::string& out);

// Appends what `text` stands for; false, with `out` as it was, if that cannot be said.
[[nodiscard]] bool append_from_base64(std::string_view text, std::string& out);

}  // namespace telex
