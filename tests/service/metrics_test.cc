#include "service/metrics.h"

#include <set>
#include <sstream>

#include <gtest/gtest.h>

namespace telex {
namespace {

BatchCounts some_counts() {
  BatchCounts counts;
  counts.in = 10;
  counts.published = 7;
  counts.dead_lettered = 2;
  counts.deletions = 1;
  counts.dead_by_reason[static_cast<std::size_t>(Reason::not_utf8)] = 2;
  counts.mentions = 30;
  counts.mentions_linked = 25;
  counts.topics = 9;
  return counts;
}

bool has_line(const std::string& text, const std::string& line) {
  std::istringstream in(text);
  for (std::string each; std::getline(in, each);) {
    if (each == line) return true;
  }
  return false;
}

TEST(Metrics, NamesAndTypesOfTheExposition) {
  Metrics metrics("1.2.3");
  std::set<std::string> types;
  std::istringstream in(metrics.text());
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("# TYPE ")) types.insert(line.substr(7));
  }
  // Dashboards and alerts stand on these: renaming one is a breaking change.
  EXPECT_EQ(
      types,
      (std::set<std::string>{
          "telex_articles_in_total counter", "telex_articles_total counter",
          "telex_build_info gauge", "telex_dead_letters_total counter",
          "telex_duplicates_marked_total counter", "telex_generation gauge", "telex_lanes gauge",
          "telex_latency_seconds histogram", "telex_memory_anonymous_bytes gauge",
          "telex_mentions_total counter", "telex_output_bytes_total counter",
          "telex_rebalances_total counter", "telex_reloads_total counter",
          "telex_topics_total counter", "telex_transaction_duration_seconds histogram",
          "telex_transactions_total counter", "telex_txn_producer_recreations_total counter"}));
}

TEST(Metrics, ReloadsAndFullStoresAreCounted) {
  Metrics metrics("1");
  EXPECT_TRUE(has_line(metrics.text(), "telex_reloads_total{outcome=\"restart_needed\"} 0"));
  metrics.reloaded("invalid");
  metrics.reloaded("applied");
  metrics.reloaded("applied");
  metrics.state_full("identical", 3);
  BatchCounts counts = some_counts();
  counts.marked = 4;
  metrics.committed(counts, 0.02, 1);
  const std::string text = metrics.text();
  EXPECT_TRUE(has_line(text, "telex_reloads_total{outcome=\"invalid\"} 1"));
  EXPECT_TRUE(has_line(text, "telex_reloads_total{outcome=\"applied\"} 2"));
  EXPECT_TRUE(has_line(text, "telex_state_full_total{store=\"identical\"} 3"));
  EXPECT_TRUE(has_line(text, "telex_duplicates_marked_total 4"));
}

TEST(Metrics, CommittedArticlesAreConserved) {
  Metrics metrics("1");
  metrics.committed(some_counts(), 0.02, 1234);
  metrics.committed(some_counts(), 0.02, 1000);
  const std::string text = metrics.text();
  EXPECT_TRUE(has_line(text, "telex_articles_in_total 20"));
  EXPECT_TRUE(has_line(text, "telex_articles_total{outcome=\"published\"} 14"));
  EXPECT_TRUE(has_line(text, "telex_articles_total{outcome=\"dead_letter\"} 4"));
  EXPECT_TRUE(has_line(text, "telex_articles_total{outcome=\"deletion\"} 2"));
  EXPECT_TRUE(has_line(text, "telex_articles_total{outcome=\"held\"} 0"));
  EXPECT_TRUE(has_line(text, "telex_dead_letters_total{reason=\"not_utf8\"} 4"));
  EXPECT_TRUE(has_line(text, "telex_dead_letters_total{reason=\"no_text\"} 0"));
  EXPECT_TRUE(has_line(text, "telex_mentions_total{linked=\"no\"} 10"));
  EXPECT_TRUE(has_line(text, "telex_output_bytes_total 2234"));
  EXPECT_TRUE(has_line(text, "telex_transactions_total{outcome=\"committed\"} 2"));
}

TEST(Metrics, LagOfPartitionsThatWereGivenUpIsGone) {
  Metrics metrics("1");
  metrics.lag({{"raw", 0, 5}, {"raw", 1, 7}});
  EXPECT_TRUE(has_line(metrics.text(), "telex_lag_records{partition=\"0\",topic=\"raw\"} 5"));
  metrics.lag({{"raw", 1, 0}});
  const std::string text = metrics.text();
  EXPECT_EQ(text.find("partition=\"0\""), std::string::npos);
  EXPECT_TRUE(has_line(text, "telex_lag_records{partition=\"1\",topic=\"raw\"} 0"));
}

}  // namespace
}  // namespace telex
