#include "schemas/base64.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace telex {
namespace {

constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kNone = 0xFF;

constexpr std::array<std::uint8_t, 256> kValues = [] {
  std::array<std::uint8_t, 256> table{};
  table.fill(kNone);
  for (std::size_t i = 0; i < kDigits.size(); ++i) {
    table[static_cast<unsigned char>(kDigits[i])] = static_cast<std::uint8_t>(i);
  }
  return table;
}();

}  // namespace

void append_base64(std::string_view bytes, std::string& out) {
  out.reserve(out.size() + (bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t b = 0; b < 3; ++b) {
      group = (group << 8U) | (b < count ? static_cast<unsigned char>(bytes[i + b]) : 0U);
    }
    for (std::size_t d = 0; d < 4; ++d) {
      out += d <= count ? kDigits[(group >> (18 - 6 * d)) & 63U] : '=';
    }
  }
}

void append_base64_or_null(std::string_view bytes, std::string& out) {
  if (bytes.data() == nullptr) {
    out += "null";
    return;
  }
  out += '"';
  append_base64(bytes, out);
  out += '"';
}

bool append_from_base64(std::string_view text, std::string& out) {
  if (text.size() % 4 != 0) return false;
  const std::size_t before = out.size();
  const auto refuse = [&] {
    out.resize(before);
    return false;
  };
  for (std::size_t i = 0; i < text.size(); i += 4) {
    const std::string_view quad = text.substr(i, 4);
    const bool last = i + 4 == text.size();
    const std::size_t digits = !last || quad[3] != '=' ? 4 : (quad[2] != '=' ? 3 : 2);
    std::uint32_t group = 0;
    for (std::size_t d = 0; d < 4; ++d) {
      const std::uint8_t value = d < digits ? kValues[static_cast<unsigned char>(quad[d])] : 0;
      if (value == kNone) return refuse();
      group = (group << 6U) | value;
    }
    // What the padding leaves out must be zero.
    if ((group & ((1U << (8 * (4 - digits))) - 1)) != 0) return refuse();
    for (std::size_t b = 0; b + 1 < digits; ++b) {
      out += static_cast<char>((group >> (16 - 8 * b)) & 0xFFU);
    }
  }
  return true;
}

}  // namespace telex
