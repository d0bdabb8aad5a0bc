// EngineRules: the rules that exactly-once rests on, each by name, so that a proof can leave one
// out and show that it is missed.
//
// In the product they are constants, all true, and cost nothing. The simulator compiles the same
// sources with TELEX_RULES_AT_RUN_TIME and turns one off at a time (tests/sim): a rule that no
// seed misses would be a rule that nobody needs, or a simulator that sees too little.
//
// Threads: a constant in the product; in the simulator one thread sets it between runs.
#pragma once

namespace telex {

struct EngineRules {
  // Positions come from records that were processed, not from what the source has handed out.
  bool positions_from_processed = true;
  // After an abort every partition still held goes back to its committed position.
  bool rewind_kept_partitions = true;
  // A new incarnation begins at the group's committed positions, never at those in memory.
  bool committed_after_fatal = true;
  // After an unknown outcome, or a commit that may have been repeated, the producer is made anew.
  bool recreate_after_unknown = true;
  // Dead letters are part of the transaction.
  bool dead_letters_in_transaction = true;
  // State written in a transaction that did not commit is dropped.
  bool state_rolled_back = true;
  // The positions of partitions that were given up are not committed any more.
  bool forget_revoked = true;
  // What is told of the group is taken fresh for each transaction.
  bool fresh_group_metadata = true;
  // Nothing is committed in the name of nobody: brokers do not check that.
  bool commit_as_member = true;
  // A predecessor is shut out before committed positions are believed.
  bool sink_before_positions = true;
  // Partitions run only when their state was read back to the end of the changelog.
  bool restore_before_run = true;
  // The changelog's tail is read again after an unknown outcome.
  bool restore_after_unknown = true;
  // Partitions that are lost already are not committed for.
  bool abort_when_lost = true;
};

#ifdef TELEX_RULES_AT_RUN_TIME
inline EngineRules kRules{};
#else
inline constexpr EngineRules kRules{};
#endif

}  // namespace telex
