// After warm-up the topic stage takes no memory.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "process/topics/rules.h"
#include "process/topics/topic_stage.h"
#include "tests/process/topics/topics_testing.h"
#include "tests/support/allocation_counter.h"

namespace telex {
namespace {

TEST(TopicStageMemory, NoneIsTakenAfterWarmUp) {
  const std::string dutch =
      "De onderhandelaars spraken in Genève over een staakt-het-vuren en een vredesakkoord. "
      "Premier en ministers komen bijeen op een top; de NAVO stuurt vredestroepen. ";
  const std::string german = "Die Bundesregierung verhandelt über Wirtschaft, Fußball und Ärzte. ";
  std::vector<testing::Story> stories;
  for (int i = 0; i < 40; ++i) {
    std::string body = i % 2 == 0 ? dutch : german;
    for (int word = 0; word < 30; ++word) body += " vredeswoord" + std::to_string(word * 40 + i);
    stories.push_back({body, "Oorlog en vrede", i % 2 == 0 ? "nl" : "de"});
  }
  testing::Desk desk(TopicRules::shipped());
  desk.fill(stories);
  desk.run();
  const auto topic_count = desk.annotations().topics.size();
  const std::uint64_t before = testing::allocation_count();
  for (int i = 0; i < 50; ++i) desk.run();
  EXPECT_EQ(testing::allocation_count(), before);
  EXPECT_EQ(desk.annotations().topics.size(), topic_count);
  EXPECT_GT(topic_count, 40U);
}

}  // namespace
}  // namespace telex
