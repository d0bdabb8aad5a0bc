// Properties: which of librdkafka's settings a configuration may set.
//
// An allow-list. What loads code, runs a shell, calls a URL or switches off a check is refused with
// its reason, and so is what telex itself must decide (delivery, offsets, memory). Everything else
// that is not listed is refused as unknown, so that a newer client brings no surprise.
//
// Threads: none inside.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace telex::kafka {

enum class PropertyScope : std::uint8_t { both, consumer, producer };

struct PropertyRow {
  std::string_view name;
  PropertyScope scope;
  bool secret;  // Its value is never printed.
};

struct RefusedProperty {
  std::string_view name;
  std::string_view why;
};

std::span<const PropertyRow> allowed_properties();
std::span<const RefusedProperty> refused_properties();

using Properties = std::map<std::string, std::string>;

// One sentence for each property that may not be set (by name, or to that value); empty = all well.
std::vector<std::string> check_properties(const Properties& properties);

// REQUIRES: check_properties() found nothing. Those that a client of this scope understands.
Properties properties_for(const Properties& properties, PropertyScope scope);

// For printing: secrets, and all unknown names, show as "***".
Properties masked(const Properties& properties);

}  // namespace telex::kafka
