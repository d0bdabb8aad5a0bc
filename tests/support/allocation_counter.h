// Counts what operator new hands out, in the program this is linked into. Test use only.
#pragma once

#include <cstdint>

namespace telex::testing {

std::uint64_t allocation_count();

}  // namespace telex::testing
