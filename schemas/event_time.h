// Event times: reading the dates that publishers write, and writing them honestly.
//
// Read are RFC 3339 and ISO 8601 dates ("2025-02-17T10:11:12.5+01:00", without offset,
// "2025-02-17", "2025-02", "2025", basic forms "20250217" and "20250217T101112Z"), RFC 2822 ("Mon,
// 17 Feb 2025 10:11:12 +0100") and Unix time in seconds (9 or 10 digits, a fraction allowed) or
// milliseconds (12 or 13 digits). Years run from 1000 to 9999. A time of day without an offset is
// taken as UTC. A time to the minute has the precision `second`: it names a moment, not a period.
//
// Anything else is no date: precision none, the text kept. Threads: none inside.
#pragma once

#include <string>
#include <string_view>

#include "schemas/article.h"

namespace telex {

std::string_view to_string(DatePrecision precision);

// The result's text is `text` without white space around it, a view into it.
EventTime parse_event_time(std::string_view text);

// Whether `text` is a date-time of RFC 3339 as JSON Schema wants it: upper-case T and Z, an offset,
// and a moment that exists.
bool is_rfc3339(std::string_view text);

// Appends the moment in RFC 3339: as given where that is RFC 3339, else in UTC. False, and nothing
// appended, where that would claim more than the publisher said: a period, or a time of day without
// an offset.
bool append_rfc3339(const EventTime& time, std::string& out);

}  // namespace telex
