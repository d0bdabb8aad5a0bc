#include "tests/sim/scenario.h"

namespace telex::sim {
namespace {

using namespace std::chrono_literals;

// One of the values, each as likely.
template <class Value, std::size_t Size>
Value pick(Random& random, const Value (&values)[Size]) {
  return values[random.below(Size)];
}

FaultRates make_faults(Random& random) {
  FaultRates faults;
  // Each kind is left out of half of the worlds, so that no fault hides another one's effect.
  const auto rate = [&](int most) {
    return random.one_in(2) ? 0U : static_cast<std::uint32_t>(random.between(1, most));
  };
  faults.request_lost = rate(30);
  faults.answer_lost = rate(30);
  faults.request_late = rate(20);
  faults.end_late = rate(250);
  faults.record_refused = random.one_in(8) ? static_cast<std::uint32_t>(random.between(1, 20)) : 0;
  faults.delivery_timed_out = rate(40);
  faults.client_fatal = rate(15);
  faults.queue_full = rate(30);
  faults.slow_markers = rate(150);
  faults.busy = rate(50);
  return faults;
}

}  // namespace

Scenario make_scenario(std::uint64_t seed) {
  Random random(seed);
  Scenario made;
  made.seed = seed;
  made.cluster.cooperative = random.one_in(2);
  made.cluster.initial_delay = pick(random, {Nanos{0}, Nanos{200ms}, Nanos{3s}});
  made.static_members = random.one_in(2);
  made.stateful = !random.one_in(4);
  made.lanes = random.between(1, 3);
  made.input_partitions = random.between(1, 4);
  made.output_partitions = random.between(1, 3);
  made.records = random.between(20, 120);
  made.keys = random.between(1, 8);
  made.storm = random.time(20s, 90s);
  made.session_timeout = pick(random, {Nanos{6s}, Nanos{10s}, Nanos{20s}, Nanos{45s}});
  made.transaction_timeout = pick(random, {Nanos{10s}, Nanos{15s}, Nanos{40s}});
  made.transaction_time = pick(random, {Nanos{10ms}, Nanos{50ms}, Nanos{300ms}, Nanos{2s}});
  made.commit_limit = pick(random, {Nanos{1s}, Nanos{4s}, Nanos{30s}});
  made.transaction_records = static_cast<std::uint32_t>(random.between(1, 30));
  made.batch_rows = static_cast<std::uint32_t>(random.between(1, 12));
  if (random.one_in(4)) {
    // Little room: for one record without state, for a transaction and a batch with it.
    made.in_flight_bytes =
        static_cast<std::uint32_t>(made.stateful ? 8192 : random.between(1024, 2500));
    made.transaction_bytes = static_cast<std::uint64_t>(random.between(100, 2000));
  }
  made.faults = make_faults(random);
  const auto often = [&](double most) {
    return random.one_in(3) ? 0.0 : most * static_cast<double>(random.between(1, 10)) / 10;
  };
  made.crashes = often(6);
  made.freezes = often(4);
  made.stalls = often(10);
  made.stops = often(4);
  made.outages = often(3);
  made.evictions = often(4);
  made.compactions = 6;
  made.zombies = random.one_in(2);
  made.checkpoints = made.stateful && random.one_in(8);
  made.checkpoint_interval = random.time(500ms, 20s);
  return made;
}

std::string describe(const Scenario& scenario) {
  const auto millis = [](Nanos time) { return std::to_string(time / 1ms) + " ms"; };
  const auto number = [](auto value) { return std::to_string(value); };
  return "seed " + number(scenario.seed) + ": " + number(scenario.lanes) + " lanes, " +
         (scenario.cluster.cooperative ? "cooperative, " : "eager, ") +
         (scenario.static_members ? "static, " : "dynamic, ") +
         (scenario.stateful ? "with state, " : "") + number(scenario.input_partitions) +
         " partitions, " + number(scenario.records) + " records, " + number(scenario.keys) +
         " keys, session " + millis(scenario.session_timeout) + ", transactions " +
         millis(scenario.transaction_time) + " / " + number(scenario.transaction_records) +
         " records / timeout " + millis(scenario.transaction_timeout) + ", batches of " +
         number(scenario.batch_rows) + ", storm of " + millis(scenario.storm);
}

}  // namespace telex::sim
