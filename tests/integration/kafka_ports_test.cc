// The adapters on a real broker: what librdkafka's mock cannot prove.
#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "ingest/kafka_source.h"
#include "sink/kafka_sink.h"
#include "tests/conformance/records.h"
#include "tests/conformance/sink_conformance.h"
#include "tests/integration/real_kafka.h"

namespace telex::testing {
namespace {

using namespace std::chrono_literals;

constexpr int kJoins = 80;  // Each of another length, in ms.

std::vector<std::string> numbered(int count, const std::string& prefix = "v") {
  std::vector<std::string> values;
  values.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) values.push_back(prefix + std::to_string(i));
  return values;
}

// ---------------------------------------------------------------------------------------------
// The sinks' promises.

template <Delivery kDelivery>
struct KafkaWorld {
  static constexpr bool kAtomic = kDelivery == Delivery::exactly_once;
  static constexpr bool kKeepsValues = true;

  KafkaWorld() : input(kafka.unique("sink.in")), output(kafka.unique("sink.out")) {
    kafka.create_topic(input, 1);
    kafka.create_topic(output, 1);
    kafka.produce(input, numbered(20));
    kafka::ConsumerSettings consumer;
    consumer.group_id = input;
    KafkaSourceOptions source_options;
    source_options.topics = {input};
    source = std::make_unique<KafkaSource>(kafka.broker().consumer(consumer), source_options);
    bool assigned = false;
    eventually(
        [&] {
          Batch batch;
          source->poll(batch, 50ms, [&](const SourceEvent& event) {
            assigned = assigned || event.kind == SourceEventKind::assigned;
          });
          return assigned;
        },
        20s);
    KafkaSinkOptions options;
    options.delivery = kDelivery;
    options.enriched_topic = output;
    options.commit_offsets = [this](const Positions& next, std::chrono::milliseconds limit) {
      return source->commit_offsets(next, limit);
    };
    kafka::ProducerSettings producer;
    if (kDelivery == Delivery::exactly_once) producer.transactional_id = output;
    kafka_sink = std::make_unique<KafkaSink>(kafka.broker().producer(producer), options);
    EXPECT_TRUE(kafka_sink->open(15s).ok());
  }
  ~KafkaWorld() {
    if (settled > 0) {
      EXPECT_EQ(kafka.committed_offset(input, {input, Partition{0}}), settled);
    }
    source->close();
  }

  Sink& sink() { return *kafka_sink; }
  Positions positions(int n) {
    settled = n;
    return {{{input, Partition{0}}, Offset{n}}};
  }
  std::string group() { return source->group(); }
  // The broker answers a commit before the last reader can see it.
  std::vector<std::string> visible(std::size_t due) {
    std::vector<std::string> values;
    eventually(
        [&] {
          values.clear();
          for (ReadRecord& record : kafka.read_all(output)) {
            values.push_back(std::move(record.value));
          }
          return values.size() >= due;
        },
        30s);
    return values;
  }

  RealKafka kafka;
  std::string input;
  std::string output;
  std::unique_ptr<KafkaSource> source;
  std::unique_ptr<KafkaSink> kafka_sink;
  std::int64_t settled = 0;
};

using Worlds =
    ::testing::Types<KafkaWorld<Delivery::exactly_once>, KafkaWorld<Delivery::at_least_once>>;
INSTANTIATE_TYPED_TEST_SUITE_P(RealKafka, SinkConformance, Worlds);

// ---------------------------------------------------------------------------------------------
// The source.

class KafkaSourceOnBroker : public ::testing::Test {
 protected:
  KafkaSourceOnBroker() : topic_(kafka_.unique("source")) { kafka_.create_topic(topic_, 2); }

