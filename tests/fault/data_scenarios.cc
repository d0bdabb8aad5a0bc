#include "tests/fault/scenarios.h"

namespace telex::fault {
std::span<const Scenario> data_scenarios() { return {}; }
}  // namespace telex::fault
