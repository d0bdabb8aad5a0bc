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
  // The same log folder and port as before. `properties`: further lines of server.properties, in
  // force for this start alone; the last line of a name counts.
  void start(const std::string& properties = {});
  void restart(int signal, const std::string& properties) {
    end(signal);
    start(properties);
  }
  int port() const;

 private:
  std::string script_;
  std::string folder_;
};

// Two ports of loopback that nobody listens on now, below those the kernel gives to clients.
std::pair<int, int> free_ports();

// Sets a topic's configuration to its defaults and these.
void set_topic_config(const std::string& bootstrap, const std::string& topic,
                      const std::map<std::string, std::string>& config);

}  // namespace telex::fault
