#include "service/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>

#include <fmt/format.h>
#include <utf8proc.h>

namespace telex {
namespace {

std::string_view code(Style style) {
  switch (style) {
    case Style::plain:
      return "";
    case Style::bold:
      return "\x1b[1m";
    case Style::dim:
      return "\x1b[2m";
    case Style::green:
      return "\x1b[32m";
    case Style::red:
      return "\x1b[31m";
    case Style::yellow:
      return "\x1b[33m";
    case Style::cyan:
      return "\x1b[36m";
  }
  return "";
}

// Steps through well-formed UTF-8; -1 for a byte that is none.
utf8proc_int32_t next(std::string_view text, std::size_t& at) {
  utf8proc_int32_t point = -1;
  const auto size = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()) + at,
                                     static_cast<utf8proc_ssize_t>(text.size() - at), &point);
  at += size > 0 ? static_cast<std::size_t>(size) : 1;
  return size > 0 ? point : -1;
}

bool steers(utf8proc_int32_t point) {
  if (point < 0x20 || (point >= 0x7F && point < 0xA0)) return true;
  if (point == 0x200E || point == 0x200F || point == 0x061C) return true;  // Directional marks.
  if (point >= 0x202A && point <= 0x202E) return true;                     // Embeddings, overrides.
  if (point >= 0x2066 && point <= 0x2069) return true;                     // Isolates.
  return point == 0x2028 || point == 0x2029 || point == 0xFEFF;
}

}  // namespace

Terminal Terminal::standard_output() {
  const bool tty = isatty(1) == 1;
  const char* no_colour = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  std::uint32_t columns = 110;
  winsize size{};
  if (tty && ioctl(1, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40) columns = size.ws_col;
  const bool dumb = term != nullptr && std::string_view(term) == "dumb";
  return {tty && !dumb && (no_colour == nullptr || *no_colour == 0), columns};
}

std::string Terminal::styled(Style style, std::string_view text) const {
  if (!colours_ || style == Style::plain) return std::string(text);
  return fmt::format("{}{}\x1b[0m", code(style), text);
}

std::string safe_text(std::string_view text, bool lines) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    const utf8proc_int32_t point = next(text, at);
    if (point == '\n' && lines) {
      out += '\n';
    } else if (point == '\n' || point == '\t') {
      out += ' ';
    } else if (point < 0) {
      out += "\uFFFD";
    } else if (steers(point)) {
      out += fmt::format("‹U+{:04X}›", static_cast<std::uint32_t>(point));
    } else {
      out += text.substr(begin, at - begin);
    }
  }
  return out;
}

std::uint32_t text_columns(std::string_view text) {
  std::uint32_t columns = 0;
  for (std::size_t at = 0; at < text.size();) {
    const utf8proc_int32_t point = next(text, at);
    columns += point < 0 ? 1U : static_cast<std::uint32_t>(utf8proc_charwidth(point));
  }
  return columns;
}

std::string fitted(std::string_view text, std::uint32_t columns) {
  if (text_columns(text) <= columns) {
    return std::string(text) + std::string(columns - text_columns(text), ' ');
  }
  std::string out;
  std::uint32_t used = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    const utf8proc_int32_t point = next(text, at);
    const auto width = point < 0 ? 1U : static_cast<std::uint32_t>(utf8proc_charwidth(point));
    if (used + width + 1 > columns) break;
    out += text.substr(begin, at - begin);
    used += width;
  }
  out += "…";
  return out + std::string(columns - used - 1, ' ');
}

std::string grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3;) {
    at -= 3;
    digits.insert(at, ",");
  }
  return digits;
}

}  // namespace telex
