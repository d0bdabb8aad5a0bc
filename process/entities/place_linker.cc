#include "process/entities/place_linker.h"

#include <algorithm>

#include "process/entities/surroundings.h"

namespace telex {
namespace {

constexpr int kMarginMin = 5;
constexpr int kCountryPoints = 15;
constexpr int kHomePoints = 8;
constexpr int kPriorNoSupport = 60;    // A million inhabitants.
constexpr int kMuchLarger = 15;        // Thirty times as many.
constexpr int kPriorSomeSupport = 50;  // 100,000.
constexpr int kAcronymBytesMax = 6;

constexpr Confidence kCountry{99, 99};
constexpr Confidence kContinent{98, 97};
constexpr Confidence kOrganisation{98, 98};
constexpr Confidence kCuratedPlace{97, 95};
constexpr Confidence kAdjective{97, 90};
constexpr int kCityType = 82;
constexpr int kCityLink = 58;
constexpr int kPerSupport = 6;
constexpr int kLargeCity = 8;
constexpr int kMarginCounted = 24;  // A lead above this adds nothing.
constexpr int kCommonWordPenalty = 12;
constexpr int kForeignPenalty = 12;
constexpr int kConfidenceMax = 98;
constexpr int kUnsupportedLinkMax = 55;
constexpr Confidence kUnknownPlace{80, 0};

struct Choice {
  std::uint32_t alias = kNone;
  std::uint32_t entity = kNone;
  std::uint32_t runner_up = kNone;
  int points = -1;
  int points_next = -1;
  int margin() const { return points_next < 0 ? kScoreMax : points - points_next; }
};

int points_of(const LinkContext& context, const EntityRow& entity) {
  int points = entity.prior;
  if (entity.place == PlaceKind::city || entity.place == PlaceKind::region) {
    if (context.links.names_country(entity.country)) points += kCountryPoints;
    if (home_country(context.text.language(), entity.country)) points += kHomePoints;
  }
  return points;
}

// The best reading by points among names (or among demonyms), people left out.
Choice choose(const LinkContext& context, const Match& match, bool demonyms) {
  Choice choice;
  const KnowledgePack& pack = context.text.pack();
  for (std::uint32_t i = match.readings.first; i < match.readings.last(); ++i) {
    const std::uint32_t row = context.matcher.readings()[i];
    const AliasRow& alias = pack.aliases()[row];
    const EntityRow& entity = pack.entities()[alias.entity];
    if (entity.type == static_cast<std::uint8_t>(EntityType::person) ||
        (alias.alias_class >= AliasClass::demonym) != demonyms) {
      continue;
    }
    const int points = points_of(context, entity);
    if (alias.entity == choice.entity) continue;
    if (points > choice.points) {
      choice.points_next = choice.points;
      choice.runner_up = choice.entity;
      choice.points = points;
      choice.entity = alias.entity;
      choice.alias = row;
    } else if (points > choice.points_next) {
      choice.points_next = points;
      choice.runner_up = alias.entity;
    }
  }
  return choice;
}

NameRole role_of(const EntityRow& entity) {
  if (entity.type != static_cast<std::uint8_t>(EntityType::place)) return NameRole::organisation;
  const bool large = entity.place == PlaceKind::country || entity.place == PlaceKind::continent;
  return large ? NameRole::country : NameRole::city;
}

// "het Zweedse Lund": the adjective of a country right before the name; its country, or 0.
std::uint16_t adjective_country(const LinkContext& context, std::uint32_t first) {
  const std::uint32_t before = context.text.before(first);
  const std::uint32_t index = before == kNone ? kNone : context.matcher.match_at(before);
  if (index == kNone || !context.matcher.matches()[index].is(Match::kDemonym)) return 0;
  const Choice adjective = choose(context, context.matcher.matches()[index], true);
  if (adjective.entity == kNone) return 0;
  const EntityRow& country = context.text.pack().entities()[adjective.entity];
  return country.place == PlaceKind::country ? country.country : std::uint16_t{0};
}

// Whether a country, region or larger city that is no common word stands at `token`; of `country`
// alone, unless that is 0.
bool known_place_at(const LinkContext& context, std::uint32_t token, std::uint16_t country) {
  const std::uint32_t index = token == kNone ? kNone : context.matcher.match_at(token);
  if (index == kNone) return false;
  const Choice choice = choose(context, context.matcher.matches()[index], false);
  if (choice.entity == kNone) return false;
  const KnowledgePack& pack = context.text.pack();
  const EntityRow& entity = pack.entities()[choice.entity];
  const AliasRow& alias = pack.aliases()[choice.alias];
  if (entity.type != static_cast<std::uint8_t>(EntityType::place)) return false;
  if (country != 0 && entity.country != country) return false;
  if (context.links.has(choice.entity)) return true;
  const bool common =
      (alias.flags & AliasRow::kNeedsEvidence) != 0 || context.text.speaks(alias.common);
  return !common &&
         ((entity.flags & EntityRow::kCurated) != 0 || entity.prior >= kPriorSomeSupport);
}

// "Eindhoven en Venlo", "Berlijn, Dresden en Parijs": joined by a word to a known place, or by
// commas to one on either side. What is smaller needs one of its own country, see known_place_at().
bool joined_to_place(const LinkContext& context, const Match& match, const EntityRow& entity) {
  const std::uint16_t country =
      entity.prior < kPriorSomeSupport ? entity.country : std::uint16_t{0};
  const ArticleText& text = context.text;
  const std::uint32_t after = text.after(match.last() - 1);
  const std::uint32_t before = text.before(match.first);
  const bool place_after = after != kNone && known_place_at(context, text.after(after), country);
  const bool place_before =
      before != kNone && known_place_at(context, text.before(before), country);
  if (place_after && text.is(after, WordClass::join)) return true;
  if (place_before && text.is(before, WordClass::join)) return true;
  const auto parts = [&](std::uint32_t token) {
    return text.surface(token) == "," || text.is(token, WordClass::join);
  };
  return place_before && after != kNone && text.surface(before) == "," && parts(after) &&
         (place_after || text.is(after, WordClass::join));
}

// "río Manzanares", "rue de Rennes", "Camino de Santiago".
bool part_of_feature(const LinkContext& context, const Match& match) {
  const ArticleText& text = context.text;
  std::uint32_t token = text.before(match.first);
  if (token == kNone || text.is(token, WordClass::feature)) return token != kNone;
  if (text.is(token, WordClass::article)) token = text.before(token);
  if (token == kNone || !text.is(token, WordClass::of)) return false;
  return text.is(text.before(token), WordClass::feature);
}

int support_of(const LinkContext& context, const Match& match, const EntityRow& entity,
               const Surroundings& around) {
  const bool adjective =
      entity.country != 0 && adjective_country(context, match.first) == entity.country;
  int support = around.place_cue != nullptr || adjective ? 2 : 0;
  if (context.links.speaks_of_country(entity.country)) ++support;
  if (home_country(context.text.language(), entity.country)) ++support;
  if (joined_to_place(context, match, entity)) ++support;
  return support;
}

// Whether nothing in the article or its language says that it would mean that country.
bool country_out_of_the_blue(const LinkContext& context, const EntityRow& entity,
                             const AliasRow& alias) {
  const bool exonym = (alias.languages & kAnyLanguage) == 0;  // "Straatsburg": said in Dutch alone.
  return !exonym && !context.links.speaks_of_country(entity.country) &&
         !spoken_in(context.text.language(), entity.country);
}

int support_needed(const LinkContext& context, const EntityRow& entity, const AliasRow& alias) {
  if ((entity.flags & EntityRow::kCurated) != 0 || entity.prior >= kPriorNoSupport) return 0;
  const int needed = entity.prior >= kPriorSomeSupport && !context.text.german() ? 1 : 2;
  return alias.token_count > 1 ? needed - 1 : needed;
}

// Whether a name that is also a common word is a name here.
bool common_word_allowed(const LinkContext& context, const Choice& choice,
                         const Surroundings& around, NameRole role, const Match& match) {
  const bool particle = context.text.is(match.first, WordClass::particle);
  const EntityRow& entity = context.text.pack().entities()[choice.entity];
  if (context.links.has(choice.entity) && !around.capital_weak) return true;
  if (around.capital_weak) {  // "Polen en Hongarije" opens a sentence.
    return role == NameRole::country && !context.text.capitals_tell_nothing(match.first) &&
           joined_to_place(context, match, entity);
  }
  if (role == NameRole::country) return true;
  if (role != NameRole::city) return false;
  if (context.links.names_country(entity.country) && !context.text.german()) return true;
  return around.place_cue != nullptr && !particle;  // "naar Van der Valk" is not to Van, Turkey.
}

MentionForm form_of(const LinkContext& context, const Match& match, const AliasRow& alias,
                    const Surroundings& around) {
  if (around.compound) return MentionForm::compound;
  const bool exact = (alias.flags & AliasRow::kExact) != 0;
  const bool capitals =
      match.count == 1 && context.text.has(match.first, TokenShape::kAllCapitals) &&
      match.byte_end - context.text.tokens().begin[match.first] <= kAcronymBytesMax &&
      !context.text.all_capitals(match.first);
  return exact || capitals ? MentionForm::acronym : MentionForm::name;
}

// "het Franse ministerie van Defensie" is not the ministry that the dictionary has under that name.
bool of_another_country(const LinkContext& context, const Match& match, const EntityRow& entity) {
  if (entity.country == 0) return false;
  const std::uint32_t before = context.text.before(match.first);
  const std::uint32_t index = before == kNone ? kNone : context.matcher.match_at(before);
  if (index == kNone) return false;
  const Choice adjective = choose(context, context.matcher.matches()[index], true);
  if (adjective.entity == kNone) return false;
  const EntityRow& country = context.text.pack().entities()[adjective.entity];
  return country.place == PlaceKind::country && country.country != entity.country;
}

Score score(int points) { return static_cast<Score>(std::clamp(points, 1, kConfidenceMax)); }

Confidence confidence_of(const EntityRow& entity, const Choice& choice, int support, bool common,
                         bool foreign) {
  Confidence confidence = kCuratedPlace;
  if (entity.place == PlaceKind::country) confidence = kCountry;
  if (entity.place == PlaceKind::continent) confidence = kContinent;
  if (entity.type != static_cast<std::uint8_t>(EntityType::place)) confidence = kOrganisation;
  if (entity.place == PlaceKind::city) {
    const int large = entity.prior >= kPriorNoSupport ? kLargeCity : 0;
    confidence.type = score(kCityType + kPerSupport * support + large);
    confidence.link = score(kCityLink + std::min(choice.margin(), kMarginCounted) +
                            kPerSupport * std::min(support, 2) + large);
  }
  const int penalty = (common ? kCommonWordPenalty : 0);
  if (penalty > 0) confidence.type = score(confidence.type - penalty);
  const int link_penalty = penalty + (foreign ? kForeignPenalty : 0);
  if (link_penalty > 0) confidence.link = score(confidence.link - link_penalty);
  return confidence;
}

Draft draft_of(const Match& match, std::uint32_t local, MentionForm form) {
  Draft draft;
  draft.first = match.first;
  draft.count = match.count;
  draft.byte_end = match.byte_end;
  draft.local = local;
  draft.form = form;
  return draft;
}

// A city much larger than the next need not lead by more than nothing: the country that the
// article names may have a small one of the same name ("Rome", Georgia).
bool leads(const LinkContext& context, const Choice& choice) {
  if (choice.margin() >= kMarginMin) return true;
  if (choice.runner_up == kNone || choice.margin() < 0) return false;
  const auto& entities = context.text.pack().entities();
  return entities[choice.entity].prior >= entities[choice.runner_up].prior + kMuchLarger;
}

// A place by its cue, but which one is not known.
void add_unknown_place(const LinkContext& context, const Match& match, const Surroundings& around) {
  const std::uint64_t hash = context.text.tokens().hash[match.last() - 1];
  const std::uint32_t local = context.links.unknown(EntityType::place, hash, 0);
  const std::string_view cue = context.text.pack().text(around.place_cue->text);
  context.links.add(draft_of(match, local, MentionForm::name), kUnknownPlace,
                    {pack_evidence(EvidenceKind::context, cue, kUnknownPlace.type)});
}

// "El Paso" in Spanish is also just the pass.
bool begins_with_article(const LinkContext& context, const Match& match) {
  return match.count > 1 && context.text.is(match.first, WordClass::article);
}

void link_place(const LinkContext& context, const Match& match, PlacePass pass) {
  if (!match.is(Match::kPlaceOrOrganisation) || context.links.overflow ||
      context.links.taken(match.first, match.count)) {
    return;
  }
  const Choice choice = choose(context, match, false);
  if (choice.entity == kNone || !leads(context, choice)) return;
  const KnowledgePack& pack = context.text.pack();
  const EntityRow& entity = pack.entities()[choice.entity];
  const AliasRow& alias = pack.aliases()[choice.alias];
  const NameRole role = role_of(entity);
  const bool exact = (alias.flags & AliasRow::kExact) != 0;
  const Surroundings around = surroundings_of(context.text, context.matcher, match, role);
  if (around.blocked && !(exact || (role == NameRole::organisation && match.count > 1))) return;
  if (role == NameRole::organisation && of_another_country(context, match, entity)) return;
  if (pass == PlacePass::certain && role == NameRole::city && around.place_cue == nullptr &&
      match.is(Match::kFullName | Match::kSurname)) {
    return;
  }
  if (role == NameRole::city && around.place_cue == nullptr &&
      title_before(context, match.first, match.last()).cue != kNone) {
    return;  // "koningin Sofia"
  }
  const bool common =
      !exact && match.count == 1 &&
      ((alias.flags & AliasRow::kNeedsEvidence) != 0 || context.text.speaks(alias.common));
  if (common && !common_word_allowed(context, choice, around, role, match)) return;
  const bool city = entity.place == PlaceKind::city;
  if (city && part_of_feature(context, match)) return;
  const int support = role == NameRole::city ? support_of(context, match, entity, around) : 0;
  if (role == NameRole::city && support < support_needed(context, entity, alias) &&
      !(pass == PlacePass::remaining && context.links.has(choice.entity))) {
    return;
  }
  // Closed compounds and genitives of cities are words of their own more often than not.
  const bool weak_shape = match.shape != NameShape::plain;
  if (weak_shape && (entity.flags & EntityRow::kCurated) == 0 && entity.prior < kPriorNoSupport) {
    return;
  }
  const bool smaller =
      city && (entity.flags & EntityRow::kCurated) == 0 && entity.prior < kPriorNoSupport;
  const bool unsupported = smaller && country_out_of_the_blue(context, entity, alias);
  if (unsupported && (entity.prior < kPriorSomeSupport || begins_with_article(context, match))) {
    if (around.place_cue != nullptr && !common) add_unknown_place(context, match, around);
    return;
  }
  Confidence confidence = confidence_of(entity, choice, support, common, match.foreign);
  if (unsupported) confidence.link = score(std::min<int>(confidence.link, kUnsupportedLinkMax));
  const std::uint32_t local = context.links.local_of(pack, choice.entity);
  LocalEntity& kept = context.links.locals[local];
  std::string_view runner_up;
  if (choice.runner_up != kNone) {
    kept.runner_up = choice.runner_up;
    kept.margin = score(std::min(choice.margin(), 100));
    runner_up = pack.text(pack.entities()[choice.runner_up].name);
  }
  Evidence named = pack_evidence(EvidenceKind::alias, pack.text(alias.text), confidence.link,
                                 choice.runner_up == kNone ? kScoreMax : kept.margin, runner_up);
  Evidence compound;
  Evidence cue;
  Evidence capital;
  if (around.compound) {
    compound = pack_evidence(EvidenceKind::compound, pack.text(alias.text), confidence.link);
  }
  if (around.place_cue != nullptr && role == NameRole::city) {
    cue = pack_evidence(EvidenceKind::context, pack.text(around.place_cue->text),
                        static_cast<Score>(2 * kPerSupport));
  }
  if (common) {
    capital = pack_evidence(EvidenceKind::capital, {}, kPerSupport);
    capital.artefact = Artefact::article;
  }
  const MentionForm form = form_of(context, match, alias, around);
  context.links.add(draft_of(match, local, form), confidence, {named, compound, cue, capital});
}

void link_adjective(const LinkContext& context, const Match& match) {
  // A name by itself goes first.
  if (!match.is(Match::kDemonym) || match.is(Match::kPlaceOrOrganisation) ||
      context.links.taken(match.first, match.count)) {
    return;
  }
  const Choice choice = choose(context, match, true);
  if (choice.entity == kNone || choice.margin() < kMarginMin) return;
  const KnowledgePack& pack = context.text.pack();
  const AliasRow& alias = pack.aliases()[choice.alias];
  // In French a capital inside a sentence makes an inhabitant of the adjective (les Français).
  const bool inhabitant = context.text.language() == kFrench
                              ? context.text.capital(match.first) &&
                                    !context.text.has(match.first, TokenShape::kSentenceStart)
                              : alias.alias_class == AliasClass::demonym;
  const std::uint32_t local = context.links.local_of(pack, choice.entity);
  context.links.add(
      draft_of(match, local, inhabitant ? MentionForm::demonym : MentionForm::adjective),
      kAdjective, {pack_evidence(EvidenceKind::demonym, pack.text(alias.text), kAdjective.link)});
}

}  // namespace

void link_adjectives(const LinkContext& context) {
  for (const Match& match : context.matcher.matches()) link_adjective(context, match);
}

void link_places_and_organisations(const LinkContext& context, PlacePass pass) {
  for (const Match& match : context.matcher.matches()) link_place(context, match, pass);
}

}  // namespace telex
