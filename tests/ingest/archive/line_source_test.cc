#include "ingest/archive/line_source.h"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include <gtest/gtest.h>

#include "ingest/decode/decoder.h"
#include "tests/conformance/source_conformance.h"
#include "tests/support/temporary_folder.h"

namespace telex {
namespace {

namespace fs = std::filesystem;
using Strings = std::vector<std::string>;

class LineWorld final : public SourceWorld {
 public:
  void put(const SourceValues& values) override {
    Strings paths;
    for (std::size_t i = 0; i < values.size(); ++i) {
      std::string lines;
      for (const std::string& value : values[i]) lines += value + "\n";
      paths.push_back(folder_.write("feed" + std::to_string(i) + ".jsonl", lines));
    }
    options_.inputs = archive_inputs(paths);
  }
  std::unique_ptr<Source> open() override { return std::make_unique<LineSource>(options_); }
  TopicPartition partition(std::size_t index) const override {
    return {options_.inputs[index].topic, Partition{0}};
  }
  bool ends() const override { return true; }

 private:
  testing::TemporaryFolder folder_{"lines"};
  LineSourceOptions options_;
};

std::unique_ptr<SourceWorld> make_line_world() { return std::make_unique<LineWorld>(); }

}  // namespace

INSTANTIATE_TEST_SUITE_P(LineSource, SourceConformance,
                         ::testing::Values(SourceWorldMaker{"line_source", &make_line_world}),
                         source_world_name);

namespace {

class Lines : public ::testing::Test {
 protected:
  void open(const std::string& bytes, ArchiveLayout layout = ArchiveLayout::lines,
            std::uint32_t record_bytes_max = ArticleLimits::kRawBytesMax) {
    open_paths({folder_.write("feed.jsonl", bytes)}, layout, record_bytes_max);
  }
  void open_paths(const Strings& paths, ArchiveLayout layout = ArchiveLayout::lines,
                  std::uint32_t record_bytes_max = ArticleLimits::kRawBytesMax) {
    LineSourceOptions options;
    options.inputs = archive_inputs(paths);
    options.layout = layout;
    options.timestamp = 1739787072000;
    options.record_bytes_max = record_bytes_max;
    source_ = std::make_unique<LineSource>(options);
  }
  void poll(Batch& batch, std::chrono::milliseconds deadline = std::chrono::milliseconds(1000)) {
    source_->poll(batch, deadline, [this](const SourceEvent& event) { events_.push_back(event); });
  }
  // "offset:value" of every row.
  static Strings rows(const Batch& batch) {
    Strings found;
    for (std::uint32_t row = 0; row < batch.size(); ++row) {
      const RawRecord raw = batch.raw(row);
      found.push_back(std::to_string(raw.offset.value) + ":" + std::string(raw.value));
    }
    return found;
  }

