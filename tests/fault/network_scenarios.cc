#include "tests/fault/scenarios.h"

namespace telex::fault {
std::span<const Scenario> network_scenarios() { return {}; }
}  // namespace telex::fault
