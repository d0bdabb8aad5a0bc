// Folding: the one form in which words are compared, whoever wrote them and however encoded.
//
// fold(w) = NFC(strip marks(NFD(case fold(w)))), with ligatures and full-width forms as NFKD has
// them and soft hyphens and zero-width joiners left out: "OEKRAÏNE", "Oekraïne" and
// "Oekrai\u0308ne" fold alike, and so do "Straße" and "STRASSE". Marks are stripped only from
// Latin, Greek and Cyrillic letters ("й", "ў" and "ї" stay as letters of their own; "ё" is "е").
// Left out as well: direction marks and variation selectors. Tables: utf8proc. The form and hash
// are part of the pack format: kFoldVersion changes with them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace telex {

inline constexpr std::uint32_t kFoldVersion = 1;

// Appends the folded form of `text` (UTF-8; invalid bytes are dropped) to `out`.
void append_folded(std::string_view text, std::string& out);
std::string folded(std::string_view text);

// XXH3-64 of folded(token), without allocation for tokens up to 256 bytes.
std::uint64_t folded_hash(std::string_view token);

// The first byte that is not part of well-formed UTF-8 (surrogates and overlong forms are not);
// text.size() if all is well. Uses simdjson's validator for the common case.
std::size_t first_invalid_utf8(std::string_view text);

// Code points in well-formed UTF-8.
std::uint32_t count_code_points(std::string_view text);

}  // namespace telex
