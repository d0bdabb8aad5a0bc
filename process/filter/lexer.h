// The words and signs of a filter; the grammar is in filter.h. Internal to process/filter.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace telex {

enum class FilterTokenKind : std::uint8_t {
  end,
  word,    // Not quoted.
  string,  // Quoted; `text` without quotes and escapes.
  sign,    // = != < <= > >= ~
  open,
  close,
  comma,
};

struct FilterToken {
  FilterTokenKind kind = FilterTokenKind::end;
  std::string text;
  std::size_t at = 0;  // Byte of the filter where it begins.
};

// One of the language's own words: "and", "or", "not", "in", "within", in any case.
bool is_keyword(const FilterToken& token, std::string_view keyword);
bool is_any_keyword(std::string_view word);

// Whether `text` may stand without quotes and looks the same wherever it is shown: letters, digits
// and _ . : / @ % + -, and none of the language's own words.
bool is_plain_word(std::string_view text);

class FilterLexer {
 public:
  // REQUIRES: `text` is UTF-8, and outlives the lexer.
  explicit FilterLexer(std::string_view text) : text_(text) {}

  // False: what stands at `at` is no token; `why` says what is wrong.
  bool next(FilterToken& token, std::string& why, std::size_t& at);

 private:
  bool read_string(FilterToken& token, std::string& why, std::size_t& at);
  bool read_escape(std::string& out, std::string& why);

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace telex
