// The pack that ships: our tables, iso-codes and GeoNames of this machine.
#include <gtest/gtest.h>

#include "process/knowledge/pack.h"
#include "process/knowledge/pack_sources.h"
#include "process/text/fold.h"

namespace telex {
namespace {

class DefaultPack : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    PackInputs inputs;
    std::string error;
    ASSERT_TRUE(read_pack_inputs(
        PackSources::debian(TELEX_SOURCE_DIR "/process/knowledge/data", "test"), inputs, error))
        << error;
    const PackBuild build = build_pack(inputs);
    for (const std::string& refusal : build.refusals) ADD_FAILURE() << refusal;
    counts_ = build.counts;
    pack_ = KnowledgePack::from_bytes(build.bytes, error);
    ASSERT_NE(pack_, nullptr) << error;
  }
  static void TearDownTestSuite() { pack_.reset(); }

  // Whether `alias` is a name of the entity with that id.
  static bool names(std::string_view alias, std::string_view uri) {
    IndexRange values;
    if (!pack_->phrases().word(folded_hash(alias), values)) return false;
    for (const PhraseValue value : pack_->phrases().values(values)) {
      if (phrase_kind(value) != PhraseKind::alias) continue;
      const AliasRow& row = pack_->aliases()[phrase_row(value)];
      if (pack_->text(pack_->entities()[row.entity].uri) == uri) return true;
    }
    return false;
  }

  static std::shared_ptr<const KnowledgePack> pack_;
  static PackCounts counts_;
};

std::shared_ptr<const KnowledgePack> DefaultPack::pack_;
PackCounts DefaultPack::counts_;

TEST_F(DefaultPack, HasAllCountriesAndTheCitiesOfGeoNames) {
  EXPECT_GE(counts_.countries, 249U);  // ISO 3166-1 has 249.
  EXPECT_GE(counts_.cities, 20000U);
  EXPECT_GE(counts_.people, 300U);
  EXPECT_GE(counts_.organisations, 300U);
}

TEST_F(DefaultPack, KeepsTheSpellingOfEachLanguage) {
  EXPECT_TRUE(names("Brussel", "https://sws.geonames.org/2800866/"));
  EXPECT_TRUE(names("Brüssel", "https://sws.geonames.org/2800866/"));
  std::vector<std::string> spellings;
  for (const AliasRow& row : pack_->aliases()) {
    const std::string_view uri = pack_->text(pack_->entities()[row.entity].uri);
    const std::string_view text = pack_->text(row.text);
    if (uri == "https://sws.geonames.org/2800866/" && folded(text) == "brussel") {
      spellings.emplace_back(text);
    }
  }
  EXPECT_EQ(spellings.size(), 2U);
}

TEST_F(DefaultPack, KnowsWhatTheSeedArticleNames) {
  EXPECT_TRUE(names("Oekraïne", "http://www.wikidata.org/entity/Q212"));
  EXPECT_TRUE(names("Ukraine", "http://www.wikidata.org/entity/Q212"));
  EXPECT_TRUE(names("NAVO", "http://www.wikidata.org/entity/Q7184"));
  EXPECT_TRUE(names("Rutte", "http://www.wikidata.org/entity/Q57792"));
  EXPECT_TRUE(names("Poetin", "http://www.wikidata.org/entity/Q7747"));
  EXPECT_TRUE(names("Trump", "http://www.wikidata.org/entity/Q22686"));
  EXPECT_TRUE(names("Parijs", "https://sws.geonames.org/2988507/"));
  EXPECT_TRUE(names("München", "https://sws.geonames.org/2867714/"));
}

TEST_F(DefaultPack, TranslationsOfCountriesComeFromIsoCodes) {
  EXPECT_TRUE(names("Duitsland", "http://www.wikidata.org/entity/Q183"));
  EXPECT_TRUE(names("Allemagne", "http://www.wikidata.org/entity/Q183"));
  EXPECT_TRUE(names("Alemania", "http://www.wikidata.org/entity/Q183"));
}

TEST_F(DefaultPack, EuropeIsNotTheEuropeanUnion) {
  EXPECT_TRUE(names("Europa", "http://www.wikidata.org/entity/Q46"));
  EXPECT_FALSE(names("Europa", "http://www.wikidata.org/entity/Q458"));
}

TEST_F(DefaultPack, ASecondBuildGivesTheSameBytes) {
  PackInputs inputs;
  std::string error;
  ASSERT_TRUE(read_pack_inputs(
      PackSources::debian(TELEX_SOURCE_DIR "/process/knowledge/data", "test"), inputs, error));
  std::string again = build_pack(inputs).bytes;
  EXPECT_EQ(KnowledgePack::from_bytes(again, error)->digest(), pack_->digest());
}

}  // namespace
}  // namespace telex
