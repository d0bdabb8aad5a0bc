#include "schemas/record.h"

#include <gtest/gtest.h>

namespace telex {
namespace {

void add(Records& records, std::string_view key, std::string_view value) {
  records.open();
  records.buffer().append(key);
  records.end_key();
  records.buffer().append(value);
  records.end_value();
  records.add_header("name", value);
  records.close(Destination::enriched, 0, Partition{}, 5, 9);
}

TEST(Records, GiveBackWhatWasWritten) {
  Records records;
  add(records, "k1", "v1");
  add(records, "", "");
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].key, "k1");
  EXPECT_EQ(records[0].value, "v1");
  EXPECT_EQ(records[0].headers[0].value, "v1");
  EXPECT_EQ(records[0].timestamp, 5);
  EXPECT_EQ(records[0].row, 9U);
  EXPECT_NE(records[1].key.data(), nullptr);
  EXPECT_NE(records[1].value.data(), nullptr);
  EXPECT_TRUE(records[1].value.empty());
}

TEST(Records, KeepNullApartFromEmpty) {
  Records records;
  records.open();
  records.add_header("null", {});
  records.add_header("empty", "");
  records.close(Destination::changelog, 3, Partition{2}, 0, 0);
  EXPECT_EQ(records[0].key.data(), nullptr);
  EXPECT_EQ(records[0].value.data(), nullptr);
  EXPECT_EQ(records[0].headers[0].value.data(), nullptr);
  EXPECT_NE(records[0].headers[1].value.data(), nullptr);
  EXPECT_EQ(records[0].partition, Partition{2});
  EXPECT_EQ(records[0].route, 3);
}

TEST(Records, AbandonDropsTheOpenRecordOnly) {
  Records records;
  add(records, "kept", "kept");
  const std::uint64_t bytes = records.bytes();
  records.open();
  records.buffer().append("half");
  records.end_key();
  records.add_header("a", "b");
  records.abandon();
  EXPECT_EQ(records.size(), 1U);
  EXPECT_EQ(records.bytes(), bytes);
  add(records, "next", "next");
  EXPECT_EQ(records[1].key, "next");
  EXPECT_EQ(records[1].headers.size(), 1U);
}

TEST(Records, DropLastTakesOneBack) {
  Records records;
  add(records, "kept", "kept");
  const std::uint64_t bytes = records.bytes();
  add(records, "gone", "gone");
  records.drop_last();
  EXPECT_EQ(records.size(), 1U);
  EXPECT_EQ(records.bytes(), bytes);
  add(records, "next", "next");
  EXPECT_EQ(records[1].headers[0].value, "next");
}

TEST(Records, TellHowLongTheOpenValueIs) {
  Records records;
  records.open();
  records.buffer().append("key");
  records.end_key();
  records.buffer().append("12345");
  EXPECT_EQ(records.open_value_bytes(), 5U);
  records.end_value();
  records.add_header("h", "more");
  EXPECT_EQ(records.open_value_bytes(), 5U);
}

TEST(Records, ClearForgetsAll) {
  Records records;
  add(records, "k", "v");
  records.clear();
  EXPECT_TRUE(records.empty());
  EXPECT_EQ(records.bytes(), 0U);
}

TEST(Destination, HasANameEach) {
  EXPECT_EQ(to_string(Destination::enriched), "enriched");
  EXPECT_EQ(to_string(Destination::dead_letter), "dead_letter");
  EXPECT_EQ(to_string(Destination::correction), "correction");
}

}  // namespace
}  // namespace telex
