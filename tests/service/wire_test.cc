// A whole wire in this process, on the embedded cluster.
#include "service/wire.h"

#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "tests/support/temporary_folder.h"

namespace telex {
namespace {

using namespace std::chrono_literals;

class EmbeddedWire : public ::testing::Test {
 protected:
  static constexpr const char* kConfig =
      "[kafka]\nbootstrap_servers = \"embedded\"\n[admin]\nlisten = \"\"\n[knowledge]\n"
      "pack = \"none\"\n[topics]\nrules = \"none\"\n[duplicates]\nidentical = \"suppress\"\n";

  void SetUp() override {
    folder_.write("telex.toml", kConfig);
    std::vector<ConfigError> errors;
    std::string error;
    wire_ = Wire::start(load_config(folder_.path() / "telex.toml", errors), error);
    ASSERT_NE(wire_, nullptr) << error;
    ASSERT_TRUE(eventually([&] { return wire_->engine().ready(); })) << wire_->status();
  }

  static bool eventually(const std::function<bool()>& done) {
    for (int i = 0; i < 1500; ++i) {
      if (done()) return true;
      std::this_thread::sleep_for(20ms);
    }
    return false;
  }
  void send(const std::string& body) {
    const std::string value = R"({"uri":"urn:t:1","headline":"h","body":")" + body + R"("})";
    const auto producer = wire_->broker().producer({});
    kafka::ProducerRecord record;
    record.topic = "raw.articles";
    record.key = "urn:t:1";
    record.value = value;
    ASSERT_TRUE(producer->produce(record).ok());
    ASSERT_TRUE(producer->flush(10s).ok());
    ++sent_;
    ASSERT_TRUE(eventually([&] { return counts().in == sent_; })) << wire_->status();
  }
  BatchCounts counts() {
    BatchCounts all;
    for (const LaneStatus& lane : wire_->engine().status()) all += lane.counts;
    return all;
  }

  testing::TemporaryFolder folder_{"wire"};
  std::unique_ptr<Wire> wire_;
  std::uint64_t sent_ = 0;
};

TEST_F(EmbeddedWire, SuppressesRepeatsAcrossReloads) {
  send("a");
  send("a");
  EXPECT_EQ(counts().suppressed, 1U);
  const ReloadReport report = wire_->reload();
  EXPECT_EQ(report.outcome, ReloadOutcome::applied) << report.message;
  EXPECT_EQ(report.generation, 2U);
  EXPECT_EQ(wire_->generation()->number, 2U);
  send("a");
  EXPECT_EQ(counts().suppressed, 2U) << "the store is the lane's, not the generation's";
  folder_.write("telex.toml", std::string(kConfig) + "remember_hours = 0\n");
  EXPECT_EQ(wire_->reload().outcome, ReloadOutcome::invalid);
  folder_.write("telex.toml", "[kafka]\nbootstrap_servers = \"embedded\"\n");
  EXPECT_EQ(wire_->reload().outcome, ReloadOutcome::restart_needed);
  EXPECT_EQ(wire_->generation()->number, 2U);
  send("b");
  EXPECT_EQ(counts().published, 2U);
  EXPECT_TRUE(counts().balances());
}

}  // namespace
}  // namespace telex
