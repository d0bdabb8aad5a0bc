#include "process/knowledge/curated_tables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace telex {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

CuratedTables people(std::string_view text, std::vector<std::string>* refused = nullptr) {
  CuratedTables tables;
  Refusals refusals;
  read_people(text, tables, refusals);
  if (refused != nullptr) {
    *refused = refusals.take();
  } else {
    EXPECT_THAT(refusals.take(), ElementsAre());
  }
  return tables;
}

TEST(CuratedTables, APersonHasAliasesSurnamesAndOffices) {
  const CuratedTables tables = people(
      "# comment\r\n"
      "wd:Q7747\tVladimir Putin\tVladimir Poetin@nl|surname=Poetin@nl|surname=Putin@en,de\t"
      "president:RU:2000-05..2008-05-07|president:RU:2012-05-07..\r\n");
  ASSERT_EQ(tables.entities.size(), 1U);
  const EntitySpec& person = tables.entities[0];
  EXPECT_EQ(person.uri, "http://www.wikidata.org/entity/Q7747");
  ASSERT_EQ(person.aliases.size(), 3U);
  EXPECT_EQ(person.aliases[0].languages, kDutch);
  EXPECT_EQ(person.aliases[0].alias_class, AliasClass::name);
  EXPECT_EQ(person.aliases[2].text, "Putin");
  EXPECT_EQ(person.aliases[2].alias_class, AliasClass::surname);
  EXPECT_EQ(person.aliases[2].languages, kEnglish | kGerman);
  ASSERT_EQ(person.offices.size(), 2U);
  EXPECT_EQ(person.offices[0].office, "president");
  EXPECT_EQ(person.offices[0].scope, "RU");
  EXPECT_EQ(person.offices[1].until_day, OfficeRow::kOpenEnd);
}

TEST(CuratedTables, MarksStandBeforeOrAfterTheLanguage) {
  const CuratedTables tables =
      people("-\tX\tMay!@en|May@en!|!May@en|US^@en|^US|surname=Vos@nl!|Plain\n");
  const std::vector<AliasSpec>& aliases = tables.entities[0].aliases;
  ASSERT_EQ(aliases.size(), 7U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_TRUE(aliases[i].needs_evidence && !aliases[i].exact) << i;
    EXPECT_EQ(aliases[i].text, "May") << i;
  }
  EXPECT_TRUE(aliases[3].exact && aliases[4].exact);
  EXPECT_EQ(aliases[4].languages, kAnyLanguage);
  EXPECT_TRUE(aliases[5].needs_evidence);
  EXPECT_EQ(aliases[5].text, "Vos");
  EXPECT_FALSE(aliases[6].exact || aliases[6].needs_evidence);
}

TEST(CuratedTables, MalformedRowsAreRefusedWithFileLineAndColumn) {
  std::vector<std::string> refused;
  people(
      "wd:212\tName\n"
      "-\tName\tAlias@xx\n"
      "-\tName\t-\tpresident:RU\n"
      "-\tName\t-\tpresident:RU:2012-13..\n"
      "-\tName\t-\tpresident:RU:2013..2012\n"
      "-\tName\t-\t-\textra\n"
      "only one column\n"
      "-\t\t\n"
      "-\tName\ta||b\n",
      &refused);
  EXPECT_THAT(
      refused,
      ElementsAre(HasSubstr("people.tsv:1:1: 'wd:212' is no id"),
                  HasSubstr("people.tsv:2:14: no language: 'xx'"),
                  HasSubstr("people.tsv:3:10: 'president:RU' is no office"),
                  HasSubstr("people.tsv:4:23: '2012-13' is no date"),
                  HasSubstr("people.tsv:5:23: a term ends before it begins"),
                  HasSubstr("people.tsv:6:1: 5 columns"), HasSubstr("people.tsv:7:1: 1 columns"),
                  HasSubstr("people.tsv:8:3: no name"), HasSubstr("people.tsv:9:10: an alias")));
}

TEST(CuratedTables, InvalidUtf8IsRefused) {
  std::vector<std::string> refused;
  people("-\tNam\xC3\n", &refused);
  EXPECT_THAT(refused, ElementsAre(HasSubstr("people.tsv:1:6: not UTF-8")));
}

TEST(CuratedTables, RefusalsAreBounded) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "bad\n";
  std::vector<std::string> refused;
  people(text, &refused);
  EXPECT_EQ(refused.size(), Refusals::kRefusalsMax + 1);
}

TEST(CuratedTables, ACityKeepsItsGeoNamesId) {
  CuratedTables tables;
  Refusals refusals;
  read_places("wd:Q90\tgn:2988507\tParis\tParijs@nl\tParijse@nl\tcity\n", tables, refusals);
  ASSERT_EQ(tables.entities.size(), 1U);
  EXPECT_EQ(tables.entities[0].uri, "https://sws.geonames.org/2988507/");
  EXPECT_EQ(tables.entities[0].place, PlaceKind::city);
}

TEST(CuratedTables, CueWordsOfAnUnknownClassAreRefused) {
  CuratedTables tables;
  Refusals refusals;
  read_cue_words("nl\thead\toorlog|crisis\nnl\tnonsense\tx\n", tables, refusals);
  EXPECT_EQ(tables.compound_heads.size(), 2U);
  EXPECT_THAT(refusals.take(), ElementsAre(HasSubstr("cue_words.tsv:2:4")));
}

struct DemonymCase {
  const char* text;
  LanguageMask language;
  bool adjective;
};

TEST(CuratedTables, DemonymsAreAdjectivesOrInhabitantsByTheirSpelling) {
  constexpr DemonymCase kCases[] = {
      {"Oekraïense", kDutch, true},   {"Oekraïens", kDutch, true},
      {"Russisch", kDutch, true},     {"Brits", kDutch, true},
      {"Chinees", kDutch, true},      {"Iers", kDutch, true},
      {"Oekraïners", kDutch, false},  {"Russen", kDutch, false},
      {"Rus", kDutch, false},         {"Fransman", kDutch, false},
      {"Irakezen", kDutch, false},    {"Ukrainian", kEnglish, true},
      {"British", kEnglish, true},    {"Swiss", kEnglish, true},
      {"German", kEnglish, true},     {"Ukrainians", kEnglish, false},
      {"Frenchman", kEnglish, false}, {"ukrainische", kGerman, true},
      {"Ukrainische", kGerman, true}, {"Ukrainer", kGerman, false},
      {"français", kFrench, true},    {"Français", kFrench, false},
      {"Équatorien", kFrench, false}, {"español", kSpanish, true},
  };
  for (const DemonymCase& row : kCases) {
    EXPECT_EQ(is_adjective(row.text, row.language), row.adjective) << row.text;
  }
}

TEST(CuratedTables, DaysAreCountedFromFirstOrLastDay) {
  std::int32_t day = 0;
  EXPECT_TRUE(parse_day("1970-01-02", false, day) && day == 1);
  EXPECT_TRUE(parse_day("1970-01", true, day) && day == 30);
  EXPECT_TRUE(parse_day("1970", true, day) && day == 364);
  EXPECT_TRUE(parse_day("2024-02", true, day));
  std::int32_t leap = 0;
  EXPECT_TRUE(parse_day("2024-02-29", false, leap) && leap == day);
  for (const char* bad : {"", "197", "1970-13", "1970-02-30", "1970/01", "19700101", "1970-1-1"}) {
    EXPECT_FALSE(parse_day(bad, false, day)) << bad;
  }
}

}  // namespace
}  // namespace telex
