// The name that somebody most likely meant.
//
// Distance: Levenshtein's, case aside; a name counts as near when at most a third of it (and at
// least one letter) would have to change. Threads: none inside.
#pragma once

#include <span>
#include <string_view>

namespace telex {

// Of `names`, the first nearest to `word`; empty if none is near.
std::string_view nearest_name(std::string_view word, std::span<const std::string_view> names);

}  // namespace telex
