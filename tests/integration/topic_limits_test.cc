#include "service/topic_limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace telex {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

KafkaLaneSettings usual() {
  KafkaLaneSettings settings;
  settings.input_topics = {"raw"};
  settings.enriched_topic = "enriched";
  settings.dead_letter_topic = "raw.dlq";
  settings.record_bytes_max = 1'000'000;
  settings.batch_bytes = 16 << 20;
  return settings;
}

TEST(SizeProblems, KafkasDefaultsAndOursGoTogether) {
  constexpr std::uint64_t kDefault = 1'048'588;
  EXPECT_THAT(
      size_problems(usual(), {{"raw", kDefault}, {"enriched", kDefault}, {"raw.dlq", kDefault}}),
      IsEmpty());
  EXPECT_THAT(size_problems(usual(), {}), IsEmpty()) << "what is not known is not judged";
}

TEST(SizeProblems, EqualIsEnoughAndOneByteLessIsNot) {
  EXPECT_THAT(
      size_problems(usual(), {{"enriched", 1'000'000}, {"raw", 16 << 20}, {"raw.dlq", 8192}}),
      IsEmpty());
  EXPECT_THAT(
      size_problems(usual(), {{"enriched", 999'999}}),
      ElementsAre("output.record_bytes_max is 1000000, and topic enriched takes records of at most "
                  "999999 bytes: lower the setting to 999999, or raise max.message.bytes of the "
                  "topic"));
  EXPECT_THAT(
      size_problems(usual(), {{"raw", (16 << 20) + 1}}),
      ElementsAre("topic raw may hold records of up to 16777217 bytes, and "
                  "engine.batch_bytes is 16777216: a lane would stop at a larger one; raise "
                  "engine.batch_bytes to 16777217, or lower max.message.bytes of the topic"));
  EXPECT_THAT(
      size_problems(usual(), {{"raw.dlq", 8191}}),
      ElementsAre("topic raw.dlq takes records of at most 8191 bytes, and dead letters need "
                  "8192: raise max.message.bytes of the topic"));
}

TEST(SizeProblems, RoutesAndCorrectionsAreHeldToTheSame) {
  KafkaLaneSettings settings = usual();
  settings.routes = {"sport", "politics"};
  settings.correction_topic = "corrections";
  EXPECT_EQ(size_problems(settings, {{"politics", 10}, {"corrections", 10}}).size(), 2U);
}

TEST(SizeProblems, ARecordMustFitIntoTheClientsQueue) {
  KafkaLaneSettings settings = usual();
  settings.in_flight_bytes = 1 << 20;
  settings.record_bytes_max = (1 << 20) + 1;
  EXPECT_THAT(
      size_problems(settings, {}),
      ElementsAre("output.record_bytes_max is 1048577, and engine.produce_bytes is 1048576: "
                  "raise engine.produce_bytes, or a record of that size can never be sent"));
}

TEST(SizeProblems, WhatTheLaneWasNotToldIsNotChecked) {
  KafkaLaneSettings settings = usual();
  settings.record_bytes_max = 0;
  settings.batch_bytes = 0;
  EXPECT_THAT(size_problems(settings, {{"raw", 1 << 30}, {"enriched", 1}}), IsEmpty());
}

TEST(RecordLimit, IsTheTopicsAndALittleLessWhereTheBrokerCompressesAnew) {
  EXPECT_EQ(record_limit({}), std::nullopt);
  EXPECT_EQ(record_limit({{"max.message.bytes", "1048588"}}), 1'048'588U);
  EXPECT_EQ(record_limit({{"max.message.bytes", "5000"}, {"compression.type", "producer"}}), 5000U);
  EXPECT_EQ(record_limit({{"max.message.bytes", "5000"}, {"compression.type", "uncompressed"}}),
            5000U);
  EXPECT_EQ(record_limit({{"max.message.bytes", "512000"}, {"compression.type", "gzip"}}),
            512'000U - 1000U - 128U);
  EXPECT_EQ(record_limit({{"max.message.bytes", "100"}, {"compression.type", "zstd"}}), 0U);
}

TEST(UsableLimits, AreTheSmallestOfWhatARecordHasToGetThrough) {
  KafkaLaneSettings settings = usual();
  settings.in_flight_bytes = 2'000'000;
  const std::vector<std::string> outputs{"enriched", "raw.dlq", "sport"};
  EXPECT_EQ(usable_limits(settings, {{"enriched", 1'000}, {"sport", 5'000'000}}, outputs),
            (RecordLimits{{"enriched", 1'000}, {"raw.dlq", 1'048'588}, {"sport", 1'999'872}}));
}

TEST(UsableLimits, TellTheClientTheLargestRecordAndTheSmallestBatch) {
  kafka::ProducerSettings producer;
  set_sizes({{"enriched", 20'000}, {"dead", 5'000'000}}, producer);
  EXPECT_EQ(producer.record_bytes_max, 5'000'000U);
  EXPECT_EQ(producer.batch_bytes_max, 20'000U);
  producer.record_bytes_max = 50'000'000;  // For a topic that nobody may ask for its limit.
  set_sizes({{"dead", 5'000'000}}, producer);
  EXPECT_EQ(producer.record_bytes_max, 50'000'000U);
  kafka::ProducerSettings unlimited;
  set_sizes({}, unlimited);
  EXPECT_EQ(unlimited.record_bytes_max, 100'000'000U);
  EXPECT_EQ(unlimited.batch_bytes_max, 0U);
}

}  // namespace
}  // namespace telex
