// What every fuzz entry offers, whoever drives it: libFuzzer, or replay_main.cc as an ordinary
// test.
//
// An entry checks properties of what reads bytes that telex did not write, not only that it
// survives. It must not throw, must not depend on a clock, and keeps no state that one input could
// leave for the next.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace telex::fuzz {

// Inputs that are made rather than committed, because their format is our own and changes (packs,
// phrase tables). Empty where the committed corpus is enough. Each target defines it.
std::vector<std::string> made_seeds();

// A broken property ends the process loudly, as fuzzers want it.
inline void require(bool holds, std::string_view property) {
  if (holds) return;
  std::fprintf(stderr, "property broken: %.*s\n", static_cast<int>(property.size()),
               property.data());
  std::abort();
}

inline std::string_view as_text(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace telex::fuzz
