// The whole path as the program puts it together, over the sample feed and the default pack.
#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ingest/archive/line_source.h"
#include "process/knowledge/pack_builder.h"
#include "schemas/dead_letter.h"
#include "service/config.h"
#include "service/default_pack.h"
#include "service/demo_report.h"
#include "service/pipelines.h"
#include "service/tag_report.h"
#include "tests/support/record_dump.h"

namespace telex {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::string& feed() {
  static const std::string path = TELEX_SOURCE_DIR "/deploy/samples/feed.jsonl";
  return path;
}

class WholePath : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    const PackBuild build = build_default_pack("");
    ASSERT_TRUE(build.ok()) << build.refusals.front();
    pack_ =
        new std::string(::testing::TempDir() + "whole_path." + std::to_string(getpid()) + ".pack");
    std::string error;
    ASSERT_TRUE(write_pack(build, *pack_, error)) << error;
  }
  static void TearDownTestSuite() {
    if (pack_ != nullptr) std::remove(pack_->c_str());
    delete pack_;
  }

  void SetUp() override {
    ASSERT_NE(pack_, nullptr) << "there is no pack to test with";
    config_.knowledge.pack = *pack_;
    std::string error;
    generation_ = make_generation(config_, 1, error);
    ASSERT_NE(generation_, nullptr) << error;
    pipeline_ = make_pipeline(generation_, config_);
  }

  // Every record of an input that the pipeline makes of it, in batches of at most `rows`.
  std::vector<std::string> run(const std::string& path, ArchiveLayout layout, std::uint32_t rows) {
    LineSourceOptions options;
    const std::vector<std::string> paths{path};
    options.inputs = archive_inputs(paths);
    options.layout = layout;
    options.timestamp = 1'700'000'000'000;
    LineSource source(options);
    BatchLimits limits;
    limits.rows_max = rows;
    Batch batch(limits);
    std::vector<std::string> out;
    bool over = false;
    while (!over) {
      batch.clear();
      source.poll(batch, std::chrono::milliseconds(100), [&](const SourceEvent& event) {
        over = over || event.kind == SourceEventKind::end;
        EXPECT_NE(event.kind, SourceEventKind::fatal) << event.message;
      });
      Records records;
      counts_ += pipeline_->run(batch, records);
      for (std::uint32_t i = 0; i < records.size(); ++i) {
        const Record record = records[i];
        testing::dump_record(record);
        out.push_back(std::string(to_string(record.destination)) + " " + std::string(record.key) +
                      " " + std::string(record.value));
      }
    }
    return out;
  }

  static std::string* pack_;
  Config config_;
  std::shared_ptr<const Generation> generation_;
  std::unique_ptr<Pipeline> pipeline_;
  BatchCounts counts_;
};
std::string* WholePath::pack_ = nullptr;

TEST_F(WholePath, TheSampleFeedGivesFortySixRecordsAndTwoDeadLetters) {
  const auto records = run(feed(), ArchiveLayout::lines, 5000);
  EXPECT_EQ(records.size(), 48U);
  EXPECT_EQ(counts_.in, 48U);
  EXPECT_EQ(counts_.published, 46U);
  EXPECT_EQ(counts_.dead_by_reason[static_cast<std::size_t>(Reason::not_utf8)], 1U);
  EXPECT_EQ(counts_.dead_by_reason[static_cast<std::size_t>(Reason::malformed_json)], 1U);
  EXPECT_TRUE(counts_.balances());
  EXPECT_GT(counts_.mentions_linked, 300U);
  EXPECT_GT(counts_.topics, 46U);
}

TEST_F(WholePath, TheSameInputGivesTheSameBytesHoweverItIsBatched) {
  const auto whole = run(feed(), ArchiveLayout::lines, 5000);
  EXPECT_EQ(run(feed(), ArchiveLayout::lines, 5000), whole);
  EXPECT_EQ(run(feed(), ArchiveLayout::lines, 7), whole);
  EXPECT_EQ(run(feed(), ArchiveLayout::lines, 1), whole);
  // A generation of its own, as another process would make it.
  std::string error;
  pipeline_ = make_pipeline(make_generation(config_, 2, error), config_);
  EXPECT_EQ(run(feed(), ArchiveLayout::lines, 48), whole);
}

