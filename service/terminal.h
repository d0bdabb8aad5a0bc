// Terminal: what is printed for people, and safely so.
//
// Article text is hostile: control characters, ANSI sequences and bidirectional overrides in it are
// shown as ‹U+001B›, never sent to the terminal. Colours only on a TTY and without NO_COLOR.
// Threads: plain functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace telex {

enum class Style : std::uint8_t { plain, bold, dim, green, red, yellow, cyan };

class Terminal {
 public:
  // For file descriptor 1 (standard output).
  static Terminal standard_output();
  Terminal(bool colours, std::uint32_t columns) : colours_(colours), columns_(columns) {}

  bool colours() const { return colours_; }
  std::uint32_t columns() const { return columns_; }
  // `text` in a style; as it is where there are no colours.
  std::string styled(Style style, std::string_view text) const;

 private:
  bool colours_;
  std::uint32_t columns_;
};

// `text` with everything that could steer a terminal made visible; line breaks kept if `lines`.
std::string safe_text(std::string_view text, bool lines);

// Columns that `text` (well-formed UTF-8) takes on a terminal; wide and zero-width characters count
// as utf8proc says.
std::uint32_t text_columns(std::string_view text);
// Padded with spaces, or cut with "…", to exactly `columns`.
std::string fitted(std::string_view text, std::uint32_t columns);

// 12345678 -> "12,345,678".
std::string grouped(std::uint64_t number);

}  // namespace telex
