// Byte codec: how telex's own binary files write numbers and strings. Integers little-endian, a
// string as its u32 length and its bytes; the length 2^32 - 1 stands for null (data() == nullptr).
//
// Threads: none inside. Limits: strings below 2^32 - 1 bytes. Errors: ByteCursor takes any bytes;
// after the first thing that is not there everything fails.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace telex {

inline constexpr std::uint32_t kNullLength = 0xFFFFFFFFU;

template <class Int>
void append_integer(Int value, std::string& out) {
  auto bits = static_cast<std::make_unsigned_t<Int>>(value);
  for (std::size_t i = 0; i < sizeof(Int); ++i) {
    out += static_cast<char>(bits & 0xFFU);
    bits = static_cast<std::make_unsigned_t<Int>>(bits >> 4U >> 4U);
  }
}

inline void append_bytes(std::string_view bytes, std::string& out) {
  assert(bytes.size() < kNullLength);
  append_integer(bytes.data() == nullptr ? kNullLength : static_cast<std::uint32_t>(bytes.size()),
                 out);
  out += bytes;
}

// Takes from the front of what is left.
class ByteCursor {
 public:
  explicit ByteCursor(std::string_view bytes) : left_(bytes) {}

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

  // A view into what the cursor was made of.
  bool bytes(std::string_view& value) {
    // What the view of an empty, non-null string points at.
    static constexpr char kEmpty = 0;
    std::uint32_t length = 0;
    if (!integer(length)) return false;
    if (length == kNullLength) {
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

}  // namespace telex
