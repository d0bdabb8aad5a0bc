// What every StateStore promises (process/state_store.h). Instantiate with a maker:
//   INSTANTIATE_TYPED_TEST_SUITE_P(Memory, StateStoreConformance, MakeMemoryStateStore);
// where MakeMemoryStateStore()(bytes_max) returns a std::unique_ptr<StateStore>.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "process/state_store.h"
#include "schemas/changelog.h"
#include "schemas/record.h"

namespace telex::testing {

template <class Make>
class StateStoreConformance : public ::testing::Test {
 protected:
  static constexpr Partition kOne{1};
  static constexpr Partition kTwo{2};

  std::unique_ptr<StateStore> make(std::uint64_t bytes_max = 1U << 20) { return Make()(bytes_max); }

  static std::optional<std::string> read(const StateStore& store, Partition partition,
                                         std::string_view key) {
    const auto value = store.get(partition, key);
    if (!value) return std::nullopt;
    return std::string(*value);
  }

  // What one entry takes in this store.
  std::uint64_t bytes_of(std::string_view key, std::string_view value) {
    const auto store = make();
    EXPECT_TRUE(store->put(kOne, key, value));
    return store->bytes();
  }

  // A whole round of visit(), `step` keys a call.
  static std::vector<std::pair<std::string, std::string>> visited(const StateStore& store,
                                                                  Partition partition,
                                                                  std::uint32_t step) {
    std::vector<std::pair<std::string, std::string>> met;
    for (std::uint32_t count = step; count == step;) {
      const std::string after = met.empty() ? "" : met.back().first;
      count = store.visit(
          partition, met.empty() ? std::string_view() : after, step,
          [&met](std::string_view key, std::string_view value) { met.emplace_back(key, value); });
    }
    return met;
  }

