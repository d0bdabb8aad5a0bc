// What is said of topics before anything runs, on what brokers could say.
#include "service/topic_check.h"

#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace telex {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class TopicCheckTest : public ::testing::Test {
 protected:
  TopicCheckTest() {
    settings_.input_topics = {"raw"};
    settings_.enriched_topic = "enriched";
    settings_.dead_letter_topic = "raw.dlq";
    settings_.changelogs = {"changelog"};
    settings_.record_bytes_max = 1'000'000;
    settings_.batch_bytes = 16 << 20;
    const TopicConfig usual{{"max.message.bytes", "1048588"},
                            {"cleanup.policy", "delete"},
                            {"retention.ms", "604800000"},
                            {"min.insync.replicas", "2"}};
    add("raw", TopicRole::input, usual);
    add("enriched", TopicRole::enriched, usual);
    add("raw.dlq", TopicRole::dead_letter, usual);
    of("raw.dlq").config->at("retention.ms") = "-1";
    add("changelog", TopicRole::changelog, usual);
    of("changelog").config->at("cleanup.policy") = "compact";
  }
  void add(const std::string& name, TopicRole role, const TopicConfig& config) {
    TopicFacts facts;
    facts.name = name;
    facts.role = role;
    facts.info.name = name;
    facts.info.partition_count = 6;
    facts.info.replication_factor = 3;
    facts.config = config;
    facts_.push_back(facts);
  }
  TopicFacts& of(const std::string& name) {
    for (TopicFacts& each : facts_) {
      if (each.name == name) return each;
    }
    throw std::logic_error(name);
  }
  void set(const std::string& topic, const std::string& name, const std::string& value) {
    (*of(topic).config)[name] = value;
  }
  void lose(const std::string& topic) {
    of(topic).info = {topic, 0, 0, kafka::make_error("UNKNOWN_TOPIC_OR_PART", "topic " + topic)};
    of(topic).config.reset();
  }
  std::vector<std::string> said(bool warnings, std::int64_t lanes = 2) {
    check_ = judge_topics(facts_, settings_, lanes);
    std::vector<std::string> texts;
    for (const TopicFinding& each : check_.findings) {
      if (each.is_warning == warnings) texts.push_back(each.text);
    }
    return texts;
  }

  KafkaLaneSettings settings_;
  std::vector<TopicFacts> facts_;
  TopicCheck check_;
};

TEST_F(TopicCheckTest, NothingIsSaidOfWhatIsRight) {
  EXPECT_THAT(said(true), IsEmpty());
  EXPECT_THAT(said(false), IsEmpty());
  EXPECT_TRUE(check_.good());
  EXPECT_THAT(check_.to_make, IsEmpty());
}

TEST_F(TopicCheckTest, WhatIsMissingIsAnErrorAndPlanned) {
  lose("enriched");
  lose("raw.dlq");
  lose("changelog");
  EXPECT_THAT(said(false), ElementsAre("topic enriched (enriched) does not exist",
                                       "topic raw.dlq (dead letters) does not exist"));
  EXPECT_THAT(said(true), ElementsAre(HasSubstr("the first lane will make it")));
  EXPECT_FALSE(check_.good());
  ASSERT_EQ(check_.to_make.size(), 3U);
  for (const kafka::NewTopic& topic : check_.to_make) {
    EXPECT_EQ(topic.partition_count, 6) << "as the input: " << topic.name;
    EXPECT_EQ(topic.replication_factor, -1) << "as the brokers say";
  }
  EXPECT_THAT(check_.to_make[0].config, IsEmpty());
  EXPECT_THAT(check_.to_make[1].config,
              UnorderedElementsAre(
                  std::pair<const std::string, std::string>{"retention.ms", "-1"},
                  std::pair<const std::string, std::string>{"max.message.bytes", "1114124"}));
  EXPECT_EQ(check_.to_make[2].config["cleanup.policy"], "compact");
}

TEST_F(TopicCheckTest, WithoutAnInputThePlanHasRoomForItsLanes) {
  lose("raw");
  lose("enriched");
  EXPECT_EQ(said(false, 9).size(), 2U);
  ASSERT_EQ(check_.to_make.size(), 2U);
  EXPECT_EQ(check_.to_make[0].partition_count, 9);
}

TEST_F(TopicCheckTest, ATopicThatIsNotToBeSeenIsNotPlanned) {
  of("enriched").info.error = kafka::make_error("TOPIC_AUTHORIZATION_FAILED", "topic enriched");
  EXPECT_THAT(said(false), ElementsAre(HasSubstr("TOPIC_AUTHORIZATION_FAILED")));
  EXPECT_THAT(check_.to_make, IsEmpty());
}

TEST_F(TopicCheckTest, ReplicasAreWarnedOf) {
  of("enriched").info.replication_factor = 1;
  set("raw", "min.insync.replicas", "1");
  EXPECT_THAT(said(true), UnorderedElementsAre(HasSubstr("1 replica(s) of enriched: "),
                                               HasSubstr("topic raw has min.insync.replicas = 1")));
  EXPECT_TRUE(check_.good());
}

TEST_F(TopicCheckTest, LimitsThatDoNotGoTogetherAreErrors) {
  set("enriched", "max.message.bytes", "999999");
  EXPECT_THAT(said(false), ElementsAre(HasSubstr("lower the setting to 999999")));
  of("enriched").config.reset();
  of("enriched").config_error = "CLUSTER_AUTHORIZATION_FAILED";
  EXPECT_THAT(said(true),
              ElementsAre("the limits of topic enriched are not known, and not checked: "
                          "CLUSTER_AUTHORIZATION_FAILED"));
}

TEST_F(TopicCheckTest, WhatIsDeletedTooSoonIsWarnedOf) {
  set("raw.dlq", "retention.ms", "604800000");
  set("raw", "retention.ms", "3600000");
  EXPECT_THAT(said(true), UnorderedElementsAre(HasSubstr("deletes dead letters after 7.0 days"),
                                               HasSubstr("deletes articles after 1.0 hours")));
  set("raw", "cleanup.policy", "compact");
  EXPECT_THAT(said(true), UnorderedElementsAre(HasSubstr("deletes dead letters"),
                                               HasSubstr("topic raw is compacted")));
}

TEST_F(TopicCheckTest, AChangelogMustBeCompactedAndCutAsTheInput) {
  set("changelog", "cleanup.policy", "compact,delete");
  of("changelog").info.partition_count = 4;
  EXPECT_THAT(said(false),
              ElementsAre(HasSubstr("changelog changelog has cleanup.policy = compact,delete"),
                          HasSubstr("has 4 partitions, and the input has 6")));
}

TEST_F(TopicCheckTest, LanesWithoutWorkAreWarnedOf) {
  EXPECT_THAT(said(true, 8), ElementsAre(HasSubstr("2 lanes of this process alone")));
}

}  // namespace
}  // namespace telex
