// Sentences: where sentences end, told by the tokeniser one token at a time.
//
// A terminator (. ! ? …) only raises a question; the next token answers it: a capital, a number or
// an opening quote after white space begins a sentence. What stands before the dot decides how much
// it takes: titles and initials never end one, acronyms and abbreviations like "etc." only before a
// word that begins sentences, German ordinals ("3. Oktober") only before such a word too.
//
// Internal to process/text. Threads: one at a time.
#pragma once

#include <cstdint>
#include <string_view>

#include "schemas/tokens.h"
#include "schemas/types.h"

namespace telex {

// A bit of the tokeniser's own beside TokenShape: the first letter is a lower case one.
inline constexpr std::uint32_t kFirstLower = 1U << 16;

class Sentences {
 public:
  // Of a phrase: everything is sentence 0.
  Sentences() = default;
  // Of an article with this publisher's tag, whose first token will get the index `token`.
  Sentences(std::string_view language, std::uint32_t token)
      : on_(true),
        german_(LanguageCode::from_tag(language).view() == "de"),
        starting_(true),
        first_(token) {}

  static bool ends_with(std::uint32_t code_point);

  // A paragraph or part ends, if it has begun. `token`: index that the next token will get.
  void end_paragraph(std::uint32_t token);

  // To be told of every token before it is stored; the bits to add to its shape (kSentenceStart).
  // `code_point`: of punctuation; 0 for words.
  std::uint32_t next_token(std::uint64_t hash, std::uint32_t shape, std::uint32_t code_point,
                           std::uint32_t token) {
    if (pending_ != Pending::none) [[unlikely]]
      resolve(hash, shape, code_point, token);
    if (!starting_ || (shape & (TokenShape::kWord | TokenShape::kNumber)) == 0) return 0;
    starting_ = false;
    return TokenShape::kSentenceStart;
  }
  // A terminator was stored; hash, shape and size of the token it is glued to (all 0: none).
  void after_terminator(std::uint32_t code_point, std::uint64_t hash, std::uint16_t shape,
                        std::uint32_t bytes);
  // A word that ends in its own dot was stored.
  void after_acronym(std::uint64_t hash, std::uint32_t shape);
  // The next word stands at the start of a quoted sentence.
  void begin_quoted() { starting_ = on_; }

  std::uint32_t ordinal() const { return ordinal_; }

 private:
  enum class Pending : std::uint8_t {
    none,
    stop,      // Ends before a capital, a number, an opening quote.
    wide,      // A CJK full stop: needs no white space.
    numbered,  // As stop, but not before a number.
    maybe,     // Ends only before a starter.
    ordinal,   // A number with a dot: as stop, but not before German months.
  };
  static constexpr std::uint32_t kOrdinalMax = 0xFFFF;

  void resolve(std::uint64_t hash, std::uint32_t shape, std::uint32_t code_point,
               std::uint32_t token);
  bool ends_before(std::uint64_t hash, std::uint32_t shape) const;

  bool on_ = false;
  bool german_ = false;
  bool starting_ = false;
  Pending pending_ = Pending::none;
  std::uint32_t ordinal_ = 0;
  std::uint32_t first_ = 0;  // First token of the sentence.
};

}  // namespace telex