TEST_F(WholePath, WithoutPackAndRulesArticlesFlowOn) {
  config_.knowledge.pack = "none";
  config_.topics.rules = "none";
  std::string error;
  pipeline_ = make_pipeline(make_generation(config_, 1, error), config_);
  run(feed(), ArchiveLayout::lines, 5000);
  EXPECT_EQ(counts_.published, 46U);
  EXPECT_EQ(counts_.mentions, 0U);
  EXPECT_EQ(counts_.topics, 0U);
}

TEST_F(WholePath, TheReportNamesWhatWasFoundAndWhy) {
  LineSourceOptions options;
  const std::vector<std::string> paths{TELEX_SOURCE_DIR "/deploy/samples/articles/nl.txt"};
  options.inputs = archive_inputs(paths);
  options.layout = ArchiveLayout::whole_file;
  LineSource source(options);
  Batch batch;
  source.poll(batch, std::chrono::milliseconds(100), [](const SourceEvent&) {});
  ASSERT_EQ(batch.size(), 1U);
  Records records;
  pipeline_->run(batch, records);
  const Terminal terminal(false, 120);
  const std::string report = tag_report(batch, 0, *pipeline_, {}, terminal);
  EXPECT_THAT(report, HasSubstr("language  nl ("));
  EXPECT_THAT(report, HasSubstr("date      2025-02 (month)"));
  EXPECT_THAT(report, HasSubstr("title     none given"));
  EXPECT_THAT(report, HasSubstr("WHO AND WHERE"));
  EXPECT_THAT(report, HasSubstr("alias \""));
  EXPECT_THAT(report, HasSubstr("TOPICS"));
  TagReportOptions why;
  why.why = "no such name";
  EXPECT_THAT(tag_report(batch, 0, *pipeline_, why, terminal),
              HasSubstr("nothing found in this article has"));
}

TEST_F(WholePath, ReportsOfHostileTextSteerNoTerminal) {
  Batch batch;
  RawRecord record;
  record.topic = batch.intern_topic("t");
  record.partition = Partition{0};
  record.offset = Offset{0};
  const std::string value =
      "{\"headline\":\"\\u001b[31mParijs \\u202e\",\"body\":\"Bezoek aan Parijs\\u009b2J en "
      "Berlijn\\u0007 \\u2066\",\"published\":\"2025\\u001b[2J\"}";
  record.value = value;
  ASSERT_TRUE(batch.append(record));
  Records records;
  pipeline_->run(batch, records);
  ASSERT_TRUE(batch.publishes(0));
  TagReportOptions options;
  options.all = true;
  const std::string report = tag_report(batch, 0, *pipeline_, options, Terminal(false, 120)) +
                             demo_article(records[0].value, Terminal(false, 120)).text;
  for (const char* bad : {"\x1b", "\a", "\xC2\x9B", "\u202e", "\u2066"}) {
    EXPECT_THAT(report, Not(HasSubstr(bad)));
  }
  EXPECT_THAT(report, HasSubstr("‹U+001B›"));
}

TEST_F(WholePath, TheDemoReadsBackWhatTheRecordSays) {
  const auto records = run(feed(), ArchiveLayout::lines, 5000);
  DemoCounts counts;
  std::uint64_t good = 0;
  for (const std::string& record : records) {
    if (!record.starts_with("enriched ")) continue;
    const DemoArticle article = demo_article(record.substr(record.find('{')), Terminal(false, 120));
    good += article.good ? 1 : 0;
    counts.mentions += article.counts.mentions;
    counts.linked += article.counts.linked;
    counts.topics += article.counts.topics;
  }
  EXPECT_EQ(good, 46U);
  EXPECT_EQ(counts.mentions, counts_.mentions);
  EXPECT_EQ(counts.linked, counts_.mentions_linked);
  EXPECT_EQ(counts.topics, counts_.topics);
}

TEST(MakeGeneration, SaysWhatIsMissing) {
  Config config;
  config.knowledge.pack = "/nonexistent/telex.pack";
  std::string error;
  EXPECT_EQ(make_generation(config, 1, error), nullptr);
  EXPECT_THAT(error, HasSubstr("knowledge.pack"));
  config.knowledge.pack = "none";
  config.topics.rules = "/nonexistent/rules";
  EXPECT_EQ(make_generation(config, 1, error), nullptr);
  EXPECT_THAT(error, HasSubstr("topics.rules"));
}

}  // namespace
}  // namespace telex
