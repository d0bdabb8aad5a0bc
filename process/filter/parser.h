// The text of a filter becomes a tree. The grammar is in filter.h. Internal to process/filter.
#pragma once

#include <optional>
#include <string_view>

#include "process/filter/expression.h"
#include "process/filter/filter.h"

namespace telex {

// nullopt and `error` for what is no filter of this place. REQUIRES: `text` holds more than white
// space (an empty filter has no tree).
std::optional<FilterNode> parse_filter(std::string_view text, const FilterPlace& place,
                                       FilterError& error);

// Fills line, column and source of `error` for byte `at` of `text`.
void locate(std::string_view text, std::size_t at, FilterError& error);

// The period that a date of the grammar names, and its canonical spelling. nullopt: it is none.
std::optional<FilterValue> parse_period(std::string_view text);

}  // namespace telex
