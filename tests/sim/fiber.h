// Fiber: a stack of its own that runs until it parks, and goes on where it stopped when resumed.
// What a lane runs on in the simulator: one thread carries all of them, one at a time, so that a
// seed decides every interleaving.
//
// Exceptions stay inside: `body` must not let one out. A fiber must not park while one is under way
// (from a destructor during unwinding). A fiber that is destroyed before it is done would leave its
// stack unread; REQUIRES: done() by then.
#pragma once

#include <ucontext.h>

#include <cstddef>
#include <functional>
#include <memory>

namespace telex::sim {

class Fiber {
 public:
  explicit Fiber(std::function<void()> body);
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  // From outside: runs it until it parks or is done. REQUIRES: !done(), and no fiber is running.
  void resume();
  // From inside: back to whoever resumed it.
  void park();
  bool done() const { return done_; }

 private:
  struct Stack;
  static std::unique_ptr<Stack> take_stack();
  static void give_back(std::unique_ptr<Stack> stack);
  static void enter(unsigned high, unsigned low);
  void run();

  std::function<void()> body_;
  std::unique_ptr<Stack> stack_;
  ucontext_t here_{};
  ucontext_t outside_{};
  bool done_ = false;
  // What the sanitizers want to know of a stack; unused without them.
  [[maybe_unused]] void* own_shadow_ = nullptr;
  [[maybe_unused]] void* outside_shadow_ = nullptr;
  [[maybe_unused]] const void* outside_bottom_ = nullptr;
  [[maybe_unused]] std::size_t outside_size_ = 0;
};

}  // namespace telex::sim
