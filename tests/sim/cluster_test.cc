// The brokers of the simulated world do as Kafka does: logs, transactions and groups.
#include <algorithm>

#include "tests/sim/cluster_fixture.h"

namespace telex::sim {
namespace {

using namespace std::chrono_literals;

Message message(const std::string& value, const std::string& key = "k") {
  Message made;
  made.key = key;
  made.value = value;
  return made;
}

// ---------------------------------------------------------------------------------------------
// Logs.

TEST_F(ClusterTest, AnOpenTransactionHoldsTheStableEnd) {
  PartitionLog log;
  log.append(message("before"));
  ASSERT_EQ(log.append({1, 0}, 0, {message("open")}), "");
  log.append(message("behind"));
  EXPECT_EQ(log.stable_end().value, 1);
  EXPECT_EQ(log.end().value, 3);
  Offset at{1};
  EXPECT_EQ(log.read(at, true), nullptr);
  EXPECT_NE(log.read(at, false), nullptr);
  log.append_marker({1, 0}, true);
  EXPECT_EQ(log.stable_end().value, 4) << "the marker has an offset of its own";
}

TEST_F(ClusterTest, AbortedRecordsStayHidden) {
  PartitionLog log;
  ASSERT_EQ(log.append({1, 0}, 0, {message("aborted"), message("aborted too")}), "");
  log.append_marker({1, 0}, false);
  log.append(message("seen"));
  Offset at{0};
  ASSERT_NE(log.read(at, true), nullptr);
  EXPECT_EQ(at.value, 3);
  EXPECT_EQ(log.count(Fate::aborted), 2U);
}

TEST_F(ClusterTest, ARepeatedBatchIsDroppedAndAGapRefused) {
  PartitionLog log;
  ASSERT_EQ(log.append({1, 0}, 0, {message("a"), message("b")}), "");
  EXPECT_EQ(log.append({1, 0}, 0, {message("a"), message("b")}), "");
  EXPECT_EQ(log.end().value, 2);
  EXPECT_EQ(log.append({1, 0}, 5, {message("c")}), "OUT_OF_ORDER_SEQUENCE_NUMBER");
  log.append_marker({1, 1}, false);
  EXPECT_EQ(log.append({1, 0}, 2, {message("c")}), "INVALID_PRODUCER_EPOCH");
}

TEST_F(ClusterTest, CompactionKeepsTheLatestOfEachKeyAndWhatIsNotStable) {
  PartitionLog log;
  for (int i = 0; i < 20; ++i) log.append(message(std::to_string(i), i % 2 == 0 ? "a" : "b"));
  ASSERT_EQ(log.append({1, 0}, 0, {message("open", "a")}), "");
  Random random(1);
  EXPECT_GT(log.compact(random), 0U);
  EXPECT_FALSE(log.at(Offset{18}).compacted);
  EXPECT_FALSE(log.at(Offset{19}).compacted);
  EXPECT_FALSE(log.at(Offset{20}).compacted);
}

// ---------------------------------------------------------------------------------------------
// Transactions.

TEST_F(ClusterTest, InitAbortsWhatAPredecessorLeftOpenAndShutsItOut) {
  TransactionCoordinator& coordinator = cluster().transactions();
  ProducerId old;
  ASSERT_EQ(coordinator.init("t", 40s, {}, old), "");
  ASSERT_EQ(coordinator.add_partitions("t", old, {kOut}), "");
  ASSERT_EQ(cluster().log(kOut).append(old, 0, {message("orphan")}), "");
  ProducerId fresh;
  EXPECT_EQ(coordinator.init("t", 40s, {}, fresh), "CONCURRENT_TRANSACTIONS");
  EXPECT_EQ(coordinator.end("t", old, true), "INVALID_PRODUCER_EPOCH");
  EXPECT_EQ(coordinator.init("t", 40s, {}, fresh), "CONCURRENT_TRANSACTIONS")
      << "until its markers are written";
  pass(1s);
  EXPECT_EQ(coordinator.init("t", 40s, {}, fresh), "");
  EXPECT_EQ(fresh.id, old.id);
  EXPECT_GT(fresh.epoch, old.epoch);
  EXPECT_TRUE(read().empty());
  EXPECT_EQ(coordinator.add_partitions("t", old, {kOut}), "INVALID_PRODUCER_EPOCH");
}

TEST_F(ClusterTest, ATransactionThatIsOpenTooLongIsAbortedAndItsProducerShutOut) {
  TransactionCoordinator& coordinator = cluster().transactions();
  ProducerId producer;
  ASSERT_EQ(coordinator.init("t", 40s, {}, producer), "");
  ASSERT_EQ(coordinator.add_partitions("t", producer, {kOut}), "");
  pass(39s);
  EXPECT_EQ(coordinator.state("t"), TransactionState::ongoing);
  pass(12s);
  EXPECT_EQ(coordinator.state("t"), TransactionState::complete_abort);
  EXPECT_EQ(coordinator.end("t", producer, true), "INVALID_PRODUCER_EPOCH");
}

// KIP-890 is what this would take.
TEST_F(ClusterTest, ALateEndOfATransactionEndsTheNextOneOfTheSameEpoch) {
  TransactionCoordinator& coordinator = cluster().transactions();
  ProducerId producer;
  ASSERT_EQ(coordinator.init("t", 40s, {}, producer), "");
  ASSERT_EQ(coordinator.add_partitions("t", producer, {kOut}), "");
  ASSERT_EQ(coordinator.end("t", producer, true), "");
  EXPECT_EQ(coordinator.end("t", producer, true), "CONCURRENT_TRANSACTIONS");
  EXPECT_EQ(coordinator.end("t", producer, false), "INVALID_TXN_STATE");
  pass(1s);
  EXPECT_EQ(coordinator.end("t", producer, true), "") << "a repetition";
  ASSERT_EQ(coordinator.add_partitions("t", producer, {kOut}), "");
  EXPECT_EQ(coordinator.end("t", producer, true), "") << "taken for the end of this one";
  EXPECT_EQ(coordinator.state("t"), TransactionState::prepare_commit);
  pass(1s);
  ProducerId fresh;
  ASSERT_EQ(coordinator.init("t", 40s, {}, fresh), "");
  ASSERT_EQ(coordinator.add_partitions("t", fresh, {kOut}), "");
  EXPECT_EQ(coordinator.end("t", producer, true), "INVALID_PRODUCER_EPOCH");
}

TEST_F(ClusterTest, RecordsOfNoTransactionUnderWayAreNotTaken) {
  TransactionCoordinator& coordinator = cluster().transactions();
  ProducerId producer;
  ASSERT_EQ(coordinator.init("t", 40s, {}, producer), "");
  EXPECT_FALSE(coordinator.takes_part("t", producer, kOut));
  ASSERT_EQ(coordinator.add_partitions("t", producer, {kOut}), "");
  EXPECT_TRUE(coordinator.takes_part("t", producer, kOut));
  EXPECT_FALSE(coordinator.takes_part("t", producer, kIn));
  ASSERT_EQ(coordinator.end("t", producer, false), "");
  EXPECT_FALSE(coordinator.takes_part("t", producer, kOut));
}

// ---------------------------------------------------------------------------------------------
// Groups.

TEST_F(ClusterTest, RangesAreDealtOverTheMembersAndASilentOneIsRemoved) {
  GroupCoordinator& group = cluster().group("g");
  const auto first = join("");
  ASSERT_EQ(first.code, "");
  EXPECT_EQ(first.assignment.size(), 3U);
  const auto second = std::make_shared<GroupCoordinator::JoinAnswer>();
  join_later("", "", {}, second);
  pass(1s);
  EXPECT_EQ(second->generation, -1) << "waits for the first";
  EXPECT_EQ(group.heartbeat(claim(first)), "REBALANCE_IN_PROGRESS");
  const auto again = join(first.member_id);
  EXPECT_EQ(again.assignment.size(), 2U);
  EXPECT_EQ(second->assignment.size(), 1U);
  EXPECT_EQ(group.heartbeat(claim(first)), "ILLEGAL_GENERATION");
  for (int i = 0; i < 6; ++i) {
    pass(2s);
    EXPECT_NE(group.heartbeat(claim(again)), "UNKNOWN_MEMBER_ID");
  }
  EXPECT_EQ(group.heartbeat(claim(*second)), "UNKNOWN_MEMBER_ID");
  EXPECT_EQ(group.member_count(), 1U);
}

TEST_F(ClusterTest, AStaticMemberComesBackUnnoticedAndShutsItsPredecessorOut) {
  GroupCoordinator& group = cluster().group("g");
  const auto first = join("", "host-a");
  const auto back = join("", "host-a");
  EXPECT_EQ(back.generation, first.generation);
  EXPECT_EQ(back.assignment, first.assignment);
  EXPECT_EQ(group.heartbeat(claim(first, "host-a")), "FENCED_INSTANCE_ID");
  EXPECT_EQ(group.heartbeat(claim(back, "host-a")), "");
  EXPECT_EQ(group.commit_transactional({5, 0}, claim(first, "host-a"), {{kIn, Offset{1}}}),
            "FENCED_INSTANCE_ID");
}

TEST_F(ClusterTest, CooperativelyAPartitionMovesOnlyWhenItWasGivenUp) {
  cluster(true);
  const auto first = join("");
  ASSERT_EQ(first.assignment.size(), 3U);
  const auto second = std::make_shared<GroupCoordinator::JoinAnswer>();
  join_later("", "", {}, second);
  const auto keeps = join(first.member_id, "", first.assignment);
  EXPECT_EQ(keeps.assignment.size(), 2U);
  EXPECT_TRUE(second->assignment.empty()) << "the third is still its old owner's";
  const auto third = std::make_shared<GroupCoordinator::JoinAnswer>();
  join_later(second->member_id, "", {}, third);
  const auto gave_up = join(first.member_id, "", keeps.assignment);
  EXPECT_EQ(gave_up.assignment, keeps.assignment);
  EXPECT_EQ(third->assignment.size(), 1U);
}

TEST_F(ClusterTest, TransactionalOffsetsAreCheckedForTheGenerationAndForNothingElse) {
  GroupCoordinator& group = cluster().group("g");
  const auto first = join("");
  const std::vector<kafka::PartitionOffset> offsets{{kIn, Offset{4}}};
  MemberClaim stale = claim(first);
  ++stale.generation;
  EXPECT_EQ(group.commit_transactional({5, 0}, stale, offsets), "ILLEGAL_GENERATION");
  EXPECT_EQ(group.commit_transactional({5, 0}, {"g", 1, "stranger", ""}, offsets),
            "UNKNOWN_MEMBER_ID");
  EXPECT_EQ(group.commit_transactional({5, 0}, claim(first), {{kOut, Offset{4}}}), "")
      << "whose partition it is, nobody asks";
  EXPECT_EQ(group.commit_transactional({6, 0}, {"g", -1, "", ""}, offsets), "")
      << "from nobody in particular, without a check";
  EXPECT_EQ(chronicle_.count(Count::offsets_unchecked), 1U);
  EXPECT_EQ(group.commit({"g", -1, "", ""}, offsets), "UNKNOWN_MEMBER_ID");
}

TEST_F(ClusterTest, CommittedOffsetsWaitForThePendingTransaction) {
  GroupCoordinator& group = cluster().group("g");
  const auto member = join("");
  std::vector<kafka::PartitionOffset> out;
  ASSERT_EQ(group.commit_transactional({5, 0}, claim(member), {{kIn, Offset{4}, "note"}}), "");
  EXPECT_EQ(group.fetch({kIn}, out), "UNSTABLE_OFFSET_COMMIT");
  group.end_transaction({5, 0}, false);
  ASSERT_EQ(group.fetch({kIn}, out), "");
  EXPECT_EQ(out[0].next.value, -1);
  ASSERT_EQ(group.commit_transactional({5, 0}, claim(member), {{kIn, Offset{4}, "note"}}), "");
  group.end_transaction({5, 0}, true);
  ASSERT_EQ(group.fetch({kIn}, out), "");
  EXPECT_EQ(out[0].next.value, 4);
  EXPECT_EQ(out[0].metadata, "note");
  group.end_transaction({5, 1}, false);
  EXPECT_EQ(group.commit_transactional({5, 0}, claim(member), {{kIn, Offset{9}}}),
            "INVALID_PRODUCER_EPOCH");
}

}  // namespace
}  // namespace telex::sim
