// The secured listeners of the test broker, and how to come in: `deploy/kafka run --secured -- CMD`
// starts one and sets the variables; deploy/kafka.d/secured.sh says what the files are.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <stdexcept>
#include <string>

namespace telex::testing {

using Properties = std::map<std::string, std::string>;

class SecuredKafka {
 public:
  const std::string sasl_bootstrap = variable("TELEX_TEST_SASL_BOOTSTRAP");
  const std::string ssl_bootstrap = variable("TELEX_TEST_SSL_BOOTSTRAP");
  const std::filesystem::path secrets = variable("TELEX_TEST_SECRETS");

  std::string path(const std::string& name) const { return (secrets / name).string(); }
  std::string secret(const std::string& name) const {
    std::ifstream in(secrets / name);
    if (!in) throw std::runtime_error("cannot read " + path(name));
    return {std::istreambuf_iterator<char>(in), {}};
  }

  // SASL_SSL as `user`, telex or reader.
  Properties sasl(const std::string& mechanism = "PLAIN", const std::string& user = "telex") const {
    return {{"security.protocol", "SASL_SSL"},
            {"sasl.mechanism", mechanism},
            {"sasl.username", user},
            {"sasl.password", secret(user + ".password")},
            {"ssl.ca.location", path("ca.pem")}};
  }
  // SSL with the client's certificate, whose key is locked.
  Properties mutual_tls() const {
    return {{"security.protocol", "SSL"},
            {"ssl.ca.location", path("ca.pem")},
            {"ssl.certificate.location", path("client.pem")},
            {"ssl.key.location", path("client.key")},
            {"ssl.key.password", secret("client.passphrase")}};
  }

 private:
  static std::string variable(const char* name) {
    const char* value = std::getenv(name);
    if (value == nullptr || *value == '\0') {
      throw std::runtime_error(std::string(name) +
                               " is not set: run this test through `deploy/kafka run --secured -- "
                               "ctest …`");
    }
    return value;
  }
};

}  // namespace telex::testing
