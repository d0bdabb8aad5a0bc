// The tokeniser, over any text in one or two parts, plain or HTML.
//
// Input: a byte of flags (bit 0: HTML; bit 1: cut into two parts), then the text. Text of an
// article is well-formed UTF-8 (decoding sees to it), so the input is cut where it no longer is.
//
// Properties: the same tokens twice; ranges in bounds, in order, not overlapping, never empty, on
// code point boundaries; the hash of a word is that of its folded form, without the dots of an
// abbreviation; sentences never go back and never cross parts; a phrase is cut as the same text is
// cut in an article.
#include "process/text/tokeniser.h"

#include <array>

#include "process/text/fold.h"
#include "tests/fuzz/fuzz_entry.h"

namespace telex::fuzz {

std::vector<std::string> made_seeds() { return {}; }

namespace {

bool begins_code_point(std::string_view text, std::size_t at) {
  return at >= text.size() || (static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80U;
}

void require_sound(const Tokens& tokens, std::span<const Part> parts) {
  for (std::uint32_t i = 0; i < tokens.size(); ++i) {
    require(tokens.part[i] < parts.size(), "a token lies in a part");
    const std::string_view text = parts[tokens.part[i]].text;
    const std::uint32_t begin = tokens.begin[i];
    const std::uint32_t end = tokens.end[i];
    require(begin < end && end <= text.size(), "a token lies in its part and is not empty");
    require(begins_code_point(text, begin) && begins_code_point(text, end),
            "a token is whole code points");
    if ((tokens.shape[i] & TokenShape::kWord) != 0) {
      const std::string word(text.substr(begin, end - begin));
      // An acronym is the same word with dots and without; numbers keep theirs.
      std::string bare = word;
      std::erase(bare, '.');
      require(tokens.hash[i] == folded_hash(word) || tokens.hash[i] == folded_hash(bare),
              "a word's hash is that of its folded form");
    }
    if (i == 0) continue;
    require(tokens.part[i] >= tokens.part[i - 1], "tokens come in the order of the parts");
    require(tokens.sentence[i] >= tokens.sentence[i - 1], "sentences do not go back");
    if (tokens.part[i] == tokens.part[i - 1]) {
      require(begin >= tokens.end[i - 1], "tokens come in order and do not overlap");
    } else {
      require(tokens.sentence[i] > tokens.sentence[i - 1] || tokens.sentence[i] == 0xFFFF,
              "no sentence is shared by parts");
    }
  }
}

bool equal(const Tokens& a, const Tokens& b) {
  return a.hash == b.hash && a.begin == b.begin && a.end == b.end && a.shape == b.shape &&
         a.sentence == b.sentence && a.part == b.part;
}

}  // namespace
}  // namespace telex::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace telex;
  using namespace telex::fuzz;
  if (size == 0) return 0;
  const std::uint8_t flags = data[0];
  std::string_view text = as_text(data + 1, size - 1);
  text = text.substr(0, first_invalid_utf8(text));
  std::size_t cut = (flags & 2U) != 0 ? text.size() / 2 : text.size();
  while (!begins_code_point(text, cut)) ++cut;
  const TextFormat format = (flags & 1U) != 0 ? TextFormat::html : TextFormat::plain;
  const std::array parts{Part{text.substr(0, cut), PartKind::lead, format, 0},
                         Part{text.substr(cut), PartKind::body, format, 0}};
  Article article;
  article.parts = parts;

  Tokeniser tokeniser;
  Tokens tokens;
  tokeniser.tokenise(article, tokens);
  require_sound(tokens, parts);
  Tokens again;
  tokeniser.tokenise(article, again);
  require(equal(tokens, again), "the same tokens twice from one tokeniser");
  again.clear();
  Tokeniser().tokenise(article, again);
  require(equal(tokens, again), "the same tokens from another tokeniser");

  if (format == TextFormat::plain && cut == text.size()) {
    Tokens phrase;
    Tokeniser::tokenise_phrase(text, phrase);
    require(phrase.hash == tokens.hash && phrase.begin == tokens.begin && phrase.end == tokens.end,
            "a phrase is cut as a text is");
  }
  return 0;
}
