#include "process/filter/lexer.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <utf8proc.h>

namespace telex {
namespace {

constexpr std::array<std::string_view, 5> kKeywords{"and", "or", "not", "in", "within"};

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }
bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}
bool ends_word(char c) {
  return is_space(c) || is_control(c) ||
         std::string_view("(),\"'=!<>~").find(c) != std::string_view::npos;
}

bool same_word(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace

bool is_keyword(const FilterToken& token, std::string_view keyword) {
  return token.kind == FilterTokenKind::word && same_word(token.text, keyword);
}

bool is_any_keyword(std::string_view word) {
  return std::any_of(kKeywords.begin(), kKeywords.end(),
                     [&](std::string_view each) { return same_word(word, each); });
}

bool is_plain_word(std::string_view text) {
  const auto plain = [](char c) {
    return is_letter_or_digit(c) || std::string_view("_.:/@%+-").find(c) != std::string_view::npos;
  };
  return !text.empty() && std::all_of(text.begin(), text.end(), plain) && !is_any_keyword(text);
}

bool FilterLexer::next(FilterToken& token, std::string& why, std::size_t& at) {
  while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  token.text.clear();
  token.at = at = at_;
  if (at_ == text_.size()) {
    token.kind = FilterTokenKind::end;
    return true;
  }
  const char c = text_[at_];
  if (c == '"' || c == '\'') return read_string(token, why, at);
  if (c == '(' || c == ')' || c == ',') {
    token.kind = c == '('   ? FilterTokenKind::open
                 : c == ')' ? FilterTokenKind::close
                            : FilterTokenKind::comma;
    token.text = c;
    ++at_;
    return true;
  }
  if (c == '=' || c == '!' || c == '<' || c == '>' || c == '~') {
    token.kind = FilterTokenKind::sign;
    token.text = c;
    ++at_;
    const bool two = (c == '!' || c == '<' || c == '>') && at_ < text_.size() && text_[at_] == '=';
    if (two) token.text += text_[at_++];
    if (token.text != "!") return true;
    why = "! alone means nothing; write != or not";
    return false;
  }
  if (is_control(c)) {
    why = "a control character; in quotes write it as \\u{...}";
    return false;
  }
  token.kind = FilterTokenKind::word;
  while (at_ < text_.size() && !ends_word(text_[at_])) token.text += text_[at_++];
  return true;
}

bool FilterLexer::read_string(FilterToken& token, std::string& why, std::size_t& at) {
  token.kind = FilterTokenKind::string;
  const char quote = text_[at_++];
  while (at_ < text_.size() && text_[at_] != quote) {
    at = at_;
    if (is_control(text_[at_])) {
      why = "a control character; write it as \\u{...}";
      return false;
    }
    if (text_[at_] != '\\') {
      token.text += text_[at_++];
    } else if (!read_escape(token.text, why)) {
      return false;
    }
  }
  if (at_ == text_.size()) {
    at = token.at;
    why = "this quote is never closed";
    return false;
  }
  ++at_;
  return true;
}

bool FilterLexer::read_escape(std::string& out, std::string& why) {
  why = "no such escape; there are \\\" \\' \\\\ \\n \\r \\t \\u{hex}";
  ++at_;  // The backslash.
  if (at_ == text_.size()) return false;
  const char c = text_[at_++];
  if (c == '"' || c == '\'' || c == '\\') {
    out += c;
    return true;
  }
  if (c == 'n' || c == 'r' || c == 't') {
    out += c == 'n' ? '\n' : c == 'r' ? '\r' : '\t';
    return true;
  }
  if (c != 'u' || at_ == text_.size() || text_[at_] != '{') return false;
  ++at_;
  constexpr std::size_t kDigitsMax = 6;
  const std::string_view digits = text_.substr(at_, text_.substr(at_).find('}'));
  std::uint32_t point = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), point, 16);
  const bool whole = read.ec == std::errc() && read.ptr == digits.data() + digits.size();
  const bool is_character = point <= 0x10FFFF && (point < 0xD800 || point > 0xDFFF);
  if (!whole || digits.size() > kDigitsMax || at_ + digits.size() == text_.size() ||
      !is_character) {
    why = "\\u{...} wants the hexadecimal number of a character";
    return false;
  }
  at_ += digits.size() + 1;
  std::array<utf8proc_uint8_t, 4> bytes;
  const auto size = utf8proc_encode_char(static_cast<utf8proc_int32_t>(point), bytes.data());
  out.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(size));
  return true;
}

}  // namespace telex
