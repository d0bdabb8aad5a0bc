#include "service/metrics.h"

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

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

const std::vector<UnixMillis> kTimestamps{1'700'000'000'000, kNoTimestamp, 1'700'000'099'000};

void commit(Metrics& metrics, const BatchCounts& counts, std::uint64_t output_bytes = 1234) {
  metrics.committed({counts, kTimestamps, 1'700'000'000'040, std::chrono::milliseconds(7),
                     std::chrono::milliseconds(20), output_bytes, 1});
}

PartitionLag lag(const std::string& topic, std::int32_t partition, std::int64_t records,
                 double seconds, LagVerdict verdict) {
  return {{topic, Partition{partition}}, Offset{1}, records, seconds, verdict};
}

bool has_line(const std::string& text, const std::string& line) {
  std::istringstream in(text);
  for (std::string each; std::getline(in, each);) {
    if (each == line) return true;
  }
  return false;
}

// Dashboards and alerts stand on names, types and labels: another one here is a breaking change.
TEST(Metrics, TheReferenceIsTheProgramsOwn) {
  std::ifstream file(TELEX_SOURCE_DIR "/docs/metrics.md");
  std::ostringstream kept;
  kept << file.rdbuf();
  EXPECT_EQ(kept.str(), Metrics::reference()) << "regenerate: telex metrics > docs/metrics.md";
}

// Byte for byte, but for what the kernel and the clock say.
TEST(Metrics, TheExpositionIsGolden) {
  Metrics metrics("1.2.3");
  metrics.stage_seconds("decode", 0.5);
  metrics.state_full("identical", 3);
  metrics.lag({lag("raw", 0, 5, 1.5, LagVerdict::stalled)});
  commit(metrics, some_counts());
  std::istringstream in(metrics.text());
  std::ostringstream out;
  for (std::string line; std::getline(in, line);) {
    const bool varies = line.starts_with("process_") || line.starts_with("telex_memory_");
    out << (varies ? line.substr(0, line.rfind(' ')) : line) << '\n';
  }
  const std::string made = TELEX_BINARY_DIR "/metrics.txt";
  std::ofstream(made) << out.str();
  std::ifstream file(TELEX_SOURCE_DIR "/tests/service/golden/metrics.txt");
  std::ostringstream kept;
  kept << file.rdbuf();
  EXPECT_EQ(out.str(), kept.str()) << "what was made is in " << made;
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
  commit(metrics, counts);
  const std::string text = metrics.text();
  EXPECT_TRUE(has_line(text, "telex_reloads_total{outcome=\"invalid\"} 1"));
  EXPECT_TRUE(has_line(text, "telex_reloads_total{outcome=\"applied\"} 2"));
  EXPECT_TRUE(has_line(text, "telex_state_full_total{store=\"identical\"} 3"));
  EXPECT_TRUE(has_line(text, "telex_duplicates_marked_total 4"));
}

TEST(Metrics, CommittedArticlesAreConserved) {
  Metrics metrics("1");
  commit(metrics, some_counts());
  commit(metrics, some_counts(), 1000);
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
  metrics.lag({lag("raw", 0, 5, 2.5, LagVerdict::ok), lag("raw", 1, 7, 1, LagVerdict::stalled)});
  std::string text = metrics.text();
  EXPECT_TRUE(has_line(text, "telex_lag_records{partition=\"0\",topic=\"raw\"} 5"));
  EXPECT_TRUE(has_line(text, "telex_lag_seconds{partition=\"0\",topic=\"raw\"} 2.5"));
  EXPECT_TRUE(has_line(text, "telex_partitions{verdict=\"stalled\"} 1"));
  metrics.lag({lag("raw", 1, 0, 0, LagVerdict::ok)});
  text = metrics.text();
  EXPECT_EQ(text.find("partition=\"0\""), std::string::npos);
  EXPECT_TRUE(has_line(text, "telex_lag_records{partition=\"1\",topic=\"raw\"} 0"));
  EXPECT_TRUE(has_line(text, "telex_partitions{verdict=\"stalled\"} 0"));
}

TEST(Metrics, ALagThatIsNotKnownIsNoSeries) {
  Metrics metrics("1");
  PartitionLag unknown = lag("raw", 0, 0, 0, LagVerdict::unknown);
  unknown.records.reset();
  metrics.lag({unknown});
  const std::string text = metrics.text();
  EXPECT_EQ(text.find("telex_lag_records{"), std::string::npos);
  EXPECT_TRUE(has_line(text, "telex_partitions{verdict=\"unknown\"} 1"));
}

TEST(Metrics, AProducersClockThatIsAheadIsNoNegativeLatency) {
  Metrics metrics("1");
  commit(metrics, some_counts());
  const std::string text = metrics.text();
  EXPECT_TRUE(has_line(text, "telex_latency_seconds_count 2"))
      << "a record without a time has none";
  EXPECT_TRUE(has_line(text, "telex_latency_seconds_bucket{le=\"0.001\"} 1"));
  EXPECT_TRUE(has_line(text, "telex_latency_seconds_sum 0.04"));
}

}  // namespace
}  // namespace telex
