// Process: one running program of the simulated world, with its main thread on a fiber and whatever
// its clients do in the background as events.
//
// It may be frozen (nothing of it runs, the world goes on) or killed (Crash is thrown from the seam
// call it is in; from then on nothing of it runs) between any two calls of the Broker seam.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "tests/sim/chronicle.h"
#include "tests/sim/fiber.h"
#include "tests/sim/scheduler.h"

namespace telex::sim {

// Thrown from a seam call of a process that was killed. No std::exception: nobody may take it for
// an error of his own.
struct Crash {};

// The calls of the seam where a blow is worth aiming at.
enum class SeamCall : std::uint8_t {
  poll,
  assign,
  committed,
  produce,
  serve,
  begin,
  send_offsets,
  commit,
  abort,
  init,
  other,
};

class Process : public std::enable_shared_from_this<Process> {
 public:
  Process(std::string name, Scheduler& scheduler, Chronicle& chronicle, std::uint64_t seed)
      : name_(std::move(name)), scheduler_(scheduler), chronicle_(chronicle), random_(seed) {}

  // Runs `body` as the main thread, from the next event on.
  void start(std::function<void()> body);

  const std::string& name() const { return name_; }
  bool alive() const { return alive_; }  // False once killed or once the main thread has ended.
  bool finished() const { return fiber_ == nullptr && !waiting_; }  // Its stack is gone.
  bool frozen() const { return scheduler_.now() < thaw_; }
  Nanos thaw() const { return thaw_; }
  Scheduler& scheduler() { return scheduler_; }
  Chronicle& chronicle() { return chronicle_; }
  Random& random() { return random_; }

  // From outside. A blow may wait for the `calls`-th seam call from now, or for the next of a kind.
  void freeze(Nanos time);
  void kill();
  void freeze_at(SeamCall kind, std::uint32_t calls, Nanos time) {
    blow_ = {true, kind, calls, time, false};
  }
  // How long the group waits for it; only for counting what goes beyond.
  void set_session_timeout(Nanos time) { session_timeout_ = time; }
  void kill_at(SeamCall kind, std::uint32_t calls) { blow_ = {true, kind, calls, Nanos{0}, false}; }
  // Only the main thread: a stage that takes its time, a disk that does not answer.
  void stall_at(SeamCall kind, std::uint32_t calls, Nanos time) {
    blow_ = {true, kind, calls, time, true};
  }
  void calm() { blow_ = {}; }

  // Whether the main thread is being told of a rebalance.
  void set_in_rebalance(bool in) { in_rebalance_ = in; }
  bool in_rebalance() const { return in_rebalance_; }

  // From the main thread: at the beginning of each seam call. May throw Crash.
  void enter(SeamCall kind);
  // Waits for wake() or the deadline. May throw Crash.
  void wait_until(Nanos deadline);
  void sleep(Nanos time);
  // From anywhere; nothing if the main thread does not wait.
  void wake();

  // Runs `action` after `delay` unless the process has gone by then; not while it is frozen.
  void background(Nanos delay, std::function<void()> action);

 private:
  struct Blow {
    bool armed = false;
    SeamCall kind = SeamCall::other;  // other: of any kind.
    std::uint32_t calls = 0;
    Nanos time{0};  // 0: kill.
    bool main_only = false;
  };
  void run_at(Nanos time);
  void run_main();
  void deliver(std::function<void()> action);
  void strike(SeamCall kind, const Blow& blow);

  std::string name_;
  Scheduler& scheduler_;
  Chronicle& chronicle_;
  Random random_;
  std::unique_ptr<Fiber> fiber_;
  bool alive_ = true;
  bool killed_ = false;
  bool running_ = false;  // The main thread, right now.
  bool waiting_ = false;
  bool in_rebalance_ = false;
  std::uint64_t turn_ = 0;  // Counts waits, so that a stale timer wakes nobody.
  Nanos thaw_{0};
  Nanos session_timeout_{0};
  Blow blow_;
};

}  // namespace telex::sim
