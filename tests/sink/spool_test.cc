#include "sink/spool.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <fstream>
#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "sink/spool_file.h"

namespace telex {
namespace {

namespace fs = std::filesystem;

class SpoolTest : public ::testing::Test {
 protected:
  SpoolTest() {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::path(::testing::TempDir()) /
              ("telex_spool." + std::string(info->name()) + "." + std::to_string(::getpid()));
    fs::remove_all(folder_);
    options_.folder = folder_;
  }
  ~SpoolTest() override { fs::remove_all(folder_); }

  static SpoolEntry entry(std::string_view value, std::int64_t offset = 42) {
    SpoolEntry made;
    made.topic = "raw.articles";
    made.partition = Partition{3};
    made.offset = Offset{offset};
    made.timestamp = 1739787072000;
    made.key = "key";
    made.value = value;
    return made;
  }
  SpoolResult put(const SpoolEntry& what) { return Spool(options_).put(what); }
  // Names in the folder but the lock's.
  std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& each : fs::directory_iterator(folder_)) {
      if (each.path().filename() != ".lock") names.push_back(each.path().filename());
    }
    std::sort(names.begin(), names.end());
    return names;
  }
  static std::uint64_t file_bytes(const SpoolEntry& what) {
    std::string digest;
    return encode_spool_file(what, digest).size();
  }
  void write(const std::string& name, std::string_view content) const {
    fs::create_directories(folder_);
    std::ofstream(folder_ / name, std::ios::binary) << content;
  }

  fs::path folder_;
  SpoolOptions options_;
};

TEST_F(SpoolTest, WhatWasPutIsReadBackByteForByte) {
  const std::string value("\0\xFF{\"a\"", 6);
  SpoolEntry given = entry(value);
  given.key = std::string_view("\0k", 2);
  given.headers = {{"a", "1"}, {"a", std::string_view("\0\xFF", 2)}, {"null", {}}, {"empty", ""}};
  const SpoolResult result = put(given);
  ASSERT_TRUE(result.ok()) << result.message;
  std::string error;
  const auto read = read_spooled(folder_, result.file, error);
  ASSERT_TRUE(read.has_value()) << error;
  EXPECT_EQ(read->entry.topic, "raw.articles");
  EXPECT_EQ(read->entry.partition, Partition{3});
  EXPECT_EQ(read->entry.offset, Offset{42});
  EXPECT_EQ(read->entry.timestamp, 1739787072000);
  EXPECT_EQ(read->entry.key, given.key);
  EXPECT_EQ(read->entry.value, value);
  ASSERT_EQ(read->entry.headers.size(), 4U);
  EXPECT_EQ(read->entry.headers[1].value, given.headers[1].value);
  EXPECT_EQ(read->entry.headers[2].value.data(), nullptr);
  EXPECT_NE(read->entry.headers[3].value.data(), nullptr);
}

TEST_F(SpoolTest, NullAndEmptyStayApartAndNumbersKeepTheirSign) {
  SpoolEntry given = entry({});
  given.key = {};
  given.timestamp = kNoTimestamp;
  given.offset = Offset{INT64_MAX};
  const SpoolResult null = put(given);
  given.key = "";
  given.value = "";
  given.offset = Offset{0};
  const SpoolResult empty = put(given);
  std::string error;
  const auto null_read = read_spooled(folder_, null.file, error);
  ASSERT_TRUE(null_read.has_value()) << error;
  EXPECT_EQ(null_read->entry.key.data(), nullptr);
  EXPECT_EQ(null_read->entry.value.data(), nullptr);
  EXPECT_EQ(null_read->entry.timestamp, kNoTimestamp);
  EXPECT_EQ(null_read->entry.offset, Offset{INT64_MAX});
  const auto empty_read = read_spooled(folder_, empty.file, error);
  ASSERT_TRUE(empty_read.has_value()) << error;
  EXPECT_NE(empty_read->entry.key.data(), nullptr);
  EXPECT_NE(empty_read->entry.value.data(), nullptr);
}

