// ArticleText: one row's tokens with the questions that name matching asks of them.
//
// A view: article, tokens and pack must outlive it. Threads: one at a time (it remembers the last
// sentence it was asked about). Token numbers are absolute indexes into Tokens.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "process/knowledge/pack.h"
#include "schemas/article.h"
#include "schemas/tokens.h"

namespace telex {

class ArticleText {
 public:
  // `language` is language_mask() of the article's language; 0 = unknown or not one of the pack's.
  ArticleText(const Article& article, const Tokens& tokens, IndexRange row, LanguageMask language,
              const KnowledgePack& pack)
      : article_(article), tokens_(tokens), row_(row), language_(language), pack_(pack) {}

  const Tokens& tokens() const { return tokens_; }
  const KnowledgePack& pack() const { return pack_; }
  const Article& article() const { return article_; }
  LanguageMask language() const { return language_; }
  std::uint32_t first() const { return row_.first; }
  std::uint32_t last() const { return row_.last(); }
  std::uint32_t count() const { return row_.count; }

  bool has(std::uint32_t token, std::uint16_t bits) const { return tokens_.has(token, bits); }
  bool capital(std::uint32_t token) const { return has(token, TokenShape::kCapital); }
  std::string_view surface(std::uint32_t token) const { return surface(token, 1); }
  std::string_view surface(std::uint32_t token, std::uint32_t count) const {
    const std::uint32_t begin = tokens_.begin[token];
    return article_.parts[tokens_.part[token]].text.substr(begin,
                                                           tokens_.end[token + count - 1] - begin);
  }
  // The token before or after in the same sentence; kNone where that ends.
  std::uint32_t before(std::uint32_t token) const {
    return token > row_.first && same_sentence(token - 1, token) ? token - 1 : kNone;
  }
  std::uint32_t after(std::uint32_t token) const {
    return token + 1 < row_.last() && same_sentence(token, token + 1) ? token + 1 : kNone;
  }

  // Whether the token is a word of that class in the article's language (in any, if unknown).
  bool is(std::uint32_t token, WordClass word_class) const {
    if (token == kNone) return false;
    const WordRow* word = pack_.word(tokens_.hash[token]);
    return word != nullptr && speaks(word->classes[static_cast<std::size_t>(word_class)]);
  }
  // First names travel: the language does not matter.
  const WordRow* first_name(std::uint32_t token) const {
    const WordRow* word = token == kNone ? nullptr : pack_.word(tokens_.hash[token]);
    constexpr auto kClass = static_cast<std::size_t>(WordClass::first_name);
    return word != nullptr && word->classes[kClass] != 0 ? word : nullptr;
  }
  // A word that is no name in this language: function words, common words, months and days.
  bool plain_word(std::uint32_t token) const {
    const WordRow* word = pack_.word(tokens_.hash[token]);
    if (word == nullptr) return false;
    return speaks(word->classes[static_cast<std::size_t>(WordClass::function)]) ||
           speaks(word->classes[static_cast<std::size_t>(WordClass::common)]) ||
           speaks(word->classes[static_cast<std::size_t>(WordClass::calendar)]);
  }
  // Whether rows with that mask are good for this article.
  bool speaks(LanguageMask mask) const {
    return language_ == 0 ? mask != 0 : (mask & (language_ | kAnyLanguage)) != 0;
  }
  bool german() const { return language_ == kGerman; }

  // Whether the same word stands in small letters nearby: then its capital is the sentence's.
  bool lower_case_elsewhere(std::uint32_t token) const;
  // Whether capitals tell nothing here: a headline in capitals or in title case.
  bool capitals_tell_nothing(std::uint32_t token) { return sentence(token).capitals_everywhere; }
  bool all_capitals(std::uint32_t token) { return sentence(token).all_capitals; }

 private:
  // How far from a word its small spelling is looked for; bounds the work on very long articles.
  static constexpr std::uint32_t kWindowTokens = 2000;

  struct Sentence {
    std::uint32_t first = kNone;
    std::uint32_t last = 0;
    bool capitals_everywhere = false;
    bool all_capitals = false;
  };

  bool same_sentence(std::uint32_t a, std::uint32_t b) const {
    return tokens_.sentence[a] == tokens_.sentence[b] && tokens_.part[a] == tokens_.part[b];
  }
  const Sentence& sentence(std::uint32_t token);

  const Article& article_;
  const Tokens& tokens_;
  IndexRange row_;
  LanguageMask language_;
  const KnowledgePack& pack_;
  Sentence sentence_;
};

}  // namespace telex
