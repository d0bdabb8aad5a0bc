// `telex run` under a service manager: what the manager hears from the first start to the last
// word.
#include <signal.h>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/integration/telex_process.h"
#include "tests/support/notify_listener.h"
#include "tests/support/temporary_folder.h"

namespace telex::testing {
namespace {

using namespace std::chrono_literals;

class NotifyTest : public ::testing::Test {
 protected:
  // Until a message begins with `word`; what came before it is kept in heard_.
  bool hears(const std::string& word) {
    for (int i = 0; i < 3000; ++i) {
      for (std::string& message : listener_.heard()) heard_.push_back(std::move(message));
      if (said(word)) return true;
      std::this_thread::sleep_for(20ms);
    }
    return false;
  }
  bool said(const std::string& word) const {
    return std::any_of(heard_.begin(), heard_.end(),
                       [&](const std::string& message) { return message.starts_with(word); });
  }

  TemporaryFolder folder_{"notify-run"};
  NotifyListener listener_;
  std::vector<std::string> heard_;
};

TEST_F(NotifyTest, AServiceSaysWhenItIsReadyReloadsAndStops) {
  folder_.write("telex.toml",
                "[kafka]\nbootstrap_servers = \"embedded\"\n[admin]\nlisten = \"\"\n[knowledge]\n"
                "pack = \"none\"\n[topics]\nrules = \"none\"\n");
  setenv("WATCHDOG_USEC", "3000000", 1);
  unsetenv("WATCHDOG_PID");
  TelexProcess process(folder_.path() / "telex.toml", folder_.path() / "log");
  unsetenv("WATCHDOG_USEC");
  ASSERT_TRUE(hears("READY=1")) << process.log();
  EXPECT_TRUE(said("EXTEND_TIMEOUT_USEC=")) << "joining a group takes its time";
  EXPECT_TRUE(hears("WATCHDOG=1"));
  EXPECT_TRUE(hears("STATUS=ready: 0 articles in"));
  heard_.clear();
  process.signal(SIGHUP);
  EXPECT_TRUE(hears("RELOADING=1\nMONOTONIC_USEC="));
  EXPECT_TRUE(hears("READY=1"));
  process.signal(SIGTERM);
  EXPECT_TRUE(hears("STOPPING=1\nEXTEND_TIMEOUT_USEC=31000000"));
  EXPECT_TRUE(process.wait(40s)) << process.log();
  EXPECT_EQ(process.exit_code(), 0) << process.log();
}

}  // namespace
}  // namespace telex::testing
