// The admin server: /metrics, /livez, /readyz and /status over HTTP, on loopback.
//
// Threads: serves on a small pool of its own; the handlers are called from it and must be free to
//          call from any thread. Limits: 4 KiB of request body, 5 s to read or write a request.
// Errors:  start() says why it could not listen. Another address than loopback is refused: what is
//          served here is not protected by a token.
#pragma once

#include <functional>
#include <memory>
#include <string>

namespace telex {

struct HealthAnswer {
  bool good = false;
  std::string json;  // Body; an object.
};

struct AdminHandlers {
  std::function<std::string()> metrics;
  std::function<HealthAnswer()> live;
  std::function<HealthAnswer()> ready;
  std::function<std::string()> status;
};

class AdminServer {
 public:
  explicit AdminServer(AdminHandlers handlers);
  ~AdminServer();  // Stops.

  // "127.0.0.1:9464"; port 0 takes a free one. Empty string on success, else why not.
  std::string start(const std::string& listen);
  // "127.0.0.1:9464" as bound; empty before start().
  std::string address() const;
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace telex
