#include "process/knowledge/geonames.h"

#include <array>
#include <charconv>
#include <concepts>
#include <cstring>

#include <zlib.h>

namespace telex {
namespace {

constexpr std::size_t kUnpackedBytesMax = 64U << 20;

template <std::unsigned_integral T>
bool read(std::string_view bytes, std::uint64_t offset, T& value) {
  if (offset > bytes.size() || bytes.size() - offset < sizeof(T)) return false;
  std::memcpy(&value, bytes.data() + offset, sizeof(T));
  return true;
}

bool slice(std::string_view bytes, std::uint64_t offset, std::uint64_t length,
           std::string_view& out) {
  if (offset > bytes.size() || length > bytes.size() - offset) return false;
  out = bytes.substr(offset, length);
  return true;
}

// The content of a named section of a 64-bit little-endian ELF file. Offsets in the header and in
// the section entries are those of Elf64_Ehdr and Elf64_Shdr.
bool elf_section(std::string_view elf, std::string_view name, std::string_view& out) {
  if (!elf.starts_with(std::string_view("\x7F"
                                        "ELF\x02\x01",
                                        6)))
    return false;
  std::uint64_t table = 0;
  std::uint16_t entry_bytes = 0;
  std::uint16_t count = 0;
  std::uint16_t names_index = 0;
  if (!read(elf, 0x28, table) || !read(elf, 0x3A, entry_bytes) || !read(elf, 0x3C, count) ||
      !read(elf, 0x3E, names_index) || entry_bytes < 64 || table > elf.size()) {
    return false;
  }
  const auto content = [&](std::uint64_t index, std::string_view& bytes) {
    const std::uint64_t entry = table + index * entry_bytes;
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
    return read(elf, entry + 0x18, offset) && read(elf, entry + 0x20, length) &&
           slice(elf, offset, length, bytes);
  };
  std::string_view names;
  if (!content(names_index, names)) return false;
  for (std::uint64_t i = 0; i < count; ++i) {
    std::uint32_t at = 0;
    if (!read(elf, table + i * entry_bytes, at) || at >= names.size()) continue;
    const std::string_view here = names.substr(at);
    if (here.substr(0, here.find('\0')) == name) return content(i, out);
  }
  return false;
}

// The first value of a GVDB file whose key ends in `suffix`. The file begins with a 24-byte header
// whose last two words are begin and end of the root table; that has a bloom filter, buckets, and
// items of 24 bytes: hash, parent, key begin, key length, type, unused, value begin, value end.
bool gvdb_value(std::string_view gvdb, std::string_view suffix, std::string_view& out) {
  if (!gvdb.starts_with("GVariant")) return false;
  std::uint32_t root = 0;
  std::uint32_t root_end = 0;
  std::uint32_t bloom_words = 0;
  std::uint32_t buckets = 0;
  if (!read(gvdb, 16, root) || !read(gvdb, 20, root_end) || !read(gvdb, root, bloom_words) ||
      !read(gvdb, std::uint64_t{root} + 4, buckets)) {
    return false;
  }
  bloom_words &= (1U << 27) - 1;  // The upper bits are the filter's shift.
  const std::uint64_t items =
      std::uint64_t{root} + 8 + 4 * (std::uint64_t{bloom_words} + std::uint64_t{buckets});
  for (std::uint64_t item = items; item + 24 <= root_end && item + 24 <= gvdb.size(); item += 24) {
    std::uint32_t key_begin = 0;
    std::uint16_t key_bytes = 0;
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    std::string_view key;
    if (!read(gvdb, item + 8, key_begin) || !read(gvdb, item + 12, key_bytes) ||
        !read(gvdb, item + 16, begin) || !read(gvdb, item + 20, end) ||
        !slice(gvdb, key_begin, key_bytes, key)) {
      return false;
    }
    if (gvdb[item + 14] != 'v' || !key.ends_with(suffix)) continue;
    return end >= begin && slice(gvdb, begin, end - begin, out);
  }
  return false;
}

// The bytes of a resource: a boxed (uuay), so its type string stands at the end.
bool unpack_resource(std::string_view boxed, std::string& out) {
  constexpr std::string_view kType{"\0(uuay)", 7};
  std::uint32_t size = 0;
  std::uint32_t flags = 0;
  if (!boxed.ends_with(kType) || !read(boxed, 0, size) || !read(boxed, 4, flags)) return false;
  const std::string_view packed = boxed.substr(8, boxed.size() - 8 - kType.size());
  if ((flags & 1U) == 0) {
    out = packed;
    return out.size() >= size;
  }
  if (size > kUnpackedBytesMax) return false;
  out.resize(size);
  uLongf length = size;
  const int result = ::uncompress(reinterpret_cast<Bytef*>(out.data()), &length,
                                  reinterpret_cast<const Bytef*>(packed.data()), packed.size());
  return result == Z_OK && length == size;
}

// How many bytes an offset has in a container of this size.
std::uint64_t offset_bytes(std::uint64_t container_bytes) {
  if (container_bytes <= 0xFF) return 1;
  if (container_bytes <= 0xFFFF) return 2;
  return container_bytes <= 0xFFFFFFFFULL ? 4 : 8;
}

bool read_offset(std::string_view bytes, std::uint64_t at, std::uint64_t width,
                 std::uint64_t& value) {
  std::string_view raw;
  if (!slice(bytes, at, width, raw)) return false;
  value = 0;
  std::memcpy(&value, raw.data(), raw.size());
  return true;
}

// One (sssssssudd): the strings one after another, then the numbers, each aligned; the ends of the
// strings stand at the back, last string first.
bool read_city(std::string_view tuple, GeoCity& city) {
  constexpr std::size_t kStrings = 7;
  const std::uint64_t width = offset_bytes(tuple.size());
  std::array<std::string_view, kStrings> strings;
  std::uint64_t begin = 0;
  if (tuple.size() < width * kStrings) return false;
  for (std::size_t i = 0; i < kStrings; ++i) {
    std::uint64_t end = 0;
    if (!read_offset(tuple, tuple.size() - width * (i + 1), width, end)) return false;
    if (end <= begin || !slice(tuple, begin, end - begin - 1, strings[i])) return false;
    begin = end;
  }
  if (!read(tuple, (begin + 3) / 4 * 4, city.population)) return false;
  const std::string_view id = strings[0];
  const auto [rest, fault] = std::from_chars(id.data(), id.data() + id.size(), city.id);
  city.name = strings[1];
  city.country = strings[4];
  return fault == std::errc{} && rest == id.data() + id.size();
}

}  // namespace

bool read_geonames_cities(std::string_view variant, std::vector<GeoCity>& out, std::string& error) {
  error = "the city table of libgeonames is not as expected";
  const std::uint64_t width = offset_bytes(variant.size());
  std::uint64_t table = 0;
  if (variant.size() < width || !read_offset(variant, variant.size() - width, width, table) ||
      table > variant.size() || (variant.size() - table) / width > kCitiesMax) {
    return false;
  }
  const std::uint64_t count = (variant.size() - table) / width;
  std::vector<GeoCity> cities(count);
  std::uint64_t begin = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    std::uint64_t end = 0;
    std::string_view tuple;
    if (!read_offset(variant, table + i * width, width, end) || end < begin ||
        !slice(variant, begin, end - begin, tuple) || !read_city(tuple, cities[i])) {
      return false;
    }
    begin = (end + 7) / 8 * 8;
  }
  error.clear();
  out = std::move(cities);
  return true;
}

bool read_geonames_library(std::string_view elf, std::vector<GeoCity>& out, std::string& error) {
  std::string_view resource;
  std::string_view boxed;
  std::string variant;
  if (!elf_section(elf, ".gresource.geonames", resource)) {
    error = "no libgeonames: it has no section .gresource.geonames";
    return false;
  }
  if (!gvdb_value(resource, "cities.compiled", boxed) || !unpack_resource(boxed, variant)) {
    error = "the resource of libgeonames is not as expected";
    return false;
  }
  return read_geonames_cities(variant, out, error);
}

}  // namespace telex
