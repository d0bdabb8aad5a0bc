// Places and organisations: names, adjectives and demonyms.
//
// Of several entities of one name the best is taken when it leads by kMarginMin points:
//   points = prior (see pack_builder.h) + 15 if the article names its country + 8 if its country is
//            home to the article's language
// A city that only GeoNames knows needs the more support the smaller it is, because most of their
// names are also surnames or words somewhere:
//   support = 2 for a place cue ("in") or an adjective of its country ("het Zweedse") before it
//             + 1 if the article names its country, or a region or curated city there
//             + 1 if its country is home
//             + 1 if it is joined to a known place ("Eindhoven en Venlo")
//   needed  = 0 from a million inhabitants on (prior 60), 1 from 100,000 on (50), else 2; one less
//             for a name of several words, and none once the same city is linked elsewhere; in
//             German, where every noun has a capital, 2 below a million
// A city below a million in a country that the article does not speak of, and whose people do not
// speak the article's language, is linked with a confidence of at most 55, unless the language has
// a name of its own for it ("Straatsburg"). Below 100,000 (50), or
// where its name begins with an article of the language ("El Paso" in Spanish), it is not linked at
// all: after a place cue it is a place that we do not know.
// A city much larger (15 points) than the next of that name needs no lead. Behind a river, street
// or the like ("río Manzanares", "rue de Rennes") a city's name is not the city.
// A common word ("Nice", "Best", "Turkey") needs a capital inside a sentence, and a place cue or
// its country or the same entity elsewhere in the article; a country's name only the capital, or at
// the begin of a sentence another place joined to it ("Polen en Hongarije"). A
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
