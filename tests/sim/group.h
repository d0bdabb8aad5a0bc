// GroupCoordinator: one consumer group as Kafka's classic protocol runs it (join and sync in one).
//
//   empty ─▶ preparing (waits until all known members have joined) ─▶ completing ─▶ stable
//
// A member that says nothing for its session timeout is removed, unless it waits for the others to
// join. A static member that comes back takes its predecessor's place under a new member id: the
// predecessor is shut out (FENCED_INSTANCE_ID), and in a stable group nobody else notices.
// Transactional offsets are checked for the member and its generation, never for who owns the
// partition; offsets of nobody in particular (no member id, generation -1, not static) are taken
// without a check. They wait, pending, until the transaction's marker is there.
//
// Eager: partitions are dealt in ranges over the sorted members. Cooperative: a member keeps what
// it has up to its share; what it must give up is given to nobody until it has come back without.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "kafka/client.h"
#include "tests/sim/chronicle.h"
#include "tests/sim/partition_log.h"
#include "tests/sim/scheduler.h"

namespace telex::sim {

// What a member says of itself beside a request; the opaque group metadata of the seam.
struct MemberClaim {
  std::string group;
  std::int32_t generation = -1;
  std::string member_id;
  std::string instance_id;
  bool is_nobody() const { return generation < 0 && member_id.empty() && instance_id.empty(); }
  std::string encode() const;
  static MemberClaim decode(std::string_view text);
};

enum class GroupState : std::uint8_t { empty, preparing, completing, stable };

class GroupCoordinator {
 public:
  struct JoinAnswer {
    Code code;
    std::string member_id;
    std::int32_t generation = -1;
    std::vector<TopicPartition> assignment;
  };
  using OnJoined = std::function<void(const JoinAnswer&)>;
  struct JoinRequest {
    MemberClaim claim;
    std::vector<TopicPartition> owned;  // Cooperative only.
    Nanos session_timeout{0};
    Nanos rebalance_timeout{0};
  };

  GroupCoordinator(Scheduler& scheduler, Chronicle& chronicle, bool cooperative,
                   Nanos initial_delay)
      : scheduler_(scheduler),
        chronicle_(chronicle),
        cooperative_(cooperative),
        initial_delay_(initial_delay) {}

  void set_partitions(std::vector<TopicPartition> partitions);  // All of its topics; sorted.

  // Answers when the round of joining is over; a static member's return at once.
  void join(const JoinRequest& request, OnJoined on_joined);
  Code heartbeat(const MemberClaim& claim);
  void leave(const std::string& member_id);
  // As an operator removes a member, or a coordinator that was stopped itself.
  void evict(std::size_t index);

  Code commit(const MemberClaim& claim, const std::vector<kafka::PartitionOffset>& offsets);
  // Into the pending offsets of the producer's transaction.
  Code commit_transactional(const ProducerId& producer, const MemberClaim& claim,
                            const std::vector<kafka::PartitionOffset>& offsets);
  void end_transaction(const ProducerId& producer, bool commit);
  // Stable: UNSTABLE_OFFSET_COMMIT while a transaction is pending on any of them.
  Code fetch(const std::vector<TopicPartition>& partitions,
             std::vector<kafka::PartitionOffset>& out) const;

  // The broker goes, for `down`: requests to join go with their connections (they come again), and
  // sessions begin anew when it is back.
  void lose_connections(Nanos down);

  GroupState state() const { return state_; }
  std::int32_t generation() const { return generation_; }
  std::size_t member_count() const { return members_.size(); }
  std::vector<TopicPartition> assignment(const std::string& member_id) const;

 private:
  struct Member {
    std::string instance_id;
    Nanos session_timeout{0};
    Nanos rebalance_timeout{0};
    Nanos expires{0};
    OnJoined waiting;  // Has joined this round, and waits for its end.
    std::vector<TopicPartition> owned;
    std::vector<TopicPartition> assignment;
  };

  Code check_member(const MemberClaim& claim) const;
  void prepare();
  void maybe_complete();
  void complete();
  void assign_ranges();
  void assign_cooperatively();
  void answer(const std::string& member_id, Member& member);
  void touch(const std::string& member_id, Member& member);
  void watch(const std::string& member_id, Nanos when);
  void remove(const std::string& member_id);
  std::string new_member_id(const MemberClaim& claim);

  Scheduler& scheduler_;
  Chronicle& chronicle_;
  bool cooperative_;
  Nanos initial_delay_;
  std::vector<TopicPartition> partitions_;
  GroupState state_ = GroupState::empty;
  std::int32_t generation_ = 0;
  std::uint64_t round_ = 0;
  Nanos not_before_{0};  // The first round waits for members that are about to come.
  std::uint64_t ids_ = 0;
  std::map<std::string, Member> members_;          // By member id.
  std::map<std::string, std::string> static_ids_;  // Instance → member id.
  std::map<TopicPartition, kafka::PartitionOffset> offsets_;
  std::map<std::int64_t, std::map<TopicPartition, kafka::PartitionOffset>> pending_;
  std::map<std::int64_t, std::int16_t> epochs_;  // Of the producers seen in markers and offsets.
};

}  // namespace telex::sim
