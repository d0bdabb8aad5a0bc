// Reload of a running `telex run`, on a real broker: what is good comes into force, what is bad
// changes nothing, and no article is lost, doubled or made of a configuration that was refused.
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/integration/real_kafka.h"
#include "tests/integration/telex_process.h"
#include "tests/support/temporary_folder.h"

namespace telex::testing {
namespace {

using namespace std::chrono_literals;

class ReloadOnBroker : public ::testing::Test {
 protected:
  ReloadOnBroker()
      : name_(kafka_.unique("reload")),
        input_(name_ + ".in"),
        output_(name_ + ".out"),
        dead_letters_(name_ + ".dlq"),
        config_(folder_.path() / "telex.toml") {
    kafka_.create_topic(input_, 4);
    kafka_.create_topic(output_, 4);
    kafka_.create_topic(dead_letters_, 1);
  }

  // `source` shows in every record which configuration made it.
  std::string good(const std::string& source, const std::string& engine = "") const {
    return "pipeline = \"" + name_ + "\"\n[kafka]\nbootstrap_servers = \"" + kafka_.bootstrap() +
           "\"\n[input]\ntopics = [\"" + input_ + "\"]\nsource = \"" + source +
           "\"\n[output]\nenriched = \"" + output_ + "\"\ndead_letter = \"" + dead_letters_ +
           "\"\n[admin]\nlisten = \"127.0.0.1:0\"\n[knowledge]\npack = \"none\"\n[topics]\n"
           "rules = \"none\"\n[engine]\nlanes = 2\nsession_timeout_ms = 6000\n" +
           engine;
  }
  // One of each kind that must be refused; all name a source that must never be seen.
  std::string bad(std::uint64_t kind) const {
    switch (kind % 5) {
      case 0:
        return "[engine\n" + good("refused");
      case 1:
        return good("refused", "commit_interval_ms = \"soon\"\n");
      case 2:
        return good("refused", "commit_records = 7\n");
      case 3:
        return good("refused") + "[log]\nlevel = \"loud\"\n";
      default: {
        std::string text = good("refused");
        const std::string none = "pack = \"none\"";
        text.replace(text.find(none), none.size(), "pack = \"no such.pack\"");
        return text;
      }
    }
  }

  void start(const std::string& engine = "", const std::string& fault = "") {
    write_file(config_, good("first", engine));
    process_ = std::make_unique<TelexProcess>(
        config_, folder_.path() / ("log." + std::to_string(started_++)), fault);
    ASSERT_TRUE(eventually([&] { return process_->get("/readyz").has_value(); }, 60s))
        << process_->log();
  }
  void feed(int count) {
    std::string value;
    kafka_.produce(input_, static_cast<std::uint64_t>(count), [&](std::uint64_t) {
      value = R"({"uri":"urn:test:)" + std::to_string(fed_++) + R"(","headline":"News"})";
      kafka::ProducerRecord record;
      record.value = value;
      return record;
    });
  }
  bool caught_up() {
    for (const TopicPartition& partition : kafka_.partitions_of(input_)) {
      if (std::max<std::int64_t>(kafka_.committed_offset("telex-" + name_, partition), 0) !=
          kafka_.end_offset(partition)) {
        return false;
      }
    }
    return true;
  }
  std::string status() {
    std::string found;
    EXPECT_TRUE(eventually(
        [&] {
          found = process_->get("/status").value_or("");
          return !found.empty();
        },
        10s));
    return found;
  }
  std::int64_t generation() { return number_in(status(), "generation"); }
  double reloads(const std::string& outcome) {
    return metric_in(process_->get("/metrics").value_or(""),
                     "telex_reloads_total{outcome=\"" + outcome + "\"}");
  }
  // Sends SIGHUP and waits for the reload that it makes.
  void reload(const std::string& text, const std::string& outcome) {
    const double before = reloads(outcome);
    write_file(config_, text);
    process_->signal(SIGHUP);
    ASSERT_TRUE(eventually([&] { return reloads(outcome) == before + 1; }, 20s)) << process_->log();
  }
  void stop() {
    process_->signal(SIGTERM);
    ASSERT_TRUE(process_->wait(25s)) << "the drain budget\n" << process_->log();
    EXPECT_EQ(process_->exit_code(), 0) << process_->log();
  }
  // Every article once; tells how many came from each source.
  std::map<std::string, int> sources() {
    kafka_.wait_until_stable(output_);
    std::map<std::string, int> by_source;
    std::multiset<std::string> seen;
    for (const ReadRecord& record : kafka_.read_all(output_)) {
      seen.insert(record.key);
      const std::string mark = R"("infoSources":[{"name":")";
      const std::size_t at = record.value.find(mark);
      const std::size_t begin = at + mark.size();
      ++by_source[at == std::string::npos
                      ? "none"
                      : record.value.substr(begin, record.value.find('"', begin) - begin)];
    }
    EXPECT_EQ(seen.size(), static_cast<std::size_t>(fed_));
    for (int i = 0; i < fed_; ++i) {
      EXPECT_EQ(seen.count("urn:test:" + std::to_string(i)), 1U) << i;
    }
    return by_source;
  }

