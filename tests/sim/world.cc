#include "tests/sim/world.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "process/engine_rules.h"
#include "service/kafka_ports.h"
#include "service/lane.h"
#include "tests/sim/newsroom.h"

namespace telex::sim {
namespace {

using namespace std::chrono_literals;

// How long all may take to be settled once nothing fails any more: the group may have to wait for
// a member that is gone and for a transaction to time out, one after the other, and the lanes' own
// pauses come on top. Twice the longest that was seen in a million seeds.
constexpr Nanos kCalmLimit = 300s;
// A lane that was frozen when the storm ended hears of it when it thaws.
constexpr Nanos kStopLimit = 150s;
// A lane that turns round and round without time passing shows here; the busiest world has seen a
// tenth of it.
constexpr std::uint64_t kEventsMax = 2'000'000;

class Counting final : public LaneObserver {
 public:
  Counting(Chronicle& chronicle, Process& process) : chronicle_(chronicle), process_(process) {}
  void on_commit(const LaneCommit& commit) override {
    chronicle_.add(Count::commits_by_lane);
    chronicle_.tell(process_.name(), "has committed ", commit.counts.in, " articles");
  }
  void on_abort(CommitOutcome outcome, const std::string& why) override {
    if (outcome == CommitOutcome::aborted) chronicle_.add(Count::aborts_by_lane);
    if (outcome == CommitOutcome::unknown) chronicle_.add(Count::unknown_outcomes);
    if (outcome == CommitOutcome::fatal) chronicle_.add(Count::fatal_outcomes);
    chronicle_.tell(process_.name(), "has not committed: ", why);
  }
  void on_recreate(std::string_view why) override {
    const bool incarnation = why == "fatal" || why == "fenced";
    chronicle_.add(incarnation ? Count::incarnations : Count::recreated_sinks);
    chronicle_.tell(process_.name(), "makes its sink anew: ", why);
  }
  void on_problem(std::string_view problem) override {
    chronicle_.tell(process_.name(), "says: ", problem);
  }

