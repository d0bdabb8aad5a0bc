// Records at, below and above the limits of their topics, on a real broker: nothing is lost,
// nothing loops, and what Kafka cannot hold is in the spool byte for byte.
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "schemas/claim_check.h"
#include "schemas/dead_letter.h"
#include "schemas/record_bytes.h"
#include "service/config.h"
#include "service/engine.h"
#include "service/kafka_ports.h"
#include "service/pipelines.h"
#include "service/topic_check.h"
#include "service/topic_limits.h"
#include "tests/integration/pass_through.h"
#include "tests/integration/real_kafka.h"

namespace telex::testing {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

// What is sent to a topic, and what it costs there.
struct Sent {
  std::string key;
  std::string value;
  std::vector<Header> headers;

  std::uint64_t bytes() const {
    Records records;
    records.open();
    records.buffer() += key;
    records.end_key();
    records.buffer() += value;
    records.end_value();
    for (const Header& header : headers) records.add_header(header.name, header.value);
    records.close(Destination::enriched, 0, Partition{}, 0, 0);
    return bytes_on_topic(records[0]);
  }
  // Such that it costs exactly this much; lengths that no value gives are not asked for.
  Sent& fill_to(std::uint64_t wanted, char with = 'v') {
    while (bytes() < wanted) value.append(std::max<std::size_t>((wanted - bytes()) / 2, 1), with);
    EXPECT_EQ(bytes(), wanted);
    return *this;
  }
};

// A broker whose topics seem to take more than they do, until somebody has looked `looks` times: as
// if the limit had been lowered in between.
class OutdatedBroker final : public kafka::Broker {
 public:
  OutdatedBroker(std::shared_ptr<kafka::Broker> broker, std::string topic, int looks)
      : broker_(std::move(broker)), topic_(std::move(topic)), looks_(looks) {}

  std::unique_ptr<kafka::Consumer> consumer(const kafka::ConsumerSettings& settings) override {
    return broker_->consumer(settings);
  }
  std::unique_ptr<kafka::Producer> producer(const kafka::ProducerSettings& settings) override {
    return broker_->producer(settings);
  }
  std::unique_ptr<kafka::Admin> admin() override { return std::make_unique<Admin>(*this); }
  bool at_least_once_only() const override { return false; }

 private:
  class Admin final : public kafka::Admin {
   public:
    explicit Admin(OutdatedBroker& owner) : owner_(owner), admin_(owner.broker_->admin()) {}
    kafka::Error topics(std::span<const std::string> names, kafka::milliseconds timeout,
                        std::vector<kafka::TopicInfo>& out) override {
      return admin_->topics(names, timeout, out);
    }
    kafka::Error topic_config(const std::string& topic, kafka::milliseconds timeout,
                              std::map<std::string, std::string>& out) override {
      kafka::Error error = admin_->topic_config(topic, timeout, out);
      if (topic == owner_.topic_ && owner_.looks_-- > 0) out["max.message.bytes"] = "5000000";
      return error;
    }
    kafka::Error create_topics(std::span<const kafka::NewTopic> topics,
                               kafka::milliseconds timeout) override {
      return admin_->create_topics(topics, timeout);
    }
    kafka::Error delete_topics(std::span<const std::string> names,
                               kafka::milliseconds timeout) override {
      return admin_->delete_topics(names, timeout);
    }

   private:
    OutdatedBroker& owner_;
    std::unique_ptr<kafka::Admin> admin_;
  };

  std::shared_ptr<kafka::Broker> broker_;
  std::string topic_;
  std::atomic<int> looks_;
};

class Oversize : public ::testing::Test {
 protected:
  static constexpr std::uint64_t kInputLimit = 3'000'000;

  Oversize()
      : in_(kafka_.unique("oversize.in")),
        out_(kafka_.unique("oversize.out")),
        dead_(kafka_.unique("oversize.dead")),
        folder_(fs::path(::testing::TempDir()) / ("telex_" + in_)) {}
  ~Oversize() override {
    engine_.reset();
    fs::remove_all(folder_);
  }

  void topics(std::uint64_t out_limit, std::uint64_t dead_limit, int partitions = 1) {
    create(in_, kInputLimit, partitions);
    create(out_, out_limit, partitions);
    create(dead_, dead_limit, partitions);
    settings_.name = in_;
    settings_.group = in_;
    settings_.input_topics = {in_};
    settings_.enriched_topic = out_;
    settings_.dead_letter_topic = dead_;
    settings_.session_timeout = 6s;
    settings_.record_bytes_max = out_limit;
    settings_.batch_bytes = LaneOptions{}.batch.raw_bytes_max;
    settings_.spool = SpoolOptions{folder_};
    settings_.instance = "wire-0";
  }
  void create(const std::string& name, std::uint64_t limit, int partitions = 1) {
    kafka_.create_topic(name, partitions, {{"max.message.bytes", std::to_string(limit)}});
  }

