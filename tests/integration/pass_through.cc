#include "tests/integration/pass_through.h"

#include "schemas/dead_letter.h"

namespace telex::testing {

BatchRunner pass_through() {
  return [](Batch& batch, Records& out) {
    BatchCounts counts;
    for (std::uint32_t row = 0; row < batch.size(); ++row) {
      const RawRecord raw = batch.raw(row);
      ++counts.in;
      if (raw.value.starts_with("{broken")) {
        batch.set_verdict(row, VerdictKind::faulty, Reason::malformed_json, "decode", "broken");
        add_dead_letter(batch, row, Provenance{}, out);
        ++counts.dead_lettered;
        ++counts.dead_by_reason[static_cast<std::size_t>(Reason::malformed_json)];
        continue;
      }
      out.open();
      if (raw.key.data() != nullptr) {
        out.buffer() += raw.key;
        out.end_key();
      }
      if (raw.value.data() != nullptr) {
        out.buffer() += raw.value;
        out.end_value();
      }
      for (const Header& header : raw.headers) out.add_header(header.name, header.value);
      out.close(Destination::enriched, 0, Partition{}, raw.timestamp, row);
      ++counts.published;
    }
    return counts;
  };
}

PublishedPtr publish_pass_through(std::uint64_t number) {
  auto published = std::make_shared<Published>();
  published->number = number;
  published->make_runner = [](std::span<StateStore* const>) { return pass_through(); };
  return published;
}

}  // namespace telex::testing
