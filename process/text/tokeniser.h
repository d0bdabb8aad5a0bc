// The one tokeniser. What it makes is described in schemas/tokens.h; every matcher, the language
// vote and the pack builder read the same tokens, so a name in a dictionary is cut exactly as the
// name in a text.
//
// Beyond tokens.h: numbers keep their inner . and , ("1.000,50"). An acronym with dots is one token
// that reaches over its dots and hashes as without ("U.S." as "us", "a.u.b." as "aub"). Apostrophes
// make no token inside words, nor before the Dutch 's 't 'n 'm 'k 'r 'd. Every token that is
// neither word nor number has kPunctuation. A run longer than kTokenBytesMax is cut. Invalid UTF-8
// bytes make no token. In HTML a character reference is white space: it ends a token, even a
// letter's. kQuoted: inside a closed pair of quotes at most kQuoteBytesMax apart within one
// paragraph.
//
// Threads: a Tokeniser has scratch memory: one lane each. Allocation-free after warm-up.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "process/stage.h"
#include "schemas/article.h"
#include "schemas/tokens.h"

namespace telex {

class Tokeniser {
 public:
  static constexpr std::uint32_t kTokenBytesMax = 256;
  static constexpr std::uint32_t kQuoteBytesMax = 600;

  // Stage: one IndexRange in context.tokens.rows for each batch row (empty unless it publishes).
  // It is the first to write tokens: what was there is cleared.
  void operator()(Batch& batch, StageContext& context) noexcept;

  // Appends the tokens of one article's parts. Sentences end at . ! ? … (not after abbreviations,
  // initials and ordinals of nl, en, de, fr, es), at paragraph ends and at headings.
  // Headings count that stand in order of part and position; others are ignored.
  void tokenise(const Article& article, Tokens& out);

  // Appends the tokens of one plain string (an alias, a rule word); part 0, sentence 0.
  static void tokenise_phrase(std::string_view text, Tokens& out);
};

}  // namespace telex
