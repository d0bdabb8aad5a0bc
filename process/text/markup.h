// Finding the ends of tags and entities in HTML parts. No tree is built: the tokeniser only needs
// to know what to step over and where a block ends. Internal to process/text.
#pragma once

#include <cstddef>
#include <string_view>

namespace telex {

enum class TagKind {
  none,          // No tag begins here: the '<' is a character like any other.
  inline_tag,    // Tags inside a sentence, comments, declarations.
  block,         // Ends a sentence (p, div, li, table, ...).
  heading_open,  // <h1> to <h6>; ends a sentence too.
  heading_close,
  line_break,  // <br>.
};

struct Tag {
  TagKind kind = TagKind::none;
  std::size_t end = 0;  // The byte after it. After <script> and <style>: after their content.
};

// The tag at `at`. A tag that is never closed is none; a comment or script that is never closed
// reaches to the end, as in browsers. Linear over a whole text: see the .cc.
// REQUIRES: text[at] == '<'.
class TagScanner {
 public:
  explicit TagScanner(std::string_view text) : text_(text) {}
  Tag scan(std::size_t at);

 private:
  std::size_t close(std::size_t at);

  std::string_view text_;
  bool no_more_ends_ = false;  // No '>' follows; remembered, so that it is looked for once.
};

// The byte after the character reference at `at` ("&eacute;", "&#233;", "&#xE9;"), or `at` if there
// is none. REQUIRES: text[at] == '&'.
std::size_t entity_end(std::string_view text, std::size_t at);

}  // namespace telex