  RealKafka kafka_;
  TemporaryFolder folder_{"reload"};
  std::string name_;
  std::string input_;
  std::string output_;
  std::string dead_letters_;
  std::filesystem::path config_;
  std::unique_ptr<TelexProcess> process_;
  int fed_ = 0;
  int started_ = 0;
};

TEST_F(ReloadOnBroker, GoodComesIntoForceAndBadChangesNothing) {
  start();
  EXPECT_EQ(generation(), 1);
  EXPECT_NE(status().find(R"("reload":null)"), std::string::npos) << status();
  feed(200);
  ASSERT_TRUE(eventually([&] { return caught_up(); }, 30s)) << process_->log();

  reload(good("second"), "applied");
  EXPECT_EQ(generation(), 2);
  feed(200);
  ASSERT_TRUE(eventually([&] { return caught_up(); }, 30s));
  // A lane took it with its first transaction since.
  ASSERT_TRUE(eventually(
      [&] {
        const std::string text = status();
        return text.find(R"("generation":2)", text.find(R"("lanes":)")) != std::string::npos;
      },
      30s))
      << status();

  const std::string digest = status().substr(status().find("configDigest"), 48);
  reload(bad(0), "invalid");
  EXPECT_NE(status().find(R"("outcome":"invalid")"), std::string::npos) << status();
  reload(bad(1), "invalid");
  reload(bad(2), "restart_needed");
  EXPECT_NE(status().find("engine.commit_records"), std::string::npos) << status();
  reload(bad(4), "unavailable");
  EXPECT_NE(status().find("knowledge.pack"), std::string::npos) << status();
  EXPECT_EQ(generation(), 2);
  EXPECT_NE(status().find(digest), std::string::npos) << "what is in force is what is told";
  feed(200);
  ASSERT_TRUE(eventually([&] { return caught_up(); }, 30s));

  reload(good("third"), "applied");
  EXPECT_EQ(generation(), 3);
  feed(200);
  ASSERT_TRUE(eventually([&] { return caught_up(); }, 30s));
  stop();
  EXPECT_EQ(sources(),
            (std::map<std::string, int>{{"first", 200}, {"second", 400}, {"third", 200}}));
}

TEST_F(ReloadOnBroker, AStormOfGoodAndBadUnderLoadLosesAndDoublesNothing) {
  start();
  // Lanes that join one after the other may share the partitions more than once.
  feed(200);
  ASSERT_TRUE(eventually([&] { return caught_up() && process_->get("/readyz").has_value(); }, 60s));
  const auto rebalances = [&] {
    return metric_in(process_->get("/metrics").value_or(""), "telex_rebalances_total");
  };
  const double before = rebalances();
  std::atomic<bool> storming{true};
  std::thread feeder([&] {
    while (storming) {
      feed(200);
      std::this_thread::sleep_for(20ms);
    }
  });
  std::vector<std::int64_t> generations;
  std::thread watcher([&] {
    while (storming) {
      const auto text = process_->get("/status");
      if (text) generations.push_back(number_in(*text, "generation"));
      std::this_thread::sleep_for(10ms);
    }
  });
  std::mt19937_64 random(7);
  constexpr int kSignals = 50;
  for (int i = 0; i < kSignals; ++i) {
    write_file(config_, random() % 2 == 0 ? good("good" + std::to_string(i)) : bad(random()));
    process_->signal(SIGHUP);
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 200));
  }
  storming = false;
  feeder.join();
  watcher.join();

  reload(good("last"), "applied");
  const std::int64_t last = generation();
  feed(100);
  ASSERT_TRUE(eventually([&] { return caught_up(); }, 60s)) << process_->log();
  EXPECT_TRUE(std::is_sorted(generations.begin(), generations.end()));
  EXPECT_EQ(static_cast<double>(last), reloads("applied") + 1) << "a number is a generation";
  const double all =
      reloads("applied") + reloads("invalid") + reloads("restart_needed") + reloads("unavailable");
  EXPECT_LE(all, kSignals + 1);
  EXPECT_GT(reloads("applied"), 2);
  EXPECT_GT(all - reloads("applied"), 2) << "or this tests little";
  EXPECT_EQ(rebalances(), before) << "a reload is nothing that the group notices";
  stop();
  for (const auto& [source, count] : sources()) {
    EXPECT_TRUE(source == "first" || source == "last" || source.starts_with("good")) << source;
  }
}

