// What every Sink promises (process/sink.h). Instantiate with a world:
//   struct FileWorld {
//     static constexpr bool kAtomic = true;        // Nothing shows before commit or after abort.
//     static constexpr bool kKeepsValues = true;   // visible() tells values, not only how many.
//     Sink& sink();
//     Positions positions(int n);                  // To settle with the n-th transaction, from 1.
//     std::string group();
//     std::vector<std::string> visible(std::size_t due);  // Values a reader sees, in order
//   };                                             // written; without kKeepsValues: one "" each.
// A world whose commits show a moment later waits until `due` values are there, but not for ever.
// Records go to Destination::enriched, with one key, so that order means something.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "process/sink.h"
#include "schemas/record.h"
#include "tests/conformance/records.h"

namespace telex::testing {

template <class World>
class SinkConformance : public ::testing::Test {
 protected:
  static constexpr std::chrono::milliseconds kLimit{30'000};

  void begin() { ASSERT_TRUE(sink().begin().ok()); }
  void stage(const std::vector<std::string>& values) {
    Records records;
    for (const std::string& value : values) add_record(records, "key", value);
    const SinkResult result = sink().stage(records, 0);
    ASSERT_TRUE(result.ok()) << result.message;
    ASSERT_EQ(sink().staged(), records.size());
    // What was staged must not need `records` any more: it ends here.
  }
  CommitResult commit() {
    return sink().commit(world_.positions(++transactions_), world_.group(), kLimit);
  }
  void committed() {
    const CommitResult result = commit();
    ASSERT_EQ(result.outcome, CommitOutcome::committed) << result.message;
  }
  void aborted() {
    const CommitResult result = sink().abort(kLimit);
    ASSERT_EQ(result.outcome, CommitOutcome::aborted) << result.message;
  }
  void expect_visible(const std::vector<std::string>& values) {
    const std::vector<std::string> seen = world_.visible(values.size());
    if constexpr (World::kKeepsValues) {
      EXPECT_EQ(seen, values);
    } else {
      EXPECT_EQ(seen.size(), values.size());
    }
  }
  Sink& sink() { return world_.sink(); }

  World world_;
  int transactions_ = 0;
};

TYPED_TEST_SUITE_P(SinkConformance);

TYPED_TEST_P(SinkConformance, CommittedRecordsAreVisibleOnceAndInOrder) {
  this->begin();
  this->stage({"one", "two"});
  this->stage({"three"});
  this->committed();
  this->expect_visible({"one", "two", "three"});
}

TYPED_TEST_P(SinkConformance, NothingIsVisibleBeforeTheCommit) {
  if constexpr (TypeParam::kAtomic) {
    this->begin();
    this->stage({"one"});
    this->expect_visible({});
    this->committed();
    this->expect_visible({"one"});
  }
}

TYPED_TEST_P(SinkConformance, AbortedRecordsNeverShow) {
  if constexpr (TypeParam::kAtomic) {
    this->begin();
    this->stage({"dropped"});
    this->aborted();
    this->begin();
    this->stage({"kept"});
    this->committed();
    this->expect_visible({"kept"});
  }
}

TYPED_TEST_P(SinkConformance, TransactionsFollowEachOther) {
  std::vector<std::string> expected;
  for (int i = 0; i < 10; ++i) {
    this->begin();
    expected.push_back("value " + std::to_string(i));
    this->stage({expected.back()});
    this->committed();
  }
  this->expect_visible(expected);
}

TYPED_TEST_P(SinkConformance, ATransactionWithoutRecordsCommits) {
  this->begin();
  this->committed();
  this->begin();
  this->stage({"after"});
  this->committed();
  this->expect_visible({"after"});
}

TYPED_TEST_P(SinkConformance, AnAbortWithoutRecordsIsAnAbort) {
  this->begin();
  this->aborted();
  this->begin();
  this->stage({"after"});
  this->committed();
  this->expect_visible({"after"});
}

TYPED_TEST_P(SinkConformance, StagingGoesOnFromWhereItIsTold) {
  Records records;
  for (const char* value : {"one", "two", "three"}) add_record(records, "key", value);
  this->begin();
  ASSERT_TRUE(this->sink().stage(records, 1).ok());
  EXPECT_EQ(this->sink().staged(), 3U);
  this->committed();
  this->expect_visible({"two", "three"});
}

TYPED_TEST_P(SinkConformance, StagingNothingIsFine) {
  Records records;
  this->begin();
  ASSERT_TRUE(this->sink().stage(records, 0).ok());
  EXPECT_EQ(this->sink().staged(), 0U);
  this->committed();
  this->expect_visible({});
}

TYPED_TEST_P(SinkConformance, PollIsQuietWhileAllIsWell) {
  EXPECT_TRUE(this->sink().poll().ok());
  this->begin();
  this->stage({"one"});
  EXPECT_TRUE(this->sink().poll().ok());
  this->committed();
  EXPECT_TRUE(this->sink().poll().ok());
}

REGISTER_TYPED_TEST_SUITE_P(SinkConformance, CommittedRecordsAreVisibleOnceAndInOrder,
                            NothingIsVisibleBeforeTheCommit, AbortedRecordsNeverShow,
                            TransactionsFollowEachOther, ATransactionWithoutRecordsCommits,
                            AnAbortWithoutRecordsIsAnAbort, StagingGoesOnFromWhereItIsTold,
                            StagingNothingIsFine, PollIsQuietWhileAllIsWell);

}  // namespace telex::testing
