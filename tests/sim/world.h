// World: a cluster, the lanes that work on it, what happens to them, and time.
//
// A lane's name is a slot: its process may be killed, frozen, stopped and started again, here or
// on another host, and while a frozen one is still there a second one of the same name may begin
// (a zombie comes back when it thaws). When the storm is over nothing fails any more, every slot
// has a process, and all that was read must be settled within a bounded time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/sim/checker.h"
#include "tests/sim/chronicle.h"
#include "tests/sim/cluster.h"
#include "tests/sim/process.h"
#include "tests/sim/scenario.h"
#include "tests/sim/scheduler.h"

namespace telex {
class Lane;
}

namespace telex::sim {

class World {
 public:
  World(const Scenario& scenario, Chronicle::Listener listener);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // The storm, the calm, the end of all lanes, and what the checker says of it. Empty: all is well.
  std::vector<std::string> run();
  const Counts& counts() const { return chronicle_.counts(); }
  Nanos now() const { return scheduler_.now(); }
  std::uint64_t events() const { return scheduler_.events_run(); }

 private:
  // One process of a lane; `lane` only while it lives.
  struct Host {
    std::shared_ptr<Process> process;
    Lane* lane = nullptr;
    bool failed = false;  // The lane gave up; how it ended.
  };
  struct Slot {
    std::string name;
    std::shared_ptr<Host> current;
    bool wanted = true;  // A process that ends is started again.
    bool restarting = false;
  };

  void start(Slot& slot);
  void run_lane(Host& host, const std::string& name);
  void look_after(Slot& slot);
  void plan_articles();
  void publish(int number);
  void plan_chaos();
  void plan(double a_minute, void (World::*blow)());
  void crash_one();
  void freeze_one();
  void stall_one();
  void maybe_replace(Slot& slot, Nanos within);
  void stop_one();
  void outage();
  void evict();
  void compact();
  Slot* any_slot();
  void calm_down();
  bool settled();
  bool run_until(const std::function<bool()>& done, Nanos limit);
  bool stop_all();

  const Scenario scenario_;
  Scheduler scheduler_;
  Chronicle chronicle_;
  Random random_;
  Cluster cluster_;
  Checker checker_;
  std::filesystem::path disks_;  // Of the machines, for checkpoints; empty: none.
  std::vector<Slot> slots_;
  std::vector<std::shared_ptr<Host>> hosts_;  // All there ever were.
  std::uint64_t generation_ = 1;
  bool calm_ = false;
  int articles_due_ = 0;  // Not published yet, or of a transaction that is still open.
};

}  // namespace telex::sim