  std::unique_ptr<KafkaSource> open(const std::string& instance = "",
                                    kafka::StartPolicy start = kafka::StartPolicy::earliest) {
    kafka::ConsumerSettings consumer;
    consumer.group_id = topic_;
    consumer.group_instance_id = instance;
    consumer.session_timeout = 6s;
    KafkaSourceOptions options;
    options.topics = {topic_};
    options.start = start;
    return std::make_unique<KafkaSource>(kafka_.broker().consumer(consumer), options);
  }
  TopicPartition partition(int number) const { return {topic_, Partition{number}}; }

  // Polls until `count` values were read or the time is over; values of both partitions, sorted.
  std::vector<std::string> read(Source& source, std::size_t count,
                                std::chrono::milliseconds limit = 20s) {
    std::vector<std::string> values;
    eventually(
        [&] {
          Batch batch;
          source.poll(batch, 50ms, [&](const SourceEvent& event) { note(event); });
          for (std::uint32_t row = 0; row < batch.size(); ++row) {
            values.emplace_back(batch.raw(row).value);
          }
          return values.size() >= count;
        },
        limit);
    std::sort(values.begin(), values.end());
    return values;
  }
  void note(const SourceEvent& event) {
    kinds_.push_back(event.kind);
    messages_.push_back(event.message);
  }
  int told(SourceEventKind kind) const {
    return static_cast<int>(std::count(kinds_.begin(), kinds_.end(), kind));
  }

