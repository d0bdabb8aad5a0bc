#include "process/text/markup.h"

#include <algorithm>
#include <array>

namespace telex {
namespace {

constexpr std::size_t kNameMax = 12;    // "blockquote" and "figcaption" are the longest looked for.
constexpr std::size_t kEntityMax = 33;  // CounterClockwiseContourIntegral; is the longest name.

// Elements of HTML whose start and end part the text around them.
constexpr std::array<std::string_view, 42> kBlocks{
    "address", "article",    "aside",    "blockquote", "body",   "caption", "center",
    "dd",      "details",    "dialog",   "div",        "dl",     "dt",      "fieldset",
    "figure",  "figcaption", "footer",   "form",       "head",   "header",  "hr",
    "html",    "legend",     "li",       "main",       "menu",   "nav",     "ol",
    "option",  "p",          "pre",      "section",    "select", "summary", "table",
    "tbody",   "td",         "textarea", "tfoot",      "th",     "title",   "tr"};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool letter(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }
bool digit(char c) { return c >= '0' && c <= '9'; }

bool begins_with(std::string_view text, std::size_t at, std::string_view word) {
  if (text.size() - at < word.size()) return false;
  return std::equal(word.begin(), word.end(), text.begin() + static_cast<std::ptrdiff_t>(at),
                    [](char a, char b) { return a == lower(b); });
}

// After the end tag of a raw text element, or the end of the text.
std::size_t raw_text_end(std::string_view text, std::size_t at, std::string_view end_tag) {
  while ((at = text.find('<', at)) != std::string_view::npos) {
    if (begins_with(text, at, end_tag)) {
      const std::size_t end = text.find('>', at);
      return end == std::string_view::npos ? text.size() : end + 1;
    }
    ++at;
  }
  return text.size();
}

TagKind kind_of(std::string_view name, bool closing) {
  if (name.size() == 2 && name[0] == 'h' && name[1] >= '1' && name[1] <= '6') {
    return closing ? TagKind::heading_close : TagKind::heading_open;
  }
  if (name == "br") return TagKind::line_break;
  if (name == "ul") return TagKind::block;
  return std::find(kBlocks.begin(), kBlocks.end(), name) == kBlocks.end() ? TagKind::inline_tag
                                                                          : TagKind::block;
}

}  // namespace

// The byte after the '>' that closes a tag, quoted attribute values passed over. If a quote is
// never closed, the first '>' counts; that happens at most once for each kind of quote, because no
// such quote follows in the text. 0 = there is no '>' any more.
std::size_t TagScanner::close(std::size_t at) {
  if (no_more_ends_) return 0;
  char quote = 0;
  for (std::size_t i = at; i < text_.size(); ++i) {
    const char c = text_[i];
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '>') {
      return i + 1;
    } else if ((c == '"' || c == '\'') && text_[i - 1] == '=') {
      quote = c;
    }
  }
  const std::size_t end = text_.find('>', at);
  if (end != std::string_view::npos) return end + 1;
  no_more_ends_ = true;
  return 0;
}

Tag TagScanner::scan(std::size_t at) {
  std::size_t i = at + 1;
  if (i >= text_.size()) return {};
  if (begins_with(text_, at, "<!--")) {
    const std::size_t end = text_.find("-->", at + 4);
    return {TagKind::inline_tag, end == std::string_view::npos ? text_.size() : end + 3};
  }
  const bool declaration = text_[i] == '!' || text_[i] == '?';
  const bool closing = text_[i] == '/';
  if (closing) ++i;
  if (!declaration && (i >= text_.size() || !letter(text_[i]))) return {};
  std::array<char, kNameMax> name{};
  std::size_t size = 0;
  for (; i < text_.size() && size < kNameMax && (letter(text_[i]) || digit(text_[i])); ++i) {
    name[size++] = lower(text_[i]);
  }
  const std::size_t end = close(i);
  if (end == 0) return {};
  if (declaration) return {TagKind::inline_tag, end};
  const std::string_view element{name.data(), size};
  if (!closing && text_[end - 2] != '/') {
    if (element == "script") return {TagKind::block, raw_text_end(text_, end, "</script")};
    if (element == "style") return {TagKind::block, raw_text_end(text_, end, "</style")};
  }
  return {kind_of(element, closing), end};
}

std::size_t entity_end(std::string_view text, std::size_t at) {
  const std::size_t last = std::min(text.size(), at + kEntityMax + 2);
  std::size_t i = at + 1;
  if (i < last && text[i] == '#') ++i;
  const std::size_t first = i;
  while (i < last && (letter(text[i]) || digit(text[i]))) ++i;
  return i > first && i < last && text[i] == ';' ? i + 1 : at;
}

}  // namespace telex