TEST_F(ReloadOnBroker, SignalsOfOneMomentAreOneReload) {
  start();
  for (int i = 0; i < 50; ++i) process_->signal(SIGHUP);
  ASSERT_TRUE(eventually([&] { return reloads("applied") >= 1; }, 20s)) << process_->log();
  std::this_thread::sleep_for(500ms);
  EXPECT_LE(reloads("applied"), 10);
  stop();
}

TEST_F(ReloadOnBroker, ALaneThatHangsIsLeftBehindAndItsTransactionIsAborted) {
  start("drain_seconds = 1\n", "after_produce:hang");
  feed(100);
  const auto sent = [&] {
    const auto partitions = kafka_.partitions_of(output_);
    return std::any_of(partitions.begin(), partitions.end(), [&](const TopicPartition& each) {
      return kafka_.end_offset(each, false) > 0;
    });
  };
  ASSERT_TRUE(eventually(sent, 30s)) << process_->log();
  process_->signal(SIGTERM);
  ASSERT_TRUE(process_->wait(30s)) << process_->log();
  EXPECT_EQ(process_->exit_code(), 1) << process_->log();
  EXPECT_NE(process_->log().find("hangs, and is left behind"), std::string::npos);
  start();
  ASSERT_TRUE(eventually([&] { return caught_up(); }, 60s)) << process_->log();
  stop();
  sources();
}

TEST_F(ReloadOnBroker, TheSignalToStopGoesBeforeAnyNumberOfReloads) {
  start();
  feed(2000);
  std::atomic<bool> storming{true};
  std::thread storm([&] {
    while (storming) {
      process_->signal(SIGHUP);
      std::this_thread::sleep_for(1ms);
    }
  });
  std::this_thread::sleep_for(300ms);
  process_->signal(SIGTERM);
  const bool over =
      eventually([&] { return process_->log().find("draining") != std::string::npos; }, 25s);
  storming = false;
  storm.join();
  EXPECT_TRUE(over) << process_->log();
  ASSERT_TRUE(process_->wait(25s)) << process_->log();
  EXPECT_EQ(process_->exit_code(), 0) << process_->log();
}

TEST_F(ReloadOnBroker, ATopicThatTheBreakerStoppedRunsAgain) {
  start();
  std::vector<std::string> broken(300, "{broken");
  kafka_.produce(input_, broken);
  ASSERT_TRUE(
      eventually([&] { return status().find(R"("stopped":true)") != std::string::npos; }, 30s))
      << process_->log();
  std::string text = good("mended");
  const std::string format = "[input]\n";
  text.insert(text.find(format) + format.size(), "format = \"text\"\n");
  reload(text, "applied");
  ASSERT_TRUE(eventually([&] { return caught_up(); }, 60s)) << status();
  EXPECT_EQ(kafka_.read_all(output_).size(), broken.size()) << "as text it can be read";
  stop();
}

}  // namespace
}  // namespace telex::testing
