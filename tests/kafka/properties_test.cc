#include "kafka/properties.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

#include "kafka/client.h"

namespace telex::kafka {
namespace {

TEST(Properties, WhatLoadsCodeRunsAShellOrCallsAUrlIsRefusedWithItsReason) {
  const struct {
    const char* name;
    const char* reason;
  } cases[] = {
      {"plugin.library.paths", "loads code"},
      {"ssl.engine.location", "loads code"},
      {"ssl.providers", "loads code"},
      {"sasl.kerberos.kinit.cmd", "shell"},
      {"sasl.oauthbearer.token.endpoint.url", "URL"},
      {"enable.ssl.certificate.verification", "check"},
      {"debug", "secrets"},
      {"enable.auto.commit", "lost or doubled"},
      {"auto.offset.reset", "lost or doubled"},
      {"isolation.level", "lost or doubled"},
      {"queued.max.messages.kbytes", "bound"},
      {"transactional.id", "setting of its own"},
      {"no.such.property", "does not know"},
  };
  for (const auto& each : cases) {
    const auto problems = check_properties({{each.name, "x"}});
    ASSERT_EQ(problems.size(), 1U) << each.name;
    EXPECT_NE(problems.front().find(each.name), std::string::npos);
    EXPECT_NE(problems.front().find(each.reason), std::string::npos) << problems.front();
  }
}

TEST(Properties, HostNameVerificationCannotBeSwitchedOff) {
  EXPECT_TRUE(check_properties({{"ssl.endpoint.identification.algorithm", "https"}}).empty());
  EXPECT_FALSE(check_properties({{"ssl.endpoint.identification.algorithm", "none"}}).empty());
}

TEST(Properties, NoPropertyIsBothAllowedAndRefused) {
  std::set<std::string_view> names;
  for (const PropertyRow& row : allowed_properties()) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
  }
  for (const RefusedProperty& row : refused_properties()) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_FALSE(row.why.empty());
  }
}

TEST(Properties, EachClientGetsWhatItUnderstands) {
  const Properties all{{"linger.ms", "1"}, {"fetch.min.bytes", "1"}, {"security.protocol", "ssl"}};
  EXPECT_EQ(properties_for(all, PropertyScope::consumer),
            (Properties{{"fetch.min.bytes", "1"}, {"security.protocol", "ssl"}}));
  EXPECT_EQ(properties_for(all, PropertyScope::producer),
            (Properties{{"linger.ms", "1"}, {"security.protocol", "ssl"}}));
}

TEST(Properties, SecretsAndUnknownNamesAreMasked) {
  const Properties shown = masked({{"sasl.password", "canary"},
                                   {"ssl.key.password", "canary"},
                                   {"sasl.passwrod", "canary"},
                                   {"sasl.username", "wire"}});
  for (const auto& [name, value] : shown)
    EXPECT_EQ(value.find("canary"), std::string::npos) << name;
  EXPECT_EQ(shown.at("sasl.username"), "wire");
}

TEST(Properties, ConnectRefusesWhatMayNotBeSet) {
  BrokerSettings settings;
  settings.bootstrap_servers = "localhost:1";
  settings.properties = {{"sasl.kerberos.kinit.cmd", "true"}};
  EXPECT_THROW(connect(settings), std::runtime_error);
}

// The allow-list is only of use if the client knows the names: every one is set once.
TEST(Properties, TheClientKnowsEveryAllowedName) {
  for (const PropertyRow& row : allowed_properties()) {
    BrokerSettings settings;
    settings.bootstrap_servers = "localhost:1";
    const bool https = row.name == "ssl.endpoint.identification.algorithm";
    settings.properties = {{std::string(row.name), https ? "https" : "not a value of any kind"}};
    const auto broker = connect(settings);
    try {
      broker->consumer({"group", "", std::chrono::milliseconds{6000}, 64U << 20, true});
      broker->producer({});
    } catch (const std::runtime_error& failure) {
      EXPECT_EQ(std::string(failure.what()).find("No such configuration property"),
                std::string::npos)
          << row.name << ": " << failure.what();
    }
  }
}

}  // namespace
}  // namespace telex::kafka