  testing::TemporaryFolder folder_{"lines"};
  std::unique_ptr<LineSource> source_;
  std::vector<SourceEvent> events_;
};

TEST_F(Lines, AreRecordsWithTheirOrdinals) {
  open("{\"a\":1}\r\n\n   \n{\"b\":2}\nlast");
  Batch batch;
  poll(batch);
  EXPECT_EQ(rows(batch), (Strings{"0:{\"a\":1}", "3:{\"b\":2}", "4:last"}));
  const RawRecord raw = batch.raw(0);
  EXPECT_EQ(raw.timestamp, 1739787072000);
  EXPECT_EQ(raw.key.data(), nullptr);
  EXPECT_TRUE(raw.headers.empty());
  EXPECT_EQ(raw.partition, Partition{0});
  EXPECT_EQ(batch.topic(0), "feed.jsonl");
}

TEST_F(Lines, LineThatIsTooLongIsOneFaultyRecord) {
  open("short\n" + std::string(100, 'x') + "\nnext\n" + std::string(10, 'y'), ArchiveLayout::lines,
       10);
  Batch batch;
  poll(batch);
  EXPECT_EQ(rows(batch), (Strings{"0:short", "1:xxxxxxxxxx", "2:next", "3:yyyyyyyyyy"}));
  EXPECT_EQ(batch.verdict(1).kind, VerdictKind::faulty);
  EXPECT_EQ(batch.verdict(1).reason, Reason::too_large);
  EXPECT_EQ(batch.verdict(1).message, "100 bytes; the limit is 10; cut there");
  EXPECT_TRUE(batch.publishes(0) && batch.publishes(2) && batch.publishes(3));
}

TEST_F(Lines, RecordThatNoBatchCanHoldIsOneFaultyRecord) {
  open(std::string(100, 'x') + "\nnext");
  Batch batch({10, 50});
  poll(batch);
  ASSERT_EQ(batch.size(), 1U);
  EXPECT_EQ(batch.raw(0).value.size(), 50U);
  EXPECT_EQ(batch.verdict(0).reason, Reason::too_large);
  batch.clear();
  poll(batch);
  EXPECT_EQ(rows(batch), Strings{"1:next"});
}

TEST_F(Lines, LongerThanTheBufferAreWhole) {
  const std::string line(1'000'000, 'z');
  open(line + "\n" + line + "\n");
  Batch batch;
  poll(batch);
  ASSERT_EQ(batch.size(), 2U);
  EXPECT_EQ(batch.raw(1).value, line);
}

TEST_F(Lines, RewindFindsItsPlaceInALongFile) {
  std::string bytes;
  for (int i = 0; i < 10000; ++i) bytes += std::to_string(i) + "\n";
  open(bytes);
  Batch batch({20000, 1U << 20});
  while (batch.size() < 10000) poll(batch);
  for (const std::int64_t offset : {9999, 1023, 1024, 1025, 5000, 0}) {
    source_->assign(std::vector<Position>{{{"feed.jsonl", Partition{0}}, Offset{offset}}});
    Batch again({1, 100});
    poll(again);
    ASSERT_EQ(again.size(), 1U);
    EXPECT_EQ(again.raw(0).offset.value, offset);
    EXPECT_EQ(again.raw(0).value, std::to_string(offset));
  }
}

TEST_F(Lines, OffsetBehindTheLastLineIsOutOfRange) {
  open("a\nb\n");
  source_->assign(std::vector<Position>{{{"feed.jsonl", Partition{0}}, Offset{2}}});
  Batch batch;
  poll(batch);
  EXPECT_TRUE(batch.empty());
  EXPECT_EQ(events_.back().kind, SourceEventKind::end);
  open("a\nb\n");
  source_->assign(std::vector<Position>{{{"feed.jsonl", Partition{0}}, Offset{3}}});
  poll(batch);
  EXPECT_EQ(events_.back().kind, SourceEventKind::out_of_range);
  EXPECT_EQ(events_.back().message, "no offset 3: the input has 2 lines");
}

TEST_F(Lines, WholeFileIsOneRecord) {
  open_paths({folder_.write("a.txt", "one\n\ntwo\n"), folder_.write("b.json", "{}"),
              folder_.write("empty.txt", "")},
             ArchiveLayout::whole_file);
  Batch batch;
  poll(batch);
  EXPECT_EQ(rows(batch), (Strings{"0:one\n\ntwo\n", "0:{}", "0:"}));
  EXPECT_FALSE(batch.raw(2).is_tombstone());
  EXPECT_EQ(batch.topic(1), "b.json");
  EXPECT_EQ(events_.back().kind, SourceEventKind::end);
}

TEST_F(Lines, WholeFileCanBeReadAgain) {
  open("one\ntwo", ArchiveLayout::whole_file);
  Batch batch;
  poll(batch);
  source_->assign(std::vector<Position>{{{"feed.jsonl", Partition{0}}, Offset{0}}});
  poll(batch);
  EXPECT_EQ(rows(batch), (Strings{"0:one\ntwo", "0:one\ntwo"}));
}

TEST_F(Lines, DecoderTakesTheVerdictAsItIs) {
  open(std::string(100, 'x') + "\ntext", ArchiveLayout::lines, 10);
  Batch batch;
  poll(batch);
  DecodeStage().decode(batch);
  EXPECT_EQ(batch.verdict(0).stage, "archive");
  EXPECT_EQ(batch.article(1).uri, "urn:telex:feed.jsonl:0:1");
}

TEST_F(Lines, FileThatIsNotThereIsFatal) {
  open_paths({"/nowhere/feed.jsonl"});
  Batch batch;
  poll(batch);
  ASSERT_EQ(events_.size(), 2U);
  EXPECT_EQ(events_[1].kind, SourceEventKind::fatal);
  EXPECT_EQ(events_[1].message, "cannot open /nowhere/feed.jsonl: No such file or directory");
  poll(batch);
  EXPECT_EQ(events_.size(), 2U);
}

TEST_F(Lines, FolderIsFatal) {
  open_paths({fs::temp_directory_path().string()});
  Batch batch;
  poll(batch);
  EXPECT_EQ(events_.back().kind, SourceEventKind::fatal);
}

// A pipe in the place of standard input.
class Pipe {
 public:
  Pipe() {
    if (::pipe(ends_) != 0) throw std::runtime_error("no pipe");
    saved_ = ::dup(STDIN_FILENO);
    ::dup2(ends_[0], STDIN_FILENO);
    ::close(ends_[0]);
  }
  ~Pipe() {
    end();
    ::dup2(saved_, STDIN_FILENO);
    ::close(saved_);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  void write(std::string_view bytes) const {
    if (::write(ends_[1], bytes.data(), bytes.size()) < 0) throw std::runtime_error("pipe");
  }
  void end() {
    if (ends_[1] >= 0) ::close(ends_[1]);
    ends_[1] = -1;
  }

 private:
  int ends_[2] = {-1, -1};
  int saved_ = -1;
};

TEST_F(Lines, StandardInputIsReadAsItComes) {
  Pipe pipe;
  open_paths({"-"});
  Batch batch;
  pipe.write("one\ntw");
  poll(batch, std::chrono::milliseconds(10));
  EXPECT_EQ(rows(batch), Strings{"0:one"});
  EXPECT_EQ(batch.topic(0), "stdin");
  pipe.write("o\nthree");
  poll(batch, std::chrono::milliseconds(10));
  EXPECT_EQ(rows(batch), (Strings{"0:one", "1:two"}));
  pipe.end();
  poll(batch, std::chrono::milliseconds(10));
  EXPECT_EQ(rows(batch).back(), "2:three");
  EXPECT_EQ(events_.back().kind, SourceEventKind::end);
}

TEST_F(Lines, StandardInputCannotBeRewound) {
  Pipe pipe;
  open_paths({"-"});
  pipe.write("one\ntwo\n");
  pipe.end();
  Batch batch;
  poll(batch);
  source_->assign(std::vector<Position>{{{"stdin", Partition{0}}, Offset{1}}});
  poll(batch);
  EXPECT_EQ(events_.back().kind, SourceEventKind::fatal);
  EXPECT_EQ(events_.back().message, "stdin cannot be read again from offset 1");
}

TEST(ArchiveInputs, AreNamedAfterTheirFiles) {
  const Strings paths{"a/feed.jsonl", "b/feed.jsonl", "c/other.txt", "-"};
  Strings topics;
  for (const ArchiveInput& input : archive_inputs(paths)) topics.push_back(input.topic);
  EXPECT_EQ(topics, (Strings{"a/feed.jsonl", "b/feed.jsonl", "other.txt", "stdin"}));
}

}  // namespace
}  // namespace telex