 private:
  Chronicle& chronicle_;
  Process& process_;
};

// Real folders: what is kept on a machine goes through the same code as in the product.
std::filesystem::path make_disks(std::uint64_t seed) {
  const std::filesystem::path memory = "/dev/shm";
  const std::filesystem::path base =
      std::filesystem::is_directory(memory) ? memory : std::filesystem::temp_directory_path();
  const std::string name = "telex-sim-" + std::to_string(::getpid()) + "-" + std::to_string(seed);
  for (const char* machine : {"a", "b"}) std::filesystem::create_directories(base / name / machine);
  return base / name;
}

}  // namespace

World::World(const Scenario& scenario, Chronicle::Listener listener)
    : scenario_(scenario),
      chronicle_(scheduler_),
      random_(scenario.seed ^ 0x776f726c64ULL),
      cluster_(scheduler_, chronicle_, scenario.seed ^ 0x6b61666b61ULL, scenario.cluster),
      checker_(cluster_, chronicle_) {
  chronicle_.listen(std::move(listener));
  cluster_.create_topic(kInput, scenario_.input_partitions);
  cluster_.create_topic(kEnriched, scenario_.output_partitions);
  cluster_.create_topic(kRouted, scenario_.output_partitions);
  cluster_.create_topic(kDeadLetters, scenario_.output_partitions);
  cluster_.create_topic(kChangelog, scenario_.input_partitions);
  cluster_.group(kGroup).set_partitions(cluster_.partitions_of(kInput));
  cluster_.faults() = scenario_.faults;
  if (!kRules.dead_letters_in_transaction) cluster_.leave_out_of_transactions(kDeadLetters);
  if (scenario_.checkpoints) disks_ = make_disks(scenario_.seed);
}

World::~World() {
  // Every main thread has to come to its end before its stack may go.
  for (const auto& host : hosts_) host->process->kill();
  const auto gone = [](const auto& host) { return host->process->finished(); };
  while (!std::all_of(hosts_.begin(), hosts_.end(), gone) && scheduler_.run_one()) {
  }
  scheduler_.clear();
  std::error_code ignored;  // Left for the machine's own tidying up.
  if (!disks_.empty()) std::filesystem::remove_all(disks_, ignored);
}

// ---------------------------------------------------------------------------------------------
// Lanes.

void World::start(Slot& slot) {
  slot.restarting = false;
  auto host = std::make_shared<Host>();
  const std::string name = slot.name + "#" + std::to_string(hosts_.size());
  host->process = std::make_shared<Process>(name, scheduler_, chronicle_, random_.next());
  host->process->set_session_timeout(scenario_.session_timeout);
  slot.current = host;
  hosts_.push_back(host);
  chronicle_.tell(name, "starts");
  host->process->start([this, host, lane = slot.name] { run_lane(*host, lane); });
}

void World::run_lane(Host& host, const std::string& name) {
  KafkaLaneSettings settings;
  settings.name = name;
  settings.group = kGroup;
  settings.static_member = scenario_.static_members;
  settings.input_topics = {kInput};
  settings.enriched_topic = kEnriched;
  settings.dead_letter_topic = kDeadLetters;
  settings.routes = {kRouted};
  if (scenario_.stateful) settings.changelogs = {kChangelog};
  settings.in_flight_bytes = scenario_.in_flight_bytes;
  settings.session_timeout = std::chrono::duration_cast<Millis>(scenario_.session_timeout);
  settings.transaction_timeout = std::chrono::duration_cast<Millis>(scenario_.transaction_timeout);
  LaneOptions options;
  options.name = name;
  options.batch.rows_max = scenario_.batch_rows;
  options.batch.raw_bytes_max = 4096;
  options.transaction_time = std::chrono::duration_cast<Millis>(scenario_.transaction_time);
  options.commit_limit = std::chrono::duration_cast<Millis>(scenario_.commit_limit);
  options.revoke_limit = std::min(options.commit_limit, options.revoke_limit);
  options.transaction_records = scenario_.transaction_records;
  options.transaction_bytes = scenario_.transaction_bytes;
  options.poll_wait = Millis{1000};
  if (scenario_.stateful) options.stores = {{"seen", kChangelog}};
  if (scenario_.checkpoints) {
    options.checkpoints = disks_ / (random_.one_in(2) ? "a" : "b");
    options.checkpoint_interval = std::chrono::duration_cast<Millis>(scenario_.checkpoint_interval);
  }
  options.sleep = [process = host.process](Millis time) {
    process->enter(SeamCall::other);
    process->sleep(time);
  };
  Counting observer(chronicle_, *host.process);
  struct Forget {
    Host& host;
    ~Forget() { host.lane = nullptr; }
  };
  Lane lane(
      options, kafka_lane_ports(connect(cluster_, host.process), settings, scheduler_),
      [this] { return publish_newsroom(generation_); }, scheduler_, &observer);
  const Forget forget{host};
  host.lane = &lane;
  lane.run();
  host.failed = lane.status().state == LaneState::failed;
  if (host.failed) {
    chronicle_.add(Count::lanes_failed);
    chronicle_.tell(host.process->name(), "has failed: ", lane.status().problem);
  }
}

// A process that has ended is started again after a while, as a service manager does it.
void World::look_after(Slot& slot) {
  if (!slot.wanted || slot.restarting) return;
  if (slot.current != nullptr && slot.current->process->alive()) return;
  slot.restarting = true;
  chronicle_.add(Count::restarts);
  const Nanos pause = random_.one_in(3) || calm_ ? random_.time(10ms, 2s) : random_.time(2s, 40s);
  scheduler_.after(pause, [this, &slot] {
    if (slot.wanted && slot.restarting) start(slot);
  });
}

// ---------------------------------------------------------------------------------------------
// Articles.

void World::plan_articles() {
  Nanos at = scheduler_.now() + random_.time(0s, 3s);
  articles_due_ = scenario_.records;
  for (int number = 0; number < scenario_.records; ++number) {
    scheduler_.at(at, [this, number] { publish(number); });
    // Bursts, and hours of silence in between, on the scale of the storm.
    if (random_.one_in(8)) {
      at += random_.time(0s, scenario_.storm / 8);
    } else {
      at += random_.time(0ms, 60ms);
    }
  }
}

void World::publish(int number) {
  const auto key =
      static_cast<std::int32_t>(random_.below(static_cast<std::uint64_t>(scenario_.keys)));
  const TopicPartition partition{kInput, Partition{key % scenario_.input_partitions}};
  Message message;
  message.key = "k" + std::to_string(key);
  message.value = std::string(to_string(draw_kind(random_))) + " " + std::to_string(number);
  message.timestamp = scheduler_.utc();
  if (!random_.one_in(10)) {
    cluster_.publish(partition, std::move(message));
    --articles_due_;
    return;
  }
  // From a writer with transactions of its own, so that input has markers, aborted records and an
  // end that is not stable yet.
  const ProducerId writer{number, 0};
  static_cast<void>(cluster_.log(partition).append(writer, 0, {std::move(message)}));
  scheduler_.after(random_.time(1ms, 2s), [this, partition, writer, commit = !random_.one_in(4)] {
    cluster_.log(partition).append_marker(writer, commit);
    cluster_.log_changed();
    --articles_due_;
  });
}

// ---------------------------------------------------------------------------------------------
// What goes wrong.

void World::plan(double a_minute, void (World::*blow)()) {
  if (a_minute <= 0) return;
  const double mean = 60.0 / a_minute;
  Nanos at = scheduler_.now();
  while (true) {
    at += random_.time(0ns, Nanos{static_cast<std::int64_t>(2e9 * mean)});
    if (at - scheduler_.now() >= scenario_.storm) return;
    scheduler_.at(at, [this, blow] { (this->*blow)(); });
  }
}

void World::plan_chaos() {
  plan(scenario_.crashes, &World::crash_one);
  plan(scenario_.freezes, &World::freeze_one);
  plan(scenario_.stalls, &World::stall_one);
  plan(scenario_.stops, &World::stop_one);
  plan(scenario_.outages, &World::outage);
  plan(scenario_.evictions, &World::evict);
  plan(scenario_.compactions, &World::compact);
}

World::Slot* World::any_slot() {
  Slot& slot = slots_[random_.below(slots_.size())];
  const bool there = slot.current != nullptr && slot.current->process->alive();
  return there ? &slot : nullptr;
}

namespace {
SeamCall any_call(Random& random) {
  // Half of the blows fall anywhere, the others where they hurt.
  if (random.one_in(2)) return SeamCall::other;
  constexpr SeamCall kAims[] = {
      SeamCall::poll,  SeamCall::assign, SeamCall::committed,    SeamCall::produce, SeamCall::serve,
      SeamCall::begin, SeamCall::commit, SeamCall::send_offsets, SeamCall::abort,   SeamCall::init};
  return kAims[random.below(std::size(kAims))];
}
}  // namespace

void World::crash_one() {
  Slot* slot = any_slot();
  if (slot == nullptr) return;
  slot->current->process->kill_at(any_call(random_), static_cast<std::uint32_t>(random_.below(8)));
}

void World::freeze_one() {
  Slot* slot = any_slot();
  if (slot == nullptr) return;
  const Nanos longest = std::max(scenario_.session_timeout, scenario_.transaction_timeout);
  Nanos time = random_.time(100ms, 5s);
  if (random_.one_in(2)) time = random_.time(scenario_.session_timeout, longest + 20s);
  slot->current->process->freeze_at(any_call(random_), static_cast<std::uint32_t>(random_.below(8)),
                                    time);
  maybe_replace(*slot, time);
}

// Somebody takes it for dead and starts another one; which it is not.
void World::maybe_replace(Slot& slot, Nanos within) {
  if (!scenario_.zombies || within < 2s || !random_.one_in(2)) return;
  scheduler_.after(random_.time(1s, within), [this, &slot, host = slot.current] {
    if (calm_ || slot.current != host || !host->process->alive()) return;
    chronicle_.add(Count::zombies);
    start(slot);
  });
}

void World::stall_one() {
  Slot* slot = any_slot();
  if (slot == nullptr) return;
  const Nanos time = random_.time(500ms, 12s);
  // Between the first record of a transaction and its commit nobody polls.
  constexpr SeamCall kAims[] = {SeamCall::begin, SeamCall::produce, SeamCall::serve};
  slot->current->process->stall_at(kAims[random_.below(std::size(kAims))],
                                   static_cast<std::uint32_t>(random_.below(4)), time);
  if (random_.one_in(2)) scheduler_.after(random_.time(0s, time), [this] { evict(); });
  if (random_.one_in(3)) maybe_replace(*slot, time);
}

void World::stop_one() {
  Slot* slot = any_slot();
  if (slot == nullptr || slot->current->lane == nullptr) return;
  if (random_.one_in(3)) {
    chronicle_.add(Count::aborted_stops);
    chronicle_.tell(slot->current->process->name(), "is asked to stop at once");
    slot->current->lane->request_abort();
  } else {
    chronicle_.add(Count::stops);
    chronicle_.tell(slot->current->process->name(), "is asked to stop");
    slot->current->lane->request_stop();
  }
  // Sometimes nobody starts it again before the storm is over.
  if (random_.one_in(4)) slot->wanted = false;
}

void World::outage() {
  if (random_.one_in(3)) {
    cluster_.coordinator_outage(random_.time(1s, 20s));
    return;
  }
  cluster_.outage(random_.one_in(4) ? random_.time(10s, 50s) : random_.time(200ms, 8s));
}

void World::evict() { cluster_.group(kGroup).evict(random_.below(8)); }

void World::compact() {
  for (const TopicPartition& each : cluster_.partitions_of(kChangelog)) {
    chronicle_.add(Count::records_compacted, cluster_.log(each).compact(random_));
  }
}

void World::calm_down() {
  calm_ = true;
  chronicle_.tell("world", "the storm is over");
  cluster_.faults() = {};
  for (const auto& host : hosts_) host->process->calm();
  for (Slot& slot : slots_) slot.wanted = true;
}

// ---------------------------------------------------------------------------------------------
// Time.

bool World::run_until(const std::function<bool()>& done, Nanos limit) {
  const Nanos end = scheduler_.now() + limit;
  while (scheduler_.now() < end) {
    if (done()) return true;
    if (scheduler_.events_run() > kEventsMax) return false;
    scheduler_.run_until(scheduler_.now() + 250ms);
    for (Slot& slot : slots_) look_after(slot);
    if (random_.one_in(4)) checker_.read_on();
  }
  return done();
}

bool World::stop_all() {
  for (Slot& slot : slots_) slot.wanted = false;
  for (const auto& host : hosts_) {
    if (host->lane != nullptr) host->lane->request_stop();
  }
  return run_until(
      [&] {
        return std::none_of(hosts_.begin(), hosts_.end(),
                            [](const auto& host) { return host->process->alive(); });
      },
      kStopLimit);
}

std::vector<std::string> World::run() {
  chronicle_.tell("world", describe(scenario_));
  slots_.resize(static_cast<std::size_t>(scenario_.lanes));
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    Slot& slot = slots_[i];
    slot.name = "lane-" + std::to_string(i);
    slot.restarting = true;
    scheduler_.after(i == 0 ? 0ns : random_.time(0s, scenario_.storm / 2),
                     [this, &slot] { start(slot); });
  }
  plan_articles();
  plan_chaos();
  run_until([] { return false; }, scenario_.storm);
  calm_down();
  std::string why;
  if (!run_until([&] { return articles_due_ == 0 && checker_.settled(&why); }, kCalmLimit)) {
    return {"liveness: " + std::to_string(kCalmLimit / 1s) +
            " s after the storm all is not settled: " + why};
  }
  if (!stop_all()) return {"liveness: a lane does not stop within its time"};
  // A request that came late may have opened a last, empty transaction.
  if (!run_until([&] { return checker_.settled(&why); }, kCalmLimit)) {
    return {"liveness: when all lanes have stopped, " + why};
  }
  return checker_.check(scenario_.stateful);
}

}  // namespace telex::sim
