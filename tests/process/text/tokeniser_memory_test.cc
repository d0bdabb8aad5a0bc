// After warm-up the tokeniser takes no memory.
#include <string>

#include <gtest/gtest.h>

#include "process/text/tokeniser.h"
#include "tests/process/text/text_testing.h"
#include "tests/support/allocation_counter.h"

namespace telex {
namespace {

TEST(TokeniserMemory, NoneIsTakenAfterWarmUp) {
  std::string text =
      "NAVO-chef Rutte zei: „De Oekraïense president Зеленський kwam in ’s-Gravenhage aan, "
      "o.a. met 1.000,50 € — 東京 e\u0301\u0301\u0323 1\u0323\u0301 😀”.\n\n";
  text += std::string(2000, 'x') + " ";
  for (int i = 0; i < 6; ++i) text += text;
  const std::vector<Part> parts{{text, PartKind::body, TextFormat::plain, 0},
                                {"<p>Een <b>kop</b> &amp;", PartKind::body, TextFormat::html, 1}};
  const Article article = testing::article_of(parts, "nl");
  Tokeniser tokeniser;
  Tokens tokens;
  tokeniser.tokenise(article, tokens);
  const std::uint32_t token_count = tokens.size();
  const std::uint64_t before = testing::allocation_count();
  for (int i = 0; i < 10; ++i) {
    tokens.clear();
    tokeniser.tokenise(article, tokens);
  }
  EXPECT_EQ(testing::allocation_count(), before);
  EXPECT_EQ(tokens.size(), token_count);
}

}  // namespace
}  // namespace telex