  RealKafka kafka_;
  std::string topic_;
  std::vector<SourceEventKind> kinds_;
  std::vector<std::string> messages_;
};

TEST_F(KafkaSourceOnBroker, KeysValuesAndHeadersComeAsTheyWentNullApartFromEmpty) {
  const std::vector<Header> headers{{"a", "1"},
                                    {"a", std::string_view("\0\xff", 2)},
                                    {"null", std::string_view()},
                                    {"empty", std::string_view("", 0)}};
  kafka_.produce(topic_, 1, [&](std::uint64_t) {
    kafka::ProducerRecord record;
    record.partition = Partition{0};
    record.timestamp = 1'234'567'890'123;
    record.key = std::string_view("", 0);
    record.headers = headers;
    return record;
  });
  const auto source = open();
  Batch batch;
  ASSERT_TRUE(eventually(
      [&] {
        source->poll(batch, 50ms, [](const SourceEvent&) {});
        return !batch.empty();
      },
      20s));
  const RawRecord raw = batch.raw(0);
  EXPECT_EQ(raw.timestamp, 1'234'567'890'123);
  EXPECT_NE(raw.key.data(), nullptr);
  EXPECT_EQ(raw.key.size(), 0U);
  EXPECT_TRUE(raw.is_tombstone());
  ASSERT_EQ(raw.headers.size(), 4U);
  EXPECT_EQ(raw.headers[0].value, "1");
  EXPECT_EQ(raw.headers[1].value, std::string_view("\0\xff", 2));
  EXPECT_EQ(raw.headers[2].value.data(), nullptr);
  EXPECT_NE(raw.headers[3].value.data(), nullptr);
  source->close();
}

TEST_F(KafkaSourceOnBroker, AssignRewindsPausesAndResumes) {
  kafka_.produce(topic_, numbered(100, "a"), Partition{0});
  kafka_.produce(topic_, numbered(100, "b"), Partition{1});
  const auto source = open();
  EXPECT_EQ(read(*source, 200).size(), 200U);

  const Positions back{{partition(0), Offset{95}}, {partition(1), Offset{98}}};
  source->assign(back);
  EXPECT_EQ(read(*source, 7),
            (std::vector<std::string>{"a95", "a96", "a97", "a98", "a99", "b98", "b99"}));

  const Positions one{{partition(1), Offset{97}}};
  source->assign(one);
  EXPECT_EQ(read(*source, 3), (std::vector<std::string>{"b97", "b98", "b99"}));
  EXPECT_TRUE(read(*source, 1, 1s).empty()) << "0 is paused";

  source->assign({});
  kafka_.produce(topic_, {"late"}, Partition{0});
  EXPECT_TRUE(read(*source, 1, 1s).empty()) << "all are paused";
  const Positions both{{partition(0), Offset{100}}, {partition(1), Offset{100}}};
  source->assign(both);
  EXPECT_EQ(read(*source, 1), (std::vector<std::string>{"late"}));
  EXPECT_EQ(told(SourceEventKind::assigned), 1) << "the group never noticed";
  EXPECT_EQ(told(SourceEventKind::revoked), 0);
  source->close();
}

TEST_F(KafkaSourceOnBroker, AnEmptyAssignmentKeepsMembershipBeyondTheSessionTimeout) {
  kafka_.produce(topic_, {"one"}, Partition{0});
  const auto source = open();
  read(*source, 1);
  source->assign({});
  read(*source, 1, 8s);
  EXPECT_EQ(told(SourceEventKind::revoked) + told(SourceEventKind::lost), 0);
  const Positions again{{partition(0), Offset{0}}, {partition(1), Offset{0}}};
  source->assign(again);
  EXPECT_EQ(read(*source, 1), (std::vector<std::string>{"one"}));
  source->close();
}

TEST_F(KafkaSourceOnBroker, APositionThatIsNotInTheLogIsToldAndNothingIsSkipped) {
  kafka_.produce(topic_, numbered(5), Partition{0});
  const auto source = open();
  read(*source, 5);
  const Positions beyond{{partition(0), Offset{1000}}, {partition(1), Offset{0}}};
  source->assign(beyond);
  EXPECT_TRUE(read(*source, 1, 3s).empty());
  EXPECT_GE(told(SourceEventKind::out_of_range), 1);
  source->close();
}

TEST_F(KafkaSourceOnBroker, TheStartPolicyHoldsOnlyWithoutACommittedOffset) {
  kafka_.produce(topic_, numbered(5), Partition{0});
  {
    const auto source = open("", kafka::StartPolicy::latest);
    EXPECT_TRUE(read(*source, 1, 2s).empty());
    const Positions done{{partition(0), Offset{3}}};
    ASSERT_TRUE(source->commit_offsets(done, 15s).ok());
    source->close();
  }
  const auto source = open("", kafka::StartPolicy::latest);
  EXPECT_EQ(read(*source, 2), (std::vector<std::string>{"v3", "v4"}));
  source->close();
}

TEST_F(KafkaSourceOnBroker, AStaticMemberThatComesBackCausesNoRebalance) {
  kafka_.produce(topic_, numbered(2), Partition{0});
  auto first = open("one");
  auto second = open("two");
  // Until both have a partition each.
  ASSERT_TRUE(eventually(
      [&] {
        read(*first, 1, 100ms);
        Batch batch;
        std::size_t held = 0;
        second->poll(batch, 100ms, [&](const SourceEvent& event) {
          if (event.kind == SourceEventKind::assigned) held = event.partitions.size();
        });
        return held == 1;
      },
      30s));
  read(*first, 1, 1s);
  kinds_.clear();
  second->close();
  second.reset();
  read(*first, 1, 4s);  // More than an interval of heartbeats, which would tell.
  second = open("two");
  std::size_t held = 0;
  ASSERT_TRUE(eventually(
      [&] {
        read(*first, 1, 50ms);
        Batch batch;
        second->poll(batch, 50ms, [&](const SourceEvent& event) {
          if (event.kind == SourceEventKind::assigned) held = event.partitions.size();
        });
        return held == 1;
      },
      30s));
  EXPECT_EQ(told(SourceEventKind::revoked) + told(SourceEventKind::lost), 0)
      << "the other member did not notice";
  first->close();
  second->close();
}

// A lane that cannot begin leaves the group while it is still joining, at any moment of that.
TEST_F(KafkaSourceOnBroker, LeavingEndsAtAnyMomentOfAJoin) {
  for (int i = 0; i < kJoins; ++i) {
    kafka::ConsumerSettings consumer;
    // By turns dynamic and static, in groups of their own: a group waits for a static member.
    consumer.group_id = topic_ + (i % 2 == 0 ? ".static" : ".dynamic");
    if (i % 2 == 0) consumer.group_instance_id = "one";
    KafkaSourceOptions options;
    options.topics = {topic_};
    KafkaSource source(kafka_.broker().consumer(consumer), options);
    Batch batch;
    if (i % 3 == 0) source.poll(batch, 1ms, [](const SourceEvent&) {});
    std::this_thread::sleep_for(std::chrono::milliseconds{i});
    source.close();  // A hang is ctest's to tell.
  }
}

TEST_F(KafkaSourceOnBroker, ATopicThatIsNotThereIsAFaultOfTheSetUp) {
  kafka::ConsumerSettings consumer;
  consumer.group_id = topic_;
  KafkaSourceOptions options;
  options.topics = {kafka_.unique("nowhere")};
  KafkaSource source(kafka_.broker().consumer(consumer), options);
  FaultCause cause = FaultCause::world;
  EXPECT_TRUE(eventually(
      [&] {
        Batch batch;
        source.poll(batch, 50ms, [&](const SourceEvent& event) {
          if (event.kind == SourceEventKind::fatal) cause = event.cause;
        });
        return cause == FaultCause::setup;
      },
      15s));
  source.close();
}

TEST_F(KafkaSourceOnBroker, LagReachesZeroBehindCommitMarkers) {
  kafka::ProducerSettings transactional;
  transactional.transactional_id = topic_;
  const auto producer = kafka_.broker().producer(transactional);
  must(producer->init_transactions(15s), "init");
  for (int i = 0; i < 3; ++i) {
    must(producer->begin(), "begin");
    kafka::ProducerRecord record;
    record.topic = topic_;
    record.partition = Partition{0};
    record.value = "v";
    must(producer->produce(record), "produce");
    must(producer->commit(15s), "commit");
  }
  const auto source = open();
  EXPECT_EQ(read(*source, 3).size(), 3U);
  // Offsets: three records, each with a marker behind it; the last record is at 4.
  EXPECT_TRUE(eventually(
      [&] {
        read(*source, 1, 50ms);
        return source->lag(partition(0), Offset{5}) == 0;
      },
      30s));
  EXPECT_GE(source->lag(partition(0), Offset{2}).value_or(0), 1);
  source->close();
}

TEST_F(KafkaSourceOnBroker, ANoteIsCommittedWithItsPositionAndComesBackWithIt) {
  kafka_.produce(topic_, {"a", "b"});
  const auto source = open();
  ASSERT_EQ(read(*source, 2).size(), 2U);
  kafka::ProducerSettings producer;
  producer.transactional_id = topic_;
  KafkaSinkOptions options;
  options.enriched_topic = topic_;
  KafkaSink sink(kafka_.broker().producer(producer), options);
  ASSERT_TRUE(sink.open(15s).ok());
  ASSERT_TRUE(sink.begin().ok());
  const std::string note = "identical=17";
  ASSERT_EQ(sink.commit({{partition(0), Offset{2}, note}}, source->group(), 15s).outcome,
            CommitOutcome::committed);
  std::string why;
  const std::vector<TopicPartition> asked{partition(0)};
  const auto committed = source->committed(asked, why);
  ASSERT_TRUE(committed.has_value()) << why;
  EXPECT_EQ(committed->front().next, Offset{2});
  EXPECT_EQ(committed->front().note, note);
  source->close();
}

TEST_F(KafkaSourceOnBroker, AReaderOfNoGroupReadsWhatItIsAssigned) {
  kafka_.produce(topic_, {"a", "b", "c"});
  kafka::ConsumerSettings settings;
  settings.read_committed = false;
  const auto reader = kafka_.broker().consumer(settings);
  kafka::Watermarks marks;
  must(reader->watermarks(partition(0), 5s, marks), "watermarks");
  EXPECT_EQ(marks.high, Offset{3});
  const std::vector<kafka::PartitionOffset> begin{{partition(0), Offset{1}}};
  must(reader->assign(begin), "assign");
  kafka::ConsumerRecord record;
  kafka::Error error;
  struct Deaf final : kafka::RebalanceListener {
    void on_assigned(std::span<const TopicPartition>) override {}
    void on_revoked(std::span<const TopicPartition>, bool) override {}
  } deaf;
  ASSERT_TRUE(eventually(
      [&] { return reader->poll(100ms, deaf, record, error) == kafka::PollStatus::record; }, 10s));
  EXPECT_EQ(record.value, "b");
  reader->close(1s);
}

// ---------------------------------------------------------------------------------------------
// Transactions.

class TransactionsOnBroker : public ::testing::Test {
 protected:
  TransactionsOnBroker() : topic_(kafka_.unique("txn")) { kafka_.create_topic(topic_, 1); }

