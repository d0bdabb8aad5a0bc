#include "service/reload.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/metrics.h"
#include "tests/support/temporary_folder.h"

namespace telex {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kNothing =
    "[knowledge]\npack = \"none\"\n[topics]\nrules = \"none\"\n[input]\n";

class ReloadFile : public ::testing::Test {
 protected:
  ReloadFile() {
    write(kNothing);
    std::vector<ConfigError> errors;
    running_ = load_config(file_, errors);
    EXPECT_TRUE(errors.empty());
  }
  void write(const std::string& text) { std::ofstream(file_, std::ios::binary) << text; }
  Reload reload(const std::string& text) {
    write(text);
    return prepare_reload(running_, 7);
  }
  static void expect_refused(const Reload& reload, ReloadOutcome outcome) {
    EXPECT_EQ(to_string(reload.outcome), to_string(outcome)) << reload.message;
    EXPECT_EQ(reload.generation, nullptr);
    EXPECT_THAT(reload.message, Not(HasSubstr("\n")));
  }

  testing::TemporaryFolder folder_{"reload"};
  const std::filesystem::path file_ = folder_.path() / "telex.toml";
  Config running_;
};

TEST_F(ReloadFile, GivesTheNextGeneration) {
  const Reload read = reload(std::string(kNothing) + "source = \"anp\"\n");
  EXPECT_EQ(read.outcome, ReloadOutcome::applied) << read.message;
  ASSERT_NE(read.generation, nullptr);
  EXPECT_EQ(read.generation->number, 7U);
  EXPECT_EQ(read.config.input.source, "anp");
  EXPECT_EQ(read.config.file, file_);
  EXPECT_EQ(read.generation->provenance.config_digest, record_settings_digest(read.config));
}

TEST_F(ReloadFile, AnUnchangedFileIsTakenOverToo) {
  EXPECT_EQ(prepare_reload(running_, 7).outcome, ReloadOutcome::applied);
}

TEST_F(ReloadFile, WhatCannotBeParsedIsRefusedWithItsPlace) {
  const Reload read = reload("[engine\n");
  expect_refused(read, ReloadOutcome::invalid);
  EXPECT_THAT(read.message, HasSubstr(file_.string() + ":1:"));
}

TEST_F(ReloadFile, EveryBadValueIsNamed) {
  const Reload read = reload("[log]\nlevel = \"loud\"\n[engine]\nlanes = 0\n");
  expect_refused(read, ReloadOutcome::invalid);
  EXPECT_THAT(read.message, HasSubstr("log.level must be"));
  EXPECT_THAT(read.message, HasSubstr("engine.lanes must be"));
}

TEST_F(ReloadFile, ManyErrorsAreCountedNotListed) {
  std::string text;
  for (int i = 0; i < 50; ++i) text += "unknown" + std::to_string(i) + " = 1\n";
  const Reload read = reload(text);
  expect_refused(read, ReloadOutcome::invalid);
  EXPECT_THAT(read.message, HasSubstr("and 45 more"));
}

TEST_F(ReloadFile, AFileThatIsGoneIsRefused) {
  std::filesystem::remove(file_);
  expect_refused(prepare_reload(running_, 7), ReloadOutcome::invalid);
}

TEST_F(ReloadFile, APipeIsNotWaitedFor) {
  std::filesystem::remove(file_);
  ASSERT_EQ(::mkfifo(file_.c_str(), 0600), 0);
  expect_refused(prepare_reload(running_, 7), ReloadOutcome::invalid);
}

TEST_F(ReloadFile, SettingsThatOnlyAStartCanChangeAreNamed) {
  const Reload read = reload(std::string(kNothing) +
                             "topics = [\"other\"]\nsource = \"anp\"\n[engine]\nlanes = 3\n");
  expect_refused(read, ReloadOutcome::restart_needed);
  EXPECT_THAT(read.message, HasSubstr("input.topics"));
  EXPECT_THAT(read.message, HasSubstr("engine.lanes"));
  EXPECT_THAT(read.message, Not(HasSubstr("input.source")));
}

TEST_F(ReloadFile, APackOrRulesThatAreNotThereAreRefused) {
  Reload read = reload("[knowledge]\npack = \"no such.pack\"\n[topics]\nrules = \"none\"\n");
  expect_refused(read, ReloadOutcome::unavailable);
  EXPECT_THAT(read.message, HasSubstr("knowledge.pack"));
  read = reload("[knowledge]\npack = \"none\"\n[topics]\nrules = \"no such folder\"\n");
  expect_refused(read, ReloadOutcome::unavailable);
  EXPECT_THAT(read.message, HasSubstr("topics.rules"));
}

TEST_F(ReloadFile, ADamagedPackIsRefused) {
  const std::string pack = folder_.write("damaged.pack", std::string(100'000, 'x'));
  expect_refused(reload("[knowledge]\npack = \"" + pack + "\"\n[topics]\nrules = \"none\"\n"),
                 ReloadOutcome::unavailable);
}

TEST_F(ReloadFile, AChangedPropertyIsRefusedWithoutBeingShown) {
  const Reload read =
      reload(std::string(kNothing) + "[kafka.properties]\n\"sasl.password\" = \"canary-4711\"\n");
  expect_refused(read, ReloadOutcome::restart_needed);
  EXPECT_THAT(read.message, HasSubstr("kafka.properties"));
  EXPECT_THAT(read.message, Not(HasSubstr("canary")));
}

TEST_F(ReloadFile, WithoutAFileThereIsNothingToRead) {
  expect_refused(prepare_reload(Config{}, 7), ReloadOutcome::invalid);
}

TEST(ReloadOutcomes, HaveTheNamesOfTheMetric) {
  EXPECT_EQ(to_string(ReloadOutcome::applied), "applied");
  EXPECT_EQ(to_string(ReloadOutcome::invalid), "invalid");
  EXPECT_EQ(to_string(ReloadOutcome::restart_needed), "restart_needed");
  EXPECT_EQ(to_string(ReloadOutcome::unavailable), "unavailable");
}

}  // namespace
}  // namespace telex
