// EntityStage: a stage that says which people, organisations and places an article names.
//
// Per article, in this order; what an earlier step has taken, a later one leaves alone:
//   1. match       every phrase of the pack that case and language admit (name_matcher.h)
//   2. unknown     organisations the dictionary has not, by their cue words (unknown_names.h)
//   3. people      full names (person_linker.h), then unknown people by titles and first names
//   4. offices     a title and a surname, by the article's date
//   5. places      countries, organisations, cities; then adjectives and demonyms (place_linker.h)
//   6. surnames    bare ones, by the article or the only bearer in office
//   7. remaining   places that a surname contested, short forms of unknown names
// A name that nothing decides is left alone: abstaining is an answer.
//
// Scores: relevance.h. type_confidence and link_confidence of an entity are the best of its
// mentions; each rule has its own rank, written beside it in the linkers. Entities come by
// relevance, then by first mention; mentions in order of the text.
//
// Needs context.tokens (Tokeniser) and the row's language (LanguageStage; an unknown language takes
// names of every language). Without a pack in the generation nothing is done. An article with more
// than ArticleLimits::kMentionsMax mentions gets the verdict faulty, too_many_mentions.
//
// Threads: one lane each. Never throws for bad data; allocates nothing once its memory has grown to
// the size of the articles it sees.
#pragma once

#include <memory>

#include "process/stage.h"

namespace telex {

class EntityStage {
 public:
  EntityStage();
  EntityStage(EntityStage&&) noexcept;
  EntityStage& operator=(EntityStage&&) noexcept;
  ~EntityStage();

  // REQUIRES: context.tokens.rows and context.annotations.rows have a row for each of the batch.
  void operator()(Batch& batch, StageContext& context) noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace telex
