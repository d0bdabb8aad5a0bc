#include "tests/sim/fiber.h"

#include <cassert>
#include <cstdint>
#include <utility>
#include <vector>

#if defined(__SANITIZE_ADDRESS__)
#define TELEX_SIM_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TELEX_SIM_ASAN 1
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define TELEX_SIM_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define TELEX_SIM_TSAN 1
#endif
#endif
#ifdef TELEX_SIM_ASAN
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef TELEX_SIM_TSAN
#include <sanitizer/tsan_interface.h>
#endif

namespace telex::sim {
namespace {

// A lane's deepest call takes a few KiB; the sanitizers' frames are many times as large.
constexpr std::size_t kStackBytes = 256U << 10;
constexpr std::size_t kStacksKept = 64;

}  // namespace

struct Fiber::Stack {
  alignas(64) std::byte bytes[kStackBytes];
};

namespace {
// Making and clearing a stack costs more than a short run; a thread keeps some.
template <class Stack>
std::vector<std::unique_ptr<Stack>>& kept_stacks() {
  thread_local std::vector<std::unique_ptr<Stack>> kept;
  return kept;
}
}  // namespace

std::unique_ptr<Fiber::Stack> Fiber::take_stack() {
  auto& kept = kept_stacks<Stack>();
  // Not value-initialised: nobody reads what was not written.
  if (kept.empty()) return std::make_unique_for_overwrite<Stack>();
  std::unique_ptr<Stack> stack = std::move(kept.back());
  kept.pop_back();
  return stack;
}

void Fiber::give_back(std::unique_ptr<Stack> stack) {
  auto& kept = kept_stacks<Stack>();
  if (kept.size() < kStacksKept) kept.push_back(std::move(stack));
}

Fiber::Fiber(std::function<void()> body) : body_(std::move(body)), stack_(take_stack()) {
  getcontext(&here_);
  here_.uc_stack.ss_sp = stack_->bytes;
  here_.uc_stack.ss_size = kStackBytes;
  here_.uc_link = nullptr;
  // makecontext() passes ints only.
  const auto self = reinterpret_cast<std::uintptr_t>(this);
  makecontext(&here_, reinterpret_cast<void (*)()>(&Fiber::enter), 2,
              static_cast<unsigned>(self >> 32), static_cast<unsigned>(self & 0xffffffffU));
#ifdef TELEX_SIM_TSAN
  own_shadow_ = __tsan_create_fiber(0);
#endif
}

Fiber::~Fiber() {
  assert(done_);
#ifdef TELEX_SIM_TSAN
  __tsan_destroy_fiber(own_shadow_);
#endif
  give_back(std::move(stack_));
}

void Fiber::enter(unsigned high, unsigned low) {
  const std::uintptr_t self = (static_cast<std::uintptr_t>(high) << 32) | low;
  reinterpret_cast<Fiber*>(self)->run();
}

void Fiber::run() {
#ifdef TELEX_SIM_ASAN
  __sanitizer_finish_switch_fiber(nullptr, &outside_bottom_, &outside_size_);
#endif
  body_();
  body_ = nullptr;  // What it holds goes while its stack is still there.
  done_ = true;
#ifdef TELEX_SIM_ASAN
  __sanitizer_start_switch_fiber(nullptr, outside_bottom_, outside_size_);
#endif
#ifdef TELEX_SIM_TSAN
  __tsan_switch_to_fiber(outside_shadow_, 0);
#endif
  swapcontext(&here_, &outside_);
}

void Fiber::resume() {
  assert(!done_);
#ifdef TELEX_SIM_ASAN
  __sanitizer_start_switch_fiber(&outside_shadow_, stack_->bytes, kStackBytes);
#endif
#ifdef TELEX_SIM_TSAN
  outside_shadow_ = __tsan_get_current_fiber();
  __tsan_switch_to_fiber(own_shadow_, 0);
#endif
  swapcontext(&outside_, &here_);
#ifdef TELEX_SIM_ASAN
  __sanitizer_finish_switch_fiber(outside_shadow_, nullptr, nullptr);
#endif
}

void Fiber::park() {
#ifdef TELEX_SIM_ASAN
  __sanitizer_start_switch_fiber(&own_shadow_, outside_bottom_, outside_size_);
#endif
#ifdef TELEX_SIM_TSAN
  __tsan_switch_to_fiber(outside_shadow_, 0);
#endif
  swapcontext(&here_, &outside_);
#ifdef TELEX_SIM_ASAN
  __sanitizer_finish_switch_fiber(own_shadow_, &outside_bottom_, &outside_size_);
#endif
}

}  // namespace telex::sim
