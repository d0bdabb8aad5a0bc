// The bytes of one file of the spool; the layout stands in sink/spool.h. Only spool.cc and tests
// include this.
//
// Threads: none inside. Errors: decoding takes any bytes and says what is wrong with them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sink/spool.h"

namespace telex {

// A record of Kafka is below 2^31 bytes with all it has; nothing longer is read into memory.
inline constexpr std::uint64_t kSpoolFileBytesMax = std::uint64_t{1} << 31U;

// The whole file; `digest` is set to the body's, 32 hexadecimal digits.
std::string encode_spool_file(const SpoolEntry& entry, std::string& digest);

// Sets `entry` to views of `bytes`. nullptr = all well, else what is wrong.
const char* decode_spool_file(std::string_view bytes, SpoolEntry& entry);

}  // namespace telex
