#include "schemas/json_slices.h"

#include <cstdint>
#include <cstring>

namespace telex {
namespace {

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

std::size_t skip_space(std::string_view text, std::size_t at) {
  while (at < text.size() && is_space(text[at])) ++at;
  return at;
}

// Past the string that begins at `at`.
std::size_t skip_string(std::string_view text, std::size_t at) {
  const std::size_t begin = at + 1;
  std::size_t from = begin;
  while (from < text.size()) {
    const void* const found = std::memchr(text.data() + from, '"', text.size() - from);
    if (found == nullptr) break;
    const auto quote = static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
    // Escaped, if an odd number of backslashes stands before it.
    std::size_t run = quote;
    while (run > from && text[run - 1] == '\\') --run;
    if ((quote - run) % 2 == 0) return quote + 1;
    from = quote + 1;
  }
  return text.size();
}

// Past the object or array that begins at `at`.
std::size_t skip_container(std::string_view text, std::size_t at) {
  std::size_t depth = 0;
  while (at < text.size()) {
    switch (text[at]) {
      case '"':
        at = skip_string(text, at);
        continue;
      case '{':
      case '[':
        ++depth;
        break;
      case '}':
      case ']':
        if (--depth == 0) return at + 1;
        break;
      default:
        break;
    }
    ++at;
  }
  return text.size();
}

std::size_t skip_value(std::string_view text, std::size_t at) {
  if (at >= text.size()) return text.size();
  const char c = text[at];
  if (c == '"') return skip_string(text, at);
  if (c == '{' || c == '[') return skip_container(text, at);
  while (at < text.size() && text[at] != ',' && text[at] != '}' && text[at] != ']' &&
         !is_space(text[at])) {
    ++at;
  }
  return at;
}

// The text from the first member on; empty unless it begins with `opening`.
std::string_view opened(std::string_view text, char opening) {
  const std::size_t at = skip_space(text, 0);
  if (at >= text.size() || text[at] != opening) return {};
  return text.substr(at + 1);
}

// To where the next item begins, past a comma; false at the end.
bool to_next(std::string_view text, std::size_t& at, char closing) {
  at = skip_space(text, at);
  if (at < text.size() && text[at] == ',') at = skip_space(text, at + 1);
  return at < text.size() && text[at] != closing;
}

std::uint32_t hex_digits(std::string_view text, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = at; i < at + 4 && i < text.size(); ++i) {
    const char c = text[i];
    std::uint32_t digit = 0;
    if (c >= '0' && c <= '9') digit = static_cast<std::uint32_t>(c - '0');
    if (c >= 'a' && c <= 'f') digit = static_cast<std::uint32_t>(c - 'a' + 10);
    if (c >= 'A' && c <= 'F') digit = static_cast<std::uint32_t>(c - 'A' + 10);
    value = value * 16 + digit;
  }
  return value;
}

char* write_utf8(std::uint32_t code_point, char* to) {
  const auto put = [&to](std::uint32_t byte) { *to++ = static_cast<char>(byte); };
  if (code_point < 0x80) {
    put(code_point);
  } else if (code_point < 0x800) {
    put(0xC0U | (code_point >> 6U));
    put(0x80U | (code_point & 0x3FU));
  } else if (code_point < 0x10000) {
    put(0xE0U | (code_point >> 12U));
    put(0x80U | ((code_point >> 6U) & 0x3FU));
    put(0x80U | (code_point & 0x3FU));
  } else {
    put(0xF0U | (code_point >> 18U));
    put(0x80U | ((code_point >> 12U) & 0x3FU));
    put(0x80U | ((code_point >> 6U) & 0x3FU));
    put(0x80U | (code_point & 0x3FU));
  }
  return to;
}

constexpr bool is_high(std::uint32_t unit) { return unit >= 0xD800 && unit < 0xDC00; }
constexpr bool is_low(std::uint32_t unit) { return unit >= 0xDC00 && unit < 0xE000; }

// Reads the \u escape whose digits begin at `at`, and the second half of a pair; moves past them.
std::uint32_t read_unicode(std::string_view content, std::size_t& at) {
  constexpr std::uint32_t kReplacement = 0xFFFD;
  const std::uint32_t unit = hex_digits(content, at);
  at += 4;
  if (is_low(unit)) return kReplacement;
  if (!is_high(unit)) return unit;
  if (at + 6 <= content.size() && content[at] == '\\' && content[at + 1] == 'u') {
    const std::uint32_t low = hex_digits(content, at + 2);
    if (is_low(low)) {
      at += 6;
      return 0x10000 + ((unit - 0xD800) << 10U) + (low - 0xDC00);
    }
  }
  return kReplacement;
}

}  // namespace

std::string_view trimmed_json(std::string_view json) {
  while (!json.empty() && is_space(json.front())) json.remove_prefix(1);
  while (!json.empty() && is_space(json.back())) json.remove_suffix(1);
  return json;
}

JsonMembers::JsonMembers(std::string_view object) : text_(opened(object, '{')) {}

bool JsonMembers::next() {
  if (!to_next(text_, at_, '}') || text_[at_] != '"') return false;
  std::size_t end = skip_string(text_, at_);
  name_ = text_.substr(at_ + 1, end - at_ - 1);
  if (!name_.empty()) name_.remove_suffix(1);
  at_ = skip_space(text_, end);
  if (at_ < text_.size() && text_[at_] == ':') at_ = skip_space(text_, at_ + 1);
  end = skip_value(text_, at_);
  value_ = text_.substr(at_, end - at_);
  at_ = end;
  return !value_.empty();
}

JsonElements::JsonElements(std::string_view array) : text_(opened(array, '[')) {}

bool JsonElements::next() {
  if (!to_next(text_, at_, ']')) return false;
  const std::size_t end = skip_value(text_, at_);
  value_ = text_.substr(at_, end - at_);
  at_ = end;
  return !value_.empty();
}

std::string_view json_member(std::string_view object, std::string_view name) {
  std::string_view value;
  for (JsonMembers members(object); members.next();) {
    if (json_content_is(members.name(), name)) value = members.value();
  }
  return value;
}

char* write_unescaped(std::string_view content, char* to) {
  std::size_t at = 0;
  while (at < content.size()) {
    const void* const found = std::memchr(content.data() + at, '\\', content.size() - at);
    const std::size_t stop =
        found == nullptr
            ? content.size()
            : static_cast<std::size_t>(static_cast<const char*>(found) - content.data());
    std::memcpy(to, content.data() + at, stop - at);
    to += stop - at;
    at = stop + 1;
    if (at >= content.size()) break;
    const char escape = content[at++];
    switch (escape) {
      case 'b':
        *to++ = '\b';
        break;
      case 'f':
        *to++ = '\f';
        break;
      case 'n':
        *to++ = '\n';
        break;
      case 'r':
        *to++ = '\r';
        break;
      case 't':
        *to++ = '\t';
        break;
      case 'u':
        if (at + 4 > content.size()) return to;
        to = write_utf8(read_unicode(content, at), to);
        break;
      default:
        *to++ = escape;
        break;
    }
  }
  return to;
}

void append_unescaped(std::string_view content, std::string& out) {
  const std::size_t begin = out.size();
  out.resize(begin + content.size());
  const char* const end = write_unescaped(content, out.data() + begin);
  out.resize(static_cast<std::size_t>(end - out.data()));
}

bool json_content_is(std::string_view content, std::string_view text) {
  if (content.find('\\') == std::string_view::npos) return content == text;
  std::string meaning;
  append_unescaped(content, meaning);
  return meaning == text;
}

}  // namespace telex
