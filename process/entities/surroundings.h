// Surroundings: what stands beside a name and speaks for or against reading it alone.
//
// A name is blocked when it is only a part of a longer one: after a first name or another
// capitalised word ("Jan Rutte", "Air France"), before one ("Paris Hilton", "Trump Tower"), or in a
// double name
// ("Rutte-Verhagen"). In German, where nouns have capitals, only first names block.
// A hyphen makes a compound of a name and a word ("NAVO-chef", "anti-Trump", "kabinet-Schoof").
#pragma once

#include <cstdint>
#include <string_view>

#include "process/entities/article_text.h"
#include "process/entities/name_matcher.h"
#include "schemas/annotations.h"

namespace telex {

struct Surroundings {
  bool blocked = false;
  bool compound = false;             // By a hyphen, or a closed compound.
  bool capital_weak = false;         // At the begin of a sentence, or where capitals tell nothing.
  std::uint32_t first_name = kNone;  // The token before it, if that is a first name.
  const WordRow* place_cue = nullptr;  // The preposition before it ("in"), if it is one for places.
};

// What the name would be, since people, places and organisations are blocked by different things.
enum class NameRole : std::uint8_t { person, city, country, organisation };

Surroundings surroundings_of(ArticleText& text, const NameMatcher& matcher, const Match& match,
                             NameRole role);

}  // namespace telex
