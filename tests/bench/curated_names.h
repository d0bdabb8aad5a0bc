// The names of the curated tables, for the corpus: benchmarks tag articles about what the default
// pack knows.
#pragma once

#include <filesystem>

#include "tests/bench/corpus.h"

namespace telex::bench {

// Reads people.tsv, organisations.tsv and places.tsv of `folder` (process/knowledge/data). Throws
// std::runtime_error, naming the file, where one is missing or a row of it is refused.
CorpusNames curated_names(const std::filesystem::path& folder);

}  // namespace telex::bench
