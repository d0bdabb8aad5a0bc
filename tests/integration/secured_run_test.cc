// `telex run` on secured listeners, as an operator has it: a configuration file with secrets from
// the environment and from files, and nothing said that should not be.
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "tests/integration/real_kafka.h"
#include "tests/integration/secured_kafka.h"
#include "tests/integration/telex_process.h"

namespace telex::testing {
namespace {

using namespace std::chrono_literals;

constexpr int kArticles = 40;

std::string contents(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// What a command of the program prints, and its exit code.
std::pair<std::string, int> printed(const std::string& arguments) {
  const std::string command =
      "'" + std::string(TELEX_BINARY_DIR) + "/telex' " + arguments + " 2>&1";
  std::FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("cannot run " + command);
  std::string text;
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) text += static_cast<char>(c);
  const int status = ::pclose(pipe);
  return {text, WIFEXITED(status) ? WEXITSTATUS(status) : -1};
}

class SecuredRun : public ::testing::Test {
 protected:
  SecuredRun() {
    std::string pattern = ::testing::TempDir() + "telex-secured-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
    folder_ = pattern;
    input_ = plain_.unique("secured.in");
    output_ = plain_.unique("secured.out");
    plain_.create_topic(input_, 2);
    plain_.create_topic(output_, 1);
    plain_.create_topic(input_ + ".dlq", 1);
    for (const auto& [name, value] :
         {std::pair{"CANARY_PASSWORD", secured_.secret("telex.password")},
          std::pair{"CANARY_PASSPHRASE", secured_.secret("client.passphrase")},
          std::pair{"CANARY_WRONG", wrong_}}) {
      ::setenv(name, value.c_str(), 1);
    }
  }
  ~SecuredRun() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  // SCRAM where the linked client can do it on this broker, see property_warnings().
  std::string mechanism() const {
    return kafka::property_warnings(secured_.sasl("SCRAM-SHA-512")).empty() ? "SCRAM-SHA-512"
                                                                            : "PLAIN";
  }
  std::string sasl_settings(const std::string& password) const {
    return "\"security.protocol\" = \"SASL_SSL\"\n\"sasl.mechanism\" = \"" + mechanism() +
           "\"\n\"sasl.username\" = \"telex\"\n\"sasl.password\" = \"" + password +
           "\"\n\"ssl.ca.location\" = \"" + secured_.path("ca.pem") + "\"\n";
  }
  std::string tls_settings(const std::string& passphrase) const {
    return "\"security.protocol\" = \"SSL\"\n\"ssl.ca.location\" = \"" + secured_.path("ca.pem") +
           "\"\n\"ssl.certificate.location\" = \"" + secured_.path("client.pem") +
           "\"\n\"ssl.key.location\" = \"" + secured_.path("client.key") +
           "\"\n\"ssl.key.password\" = \"" + passphrase + "\"\n";
  }
  std::string configure(const std::string& bootstrap, const std::string& properties) {
    const std::filesystem::path file = folder_ / "telex.toml";
    std::ostringstream out;
    out << "pipeline = \"secured\"\n[kafka]\nbootstrap_servers = \"" << bootstrap
        << "\"\n[kafka.properties]\n"
        << properties << "[input]\ntopics = [\"" << input_ << "\"]\ngroup = \"" << input_
        << "\"\n[output]\nenriched = \"" << output_ << "\"\n[engine]\ninstance = \"" << input_
        << "\"\nsession_timeout_ms = 6000\n[knowledge]\npack = \"none\"\n[topics]\nrules = "
           "\"none\"\n[admin]\nlisten = \"127.0.0.1:0\"\n[log]\nlevel = \"trace\"\n";
    write_file(file, out.str());
    return file.string();
  }
  void expect_no_secret(const std::string& text, const std::string& where) {
    for (const std::string& secret :
         {secured_.secret("telex.password"), secured_.secret("client.passphrase"), wrong_}) {
      EXPECT_EQ(text.find(secret), std::string::npos) << where;
    }
  }
  void feed() {
    plain_.produce(input_, kArticles, [&](std::uint64_t i) {
      article_ = R"({"id":"n)" + std::to_string(i) + R"(","headline":"News","body":"Nothing."})";
      kafka::ProducerRecord record;
      record.value = article_;
      record.partition = Partition{static_cast<std::int32_t>(i % 2)};
      return record;
    });
  }

