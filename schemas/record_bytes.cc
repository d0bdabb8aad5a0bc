#include "schemas/record_bytes.h"

namespace telex {
namespace {

// Attributes, timestamp delta and offset delta.
constexpr std::uint64_t kFixedBytes = 3;

// A length and as many bytes; null has a length of one byte as well.
std::uint64_t sized(std::string_view bytes) {
  return varint_bytes(static_cast<std::int64_t>(bytes.size())) + bytes.size();
}

std::uint64_t header_bytes(const Header& header) {
  return sized(header.name) + sized(header.value);
}

}  // namespace

std::uint64_t bytes_on_topic(const Record& record, std::span<const Header> more) {
  std::uint64_t bytes =
      kFixedBytes + sized(record.key) + sized(record.value) +
      varint_bytes(std::int64_t{record.headers.size()} + static_cast<std::int64_t>(more.size()));
  for (std::uint32_t i = 0; i < record.headers.size(); ++i) {
    bytes += header_bytes(record.headers[i]);
  }
  for (const Header& header : more) bytes += header_bytes(header);
  return kBatchHeaderBytes + varint_bytes(static_cast<std::int64_t>(bytes)) + bytes;
}

}  // namespace telex
