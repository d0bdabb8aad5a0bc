// The default pack over the article that the project was given, one of the public data sets.
#include <map>

#include <gmock/gmock.h>

#include "process/knowledge/pack_sources.h"
#include "tests/process/entities/entity_fixture.h"
#include "tests/support/public_data.h"

namespace telex {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

std::shared_ptr<const KnowledgePack> default_pack() {
  PackInputs inputs;
  std::string error;
  EXPECT_TRUE(read_pack_inputs(
      PackSources::debian(TELEX_SOURCE_DIR "/process/knowledge/data", "test"), inputs, error))
      << error;
  return test::pack_from(inputs);
}

class SeedArticlePublicData : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string text =
        testing::file_bytes(testing::public_data_folder() / "seed" / "article.txt");
    ASSERT_GT(text.size(), 1000U);
    tagger_ = std::make_unique<test::Tagger>(default_pack());
    tagger_->tag({"nl", "2025-02", "", text});
  }
  std::unique_ptr<test::Tagger> tagger_;
};

TEST_F(SeedArticlePublicData, NamesExactlyThesePeopleOrganisationsAndPlaces) {
  EXPECT_THAT(
      tagger_->entities(),
      UnorderedElementsAre("Dick Schoof", "Mark Rutte", "Donald Trump", "Vladimir Putin",
                           "Keir Starmer", "J.D. Vance", "NATO", "European Commission", "Ukraine",
                           "United States", "Russia", "United Kingdom", "Paris", "Munich",
                           "Netherlands", "China", "Saudi Arabia", "France", "Europe"));
}

TEST_F(SeedArticlePublicData, LinksThemAll) {
  const std::map<std::string, std::string> expected{
      {"Mark Rutte", "http://www.wikidata.org/entity/Q57792"},
      {"Donald Trump", "http://www.wikidata.org/entity/Q22686"},
      {"Vladimir Putin", "http://www.wikidata.org/entity/Q7747"},
      {"NATO", "http://www.wikidata.org/entity/Q7184"},
      {"Ukraine", "http://www.wikidata.org/entity/Q212"},
      {"Europe", "http://www.wikidata.org/entity/Q46"},
      {"Paris", "https://sws.geonames.org/2988507/"},
      {"Munich", "https://sws.geonames.org/2867714/"}};
  for (const auto& [name, uri] : expected) {
    const Entity* entity = tagger_->find(name);
    ASSERT_NE(entity, nullptr) << name;
    EXPECT_EQ(entity->uri, uri);
    EXPECT_GE(entity->link_confidence, 80) << name;
  }
  for (const Entity& entity : tagger_->annotations().entities) EXPECT_FALSE(entity.uri.empty());
}

TEST_F(SeedArticlePublicData, CountsAdjectivesApart) {
  EXPECT_EQ(tagger_->find("Ukraine")->mention_count, 9U);
  EXPECT_EQ(tagger_->find("United States")->mention_count, 4U);
  EXPECT_EQ(tagger_->find("United States")->adjective_count, 3U);
  EXPECT_EQ(tagger_->find("Europe")->mention_count, 3U);
  EXPECT_EQ(tagger_->find("Europe")->adjective_count, 6U);
  EXPECT_EQ(tagger_->find("France")->mention_count, 0U);
  EXPECT_EQ(tagger_->find("France")->adjective_count, 1U);
  EXPECT_EQ(tagger_->entities().front(), "Ukraine");
  EXPECT_EQ(tagger_->entities().back(), "France");
}

TEST_F(SeedArticlePublicData, MarksCompounds) {
  std::vector<std::string> compounds;
  for (const std::string& mention : tagger_->mentions()) {
    if (mention.ends_with("/compound")) compounds.push_back(mention);
  }
  EXPECT_THAT(compounds,
              ElementsAre("NAVO>NATO/compound", "Oekraïne>Ukraine/compound", "NAVO>NATO/compound"));
}

TEST(DefaultPackTime, TagsTheSameDayThePremierOfThatDay) {
  test::Tagger tagger(default_pack());
  tagger.tag({"nl", "2012-09", "", "Premier Rutte sprak."});
  EXPECT_THAT(tagger.entities(), ElementsAre("Mark Rutte"));
  tagger.tag({"nl", "2012-09", "", "Premier Schoof sprak."});
  EXPECT_THAT(tagger.entities(), ElementsAre("?Schoof"));
  tagger.tag({"nl", "2025-02", "", "Premier Schoof sprak."});
  EXPECT_THAT(tagger.entities(), ElementsAre("Dick Schoof"));
  tagger.tag({"en", "2013-06", "", "Then President Obama spoke."});
  EXPECT_THAT(tagger.entities(), ElementsAre("Barack Obama"));
}

}  // namespace
}  // namespace telex
