// `telex validate --connect` as its user runs it, on a real broker.
#include <sys/wait.h>

#include <cstdio>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/real_kafka.h"
#include "tests/integration/telex_process.h"
#include "tests/support/temporary_folder.h"

namespace telex::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class ValidateOnBroker : public ::testing::Test {
 protected:
  void configure(const std::string& bootstrap, const std::string& more = "") {
    write_file(
        folder_.path() / "telex.toml",
        "pipeline = \"" + name_ + "\"\n[kafka]\nbootstrap_servers = \"" + bootstrap +
            "\"\n[input]\ntopics = [\"" + name_ + ".in\"]\n[output]\nenriched = \"" + name_ +
            ".out\"\n[knowledge]\npack = \"none\"\n[topics]\nrules = \"none\"\n[duplicates]\n"
            "identical = \"suppress\"\n" +
            more);
  }
  // What it prints, errors among it; its exit code in code_.
  std::string validate(const std::string& options) {
    const std::string command = std::string("'") + TELEX_BINARY_DIR +
                                "/telex' validate --config '" +
                                (folder_.path() / "telex.toml").string() + "' " + options + " 2>&1";
    FILE* pipe = ::popen(command.c_str(), "r");
    EXPECT_NE(pipe, nullptr);
    std::string out;
    char buffer[4096];
    for (std::size_t size = 0; (size = std::fread(buffer, 1, sizeof(buffer), pipe)) > 0;) {
      out.append(buffer, size);
    }
    const int status = ::pclose(pipe);
    code_ = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return out;
  }

  RealKafka kafka_;
  TemporaryFolder folder_{"validate"};
  const std::string name_ = kafka_.unique("validate");
  int code_ = -1;
};

TEST_F(ValidateOnBroker, SaysWhatIsMissingMakesItAndIsContent) {
  configure(kafka_.bootstrap());
  kafka_.create_topic(name_ + ".in", 3);
  std::string said = validate("");
  EXPECT_EQ(code_, 0) << said;
  EXPECT_THAT(said, Not(HasSubstr("topics\n"))) << "no broker was asked";

  said = validate("--connect");
  EXPECT_EQ(code_, 1) << said;
  EXPECT_THAT(said, HasSubstr("topic " + name_ + ".out (enriched) does not exist"));
  EXPECT_THAT(said, HasSubstr("with --create-topics would be made"));
  EXPECT_EQ(validate("--connect"), said) << "to look changes nothing";

  said = validate("--connect --create-topics");
  EXPECT_EQ(code_, 0) << said;
  EXPECT_THAT(said, HasSubstr("making\n  " + name_ + ".out: 3 partitions"));
  EXPECT_THAT(said, HasSubstr(name_ + ".in.dlq: 3 partitions, the brokers' number of replicas, "
                                      "max.message.bytes = 1114124, retention.ms = -1"));
  EXPECT_THAT(said, HasSubstr("made; now\n"));
  EXPECT_THAT(said, HasSubstr("warning  1 replica(s) of " + name_ + ".in, " + name_ + ".out, "));

  said = validate("--connect");
  EXPECT_EQ(code_, 0) << said;
  EXPECT_THAT(said, Not(HasSubstr("error")));
  EXPECT_THAT(said, HasSubstr("changelog     3 partitions, 1 replica(s)"));
}

TEST_F(ValidateOnBroker, ABrokerThatDoesNotAnswerIsSaidInTime) {
  configure("127.0.0.1:1");
  const std::string said = validate("--connect --timeout 2");
  EXPECT_EQ(code_, 1) << said;
  EXPECT_THAT(said, HasSubstr("error    "));
  EXPECT_THAT(said, HasSubstr("127.0.0.1:1"));
}

TEST_F(ValidateOnBroker, WhatDoesNotGoTogetherIsRefused) {
  configure(kafka_.bootstrap());
  EXPECT_THAT(validate("--create-topics"), HasSubstr("--connect"));
  EXPECT_EQ(code_, 64);
  configure("embedded");
  EXPECT_THAT(validate("--connect"), HasSubstr("embedded cluster"));
  EXPECT_EQ(code_, 78);
}

}  // namespace
}  // namespace telex::testing
