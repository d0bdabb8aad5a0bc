#include "tests/bench/curated_names.h"

#include <fstream>
#include <iterator>
#include <stdexcept>

namespace telex::bench {
namespace {

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error(path.string() + ": cannot be read");
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

CorpusNames curated_names(const std::filesystem::path& folder) {
  CuratedTables tables;
  Refusals refusals;
  read_people(read_file(folder / "people.tsv"), tables, refusals);
  read_organisations(read_file(folder / "organisations.tsv"), tables, refusals);
  read_places(read_file(folder / "places.tsv"), tables, refusals);
  if (!refusals.empty()) throw std::runtime_error(refusals.take().front());
  return CorpusNames::with(tables);
}

}  // namespace telex::bench
