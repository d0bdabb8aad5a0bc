// The simulated clients behave behind the seam as librdkafka does, and processes as programs do.
#include <algorithm>

#include "tests/sim/cluster_fixture.h"

namespace telex::sim {
namespace {

using namespace std::chrono_literals;

// Writes down what it is told; may do something meanwhile.
class Listener final : public kafka::RebalanceListener {
 public:
  void on_assigned(std::span<const TopicPartition> partitions) override {
    held.insert(held.end(), partitions.begin(), partitions.end());
  }
  void on_revoked(std::span<const TopicPartition> partitions, bool is_lost) override {
    revoked += partitions.size();
    lost = lost || is_lost;
    held.clear();
  }
  std::vector<TopicPartition> held;
  std::size_t revoked = 0;
  bool lost = false;
};

void poll_for(Process& process, kafka::Consumer& consumer, Listener& listener, Nanos time) {
  const Nanos end = process.scheduler().now() + time;
  kafka::ConsumerRecord record;
  kafka::Error error;
  while (process.scheduler().now() < end) consumer.poll(100ms, listener, record, error);
}

TEST_F(ClusterTest, ACommittedTransactionIsSeenWhole) {
  run("p", [&](Process&, kafka::Broker& broker) {
    const auto producer = broker.producer(writer("t"));
    ASSERT_TRUE(producer->init_transactions(5s).ok());
    ASSERT_TRUE(producer->begin().ok());
    for (int i = 0; i < 20; ++i) ASSERT_TRUE(put(*producer, std::to_string(i)).ok());
    ASSERT_TRUE(producer->commit(5s).ok());
    ASSERT_TRUE(producer->begin().ok());
    ASSERT_TRUE(put(*producer, "dropped").ok());
    ASSERT_TRUE(producer->abort(5s).ok());
    EXPECT_TRUE(producer->serve(0ms).fatal.ok());
  });
  pass(1s);
  std::vector<std::string> due;
  due.reserve(20);
  for (int i = 0; i < 20; ++i) due.push_back(std::to_string(i));
  EXPECT_EQ(read(), due);
}

TEST_F(ClusterTest, AnAnswerThatIsLostIsAskedForAgainAndToldAsAFault) {
  run("p", [&](Process& process, kafka::Broker& broker) {
    const auto producer = broker.producer(writer("t"));
    ASSERT_TRUE(producer->init_transactions(5s).ok());
    ASSERT_TRUE(producer->begin().ok());
    ASSERT_TRUE(put(*producer, "once").ok());
    process.sleep(100ms);  // It is in the log before the world turns bad.
    cluster().faults().answer_lost = 1000;
    const kafka::Error late = producer->commit(2s);
    EXPECT_EQ(late.cls, kafka::ErrorClass::retriable);
    cluster().faults() = {};
    EXPECT_TRUE(producer->commit(15s).ok()) << "the same call goes on";
    EXPECT_GT(producer->serve(0ms).transport_faults, 0U);
  });
  pass(1s);
  EXPECT_EQ(read(), std::vector<std::string>{"once"});
}

TEST_F(ClusterTest, ARequestMayBeCarriedOutWhenItsClientIsGone) {
  run("p", [&](Process& process, kafka::Broker& broker) {
    auto producer = broker.producer(writer("t"));
    ASSERT_TRUE(producer->init_transactions(5s).ok());
    ASSERT_TRUE(producer->begin().ok());
    ASSERT_TRUE(put(*producer, "late").ok());
    process.sleep(100ms);
    cluster().faults().end_late = 1000;
    EXPECT_FALSE(producer->commit(500ms).ok());
    producer.reset();
    EXPECT_TRUE(read().empty());
  });
  pass(75s);
  EXPECT_GT(chronicle_.count(Count::end_late), 0U);
}

TEST_F(ClusterTest, AProducerIsOverWhenASuccessorHasItsName) {
  run("p", [&](Process&, kafka::Broker& broker) {
    const auto old = broker.producer(writer("t"));
    ASSERT_TRUE(old->init_transactions(5s).ok());
    ASSERT_TRUE(old->begin().ok());
    ASSERT_TRUE(put(*old, "old").ok());
    const auto fresh = broker.producer(writer("t"));
    ASSERT_TRUE(fresh->init_transactions(5s).ok());
    const kafka::Error error = old->commit(5s);
    EXPECT_EQ(error.cls, kafka::ErrorClass::fatal);
    EXPECT_EQ(error.cause, kafka::ErrorCause::fenced);
    EXPECT_FALSE(old->serve(0ms).fatal.ok());
  });
}

TEST_F(ClusterTest, ARefusedRecordFailsItsTransactionAndLeavesAGap) {
  run("p", [&](Process& process, kafka::Broker& broker) {
    const auto producer = broker.producer(writer("t"));
    ASSERT_TRUE(producer->init_transactions(5s).ok());
    ASSERT_TRUE(producer->begin().ok());
    cluster().faults().record_refused = 1000;
    ASSERT_TRUE(put(*producer, "too large").ok());
    process.sleep(100ms);
    cluster().faults() = {};
    EXPECT_EQ(producer->serve(0ms).first_failure.cause, kafka::ErrorCause::record);
    EXPECT_EQ(producer->commit(5s).cls, kafka::ErrorClass::abortable);
    ASSERT_TRUE(producer->abort(5s).ok());
    ASSERT_TRUE(producer->begin().ok());
    ASSERT_TRUE(put(*producer, "next").ok());
    EXPECT_EQ(producer->commit(5s).code, "OUT_OF_ORDER_SEQUENCE_NUMBER");
  });
}

TEST_F(ClusterTest, PartitionsAreSilentUntilTheyAreSetGoing) {
  cluster().publish(kIn, {"k", "v", {}, 1});
  run("c", [&](Process& process, kafka::Broker& broker) {
    kafka::ConsumerSettings settings;
    settings.group_id = "g";
    const auto consumer = broker.consumer(settings);
    const std::vector<std::string> topics{"in"};
    ASSERT_TRUE(consumer->subscribe(topics).ok());
    Listener listener;
    poll_for(process, *consumer, listener, 1s);
    ASSERT_EQ(listener.held.size(), 3U);
    kafka::ConsumerRecord record;
    kafka::Error error;
    EXPECT_EQ(consumer->poll(1s, listener, record, error), kafka::PollStatus::nothing);
    const std::vector<kafka::PartitionOffset> begin{{kIn, Offset{0}}};
    ASSERT_TRUE(consumer->assign(begin).ok());
    ASSERT_EQ(consumer->poll(1s, listener, record, error), kafka::PollStatus::record);
    EXPECT_EQ(record.value, "v");
    consumer->close(1s);
  });
}

TEST_F(ClusterTest, WhoIsThrownOutIsNobodyBeforePollTellsIt) {
  run("c", [&](Process& process, kafka::Broker& broker) {
    kafka::ConsumerSettings settings;
    settings.group_id = "g";
    const auto consumer = broker.consumer(settings);
    const std::vector<std::string> topics{"in"};
    ASSERT_TRUE(consumer->subscribe(topics).ok());
    Listener listener;
    poll_for(process, *consumer, listener, 1s);
    ASSERT_TRUE(consumer->is_member());
    EXPECT_FALSE(MemberClaim::decode(consumer->group_metadata()).is_nobody());
    cluster().group("g").evict(0);
    process.sleep(10s);
    EXPECT_FALSE(consumer->is_member());
    EXPECT_TRUE(MemberClaim::decode(consumer->group_metadata()).is_nobody());
    EXPECT_FALSE(listener.lost);
    poll_for(process, *consumer, listener, 1s);
    EXPECT_TRUE(listener.lost);
    EXPECT_EQ(listener.revoked, 3U);
    EXPECT_TRUE(consumer->is_member()) << "and it has joined again";
    EXPECT_EQ(listener.held.size(), 3U);
  });
}

TEST_F(ClusterTest, NothingAnswersWhileTheBrokerIsAway) {
  run("c", [&](Process&, kafka::Broker& broker) {
    kafka::ConsumerSettings settings;
    settings.group_id = "g";
    const auto consumer = broker.consumer(settings);
    cluster().outage(3s);
    std::vector<kafka::PartitionOffset> out;
    const std::vector<TopicPartition> asked{kIn};
    EXPECT_EQ(consumer->committed(asked, 1s, out).cls, kafka::ErrorClass::retriable);
    EXPECT_TRUE(consumer->committed(asked, 10s, out).ok());
  });
}

TEST_F(ClusterTest, AFrozenProcessDoesNothingAndOthersGoOn) {
  int ticks = 0;
  int background = 0;
  const auto frozen = start("frozen", [&](Process& process, kafka::Broker&) {
    for (; ticks < 100; ++ticks) process.sleep(100ms);
  });
  for (int i = 0; i < 50; ++i) frozen->background(i * 100ms, [&] { ++background; });
  pass(1s);
  frozen->freeze(10s);
  const int before = ticks;
  const int seen = background;
  pass(9s);
  EXPECT_EQ(ticks, before);
  EXPECT_EQ(background, seen);
  pass(2s);
  EXPECT_GT(ticks, before);
  EXPECT_EQ(background, 50) << "what was due comes when it thaws";
}

TEST_F(ClusterTest, AKilledProcessEndsInItsNextCallAndIsNotHeardOfAgain) {
  bool ended = false;
  bool went_on = false;
  const auto killed = start("killed", [&](Process& process, kafka::Broker& broker) {
    struct Note {
      bool& ended;
      ~Note() { ended = true; }
    };
    const Note note{ended};
    const auto producer = broker.producer(writer("t"));
    ASSERT_TRUE(producer->init_transactions(5s).ok());
    process.kill_at(SeamCall::begin, 0);
    static_cast<void>(producer->begin());
    went_on = true;
  });
  killed->background(5s, [&] { went_on = true; });
  pass(10s);
  EXPECT_TRUE(ended);
  EXPECT_FALSE(went_on);
  EXPECT_FALSE(killed->alive());
}

}  // namespace
}  // namespace telex::sim
