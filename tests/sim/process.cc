#include "tests/sim/process.h"

#include <utility>

namespace telex::sim {
namespace {

using namespace std::chrono_literals;

// What is kept waiting by a freeze goes on in an order of its own.
constexpr Nanos kThawSpread = 20ms;

}  // namespace

void Process::start(std::function<void()> body) {
  fiber_ = std::make_unique<Fiber>([this, body = std::move(body)] {
    try {
      body();
    } catch (const Crash&) {
      chronicle_.tell(name_, "is dead");
    }
  });
  waiting_ = true;
  run_at(scheduler_.now());
}

void Process::run_at(Nanos time) {
  scheduler_.at(time, [self = shared_from_this(), turn = turn_] {
    if (self->turn_ == turn) self->run_main();
  });
}

void Process::run_main() {
  if (!waiting_) return;
  if (!killed_ && frozen()) {
    run_at(thaw_ + random_.time(0ns, kThawSpread));
    return;
  }
  waiting_ = false;
  ++turn_;
  running_ = true;
  fiber_->resume();
  running_ = false;
  if (fiber_->done()) {
    alive_ = false;
    fiber_.reset();
  }
}

void Process::wait_until(Nanos deadline) {
  waiting_ = true;
  ++turn_;
  run_at(deadline);
  fiber_->park();
  if (killed_) throw Crash{};
}

void Process::sleep(Nanos time) {
  const Nanos end = scheduler_.now() + time;
  while (scheduler_.now() < end) wait_until(end);
}

void Process::wake() {
  if (waiting_) run_at(scheduler_.now());
}

void Process::background(Nanos delay, std::function<void()> action) {
  scheduler_.after(delay, [self = shared_from_this(), action = std::move(action)]() mutable {
    self->deliver(std::move(action));
  });
}

void Process::deliver(std::function<void()> action) {
  if (!alive_) return;
  if (frozen()) {
    background(thaw_ - scheduler_.now() + random_.time(0ns, kThawSpread), std::move(action));
    return;
  }
  action();
}

void Process::freeze(Nanos time) {
  if (!alive_) return;
  chronicle_.add(Count::freezes);
  if (time > session_timeout_) chronicle_.add(Count::freezes_beyond_session);
  chronicle_.tell(name_, "is frozen for ", time / 1ms, " ms");
  thaw_ = std::max(thaw_, scheduler_.now() + time);
}

void Process::kill() {
  if (!alive_) return;
  chronicle_.add(Count::crashes);
  chronicle_.tell(name_, "is killed");
  alive_ = false;
  killed_ = true;
  if (running_ || fiber_ == nullptr) return;
  run_at(scheduler_.now());
}

void Process::strike(SeamCall kind, const Blow& blow) {
  const bool in_commit = kind == SeamCall::send_offsets || kind == SeamCall::commit;
  if (blow.time.count() == 0) {
    if (in_commit) chronicle_.add(Count::crashes_in_commit);
    kill();
    throw Crash{};
  }
  if (blow.main_only) {
    chronicle_.add(Count::stalls);
    chronicle_.tell(name_, "stalls for ", blow.time / 1ms, " ms");
    sleep(blow.time);
    return;
  }
  if (in_commit) chronicle_.add(Count::freezes_in_commit);
  freeze(blow.time);
}

void Process::enter(SeamCall kind) {
  if (killed_) throw Crash{};
  if (blow_.armed && (blow_.kind == SeamCall::other || blow_.kind == kind)) {
    if (blow_.calls > 0) {
      --blow_.calls;
    } else {
      strike(kind, std::exchange(blow_, {}));
    }
  }
  if (frozen()) sleep(thaw_ - scheduler_.now() + random_.time(0ns, kThawSpread));
  // Calls take no time but now and then, so that the world may move in between.
  if (random_.one_in(16)) sleep(random_.time(0ns, 3ms));
}

}  // namespace telex::sim
