// Repeated articles through `telex run`, on a real broker: suppressed once and for all over
// restarts, kills in the middle of transactions and partitions that move.
#include <signal.h>

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/integration/real_kafka.h"
#include "tests/integration/telex_process.h"
#include "tests/support/temporary_folder.h"

namespace telex::testing {
namespace {

using namespace std::chrono_literals;

class IdenticalOnBroker : public ::testing::Test {
 protected:
  static constexpr int kPartitions = 4;

  IdenticalOnBroker()
      : name_(kafka_.unique("identical")),
        input_(name_ + ".in"),
        output_(name_ + ".out"),
        dead_letters_(name_ + ".dlq") {
    kafka_.create_topic(input_, kPartitions);
    kafka_.create_topic(output_, kPartitions);
    kafka_.create_topic(dead_letters_, 1);
  }

  std::unique_ptr<TelexProcess> start(const std::string& instance, const std::string& fault = "") {
    const auto config = folder_.path() / (instance + ".toml");
    write_file(config, "pipeline = \"" + name_ + "\"\n[kafka]\nbootstrap_servers = \"" +
                           kafka_.bootstrap() + "\"\n[input]\ntopics = [\"" + input_ +
                           "\"]\n[output]\nenriched = \"" + output_ + "\"\ndead_letter = \"" +
                           dead_letters_ + "\"\n[engine]\ninstance = \"" + instance +
                           "\"\nsession_timeout_ms = 6000\ncommit_records = 100\n"
                           "[knowledge]\npack = \"none\"\n[topics]\nrules = \"none\"\n"
                           "[duplicates]\nidentical = \"suppress\"\n[admin]\nlisten = "
                           "\"127.0.0.1:0\"\n");
    return std::make_unique<TelexProcess>(config, folder_.path() / (instance + ".log"), fault);
  }

  // Few identities and fewer texts, so that repeats, changes, changes back and deletions are many.
  void feed(int count) {
    std::string key;
    std::string value;
    kafka_.produce(input_, static_cast<std::uint64_t>(count), [&](std::uint64_t) {
      key = "urn:test:" + std::to_string(random_() % 300);
      value = R"({"uri":")" + key + R"(","headline":"News","body":"text )" +
              std::to_string(random_() % 3) + R"(","fetchedAt":)" + std::to_string(random_()) + "}";
      kafka::ProducerRecord record;
      record.key = key;
      if (random_() % 20 != 0) record.value = value;
      return record;
    });
  }

  bool caught_up() {
    for (const TopicPartition& partition : kafka_.partitions_of(input_)) {
      if (kafka_.committed_offset(group(), partition) != kafka_.end_offset(partition)) return false;
    }
    return true;
  }
  std::int64_t settled() {
    std::int64_t sum = 0;
    for (const TopicPartition& partition : kafka_.partitions_of(input_)) {
      sum += std::max<std::int64_t>(kafka_.committed_offset(group(), partition), 0);
    }
    return sum;
  }
  std::string group() const { return "telex-" + name_; }

  // What the rules say of each record, from the input as it lies in its partitions.
  struct Expected {
    std::set<std::string> published;  // "topic:partition:offset".
    std::map<std::string, int> deletions;
    std::uint64_t suppressed = 0;
    std::uint64_t in = 0;
  };
  Expected expected() {
    Expected all;
    std::map<std::string, std::string> latest;
    for (const ReadRecord& record : kafka_.read_all(input_)) {
      ++all.in;
      if (record.null_value) {
        latest.erase(record.key);
        ++all.deletions[record.key];
        continue;
      }
      const std::string content = record.value.substr(0, record.value.find("fetchedAt"));
      std::string& before = latest[record.key];
      if (before == content) {
        ++all.suppressed;
      } else {
        all.published.insert(input_ + ":" + std::to_string(record.partition.value) + ":" +
                             std::to_string(record.offset.value));
      }
      before = content;
    }
    return all;
  }

  void expect_exact() {
    kafka_.wait_until_stable(output_);
    const Expected due = expected();
    std::multiset<std::string> published;
    std::map<std::string, int> deletions;
    for (const ReadRecord& record : kafka_.read_all(output_)) {
      if (record.null_value) {
        ++deletions[record.key];
        continue;
      }
      for (const auto& [name, value] : record.headers) {
        if (name == "ce_id") published.insert(value);
      }
    }
    EXPECT_EQ(std::multiset<std::string>(due.published.begin(), due.published.end()), published);
    EXPECT_EQ(due.deletions, deletions);
    EXPECT_TRUE(kafka_.read_all(dead_letters_).empty());
    EXPECT_GT(due.suppressed, due.in / 10) << "or this tests little";
  }

  void stop(TelexProcess& process) {
    process.signal(SIGTERM);
    ASSERT_TRUE(process.wait(25s)) << process.log();
    EXPECT_EQ(process.exit_code(), 0) << process.log();
  }

  RealKafka kafka_;
  TemporaryFolder folder_{"identical"};
  std::string name_;
  std::string input_;
  std::string output_;
  std::string dead_letters_;
  std::mt19937_64 random_{4711};
};

TEST_F(IdenticalOnBroker, RepeatsAreSuppressedOverKillsRestartsAndRebalances) {
  feed(3000);
  for (const char* fault :
       {"after_produce:kill:4", "after_send_offsets:kill:6", "after_commit:kill:5"}) {
    const auto process = start("a", fault);
    ASSERT_TRUE(process->wait(60s)) << process->log();
    EXPECT_TRUE(process->killed()) << process->log();
  }
  auto a = start("a");
  auto b = start("b");
  feed(3000);
  std::int64_t before = settled();
  ASSERT_TRUE(eventually([&] { return settled() > before + 1000; }, 60s)) << a->log() << b->log();
  b->signal(SIGKILL);
  ASSERT_TRUE(b->wait(30s));
  feed(2000);
  b = start("b");  // Gets its partitions back: it is a static member.
  before = settled();
  ASSERT_TRUE(eventually([&] { return settled() > before + 500; }, 60s)) << a->log() << b->log();
  stop(*a);
  feed(1000);
  a = start("a");
  ASSERT_TRUE(eventually([&] { return caught_up(); }, 90s)) << a->log() << b->log();
  stop(*a);
  stop(*b);
  expect_exact();
}

TEST_F(IdenticalOnBroker, CountsBalanceAndNameWhatWasSuppressed) {
  feed(2000);
  const auto process = start("a");
  ASSERT_TRUE(eventually([&] { return caught_up(); }, 60s)) << process->log();
  const Expected due = expected();
  std::string metrics;
  ASSERT_TRUE(eventually(
      [&] {
        metrics = process->get("/metrics").value_or("");
        return metric_in(metrics, "telex_articles_in_total") == static_cast<double>(due.in);
      },
      10s));
  const auto outcome = [&](const std::string& name) {
    return metric_in(metrics, "telex_articles_total{outcome=\"" + name + "\"}");
  };
  EXPECT_EQ(outcome("suppressed"), static_cast<double>(due.suppressed));
  EXPECT_EQ(outcome("published"), static_cast<double>(due.published.size()));
  EXPECT_EQ(outcome("published") + outcome("suppressed") + outcome("deletion"),
            static_cast<double>(due.in));
  stop(*process);
  expect_exact();
}

}  // namespace
}  // namespace telex::testing
