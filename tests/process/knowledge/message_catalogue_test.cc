#include "process/knowledge/message_catalogue.h"

#include <cstring>

#include <gtest/gtest.h>

namespace telex {
namespace {

void put(std::string& out, std::uint32_t value, bool swapped) {
  if (swapped) value = __builtin_bswap32(value);
  out.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

// A catalogue with one message.
std::string catalogue(bool swapped) {
  std::string out;
  for (const std::uint32_t word : {0x950412DEU, 0U, 1U, 28U, 36U, 0U, 44U}) put(out, word, swapped);
  put(out, 7, swapped);  // "Germany" ...
  put(out, 44, swapped);
  put(out, 9, swapped);  // ... "Duitsland"
  put(out, 52, swapped);
  return out + std::string("Germany\0Duitsland\0", 18);
}

TEST(MessageCatalogue, ReadsBothByteOrders) {
  for (const bool swapped : {false, true}) {
    const std::string bytes = catalogue(swapped);
    std::string error;
    const auto messages = MessageCatalogue::open(bytes, error);
    ASSERT_TRUE(messages) << error;
    EXPECT_EQ(messages->find("Germany"), "Duitsland");
    EXPECT_EQ(messages->find("France"), "");
  }
}

TEST(MessageCatalogue, AnyTruncationIsRefusedOrHarmless) {
  const std::string whole = catalogue(false);
  for (std::size_t length = 0; length < whole.size() - 1; ++length) {
    const std::string bytes = whole.substr(0, length);
    std::string error;
    EXPECT_FALSE(MessageCatalogue::open(bytes, error)) << length;
    EXPECT_FALSE(error.empty());
  }
}

TEST(MessageCatalogue, AnyChangedByteIsSafe) {
  for (std::size_t at = 0; at < catalogue(false).size(); ++at) {
    for (const int byte : {0x00, 0x7F, 0xFF}) {
      std::string bytes = catalogue(false);
      bytes[at] = static_cast<char>(byte);
      std::string error;
      const auto messages = MessageCatalogue::open(bytes, error);
      EXPECT_EQ(messages.has_value(), error.empty());
      if (messages) {
        EXPECT_LE(messages->find("Germany").size(), bytes.size());
      }
    }
  }
}

}  // namespace
}  // namespace telex
