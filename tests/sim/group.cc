#include "tests/sim/group.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace telex::sim {
namespace {

using namespace std::chrono_literals;

// Between the end of a round and the leader's assignment.
constexpr Nanos kSyncTime = 3ms;

}  // namespace

std::string MemberClaim::encode() const {
  return group + "\n" + std::to_string(generation) + "\n" + member_id + "\n" + instance_id;
}

MemberClaim MemberClaim::decode(std::string_view text) {
  const auto cut = [&text] {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view head = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return head;
  };
  MemberClaim claim;
  claim.group = cut();
  const std::string_view generation = cut();
  std::from_chars(generation.data(), generation.data() + generation.size(), claim.generation);
  claim.member_id = cut();
  claim.instance_id = cut();
  return claim;
}

void GroupCoordinator::set_partitions(std::vector<TopicPartition> partitions) {
  partitions_ = std::move(partitions);
  std::sort(partitions_.begin(), partitions_.end());
}

std::string GroupCoordinator::new_member_id(const MemberClaim& claim) {
  return (claim.instance_id.empty() ? std::string("member") : claim.instance_id) + "-" +
         std::to_string(++ids_);
}

Code GroupCoordinator::check_member(const MemberClaim& claim) const {
  if (!claim.instance_id.empty()) {
    const auto known = static_ids_.find(claim.instance_id);
    if (known == static_ids_.end()) return "UNKNOWN_MEMBER_ID";
    if (known->second != claim.member_id) return "FENCED_INSTANCE_ID";
  }
  return members_.count(claim.member_id) > 0 ? "" : "UNKNOWN_MEMBER_ID";
}

void GroupCoordinator::join(const JoinRequest& request, OnJoined on_joined) {
  const MemberClaim& claim = request.claim;
  std::string id = claim.member_id;
  if (!id.empty()) {
    if (const Code code = check_member(claim); !code.empty()) {
      if (code == "FENCED_INSTANCE_ID") chronicle_.add(Count::members_fenced);
      on_joined({code, "", -1, {}});
      return;
    }
  } else {
    id = new_member_id(claim);
    const auto before = static_ids_.find(claim.instance_id);
    if (!claim.instance_id.empty() && before != static_ids_.end()) {
      // Back again: the place of its predecessor, who is told so when it next asks.
      Member member = std::move(members_[before->second]);
      members_.erase(before->second);
      if (member.waiting) member.waiting({"FENCED_INSTANCE_ID", "", -1, {}});
      member.waiting = nullptr;
      chronicle_.add(Count::static_rejoins);
      chronicle_.tell("group", claim.instance_id, " is back as ", id);
      // Cooperatively it may have died between giving partitions up and joining again: taken back
      // at once, as Kafka does it, those would lie idle until the next round. Not telex's fault,
      // and nothing it could mend, so here there is a round.
      const bool at_once = state_ == GroupState::stable && !cooperative_;
      member.owned.clear();
      static_ids_[claim.instance_id] = id;
      Member& kept = members_[id] = std::move(member);
      kept.session_timeout = request.session_timeout;
      kept.rebalance_timeout = request.rebalance_timeout;
      touch(id, kept);
      if (at_once) {
        kept.waiting = std::move(on_joined);
        answer(id, kept);
        return;
      }
    }
  }
  Member& member = members_[id];
  member.instance_id = claim.instance_id;
  if (!claim.instance_id.empty()) static_ids_[claim.instance_id] = id;
  member.session_timeout = request.session_timeout;
  member.rebalance_timeout = request.rebalance_timeout;
  member.owned = request.owned;
  member.waiting = std::move(on_joined);
  touch(id, member);
  prepare();
  maybe_complete();
}

void GroupCoordinator::prepare() {
  if (state_ == GroupState::preparing) return;
  not_before_ = scheduler_.now() + (state_ == GroupState::empty ? initial_delay_ : Nanos{0});
  state_ = GroupState::preparing;
  const std::uint64_t round = ++round_;
  Nanos patience{0};
  for (const auto& [id, member] : members_) patience = std::max(patience, member.rebalance_timeout);
  chronicle_.tell("group", "rebalances, ", members_.size(), " members known");
  scheduler_.at(not_before_, [this, round] {
    if (round_ == round && state_ == GroupState::preparing) maybe_complete();
  });
  scheduler_.after(patience, [this, round] {
    if (round_ == round && state_ == GroupState::preparing) complete();
  });
}

void GroupCoordinator::maybe_complete() {
  if (state_ != GroupState::preparing || scheduler_.now() < not_before_) return;
  const bool all = std::all_of(members_.begin(), members_.end(), [](const auto& each) {
    return static_cast<bool>(each.second.waiting);
  });
  if (all) complete();
}

