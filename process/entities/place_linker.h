// Places and organisations: names, adjectives and demonyms.
//
// Of several entities of one name the best is taken when it leads by kMarginMin points:
//   points = prior (see pack_builder.h) + 15 if the article names its country + 8 if its country is
//            home to the article's language
// A city that only GeoNames knows needs the more support the smaller it is, because most of their
// names are also surnames or words somewhere:
//   support = 2 for a place cue before it ("in") + 1 if the article names its country
//             + 1 if its country is home
//   needed  = 0 from a million inhabitants on (prior 60), 1 from 100,000 on (50), else 2; one less
//             for a name of several words, and none once the same city is linked elsewhere; in
//             German, where every noun has a capital, 2 below a million
// A common word ("Nice", "Best", "Turkey") needs a capital inside a sentence, and a place cue or
// its country or the same entity elsewhere in the article; a country's name only the capital. A
// city's name right after a title is a person's ("koningin Sofia"); an organisation of one country
// after the adjective of another ("het Franse ministerie van Defensie") is not the one of the
// dictionary.
#pragma once

#include "process/entities/person_linker.h"

namespace telex {

enum class PlacePass : std::uint8_t {
  certain,    // Names that no surname contests, or that a place cue settles.
  remaining,  // What is left once people are linked.
};

void link_adjectives(const LinkContext& context);
void link_places_and_organisations(const LinkContext& context, PlacePass pass);

}  // namespace telex
