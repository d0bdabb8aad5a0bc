// The curated tables: our own dictionary as tab-separated text that an editor can change.
//
// UTF-8, one row a line, columns parted by tabs, `#` opens a comment line, `-` is an empty column,
// trailing empty columns may be left out. Lists are parted by `|`.
//
//   people.tsv                 uri  name  aliases  offices
//   organisations.tsv          key  uri  name  aliases  kind  country
//   places.tsv                 uri  key  name  aliases  demonyms  kind  country (of a region)
//   titles.tsv                 lang  title  offices (parted by commas, or -)
//   common_words.tsv           lang  word
//   first_names.tsv            name  gender  langs
//   organisation_suffixes.tsv  lang  word
//   cue_words.tsv              lang  class  words (see WordClass; class `head`: compound heads)
//
// An alias is `text[@lang[,lang]]` with `!` (also a common word: needs evidence) and `^` (an
// acronym: case matters) at its begin or end; without @lang it is good in every language. In
// people.tsv `surname=Poetin@nl` marks a bare surname. An office is `office:SCOPE:from..until`,
// where SCOPE is an ISO 3166-1 alpha-2 code, or the key of a place or organisation, and dates are
// YYYY[-MM[-DD]]. Ids: `wd:Q212` is http://www.wikidata.org/entity/Q212, `gn:2988507`
// https://sws.geonames.org/2988507/.
//
// Errors: what is malformed is refused with "file:line:column: message"; parsing goes on, so that
// one run names everything. At most kRefusalsMax are kept.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "process/knowledge/pack_format.h"
#include "schemas/annotations.h"

namespace telex {

class Refusals {
 public:
  static constexpr std::size_t kRefusalsMax = 200;
  void add(std::string_view file, std::size_t line, std::size_t column, std::string_view message);
  bool empty() const { return rows_.empty(); }
  std::vector<std::string> take() { return std::move(rows_); }

 private:
  std::vector<std::string> rows_;
};

struct AliasSpec {
  std::string text;
  LanguageMask languages = kAnyLanguage;
  AliasClass alias_class = AliasClass::name;
  bool exact = false;
  bool needs_evidence = false;
};

struct OfficeSpec {
  std::string office;
  std::string scope;
  std::string term;  // "2024-07-02..", as given.
  std::int32_t from_day = OfficeRow::kOpenBegin;
  std::int32_t until_day = OfficeRow::kOpenEnd;
};

struct EntitySpec {
  std::string key;  // What offices and other tables call it; unique where not empty.
  std::string uri;
  std::string name;
  std::string kind;
  std::string country;  // Alpha-2, or empty.
  EntityType type = EntityType::place;
  PlaceKind place = PlaceKind::none;
  std::uint64_t population = 0;
  bool curated = true;
  std::string file;  // Where it was read, for refusals.
  std::size_t line = 0;
  std::vector<AliasSpec> aliases;
  std::vector<OfficeSpec> offices;
};

struct TitleSpec {
  std::string title;
  LanguageMask languages = kAnyLanguage;
  std::vector<std::string> offices;
};

struct WordSpec {
  std::string word;
  WordClass word_class = WordClass::common;
  LanguageMask languages = kAnyLanguage;
};

struct CueSpec {
  std::string word;
  LanguageMask languages = kAnyLanguage;
};

// Everything the tables say.
struct CuratedTables {
  std::vector<EntitySpec> entities;  // People, then organisations, then places, in file order.
  std::vector<TitleSpec> titles;
  std::vector<WordSpec> words;
  std::vector<CueSpec> organisation_cues;
  std::vector<CueSpec> compound_heads;
};

// Each appends what `text` says to `out` and what is wrong to `refusals`.
void read_people(std::string_view text, CuratedTables& out, Refusals& refusals);
void read_organisations(std::string_view text, CuratedTables& out, Refusals& refusals);
void read_places(std::string_view text, CuratedTables& out, Refusals& refusals);
void read_titles(std::string_view text, CuratedTables& out, Refusals& refusals);
void read_common_words(std::string_view text, CuratedTables& out, Refusals& refusals);
void read_first_names(std::string_view text, CuratedTables& out, Refusals& refusals);
void read_organisation_suffixes(std::string_view text, CuratedTables& out, Refusals& refusals);
void read_cue_words(std::string_view text, CuratedTables& out, Refusals& refusals);

// Whether a demonym is an adjective rather than an inhabitant, by its spelling. Where it is lower
// case it is an adjective (German, French, Spanish spell them so). Else by language:
//   nl  ends in -e, -ees, -isch, or in -s but not -ers or -us ("Oekraïense", "Brits"; but
//       "Oekraïners", "Rus"; "Iers" and "Zwitsers" are adjectives)
//   de  ends in -isch or -sch and an ending
//   en  not a plural in -s, not -man, -men, -woman, -women ("British"; but "Ukrainians")
//   fr, es  capitalised forms are inhabitants
bool is_adjective(std::string_view demonym, LanguageMask languages);

// Days since 1970-01-01 of the first or last day of "YYYY[-MM[-DD]]"; false if it is no date.
bool parse_day(std::string_view text, bool last_day, std::int32_t& day);

}  // namespace telex
