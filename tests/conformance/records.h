// Records for tests of sinks.
#pragma once

#include <string_view>

#include "schemas/record.h"

namespace telex::testing {

inline void add_record(Records& records, std::string_view key, std::string_view value,
                       Destination destination = Destination::enriched, std::uint32_t row = 0,
                       std::uint16_t route = 0) {
  records.open();
  records.buffer() += key;
  records.end_key();
  if (value.data() != nullptr) {
    records.buffer() += value;
    records.end_value();
  }
  records.add_header("content-type", "text/plain");
  records.close(destination, route, Partition{}, 1'700'000'000'000, row);
}

}  // namespace telex::testing
