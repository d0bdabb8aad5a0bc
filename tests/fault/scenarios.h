// The scenarios, F1 to F15 as docs/reliability.md names them, and the tables of them.
//
// A scenario makes a Trial, does its faults and gives back what the trial found. Everything it
// chooses, it chooses by the trial's seed and iteration.
#pragma once

#include <span>
#include <string_view>

#include "tests/fault/broker.h"
#include "tests/fault/trial.h"

namespace telex::fault {

// What scenarios share from trial to trial.
struct Stage {
  testing::RealKafka& kafka;
  BrokerProcess& broker;
};

struct Scenario {
  std::string_view name;
  std::string_view what;  // One sentence for the table.
  Outcome (*run)(Stage& stage, const TrialOptions& options);
  std::uint64_t records;  // Unless the command line says otherwise.
  bool for_peers;         // Makes sense for loops that are not ours.
  // Asks for the broker's properties itself; the others get it as deploy/kafka starts it.
  bool keeps_properties = false;
};

std::span<const Scenario> process_scenarios();   // Workers are killed, stopped, moved.
std::span<const Scenario> broker_scenarios();    // The broker goes, changes, forgets.
std::span<const Scenario> network_scenarios();   // What lies between.
std::span<const Scenario> data_scenarios();      // Records that hurt.
std::span<const Scenario> size_scenarios();      // Records that do not fit.
std::span<const Scenario> pressure_scenarios();  // Too much at once.

}  // namespace telex::fault
