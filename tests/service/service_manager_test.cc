// A service manager that listens, and what it hears.
#include "service/service_manager.h"

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "service/commands/commands.h"
#include "service/config.h"
#include "service/exit_code.h"
#include "tests/support/notify_listener.h"

namespace telex {
namespace {

using namespace std::chrono_literals;
using Words = std::vector<std::string>;

class ServiceManagerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    setenv("WATCHDOG_USEC", "30000000", 1);
    setenv("WATCHDOG_PID", std::to_string(getpid()).c_str(), 1);
  }
  void TearDown() override {
    for (const char* name : {"WATCHDOG_USEC", "WATCHDOG_PID"}) unsetenv(name);
  }
  Words heard() const { return listener_.heard(); }

  testing::NotifyListener listener_;
  // Any moment will do: only differences count.
  const ServiceManager::Clock::time_point start_ = ServiceManager::Clock::now() + 1h;
};

TEST_F(ServiceManagerTest, IsToldOnceThatTheServiceIsReady) {
  ServiceManager manager;
  manager.turn(true, false, "starting", start_);
  EXPECT_EQ(heard(), (Words{"WATCHDOG=1", "EXTEND_TIMEOUT_USEC=30000000", "STATUS=starting"}));
  manager.turn(true, true, "starting", start_ + 1s);
  EXPECT_EQ(heard(), Words{"READY=1"});
  EXPECT_TRUE(manager.told_ready());
  manager.turn(true, false, "a rebalance", start_ + 2s);
  manager.turn(true, true, "starting", start_ + 3s);
  EXPECT_EQ(heard(), Words{}) << "a status only every five seconds, and if it is another one";
}

TEST_F(ServiceManagerTest, IsToldThatTheServiceLivesOnlyWhileItDoes) {
  ServiceManager manager;
  manager.turn(true, true, "", start_);
  EXPECT_EQ(heard(), (Words{"READY=1", "WATCHDOG=1"}));
  manager.turn(true, true, "", start_ + 9s);
  EXPECT_EQ(heard(), Words{});
  manager.turn(true, true, "", start_ + 10s);
  EXPECT_EQ(heard(), Words{"WATCHDOG=1"}) << "at a third of WatchdogSec";
  manager.turn(false, true, "", start_ + 25s);
  manager.turn(false, true, "", start_ + 50s);
  EXPECT_EQ(heard(), Words{});
}

TEST_F(ServiceManagerTest, GivesAStartThatHangsNoMoreTime) {
  ServiceManager manager;
  manager.turn(false, false, "", start_);
  EXPECT_EQ(heard(), Words{});
  manager.turn(true, false, "", start_ + 1s);
  manager.turn(true, false, "", start_ + 5s);
  manager.turn(true, false, "", start_ + 11s);
  Words extensions;
  for (const std::string& word : heard()) {
    if (word.starts_with("EXTEND")) extensions.push_back(word);
  }
  EXPECT_EQ(extensions.size(), 2U);
}

TEST_F(ServiceManagerTest, IsToldOfReloadsAndOfTheEnd) {
  ServiceManager manager;
  manager.reloading();
  manager.reloaded();
  EXPECT_EQ(heard(), Words{}) << "a service that is not ready yet cannot reload";
  manager.turn(true, true, "", start_);
  heard();
  manager.reloading();
  manager.reloaded();
  const Words reload = heard();
  ASSERT_EQ(reload.size(), 2U);
  EXPECT_TRUE(reload[0].starts_with("RELOADING=1\nMONOTONIC_USEC=")) << reload[0];
  EXPECT_EQ(reload[1], "READY=1");
  manager.stopping(31s);
  EXPECT_EQ(heard(), Words{"STOPPING=1\nEXTEND_TIMEOUT_USEC=31000000"});
}

TEST_F(ServiceManagerTest, SaysNothingThatTheTextOfAStatusMakesUp) {
  ServiceManager manager;
  manager.turn(false, false, "not ready: topic \"a\nREADY=1\"", start_);
  EXPECT_EQ(heard(), Words{"STATUS=not ready: topic \"a READY=1\""});
}

TEST_F(ServiceManagerTest, NeedsNoManager) {
  unsetenv("NOTIFY_SOCKET");
  ServiceManager manager;
  manager.turn(true, true, "fine", start_);
  manager.stopping(1s);
  EXPECT_EQ(heard(), Words{});
}

// The unit that is shipped, and what it must know of the program.
class UnitFileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::ifstream file(TELEX_SOURCE_DIR "/deploy/systemd/telex@.service");
    for (std::string line; std::getline(file, line);) {
      if (line.empty() || line.front() == '#' || line.front() == '[') continue;
      const std::size_t equals = line.find('=');
      ASSERT_NE(equals, std::string::npos) << line;
      settings_.emplace(line.substr(0, equals), line.substr(equals + 1));
    }
    ASSERT_FALSE(settings_.empty());
  }
  // Of the only such line.
  std::string setting(const std::string& name) const {
    EXPECT_EQ(settings_.count(name), 1U) << name;
    const auto found = settings_.find(name);
    return found == settings_.end() ? "" : found->second;
  }
  std::chrono::seconds seconds(const std::string& name) const {
    return std::chrono::seconds(std::strtol(setting(name).c_str(), nullptr, 10));
  }

  std::multimap<std::string, std::string> settings_;
};

TEST_F(UnitFileTest, WaitsForADrain) {
  EXPECT_EQ(setting("Type"), "notify");
  EXPECT_GT(seconds("TimeoutStopSec"),
            std::chrono::seconds(Config{}.engine.drain_seconds) + kStopBeyondDrain);
}

TEST_F(UnitFileTest, HearsOfLifeOftenEnough) {
  EXPECT_GE(seconds("WatchdogSec"), 3 * ServiceManager::kStatusEvery);
  EXPECT_GT(seconds("TimeoutStartSec"), ServiceManager::kExtension)
      << "the first question must be in time";
}

TEST_F(UnitFileTest, DoesNotTryAgainWhatCannotWork) {
  EXPECT_EQ(setting("RestartPreventExitStatus"),
            std::to_string(kExitUsage) + " " + std::to_string(kExitConfiguration));
}

TEST_F(UnitFileTest, RunsCommandsThatThereAre) {
  for (const char* name : {"ExecStartPre", "ExecStart"}) {
    const std::string command = setting(name);
    EXPECT_TRUE(command.starts_with("/usr/local/bin/telex ")) << command;
    EXPECT_TRUE(command.ends_with(" --config /etc/telex/%i.toml")) << command;
  }
}

}  // namespace
}  // namespace telex
