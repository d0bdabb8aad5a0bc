// A pipeline for tests of the engine: records go on as they came. A value that begins with
// "{broken" is a dead letter, so that both ways out are travelled.
#pragma once

#include <memory>

#include "service/lane.h"

namespace telex::testing {

BatchRunner pass_through();
PublishedPtr publish_pass_through(std::uint64_t number = 1);

}  // namespace telex::testing
