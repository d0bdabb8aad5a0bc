#include "process/memory_state_store.h"

#include <gtest/gtest.h>

#include "tests/conformance/state_store_conformance.h"

namespace telex::testing {
namespace {

struct MakeMemoryStateStore {
  std::unique_ptr<StateStore> operator()(std::uint64_t bytes_max) const {
    return std::make_unique<MemoryStateStore>(bytes_max);
  }
};

INSTANTIATE_TYPED_TEST_SUITE_P(Memory, StateStoreConformance, MakeMemoryStateStore);

}  // namespace
}  // namespace telex::testing
