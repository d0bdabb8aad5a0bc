// Names that are not in the dictionary, where the text itself says what they are.
//
//   people         a title or a first name, then capitalised words with particles between them
//                  ("woordvoerder Piet de Vries", "Ursula Janssens")
//   organisations  capitalised words with an organisation's cue at their end or begin
//                  ("Jansen Bouw BV", "Universiteit van Harderwijk")
// They have no id (NIL) and keep their parts from being linked to something else: "Jan Rutte" is
// not Mark Rutte. Rules are narrow on purpose: where capitals tell nothing (title case, all
// capitals) and, in German, after a title with one word behind it, nothing is asserted. A role
// without a name asserts no one.
//
// link_short_forms(): the surname of an unknown person, or an acronym that the article itself gives
// in brackets after an organisation, where they come again.
#pragma once

#include "process/entities/person_linker.h"

namespace telex {

void link_unknown_organisations(const LinkContext& context);
void link_unknown_people(const LinkContext& context);
void link_short_forms(const LinkContext& context);

// One person is one entity: an unknown one of a single word ("minister Hennis") joins the only
// person of the article with that surname, known or not, wherever the fuller name stands.
void join_lone_surnames(const LinkContext& context);

}  // namespace telex
