#include "process/memory_state_store.h"

#include <cstdint>
#include <string>

#include <gtest/gtest.h>

#include "tests/conformance/state_store_conformance.h"
#include "tests/process/allocated_bytes.h"

namespace telex::testing {
namespace {

struct MakeMemoryStateStore {
  std::unique_ptr<StateStore> operator()(std::uint64_t bytes_max) const {
    return std::make_unique<MemoryStateStore>(bytes_max);
  }
};

INSTANTIATE_TYPED_TEST_SUITE_P(Memory, StateStoreConformance, MakeMemoryStateStore);

std::string key_of(std::uint32_t number) {
  std::string key(16, 'k');
  for (std::size_t i = 0; i < 4; ++i) key[i] = static_cast<char>(number >> (8 * i));
  return key;
}

// What the store says it has, it has: neither less, so that its limit holds, nor much more.
TEST(MemoryStateStore, BytesAreThoseReallyAllocated) {
  MemoryStateStore store(1U << 30);
  const std::string value(41, 'v');
  const std::uint64_t before = allocated_bytes();
  for (std::uint32_t i = 0; i < 50'000; ++i) {
    ASSERT_TRUE(store.put(Partition{0}, key_of(i), value));
    if (i % 1000 == 999) store.commit();
    if (i % 10'000 != 9'999) continue;
    const std::uint64_t real = allocated_bytes() - before;
    EXPECT_LE(real, store.bytes() + 1024) << i;
    EXPECT_GE(real * 100, store.bytes() * 80) << i;
  }
  EXPECT_LE(store.bytes(), 50'000U * 120);
}

TEST(MemoryStateStore, MemoryIsGivenBack) {
  MemoryStateStore store(1U << 30);
  for (std::uint32_t i = 0; i < 20'000; ++i) {
    ASSERT_TRUE(store.put(Partition{0}, key_of(i), "value"));
  }
  store.commit();
  const std::uint64_t before = allocated_bytes();
  const std::uint64_t full = store.bytes();
  for (std::uint32_t i = 100; i < 20'000; ++i) store.erase(Partition{0}, key_of(i));
  store.commit();
  EXPECT_LE(store.bytes() * 100, full);
  EXPECT_GE(before - allocated_bytes(), (full - store.bytes()) * 80 / 100);
}

TEST(MemoryStateStore, EqualChangesGiveEqualOrder) {
  MemoryStateStore forward(1U << 30);
  MemoryStateStore backward(1U << 30);
  for (std::uint32_t i = 0; i < 3000; ++i) {
    ASSERT_TRUE(forward.put(Partition{0}, key_of(i), "value"));
    ASSERT_TRUE(backward.put(Partition{0}, key_of(2999 - i), "value"));
  }
  const auto log = [](const MemoryStateStore& store) {
    Records records;
    store.drain(records, 0, 0);
    std::string all;
    for (std::uint32_t i = 0; i < records.size(); ++i) all += records[i].key;
    return all;
  };
  EXPECT_EQ(log(forward), log(backward));
}

}  // namespace
}  // namespace telex::testing
