#include "tests/process/allocated_bytes.h"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace {

std::atomic<std::uint64_t> g_allocated{0};
constexpr std::size_t kFront = 16;  // Each allocation keeps its size in front.

std::uint64_t taken(std::size_t bytes) {
  return std::max<std::uint64_t>(32, (bytes + 8 + 15) / 16 * 16);
}

}  // namespace

void* operator new(std::size_t bytes) {
  void* const memory = std::malloc(bytes + kFront);
  if (memory == nullptr) throw std::bad_alloc();
  *static_cast<std::size_t*>(memory) = bytes;
  g_allocated += taken(bytes);
  return static_cast<char*>(memory) + kFront;
}
void operator delete(void* memory) noexcept {
  if (memory == nullptr) return;
  void* const front = static_cast<char*>(memory) - kFront;
  g_allocated -= taken(*static_cast<std::size_t*>(front));
  std::free(front);
}
void operator delete(void* memory, std::size_t) noexcept { operator delete(memory); }

namespace telex::testing {

std::uint64_t allocated_bytes() { return g_allocated; }

}  // namespace telex::testing
