// Lint: what is allowed in rules but can hardly be meant.
//
//  - a rule that cannot fire, because its positive weights together do not reach its threshold;
//  - a word that a wildcard of the same rule covers with the same weight (it does nothing);
//  - the same word for and against within one family (a topic and one of its broader topics);
//  - a wildcard whose stem is shorter than kStemLettersGood letters (it will find surprises);
//  - a forbidden word of a combination that is also a wanted one of it (it can never fire).
//
// Threads: none inside. Errors: none.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "process/topics/rule_parser.h"
#include "process/topics/vocabulary.h"

namespace telex {

inline constexpr std::uint32_t kStemLettersGood = 4;

// One warning a line, "file:line:column: what", in order of file, line and column.
std::vector<std::string> lint_rules(std::span<const TopicRule> rules, const Vocabulary& vocabulary);

}  // namespace telex
