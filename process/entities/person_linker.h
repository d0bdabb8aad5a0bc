// People: full names, surnames after an office, bare surnames.
//
// A title before a name ("premier", with "Britse" or "van Oekraïne" or "NAVO-" saying of what)
// picks the bearer of the surname who held that office when the article was published. Which office
// of which country:
//   1. what the text says: an adjective or a genitive before the title, an organisation or country
//      joined to it, "of" and a place after the title or after the name;
//   2. otherwise any country, if only one bearer of the surname held such an office then;
//   3. of several, the one of the countries of the article's language; else no one.
// Whoever held it before counts too, and with "oud-", "ex-", "former" only those; who will hold it
// later never does. Without a date, who holds it in the newest state of the pack.
// A title that stands for offices none of which fits makes an unknown person of the surname; one
// that stands for none ("mevrouw", "politicus") leaves it a bare surname. A bare surname joins the
// only person of that surname in the article (earlier ones first), else the pack's only bearer who
// held any office at the time, else it is left alone.
#pragma once

#include "process/entities/offices.h"

namespace telex {

void link_full_names(const LinkContext& context);
void link_by_office(const LinkContext& context);
void link_bare_surnames(const LinkContext& context);

}  // namespace telex
