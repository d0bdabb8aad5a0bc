// The sum; that a broker counts the same way is proved in tests/integration/oversize_test.cc.
#include "schemas/record_bytes.h"

#include <limits>
#include <string>

#include <gtest/gtest.h>

namespace telex {
namespace {

TEST(VarintBytes, GrowsByOneEverySevenBits) {
  const std::pair<std::int64_t, std::uint64_t> cases[] = {
      {0, 1},
      {-1, 1},
      {63, 1},
      {-64, 1},
      {64, 2},
      {-65, 2},
      {8191, 2},
      {8192, 3},
      {1048575, 3},
      {1048576, 4},
      {134217727, 4},
      {134217728, 5},
      {std::numeric_limits<std::int32_t>::max(), 5},
      {std::numeric_limits<std::int64_t>::min(), 10}};
  for (const auto& [value, bytes] : cases) EXPECT_EQ(varint_bytes(value), bytes) << value;
}

class RecordBytes : public ::testing::Test {
 protected:
  std::uint64_t of(std::string_view key, std::string_view value,
                   std::span<const Header> headers = {}, std::span<const Header> more = {}) {
    records_.clear();
    records_.open();
    if (key.data() != nullptr) {
      records_.buffer() += key;
      records_.end_key();
    }
    if (value.data() != nullptr) {
      records_.buffer() += value;
      records_.end_value();
    }
    for (const Header& header : headers) records_.add_header(header.name, header.value);
    records_.close(Destination::enriched, 0, Partition{}, 0, 0);
    return bytes_on_topic(records_[0], more);
  }
  Records records_;
};

TEST_F(RecordBytes, OfNothingAreTheFrames) {
  // Length, attributes, two deltas, key length, value length, header count.
  EXPECT_EQ(of({}, {}), 61U + 7U);
  EXPECT_EQ(of("", ""), 61U + 7U) << "null and empty cost the same";
}

TEST_F(RecordBytes, CountEveryLengthWithItsOwnVarint) {
  EXPECT_EQ(of("k", "v"), 61U + 9U);
  // The record behind its length is 6 longer than its value: 63 bytes, then 64.
  EXPECT_EQ(of({}, std::string(57, 'v')), 61U + 7U + 57U);
  EXPECT_EQ(of({}, std::string(58, 'v')), 61U + 8U + 58U);
  EXPECT_EQ(of({}, std::string(64, 'v')), 61U + 9U + 64U);
}

TEST_F(RecordBytes, CountHeadersAndThoseStillToBeAdded) {
  const Header headers[] = {{"name", "value"}, {"null", {}}};
  const std::uint64_t both = 1 + 4 + 1 + 5 + 1 + 4 + 1;
  EXPECT_EQ(of({}, {}, headers), 61U + 7U + both);
  EXPECT_EQ(of({}, {}, {}, headers), 61U + 7U + both);
}

}  // namespace
}  // namespace telex
