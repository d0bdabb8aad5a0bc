// The default knowledge pack: our curated tables, with countries and cities of this machine's
// iso-codes and libgeonames packages. What `telex kb build` and the demo make.
//
// Threads: free. Errors: refusals in PackBuild; write_pack() says what it could not do.
#pragma once

#include <string>

#include "process/knowledge/pack_builder.h"

namespace telex {

// `curated`: a folder of TSV files; empty: the tables built into the program.
PackBuild build_default_pack(const std::string& curated);

// telex.pack beside the program.
std::string default_pack_path();

// Writes to a temporary file beside `path` and renames it, so that a reader sees the old or the
// new.
bool write_pack(const PackBuild& build, const std::string& path, std::string& error);

// "249 countries · 27,412 cities · 612 people and organisations → 7.1 MB pack".
std::string pack_summary(const PackBuild& build);

}  // namespace telex
