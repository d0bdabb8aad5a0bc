// NameMatcher: which phrases of the pack stand in an article, and which of their readings its case
// and language admit. It says what could be meant; the Linker decides what is.
//
// Longest match from left to right. A reading is admitted when
//   case      every word that the alias has with a capital has one in the text; an exact alias
//             (acronym) has the same bytes; an article in capitals does not admit common words
//   language  the alias is good for the article's language; a name of another language is admitted
//             (foreign) when it has five letters or more and is no common word here; demonyms never
//   surface   the folded words are equal, not only their hashes; a text may leave out the marks of
//   a
//             name, but has none that the name lacks (German "Dämme" is not Damme, French "Léon"
//             not León), save in curated names of several words
// A word that matches nothing is tried again without a genitive s (nl, de), and as the first part
// of a closed compound whose second part is a listed head (Oekraïneoorlog).
//
// Threads: one lane (scratch memory, reused). Cost: one filter probe for each token without a name.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "process/entities/article_text.h"
#include "process/text/phrase_table.h"
#include "schemas/annotations.h"
#include "schemas/types.h"

namespace telex {

// How the name stands in its word or words.
enum class NameShape : std::uint8_t { plain, genitive, closed_compound };

// What a phrase could mean. Tokens are absolute.
struct Match {
  // Kinds of its readings, as bits.
  static constexpr std::uint8_t kFullName = 1U << 0;  // Of a person.
  static constexpr std::uint8_t kSurname = 1U << 1;
  static constexpr std::uint8_t kPlaceOrOrganisation = 1U << 2;
  static constexpr std::uint8_t kDemonym = 1U << 3;  // Or adjective.

  std::uint32_t first = 0;
  std::uint32_t count = 0;
  std::uint32_t byte_end = 0;  // Where the name ends: before a genitive s or a compound's head.
  IndexRange readings;         // Of NameMatcher::readings(): alias rows.
  NameShape shape = NameShape::plain;
  std::uint8_t kinds = 0;
  bool foreign = false;  // Only aliases of other languages fit.
  std::uint32_t last() const { return first + count; }
  bool is(std::uint8_t kind) const { return (kinds & kind) != 0; }
};

// A title or an organisation's cue word.
struct Cue {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
  std::uint32_t row = 0;  // Of KnowledgePack::titles() or organisation_cues().
  std::uint32_t last() const { return first + count; }
};

class NameMatcher {
 public:
  // Fills the lists below, each in order of the text.
  void run(ArticleText& text);

  const std::vector<Match>& matches() const { return matches_; }
  const std::vector<Cue>& titles() const { return titles_; }
  const std::vector<Cue>& organisation_cues() const { return organisation_cues_; }
  const std::vector<std::uint32_t>& readings() const { return readings_; }
  // The match or title that covers a token, or kNone.
  std::uint32_t match_at(std::uint32_t token) const { return owner_[token - base_]; }
  std::uint32_t title_at(std::uint32_t token) const { return title_owner_[token - base_]; }

 private:
  std::uint32_t take_token(ArticleText& text, std::uint32_t token);
  void take_cues(ArticleText& text, const PhraseHit& hit);
  bool add_match(ArticleText& text, const PhraseHit& hit, NameShape shape, std::uint32_t byte_end);
  bool admits(ArticleText& text, const AliasRow& alias, const PhraseHit& hit, NameShape shape,
              std::string_view surface, bool foreign);
  bool same_words(std::string_view surface, std::string_view alias);
  bool adds_marks(std::string_view surface, std::string_view alias);
  bool take_genitive(ArticleText& text, std::uint32_t token);
  bool take_compound(ArticleText& text, std::uint32_t token);

  std::vector<Match> matches_;
  std::vector<Cue> titles_;
  std::vector<Cue> organisation_cues_;
  std::vector<std::uint32_t> readings_;
  std::vector<std::uint32_t> owner_;
  std::vector<std::uint32_t> title_owner_;
  std::uint32_t base_ = 0;
  std::vector<PhraseHit> hits_;
  std::string folded_surface_;
  std::string folded_alias_;
  std::vector<bool> surface_marks_;
  std::vector<bool> alias_marks_;
};

}  // namespace telex
