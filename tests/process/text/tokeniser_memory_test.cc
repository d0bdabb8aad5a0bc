// A counting operator new: after warm-up the tokeniser takes no memory.
#include <atomic>
#include <cstdlib>
#include <new>
#include <string>

#include <gtest/gtest.h>

#include "process/text/tokeniser.h"
#include "tests/process/text/text_testing.h"

namespace {
std::atomic<std::size_t> allocation_count{0};

void* counted(std::size_t size) {
  ++allocation_count;
  void* memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
}  // namespace

void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

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
  const std::size_t before = allocation_count;
  for (int i = 0; i < 10; ++i) {
    tokens.clear();
    tokeniser.tokenise(article, tokens);
  }
  EXPECT_EQ(allocation_count, before);
  EXPECT_EQ(tokens.size(), token_count);
}

}  // namespace
}  // namespace telex