  // The whole way: every article once, and no secret anywhere on it.
  void expect_service(const std::string& configuration) {
    feed();
    TelexProcess telex(configuration, folder_ / "log");
    EXPECT_TRUE(eventually([&] { return telex.over() || published() == kArticles; }, 60s))
        << telex.log();
    expect_no_secret(contents("/proc/" + std::to_string(telex.pid()) + "/cmdline"), "command line");
    for (const char* page : {"/status", "/metrics", "/readyz", "/livez"}) {
      std::optional<std::string> answer;
      EXPECT_TRUE(eventually([&] { return (answer = telex.get(page)).has_value(); }, 10s)) << page;
      expect_no_secret(answer.value_or(""), page);
    }
    telex.signal(SIGTERM);
    ASSERT_TRUE(telex.wait(40s)) << telex.log();
    EXPECT_EQ(telex.exit_code(), 0) << telex.log();
    EXPECT_EQ(published(), kArticles);
    expect_no_secret(telex.log(), "log");

    const auto [shown, shown_code] =
        printed("config show --resolved --config '" + configuration + "'");
    EXPECT_EQ(shown_code, 0) << shown;
    EXPECT_NE(shown.find("***"), std::string::npos) << shown;
    expect_no_secret(shown, "config show");
    const auto [checked, checked_code] = printed("validate --config '" + configuration + "'");
    EXPECT_EQ(checked_code, 0) << checked;
    expect_no_secret(checked, "validate");
  }
  // Ends by itself, soon, with these words and without a secret.
  void expect_refusal(const std::string& configuration, int code, const std::string& words) {
    TelexProcess telex(configuration, folder_ / "log");
    ASSERT_TRUE(telex.wait(60s)) << telex.log();
    EXPECT_EQ(telex.exit_code(), code) << telex.log();
    EXPECT_NE(telex.log().find(words), std::string::npos) << telex.log();
    expect_no_secret(telex.log(), "log");
    // No storm: a connection that is refused is tried a few times a second at most.
    std::size_t lines = 0;
    for (const char c : telex.log()) lines += c == '\n' ? 1U : 0U;
    EXPECT_LT(lines, 200U);
  }
  int published() {
    std::set<std::string> keys;
    int count = 0;
    plain_.for_each(output_, true, [&](const kafka::ConsumerRecord& record) {
      keys.emplace(record.key);
      ++count;
    });
    EXPECT_EQ(keys.size(), static_cast<std::size_t>(count)) << "doubled";
    return count;
  }

  SecuredKafka secured_;
  RealKafka plain_;
  std::filesystem::path folder_;
  std::string input_;
  std::string output_;
  std::string article_;
  const std::string wrong_ = "c4n4ry-that-is-not-the-password";
};

TEST_F(SecuredRun, ArticlesGoOverSaslWithThePasswordFromAFile) {
  expect_service(configure(secured_.sasl_bootstrap,
                           sasl_settings("${file:" + secured_.path("telex.password") + "}")));
}

TEST_F(SecuredRun, ArticlesGoOverSaslWithThePasswordFromTheEnvironment) {
  expect_service(configure(secured_.sasl_bootstrap, sasl_settings("${env:CANARY_PASSWORD}")));
}

TEST_F(SecuredRun, ArticlesGoOverMutualTlsWithThePassphraseFromAFile) {
  expect_service(configure(secured_.ssl_bootstrap,
                           tls_settings("${file:" + secured_.path("client.passphrase") + "}")));
}

TEST_F(SecuredRun, ArticlesGoOverMutualTlsWithThePassphraseFromTheEnvironment) {
  expect_service(configure(secured_.ssl_bootstrap, tls_settings("${env:CANARY_PASSPHRASE}")));
}

TEST_F(SecuredRun, AWrongPasswordEndsTheProgramWithAClearWord) {
  expect_refusal(configure(secured_.sasl_bootstrap, sasl_settings("${env:CANARY_WRONG}")), 1,
                 "SASL authentication error");
}

TEST_F(SecuredRun, AWrongPassphraseIsAFaultOfTheConfiguration) {
  expect_refusal(configure(secured_.ssl_bootstrap, tls_settings("${env:CANARY_WRONG}")), 78,
                 "ssl.key.location");
}

TEST_F(SecuredRun, AHostThatTheCertificateIsNotMadeOutToEndsTheProgram) {
  const std::string& good = secured_.ssl_bootstrap;
  expect_refusal(
      configure("127.1" + good.substr(good.find(':')), tls_settings("${env:CANARY_PASSPHRASE}")), 1,
      "made out to this host name");
}

TEST_F(SecuredRun, APlaintextClientOnATlsListenerEndsWithAClearWord) {
  expect_refusal(configure(secured_.sasl_bootstrap, ""), 1, "security.protocol");
}

TEST_F(SecuredRun, ASecretThatIsNotThereIsNamedByItsPlace) {
  expect_refusal(configure(secured_.sasl_bootstrap, sasl_settings("${env:CANARY_NOT_SET}")), 78,
                 "CANARY_NOT_SET");
}

}  // namespace
}  // namespace telex::testing
