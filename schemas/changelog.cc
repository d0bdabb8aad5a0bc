#include "schemas/changelog.h"

namespace telex {

void add_changelog(std::uint16_t store, Partition partition, std::string_view key,
                   std::string_view value, UnixMillis timestamp, Records& out) {
  out.open();
  out.buffer().append(key);
  out.end_key();
  if (value.data() != nullptr) {
    out.buffer().push_back(static_cast<char>(kChangelogVersion));
    out.buffer().append(value);
    out.end_value();
  }
  out.close(Destination::changelog, store, partition, timestamp, 0);
}

std::optional<std::string_view> changelog_value(std::string_view record_value) {
  if (record_value.data() == nullptr) return record_value;
  if (record_value.empty() ||
      static_cast<std::uint8_t>(record_value.front()) != kChangelogVersion) {
    return std::nullopt;
  }
  return record_value.substr(1);
}

}  // namespace telex
