// The broker of `deploy/kafka run` as something to be killed, started and set otherwise, and what
// an administrator does to its topics.
//
// Threads: one. Errors: std::runtime_error.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

namespace telex::fault {

class BrokerProcess {
 public:
  // Of TELEX_TEST_KAFKA and TELEX_TEST_KAFKA_DIR.
  BrokerProcess();

  // SIGKILL as a power cut, or SIGTERM; returns when the process is gone.
  void end(int signal);
  // The same log folder, port and properties as before.
  void start();
  // Restarts it unless these are its properties already: further lines of server.properties, of
  // which the last of a name counts.
  void require(const std::string& properties);
  int port() const;

 private:
  std::string script_;
  std::string folder_;
  std::string properties_;
};

// The first of so many neighbouring ports of loopback that nobody listens on now, below those the
// kernel gives to clients.
int free_ports(int count);

// Takes the right to write to a topic away from `principal` ("User:telex"), and gives it back.
void deny_write(const std::string& bootstrap, const std::string& topic,
                const std::string& principal);
void allow_write(const std::string& bootstrap, const std::string& topic,
                 const std::string& principal);

// Sets a topic's configuration to its defaults and these.
void set_topic_config(const std::string& bootstrap, const std::string& topic,
                      const std::map<std::string, std::string>& config);

}  // namespace telex::fault
