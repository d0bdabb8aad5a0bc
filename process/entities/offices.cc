#include "process/entities/offices.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>
#include <utility>

namespace telex {
namespace {

// The country, region or organisation that a match names, or (with `adjective`) is the adjective
// of. Cities are left out: "In Kyiv volgt president Zelensky" does not say what he presides over.
std::uint32_t scope_of(const LinkContext& context, std::uint32_t token, bool adjective_only) {
  const std::uint32_t index = context.matcher.match_at(token);
  if (index == kNone) return kNone;
  const Match& match = context.matcher.matches()[index];
  const KnowledgePack& pack = context.text.pack();
  std::uint32_t best = kNone;
  for (std::uint32_t i = match.readings.first; i < match.readings.last(); ++i) {
    const AliasRow& alias = pack.aliases()[context.matcher.readings()[i]];
    const EntityRow& row = pack.entities()[alias.entity];
    if (row.type == static_cast<std::uint8_t>(EntityType::person) || row.place == PlaceKind::city ||
        (adjective_only && alias.alias_class < AliasClass::demonym)) {
      continue;
    }
    if (best == kNone || row.prior > pack.entities()[best].prior) best = alias.entity;
  }
  return best;
}

// A scope before the title at `title`: "Britse premier", "NAVO-baas", "Ukraine's president". Only
// an adjective may stand a small word away ("Nederlandse demissionair premier"); of a name that far
// away ("de VVD van premier Rutte") nothing follows.
void look_before_title(const LinkContext& context, std::uint32_t title, TitleContext& out) {
  std::uint32_t token = context.text.before(title);
  bool adjacent = true;
  for (int steps = 0; steps < 3 && token != kNone; ++steps) {
    if (context.text.is(token, WordClass::former)) {
      out.former = true;
    } else if (context.text.has(token, TokenShape::kApostrophe) && adjacent) {
      // The s of a genitive: what it belongs to comes next.
    } else if (const std::uint32_t scope = scope_of(context, token, !adjacent); scope != kNone) {
      if (out.scope == kNone) out.scope = scope;
      adjacent = false;
    } else if (!adjacent || context.text.capital(token) ||
               !context.text.has(token, TokenShape::kWord)) {
      return;
    } else {
      adjacent = false;
    }
    token = context.text.before(token);
  }
}

// "van de VS", "of France" from `token` on; answers the scope or kNone.
std::uint32_t scope_after(const LinkContext& context, std::uint32_t token) {
  if (token == kNone || !context.text.is(token, WordClass::of)) return kNone;
  token = context.text.after(token);
  if (token != kNone && context.matcher.match_at(token) == kNone &&
      context.text.is(token, WordClass::article)) {
    token = context.text.after(token);
  }
  return token == kNone ? kNone : scope_of(context, token, false);
}

// "president of France Macron": steps back over the scope, an article and the `of`.
std::uint32_t title_behind_scope(const LinkContext& context, std::uint32_t token,
                                 std::uint32_t& scope) {
  if (token != kNone && context.text.surface(token) == ",") token = context.text.before(token);
  if (token == kNone) return kNone;
  scope = scope_of(context, token, false);
  if (scope == kNone) return kNone;
  token = context.text.before(context.matcher.matches()[context.matcher.match_at(token)].first);
  if (token != kNone && context.text.is(token, WordClass::article) &&
      !context.text.is(token, WordClass::of)) {
    token = context.text.before(token);
  }
  if (token == kNone || !context.text.is(token, WordClass::of)) return kNone;
  token = context.text.before(token);
  return token == kNone ? kNone : context.matcher.title_at(token);
}

}  // namespace

OfficeChoice best_office(const LinkContext& context, std::uint32_t person,
                         const TitleContext& title) {
  const KnowledgePack& pack = context.text.pack();
  const auto keys = pack.offices_of_title(context.matcher.titles()[title.cue].row);
  OfficeChoice best;
  for (const OfficeRow& office : pack.offices_of(person)) {
    if (std::find(keys.begin(), keys.end(), office.office) == keys.end()) continue;
    if (title.scope != kNone && office.scope != title.scope) continue;
    const PublicationPeriod& period = context.period;
    const bool begun = period.known ? office.from_day <= period.last_day : true;
    const bool over = period.known ? office.until_day < period.first_day
                                   : office.until_day != OfficeRow::kOpenEnd;
    if (!begun) continue;
    const bool may_be_over = office.until_day != OfficeRow::kOpenEnd;
    if (title.former && !(over || (may_be_over && office.until_day <= period.last_day))) continue;
    const OfficeFit fit = over && !title.former ? OfficeFit::before : OfficeFit::now;
    if (fit < best.fit) continue;
    best.fit = fit;  // Of equal ones the latest: offices are in order of their begin.
    best.office = &office;
    best.home = office.scope != kNone &&
                home_country(context.text.language(), pack.entities()[office.scope].country);
  }
  return best;
}

const OfficeRow* office_held(const LinkContext& context, std::uint32_t person) {
  for (const OfficeRow& office : context.text.pack().offices_of(person)) {
    const bool held = context.period.known ? office.from_day <= context.period.last_day &&
                                                 office.until_day >= context.period.first_day
                                           : office.until_day == OfficeRow::kOpenEnd;
    if (held) return &office;
  }
  return nullptr;
}

PublicationPeriod PublicationPeriod::of(const EventTime& time) {
  constexpr std::int64_t kDayMillis = 86'400'000;
  PublicationPeriod period;
  if (time.precision == DatePrecision::none) return period;
  std::int64_t day = time.unix_millis / kDayMillis;
  if (time.unix_millis % kDayMillis < 0) --day;
  constexpr std::int64_t kDaysMax = 4'000'000;  // Some eleven thousand years either way.
  if (day < -kDaysMax || day > kDaysMax) return period;
  using std::chrono::days;
  const std::chrono::sys_days begin{days{day}};
  const std::chrono::year_month_day date{begin};
  std::chrono::sys_days end = begin;
  if (time.precision == DatePrecision::year) {
    end = date.year() / std::chrono::December / std::chrono::last;
  } else if (time.precision == DatePrecision::month) {
    end = date.year() / date.month() / std::chrono::last;
  }
  period.known = true;
  period.first_day = static_cast<std::int32_t>(day);
  period.last_day = static_cast<std::int32_t>(end.time_since_epoch().count());
  return period;
}

bool home_country(LanguageMask language, std::uint16_t country) {
  constexpr std::array<std::pair<LanguageMask, std::string_view>, 9> kHomes{{
      {kDutch, "NL"},
      {kDutch, "BE"},
      {kGerman, "DE"},
      {kGerman, "AT"},
      {kGerman, "CH"},
      {kFrench, "FR"},
      {kFrench, "BE"},
      {kFrench, "CH"},
      {kSpanish, "ES"},
  }};
  return std::any_of(kHomes.begin(), kHomes.end(), [&](const auto& home) {
    return home.first == language && country_code(home.second) == country;
  });
}

bool spoken_in(LanguageMask language, std::uint16_t country) {
  constexpr std::array<std::pair<LanguageMask, std::string_view>, 5> kSpoken{{
      {kDutch, "NL BE SR"},
      {kEnglish, "GB US IE CA AU NZ"},
      {kGerman, "DE AT CH LI LU"},
      {kFrench, "FR BE CH LU MC CA"},
      {kSpanish, "ES MX AR CO CL PE VE EC BO PY UY CU DO GT HN SV NI CR PA PR"},
  }};
  if (language == 0) return true;
  for (const auto& [spoken, countries] : kSpoken) {
    if (spoken != language) continue;
    for (std::size_t i = 0; i + 2 <= countries.size(); i += 3) {
      if (country_code(countries.substr(i, 2)) == country) return true;
    }
  }
  return false;
}

TitleContext title_before(const LinkContext& context, std::uint32_t first, std::uint32_t last) {
  TitleContext out;
  const std::uint32_t before = context.text.before(first);
  if (before == kNone) return out;
  out.cue = context.matcher.title_at(before);
  if (out.cue == kNone) out.cue = title_behind_scope(context, before, out.scope);
  if (out.cue == kNone) {
    out.scope = kNone;
    return out;
  }
  const Cue& cue = context.matcher.titles()[out.cue];
  out.former = context.text.is(cue.first, WordClass::former);
  out.honorific = context.text.is(cue.first, WordClass::honorific) ||
                  context.text.pack().offices_of_title(cue.row).empty();
  const bool scoped_behind = out.scope != kNone;
  if (!scoped_behind) {
    // "NAVO-chef" listed as one title still says of what: its first word is a name by itself.
    out.scope = scope_of(context, cue.first, false);
    look_before_title(context, cue.first, out);
    if (out.scope == kNone) out.scope = scope_after(context, context.text.after(last - 1));
  } else {
    TitleContext earlier;
    look_before_title(context, cue.first, earlier);
    out.former = out.former || earlier.former;
  }
  return out;
}

}  // namespace telex