void GroupCoordinator::complete() {
  // Who has not joined in time is out; a static member only with its session.
  for (auto each = members_.begin(); each != members_.end();) {
    if (each->second.waiting || !each->second.instance_id.empty()) {
      ++each;
    } else {
      chronicle_.tell("group", each->first, " did not join in time");
      each = members_.erase(each);
    }
  }
  ++generation_;
  if (members_.empty()) {
    state_ = GroupState::empty;
    return;
  }
  state_ = GroupState::completing;
  chronicle_.add(cooperative_ ? Count::rebalances_cooperative : Count::rebalances_eager);
  if (cooperative_) {
    assign_cooperatively();
  } else {
    assign_ranges();
  }
  const std::uint64_t round = round_;
  scheduler_.after(kSyncTime, [this, round] {
    if (round_ != round || state_ != GroupState::completing) return;
    state_ = GroupState::stable;
    chronicle_.tell("group", "is stable in generation ", generation_);
    for (auto& [id, member] : members_) {
      if (!member.waiting) continue;
      touch(id, member);
      answer(id, member);
    }
  });
}

void GroupCoordinator::answer(const std::string& member_id, Member& member) {
  const OnJoined waiting = std::exchange(member.waiting, nullptr);
  waiting({"", member_id, generation_, member.assignment});
}

void GroupCoordinator::assign_ranges() {
  // As the range assignor deals: topic by topic, over the members in order.
  std::vector<Member*> order;
  order.reserve(members_.size());
  std::map<std::string, Member*> by_name;
  for (auto& [id, member] : members_) {
    member.assignment.clear();
    by_name[member.instance_id.empty() ? id : member.instance_id] = &member;
  }
  for (auto& [name, member] : by_name) order.push_back(member);
  std::map<std::string, std::vector<TopicPartition>> topics;
  for (const TopicPartition& each : partitions_) topics[each.topic].push_back(each);
  for (const auto& [topic, all] : topics) {
    const std::size_t share = all.size() / order.size();
    const std::size_t more = all.size() % order.size();
    std::size_t next = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
      const std::size_t count = share + (i < more ? 1 : 0);
      for (std::size_t k = 0; k < count; ++k) order[i]->assignment.push_back(all[next++]);
    }
  }
}

void GroupCoordinator::assign_cooperatively() {
  std::map<TopicPartition, std::vector<Member*>> claims;
  for (auto& [id, member] : members_) {
    member.assignment.clear();
    for (const TopicPartition& each : member.owned) claims[each].push_back(&member);
  }
  const std::size_t count = members_.size();
  const std::size_t share = partitions_.size() / count;
  std::size_t larger = partitions_.size() % count;  // Members that get one more.
  std::set<TopicPartition> taken;
  std::map<Member*, std::size_t> room;
  // Members with much get the larger shares, so that little moves.
  std::vector<Member*> order;
  order.reserve(count);
  for (auto& [id, member] : members_) order.push_back(&member);
  std::stable_sort(order.begin(), order.end(), [](const Member* left, const Member* right) {
    return left->owned.size() > right->owned.size();
  });
  for (Member* member : order) {
    room[member] = share + (larger > 0 ? 1 : 0);
    larger -= larger > 0 ? 1 : 0;
  }
  for (Member* member : order) {
    for (const TopicPartition& each : member->owned) {
      // Claimed twice: nobody's claim counts.
      if (claims[each].size() > 1) continue;
      taken.insert(each);
      if (room[member] == 0) continue;
      --room[member];
      member->assignment.push_back(each);
    }
  }
  for (const TopicPartition& each : partitions_) {
    if (taken.count(each) > 0) continue;
    for (Member* member : order) {
      if (room[member] == 0) continue;
      --room[member];
      member->assignment.push_back(each);
      break;
    }
  }
  for (Member* member : order) std::sort(member->assignment.begin(), member->assignment.end());
}

Code GroupCoordinator::heartbeat(const MemberClaim& claim) {
  if (const Code code = check_member(claim); !code.empty()) {
    if (code == "FENCED_INSTANCE_ID") chronicle_.add(Count::members_fenced);
    return code;
  }
  if (claim.generation != generation_) return "ILLEGAL_GENERATION";
  touch(claim.member_id, members_[claim.member_id]);
  return state_ == GroupState::preparing ? "REBALANCE_IN_PROGRESS" : "";
}

void GroupCoordinator::touch(const std::string& member_id, Member& member) {
  const bool watched = member.expires > scheduler_.now();
  member.expires = scheduler_.now() + member.session_timeout;
  if (!watched) watch(member_id, member.expires);
}

