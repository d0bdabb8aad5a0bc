#include "tests/fault/proxy.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>

namespace telex::fault {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kFrameMax = 100U << 20;
constexpr milliseconds kTurn{5};
constexpr std::int16_t kRebalanceInProgress = 27;

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

int new_socket() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) throw std::runtime_error("no socket for the proxy");
  const int on = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  return socket;
}

void prepare(int socket) {
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::fcntl(socket, F_SETFL, O_NONBLOCK);
}

void close_with_reset(int socket) {
  const linger now{1, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  ::close(socket);
}

std::uint32_t read_big(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < size; ++i) {
    value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  }
  return value;
}
std::int16_t read_16(std::string_view bytes, std::size_t at) {
  return static_cast<std::int16_t>(read_big(bytes, at, 2));
}

// Where a response's error code stands: behind size, correlation id, the tags of a flexible header
// and, mostly, the throttle time.
std::size_t error_at(std::int16_t api, std::int16_t version) {
  const bool flexible = api == kApiHeartbeat ? version >= 4 : version >= 3;
  const bool throttle = api != kApiHeartbeat || version >= 1;
  return 8 + (flexible ? 1U : 0U) + (throttle ? 4U : 0U);
}

}  // namespace

std::string Proxy::properties(int first_port, int broker_port, int proxy_port,
                              int controller_port) {
  const std::string host = "127.0.0.1:";
  // The controller's listener is what deploy/kafka wrote above; a listeners line of ours has to
  // repeat it, and names a port of our own for it.
  const std::string controller = host + std::to_string(controller_port);
  return "controller.quorum.voters=1@" + controller + "\nlisteners=PLAINTEXT://" + host +
         std::to_string(first_port) + ",CONTROLLER://" + controller + ",PROXIED://" + host +
         std::to_string(broker_port) + "\nadvertised.listeners=PLAINTEXT://" + host +
         std::to_string(first_port) + ",PROXIED://" + host + std::to_string(proxy_port) +
         "\nlistener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,"
         "PROXIED:PLAINTEXT\ninter.broker.listener.name=PLAINTEXT\n";
}

Proxy::Proxy(int port, int broker_port)
    : port_(port), broker_port_(broker_port), listener_(new_socket()) {
  const sockaddr_in address = loopback(port_);
  if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(listener_, 64) != 0) {
    ::close(listener_);
    throw std::runtime_error("the proxy cannot listen on port " + std::to_string(port_));
  }
  ::fcntl(listener_, F_SETFL, O_NONBLOCK);
  thread_ = std::thread([this] { run(); });
}

Proxy::~Proxy() {
  stop_ = true;
  thread_.join();
  ::close(listener_);
}

std::string Proxy::address() const { return "127.0.0.1:" + std::to_string(port_); }

void Proxy::set(Mode mode, milliseconds delay) {
  delay_ms_ = delay.count();
  mode_ = mode;
}

void Proxy::reset_all() { reset_ = true; }

std::uint64_t Proxy::requests(std::int16_t api) const {
  const std::lock_guard lock(mutex_);
  const auto found = requests_.find(api);
  return found == requests_.end() ? 0 : found->second;
}

void Proxy::run() {
  while (!stop_) turn();
  for (Link& link : links_) end(link, false);
}

// One look at everything. A turn every few milliseconds is all the waiting there is: simpler than
// timers, and fast enough for a test.
void Proxy::turn() {
  const bool deaf = mode_ == Mode::black_hole;
  std::vector<pollfd> sockets{{listener_, static_cast<short>(deaf ? 0 : POLLIN), 0}};
  if (!deaf) {
    for (const Link& link : links_) {
      for (const int each : {link.client, link.broker}) {
        if (each >= 0) sockets.push_back({each, POLLIN, 0});
      }
    }
  }
  ::poll(sockets.data(), sockets.size(), static_cast<int>(kTurn.count()));
  const bool reset = reset_.exchange(false);
  if (!reset && mode_ == Mode::black_hole) return;
  if (!reset) accept_one();
  for (auto link = links_.begin(); link != links_.end();) {
    const bool waits = !link->kept.empty() || link->is_late;
    const bool lost = link->lost_answers && mode_ != Mode::half_open;
    bool good = !(reset && !waits) && !lost;
    if (good && link->client >= 0 && !(read(*link, true) && write(*link, true))) {
      // What is kept is still to come; without it the link is over.
      good = waits;
      if (good) lose_client(*link);
    }
    good = good && read(*link, false) && write(*link, false);
    // A late request was answered: nobody waits for more.
    if (link->client < 0 && link->is_late && late_answer_ != kNoAnswer) good = false;
    if (good) {
      ++link;
    } else {
      end(*link, reset || lost);
      link = links_.erase(link);
    }
  }
}

