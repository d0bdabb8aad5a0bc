#include "sink/spool_file.h"

#include <cassert>
#include <cstring>
#include <type_traits>

#include <xxhash.h>

#include "schemas/claim_check.h"

namespace telex {
namespace {

constexpr std::string_view kMagic = "telexsp1";
constexpr std::size_t kDigestBytes = sizeof(XXH128_canonical_t);
constexpr std::size_t kFrameBytes = 8 + 8 + kDigestBytes;
constexpr std::uint32_t kNull = 0xFFFFFFFFU;
// A header takes two lengths at least.
constexpr std::size_t kHeaderBytesMin = 8;
// What the view of an empty, non-null string points at.
constexpr char kEmpty = 0;

template <class Int>
void put_integer(Int value, std::string& out) {
  auto bits = static_cast<std::make_unsigned_t<Int>>(value);
  for (std::size_t i = 0; i < sizeof(Int); ++i) {
    out += static_cast<char>(bits & 0xFFU);
    bits = static_cast<std::make_unsigned_t<Int>>(bits >> 4U >> 4U);
  }
}

void put_bytes(std::string_view bytes, std::string& out) {
  assert(bytes.size() < kNull);
  put_integer(bytes.data() == nullptr ? kNull : static_cast<std::uint32_t>(bytes.size()), out);
  out += bytes;
}

std::string canonical_digest(std::string_view body) {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits(body.data(), body.size()));
  std::string out(kDigestBytes, '\0');
  std::memcpy(out.data(), canonical.digest, kDigestBytes);
  return out;
}

// Takes from the front of what is left; after a failure everything fails.
class Cursor {
 public:
  explicit Cursor(std::string_view bytes) : left_(bytes) {}

  template <class Int>
  bool integer(Int& value) {
    if (left_.size() < sizeof(Int)) return fail();
    std::make_unsigned_t<Int> bits = 0;
    for (std::size_t i = sizeof(Int); i-- > 0;) {
      bits = static_cast<std::make_unsigned_t<Int>>(
          static_cast<std::make_unsigned_t<Int>>(bits << 4U << 4U) |
          static_cast<unsigned char>(left_[i]));
    }
    value = static_cast<Int>(bits);
    left_.remove_prefix(sizeof(Int));
    return good_;
  }
  bool bytes(std::string_view& value) {
    std::uint32_t length = 0;
    if (!integer(length)) return false;
    if (length == kNull) {
      value = {};
      return good_;
    }
    if (length > left_.size()) return fail();
    value = length == 0 ? std::string_view(&kEmpty, 0) : left_.substr(0, length);
    left_.remove_prefix(length);
    return good_;
  }
  std::size_t left() const { return left_.size(); }

 private:
  bool fail() {
    good_ = false;
    left_ = {};
    return false;
  }
  std::string_view left_;
  bool good_ = true;
};

bool decode_body(std::string_view body, SpoolEntry& entry) {
  Cursor cursor(body);
  std::uint32_t header_count = 0;
  if (!cursor.bytes(entry.topic) || !cursor.integer(entry.partition.value) ||
      !cursor.integer(entry.offset.value) || !cursor.integer(entry.timestamp) ||
      !cursor.bytes(entry.key) || !cursor.bytes(entry.value) || !cursor.integer(header_count) ||
      header_count > cursor.left() / kHeaderBytesMin) {
    return false;
  }
  entry.headers.resize(header_count);
  for (Header& header : entry.headers) {
    if (!cursor.bytes(header.name) || !cursor.bytes(header.value)) return false;
  }
  return cursor.left() == 0;
}

}  // namespace

std::string encode_spool_file(const SpoolEntry& entry, std::string& digest) {
  std::string out;
  out.reserve(kFrameBytes + 256 + entry.key.size() + entry.value.size());
  out.assign(kFrameBytes, '\0');
  put_bytes(entry.topic, out);
  put_integer(entry.partition.value, out);
  put_integer(entry.offset.value, out);
  put_integer(entry.timestamp, out);
  put_bytes(entry.key, out);
  put_bytes(entry.value, out);
  put_integer(static_cast<std::uint32_t>(entry.headers.size()), out);
  for (const Header& header : entry.headers) {
    put_bytes(header.name, out);
    put_bytes(header.value, out);
  }
  const std::string_view body = std::string_view(out).substr(kFrameBytes);
  std::string frame(kMagic);
  put_integer(static_cast<std::uint64_t>(body.size()), frame);
  frame += canonical_digest(body);
  digest = content_digest(body);
  out.replace(0, kFrameBytes, frame);
  return out;
}

const char* decode_spool_file(std::string_view bytes, SpoolEntry& entry) {
  if (!bytes.starts_with(kMagic)) return "not a file of the spool";
  std::uint64_t length = 0;
  Cursor frame(bytes.substr(kMagic.size()));
  if (!frame.integer(length) || bytes.size() < kFrameBytes ||
      length != bytes.size() - kFrameBytes) {
    return "cut off, or with something behind it";
  }
  const std::string_view body = bytes.substr(kFrameBytes);
  if (bytes.substr(kFrameBytes - kDigestBytes, kDigestBytes) != canonical_digest(body)) {
    return "not as it was written: its checksum differs";
  }
  return decode_body(body, entry) ? nullptr : "not a record";
}

}  // namespace telex
