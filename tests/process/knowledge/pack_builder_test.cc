#include "process/knowledge/pack_builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "process/knowledge/pack.h"
#include "process/text/fold.h"

namespace telex {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

PackInputs small() {
  PackInputs inputs;
  inputs.version = "test";
  inputs.people = "wd:Q1\tMark Rutte\tsurname=Rutte\tprime_minister:NL:2010-10-14..2024-07-02\n";
  inputs.organisations = "NATO\twd:Q2\tNATO\tNAVO^@nl\talliance\t-\n";
  inputs.places =
      "wd:Q55\tNL\tNetherlands\tNederland@nl\tNederlandse@nl|Nederlanders@nl\tcountry\n"
      "-\tgn:2988507\tParis\tParijs@nl\t-\tcity\n";
  inputs.titles = "nl\tpremier\tprime_minister\n";
  inputs.common_words = "en\tNice\n";
  inputs.first_names = "Mark\tm\tnl,en\n";
  inputs.cue_words = "nl\tplace_cue\tin|naar\nnl\thead\toorlog\n";
  return inputs;
}

std::shared_ptr<const KnowledgePack> open(const PackInputs& inputs) {
  const PackBuild build = build_pack(inputs);
  for (const std::string& refusal : build.refusals) ADD_FAILURE() << refusal;
  std::string error;
  auto pack = KnowledgePack::from_bytes(build.bytes, error);
  EXPECT_NE(pack, nullptr) << error;
  return pack;
}

TEST(PackBuilder, SameInputsGiveTheSameBytes) {
  EXPECT_EQ(build_pack(small()).bytes, build_pack(small()).bytes);
  PackInputs other = small();
  other.version = "other";
  EXPECT_NE(build_pack(small()).bytes, build_pack(other).bytes);
}

TEST(PackBuilder, CountsWhatItTook) {
  const PackBuild build = build_pack(small());
  EXPECT_EQ(build.counts.people, 1U);
  EXPECT_EQ(build.counts.organisations, 1U);
  EXPECT_EQ(build.counts.countries, 1U);
  EXPECT_EQ(build.counts.cities, 1U);
  EXPECT_EQ(build.counts.offices, 1U);
}

TEST(PackBuilder, OfficesPointToTheirScopeAndAreRendered) {
  const auto pack = open(small());
  const auto person = pack->entity_by_uri("http://www.wikidata.org/entity/Q1");
  ASSERT_TRUE(person);
  const auto offices = pack->offices_of(*person);
  ASSERT_EQ(offices.size(), 1U);
  EXPECT_EQ(pack->text(offices[0].rendered), "prime_minister NL 2010-10-14..2024-07-02");
  EXPECT_EQ(offices[0].scope, pack->entity_by_uri("http://www.wikidata.org/entity/Q55"));
}

TEST(PackBuilder, CitiesOfGeoNamesJoinTheCuratedOnes) {
  PackInputs inputs = small();
  inputs.cities.push_back(
      {{2988507, "Paris", "FR", 2138551}, {{"París", kSpanish, AliasClass::name, false, false}}});
  inputs.cities.push_back({{4717560, "Paris", "US", 24782}, {}});
  const auto pack = open(inputs);
  EXPECT_EQ(build_pack(inputs).counts.cities, 2U);
  const auto paris = pack->entity_by_uri("https://sws.geonames.org/2988507/");
  const auto texas = pack->entity_by_uri("https://sws.geonames.org/4717560/");
  ASSERT_TRUE(paris && texas);
  EXPECT_EQ(pack->entities()[*paris].country, country_code("FR"));
  EXPECT_EQ(pack->entities()[*paris].prior, 75);
  EXPECT_EQ(pack->entities()[*texas].prior, 43);  // 10 * log10(24782) = 43.9
  EXPECT_TRUE((pack->entities()[*paris].flags & EntityRow::kCurated) != 0);
}

TEST(PackBuilder, CountriesOfIsoCodesJoinTheCuratedOnes) {
  PackInputs inputs = small();
  inputs.countries.push_back(
      {"NL", "Netherlands", {{"Niederlande", kGerman, AliasClass::name, false, false}}});
  inputs.countries.push_back(
      {"AW", "Aruba", {{"Aruba", kEnglish, AliasClass::name, false, false}}});
  const auto pack = open(inputs);
  EXPECT_EQ(build_pack(inputs).counts.countries, 2U);
  IndexRange values;
  ASSERT_TRUE(pack->phrases().word(folded_hash("Niederlande"), values));
  const AliasRow& alias = pack->aliases()[phrase_row(pack->phrases().value(values.first))];
  EXPECT_EQ(pack->text(pack->entities()[alias.entity].uri), "http://www.wikidata.org/entity/Q55");
}

TEST(PackBuilder, WordsKnowTheirClassesAndLanguages) {
  const auto pack = open(small());
  const WordRow* mark = pack->word(folded_hash("mark"));
  ASSERT_NE(mark, nullptr);
  EXPECT_EQ(mark->classes[static_cast<std::size_t>(WordClass::first_name)], kDutch | kEnglish);
  ASSERT_NE(pack->word(folded_hash("naar")), nullptr);
  EXPECT_EQ(pack->word(folded_hash("absent")), nullptr);
}

TEST(PackBuilder, OneIdForTwoNamesIsRefused) {
  PackInputs inputs = small();
  inputs.people += "wd:Q2\tSomeone Else\n";
  const PackBuild build = build_pack(inputs);
  EXPECT_TRUE(build.bytes.empty());
  EXPECT_THAT(build.refusals, Contains(HasSubstr("http://www.wikidata.org/entity/Q2")));
}

TEST(PackBuilder, AKeyUsedTwiceIsRefused) {
  PackInputs inputs = small();
  inputs.organisations += "NL\t-\tNL Bank\n";
  EXPECT_THAT(build_pack(inputs).refusals, Contains(HasSubstr("key 'NL' is taken")));
}

TEST(PackBuilder, AnOfficeOfNoKnownScopeIsRefused) {
  PackInputs inputs = small();
  inputs.people += "-\tA B\t-\tpresident:ZZ:2012..\n";
  EXPECT_THAT(build_pack(inputs).refusals,
              Contains(HasSubstr("people.tsv:2:1: office president of 'A B'")));
}

TEST(PackBuilder, NothingAtAllMakesAnEmptyPack) {
  const auto pack = open(PackInputs{});
  EXPECT_EQ(pack->entities().size(), 0U);
  EXPECT_EQ(pack->word(folded_hash("x")), nullptr);
}

}  // namespace
}  // namespace telex