TEST_F(SpoolTest, FilesAreForTheirUserAlone) {
  const SpoolResult result = put(entry("v"));
  struct stat status {};
  ASSERT_EQ(::stat((folder_ / result.file).c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  ASSERT_EQ(::stat(folder_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0700U);
}

TEST_F(SpoolTest, TheSameRecordAgainReplacesItselfAndAnotherOfItsCoordinatesDoesNot) {
  const SpoolResult first = put(entry("v"));
  const SpoolResult again = put(entry("v"));
  EXPECT_EQ(first.file, again.file);
  EXPECT_EQ(files().size(), 1U);
  // The topic was deleted and made anew: another record at the same place.
  const SpoolResult other = put(entry("w"));
  EXPECT_NE(first.file, other.file);
  std::string error;
  EXPECT_EQ(read_spooled(folder_, first.file, error)->entry.value, "v");
  EXPECT_EQ(read_spooled(folder_, other.file, error)->entry.value, "w");
}

TEST_F(SpoolTest, NamesOfAnyTopicAreSafeAndTellThemApart) {
  const std::string topics[] = {"raw.articles",
                                "../../etc/passwd",
                                "/",
                                ".",
                                "..",
                                ".hidden",
                                "",
                                "a b\n",
                                "%2E",
                                "a%",
                                std::string("nul\0nul", 7),
                                "\xFF\xFE",
                                "naïve",
                                "a-1",
                                "a",
                                std::string(249, 'x'),
                                std::string(249, '/'),
                                std::string(248, '/') + "y",
                                std::string(5000, 'z')};
  std::set<std::string> names;
  for (const std::string& topic : topics) {
    SpoolEntry given = entry("v");
    given.topic = topic;
    const SpoolResult result = put(given);
    ASSERT_TRUE(result.ok()) << topic << ": " << result.message;
    EXPECT_TRUE(is_spool_file_name(result.file)) << result.file;
    EXPECT_TRUE(fs::is_regular_file(folder_ / result.file)) << result.file;
    names.insert(result.file);
    std::string error;
    const auto read = read_spooled(folder_, result.file, error);
    ASSERT_TRUE(read.has_value()) << error;
    EXPECT_EQ(read->entry.topic, topic);
  }
  EXPECT_EQ(names.size(), std::size(topics));
  EXPECT_EQ(files().size(), std::size(topics));
  EXPECT_EQ(spool_file_name(entry("v"), "0123456789abcdef0123"),
            "raw.articles-3-42-0123456789abcdef.record");
}

TEST_F(SpoolTest, ABoundThatIsReachedIsFullAndRoomThatIsMadeCountsAtOnce) {
  const std::string value(1000, 'v');
  options_.bytes_max = 2 * file_bytes(entry(value));
  const SpoolResult first = put(entry(value, 1));
  ASSERT_TRUE(first.ok());
  ASSERT_TRUE(put(entry(value, 2)).ok()) << "to the last byte";
  ASSERT_TRUE(put(entry(value, 2)).ok()) << "it replaces itself";
  const SpoolResult refused = put(entry(value, 3));
  EXPECT_EQ(refused.status, SpoolStatus::full);
  EXPECT_NE(refused.message.find("dead_letters.spool_bytes_max"), std::string::npos);
  EXPECT_EQ(files().size(), 2U) << "nothing is left behind";
  fs::remove(folder_ / first.file);
  EXPECT_TRUE(put(entry(value, 3)).ok());
}

TEST_F(SpoolTest, WhatLiesThereFromBeforeCounts) {
  write("raw-0-1-0011223344556677.record", std::string(5000, 'x'));
  write("somebody's notes", std::string(50'000, 'x'));
  SpoolUsage usage;
  ASSERT_TRUE(Spool(options_).open(&usage).ok());
  EXPECT_EQ(usage.bytes, 5000U);
  EXPECT_EQ(usage.files, 1U);
  options_.bytes_max = 5050;
  EXPECT_EQ(put(entry("v")).status, SpoolStatus::full);
  options_.bytes_max = 1 << 20;
  options_.files_max = 1;
  EXPECT_EQ(put(entry("v")).status, SpoolStatus::full);
}

TEST_F(SpoolTest, WhatACrashLeftHalfWrittenIsRemovedAndNothingElseIs) {
  write("raw-0-1-0011223344556677.record.partial", "half");
  write("raw-0-1-0011223344556677.record", "whole");
  write("articles.jsonl.partial", "another program's");
  ASSERT_TRUE(Spool(options_).open().ok());
  EXPECT_EQ(files(), (std::vector<std::string>{"articles.jsonl.partial",
                                               "raw-0-1-0011223344556677.record"}));
}

TEST_F(SpoolTest, AFileSizeLimitIsFullAndNotTheEndOfTheProcess) {
  ASSERT_TRUE(put(entry("v", 1)).ok());
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit tight{10'000, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &tight), 0);
  const SpoolResult refused = put(entry(std::string(20'000, 'v'), 2));
  const SpoolResult small = put(entry("v", 3));
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  EXPECT_EQ(refused.status, SpoolStatus::full);
  EXPECT_NE(refused.message.find("File too large"), std::string::npos) << refused.message;
  EXPECT_TRUE(small.ok()) << small.message;
  EXPECT_EQ(files().size(), 2U);
  EXPECT_TRUE(put(entry(std::string(20'000, 'v'), 2)).ok()) << "once there is room";
}

TEST_F(SpoolTest, AFolderThatCannotBeWrittenIsUnavailable) {
  std::ofstream(folder_) << "a file where the folder should be";
  SpoolResult result = put(entry("v"));
  EXPECT_EQ(result.status, SpoolStatus::unavailable);
  EXPECT_NE(result.message.find(folder_.string()), std::string::npos) << result.message;
  options_.folder = folder_ / "below" / "it";
  EXPECT_EQ(put(entry("v")).status, SpoolStatus::unavailable);
  options_.folder = "/proc/telex-spool";  // Takes no folders from anybody.
  EXPECT_EQ(Spool(options_).open().status, SpoolStatus::unavailable);
}

TEST_F(SpoolTest, AFolderThatGoesAndComesBackIsUsedAgain) {
  const Spool spool(options_);
  ASSERT_TRUE(spool.put(entry("v", 1)).ok());
  fs::rename(folder_, folder_.string() + ".away");
  std::ofstream(folder_) << "in its place";
  EXPECT_EQ(spool.put(entry("v", 2)).status, SpoolStatus::unavailable);
  fs::remove(folder_);
  fs::rename(folder_.string() + ".away", folder_);
  EXPECT_TRUE(spool.put(entry("v", 2)).ok());
  EXPECT_EQ(files().size(), 2U);
}

TEST_F(SpoolTest, AWriterThatHoldsTheFolderIsWaitedForNotForEver) {
  options_.lock_wait = std::chrono::milliseconds{50};
  ASSERT_TRUE(put(entry("v", 1)).ok());
  const int held = ::open((folder_ / ".lock").c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_GE(held, 0);
  ASSERT_EQ(::flock(held, LOCK_EX), 0);
  EXPECT_EQ(put(entry("v", 2)).status, SpoolStatus::unavailable);
  ::close(held);
  EXPECT_TRUE(put(entry("v", 2)).ok());
}

TEST_F(SpoolTest, LanesShareAFolderAndItsBound) {
  constexpr int kLanes = 4;
  constexpr int kRecords = 25;
  const std::string value(2000, 'v');
  const std::uint64_t one = file_bytes(entry(value));
  options_.bytes_max = one * 60;
  options_.lock_wait = std::chrono::seconds{60};
  std::vector<std::thread> lanes;
  lanes.reserve(kLanes);
  std::array<int, kLanes> kept{};
  std::array<int, kLanes> other{};
  for (int lane = 0; lane < kLanes; ++lane) {
    lanes.emplace_back([&, lane] {
      const Spool spool(options_);
      for (int i = 0; i < kRecords; ++i) {
        const SpoolResult result = spool.put(entry(value, lane * kRecords + i));
        if (result.ok()) ++kept[static_cast<std::size_t>(lane)];
        if (result.status == SpoolStatus::unavailable) ++other[static_cast<std::size_t>(lane)];
      }
    });
  }
  for (std::thread& lane : lanes) lane.join();
  int sum = 0;
  for (int i = 0; i < kLanes; ++i) {
    sum += kept[static_cast<std::size_t>(i)];
    EXPECT_EQ(other[static_cast<std::size_t>(i)], 0);
  }
  // Lengths of two offsets differ by nothing: they are fixed-width.
  EXPECT_EQ(sum, 60);
  EXPECT_EQ(files().size(), 60U);
}

TEST_F(SpoolTest, AProcessKilledWhileWritingLeavesWholeRecordsOnly) {
  const std::string value(300'000, 'v');
  int pipe_ends[2];
  ASSERT_EQ(::pipe(pipe_ends), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const Spool spool(options_);
    for (std::int64_t offset = 0;; ++offset) {
      const char good = spool.put(entry(value, offset)).ok() ? 1 : 0;
      if (::write(pipe_ends[1], &good, 1) != 1) ::_exit(1);
    }
  }
  ::close(pipe_ends[1]);
  char said = 0;
  int acknowledged = 0;
  while (acknowledged < 5 && ::read(pipe_ends[0], &said, 1) == 1) acknowledged += said;
  ::kill(child, SIGKILL);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  while (::read(pipe_ends[0], &said, 1) == 1) acknowledged += said;
  ::close(pipe_ends[0]);
  ASSERT_GE(acknowledged, 5);
  ASSERT_TRUE(Spool(options_).open().ok()) << "the lock went with its holder";
  const std::vector<std::string> left = files();
  EXPECT_GE(left.size(), static_cast<std::size_t>(acknowledged));
  for (const std::string& name : left) {
    std::string error;
    EXPECT_TRUE(read_spooled(folder_, name, error).has_value()) << error;
  }
}

TEST_F(SpoolTest, NoOtherFileIsReadThanOneOfTheSpool) {
  write("good.record", "x");
  fs::create_symlink("/etc/hostname", folder_ / "link.record");
  fs::create_directory(folder_ / "folder.record");
  ASSERT_EQ(::mkfifo((folder_ / "pipe.record").c_str(), 0600), 0);
  std::string error;
  for (const char* name : {"../x", "/etc/hostname", "", ".lock", "missing.record", "link.record",
                           "folder.record", "pipe.record", "good.record"}) {
    error.clear();
    EXPECT_FALSE(read_spooled(folder_, name, error).has_value()) << name;
    EXPECT_FALSE(error.empty()) << name;
  }
}

TEST_F(SpoolTest, AChangeOfAnyByteIsFound) {
  SpoolEntry given = entry("value");
  given.headers = {{"name", "x"}};
  std::string digest;
  const std::string good = encode_spool_file(given, digest);
  SpoolEntry read;
  ASSERT_EQ(decode_spool_file(good, read), nullptr);
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 1);
    EXPECT_NE(decode_spool_file(bad, read), nullptr) << at;
    EXPECT_NE(decode_spool_file(std::string_view(good).substr(0, at), read), nullptr) << at;
  }
  EXPECT_NE(decode_spool_file(good + "x", read), nullptr);
}

TEST_F(SpoolTest, AClaimGetsItsRecordAndNoOther) {
  const std::string value(3000, 'v');
  const SpoolResult kept = put(entry(value));
  ClaimCheck claim;
  claim.file = kept.file;
  claim.bytes = value.size();
  claim.digest = content_digest(value);
  std::string error;
  ASSERT_TRUE(read_claimed(folder_, claim, error).has_value()) << error;
  claim.digest = content_digest("w");
  EXPECT_FALSE(read_claimed(folder_, claim, error).has_value());
  EXPECT_NE(error.find("not the record"), std::string::npos);
  claim.null_value = true;
  EXPECT_FALSE(read_claimed(folder_, claim, error).has_value());
}

}  // namespace
}  // namespace telex
