// What every Source must keep, whatever it reads from. An implementation runs the suite by giving
// it a SourceWorld: a place where the test can put records, and sources that read from there.
//
//   INSTANTIATE_TEST_SUITE_P(LineSource, SourceConformance,
//                            ::testing::Values(SourceWorldMaker{"line_source", &make_world}),
//                            source_world_name);
//
// A binary runs one or several worlds; GTEST_ALLOW_UNINSTANTIATED keeps the header harmless.
#pragma once

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "process/source.h"

namespace telex {

// Records by partition: values[p] are those of partition p, in order.
using SourceValues = std::vector<std::vector<std::string>>;

class SourceWorld {
 public:
  virtual ~SourceWorld() = default;
  // Puts the records in place, once, before open().
  virtual void put(const SourceValues& values) = 0;
  virtual std::unique_ptr<Source> open() = 0;
  // The name under which the source knows partition `index` of put().
  virtual TopicPartition partition(std::size_t index) const = 0;
  // Whether the source ever reports `end`.
  virtual bool ends() const = 0;
  // How long a source may take until it hands out what is there.
  virtual std::chrono::milliseconds patience() const { return std::chrono::seconds(20); }
};

struct SourceWorldMaker {
  const char* name;
  std::unique_ptr<SourceWorld> (*make)();
};
inline void PrintTo(const SourceWorldMaker& row, std::ostream* out) { *out << row.name; }

inline std::string source_world_name(const ::testing::TestParamInfo<SourceWorldMaker>& row) {
  return row.param.name;
}

class SourceConformance : public ::testing::TestWithParam<SourceWorldMaker> {
 protected:
  struct Read {
    Offset offset;
    std::string value;
    auto operator<=>(const Read&) const = default;
  };
  using Reads = std::map<TopicPartition, std::vector<Read>>;

  void open(const SourceValues& values) {
    world_ = GetParam().make();
    world_->put(values);
    source_ = world_->open();
  }

  // One poll into `batch`, appended to what has been read.
  void poll(Batch& batch) {
    source_->poll(batch, std::chrono::milliseconds(20),
                  [this](const SourceEvent& event) { note(event); });
    for (std::uint32_t row = 0; row < batch.size(); ++row) {
      const RawRecord raw = batch.raw(row);
      reads_[{std::string(batch.topic(row)), raw.partition}].push_back(
          {raw.offset, std::string(raw.value)});
    }
  }

  std::size_t read_count() const {
    std::size_t count = 0;
    for (const auto& [partition, reads] : reads_) count += reads.size();
    return count;
  }

  // Polls until `count` records have come, or patience is at its end.
  void read(std::size_t count, BatchLimits limits = {}) {
    const auto until = std::chrono::steady_clock::now() + world_->patience();
    Batch batch(limits);
    while (read_count() < count && std::chrono::steady_clock::now() < until) {
      batch.clear();
      poll(batch);
    }
    ASSERT_EQ(read_count(), count);
  }

  // Polls for a while and expects that nothing comes.
  void expect_silence() {
    const std::size_t before = read_count();
    Batch batch;
    for (int i = 0; i < 10; ++i) {
      batch.clear();
      poll(batch);
    }
    EXPECT_EQ(read_count(), before);
  }

  std::vector<std::string> values_of(std::size_t partition) {
    std::vector<std::string> values;
    for (const Read& read : reads_[world_->partition(partition)]) values.push_back(read.value);
    return values;
  }

  Position position(std::size_t partition, Offset next) const {
    return {world_->partition(partition), next};
  }

  // Behind everything read of a partition.
  Position behind(std::size_t partition) {
    const auto& reads = reads_[world_->partition(partition)];
    return position(partition, Offset{reads.empty() ? 0 : reads.back().offset.value + 1});
  }

  void note(const SourceEvent& event) {
    if (event.kind == SourceEventKind::assigned) {
      assigned_.insert(assigned_.end(), event.partitions.begin(), event.partitions.end());
      EXPECT_TRUE(std::is_sorted(event.positions.begin(), event.positions.end()));
    }
    if (event.kind == SourceEventKind::end) {
      ++ends_;
      reads_at_end_ = read_count();
    }
    EXPECT_NE(event.kind, SourceEventKind::fatal) << event.message;
  }

