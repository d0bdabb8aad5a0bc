#include "tests/sim/chronicle.h"

#include <array>
#include <cstdio>

namespace telex::sim {

std::string_view to_string(Count count) {
  static constexpr std::array<std::string_view, kCountKinds> kNames{
      "records in",
      "outputs",
      "dead letters",
      "suppressed",
      "hidden records",
      "transactions committed",
      "transactions aborted",
      "transactions timed out",
      "commits by lane",
      "aborts by lane",
      "unknown outcomes",
      "fatal outcomes",
      "recreated sinks",
      "incarnations",
      "lanes failed",
      "crashes",
      "crashes in commit",
      "freezes",
      "freezes beyond session",
      "freezes in commit",
      "stalls",
      "stops",
      "aborted stops",
      "zombies",
      "restarts",
      "rebalances eager",
      "rebalances cooperative",
      "static rejoins",
      "assignments lost",
      "session timeouts",
      "members fenced",
      "producers fenced",
      "offsets refused",
      "offsets unchecked",
      "offsets unstable",
      "commits in revoke",
      "evictions",
      "outages",
      "coordinator outages",
      "requests lost",
      "answers lost",
      "requests late",
      "late EndTxn",
      "late EndTxn hits",
      "late TxnOffsetCommit",
      "deliveries failed",
      "queue full",
      "epochs bumped",
      "records compacted",
      "restores",
  };
  return kNames[static_cast<std::size_t>(count)];
}

void Chronicle::write(std::string_view who, const std::string& line) {
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(clock_.now()).count();
  std::array<char, 64> time{};
  std::snprintf(time.data(), time.size(), "%5lld.%06lld  ",
                static_cast<long long>(micros / 1000000), static_cast<long long>(micros % 1000000));
  std::string whole(time.data());
  whole += who;
  whole.append(who.size() < 14 ? 14 - who.size() : 1, ' ');
  whole += line;
  listener_(whole);
}

}  // namespace telex::sim
