#include "kafka/properties.h"

#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <set>
#include <string>
#include <tuple>

#include <gtest/gtest.h>

#include "kafka/client.h"

namespace telex::kafka {
namespace {

// One name each that librdkafka, of this version or a later one, knows and a configuration must not
// reach; and a word of the reason that is given.
struct Refused {
  const char* name;
  const char* reason;
};

class PropertiesRefused : public ::testing::TestWithParam<Refused> {};

TEST_P(PropertiesRefused, IsNamedWithItsReasonAndNoClientIsMade) {
  const auto& [name, reason] = GetParam();
  const auto problems = check_properties({{name, "canary"}});
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_NE(problems.front().find(name), std::string::npos);
  EXPECT_NE(problems.front().find(reason), std::string::npos) << problems.front();
  EXPECT_EQ(problems.front().find("canary"), std::string::npos) << problems.front();
  EXPECT_EQ(masked({{name, "canary"}}).at(name), "***");
  BrokerSettings settings;
  settings.bootstrap_servers = "localhost:1";
  settings.properties = {{name, "canary"}};
  EXPECT_THROW(connect(settings), std::runtime_error);
}

INSTANTIATE_TEST_SUITE_P(
    Properties, PropertiesRefused,
    ::testing::Values(
        Refused{"plugin.library.paths", "loads code"}, Refused{"ssl.engine.location", "loads code"},
        Refused{"ssl.engine.id", "loads code"}, Refused{"ssl.providers", "loads code"},
        Refused{"sasl.kerberos.kinit.cmd", "shell"},
        Refused{"sasl.kerberos.min.time.before.relogin", "does not know"},
        Refused{"sasl.oauthbearer.token.endpoint.url", "URL"},
        Refused{"sasl.oauthbearer.method", "URL"}, Refused{"sasl.oauthbearer.config", "URL"},
        Refused{"sasl.oauthbearer.client.id", "URL"},
        Refused{"sasl.oauthbearer.client.secret", "URL"},
        Refused{"sasl.oauthbearer.assertion.file", "does not know"},
        Refused{"sasl.oauthbearer.metadata.authentication.type", "does not know"},
        Refused{"https.ca.location", "does not know"},
        Refused{"enable.sasl.oauthbearer.unsecure.jwt", "check"},
        Refused{"enable.ssl.certificate.verification", "check"}, Refused{"debug", "secrets"},
        Refused{"log_level", "does not know"}, Refused{"bootstrap.servers", "setting of its own"},
        Refused{"transactional.id", "setting of its own"},
        Refused{"enable.auto.commit", "lost or doubled"},
        Refused{"auto.offset.reset", "lost or doubled"},
        Refused{"isolation.level", "lost or doubled"},
        Refused{"partition.assignment.strategy", "lost or doubled"},
        Refused{"group.protocol", "does not know"},
        Refused{"test.mock.num.brokers", "lost or doubled"},
        Refused{"queued.max.messages.kbytes", "bound"}, Refused{"Debug", "does not know"},
        Refused{"no.such.property", "does not know"}),
    [](const ::testing::TestParamInfo<Refused>& each) {
      std::string name = each.param.name;
      for (char& c : name) {
        if (c == '.') c = '_';
      }
      return name;
    });

TEST(Properties, HostNameVerificationCannotBeSwitchedOff) {
  EXPECT_TRUE(check_properties({{"ssl.endpoint.identification.algorithm", "https"}}).empty());
  for (const char* value : {"none", "", "https ", "no"}) {
    EXPECT_FALSE(check_properties({{"ssl.endpoint.identification.algorithm", value}}).empty())
        << value;
  }
}

TEST(Properties, MechanismsThatFetchTokensAreRefused) {
  for (const char* name : {"sasl.mechanism", "sasl.mechanisms"}) {
    for (const char* value : {"PLAIN", "SCRAM-SHA-256", "scram-sha-512", "GSSAPI"}) {
      EXPECT_TRUE(check_properties({{name, value}}).empty()) << value;
    }
    const auto problems = check_properties({{name, "OAUTHBEARER"}});
    ASSERT_EQ(problems.size(), 1U);
    EXPECT_NE(problems.front().find("PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or GSSAPI"),
              std::string::npos)
        << problems.front();
    EXPECT_FALSE(check_properties({{name, "PLAIN,OAUTHBEARER"}}).empty());
  }
}

// librdkafka's Kerberos hands principal and keytab to a shell, to have kinit renew the ticket.
TEST(Properties, NoShellRunsForKerberos) {
  const std::string mark = ::testing::TempDir() + "telex-kinit-" + std::to_string(::getpid());
  ASSERT_FALSE(std::filesystem::exists(mark));
  for (const bool is_named : {true, false}) {
    BrokerSettings settings;
    settings.bootstrap_servers = "localhost:1";
    settings.properties = {{"security.protocol", "SASL_PLAINTEXT"},
                           {"sasl.kerberos.keytab", "/dev/null"},
                           {"sasl.kerberos.principal", "x; touch " + mark + "; echo"}};
    if (is_named) settings.properties["sasl.mechanism"] = "GSSAPI";
    try {
      // The first ticket is fetched before a client is made.
      connect(settings)->producer({});
    } catch (const std::runtime_error& failure) {
      // A build without Kerberos says so.
      EXPECT_NE(std::string(failure.what()).find("GSSAPI"), std::string::npos) << failure.what();
    }
    EXPECT_FALSE(std::filesystem::exists(mark));
  }
}

TEST(Properties, WhatTravelsInTheClearOrHasNoEffectIsWarnedOf) {
  const auto warns = [](const Properties& properties, std::string_view words) {
    for (const std::string& warning : property_warnings(properties)) {
      EXPECT_EQ(warning.find("canary"), std::string::npos) << warning;
      if (warning.find(words) != std::string::npos) return true;
    }
    return false;
  };
  const Properties credentials{
      {"sasl.mechanism", "PLAIN"}, {"sasl.username", "wire"}, {"sasl.password", "canary"}};
  const auto over = [&](const char* protocol) {
    Properties properties = credentials;
    properties["security.protocol"] = protocol;
    return properties;
  };
  EXPECT_TRUE(warns(over("SASL_PLAINTEXT"), "unencrypted"));
  EXPECT_TRUE(warns(over("sasl_plaintext"), "unencrypted"));
  EXPECT_TRUE(property_warnings(over("SASL_SSL")).empty());
  EXPECT_TRUE(warns(over("SSL"), "sasl.* properties have no effect"));
  EXPECT_TRUE(warns(credentials, "sasl.* properties have no effect"));
  EXPECT_TRUE(warns({{"ssl.ca.location", "ca.pem"}}, "ssl.* properties have no effect"));
  EXPECT_TRUE(warns({{"security.protocol", "sasl_ssl"}}, "Kerberos"));
  EXPECT_TRUE(property_warnings({}).empty());
  EXPECT_TRUE(property_warnings({{"security.protocol", "ssl"}, {"ssl.ca.location", "x"}}).empty());
}

TEST(Properties, WhatIsKnownOfTheClientFitsItsVersion) {
  const std::string version = client_version();
  int major = 0;
  int minor = 0;
  int patch = 0;
  ASSERT_EQ(std::sscanf(version.c_str(), "librdkafka %d.%d.%d", &major, &minor, &patch), 3)
      << version;
  const auto is_before = [&](int a, int b, int c) {
    return std::tuple(major, minor, patch) < std::tuple(a, b, c);
  };
  const Properties scram{{"security.protocol", "sasl_ssl"}, {"sasl.mechanism", "SCRAM-SHA-512"}};
  EXPECT_EQ(property_warnings(scram).empty(), !is_before(2, 6, 1));
  EXPECT_EQ(rebalances_cooperatively(), !is_before(2, 10, 1));
  EXPECT_EQ(client_known_problems().empty(), !is_before(2, 10, 1));
  // Each names the version that mends it.
  for (const std::string& problem : client_known_problems()) {
    const auto at = problem.find("before ");
    ASSERT_NE(at, std::string::npos) << problem;
    int a = 0;
    int b = 0;
    int c = 0;
    ASSERT_EQ(std::sscanf(problem.c_str() + at, "before %d.%d.%d", &a, &b, &c), 3) << problem;
    EXPECT_TRUE(is_before(a, b, c)) << problem;
  }
}

TEST(Properties, WhatNoClientCanBeMadeFromIsSaidWhenConnectingWithoutASecret) {
  const Properties cases[] = {
      {{"security.protocol", "ssl"}, {"ssl.ca.location", "no such file"}},
      {{"security.protocol", "ssl"}, {"ssl.key.pem", "s3cret"}, {"ssl.key.password", "s3cret"}},
      {{"security.protocol", "nonsense"}},
      {{"fetch.min.bytes", "few"}},
      {{"linger.ms", "short"}},
  };
  for (const Properties& properties : cases) {
    BrokerSettings settings;
    settings.bootstrap_servers = "localhost:1";
    settings.properties = properties;
    try {
      connect(settings);
      ADD_FAILURE() << properties.begin()->first;
    } catch (const std::runtime_error& failure) {
      EXPECT_EQ(std::string(failure.what()).find("s3cret"), std::string::npos) << failure.what();
    }
  }
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

// The allow-list is only of use if the client knows the names: every one is set once.
TEST(Properties, TheClientKnowsEveryAllowedName) {
  for (const PropertyRow& row : allowed_properties()) {
    BrokerSettings settings;
    settings.bootstrap_servers = "localhost:1";
    settings.properties = {{std::string(row.name), "not a value of any kind"}};
    if (row.name == "ssl.endpoint.identification.algorithm") {
      settings.properties = {{std::string(row.name), "https"}};
    } else if (row.name.starts_with("sasl.mechanism")) {
      settings.properties = {{std::string(row.name), "PLAIN"}};
    }
    try {
      const auto broker = connect(settings);
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