  std::unique_ptr<SourceWorld> world_;
  std::unique_ptr<Source> source_;
  Reads reads_;
  std::vector<TopicPartition> assigned_;
  int ends_ = 0;
  std::size_t reads_at_end_ = 0;
};

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(SourceConformance);

inline std::vector<std::string> numbered(const std::string& prefix, int count) {
  std::vector<std::string> values;
  for (int i = 0; i < count; ++i) values.push_back(prefix + std::to_string(i));
  return values;
}

TEST_P(SourceConformance, DeliversEveryRecordOfEveryPartitionInOrder) {
  open({numbered("a", 100), numbered("b", 50)});
  read(150);
  EXPECT_EQ(values_of(0), numbered("a", 100));
  EXPECT_EQ(values_of(1), numbered("b", 50));
}

TEST_P(SourceConformance, OffsetsOfAPartitionAscend) {
  open({numbered("a", 100), numbered("b", 100)});
  read(200);
  for (const auto& [partition, reads] : reads_) {
    for (std::size_t i = 1; i < reads.size(); ++i) {
      EXPECT_LT(reads[i - 1].offset, reads[i].offset);
    }
  }
}

TEST_P(SourceConformance, AnnouncesItsPartitionsBeforeTheirRecords) {
  open({numbered("a", 3), numbered("b", 3)});
  read(6);
  ASSERT_EQ(assigned_.size(), 2U);
  for (const auto& [partition, reads] : reads_) {
    EXPECT_NE(std::find(assigned_.begin(), assigned_.end(), partition), assigned_.end());
  }
}

TEST_P(SourceConformance, GoesOnAfterAFullBatchWithoutLoss) {
  open({numbered("a", 100), numbered("b", 31)});
  read(131, {7, 1U << 20});
  EXPECT_EQ(values_of(0), numbered("a", 100));
  EXPECT_EQ(values_of(1), numbered("b", 31));
}

TEST_P(SourceConformance, GoesOnAfterABatchFullOfBytesWithoutLoss) {
  std::vector<std::string> values;
  for (std::size_t i = 0; i < 40; ++i) values.push_back(std::string(1 + i * 13 % 300, 'x'));
  open({values});
  read(40, {1000, 400});
  EXPECT_EQ(values_of(0), values);
}

TEST_P(SourceConformance, AFullBatchTakesNothingMore) {
  open({numbered("a", 10)});
  read(1, {1, 1U << 20});
  Batch full({1, 1U << 20});
  RawRecord raw;
  raw.topic = full.intern_topic("other");
  ASSERT_TRUE(full.append(raw));
  source_->poll(full, std::chrono::milliseconds(20), [](const SourceEvent&) {});
  EXPECT_EQ(full.size(), 1U);
  read(10, {3, 1U << 20});
  EXPECT_EQ(values_of(0), numbered("a", 10));
}

TEST_P(SourceConformance, AssignRewindsExactly) {
  open({numbered("a", 60)});
  read(60, {25, 1U << 20});
  const std::vector<Read> first = reads_[world_->partition(0)];
  for (const std::size_t from :
       {std::size_t{59}, std::size_t{1}, std::size_t{30}, std::size_t{0}}) {
    reads_.clear();
    source_->assign(std::vector<Position>{position(0, first[from].offset)});
    read(60 - from);
    EXPECT_EQ(reads_[world_->partition(0)],
              std::vector<Read>(first.begin() + static_cast<std::ptrdiff_t>(from), first.end()));
  }
}

TEST_P(SourceConformance, AssignRewindsInTheMiddleOfReading) {
  open({numbered("a", 60)});
  read(25, {25, 1U << 20});
  const Offset tenth = reads_[world_->partition(0)][10].offset;
  reads_.clear();
  source_->assign(std::vector<Position>{position(0, tenth)});
  read(50, {25, 1U << 20});
  EXPECT_EQ(values_of(0).front(), "a10");
  EXPECT_EQ(values_of(0).back(), "a59");
}

TEST_P(SourceConformance, AssignGoesOnWhereItStandsWhenToldSo) {
  open({numbered("a", 60)});
  read(20, {20, 1U << 20});
  source_->assign(std::vector<Position>{behind(0)});
  read(60, {20, 1U << 20});
  EXPECT_EQ(values_of(0), numbered("a", 60));
}

TEST_P(SourceConformance, AssignToNothingSilences) {
  open({numbered("a", 60)});
  read(20, {20, 1U << 20});
  source_->assign({});
  expect_silence();
  EXPECT_EQ(ends_, 0);
  source_->assign(std::vector<Position>{behind(0)});
  read(60, {20, 1U << 20});
  EXPECT_EQ(values_of(0), numbered("a", 60));
}

TEST_P(SourceConformance, AssignLetsOnePartitionRunAlone) {
  open({numbered("a", 60), numbered("b", 60)});
  read(1, {1, 1U << 20});
  source_->assign(std::vector<Position>{position(1, Offset{0})});
  reads_[world_->partition(1)].clear();
  const std::size_t of_first = values_of(0).size();
  read(of_first + 60);
  EXPECT_EQ(values_of(0).size(), of_first);
  EXPECT_EQ(values_of(1), numbered("b", 60));
  source_->assign(std::vector<Position>{behind(0), behind(1)});
  read(120);
  EXPECT_EQ(values_of(0), numbered("a", 60));
}

TEST_P(SourceConformance, ReportsTheEndOnceAndAfterTheLastRecord) {
  open({numbered("a", 30), numbered("b", 30)});
  if (!world_->ends()) {
    read(60);
    expect_silence();
    EXPECT_EQ(ends_, 0);
    return;
  }
  Batch batch({7, 1U << 20});
  const auto until = std::chrono::steady_clock::now() + world_->patience();
  while (ends_ == 0 && std::chrono::steady_clock::now() < until) {
    batch.clear();
    poll(batch);
  }
  EXPECT_EQ(read_count(), 60U);
  expect_silence();
  EXPECT_EQ(ends_, 1);
}

TEST_P(SourceConformance, ReportsTheEndAgainAfterARewind) {
  open({numbered("a", 30)});
  if (!world_->ends()) return;
  read(30);
  expect_silence();
  source_->assign(std::vector<Position>{position(0, Offset{0})});
  read(60);
  expect_silence();
  EXPECT_EQ(ends_, 2);
}

TEST_P(SourceConformance, EmptyPartitionsAreNoTrouble) {
  open({{}, numbered("b", 3)});
  read(3);
  expect_silence();
  EXPECT_EQ(values_of(1), numbered("b", 3));
}

TEST_P(SourceConformance, PollKeepsItsDeadline) {
  open({numbered("a", 3)});
  read(3);
  Batch batch;
  const auto begin = std::chrono::steady_clock::now();
  poll(batch);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2));
}

TEST_P(SourceConformance, CloseEndsItAndMayBeRepeated) {
  open({numbered("a", 60)});
  read(10, {10, 1U << 20});
  source_->close();
  source_->close();
  expect_silence();
}

}  // namespace telex
