// Evidence in words: the one place where evidence is rendered for people. `tag`, the console and
// `diff` all use it; records carry the data.
//
// Threads: none inside. Limits: entries are cut at kEntryBytesMax on a code point boundary. What
// comes from a text is not escaped for any surface: the caller does that.
#pragma once

#include <span>
#include <string>

#include "schemas/annotations.h"

namespace telex {

inline constexpr std::size_t kEntryBytesMax = 80;

// One reason: `alias "Oekraïne"`, `title "premier" before it`, `oorlog ×3 (1 heading)`.
void append_evidence_text(const Evidence& evidence, std::string& out);

// Several, joined by "; ", equal ones once, with the runner-up named at the end:
// `alias "Parijs"; runner-up Paris, Texas 57 behind`.
std::string evidence_text(std::span<const Evidence> evidence);

}  // namespace telex
