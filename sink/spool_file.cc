#include "sink/spool_file.h"

#include <cstring>

#include <xxhash.h>

#include "schemas/byte_codec.h"
#include "schemas/claim_check.h"

namespace telex {
namespace {

constexpr std::string_view kMagic = "telexsp1";
constexpr std::size_t kDigestBytes = sizeof(XXH128_canonical_t);
constexpr std::size_t kFrameBytes = 8 + 8 + kDigestBytes;
// A header takes two lengths at least.
constexpr std::size_t kHeaderBytesMin = 8;

std::string canonical_digest(std::string_view body) {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits(body.data(), body.size()));
  std::string out(kDigestBytes, '\0');
  std::memcpy(out.data(), canonical.digest, kDigestBytes);
  return out;
}

bool decode_body(std::string_view body, SpoolEntry& entry) {
  ByteCursor cursor(body);
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
  append_bytes(entry.topic, out);
  append_integer(entry.partition.value, out);
  append_integer(entry.offset.value, out);
  append_integer(entry.timestamp, out);
  append_bytes(entry.key, out);
  append_bytes(entry.value, out);
  append_integer(static_cast<std::uint32_t>(entry.headers.size()), out);
  for (const Header& header : entry.headers) {
    append_bytes(header.name, out);
    append_bytes(header.value, out);
  }
  const std::string_view body = std::string_view(out).substr(kFrameBytes);
  std::string frame(kMagic);
  append_integer(static_cast<std::uint64_t>(body.size()), frame);
  frame += canonical_digest(body);
  digest = content_digest(body);
  out.replace(0, kFrameBytes, frame);
  return out;
}

const char* decode_spool_file(std::string_view bytes, SpoolEntry& entry) {
  if (!bytes.starts_with(kMagic)) return "not a file of the spool";
  std::uint64_t length = 0;
  ByteCursor frame(bytes.substr(kMagic.size()));
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