void GroupCoordinator::watch(const std::string& member_id, Nanos when) {
  scheduler_.at(when, [this, member_id] {
    const auto found = members_.find(member_id);
    if (found == members_.end()) return;
    Member& member = found->second;
    // Waiting for the others counts as being there.
    if (member.waiting) member.expires = scheduler_.now() + member.session_timeout;
    if (scheduler_.now() < member.expires) {
      watch(member_id, member.expires);
      return;
    }
    chronicle_.add(Count::session_timeouts);
    chronicle_.tell("group", member_id, " has said nothing for too long");
    remove(member_id);
  });
}

void GroupCoordinator::leave(const std::string& member_id) {
  if (members_.count(member_id) == 0) return;
  chronicle_.tell("group", member_id, " leaves");
  remove(member_id);
}

void GroupCoordinator::evict(std::size_t index) {
  if (members_.empty()) return;
  auto member = members_.begin();
  std::advance(member, static_cast<std::ptrdiff_t>(index % members_.size()));
  if (member->second.waiting) return;
  chronicle_.add(Count::evictions);
  chronicle_.tell("group", member->first, " is thrown out");
  remove(member->first);
}

void GroupCoordinator::remove(const std::string& member_id) {
  const auto found = members_.find(member_id);
  const auto fixed = static_ids_.find(found->second.instance_id);
  if (fixed != static_ids_.end() && fixed->second == member_id) static_ids_.erase(fixed);
  members_.erase(found);
  prepare();
  maybe_complete();
}

void GroupCoordinator::lose_connections(Nanos down) {
  for (auto& [id, member] : members_) {
    member.waiting = nullptr;
    member.expires = scheduler_.now() + down + member.session_timeout;
  }
}

std::vector<TopicPartition> GroupCoordinator::assignment(const std::string& member_id) const {
  const auto found = members_.find(member_id);
  return found == members_.end() ? std::vector<TopicPartition>{} : found->second.assignment;
}

Code GroupCoordinator::commit(const MemberClaim& claim,
                              const std::vector<kafka::PartitionOffset>& offsets) {
  if (claim.is_nobody()) {
    if (state_ != GroupState::empty) return "UNKNOWN_MEMBER_ID";
  } else {
    if (const Code code = check_member(claim); !code.empty()) return code;
    if (claim.generation != generation_) return "ILLEGAL_GENERATION";
    if (state_ == GroupState::completing) return "REBALANCE_IN_PROGRESS";
  }
  for (const kafka::PartitionOffset& each : offsets) offsets_[each.partition] = each;
  return "";
}

Code GroupCoordinator::commit_transactional(const ProducerId& producer, const MemberClaim& claim,
                                            const std::vector<kafka::PartitionOffset>& offsets) {
  if (claim.is_nobody()) {
    chronicle_.add(Count::offsets_unchecked);
  } else {
    Code code = check_member(claim);
    if (code.empty() && claim.generation != generation_) code = "ILLEGAL_GENERATION";
    if (!code.empty()) {
      chronicle_.add(Count::offsets_refused);
      return code;
    }
  }
  std::int16_t& epoch = epochs_[producer.id];
  if (producer.epoch < epoch) return "INVALID_PRODUCER_EPOCH";
  epoch = producer.epoch;
  for (const kafka::PartitionOffset& each : offsets) pending_[producer.id][each.partition] = each;
  return "";
}

void GroupCoordinator::end_transaction(const ProducerId& producer, bool commit) {
  std::int16_t& epoch = epochs_[producer.id];
  epoch = std::max(epoch, producer.epoch);
  const auto found = pending_.find(producer.id);
  if (found == pending_.end()) return;
  if (commit) {
    for (const auto& [partition, offset] : found->second) {
      offsets_[partition] = offset;
      chronicle_.tell("group", partition.topic, "/", partition.partition.value, " is committed at ",
                      offset.next.value);
    }
  }
  pending_.erase(found);
}

Code GroupCoordinator::fetch(const std::vector<TopicPartition>& partitions,
                             std::vector<kafka::PartitionOffset>& out) const {
  out.clear();
  for (const TopicPartition& each : partitions) {
    for (const auto& [id, pending] : pending_) {
      if (pending.count(each) > 0) return "UNSTABLE_OFFSET_COMMIT";
    }
    const auto found = offsets_.find(each);
    out.push_back(found == offsets_.end() ? kafka::PartitionOffset{each, Offset{-1}}
                                          : found->second);
  }
  return "";
}

}  // namespace telex::sim
