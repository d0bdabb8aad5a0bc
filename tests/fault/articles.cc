#include "tests/fault/articles.h"

#include <charconv>
#include <cstdio>

#include <zlib.h>

namespace telex::fault {
namespace {

constexpr std::size_t kSourceDigits = 2;
constexpr std::size_t kSeqDigits = 9;
constexpr std::size_t kIdSize = kSourceDigits + 1 + kSeqDigits;
constexpr std::size_t kCrcDigits = 8;
constexpr std::string_view kOpen = "[[";
constexpr std::string_view kClose = "]]";

template <class Number>
bool read_all(std::string_view text, Number& value, int base) {
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value, base);
  return read.ec == std::errc{} && read.ptr == text.data() + text.size();
}

std::string hex(std::uint32_t value) {
  char digits[kCrcDigits + 1];
  std::snprintf(digits, sizeof digits, "%08x", value);
  return digits;
}

}  // namespace

std::string id_text(ArticleId id) {
  char text[40];
  std::snprintf(text, sizeof text, "%02u.%09llu", id.source,
                static_cast<unsigned long long>(id.seq));
  return text;
}

std::optional<ArticleId> parse_id(std::string_view text) {
  if (text.size() < kIdSize || text[kSourceDigits] != '.') return std::nullopt;
  ArticleId id;
  if (!read_all(text.substr(0, kSourceDigits), id.source, 10)) return std::nullopt;
  if (!read_all(text.substr(kSourceDigits + 1, kSeqDigits), id.seq, 10)) return std::nullopt;
  return id;
}

std::uint32_t crc_of(std::string_view bytes) {
  return static_cast<std::uint32_t>(
      ::crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

std::string make_mark(ArticleId id, std::string_view text) {
  const std::string head = id_text(id);
  std::string mark(kOpen);
  mark += head + "." + hex(crc_of(head + "|" + std::string(text))) + "|";
  mark += text;
  mark += kClose;
  return mark;
}

std::optional<Mark> find_mark(std::string_view bytes) {
  constexpr std::size_t kHead = kOpen.size() + kIdSize + 1 + kCrcDigits + 1;
  for (std::size_t at = bytes.find(kOpen); at != std::string_view::npos;
       at = bytes.find(kOpen, at + 1)) {
    if (bytes.size() - at < kHead) return std::nullopt;
    const std::optional<ArticleId> id = parse_id(bytes.substr(at + kOpen.size()));
    if (!id) continue;
    Mark mark{*id, false};
    const std::size_t crc_at = at + kOpen.size() + kIdSize + 1;
    const std::size_t close = bytes.find(kClose, at + kHead);
    std::uint32_t crc = 0;
    const bool framed = bytes[crc_at - 1] == '.' && bytes[crc_at + kCrcDigits] == '|';
    if (framed && close != std::string_view::npos &&
        read_all(bytes.substr(crc_at, kCrcDigits), crc, 16)) {
      const std::string_view text = bytes.substr(at + kHead, close - at - kHead);
      mark.is_intact = crc == crc_of(id_text(*id) + "|" + std::string(text));
    }
    return mark;
  }
  return std::nullopt;
}

std::string key_of(ArticleId id) {
  char text[64];
  std::snprintf(text, sizeof text, "urn:fault:%02u.%03u", id.source,
                static_cast<unsigned>(id.seq % kKeysPerSource));
  return text;
}

std::string make_article(ArticleId id, std::size_t text_bytes) {
  // Words of a generator that any machine repeats (the minimal standard one, Park and Miller 1988).
  std::uint64_t state = (id.seq * 2 + 1) * (id.source + 3) % 2147483647;
  std::string text;
  text.reserve(text_bytes + 8);
  while (text.size() < text_bytes) {
    state = state * 48271 % 2147483647;
    for (std::uint64_t left = state; left > 0 && left % 11 != 0; left /= 11) {
      text += static_cast<char>('a' + left % 23);
    }
    text += ' ';
  }
  text.resize(text_bytes);
  return "{\"uri\":\"" + key_of(id) + "\",\"headline\":\"Article " + id_text(id) +
         "\",\"body\":\"" + make_mark(id, text) + "\"}";
}

}  // namespace telex::fault