  // The changelog as "partition:key=value" or "partition:key erased".
  static std::vector<std::string> drained(const StateStore& store) {
    Records records;
    store.drain(records, 7, 1234);
    std::vector<std::string> lines;
    for (std::uint32_t i = 0; i < records.size(); ++i) {
      const Record record = records[i];
      EXPECT_EQ(record.destination, Destination::changelog);
      EXPECT_EQ(record.route, 7);
      EXPECT_EQ(record.timestamp, 1234);
      const auto value = changelog_value(record.value);
      EXPECT_TRUE(value.has_value());
      std::string line = std::to_string(record.partition.value) + ":" + std::string(record.key);
      line += value->data() == nullptr ? " erased" : "=" + std::string(*value);
      lines.push_back(std::move(line));
    }
    return lines;
  }
};

TYPED_TEST_SUITE_P(StateStoreConformance);

TYPED_TEST_P(StateStoreConformance, WritesAreSeenAtOnceAndKeptByCommit) {
  const auto store = this->make();
  ASSERT_TRUE(store->put(this->kOne, "a", "1"));
  EXPECT_EQ(this->read(*store, this->kOne, "a"), "1");
  EXPECT_EQ(store->key_count(this->kOne), 0U);
  store->commit();
  EXPECT_EQ(this->read(*store, this->kOne, "a"), "1");
  EXPECT_EQ(store->key_count(this->kOne), 1U);
}

TYPED_TEST_P(StateStoreConformance, AbortDropsWritesAndErasures) {
  const auto store = this->make();
  ASSERT_TRUE(store->put(this->kOne, "a", "1"));
  store->commit();
  ASSERT_TRUE(store->put(this->kOne, "a", "2"));
  ASSERT_TRUE(store->put(this->kOne, "b", "3"));
  store->erase(this->kOne, "a");
  store->abort();
  EXPECT_EQ(this->read(*store, this->kOne, "a"), "1");
  EXPECT_EQ(this->read(*store, this->kOne, "b"), std::nullopt);
  EXPECT_TRUE(this->drained(*store).empty());
}

TYPED_TEST_P(StateStoreConformance, ErasedKeysAreAbsentBeforeAndAfterCommit) {
  const auto store = this->make();
  ASSERT_TRUE(store->put(this->kOne, "a", "1"));
  store->commit();
  store->erase(this->kOne, "a");
  EXPECT_EQ(this->read(*store, this->kOne, "a"), std::nullopt);
  store->commit();
  EXPECT_EQ(this->read(*store, this->kOne, "a"), std::nullopt);
  EXPECT_EQ(store->key_count(this->kOne), 0U);
  EXPECT_EQ(store->bytes(), 0U);
}

TYPED_TEST_P(StateStoreConformance, PartitionsAreApart) {
  const auto store = this->make();
  ASSERT_TRUE(store->put(this->kOne, "a", "1"));
  ASSERT_TRUE(store->put(this->kTwo, "a", "2"));
  store->commit();
  store->clear(this->kOne);
  EXPECT_EQ(this->read(*store, this->kOne, "a"), std::nullopt);
  EXPECT_EQ(this->read(*store, this->kTwo, "a"), "2");
}

TYPED_TEST_P(StateStoreConformance, DrainHasEachChangedKeyOnceInOrderOfPartitionAndKey) {
  const auto store = this->make();
  ASSERT_TRUE(store->put(this->kTwo, "k", "0"));
  ASSERT_TRUE(store->put(this->kOne, "gone", "0"));
  store->commit();
  ASSERT_TRUE(store->put(this->kTwo, "b", "1"));
  ASSERT_TRUE(store->put(this->kTwo, "b", "2"));
  ASSERT_TRUE(store->put(this->kTwo, "a", ""));
  store->erase(this->kOne, "gone");
  const std::vector<std::string> expected{"1:gone erased", "2:a=", "2:b=2"};
  EXPECT_EQ(this->drained(*store), expected);
  EXPECT_EQ(this->drained(*store), expected) << "drain may be called again";
  store->commit();
  EXPECT_TRUE(this->drained(*store).empty());
}

TYPED_TEST_P(StateStoreConformance, RestoringTheChangelogGivesTheSameState) {
  const auto store = this->make();
  Records log;
  for (int i = 0; i < 50; ++i) {
    const std::string key = std::to_string(i % 10);
    if (i % 7 == 3) {
      store->erase(this->kOne, key);
    } else {
      ASSERT_TRUE(store->put(this->kOne, key, "v" + std::to_string(i)));
    }
    if (i % 5 == 4) {
      store->drain(log, 0, 0);
      store->commit();
    }
  }
  const auto restored = this->make();
  for (std::uint32_t i = 0; i < log.size(); ++i) {
    const Record record = log[i];
    ASSERT_TRUE(restored->restore(record.partition, record.key, *changelog_value(record.value)));
  }
  EXPECT_EQ(restored->key_count(this->kOne), store->key_count(this->kOne));
  EXPECT_EQ(restored->bytes(), store->bytes());
  for (int i = 0; i < 10; ++i) {
    const std::string key = std::to_string(i);
    EXPECT_EQ(this->read(*restored, this->kOne, key), this->read(*store, this->kOne, key)) << key;
  }
  EXPECT_TRUE(this->drained(*restored).empty()) << "restored state is no change";
}

TYPED_TEST_P(StateStoreConformance, BytesAreAtLeastThoseOfKeysAndValues) {
  const auto store = this->make();
  ASSERT_TRUE(store->put(this->kOne, "abcd", std::string(1000, 'x')));
  const std::uint64_t open = store->bytes();
  EXPECT_GE(open, 1004U);
  store->commit();
  EXPECT_EQ(store->bytes(), open);
  ASSERT_TRUE(store->put(this->kOne, "abcd", "short"));
  EXPECT_GE(store->bytes(), open + 9) << "old and new are both there until the commit";
  store->commit();
  EXPECT_LT(store->bytes(), open);
}

TYPED_TEST_P(StateStoreConformance, PutRefusesAboveItsLimitAndChangesNothing) {
  const auto store = this->make(this->bytes_of("abcd", "1234"));
  ASSERT_TRUE(store->put(this->kOne, "abcd", "1234"));
  const std::uint64_t full = store->bytes();
  EXPECT_FALSE(store->put(this->kOne, "ef", "5"));
  EXPECT_EQ(this->read(*store, this->kOne, "ef"), std::nullopt);
  EXPECT_FALSE(store->put(this->kOne, "abcd", std::string(100, '5')));
  EXPECT_EQ(this->read(*store, this->kOne, "abcd"), "1234");
  EXPECT_EQ(store->bytes(), full);
}

TYPED_TEST_P(StateStoreConformance, AFullStoreStillErases) {
  const auto store = this->make(this->bytes_of("abcd", "1234"));
  ASSERT_TRUE(store->put(this->kOne, "abcd", "1234"));
  store->commit();
  store->erase(this->kOne, "abcd");
  EXPECT_EQ(this->read(*store, this->kOne, "abcd"), std::nullopt);
  store->commit();
  EXPECT_TRUE(store->put(this->kOne, "efgh", "5678"));
}

TYPED_TEST_P(StateStoreConformance, RestoreRefusesAboveItsLimit) {
  const auto store = this->make(this->bytes_of("abc", "123"));
  ASSERT_TRUE(store->restore(this->kOne, "abc", "123"));
  EXPECT_FALSE(store->restore(this->kOne, "d", ""));
  EXPECT_TRUE(store->restore(this->kOne, "abc", std::string_view())) << "null erases";
  EXPECT_EQ(store->bytes(), 0U);
}

TYPED_TEST_P(StateStoreConformance, VisitMeetsEveryCommittedKeyOnceInSmallSteps) {
  const auto store = this->make();
  std::map<std::string, std::string> expected;
  for (int i = 0; i < 500; ++i) {
    const std::string key = "key" + std::to_string(i);
    ASSERT_TRUE(store->put(this->kOne, key, std::to_string(i)));
    expected[key] = std::to_string(i);
  }
  EXPECT_TRUE(this->visited(*store, this->kOne, 7).empty()) << "nothing is committed yet";
  store->commit();
  ASSERT_TRUE(store->put(this->kTwo, "elsewhere", "x"));
  for (const std::uint32_t step : {1U, 7U, 500U, 1000U}) {
    std::map<std::string, std::string> met;
    for (const auto& [key, value] : this->visited(*store, this->kOne, step)) {
      EXPECT_TRUE(met.emplace(key, value).second) << key << " twice";
    }
    EXPECT_EQ(met, expected);
  }
}

TYPED_TEST_P(StateStoreConformance, VisitLeavesOutWhatTheTransactionHasChanged) {
  const auto store = this->make();
  for (const char* key : {"a", "b", "c"}) ASSERT_TRUE(store->put(this->kOne, key, "old"));
  store->commit();
  ASSERT_TRUE(store->put(this->kOne, "a", "new"));
  store->erase(this->kOne, "b");
  EXPECT_EQ(this->visited(*store, this->kOne, 10),
            (std::vector<std::pair<std::string, std::string>>{{"c", "old"}}));
}

TYPED_TEST_P(StateStoreConformance, RoundsOfVisitsCanEraseWhatTheyMeet) {
  const auto store = this->make();
  for (int i = 0; i < 300; ++i) {
    ASSERT_TRUE(store->put(this->kOne, std::to_string(i), i % 3 == 0 ? "keep" : "old"));
  }
  store->commit();
  // One step a transaction, as a lane does it.
  int steps = 0;
  std::string after;
  for (bool begun = false; store->key_count(this->kOne) > 100 && steps < 1000; ++steps) {
    const std::string from = after;
    const auto visit = [&](std::string_view key, std::string_view value) {
      after = key;
      if (value == "old") store->erase(this->kOne, key);
    };
    begun = store->visit(this->kOne, begun ? std::string_view(from) : std::string_view(), 8,
                         visit) == 8;
    store->commit();
  }
  EXPECT_EQ(store->key_count(this->kOne), 100U);
  EXPECT_LT(steps, 4 * 300 / 8) << "a few rounds are enough";
}

TYPED_TEST_P(StateStoreConformance, ManyKeysComeAndGoAndNoneIsMistaken) {
  const auto store = this->make(64U << 20);
  std::map<std::string, std::string> expected;
  std::uint64_t state = 1;
  for (int i = 0; i < 30'000; ++i) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    // Grows, then shrinks again.
    const std::uint64_t keys = i < 15'000 ? 5000 : 50;
    const std::string key = std::to_string((state >> 33) % keys);
    if ((state >> 20) % 3 == 0) {
      store->erase(this->kOne, key);
      expected.erase(key);
    } else {
      ASSERT_TRUE(store->put(this->kOne, key, std::to_string(i)));
      expected[key] = std::to_string(i);
    }
    if (i % 97 == 0) store->commit();
  }
  store->commit();
  for (int i = 0; i < 5000; ++i) {
    const std::string key = std::to_string(i);
    const auto found = expected.find(key);
    EXPECT_EQ(this->read(*store, this->kOne, key),
              found == expected.end() ? std::nullopt : std::optional(found->second));
  }
  for (int i = 50; i < 5000; ++i) store->erase(this->kOne, std::to_string(i));
  store->commit();
  for (int i = 0; i < 50; ++i) {
    const std::string key = std::to_string(i);
    const auto found = expected.find(key);
    EXPECT_EQ(this->read(*store, this->kOne, key),
              found == expected.end() ? std::nullopt : std::optional(found->second));
  }
}

TYPED_TEST_P(StateStoreConformance, BytesReturnToZeroWhenEverythingIsGone) {
  const auto store = this->make();
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(store->put(this->kOne, "key" + std::to_string(i), std::string(100, 'x')));
    if (i % 3 == 0) store->commit();
    if (i % 5 == 0) store->abort();
  }
  store->commit();
  for (int i = 0; i < 20; ++i) store->erase(this->kOne, "key" + std::to_string(i));
  store->commit();
  EXPECT_EQ(store->bytes(), 0U);
}

