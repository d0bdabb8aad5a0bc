#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "process/topics/rules.h"
#include "tests/process/topics/topics_testing.h"
#include "tests/support/temporary_folder.h"

namespace telex {
namespace {

constexpr std::string_view kDutch = "topic medtop:16000000 nl\n30 oorlog\n";
constexpr std::string_view kEnglish = "topic medtop:16000000 en\n30 war\n";

std::shared_ptr<const TopicRules> load(const std::vector<EmbeddedFile>& files, std::string& error) {
  return TopicRules::load(files, testing::small_vocabulary(), error);
}

TEST(TopicRules, LanguagesAreFoundByCode) {
  std::string error;
  const auto rules = load({{"nl.rules", kDutch}, {"en.rules", kEnglish}}, error);
  ASSERT_TRUE(rules) << error;
  EXPECT_TRUE(rules->find(LanguageCode::from_tag("nl")));
  EXPECT_TRUE(rules->find(LanguageCode::from_tag("en")));
  EXPECT_FALSE(rules->find(LanguageCode::from_tag("de")));
  EXPECT_FALSE(rules->find(LanguageCode()));
  EXPECT_EQ(rules->vocabulary_release(), "test 1");
}

TEST(TopicRules, DigestDependsOnContentAndNotOnOrder) {
  std::string error;
  const auto one = load({{"nl.rules", kDutch}, {"en.rules", kEnglish}}, error);
  const auto two = load({{"en.rules", kEnglish}, {"nl.rules", kDutch}}, error);
  const auto other =
      load({{"nl.rules", "topic medtop:16000000 nl\n31 oorlog\n"}, {"en.rules", kEnglish}}, error);
  ASSERT_TRUE(one && two && other) << error;
  EXPECT_EQ(one->digest(), two->digest());
  EXPECT_NE(one->digest(), other->digest());
  EXPECT_EQ(one->digest().size(), 32U);
  EXPECT_EQ(one->digest().find_first_not_of("0123456789abcdef"), std::string::npos);
}

TEST(TopicRules, OneTopicInTwoFilesIsRefused) {
  std::string error;
  EXPECT_FALSE(
      load({{"a.rules", kDutch}, {"b.rules", "topic medtop:16000000 nl\n30 vrede\n"}}, error));
  EXPECT_EQ(error, "b.rules:1:1: another file has a rule for medtop:16000000 in \"nl\"");
}

TEST(TopicRules, AFaultInOneFileRefusesAll) {
  std::string error;
  EXPECT_FALSE(load({{"a.rules", kDutch}, {"b.rules", "topic medtop:16000000 en\nwar\n"}}, error));
  EXPECT_EQ(error.substr(0, 12), "b.rules:2:1:");
}

TEST(TopicRules, ADirectoryGivesWhatItsFilesGive) {
  testing::TemporaryFolder folder("rules");
  folder.write("nl.rules", kDutch);
  folder.write("en.rules", kEnglish);
  folder.write("vocabulary.tsv", testing::kVocabularyText);
  folder.write("README", "not rules");
  std::string error;
  const auto loaded = TopicRules::load_directory(folder.path(), error);
  ASSERT_TRUE(loaded) << error;
  EXPECT_EQ(loaded->digest(),
            load({{"nl.rules", kDutch}, {"en.rules", kEnglish}}, error)->digest());
}

TEST(TopicRules, ADirectoryWithoutVocabularyUsesTheShippedOne) {
  testing::TemporaryFolder folder("rules");
  folder.write("nl.rules", "topic medtop:17000000 nl\n30 weer\n");
  std::string error;
  const auto rules = TopicRules::load_directory(folder.path(), error);
  ASSERT_TRUE(rules) << error;
  EXPECT_EQ(rules->vocabulary_release(), TopicRules::shipped_vocabulary()->release());
}

TEST(TopicRules, DirectoryFaultsAreNamed) {
  testing::TemporaryFolder folder("rules");
  std::string error;
  EXPECT_FALSE(TopicRules::load_directory(folder.path(), error));
  EXPECT_NE(error.find("no *.rules file"), std::string::npos) << error;
  EXPECT_FALSE(TopicRules::load_directory(folder.path() / "absent", error));
  EXPECT_NE(error.find("absent"), std::string::npos) << error;
  folder.write("nl.rules", "x");
  EXPECT_FALSE(TopicRules::load_directory(folder.path(), error));
  EXPECT_EQ(error.substr(0, 13), "nl.rules:1:1:");
  folder.write("nl.rules", kDutch);
  folder.write("vocabulary.tsv", "x");
  EXPECT_FALSE(TopicRules::load_directory(folder.path(), error));
  EXPECT_EQ(error.substr(0, 17), "vocabulary.tsv:1:");
}

TEST(TopicRules, EmbeddedFilesAreTheOnesInTheSourceTree) {
  std::string error;
  const std::filesystem::path data =
      std::filesystem::path(TELEX_SOURCE_DIR) / "process" / "topics" / "data" / "rules";
  const auto from_files = TopicRules::load_directory(data, error);
  ASSERT_TRUE(from_files) << error;
  EXPECT_EQ(from_files->digest(), TopicRules::shipped()->digest());
}

}  // namespace
}  // namespace telex
