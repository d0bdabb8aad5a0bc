// The one tokeniser. What it makes is described in schemas/tokens.h; every matcher, the language
// vote and the pack builder read the same tokens, so a name in a dictionary is cut exactly as the
// name in a text.
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
  // Stage: one IndexRange in context.tokens.rows for each batch row (empty unless it publishes).
  void operator()(Batch& batch, StageContext& context) noexcept;

  // Appends the tokens of one article's parts. Sentences end at . ! ? … (not after abbreviations,
  // initials and ordinals of nl, en, de, fr, es), at paragraph ends and at headings.
  void tokenise(const Article& article, Tokens& out);

  // Appends the tokens of one plain string (an alias, a rule word); part 0, sentence 0.
  static void tokenise_phrase(std::string_view text, Tokens& out);
};

}  // namespace telex
