#include "tests/fault/proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include <gtest/gtest.h>

#include "tests/fault/broker.h"

namespace telex::fault {
namespace {

using std::chrono::milliseconds;

int connect_to(int port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  EXPECT_EQ(::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  return socket;
}

std::string big(std::uint32_t value, int size) {
  std::string bytes;
  for (int shift = (size - 1) * 8; shift >= 0; shift -= 8) {
    bytes += static_cast<char>(value >> shift & 0xff);
  }
  return bytes;
}

// A broker that answers every request with "no error", heartbeats with "the group rebalances", and
// says in which order they came.
class FakeBroker {
 public:
  explicit FakeBroker(int port) : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    const int on = 1;
    ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    EXPECT_EQ(::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(listener_, 8), 0);
    acceptor_ = std::thread([this] {
      for (int socket; (socket = ::accept(listener_, nullptr, nullptr)) >= 0;) {
        answering_.emplace_back([this, socket] { answer(socket); });
      }
    });
  }
  ~FakeBroker() {
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    for (std::thread& each : answering_) each.join();
    ::close(listener_);
  }
  std::vector<int> apis() {
    const std::lock_guard lock(mutex_);
    return apis_;
  }

 private:
  void answer(int socket) {
    char frame[12];
    while (::recv(socket, frame, sizeof frame, MSG_WAITALL) == sizeof frame) {
      {
        const std::lock_guard lock(mutex_);
        apis_.push_back(frame[5]);
      }
      // Size, correlation id, throttle time, error.
      const std::uint32_t error = frame[5] == kApiHeartbeat ? 27 : 0;
      const std::string reply = big(10, 4) + std::string(frame + 8, 4) + big(0, 4) + big(error, 2);
      if (::send(socket, reply.data(), reply.size(), MSG_NOSIGNAL) < 0) break;
    }
    ::close(socket);
  }

  int listener_;
  std::mutex mutex_;
  std::vector<int> apis_;
  std::vector<std::thread> answering_;
  std::thread acceptor_;
};

class ProxyTest : public ::testing::Test {
 protected:
  static constexpr milliseconds kSilence{300};  // Nothing in this time is nothing.
  static constexpr milliseconds kPatience{30'000};

  ~ProxyTest() override {
    for (const int socket : sockets_) ::close(socket);
  }
  int client() {
    sockets_.push_back(connect_to(first_ + 1));
    return sockets_.back();
  }
  static void ask(int socket, std::int16_t api) {
    static std::uint32_t id = 0;
    const std::string frame =
        big(8, 4) + big(static_cast<std::uint32_t>(api), 2) + big(1, 2) + big(++id, 4);
    EXPECT_EQ(::send(socket, frame.data(), frame.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(frame.size()));
  }
  static void wait_at_most(int socket, milliseconds limit) {
    const timeval patience{limit.count() / 1000, limit.count() % 1000 * 1000};
    ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }
  // The error code of the next answer; -100 if none comes in this time.
  static int answer(int socket, milliseconds limit = kPatience) {
    wait_at_most(socket, limit);
    char reply[14];
    if (::recv(socket, reply, sizeof reply, MSG_WAITALL) != sizeof reply) return -100;
    return static_cast<std::int16_t>(static_cast<unsigned char>(reply[12]) << 8 |
                                     static_cast<unsigned char>(reply[13]));
  }

  const int first_ = free_ports(2);
  std::vector<int> sockets_;
  FakeBroker broker_{first_};
  Proxy proxy_{first_ + 1, first_};
};

TEST_F(ProxyTest, WhatIsAskedIsAnswered) {
  const int socket = client();
  ask(socket, kApiProduce);
  ask(socket, kApiEndTxn);
  EXPECT_EQ(answer(socket), 0);
  EXPECT_EQ(answer(socket), 0);
  EXPECT_EQ(proxy_.requests(kApiEndTxn), 1U);
}

TEST_F(ProxyTest, AHeldEndComesInTheMiddleOfTheNextTransaction) {
  const int first = client();
  proxy_.hold_next_end();
  ask(first, kApiEndTxn);
  EXPECT_EQ(answer(first, kSilence), -100);
  EXPECT_TRUE(proxy_.holds());
  ::shutdown(first, SHUT_RDWR);  // The client gives up, and asks again elsewhere.
  const int second = client();
  for (const std::int16_t api : {kApiEndTxn, kApiAddPartitions, kApiProduce, kApiProduce}) {
    ask(second, api);
    EXPECT_EQ(answer(second), 0);
  }
  for (int i = 0; i < 3000 && proxy_.late_answer() == Proxy::kNoAnswer; ++i) {
    std::this_thread::sleep_for(milliseconds{10});
  }
  EXPECT_EQ(proxy_.late_answer(), 0);
  const std::vector<int> apis = broker_.apis();
  ASSERT_EQ(apis.size(), 5U);
  EXPECT_EQ(std::vector<int>(apis.begin(), apis.begin() + 3),
            (std::vector<int>{kApiEndTxn, kApiAddPartitions, kApiProduce}));
}

TEST_F(ProxyTest, HalfOpenTakesTheAnswersAndThenTheConnection) {
  const int socket = client();
  ask(socket, kApiProduce);
  EXPECT_EQ(answer(socket), 0);
  proxy_.set(Proxy::Mode::half_open);
  ask(socket, kApiProduce);
  EXPECT_EQ(answer(socket, kSilence), -100);
  for (int i = 0; i < 3000 && broker_.apis().size() < 2; ++i) {
    std::this_thread::sleep_for(milliseconds{10});
  }
  EXPECT_EQ(broker_.apis().size(), 2U) << "it was asked";
  proxy_.set(Proxy::Mode::pass);
  wait_at_most(socket, kPatience);
  char byte = 0;
  EXPECT_LT(::recv(socket, &byte, 1, 0), 0);
  EXPECT_EQ(errno, ECONNRESET);
}

TEST_F(ProxyTest, ABlackHoleGivesBackWhatFellIn) {
  const int socket = client();
  ask(socket, kApiProduce);
  EXPECT_EQ(answer(socket), 0);
  proxy_.set(Proxy::Mode::black_hole);
  std::this_thread::sleep_for(milliseconds{50});
  ask(socket, kApiProduce);
  EXPECT_EQ(answer(socket, kSilence), -100);
  EXPECT_EQ(broker_.apis().size(), 1U);
  proxy_.set(Proxy::Mode::pass);
  EXPECT_EQ(answer(socket), 0);
}

TEST_F(ProxyTest, CommitsFailFromARebalanceToTheNextJoin) {
  proxy_.fail_commits_in_revokes(true);
  const int socket = client();
  ask(socket, kApiAddOffsets);
  EXPECT_EQ(answer(socket), 0) << "no rebalance was announced";
  ask(socket, kApiHeartbeat);
  EXPECT_EQ(answer(socket), 27);
  ask(socket, kApiAddOffsets);
  EXPECT_EQ(answer(socket), -1);
  ask(socket, kApiJoinGroup);
  EXPECT_EQ(answer(socket), 0);
  ask(socket, kApiAddOffsets);
  EXPECT_EQ(answer(socket), 0);
  EXPECT_EQ(proxy_.commits_failed(), 1U);
}

}  // namespace
}  // namespace telex::fault
