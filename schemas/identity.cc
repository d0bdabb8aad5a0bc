#include "schemas/identity.h"

#include <array>
#include <charconv>
#include <cstdint>

namespace telex {
namespace {

enum CharClass : std::uint8_t { kUnreserved = 1, kReserved = 2, kAlpha = 4, kDigit = 8, kHex = 16 };

constexpr std::array<std::uint8_t, 256> kClasses = [] {
  std::array<std::uint8_t, 256> table{};
  const auto add = [&table](std::string_view chars, std::uint8_t bits) {
    for (const char c : chars) {
      std::uint8_t& entry = table[static_cast<unsigned char>(c)];
      entry = static_cast<std::uint8_t>(entry | bits);
    }
  };
  add("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", kUnreserved | kAlpha);
  add("0123456789", kUnreserved | kDigit | kHex);
  add("abcdefABCDEF", kHex);
  add("-._~", kUnreserved);
  add(":/?@!$&'()*+,;=", kReserved);  // Without # [ ]: those have one place each.
  return table;
}();

bool is(char c, int bits) { return (kClasses[static_cast<unsigned char>(c)] & bits) != 0; }

// Characters and escapes only; '[' and ']' where `brackets`.
bool only_uri_characters(std::string_view text, bool brackets) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (is(c, kUnreserved | kReserved)) continue;
    if (brackets && (c == '[' || c == ']')) continue;
    if (c != '%' || i + 2 >= text.size() || !is(text[i + 1], kHex) || !is(text[i + 2], kHex)) {
      return false;
    }
    i += 2;
  }
  return true;
}

void append_urn(std::string_view owner, std::string_view id, std::string& out) {
  out.append("urn:telex:");
  append_percent_encoded(owner, out);
  out.push_back(':');
  append_percent_encoded(id, out);
}

void append_number(std::int64_t value, std::string& out) {
  std::array<char, 24> digits;
  out.append(digits.data(), std::to_chars(digits.begin(), digits.end(), value).ptr);
}

}  // namespace

bool is_uri(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || !is(text[0], kAlpha)) return false;
  for (const char c : text.substr(0, colon)) {
    if (!is(c, kAlpha | kDigit) && c != '+' && c != '-' && c != '.') return false;
  }
  std::string_view rest = text.substr(colon + 1);
  if (rest.empty()) return false;  // The grammar allows it; nobody means it.
  const std::size_t hash = rest.find('#');
  if (hash != std::string_view::npos) {
    if (!only_uri_characters(rest.substr(hash + 1), false)) return false;
    rest = rest.substr(0, hash);
  }
  std::string_view authority;
  if (rest.starts_with("//")) {
    authority = rest.substr(2, rest.find_first_of("/?", 2) - 2);
    rest.remove_prefix(2 + authority.size());
  }
  return only_uri_characters(authority, true) && only_uri_characters(rest, false);
}

void append_percent_encoded(std::string_view text, std::string& out) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  for (const char c : text) {
    if (is(c, kUnreserved)) {
      out.push_back(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out.push_back('%');
    out.push_back(kDigits[byte >> 4U]);
    out.push_back(kDigits[byte & 0xFU]);
  }
}

void append_identity(const IdentityInputs& inputs, std::string& out) {
  for (const std::string_view given : {inputs.body_uri, inputs.body_id, inputs.key}) {
    if (given.empty()) continue;
    if (is_uri(given)) {
      out.append(given);
    } else {
      append_urn(inputs.source.empty() ? inputs.topic : inputs.source, given, out);
    }
    return;
  }
  out.append("urn:telex:");
  append_percent_encoded(inputs.topic, out);
  out.push_back(':');
  append_number(inputs.partition.value, out);
  out.push_back(':');
  append_number(inputs.offset.value, out);
}

}  // namespace telex
