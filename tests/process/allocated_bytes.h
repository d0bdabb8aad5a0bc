// Bytes that this test program has allocated with new and not freed, rounded as glibc's malloc
// rounds them. Replaces operator new; in a file of its own, so that no compiler inlines half of it.
#pragma once

#include <cstdint>

namespace telex::testing {

std::uint64_t allocated_bytes();

}  // namespace telex::testing
