// After warm-up the stage takes no memory from the heap. Counts every allocation of the process.
#include <gtest/gtest.h>

#include "tests/process/entities/entity_fixture.h"
#include "tests/process/entities/small_world.h"
#include "tests/support/allocation_counter.h"

namespace telex {
namespace {

TEST(EntityStageMemory, ASecondRunOverTheSameArticleAllocatesNothing) {
  const std::shared_ptr<const KnowledgePack> pack = test::pack_from(test::small_world());
  Generation generation;
  generation.pack = pack;
  Batch batch(BatchLimits{4, 1U << 20});
  RawRecord raw;
  raw.topic = batch.intern_topic("test");
  raw.partition = Partition{0};
  raw.offset = Offset{0};
  raw.value = "{}";
  ASSERT_TRUE(batch.append(raw));
  const std::vector<Part> parts{
      {batch.store_text(
           "Premier Schoof sprak in Parijs met Mark Rutte en Jan Jansen. De Ruttes van "
           "de Universiteit van Utrecht (UvU) en de Oekraïneoorlog; NAVO-chef Rutte, "
           "Amerikaanse OEKRAINE, Wilson BV en Paris Hilton."),
       PartKind::body, TextFormat::plain, 0}};
  Article article;
  article.uri = "urn:test";
  article.published = test::date_of("2025-02");
  article.parts = parts;
  batch.set_article(0, article);

  Tokens tokens;
  Annotations annotations;
  Tokeniser tokeniser;
  EntityStage stage;
  StageContext context{generation, tokens, annotations};
  std::uint64_t before = 0;
  for (int run = 0; run < 3; ++run) {
    annotations.reset(batch.size());
    annotations.rows[0].language.code = LanguageCode::from_tag("nl");
    tokeniser(batch, context);
    before = testing::allocation_count();
    stage(batch, context);
    before = testing::allocation_count() - before;
  }
  EXPECT_GT(annotations.mentions.size(), 5U);
  EXPECT_EQ(before, 0U);
}

}  // namespace
}  // namespace telex
