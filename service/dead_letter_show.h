// One dead letter for a person or a program: `telex dlq show`.
//
// Threads: plain functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "service/dead_letters.h"
#include "service/terminal.h"

namespace telex {

// "topic/partition@offset": a record's coordinates. nullopt: `text` is none.
struct Coordinates {
  TopicPartition partition;
  Offset offset;
};
std::optional<Coordinates> parse_coordinates(std::string_view text);

inline constexpr std::size_t kShownValueBytes = 800;
inline constexpr std::size_t kShownHeaderBytes = 200;
inline constexpr std::size_t kShownHeaders = 30;

// Several lines. Whatever came with the record is made safe, and its lines are marked, so that
// nothing in it can look like telex speaking.
std::string show_dead_letter(const DeadLetter& letter, const Terminal& terminal);

// One JSON object: coordinates, what telex says, bytes in base64.
std::string dead_letter_json(const DeadLetter& letter);

}  // namespace telex
