#include "service/admin/server.h"

#include <array>
#include <charconv>
#include <thread>

#include <httplib.h>

namespace telex {
namespace {

constexpr std::size_t kBodyBytesMax = 4096;
constexpr time_t kTimeoutSeconds = 5;
constexpr std::size_t kThreads = 4;
constexpr std::size_t kKeepAliveMax = 100;

bool is_loopback(const std::string& host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

// host:port or [host]:port. False if it is neither.
bool split_listen(const std::string& listen, std::string& host, int& port) {
  const std::size_t colon = listen.rfind(':');
  if (colon == std::string::npos) return false;
  host = listen.substr(0, colon);
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  const char* begin = listen.data() + colon + 1;
  const char* end = listen.data() + listen.size();
  const auto parsed = std::from_chars(begin, end, port);
  return parsed.ec == std::errc{} && parsed.ptr == end && port >= 0 && port <= 65535 &&
         !host.empty();
}

}  // namespace

struct AdminServer::Impl {
  AdminHandlers handlers;
  httplib::Server server;
  std::thread thread;
  std::string host;
  int port = 0;

  // A page of another site that resolves its name to this address must not read what is here.
  bool host_header_good(const httplib::Request& request) const {
    std::string name = request.get_header_value("Host");
    if (const std::size_t colon = name.rfind(':');
        colon != std::string::npos && name.back() != ']') {
      name.resize(colon);
    }
    if (name.size() >= 2 && name.front() == '[') name = name.substr(1, name.size() - 2);
    return is_loopback(name);
  }

  void answer(const std::string& path, std::function<void(httplib::Response&)> write) {
    server.Get(path, [this, write = std::move(write)](const httplib::Request& request,
                                                      httplib::Response& response) {
      response.set_header("X-Content-Type-Options", "nosniff");
      response.set_header("Cache-Control", "no-store");
      if (!host_header_good(request)) {
        response.status = 421;
        response.set_content("this server answers to loopback names only\n", "text/plain");
        return;
      }
      write(response);
    });
  }

  void answer_health(const std::string& path, std::function<HealthAnswer()> ask) {
    answer(path, [ask = std::move(ask)](httplib::Response& response) {
      const HealthAnswer health = ask();
      response.status = health.good ? 200 : 503;
      response.set_content(health.json + "\n", "application/json");
    });
  }
};

AdminServer::AdminServer(AdminHandlers handlers) : impl_(std::make_unique<Impl>()) {
  impl_->handlers = std::move(handlers);
  httplib::Server& server = impl_->server;
  server.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
  // The library's default is SO_REUSEPORT, with which a second process would share the port
  // unnoticed.
  server.set_socket_options([](socket_t socket) {
    const int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  });
  server.set_payload_max_length(kBodyBytesMax);
  server.set_read_timeout(kTimeoutSeconds, 0);
  server.set_write_timeout(kTimeoutSeconds, 0);
  server.set_keep_alive_max_count(kKeepAliveMax);
  impl_->answer("/metrics", [this](httplib::Response& response) {
    response.set_content(impl_->handlers.metrics(), "text/plain; version=0.0.4; charset=utf-8");
  });
  impl_->answer("/status", [this](httplib::Response& response) {
    response.set_content(impl_->handlers.status() + "\n", "application/json");
  });
  impl_->answer_health("/livez", [this] { return impl_->handlers.live(); });
  impl_->answer_health("/readyz", [this] { return impl_->handlers.ready(); });
}

AdminServer::~AdminServer() { stop(); }

std::string AdminServer::start(const std::string& listen) {
  if (!split_listen(listen, impl_->host, impl_->port)) {
    return "admin.listen: \"" + listen + "\" is not host:port";
  }
  if (!is_loopback(impl_->host)) {
    return "admin.listen: " + impl_->host + " is not a loopback address";
  }
  if (impl_->port == 0) {
    impl_->port = impl_->server.bind_to_any_port(impl_->host);
  } else if (!impl_->server.bind_to_port(impl_->host, impl_->port)) {
    impl_->port = -1;
  }
  if (impl_->port < 0) return "admin.listen: cannot listen on " + listen + " (is it in use?)";
  impl_->thread = std::thread([this] { impl_->server.listen_after_bind(); });
  return "";
}

std::string AdminServer::address() const {
  if (!impl_->thread.joinable()) return "";
  const bool v6 = impl_->host.find(':') != std::string::npos;
  return (v6 ? "[" + impl_->host + "]" : impl_->host) + ":" + std::to_string(impl_->port);
}

void AdminServer::stop() {
  if (!impl_->thread.joinable()) return;
  // stop() before the accept loop has begun would be lost: wait until it runs.
  while (!impl_->server.is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  impl_->server.stop();
  impl_->thread.join();
}

}  // namespace telex
