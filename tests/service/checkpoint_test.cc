#include "service/checkpoint.h"

#include <fstream>
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "process/memory_state_store.h"
#include "tests/support/temporary_folder.h"

namespace telex {
namespace {

constexpr UnixMillis kNow = 1'700'000'000'000;
constexpr Partition kPartition{3};

class CheckpointTest : public ::testing::Test {
 protected:
  Checkpoint head() const {
    return {"telex-wire-identical-changelog", kPartition, Offset{700}, 500, kNow};
  }
  // As a lane asks: `written` and `made` say what is committed and what time it is.
  Checkpoint asked(std::uint64_t written = 500, UnixMillis now = kNow) const {
    Checkpoint asked = head();
    asked.upto = Offset{0};
    asked.written = written;
    asked.made = now;
    return asked;
  }
  void fill(int count) {
    for (int i = 0; i < count; ++i) {
      const std::string key = "key" + std::to_string(i);
      ASSERT_TRUE(store_.put(kPartition, key, std::string(static_cast<std::size_t>(i % 50), 'v')));
    }
    store_.commit();
  }
  void expect_nothing_loaded(const Checkpoint& asked) {
    MemoryStateStore store(1U << 20);
    Checkpoint head = asked;
    EXPECT_NE(load_checkpoint(folder_.path(), head, store), "");
    EXPECT_EQ(store.key_count(kPartition), 0U);
    EXPECT_EQ(head.upto, asked.upto);
  }
  std::filesystem::path file() const {
    return std::filesystem::directory_iterator(folder_.path())->path();
  }

  testing::TemporaryFolder folder_{"checkpoint"};
  MemoryStateStore store_{1U << 26};
};

TEST_F(CheckpointTest, WhatWasSavedIsLoaded) {
  fill(10'000);
  ASSERT_EQ(save_checkpoint(folder_.path(), head(), store_), "");
  MemoryStateStore loaded(1U << 26);
  Checkpoint found = asked();
  ASSERT_EQ(load_checkpoint(folder_.path(), found, loaded), "");
  EXPECT_EQ(found.upto, Offset{700});
  EXPECT_EQ(found.written, 500U);
  EXPECT_EQ(loaded.key_count(kPartition), 10'000U);
  for (int i = 0; i < 10'000; ++i) {
    const std::string key = "key" + std::to_string(i);
    ASSERT_EQ(loaded.get(kPartition, key), store_.get(kPartition, key)) << key;
  }
}

TEST_F(CheckpointTest, AnEmptyStateIsStateToo) {
  ASSERT_EQ(save_checkpoint(folder_.path(), head(), store_), "");
  MemoryStateStore loaded(1U << 20);
  Checkpoint found = asked();
  EXPECT_EQ(load_checkpoint(folder_.path(), found, loaded), "");
  EXPECT_EQ(found.upto, Offset{700});
}

TEST_F(CheckpointTest, TheLatestReplacesItsPredecessor) {
  fill(5);
  ASSERT_EQ(save_checkpoint(folder_.path(), head(), store_), "");
  fill(7);
  ASSERT_EQ(save_checkpoint(folder_.path(), head(), store_), "");
  MemoryStateStore loaded(1U << 20);
  Checkpoint found = asked();
  ASSERT_EQ(load_checkpoint(folder_.path(), found, loaded), "");
  EXPECT_EQ(loaded.key_count(kPartition), 7U);
}

TEST_F(CheckpointTest, OneThatIsMissingIsSaid) { expect_nothing_loaded(asked()); }

TEST_F(CheckpointTest, OneThatIsTooOldOrFromTheFutureIsPassedOver) {
  fill(5);
  ASSERT_EQ(save_checkpoint(folder_.path(), head(), store_), "");
  const UnixMillis day = 86'400'000;
  expect_nothing_loaded(asked(500, kNow + day / 2 + 1));
  expect_nothing_loaded(asked(500, kNow - 1));
  MemoryStateStore loaded(1U << 20);
  Checkpoint found = asked(500, kNow + day / 2);
  EXPECT_EQ(load_checkpoint(folder_.path(), found, loaded), "");
}

TEST_F(CheckpointTest, OneThatIsAheadOfTheGroupIsPassedOver) {
  fill(5);
  ASSERT_EQ(save_checkpoint(folder_.path(), head(), store_), "");
  expect_nothing_loaded(asked(499));
}

TEST_F(CheckpointTest, OneOfAnotherChangelogUnderItsNameIsPassedOver) {
  fill(5);
  ASSERT_EQ(save_checkpoint(folder_.path(), head(), store_), "");
  Checkpoint other = asked();
  other.changelog = "telex-other-identical-changelog";
  std::filesystem::rename(file(), folder_.path() / (other.changelog + "-3.checkpoint"));
  expect_nothing_loaded(other);
}

TEST_F(CheckpointTest, EveryCutAndEveryFlippedBitIsNoticed) {
  fill(20);
  ASSERT_EQ(save_checkpoint(folder_.path(), head(), store_), "");
  std::ifstream in(file(), std::ios::binary);
  const std::string whole((std::istreambuf_iterator<char>(in)), {});
  ASSERT_GT(whole.size(), 100U);
  const auto write = [&](const std::string& bytes) {
    std::ofstream(file(), std::ios::binary | std::ios::trunc) << bytes;
  };
  for (std::size_t size = 0; size < whole.size(); ++size) {
    write(whole.substr(0, size));
    expect_nothing_loaded(asked());
    std::string flipped = whole;
    flipped[size] = static_cast<char>(flipped[size] ^ (1 << (size % 8)));
    write(flipped);
    expect_nothing_loaded(asked());
  }
}

TEST_F(CheckpointTest, OneThatTheStoreCannotHoldLeavesItEmpty) {
  fill(1000);
  ASSERT_EQ(save_checkpoint(folder_.path(), head(), store_), "");
  MemoryStateStore small(4096);
  Checkpoint found = asked();
  EXPECT_NE(load_checkpoint(folder_.path(), found, small), "");
  EXPECT_EQ(small.key_count(kPartition), 0U);
}

TEST_F(CheckpointTest, AFolderThatCannotBeWrittenIsSaid) {
  const std::filesystem::path taken = folder_.path() / "file";
  std::ofstream(taken) << "not a folder";
  EXPECT_NE(save_checkpoint(taken, head(), store_), "");
}

}  // namespace
}  // namespace telex
