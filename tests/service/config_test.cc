#include "service/config.h"

#include <cstdlib>
#include <fstream>

#include <gtest/gtest.h>

namespace telex {
namespace {

std::vector<ConfigError> errors_of(std::string_view toml) {
  std::vector<ConfigError> errors;
  parse_config(toml, "telex.toml", errors);
  return errors;
}

struct BadCase {
  const char* name;
  const char* toml;
  const char* error;  // As the user reads it.
};

void PrintTo(const BadCase& bad, std::ostream* out) { *out << bad.name; }

const BadCase kBadCases[] = {
    {"UnknownKeyNamesTheNearest", "[engine]\nlane = 2\n",
     "telex.toml:2:1: unknown key lane in [engine]; did you mean lanes?"},
    {"UnknownTable", "[engin]\nlanes = 2\n",
     "telex.toml:1:2: unknown key engin; did you mean engine?"},
    {"WrongType", "[engine]\nlanes = \"two\"\n",
     "telex.toml:2:9: engine.lanes must be an integer, not string"},
    {"FloatIsNoInteger", "[engine]\nlanes = 2.0\n",
     "telex.toml:2:9: engine.lanes must be an integer, not floating-point"},
    {"OutOfRange", "\n[engine]\nlanes = 0\n",
     "telex.toml:3:9: engine.lanes must be 1 to 64, not 0"},
    {"SpoolWithoutRoom", "[dead_letters]\nspool = \"/var/spool/telex\"\nspool_bytes_max = 1000\n",
     "telex.toml:3:19: dead_letters.spool_bytes_max must be 1048576 to 1125899906842624, not 1000"},
    {"NotOneOfTheChoices", "[engine]\ndelivery = \"twice\"\n",
     "telex.toml:2:12: engine.delivery must be one of exactly_once, at_least_once, not \"twice\""},
    {"TopicFeedsItself", "[input]\ntopics = [\"a\"]\n[output]\nenriched = \"a\"\n",
     "telex.toml: topic a is both read and written: it would feed itself"},
    {"EmptyTopicList", "[input]\ntopics = []\n", "telex.toml:2:10: input.topics must not be empty"},
    {"PropertyThatLoadsCode", "[kafka.properties]\n\"plugin.library.paths\" = \"x.so\"\n",
     "plugin.library.paths"},
    {"UnsetEnvironment", "[kafka.properties]\n\"sasl.password\" = \"${env:TELEX_TEST_NOT_SET}\"\n",
     "environment variable TELEX_TEST_NOT_SET is not set"},
    {"InterpolationInsideAValue", "[kafka.properties]\n\"sasl.username\" = \"a${env:HOME}\"\n",
     "must be the whole value"},
    {"FieldThatIsNone", "[input.fields]\nheadlin = [\"/h\"]\n", "no field \"headlin\""},
    {"PointerWithoutSlash", "[input.fields]\nheadline = [\"title\"]\n",
     "telex.toml:2:12: input.fields.headline must be JSON Pointers, each beginning with /"},
    {"BadTopicName", "[output]\nenriched = \"a b\"\n", "output.enriched: \"a b\" is no valid name"},
    {"StateNeedsOneInputTopic",
     "[input]\ntopics = [\"a\", \"b\"]\n[duplicates]\nidentical = \"suppress\"\n",
     "telex.toml: duplicates.identical = \"suppress\" needs exactly one input topic, and "
     "input.topics has 2: what is remembered belongs to a partition of one topic"},
    {"StoreNameThatIsNone", "[duplicates]\nstore = \"a b\"\n",
     "duplicates.store: \"a b\" is no valid name"},
    {"OutputThatIsTheChangelog",
     "[output]\nenriched = \"telex-wire-identical-changelog\"\n[duplicates]\nidentical = "
     "\"mark\"\n",
     "telex.toml: topic telex-wire-identical-changelog is the changelog of duplicates.store"},
    {"BrokenToml", "[engine\nlanes = 2\n", "telex.toml:1:"},
};

class BadConfig : public testing::TestWithParam<BadCase> {};

TEST_P(BadConfig, SaysWhereAndWhat) {
  const auto errors = errors_of(GetParam().toml);
  ASSERT_FALSE(errors.empty());
  EXPECT_NE(errors[0].text().find(GetParam().error), std::string::npos) << errors[0].text();
}

INSTANTIATE_TEST_SUITE_P(Cases, BadConfig, testing::ValuesIn(kBadCases),
                         [](const auto& each) { return std::string(each.param.name); });

TEST(Config, AllErrorsAreFoundInOneGoInOrderOfLines) {
  const auto errors = errors_of("pipelin = \"x\"\n[engine]\nlanes = 0\n[log]\nlevel = 3\n");
  ASSERT_EQ(errors.size(), 3U);
  EXPECT_EQ(errors[0].line, 1U);
  EXPECT_EQ(errors[1].line, 3U);
  EXPECT_EQ(errors[2].line, 5U);
}

TEST(Config, WhatIsLeftOutKeepsItsDefault) {
  std::vector<ConfigError> errors;
  const Config config = parse_config("[input]\ntopics = [\"anp\", \"belga\"]\n", "t", errors);
  EXPECT_TRUE(errors.empty());
  EXPECT_EQ(config.input.topics, (std::vector<std::string>{"anp", "belga"}));
  EXPECT_EQ(config.dead_letter_topic(), "anp.dlq");
  EXPECT_EQ(config.group(), "telex-wire");
  EXPECT_EQ(config.engine.commit_interval_ms, 50);
}

TEST(Config, TemplateIsValidAndHoldsTheDefaults) {
  std::vector<ConfigError> errors;
  const Config config = parse_config(config_template(), "template", errors);
  for (const ConfigError& error : errors) ADD_FAILURE() << error.text();
  EXPECT_EQ(show_config(config), show_config(Config{}));
}

TEST(Config, ShownSettingsCanBeReadBackAndHideSecrets) {
  setenv("TELEX_TEST_SECRET", "canary-4711", 1);
  std::vector<ConfigError> errors;
  const Config config = parse_config(
      "[kafka.properties]\n\"sasl.password\" = \"${env:TELEX_TEST_SECRET}\"\n"
      "security.protocol = \"SASL_SSL\"\n",
      "t", errors);
  ASSERT_TRUE(errors.empty()) << errors[0].text();
  EXPECT_EQ(config.kafka.properties.at("sasl.password"), "canary-4711");
  EXPECT_EQ(config.kafka.properties.at("security.protocol"), "SASL_SSL");
  const std::string shown = show_config(config);
  EXPECT_EQ(shown.find("canary"), std::string::npos) << shown;
  parse_config(shown, "shown", errors);
  EXPECT_TRUE(errors.empty());
}

TEST(Config, OnlySettingsThatChangeRecordsChangeTheDigest) {
  Config config;
  const std::string before = record_settings_digest(config);
  config.log.level = "debug";
  config.engine.lanes = 8;
  config.kafka.bootstrap_servers = "elsewhere:9092";
  EXPECT_EQ(record_settings_digest(config), before);
  config.input.source = "anp";
  EXPECT_NE(record_settings_digest(config), before);
}

Config parsed(std::string_view toml) {
  std::vector<ConfigError> errors;
  Config config = parse_config(toml, "t", errors);
  for (const ConfigError& error : errors) ADD_FAILURE() << error.text();
  return config;
}

TEST(Config, WhatAReloadCanTakeOverIsNoRestartOnlyChange) {
  const Config running = parsed("");
  EXPECT_TRUE(restart_only_changes(running, running).empty());
  EXPECT_TRUE(restart_only_changes(
                  running, parsed("[knowledge]\npack = \"none\"\n[topics]\nrules = \"none\"\n"
                                  "[input]\nsource = \"anp\"\nformat = \"json\"\n"
                                  "fields.headline = [\"/kop\"]\n[log]\nlevel = \"debug\"\n"
                                  "[duplicates]\nremember_hours = 1\n"))
                  .empty());
  // Spelled out, or left to its default: the same.
  EXPECT_TRUE(restart_only_changes(running, parsed("[input]\ngroup = \"telex-wire\"\n")).empty());
  EXPECT_TRUE(restart_only_changes(parsed("[duplicates]\nidentical = \"mark\"\n"),
                                   parsed("[duplicates]\nidentical = \"suppress\"\n"))
                  .empty());
}

TEST(Config, RestartOnlyChangesAreNamedWithoutTheirValues) {
  const Config running = parsed("");
  const Config wanted = parsed(
      "pipeline = \"x\"\n[kafka]\nbootstrap_servers = \"b:1\"\n"
      "properties = { \"sasl.password\" = \"canary\" }\n[input]\ntopics = [\"t\"]\n"
      "[output]\nenriched = \"o\"\n[engine]\nlanes = 2\n[duplicates]\nidentical = \"mark\"\n"
      "state_bytes_max = 2000000\nstore = \"s\"\n[admin]\nlisten = \"\"\n");
  EXPECT_EQ(
      restart_only_changes(running, wanted),
      (std::vector<std::string>{"pipeline", "kafka.bootstrap_servers", "kafka.properties",
                                "input.topics", "input.group", "output.enriched",
                                "output.dead_letter", "engine.lanes", "duplicates.state_bytes_max",
                                "duplicates.store", "admin.listen", "duplicates.identical"}));
  EXPECT_EQ(restart_only_changes(wanted, running), restart_only_changes(running, wanted));
}

TEST(Config, ReferenceInDocsIsTheGeneratedOne) {
  std::ifstream in(TELEX_SOURCE_DIR "/docs/configuration.md");
  const std::string kept(std::istreambuf_iterator<char>(in), {});
  EXPECT_EQ(kept, config_reference())
      << "regenerate: telex config reference > docs/configuration.md";
}

}  // namespace
}  // namespace telex