void Proxy::accept_one() {
  const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  if (client < 0) return;
  const int broker = new_socket();
  const sockaddr_in address = loopback(broker_port_);
  if (::connect(broker, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(broker);
    ::close(client);
    return;
  }
  prepare(client);
  prepare(broker);
  Link& link = links_.emplace_back();
  link.client = client;
  link.broker = broker;
}

bool Proxy::read(Link& link, bool from_client) {
  const int socket = from_client ? link.client : link.broker;
  std::string& in = from_client ? link.up.in : link.down.in;
  std::array<char, 65536> buffer;
  for (int i = 0; i < 16; ++i) {
    const ssize_t size = ::read(socket, buffer.data(), buffer.size());
    if (size < 0) return errno == EAGAIN || errno == EINTR ? cut_frames(link, from_client) : false;
    if (size == 0) return false;
    in.append(buffer.data(), static_cast<std::size_t>(size));
  }
  return cut_frames(link, from_client);
}

bool Proxy::cut_frames(Link& link, bool from_client) {
  std::string& in = from_client ? link.up.in : link.down.in;
  std::size_t at = 0;
  while (in.size() - at >= 4) {
    const std::size_t size = 4 + std::size_t{read_big(in, at, 4)};
    if (size > kFrameMax || size < 8) return false;
    if (in.size() - at < size) break;
    std::string frame = in.substr(at, size);
    at += size;
    if (from_client) {
      on_request(link, std::move(frame));
    } else {
      on_response(link, std::move(frame));
    }
  }
  in.erase(0, at);
  return true;
}

bool Proxy::write(Link& link, bool to_client) {
  const int socket = to_client ? link.client : link.broker;
  Way& way = to_client ? link.down : link.up;
  while (!way.out.empty() && way.out.front().due <= std::chrono::steady_clock::now()) {
    const std::string& bytes = way.out.front().bytes;
    const ssize_t size =
        ::send(socket, bytes.data() + way.written, bytes.size() - way.written, MSG_NOSIGNAL);
    if (size < 0) return errno == EAGAIN || errno == EINTR;
    way.written += static_cast<std::size_t>(size);
    if (way.written < bytes.size()) return true;
    way.out.pop_front();
    way.written = 0;
  }
  return true;
}

void Proxy::on_request(Link& link, std::string frame) {
  if (frame.size() < 12) return;
  const Request request{read_16(frame, 4), read_16(frame, 6)};
  link.asked[static_cast<std::int32_t>(read_big(frame, 8, 4))] = request;
  {
    const std::lock_guard lock(mutex_);
    ++requests_[request.api];
  }
  if (request.api == kApiJoinGroup) revoking_ = false;
  if (request.api == kApiEndTxn && hold_next_.exchange(false)) {
    held_ = true;
    next_transaction_ = false;
    link.kept.push_back(std::move(frame));
    return;
  }
  if (!link.kept.empty()) {  // TCP keeps the order.
    link.kept.push_back(std::move(frame));
    return;
  }
  milliseconds delay{mode_ == Mode::slow ? delay_ms_.load() : 0};
  if (request.api == kApiProduce) delay = std::max(delay, produce_delay_.load());
  link.up.out.push_back({std::move(frame), std::chrono::steady_clock::now() + delay});
}

void Proxy::on_response(Link& link, std::string frame) {
  const auto found = link.asked.find(static_cast<std::int32_t>(read_big(frame, 4, 4)));
  const Request request = found == link.asked.end() ? Request{} : found->second;
  if (found != link.asked.end()) link.asked.erase(found);
  const std::size_t error = error_at(request.api, request.version);
  const bool has_error = frame.size() >= error + 2;
  if (request.api == kApiHeartbeat && has_error && fail_in_revoke_ &&
      read_16(frame, error) == kRebalanceInProgress) {
    revoking_ = true;
  }
  if (request.api == kApiAddOffsets && has_error && revoking_ && fail_in_revoke_) {
    // UNKNOWN_SERVER_ERROR: the client has to abort the transaction.
    frame[error] = frame[error + 1] = static_cast<char>(0xff);
    ++commits_failed_;
  }
  if (request.api == kApiEndTxn && link.is_late && has_error) late_answer_ = read_16(frame, error);
  // The one that was sent in its place ended the transaction. (Not every client says by an
  // AddPartitionsToTxn that another begins.)
  if (held_ && request.api == kApiEndTxn) next_transaction_ = true;
  if (held_ && next_transaction_ && request.api == kApiProduce) release_held();
  if (mode_ == Mode::half_open) {
    link.lost_answers = true;
    return;
  }
  const milliseconds delay{mode_ == Mode::slow ? delay_ms_.load() : 0};
  if (link.client >= 0) {
    link.down.out.push_back({std::move(frame), std::chrono::steady_clock::now() + delay});
  }
}

void Proxy::release_held() {
  for (Link& link : links_) {
    if (link.kept.empty()) continue;
    for (std::string& frame : link.kept) link.up.out.push_back({std::move(frame), {}});
    link.kept.clear();
    link.is_late = true;
  }
  held_ = false;
}

void Proxy::lose_client(Link& link) {
  ::close(link.client);
  link.client = -1;
  link.down.out.clear();
  link.down.written = 0;
}

void Proxy::end(Link& link, bool reset) {
  for (const int socket : {link.client, link.broker}) {
    if (socket < 0) continue;
    if (reset) {
      close_with_reset(socket);
    } else {
      ::close(socket);
    }
  }
}

}  // namespace telex::fault