  // One after the other, each in a batch of its own; the first fault.
  kafka::Error send(const std::string& topic, const std::vector<Sent>& records, int partition = 0) {
    kafka::ProducerSettings settings;
    settings.record_bytes_max = 10'000'000;
    const auto producer = kafka_.broker().producer(settings);
    for (const Sent& record : records) {
      kafka::ProducerRecord each;
      each.topic = topic;
      each.partition = Partition{partition};
      each.timestamp = timestamp_;
      each.key = record.key;
      each.value = record.value;
      each.headers = record.headers;
      kafka::Error error = producer->produce(each);
      if (error.ok()) error = producer->flush(15s);
      if (error.ok()) error = producer->serve(0ms).first_failure;
      if (!error.ok()) return error;
    }
    return {};
  }

  void start(PublishedPtr published = publish_pass_through(),
             std::shared_ptr<kafka::Broker> broker = nullptr) {
    LaneSetup setup;
    setup.ports = kafka_lane_ports(broker == nullptr ? kafka_.shared() : broker, settings_);
    std::vector<LaneSetup> lanes;
    lanes.push_back(std::move(setup));
    engine_ = std::make_unique<Engine>(std::move(lanes), std::move(published));
    engine_->start();
  }
  LaneStatus status() const { return engine_->status().front(); }
  bool settles(std::uint64_t records, std::chrono::milliseconds limit = 30s) const {
    return eventually([&] { return status().counts.in >= records; }, limit);
  }

  // The dead letter that a record of `value` at `offset` becomes.
  std::uint64_t dead_letter_bytes(const std::string& value, std::int64_t offset) const {
    Batch batch;
    RawRecord raw;
    raw.topic = batch.intern_topic(in_);
    raw.partition = Partition{0};
    raw.offset = Offset{offset};
    raw.key = "k";
    raw.value = value;
    EXPECT_TRUE(batch.append(raw));
    Records records;
    pass_through()(batch, records);
    return bytes_on_topic(records[0]);
  }
  // A record that becomes a dead letter of exactly `bytes`.
  Sent broken(std::uint64_t bytes, std::int64_t offset) const {
    std::string value = "{broken";
    while (dead_letter_bytes(value, offset) < bytes) {
      value.append(std::max<std::size_t>((bytes - dead_letter_bytes(value, offset)) / 2, 1), 'v');
    }
    EXPECT_EQ(dead_letter_bytes(value, offset), bytes);
    return {"k", value, {}};
  }
  static std::string header(const ReadRecord& record, std::string_view name) {
    for (const auto& [have, value] : record.headers) {
      if (have == name) return value;
    }
    return "<none>";
  }
  // The original value of a dead letter, from wherever it is.
  std::string original(const ReadRecord& record) const {
    if (header(record, kClaimHeader) == "<none>") return record.value;
    std::string error;
    const auto claim = parse_claim_check(record.value, error);
    if (!claim) return error;
    const auto spooled = read_claimed(folder_, *claim, error);
    return spooled ? std::string(spooled->entry.value) : error;
  }

