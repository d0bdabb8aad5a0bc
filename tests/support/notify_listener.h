// A service manager's end of sd_notify(3): a socket, its name in the environment, what came in.
//
// Threads: one, and before others read the environment. Limits: a message of 4 KiB.
#pragma once

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/temporary_folder.h"

namespace telex::testing {

class NotifyListener {
 public:
  NotifyListener() : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    const std::string path = (folder_.path() / "notify").string();
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    EXPECT_LT(path.size(), sizeof(address.sun_path));
    path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    setenv("NOTIFY_SOCKET", path.c_str(), 1);
  }
  ~NotifyListener() {
    unsetenv("NOTIFY_SOCKET");
    ::close(socket_);
  }
  NotifyListener(const NotifyListener&) = delete;
  NotifyListener& operator=(const NotifyListener&) = delete;

  // What came since the last call, a message each.
  std::vector<std::string> heard() const {
    std::vector<std::string> all;
    char text[4096];
    for (ssize_t size = 0; (size = ::recv(socket_, text, sizeof(text), 0)) >= 0;) {
      all.emplace_back(text, static_cast<std::size_t>(size));
    }
    return all;
  }

 private:
  TemporaryFolder folder_{"notify"};
  const int socket_;
};

}  // namespace telex::testing