  std::unique_ptr<KafkaSink> open(const std::string& name) {
    kafka::ProducerSettings producer;
    producer.transactional_id = name;
    KafkaSinkOptions options;
    options.enriched_topic = topic_;
    auto sink = std::make_unique<KafkaSink>(kafka_.broker().producer(producer), options);
    const SinkResult result = sink->open(15s);
    EXPECT_TRUE(result.ok()) << result.message;
    return sink;
  }
  void stage(Sink& sink, const std::string& value) {
    Records records;
    add_record(records, "k", value);
    ASSERT_TRUE(sink.stage(records, 0).ok());
  }
  // Until what was staged has reached the broker: what never did is neither aborted nor hidden.
  void wait_until_sent() {
    ASSERT_TRUE(eventually(
        [&] {
          return kafka_.end_offset({topic_, Partition{0}}, false) > 0;
        },
        60s));
  }

  RealKafka kafka_;
  std::string topic_;
};

TEST_F(TransactionsOnBroker, ReadCommittedHidesWhatWasAborted) {
  const auto sink = open(topic_);
  ASSERT_TRUE(sink->begin().ok());
  stage(*sink, "aborted");
  wait_until_sent();
  ASSERT_EQ(sink->abort(15s).outcome, CommitOutcome::aborted);
  ASSERT_TRUE(sink->begin().ok());
  stage(*sink, "committed");
  ASSERT_EQ(sink->commit({}, "", 15s).outcome, CommitOutcome::committed);
  kafka_.wait_until_stable(topic_);
  const auto visible = kafka_.read_all(topic_);
  ASSERT_EQ(visible.size(), 1U);
  EXPECT_EQ(visible[0].value, "committed");
  EXPECT_EQ(kafka_.read_all(topic_, false).size(), 2U) << "it is there, but hidden";
}

TEST_F(TransactionsOnBroker, ASuccessorShutsItsPredecessorOutAndEndsItsTransaction) {
  const auto zombie = open(topic_);
  ASSERT_TRUE(zombie->begin().ok());
  stage(*zombie, "zombie");
  wait_until_sent();
  const auto successor = open(topic_);
  ASSERT_TRUE(successor->begin().ok());
  stage(*successor, "successor");
  ASSERT_EQ(successor->commit({}, "", 15s).outcome, CommitOutcome::committed);
  const CommitResult late = zombie->commit({}, "", 15s);
  EXPECT_EQ(late.outcome, CommitOutcome::fatal) << late.message;
  EXPECT_EQ(late.cause, FaultCause::fenced) << late.message;
  kafka_.wait_until_stable(topic_);
  const auto visible = kafka_.read_all(topic_);
  ASSERT_EQ(visible.size(), 1U);
  EXPECT_EQ(visible[0].value, "successor");
}

TEST_F(TransactionsOnBroker, ARecordAboveTheTopicsLimitIsAnAbortThatNamesIt) {
  const std::string small = kafka_.unique("small");
  kafka_.create_topic(small, 1, {{"max.message.bytes", "1000"}});
  topic_ = small;
  const auto sink = open(small);
  ASSERT_TRUE(sink->begin().ok());
  stage(*sink, std::string(5000, 'x'));
  CommitResult result = sink->commit({}, "", 15s);
  EXPECT_EQ(result.outcome, CommitOutcome::aborted) << result.message;
  EXPECT_EQ(result.cause, FaultCause::record) << result.message;
  EXPECT_NE(result.message.find("5000 bytes"), std::string::npos) << result.message;
  // This client's sequence numbers have a gap now; a new one goes on.
  EXPECT_TRUE(result.recreate);
  const auto successor = open(small);
  ASSERT_TRUE(successor->begin().ok());
  stage(*successor, "fits");
  result = successor->commit({}, "", 15s);
  EXPECT_EQ(result.outcome, CommitOutcome::committed) << result.message;
}

TEST_F(TransactionsOnBroker, ATransactionThatTheBrokerGaveUpIsFatalAndASuccessorGoesOn) {
  kafka::ProducerSettings producer;
  producer.transactional_id = topic_;
  producer.transaction_timeout = kafka::kSocketTimeout;
  KafkaSinkOptions options;
  options.enriched_topic = topic_;
  KafkaSink sink(kafka_.broker().producer(producer), options);
  ASSERT_TRUE(sink.open(15s).ok());
  ASSERT_TRUE(sink.begin().ok());
  stage(sink, "too late");
  // The broker looks for expired transactions every 10 s.
  std::this_thread::sleep_for(22s);
  const CommitResult result = sink.commit({}, "", 15s);
  EXPECT_NE(result.outcome, CommitOutcome::committed) << result.message;
  const auto successor = open(topic_);
  ASSERT_TRUE(successor->begin().ok());
  stage(*successor, "in time");
  EXPECT_EQ(successor->commit({}, "", 15s).outcome, CommitOutcome::committed);
  kafka_.wait_until_stable(topic_);
  const auto visible = kafka_.read_all(topic_);
  ASSERT_EQ(visible.size(), 1U);
  EXPECT_EQ(visible[0].value, "in time");
}

TEST_F(TransactionsOnBroker, PositionsOfAnOldGenerationAreRefused) {
  const std::string input = kafka_.unique("generation");
  kafka_.create_topic(input, 1);
  kafka_.produce(input, numbered(3));
  kafka::ConsumerSettings consumer;
  consumer.group_id = input;
  KafkaSourceOptions source_options;
  source_options.topics = {input};
  KafkaSource source(kafka_.broker().consumer(consumer), source_options);
  Batch batch;
  ASSERT_TRUE(eventually(
      [&] {
        source.poll(batch, 50ms, [](const SourceEvent&) {});
        return !batch.empty();
      },
      20s));
  const std::string old_group = source.group();
  // It leaves, and another one has its place; whoever still has its old name for the group must not
  // commit.
  source.close();
  KafkaSource heir(kafka_.broker().consumer(consumer), source_options);
  batch.clear();
  ASSERT_TRUE(eventually(
      [&] {
        heir.poll(batch, 50ms, [](const SourceEvent&) {});
        return !batch.empty();
      },
      60s));
  const auto sink = open(topic_);
  ASSERT_TRUE(sink->begin().ok());
  stage(*sink, "zombie");
  const Positions next{{{input, Partition{0}}, Offset{3}}};
  const CommitResult result = sink->commit(next, old_group, 15s);
  EXPECT_EQ(result.outcome, CommitOutcome::aborted) << result.message;
  EXPECT_TRUE(kafka_.read_all(topic_).empty());
  EXPECT_EQ(kafka_.committed_offset(input, {input, Partition{0}}), -1);
}

}  // namespace
}  // namespace telex::testing
