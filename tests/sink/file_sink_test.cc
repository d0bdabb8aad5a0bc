#include "sink/file_sink.h"

#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "tests/conformance/records.h"

namespace telex {
namespace {

using testing::add_record;
constexpr std::chrono::milliseconds kLimit{1000};

std::string content(const std::string& path) {
  std::ifstream file(path);
  if (!file) return "<no file>";
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

class FileSinkTest : public ::testing::Test {
 protected:
  ~FileSinkTest() override {
    for (const std::string& path : {records_, dead_}) {
      std::remove(path.c_str());
      std::remove((path + ".partial").c_str());
    }
  }
  void write(FileSink& sink, const Records& records) {
    ASSERT_TRUE(sink.begin().ok());
    ASSERT_TRUE(sink.stage(records, 0).ok());
    ASSERT_EQ(sink.commit({}, "", kLimit).outcome, CommitOutcome::committed);
  }

  std::string base_ = ::testing::TempDir() + "file_sink_test." + std::to_string(::getpid()) + ".";
  std::string records_ = base_ + "jsonl";
  std::string dead_ = base_ + "dead.jsonl";
};

TEST_F(FileSinkTest, FilesTakeTheirNamesWhenClosedAndNotBefore) {
  FileSink sink({records_, dead_});
  ASSERT_TRUE(sink.open().ok());
  Records records;
  add_record(records, "k", "{\"a\":1}");
  write(sink, records);
  EXPECT_EQ(content(records_), "<no file>");
  sink.close(kLimit);
  EXPECT_EQ(sink.close_error(), "");
  EXPECT_EQ(content(records_), "{\"a\":1}\n");
  EXPECT_EQ(content(dead_), "");
  EXPECT_EQ(content(records_ + ".partial"), "<no file>");
}

TEST_F(FileSinkTest, ADeletionIsALineWithItsKey) {
  FileSink sink({records_, ""});
  ASSERT_TRUE(sink.open().ok());
  Records records;
  add_record(records, "urn:x:\"1\"", std::string_view());
  write(sink, records);
  sink.close(kLimit);
  EXPECT_EQ(content(records_), "{\"deleted\":\"urn:x:\\\"1\\\"\"}\n");
}

TEST_F(FileSinkTest, DeadLettersKeepTheirBytesAndTheReason) {
  FileSink sink({records_, dead_});
  ASSERT_TRUE(sink.open().ok());
  Records records;
  records.open();
  records.buffer() += std::string("\xff\x00\x01\x02", 4);
  records.end_value();
  records.add_header("trace", std::string_view("\xfe", 1));
  records.add_header("nothing", std::string_view());
  records.add_header("telex-dlq-reason", "not_utf8");
  records.add_header("telex-dlq-offset", "17");
  records.close(Destination::dead_letter, 0, Partition{}, 0, 0);
  write(sink, records);
  sink.close(kLimit);
  EXPECT_EQ(content(records_), "");
  EXPECT_EQ(
      content(dead_),
      "{\"key\":null,\"value\":\"/wABAg==\",\"headers\":[{\"name\":\"trace\",\"value\":\"/g==\"},"
      "{\"name\":\"nothing\",\"value\":null}],"
      "\"telex\":{\"reason\":\"not_utf8\",\"offset\":\"17\"}}\n");
}

TEST_F(FileSinkTest, ChangelogsAreCountedAndNotWritten) {
  FileSink sink({records_, ""});
  ASSERT_TRUE(sink.open().ok());
  Records records;
  add_record(records, "k", "state", Destination::changelog);
  write(sink, records);
  sink.close(kLimit);
  EXPECT_EQ(content(records_), "");
  EXPECT_EQ(sink.records(Destination::changelog), 1U);
}

TEST_F(FileSinkTest, AFolderThatIsNotThereIsAFaultOfTheSetUp) {
  FileSink sink({base_ + "no/such/folder/out", ""});
  const SinkResult result = sink.open();
  EXPECT_EQ(result.status, SinkStatus::fatal);
  EXPECT_EQ(result.cause, FaultCause::setup);
  EXPECT_NE(result.message.find("No such file"), std::string::npos) << result.message;
}

// RLIMIT_FSIZE makes the file system refuse, as a full disk would.
TEST_F(FileSinkTest, WhatTheDiskRefusesIsFatalAndLeavesTheCommittedPart) {
  FileSink sink({records_, ""});
  ASSERT_TRUE(sink.open().ok());
  Records small;
  add_record(small, "k", "{\"kept\":1}");
  write(sink, small);

  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit tight{4096, before.rlim_max};
  auto* handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &tight), 0);
  Records large;
  add_record(large, "k", std::string(100'000, 'x'));
  ASSERT_TRUE(sink.begin().ok());
  ASSERT_TRUE(sink.stage(large, 0).ok());
  const CommitResult result = sink.commit({}, "", kLimit);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, handler);

  EXPECT_EQ(result.outcome, CommitOutcome::fatal);
  EXPECT_EQ(result.cause, FaultCause::setup);
  EXPECT_NE(result.message.find("too large"), std::string::npos) << result.message;
  EXPECT_EQ(content(records_ + ".partial"), "{\"kept\":1}\n");
}

}  // namespace
}  // namespace telex
