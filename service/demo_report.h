// The demo's view of an enriched record, read back from its topic as any consumer would.
//
// Threads: plain functions. All article text is made safe for a terminal.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "service/terminal.h"

namespace telex {

struct DemoCounts {
  std::uint64_t mentions = 0;
  std::uint64_t linked = 0;  // Mentions whose entity has a uri.
  std::uint64_t unlinked = 0;
  std::uint64_t topics = 0;
};

struct DemoArticle {
  std::string uri;
  std::string language;
  std::string text;  // The report: headline, marked first lines, entities, topics, why.
  DemoCounts counts;
  std::uint64_t partition = 0;  // Where the raw record lies.
  std::uint64_t offset = 0;
  // Its ordinal in a feed that was dealt out to `partitions` one by one.
  std::uint64_t place(std::uint64_t partitions) const { return offset * partitions + partition; }
  bool good = false;  // Whether `record` could be read as an enriched record.
};

// Reads one enriched record's JSON.
DemoArticle demo_article(std::string_view record, const Terminal& terminal);

}  // namespace telex