TYPED_TEST_P(StateStoreConformance, KeysAndValuesAreAnyBytes) {
  const auto store = this->make();
  const std::string key("k\0\xff", 3);
  const std::string value("\0\0v", 3);
  ASSERT_TRUE(store->put(this->kOne, key, value));
  ASSERT_TRUE(store->put(this->kOne, "", "empty key"));
  store->commit();
  EXPECT_EQ(this->read(*store, this->kOne, key), value);
  EXPECT_EQ(this->read(*store, this->kOne, ""), "empty key");
}

REGISTER_TYPED_TEST_SUITE_P(StateStoreConformance, WritesAreSeenAtOnceAndKeptByCommit,
                            AbortDropsWritesAndErasures, ErasedKeysAreAbsentBeforeAndAfterCommit,
                            PartitionsAreApart, DrainHasEachChangedKeyOnceInOrderOfPartitionAndKey,
                            RestoringTheChangelogGivesTheSameState,
                            BytesAreAtLeastThoseOfKeysAndValues,
                            PutRefusesAboveItsLimitAndChangesNothing, AFullStoreStillErases,
                            RestoreRefusesAboveItsLimit,
                            VisitMeetsEveryCommittedKeyOnceInSmallSteps,
                            VisitLeavesOutWhatTheTransactionHasChanged,
                            RoundsOfVisitsCanEraseWhatTheyMeet, ManyKeysComeAndGoAndNoneIsMistaken,
                            BytesReturnToZeroWhenEverythingIsGone, KeysAndValuesAreAnyBytes);

}  // namespace telex::testing
