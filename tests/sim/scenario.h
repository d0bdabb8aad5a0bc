// Scenario: everything about one simulated world that a seed decides before it begins. What
// happens to it as it goes on (chaos.h) comes from the same seed.
#pragma once

#include <cstdint>
#include <string>

#include "tests/sim/cluster.h"
#include "tests/sim/random.h"

namespace telex::sim {

inline const std::string kGroup = "telex";
inline const std::string kInput = "raw";
inline const std::string kEnriched = "enriched";
inline const std::string kRouted = "routed";
inline const std::string kDeadLetters = "dead";
inline const std::string kChangelog = "seen-changelog";

struct Scenario {
  std::uint64_t seed = 0;
  Cluster::Options cluster;
  bool static_members = true;
  bool stateful = true;
  int lanes = 1;
  int input_partitions = 1;
  int output_partitions = 1;
  int records = 0;
  int keys = 1;
  Nanos storm{0};  // How long things go wrong; afterwards all is calm.
  Nanos session_timeout{0};
  Nanos transaction_timeout{0};
  Nanos transaction_time{0};
  Nanos commit_limit{0};
  std::uint32_t transaction_records = 1;
  std::uint64_t transaction_bytes = 1U << 20;
  std::uint32_t batch_rows = 1;
  std::uint32_t in_flight_bytes = 1U << 20;
  FaultRates faults;
  // Blows a minute, of each kind.
  double crashes = 0;
  double freezes = 0;
  double stalls = 0;
  double stops = 0;
  double outages = 0;
  double evictions = 0;
  double compactions = 0;
  bool checkpoints = false;  // On the disks of two machines.
  Nanos checkpoint_interval{0};
  bool zombies = false;  // A frozen lane's name may be given to a new process.
};

Scenario make_scenario(std::uint64_t seed);
std::string describe(const Scenario& scenario);

}  // namespace telex::sim
