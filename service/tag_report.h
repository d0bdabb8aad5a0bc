// The readable report of `telex tag`: what was found in one article, and why.
//
// Threads: plain functions. All article text in it is made safe for a terminal.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "process/pipeline.h"
#include "schemas/batch.h"
#include "service/terminal.h"

namespace telex {

struct TagReportOptions {
  bool all = false;  // Every row and the whole text; else the first ten and the first lines.
  std::string why;   // Everything known of the entities and topics whose name or text has this.
  double milliseconds = 0;  // Time the article took; 0 = not measured.
};

// The report of row `row` after pipeline.run(batch); for a row that became a dead letter, its
// reason.
std::string tag_report(const Batch& batch, std::uint32_t row, const Pipeline& pipeline,
                       const TagReportOptions& options, const Terminal& terminal);

// Parts of it that the demo shows on their own.
std::string marked_text(const Batch& batch, std::uint32_t row, const Annotations& annotations,
                        std::uint32_t characters_max, const Terminal& terminal);
// "wikidata Q212", "geonames 2988507", the uri itself, or "not in the dictionary".
std::string short_uri(std::string_view uri);

}  // namespace telex
