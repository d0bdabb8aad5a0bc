#include "process/entities/entity_stage.h"

#include <gmock/gmock.h>

#include "tests/process/entities/entity_fixture.h"
#include "tests/process/entities/small_world.h"

namespace telex {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::shared_ptr<const KnowledgePack> world() {
  static const std::shared_ptr<const KnowledgePack> pack = test::pack_from(test::small_world());
  return pack;
}

struct NameCase {
  const char* name;
  const char* language;
  const char* date;
  const char* text;
  std::vector<std::string> mentions;  // "surface>entity/form"; "?x" is not in the dictionary.
};

void PrintTo(const NameCase& row, std::ostream* out) { *out << row.name; }

class Names : public ::testing::TestWithParam<NameCase> {};

TEST_P(Names, AreReadAs) {
  test::Tagger tagger(world());
  tagger.tag({GetParam().language, GetParam().date, "", GetParam().text});
  EXPECT_EQ(tagger.mentions(), GetParam().mentions) << GetParam().text;
}

std::string case_name(const ::testing::TestParamInfo<NameCase>& info) { return info.param.name; }

const std::vector<NameCase> kPeople{
    {"TitleAndDatePickThePremier",
     "nl",
     "2025-02",
     "Volgens premier Schoof kan dat.",
     {"Schoof>Dick Schoof/surname"}},
    {"AnEarlierDatePicksAnEarlierPremier",
     "nl",
     "2012-09",
     "Volgens premier Rutte kan dat.",
     {"Rutte>Mark Rutte/surname"}},
    {"ALaterPremierIsNoOneYet",
     "nl",
     "2012-09",
     "Volgens premier Schoof kan dat.",
     {"Schoof>?Schoof/name"}},
    {"APresidentOfThen",
     "nl",
     "2013-06",
     "Volgens president Obama kan dat.",
     {"Obama>Barack Obama/surname"}},
    {"TheAdjectiveSaysOfWhichCountry",
     "nl",
     "2025-02",
     "De Britse premier Starmer zei dat.",
     {"Britse>United Kingdom/adjective", "Starmer>Keir Starmer/surname"}},
    {"AnotherCountrysTitleFitsNoOne",
     "nl",
     "2025-02",
     "De Franse premier Schoof zei dat.",
     {"Franse>France/adjective", "Schoof>?Schoof/name"}},
    {"TheScopeMayFollowTheName",
     "nl",
     "2025-02",
     "Volgens vicepresident Vance van de VS kan dat.",
     {"Vance>J.D. Vance/surname", "VS>United States/acronym"}},
    {"TheScopeMayFollowTheTitle",
     "en",
     "2025-02",
     "He met the president of the US, Trump.",
     {"US>United States/acronym", "Trump>Donald Trump/surname"}},
    {"AnAllianceHasAChief",
     "nl",
     "2025-02",
     "Ook NAVO-baas Rutte komt.",
     {"NAVO>NATO/compound", "Rutte>Mark Rutte/surname"}},
    {"FormerHoldersNeedToHaveHeldIt",
     "nl",
     "2025-02",
     "Oud-president Obama en oud-premier Schoof.",
     {"Obama>Barack Obama/surname", "Schoof>?Schoof/name"}},
    {"OfTwoBearersTheOneOfTheHomeCountry", "nl", "2025-02", "Hij belde minister Bakker.", {}},
    {"OfTwoBearersTheOneTheAdjectiveSays",
     "nl",
     "2025-02",
     "De Belgische minister Bakker belde.",
     {"Belgische>Belgium/adjective", "Bakker>Els Bakker/surname"}},
    {"AFullNameNeedsNoTitle",
     "nl",
     "",
     "Gisteren sprak Keir Starmer kort.",
     {"Keir Starmer>Keir Starmer/name"}},
    {"InitialsAreWrittenInManyWays",
     "en",
     "",
     "He met JD Vance and J.D. Vance.",
     {"JD Vance>J.D. Vance/name", "J.D. Vance>J.D. Vance/name"}},
    {"ABareSurnameJoinsTheFullName",
     "nl",
     "2008-01",
     "Hij zag Mark Rutte en Rutte zag hem.",
     {"Mark Rutte>Mark Rutte/name", "Rutte>Mark Rutte/surname"}},
    {"ABareSurnameIsTheOnlyOneInOffice",
     "nl",
     "2025-02",
     "Volgens Trump kan dat.",
     {"Trump>Donald Trump/surname"}},
    {"ABareSurnameOfNoOneInOfficeIsLeftAlone", "nl", "2025-02", "Volgens Obama kan dat.", {}},
    {"TwoBearersInOfficeAreLeftAlone", "nl", "2025-02", "Volgens Bakker kan dat.", {}},
    {"GenitivesKeepTheName",
     "nl",
     "2025-02",
     "Hij las Ruttes plan en Trump's brief.",
     {"Rutte>Mark Rutte/surname", "Trump>Donald Trump/surname"}},
    {"AGenitiveOfAFullName",
     "nl",
     "2008-01",
     "Hij las Mark Ruttes plan.",
     {"Mark Rutte>Mark Rutte/name"}},
    {"ParticlesComeInBothCases",
     "nl",
     "2025-02",
     "Hij sprak mevrouw van der Plas.",
     {"van der Plas>Caroline van der Plas/surname"}},
    {"AnotherFirstNameIsAnotherPerson",
     "nl",
     "2025-02",
     "Hij kent Jan Rutte goed.",
     {"Jan Rutte>?Jan Rutte/name"}},
    {"TheSurnameOfAnUnknownOneIsTheirs",
     "nl",
     "2025-02",
     "Hij kent Jan Rutte. Maar Rutte zweeg.",
     {"Jan Rutte>?Jan Rutte/name", "Rutte>?Jan Rutte/surname"}},
    {"ADoubleNameIsAnother", "nl", "2025-02", "Volgens Rutte-Verhagen kan dat.", {}},
    {"ALongerNameIsAnother", "en", "2025-02", "He visited the Trump Tower.", {}},
    {"AFirstNameAloneIsNoOne", "nl", "2025-02", "Hij zag Mark en Jan.", {}},
    {"ARoleWithoutANameIsNoOne",
     "nl",
     "2025-02",
     "De Amerikaanse minister van Buitenlandse Zaken zweeg, net als de president en de premier.",
     {"Amerikaanse>United States/adjective"}},
    {"AnUnknownNameAfterATitle",
     "nl",
     "2025-02",
     "Volgens woordvoerder Piet de Vries kan dat.",
     {"Piet de Vries>?Piet de Vries/name"}},
    {"TheOfficeAfterASurnameIsNotPartOfIt",
     "nl",
     "2025-02",
     "Hij zag minister Jansen van Defensie.",
     {"Jansen>?Jansen/name"}},
    {"TheOfficeAfterAFullNameIsNotPartOfIt",
     "nl",
     "2025-02",
     "Hij zag minister Robbert Dijkgraaf van Onderwijs en minister Piet van Dijk.",
     {"Robbert Dijkgraaf>?Robbert Dijkgraaf/name", "Piet van Dijk>?Piet van Dijk/name"}},
    {"NamesGoThroughApostrophes",
     "nl",
     "",
     "Hij sprak Jan L\u2019Huillier. Volgens L\u2019Huillier zag Mark O'Connor en Piet D'Hondt.",
     {"Jan L\u2019Huillier>?Jan L\u2019Huillier/name",
      "L\u2019Huillier>?Jan L\u2019Huillier/surname", "Mark O'Connor>?Mark O'Connor/name",
      "Piet D'Hondt>?Piet D'Hondt/name"}},
    {"TheGenitiveInCapitalsIsNoName", "en", "", "He saw JAN'S house.", {}},
    {"ASpanishAndPartsPeople",
     "es",
     "",
     "Vio a John Abelleira y Mark Hermoso.",
     {"John Abelleira>?John Abelleira/name", "Mark Hermoso>?Mark Hermoso/name"}},
    {"AnEarlierSurnameJoinsTheFullNameOfLater",
     "nl",
     "2025-02",
     "Hij zag minister Jansen. Later kwam Piet Jansen.",
     {"Jansen>?Piet Jansen/surname", "Piet Jansen>?Piet Jansen/name"}},
    {"AMonthIsNoSurname",
     "en",
     "2018-03",
     "In May, Theresa May resigned. After May it rained.",
     {"Theresa May>Theresa May/name"}},
};

const std::vector<NameCase> kPlaces{
    {"TheLargerCityOfAName",
     "nl",
     "",
     "Hij ging naar Parijs en naar London.",
     {"Parijs>Paris/name", "London>London/name"}},
    {"CitiesOfOneSizeAreLeftAlone", "nl", "", "Hij ging naar Cambridge.", {}},
    {"TheCountryInTheTextDecides",
     "nl",
     "",
     "In het Verenigd Koninkrijk ging hij naar Cambridge.",
     {"Verenigd Koninkrijk>United Kingdom/name", "Cambridge>Cambridge/name"}},
    {"APersonsNameIsNoPlace", "en", "", "He knows Paris Hilton.", {}},
    {"ASmallCityNeedsSupport", "en", "", "He thanked Wilson for it.", {}},
    {"APlaceCueIsSupport", "en", "", "He lives in Wilson now.", {"Wilson>Wilson/name"}},
    {"CommonWordsAreWords",
     "nl",
     "",
     "Best leuk. De man van het hof vond het nice. Van Dam ging naar Van der Valk. Reading.",
     {}},
    {"CommonWordsAfterACueArePlaces",
     "nl",
     "",
     "Hij woont in Best en werkt in Nice.",
     {"Best>Best/name", "Nice>Nice/name"}},
    {"SentenceStartsAreNoEvidence", "en", "", "Nice weather. Reading is fun. May it last.", {}},
    {"APronounIsNoCountry", "en", "", "It told us who did it. He told Us.", {}},
    {"ACountryInCapitals",
     "en",
     "",
     "He told the US and the WHO.",
     {"US>United States/acronym", "WHO>World Health Organization/acronym"}},
    {"AHeadlineInCapitalsIsNoAcronym",
     "en",
     "",
     "WHO TOLD US IN UKRAINE",
     {"UKRAINE>Ukraine/name"}},
    {"EuropeIsNotTheUnion",
     "nl",
     "",
     "Hij zag Europa, de EU en de Europese Unie.",
     {"Europa>Europe/name", "EU>European Union/acronym", "Europese Unie>European Union/name"}},
    {"AdjectivesAreMarked",
     "nl",
     "",
     "De Oekraïense vlag en de Oekraïners.",
     {"Oekraïense>Ukraine/adjective", "Oekraïners>Ukraine/demonym"}},
    {"GermanAdjectivesAreSmall",
     "de",
     "",
     "Die ukrainische Fahne und die deutsche.",
     {"ukrainische>Ukraine/adjective", "deutsche>Germany/adjective"}},
    {"FrenchCapitalsAreInhabitants",
     "fr",
     "",
     "Le français et les Français.",
     {"français>France/adjective", "Français>France/demonym"}},
    {"CompoundsKeepTheirName",
     "nl",
     "",
     "De Oekraïne-gezant, de NAVO-top en de anti-Trump mars.",
     {"Oekraïne>Ukraine/compound", "NAVO>NATO/compound", "Trump>Donald Trump/compound"}},
    {"ClosedCompoundsHaveListedHeads",
     "nl",
     "2025-02",
     "De Oekraïneoorlog en de Trumpregering.",
     {"Oekraïne>Ukraine/compound", "Trump>Donald Trump/compound"}},
    {"DirectionsArePartOfAPlace",
     "nl",
     "",
     "Hij zag Oost-Oekraïne en Zuid-Frankrijk.",
     {"Oekraïne>Ukraine/compound", "Frankrijk>France/compound"}},
    {"OneHyphenatedNameStaysOne",
     "nl",
     "",
     "Hij ging naar Saudi-Arabië.",
     {"Saudi-Arabië>Saudi Arabia/name"}},
    {"AnotherCountrysMinistryIsNotOurs",
     "nl",
     "",
     "Het Franse ministerie van Defensie, niet het ministerie van Defensie.",
     {"Franse>France/adjective", "ministerie van Defensie>Ministerie van Defensie/name"}},
    {"AnotherLanguagesNameOfACountry",
     "nl",
     "",
     "Hij zei Ukraine en Germany, geen Russland.",
     {"Ukraine>Ukraine/name", "Germany>Germany/name", "Russland>Russia/name"}},
    {"MarksMayBeLeftOut",
     "nl",
     "",
     "Hij ging naar OEKRAÏNE en Oekraine.",
     {"OEKRAÏNE>Ukraine/name", "Oekraine>Ukraine/name"}},
    {"ATextHasNoMarksThatTheNameLacks",
     "de",
     "",
     "Er fuhr nach L\u00E9on und in D\u00E4mme, dann in Damme und nach Leon.",
     {"Damme>Damme/name", "Leon>Le\u00F3n/name"}},
    {"ACountryOutOfTheBlueIsNotLinked",
     "es",
     "",
     "El volc\u00E1n en La Palma y en El Paso.",
     {"La Palma>?La Palma/name", "El Paso>?El Paso/name"}},
    {"ACountryThatTheArticleNamesIsLinked",
     "en",
     "",
     "In the US, he lives in La Palma.",
     {"US>United States/acronym", "La Palma>La Palma/name"}},
    {"AnAdjectiveOfItsCountryIsSupport",
     "nl",
     "",
     "Hij roemde het Zweedse Lund.",
     {"Zweedse>Sweden/adjective", "Lund>Lund/name"}},
    {"PlacesJoinedByAWordSupportEachOther",
     "nl",
     "",
     "Treinen tussen Eindhoven en Venlo. Polen en Zweden.",
     {"Eindhoven>Eindhoven/name", "Venlo>Venlo/name", "Polen>Poland/name", "Zweden>Sweden/name"}},
    {"JoinedToAPlaceOfAnotherCountryIsNoSupport",
     "nl",
     "",
     "Treinen tussen Eindhoven en Deurne.",
     {"Eindhoven>Eindhoven/name"}},
    {"ARiverIsNotTheCityOfItsName", "nl", "", "Hij zwom in de rivier Venlo.", {}},
    {"AnUnknownLanguageTakesEveryName",
     "it",
     "",
     "Ukraine, Parijs; NAVO.",
     {"Ukraine>Ukraine/name", "Parijs>Paris/name", "NAVO>NATO/acronym"}},
};

const std::vector<NameCase> kOrganisations{
    {"ALegalFormMakesAnOrganisation",
     "nl",
     "",
     "Volgens Jansen Bouw BV kan dat.",
     {"Jansen Bouw BV>?Jansen Bouw BV/name"}},
    {"AUniversityOfACityIsNotTheCity",
     "nl",
     "",
     "Hij studeert aan de Universiteit van Utrecht.",
     {"Universiteit van Utrecht>?Universiteit van Utrecht/name"}},
    {"ASmallWordIsNoOrganisation",
     "nl",
     "",
     "Hij studeert aan de universiteit van Utrecht.",
     {"Utrecht>Utrecht/name"}},
    {"AnInstitutionGoesOnBehindOf",
     "en",
     "",
     "He joined the Royal College of Nursing and the Acme Ltd of Texas.",
     {"Royal College of Nursing>?Royal College of Nursing/name", "Acme Ltd>?Acme Ltd/name"}},
    {"AnInstitutionMayBeForSomething",
     "nl",
     "",
     "Hij werkt bij de Universiteit voor Humanistiek.",
     {"Universiteit voor Humanistiek>?Universiteit voor Humanistiek/name"}},
    {"AnAcronymInBracketsIsRemembered",
     "nl",
     "",
     "De Universiteit van Harderwijk (UvH) groeit. Volgens de UvH wel.",
     {"Universiteit van Harderwijk>?Universiteit van Harderwijk/name",
      "UvH>?Universiteit van Harderwijk/acronym", "UvH>?Universiteit van Harderwijk/acronym"}},
};

INSTANTIATE_TEST_SUITE_P(OfPeople, Names, ::testing::ValuesIn(kPeople), case_name);
INSTANTIATE_TEST_SUITE_P(OfPlaces, Names, ::testing::ValuesIn(kPlaces), case_name);
INSTANTIATE_TEST_SUITE_P(OfOrganisations, Names, ::testing::ValuesIn(kOrganisations), case_name);

TEST(EntityStage, CountsRangesInBytesAndCodePoints) {
  test::Tagger tagger(world());
  tagger.tag({"nl", "", "Café", "Één café in Oekraïne."});
  ASSERT_THAT(tagger.annotations().mentions, SizeIs(1));
  const Mention& mention = tagger.annotations().mentions[0];
  EXPECT_EQ(mention.part, 1);
  EXPECT_EQ(mention.bytes, (ByteRange{15, 24}));
  EXPECT_EQ(mention.code_points, (ByteRange{12, 20}));
}

TEST(EntityStage, ACityOfACountryOutOfTheBlueHasLittleConfidence) {
  test::Tagger tagger(world());
  tagger.tag({"nl", "", "", "Hij ging naar Lyon."});
  EXPECT_LE(tagger.find("Lyon")->link_confidence, 55);
  tagger.tag({"nl", "", "", "Hij ging in Frankrijk naar Lyon."});
  EXPECT_GT(tagger.find("Lyon")->link_confidence, 80);
}

TEST(EntityStage, SaysWhyItLinked) {
  test::Tagger tagger(world());
  const Annotations& found = tagger.tag({"nl", "2025-02", "", "Volgens premier Schoof kan dat."});
  ASSERT_THAT(found.mentions, SizeIs(1));
  const IndexRange range = found.mentions[0].evidence;
  ASSERT_EQ(range.count, 3U);
  const Evidence& office = found.evidence[range.first];
  EXPECT_EQ(office.kind, EvidenceKind::office);
  EXPECT_EQ(office.entry, "prime_minister NL 2024-07-02..");
  const Evidence& title = found.evidence[range.first + 1];
  EXPECT_EQ(title.kind, EvidenceKind::title_before);
  EXPECT_EQ(title.entry, "premier");
  EXPECT_EQ(title.range, (ByteRange{8, 15}));
  EXPECT_EQ(found.evidence[range.first + 2].kind, EvidenceKind::alias);
}

TEST(EntityStage, NamesTheRunnerUpAndTheMargin) {
  test::Tagger tagger(world());
  const Annotations& found = tagger.tag({"nl", "", "", "Hij ging naar London."});
  ASSERT_THAT(found.entities, SizeIs(1));
  const IndexRange range = found.entities[0].evidence;
  const Evidence& prior = found.evidence[range.last() - 1];
  EXPECT_EQ(prior.kind, EvidenceKind::prior);
  EXPECT_EQ(prior.entry, "population");
  EXPECT_EQ(prior.runner_up, "London");
  EXPECT_EQ(prior.margin, 14);  // 69 against 55: ten times the logarithm of their populations.
}

TEST(EntityStage, UnknownNamesHaveNoIdAndNoLinkConfidence) {
  test::Tagger tagger(world());
  const Annotations& found = tagger.tag({"nl", "", "", "Hij kent Jan Rutte goed."});
  ASSERT_THAT(found.entities, SizeIs(1));
  EXPECT_TRUE(found.entities[0].uri.empty());
  EXPECT_TRUE(found.entities[0].name.empty());
  EXPECT_EQ(found.entities[0].literal, 0U);
  EXPECT_EQ(found.entities[0].link_confidence, 0);
  EXPECT_GT(found.entities[0].type_confidence, 0);
}

TEST(EntityStage, ADictionaryEntryWithoutAnIdIsNotLinked) {
  test::Tagger tagger(world());
  const Annotations& found = tagger.tag({"nl", "", "", "Hij stemde BBB."});
  ASSERT_THAT(found.entities, SizeIs(1));
  EXPECT_EQ(found.entities[0].name, "BBB");
  EXPECT_TRUE(found.entities[0].uri.empty());
  EXPECT_EQ(found.entities[0].link_confidence, 0);
}

TEST(EntityStage, AdjectivesAreCountedApart) {
  test::Tagger tagger(world());
  tagger.tag({"nl", "", "", "De Russische en de Oekraïense vlag. Hij ging naar Rusland."});
  EXPECT_EQ(tagger.find("Russia")->mention_count, 1U);
  EXPECT_EQ(tagger.find("Russia")->adjective_count, 1U);
  EXPECT_EQ(tagger.find("Ukraine")->mention_count, 0U);
  EXPECT_THAT(tagger.entities(), ElementsAre("Russia", "Ukraine"));
}

TEST(EntityStage, AHeadlineNameLeadsTheEntities) {
  test::Tagger tagger(world());
  tagger.tag({"nl", "", "Overleg over Oekraïne", "Hij ging naar Rusland en naar Parijs."});
  EXPECT_EQ(tagger.entities().front(), "Ukraine");
}

TEST(EntityStage, RowsOfOneBatchDoNotMix) {
  test::Tagger tagger(world());
  const Annotations& found = tagger.tag({{"nl", "2025-02", "", "Hij kent Mark Rutte."},
                                         {"nl", "2008-01", "", "Volgens Rutte kan dat."},
                                         {"nl", "2025-02", "", "Hij ging naar Parijs."}});
  EXPECT_EQ(found.rows[0].mentions.count, 1U);
  EXPECT_EQ(found.rows[1].mentions.count, 0U);
  EXPECT_EQ(found.rows[2].mentions.count, 1U);
  EXPECT_EQ(found.mentions[found.rows[2].mentions.first].entity, found.rows[2].entities.first);
}

TEST(EntityStage, TheSameArticleGivesTheSameAnswerWhateverCameBefore) {
  const std::string text =
      "Premier Schoof sprak in Parijs met Mark Rutte. Rutte en Jan Jansen gingen naar Oekraïne.";
  test::Tagger fresh(world());
  fresh.tag({"nl", "2025-02", "", text});
  test::Tagger used(world());
  used.tag({"en", "2013", "WHO", "He met JD Vance in Wilson. London and Nice. Obama."});
  used.tag({"nl", "2025-02", "", text});
  EXPECT_EQ(fresh.mentions(), used.mentions());
  EXPECT_EQ(fresh.entities(), used.entities());
  ASSERT_EQ(fresh.annotations().evidence.size(), used.annotations().evidence.size());
  for (std::size_t i = 0; i < fresh.annotations().evidence.size(); ++i) {
    EXPECT_EQ(fresh.annotations().evidence[i].entry, used.annotations().evidence[i].entry);
    EXPECT_EQ(fresh.annotations().evidence[i].weight, used.annotations().evidence[i].weight);
  }
}

TEST(EntityStage, MoreMentionsThanAllowedAreAFault) {
  std::string text;
  for (std::uint32_t i = 0; i < ArticleLimits::kMentionsMax; ++i) text += "Hij zag Parijs. ";
  test::Tagger tagger(world());
  EXPECT_THAT(tagger.tag({"nl", "", "", text}).mentions, SizeIs(ArticleLimits::kMentionsMax));
  tagger.tag({{"nl", "", "", text + "Hij zag Parijs."}, {"nl", "", "", "Hij zag Parijs."}});
  EXPECT_EQ(tagger.batch().verdict(0).kind, VerdictKind::faulty);
  EXPECT_EQ(tagger.batch().verdict(0).reason, Reason::too_many_mentions);
  EXPECT_EQ(tagger.annotations().rows[0].mentions.count, 0U);
  EXPECT_EQ(tagger.annotations().rows[1].mentions.count, 1U);
}

TEST(EntityStage, WithoutAPackNothingIsTagged) {
  test::Tagger tagger(nullptr);
  EXPECT_THAT(tagger.tag({"nl", "", "", "Hij zag Parijs."}).mentions, IsEmpty());
}

TEST(EntityStage, OddTextIsSafe) {
  test::Tagger tagger(world());
  const std::vector<std::string> texts{"",
                                       "-",
                                       "Rutte",
                                       "premier",
                                       "van",
                                       "NAVO-",
                                       "-NAVO",
                                       "premier van",
                                       "Jan",
                                       "BV",
                                       "(UvA)",
                                       "Universiteit van",
                                       "\xF0\x9F\x87\xBA\xF0\x9F\x87\xA6 Oekra\xC3\xAFne",
                                       "Oekrai\xCC\x88ne",
                                       "premier premier premier Rutte Rutte"};
  for (const std::string& text : texts) {
    for (const char* language : {"nl", "en", "de", "fr", "es", "", "xx"}) {
      tagger.tag({language, "2025", text, text});
    }
  }
}

}  // namespace
}  // namespace telex
