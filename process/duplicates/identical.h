// IdenticalStage: knows an article again that comes a second time, unchanged.
//
// Two records are the same article if they have one identity, one version and one content. Content
// is all that telex would publish of it: of ninjs every member as it came, of other input the
// decoded fields; what nobody reads (a "fetchedAt") does not count. Compared is with the latest
// record of that identity only, so A, B, A is two changes and no repeat.
//  - A repeat is suppressed, or published with a mark (Annotations: Duplicate).
//  - Anything else is remembered in place of what was.
//  - A deletion forgets, and so does an article that becomes a dead letter later in the pipeline
//    (settle()): what is sent again after a mend must get through.
//  - A record never is a repeat of itself or of what comes after it: when input is read again, by
//    at-least-once or because state ran ahead of positions, it is published again.
//  - An identity that is only the record's own place in its topic cannot come twice and is not
//  kept.
// Time is that of the records, never a clock's. What was last seen more than `remember` before a
// record's timestamp counts as not seen. "Last seen" is written down again when it is a sixteenth
// of that time old, so a storm of repeats writes nothing. Old entries are looked for beside the
// work, kSweepKeysPerRow a row, and erased when they are an eighth of that time too old: that far
// records may be out of order and still find the same answer.
//
// State: one entry an identity (see identical.cc), for the input partition that it came in; equal
// identities in different partitions do not meet. Where the store is full an article passes as
// news, unremembered, and is counted.
//
// Threads: one lane. Ownership: borrows the store, which outlives it. Errors: none; an entry that
// it cannot read counts as absent.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "process/stage.h"
#include "process/state_store.h"

namespace telex {

enum class IdenticalAction : std::uint8_t { mark, suppress };

struct IdenticalOptions {
  IdenticalAction action = IdenticalAction::suppress;
  std::chrono::hours remember{48};
  // Told after a batch of which `articles` could not be remembered, on the lane's thread.
  std::function<void(std::uint32_t articles)> on_full;
};

class IdenticalStage {
 public:
  static constexpr std::string_view kName = "duplicates";
  static constexpr std::uint32_t kSweepKeysPerRow = 2;

  IdenticalStage(StateStore& store, IdenticalOptions options);
  IdenticalStage(IdenticalStage&&) noexcept;
  ~IdenticalStage();

  // REQUIRES: rows are decoded; all of one topic, by offset within a partition.
  void operator()(Batch& batch, StageContext& context) noexcept;

  // To be called with the same batch when its verdicts are final, before the state is committed.
  void settle(const Batch& batch) noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace telex
