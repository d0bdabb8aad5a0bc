#include "tests/bench/corpus.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace telex::bench {
namespace {

double mean_bytes(std::span<const CorpusArticle> articles) {
  double bytes = 0;
  for (const CorpusArticle& article : articles) bytes += static_cast<double>(article.value.size());
  return bytes / static_cast<double>(articles.size());
}

TEST(Corpus, SameSeedGivesTheSameBytesEverywhere) {
  const CorpusNames names = CorpusNames::builtin();
  CorpusOptions options;
  options.percent = kAllLanguages;
  const auto articles = make_corpus(names, options, 500);
  EXPECT_EQ(digest(articles), digest(make_corpus(names, options, 500)));
  // Figures of two machines can only be compared over the same articles. Changes with the words and
  // patterns, and only with them.
  EXPECT_EQ(digest(articles), 5173442113904747785ULL);
}

TEST(Corpus, AnotherSeedGivesOtherArticles) {
  const CorpusNames names = CorpusNames::builtin();
  CorpusOptions other;
  other.seed = 2;
  EXPECT_NE(digest(make_corpus(names, {}, 10)), digest(make_corpus(names, other, 10)));
}

TEST(Corpus, ArticlesHaveTheirSizeOnAverage) {
  const CorpusNames names = CorpusNames::builtin();
  for (const Workload workload : kWorkloads) {
    CorpusOptions options;
    options.workload = workload;
    const double mean = mean_bytes(make_corpus(names, options, 400));
    EXPECT_NEAR(mean, target_bytes(workload), 0.06 * target_bytes(workload)) << to_string(workload);
  }
}

TEST(Corpus, ADutchWireStoryNamesAsMuchAsRealOnesDo) {
  const CorpusNames names = CorpusNames::builtin();
  double mentions = 0;
  double countries = 0;
  double adjectives = 0;
  const auto articles = make_corpus(names, {}, 400);
  for (const CorpusArticle& article : articles) {
    mentions += article.names + article.adjectives;
    countries += article.countries;
    adjectives += article.adjectives;
  }
  EXPECT_THAT(mentions / 400, testing::AllOf(testing::Ge(25), testing::Le(50)));
  EXPECT_THAT(adjectives / countries, testing::AllOf(testing::Ge(1.5), testing::Le(3)));
}

TEST(Corpus, NoMatchNamesNothing) {
  const CorpusNames names = CorpusNames::builtin();
  CorpusOptions options;
  options.workload = Workload::no_match;
  options.percent = kAllLanguages;
  for (const CorpusArticle& article : make_corpus(names, options, 100)) {
    EXPECT_EQ(article.names + article.adjectives, 0U) << article.value;
  }
}

TEST(Corpus, NoSlotStaysUnfilled) {
  const CorpusNames names = CorpusNames::builtin();
  for (const Workload workload : kWorkloads) {
    CorpusOptions options{workload, RecordShape::plain_text, 3, kAllLanguages, true};
    for (const CorpusArticle& article : make_corpus(names, options, 50)) {
      EXPECT_THAT(article.value, testing::Not(testing::HasSubstr("{")));
      EXPECT_THAT(article.value, testing::Not(testing::HasSubstr("#")));
    }
  }
}

TEST(Corpus, LanguagesComeInTheSharesAskedFor) {
  const CorpusNames names = CorpusNames::builtin();
  CorpusOptions options;
  options.percent = kAllLanguages;
  std::array<int, kLanguageCount> counts{};
  for (const CorpusArticle& article : make_corpus(names, options, 2000)) {
    for (std::size_t i = 0; i < kLanguageCount; ++i) counts[i] += article.language == kLanguages[i];
  }
  for (std::size_t i = 0; i < kLanguageCount; ++i) {
    EXPECT_NEAR(counts[i], 20.0 * kAllLanguages[i], 80) << kLanguages[i];
  }
}

}  // namespace
}  // namespace telex::bench
