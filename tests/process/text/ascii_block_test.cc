#include "process/text/ascii_block.h"

#include <array>

#include <gtest/gtest.h>

namespace telex {
namespace {

void expect_equal(const AsciiBlock& fast, const AsciiBlock& slow) {
  EXPECT_EQ(fast.upper, slow.upper);
  EXPECT_EQ(fast.lower, slow.lower);
  EXPECT_EQ(fast.digit, slow.digit);
  EXPECT_EQ(fast.folded, slow.folded);
}

TEST(AsciiBlock, EveryByteInEveryPlaceIsSeenAsThePortableFormSeesIt) {
  for (int byte = 0; byte < 256; ++byte) {
    for (std::size_t place = 0; place < AsciiBlock::kBytes; ++place) {
      std::array<char, AsciiBlock::kBytes> bytes{};
      bytes.fill(static_cast<char>(255 - byte));
      bytes[place] = static_cast<char>(byte);
      expect_equal(AsciiBlock::load(bytes.data()), AsciiBlock::portable(bytes.data()));
    }
  }
}

TEST(AsciiBlock, SaysWhatEachByteIs) {
  const AsciiBlock block = AsciiBlock::load("NaTo 2025-x\xC3\xA9@[`");
  EXPECT_EQ(block.upper, 0b0000'0000'0000'0101U);
  EXPECT_EQ(block.lower, 0b0000'0100'0000'1010U);
  EXPECT_EQ(block.digit, 0b0000'0001'1110'0000U);
  EXPECT_EQ(std::string_view(block.folded.data(), 16), "nato 2025-x\xC3\xA9@[`");
}

}  // namespace
}  // namespace telex
