// What every StateStore promises (process/state_store.h). Instantiate with a maker:
//   INSTANTIATE_TYPED_TEST_SUITE_P(Memory, StateStoreConformance, MakeMemoryStateStore);
// where MakeMemoryStateStore()(bytes_max) returns a std::unique_ptr<StateStore>.
#pragma once

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

TYPED_TEST_P(StateStoreConformance, PutRefusesAboveItsLimitAndChangesNothing) {
  const auto store = this->make(10);
  ASSERT_TRUE(store->put(this->kOne, "abcd", "1234"));
  EXPECT_FALSE(store->put(this->kOne, "ef", "5"));
  EXPECT_EQ(this->read(*store, this->kOne, "ef"), std::nullopt);
  EXPECT_FALSE(store->put(this->kOne, "abcd", "1234567"));
  EXPECT_EQ(this->read(*store, this->kOne, "abcd"), "1234");
  EXPECT_EQ(store->bytes(), 8U);
}

TYPED_TEST_P(StateStoreConformance, RestoreRefusesAboveItsLimit) {
  const auto store = this->make(6);
  ASSERT_TRUE(store->restore(this->kOne, "abc", "123"));
  EXPECT_FALSE(store->restore(this->kOne, "d", ""));
  EXPECT_TRUE(store->restore(this->kOne, "abc", std::string_view())) << "null erases";
  EXPECT_EQ(store->bytes(), 0U);
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
                            PutRefusesAboveItsLimitAndChangesNothing, RestoreRefusesAboveItsLimit,
                            BytesReturnToZeroWhenEverythingIsGone, KeysAndValuesAreAnyBytes);

}  // namespace telex::testing