  RealKafka kafka_;
  // Now: the broker drops records that are older than their topic keeps them.
  const UnixMillis timestamp_ = system_clock().utc();
  std::string in_;
  std::string out_;
  std::string dead_;
  fs::path folder_;
  KafkaLaneSettings settings_;
  std::unique_ptr<Engine> engine_;
};

// ---------------------------------------------------------------------------------------------
// The sum.

TEST_F(Oversize, ABrokerCountsARecordAsWeDoToTheByte) {
  const std::vector<Header> few{{"telex-dlq-reason", "too_large"}, {"null", {}}, {"empty", ""}};
  const std::vector<Header> many(100, {"h", "1"});  // Their count takes two bytes.
  const std::string long_key(9'000, 'k');           // Its length takes three.
  const struct {
    std::uint64_t limit;
    Sent record;
  } cases[] = {{200, {"", "", {}}},           {1'000, {"key", "", few}},
               {20'000, {"k", "", many}},     {20'000, {long_key, "", {}}},
               {1'048'588, {"key", "", few}}, {2'500'000, {"", "", many}}};
  for (const auto& [limit, record] : cases) {
    const std::string topic = kafka_.unique("limit");
    create(topic, limit);
    for (const std::uint64_t bytes : {limit - 1, limit, limit + 1}) {
      Sent sent = record;
      const kafka::Error error = send(topic, {sent.fill_to(bytes)});
      EXPECT_EQ(error.code, bytes <= limit ? "" : "MSG_SIZE_TOO_LARGE") << bytes << " on " << limit;
    }
    EXPECT_EQ(kafka_.end_offset({topic, Partition{0}}), 2);
  }
}

TEST_F(Oversize, WhereTheBrokerCompressesAnewNothingAtOurLimitIsRefused) {
  std::mt19937_64 random(7);
  std::string noise;
  while (noise.size() < 2'000'000) noise += static_cast<char>(random() & 0xFFU);
  for (const char* codec : {"gzip", "snappy", "lz4", "zstd"}) {
    for (const std::uint64_t limit : {10'000U, 1'000'000U}) {
      const std::string topic = kafka_.unique("compressed");
      const std::map<std::string, std::string> config{{"max.message.bytes", std::to_string(limit)},
                                                      {"compression.type", codec}};
      kafka_.create_topic(topic, 1, config);
      Sent sent{"k", noise.substr(0, *record_limit(config) - 100), {}};
      sent.fill_to(*record_limit(config));
      const kafka::Error error = send(topic, {sent});
      EXPECT_TRUE(error.ok()) << codec << " " << limit << ": " << describe(error);
    }
  }
}

// ---------------------------------------------------------------------------------------------
// Through a lane.

TEST_F(Oversize, DeadLettersAtTheLimitOfTheirTopicGoOutAndLargerOnesBecomeClaimChecks) {
  constexpr std::uint64_t kLimit = 1'000'000;
  topics(1'000'000, kLimit);
  std::vector<Sent> records;
  for (std::int64_t offset = 0; offset < 9; ++offset) {
    switch (offset % 3) {
      case 0:
        records.push_back({"k", "good " + std::to_string(offset), {}});
        break;
      default:
        records.push_back(broken(kLimit - 2 + static_cast<std::uint64_t>(offset) / 2, offset));
        break;
    }
  }
  must(send(in_, records), "input");
  start();
  ASSERT_TRUE(settles(records.size())) << status().problem;
  EXPECT_EQ(status().aborted, 0U) << status().problem;
  EXPECT_EQ(status().counts.dead_lettered, 6U);
  kafka_.wait_until_stable(dead_);
  const std::vector<ReadRecord> dead = kafka_.read_all(dead_);
  ASSERT_EQ(dead.size(), 6U);
  std::size_t claims = 0;
  for (const ReadRecord& each : dead) {
    const auto offset = static_cast<std::size_t>(std::stoi(header(each, "telex-dlq-offset")));
    const bool fits =
        dead_letter_bytes(records[offset].value, static_cast<std::int64_t>(offset)) <= kLimit;
    EXPECT_EQ(header(each, kClaimHeader), fits ? "<none>" : "1") << offset;
    EXPECT_TRUE(original(each) == records[offset].value) << offset;
    EXPECT_EQ(each.timestamp, timestamp_);
    if (!fits) ++claims;
  }
  EXPECT_EQ(claims, 2U);
  EXPECT_EQ(kafka_.read_all(out_).size(), 3U);
}

TEST_F(Oversize, RawRecordsAtTheLimitOfTheirTopicAreDeadLettersOfATopicWithTheSameLimit) {
  topics(1'000'000, kInputLimit);
  std::vector<Sent> records;
  for (const std::uint64_t bytes : {kInputLimit - 1, kInputLimit}) {
    records.push_back({"k", "{broken", {}});
    records.back().fill_to(bytes);
  }
  records.push_back({"k", "good", {}});
  must(send(in_, records), "input");
  Sent above{"k", "{broken", {}};
  EXPECT_EQ(send(in_, {above.fill_to(kInputLimit + 1)}).code, "MSG_SIZE_TOO_LARGE");
  start();
  ASSERT_TRUE(settles(3)) << status().problem;
  EXPECT_EQ(status().aborted, 0U) << status().problem;
  kafka_.wait_until_stable(dead_);
  const std::vector<ReadRecord> dead = kafka_.read_all(dead_);
  ASSERT_EQ(dead.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(header(dead[i], kClaimHeader), "1");
    EXPECT_TRUE(original(dead[i]) == records[i].value);
  }
  EXPECT_EQ(kafka_.committed_offset(in_, {in_, Partition{0}}), 3);
}

// Articles whose enriched records come to one byte less than the limit, the limit, and one more.
class EnrichedOversize : public Oversize {
 protected:
  static Config config(std::uint64_t limit) {
    Config made;
    made.knowledge.pack = "none";
    made.topics.rules = "none";
    made.input.format = "text";
    made.output.record_bytes_max = static_cast<std::int64_t>(limit);
    return made;
  }
  static std::shared_ptr<Pipeline> pipeline(std::uint64_t limit) {
    std::string error;
    const auto generation = make_generation(config(limit), 1, error);
    EXPECT_NE(generation, nullptr) << error;
    return make_pipeline(generation, config(limit));
  }
  static PublishedPtr published(std::uint64_t limit) {
    auto made = std::make_shared<Published>();
    made->number = 1;
    made->make_runner = [limit](std::span<StateStore* const>) -> BatchRunner {
      return [pipeline = pipeline(limit)](Batch& batch, Records& out) {
        return pipeline->run(batch, out);
      };
    };
    return made;
  }
  static std::string article(std::size_t words) {
    std::string text = "Een bericht.\n\n";
    for (std::size_t i = 0; i < words; ++i) text += "woord ";
    return text + "einde.";
  }
  std::uint64_t enriched_bytes(Pipeline& with, const std::string& text, std::int64_t offset) const {
    Batch batch;
    RawRecord raw;
    raw.topic = batch.intern_topic(in_);
    raw.partition = Partition{0};
    raw.offset = Offset{offset};
    raw.timestamp = timestamp_;
    raw.key = "k";
    raw.value = text;
    EXPECT_TRUE(batch.append(raw));
    Records records;
    with.run(batch, records);
    EXPECT_EQ(records[0].destination, Destination::enriched);
    return bytes_on_topic(records[0]);
  }
};

TEST_F(EnrichedOversize, AnEnrichedRecordAboveTheLimitIsADeadLetterAndNoneIsEverRefused) {
  const auto unlimited = pipeline(100'000'000);
  const std::string middle = article(2000);
  const std::uint64_t limit = enriched_bytes(*unlimited, middle, 1);
  const std::string less = std::string(middle).erase(middle.size() - 2, 1);
  const std::string more = std::string(middle).insert(middle.size() - 2, "e");
  ASSERT_EQ(enriched_bytes(*unlimited, less, 0), limit - 1);
  ASSERT_EQ(enriched_bytes(*unlimited, more, 2), limit + 1);
  topics(limit, 1'000'000);
  must(send(in_, {{"k", less, {}}, {"k", middle, {}}, {"k", more, {}}, {"k", article(1), {}}}),
       "input");
  start(published(limit));
  ASSERT_TRUE(settles(4)) << status().problem;
  EXPECT_EQ(status().aborted, 0U) << status().problem;
  EXPECT_EQ(status().counts.published, 3U);
  EXPECT_EQ(status().counts.dead_by_reason[static_cast<std::size_t>(Reason::output_too_large)], 1U);
  kafka_.wait_until_stable(dead_);
  const std::vector<ReadRecord> dead = kafka_.read_all(dead_);
  ASSERT_EQ(dead.size(), 1U);
  EXPECT_EQ(header(dead[0], "telex-dlq-offset"), "2");
  EXPECT_EQ(dead[0].value, more);
}

TEST_F(EnrichedOversize, ALimitLoweredUnderALaneCostsOneAbortAndThenStopsItWithAClearWord) {
  topics(20'000, 1'000'000);
  settings_.record_bytes_max = 100'000;
  must(send(in_, {{"k", article(5000), {}}}), "input");
  start(published(100'000), std::make_shared<OutdatedBroker>(kafka_.shared(), out_, 1));
  ASSERT_TRUE(engine_->wait(30s));
  EXPECT_EQ(status().state, LaneState::failed);
  EXPECT_EQ(status().aborted, 1U);
  EXPECT_NE(engine_->exit_reason().find("output.record_bytes_max is 100000, and topic " + out_ +
                                        " takes records of at most 20000 bytes"),
            std::string::npos)
      << engine_->exit_reason();
}

TEST_F(Oversize, ALimitOfTheDeadLettersLoweredUnderALaneCostsOneAbortAndThenClaimChecks) {
  topics(1'000'000, 20'000);
  const std::vector<Sent> records{broken(500'000, 0), broken(600'000, 1), {"k", "good", {}}};
  must(send(in_, records), "input");
  start(publish_pass_through(), std::make_shared<OutdatedBroker>(kafka_.shared(), dead_, 1));
  ASSERT_TRUE(settles(3)) << status().problem;
  EXPECT_EQ(status().aborted, 1U) << status().problem;
  kafka_.wait_until_stable(dead_);
  const std::vector<ReadRecord> dead = kafka_.read_all(dead_);
  ASSERT_EQ(dead.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) EXPECT_TRUE(original(dead[i]) == records[i].value);
}

TEST_F(Oversize, ManySmallRecordsForATopicWithASmallLimitAreNeverRefused) {
  // A batch of them would be far above the topic's limit if only the largest topic counted.
  topics(20'000, 2'000'000);
  std::vector<Sent> records(500, {"k", std::string(5'000, 'v'), {}});
  kafka_.produce(in_, records.size(), [&](std::uint64_t i) {
    kafka::ProducerRecord each;
    each.partition = Partition{0};
    each.value = records[i].value;
    return each;
  });
  start();
  ASSERT_TRUE(settles(records.size())) << status().problem;
  EXPECT_EQ(status().aborted, 0U) << status().problem;
  kafka_.wait_until_stable(out_);
  EXPECT_EQ(kafka_.read_all(out_).size(), records.size());
}

TEST_F(Oversize, AFullSpoolHoldsOnePartitionAndRoomLetsItGoWithoutARestart) {
  topics(1'000'000, 20'000, 2);
  settings_.spool->bytes_max = 1'000'000;
  const fs::path filler = folder_ / "raw-0-0-0011223344556677.record";
  fs::create_directories(folder_);
  std::ofstream(filler) << std::string(900'000, 'x');
  const std::vector<Sent> records{{"k", "before", {}}, broken(500'000, 1), {"k", "after", {}}};
  must(send(in_, records), "input");
  must(send(in_, {{"k", "other", {}}, {"k", "other", {}}}, 1), "input");
  start();
  const auto reason = [&] {
    for (const LanePartition& each : status().partitions) {
      if (each.partition.partition == Partition{0}) return each.reason;
    }
    return std::string();
  };
  ASSERT_TRUE(eventually([&] { return reason().starts_with("spool_full: "); }, 30s))
      << status().problem;
  must(send(in_, {{"k", "late", {}}}, 1), "input");
  EXPECT_TRUE(eventually(
      [&] {
        return kafka_.committed_offset(in_, {in_, Partition{1}}) == 3;
      },
      30s))
      << "the other partition goes on";
  EXPECT_FALSE(status().ready);
  EXPECT_LE(kafka_.committed_offset(in_, {in_, Partition{0}}), 1) << "not past the record";
  EXPECT_TRUE(kafka_.read_all(dead_).empty());
  fs::remove(filler);
  ASSERT_TRUE(eventually(
      [&] {
        return kafka_.committed_offset(in_, {in_, Partition{0}}) == 3;
      },
      90s))
      << status().problem;
  EXPECT_TRUE(eventually([&] { return status().ready; }, 10s));
  kafka_.wait_until_stable(dead_);
  const std::vector<ReadRecord> dead = kafka_.read_all(dead_);
  ASSERT_EQ(dead.size(), 1U);
  EXPECT_TRUE(original(dead[0]) == records[1].value);
  kafka_.wait_until_stable(out_);
  EXPECT_EQ(kafka_.read_all(out_).size(), 5U) << "each once";
}

TEST_F(Oversize, SettingsThatCannotGoTogetherWithTheTopicsStopTheLaneAtItsStart) {
  topics(20'000, 1'000'000);
  settings_.record_bytes_max = 20'001;
  start();
  ASSERT_TRUE(engine_->wait(30s));
  EXPECT_NE(engine_->exit_reason().find("lower the setting to 20000"), std::string::npos)
      << engine_->exit_reason();
  std::vector<TopicFinding> problems = check_topics(kafka_.broker(), settings_, 1, 10s).findings;
  std::erase_if(problems, [](const TopicFinding& each) { return each.is_warning; });
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_NE(problems[0].text.find("lower the setting to 20000"), std::string::npos);
}

TEST_F(Oversize, ASpoolThatCannotBeUsedStopsTheLaneAtItsStart) {
  topics(1'000'000, 1'000'000);
  std::ofstream(folder_) << "no folder";
  start();
  ASSERT_TRUE(engine_->wait(30s));
  EXPECT_NE(engine_->exit_reason().find("dead_letters.spool: cannot open"), std::string::npos)
      << engine_->exit_reason();
}

}  // namespace
}  // namespace telex::testing
