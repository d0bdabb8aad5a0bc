// What a record costs on a Kafka topic, to the byte.
//
// A topic's max.message.bytes bounds a record batch as it is sent, so the smallest batch that holds
// a record, the one with nothing else in it, decides whether the topic takes it. In record format
// v2 (Kafka's documentation, "Message Format"; KIP-98) that is, uncompressed:
//   batch header  61  base offset 8, length 4, leader epoch 4, magic 1, crc 4, attributes 2, last
//                     offset delta 4, base and max timestamp 16, producer id 8, epoch 2, base
//                     sequence 4, record count 4
//   record            length varint, then: attributes 1, timestamp delta 1, offset delta 1 (both 0
//                     in a batch of one), key length varint and key, value length varint and value,
//                     header count varint, and each header: name length varint and name, value
//                     length varint and value. Varints are zigzag; null has the length -1.
// Compression can only make it less: a client sends what does not shrink as it is.
//
// Threads: none inside. Errors: none.
#pragma once

#include <cstdint>
#include <span>

#include "schemas/batch.h"
#include "schemas/record.h"

namespace telex {

inline constexpr std::uint64_t kBatchHeaderBytes = 61;

// Bytes of a zigzag varint.
constexpr std::uint64_t varint_bytes(std::int64_t value) {
  std::uint64_t zigzag = (static_cast<std::uint64_t>(value) << 1U) ^
                         (value < 0 ? ~std::uint64_t{0} : std::uint64_t{0});
  std::uint64_t bytes = 1;
  while ((zigzag >>= 7U) != 0) ++bytes;
  return bytes;
}

// Of `record` alone in its batch, with the headers `more` behind its own.
std::uint64_t bytes_on_topic(const Record& record, std::span<const Header> more = {});

}  // namespace telex
