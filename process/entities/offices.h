// Offices: what a title before a name says, and who held which office when an article was
// published.
//
// Pure look-ups in a pack; nothing is linked here (see person_linker.h).
#pragma once

#include <cstdint>

#include "process/entities/article_text.h"
#include "process/entities/links.h"
#include "process/entities/name_matcher.h"
#include "schemas/article.h"

namespace telex {

// The days an article may have been published on; a month is all of its days.
struct PublicationPeriod {
  bool known = false;
  std::int32_t first_day = 0;
  std::int32_t last_day = 0;
  static PublicationPeriod of(const EventTime& time);
};

// What the linkers share while they work on one article.
struct LinkContext {
  ArticleText& text;
  const NameMatcher& matcher;
  Links& links;
  PublicationPeriod period;
};

// A title that stands before a name, and what its office is of.
struct TitleContext {
  std::uint32_t cue = kNone;    // Of NameMatcher::titles(); kNone = there is no title.
  std::uint32_t scope = kNone;  // Pack entity; kNone = the text does not say.
  bool former = false;
  bool honorific = false;  // Says nothing of an office: meneer, politicus.
};

// `first` and `last` are the tokens of the name.
TitleContext title_before(const LinkContext& context, std::uint32_t first, std::uint32_t last);

enum class OfficeFit : std::uint8_t { none, before, now };

struct OfficeChoice {
  OfficeFit fit = OfficeFit::none;
  bool home = false;
  const OfficeRow* office = nullptr;
};

// The office among those of the title that the person held at the time, or before (or, for former
// holders, no longer); the latest of several. REQUIRES: title.cue != kNone.
OfficeChoice best_office(const LinkContext& context, std::uint32_t person,
                         const TitleContext& title);

// An office that the person held when the article was published; null = none.
const OfficeRow* office_held(const LinkContext& context, std::uint32_t person);

// Whether the country counts as home to articles in that language, where a title or a city name is
// ambiguous. English is at home nowhere.
bool home_country(LanguageMask language, std::uint16_t country);

// Whether many people of the country speak that language, so that articles in it name its smaller
// cities without saying where they are. Every language, if it is unknown (0).
bool spoken_in(LanguageMask language, std::uint16_t country);

}  // namespace telex
