// The cities of libgeonames: id, name, country and population of places above 15,000 inhabitants.
//
// The library carries its data as a GResource in an ELF section, and that holds one GVariant,
// compressed with zlib. This reads the four layers itself, within their bounds, so that building a
// pack needs neither GLib nor the library to run:
//   ELF64        section `.gresource.geonames` (System V ABI, "Sections")
//   GVDB         the hash table format of GResource and dconf (gvdb-format.h of GLib)
//   (uuay)       size, flags (1 = zlib), bytes: a GResource's entry
//   a(sssssssudd)  id, name, admin code, admin name, country code, country, time zone, population,
//                latitude, longitude (GVariant specification, "serialisation format")
//
// Errors: false and the reason; nothing is half read. Limits: kCitiesMax cities, 64 MiB unpacked.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace telex {

struct GeoCity {
  std::uint64_t id = 0;
  std::string name;
  std::string country;  // Alpha-2.
  std::uint32_t population = 0;
};

inline constexpr std::size_t kCitiesMax = 1U << 18;

// From the bytes of libgeonames.so.
bool read_geonames_library(std::string_view elf, std::vector<GeoCity>& out, std::string& error);
// From the unpacked GVariant alone.
bool read_geonames_cities(std::string_view variant, std::vector<GeoCity>& out, std::string& error);

}  // namespace telex
