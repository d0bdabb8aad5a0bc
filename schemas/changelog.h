// Changelog records: the state of a StateStore on its compacted topic.
//
// Key: the store's key bytes. Value: one version byte (1), then the store's value bytes; null = the
// key was erased. Partition: the input partition whose state it is. Written in the same transaction
// as the outputs it goes with. Threads: none inside.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "schemas/record.h"

namespace telex {

inline constexpr std::uint8_t kChangelogVersion = 1;

// value.data() == nullptr: erased.
void add_changelog(std::uint16_t store, Partition partition, std::string_view key,
                   std::string_view value, UnixMillis timestamp, Records& out);

// The store's value inside a changelog record's value; nullopt if the version is not ours.
// A null value stays null (data() == nullptr).
std::optional<std::string_view> changelog_value(std::string_view record_value);

}  // namespace telex
