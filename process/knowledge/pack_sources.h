// Where the inputs of a knowledge pack lie on this machine, and reading them.
//
//   curated tables   a folder of .tsv files (process/knowledge/data)
//   countries        package iso-codes: iso_3166-1.json, and its translations
//   cities           packages libgeonames0 (the data) and libgeonames-common (the translations)
//
// Errors: false, and what could not be read. Limits: 64 MiB a file.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "process/knowledge/pack_builder.h"

namespace telex {

struct PackSources {
  // Folder with people, organisations and places at the least; empty = the caller has put the
  // tables into the inputs already.
  std::string tables;
  std::string iso_3166_json;     // Empty = no countries but the curated ones.
  std::string geonames_library;  // Empty = no cities but the curated ones.
  std::string locale;            // Folder of <language>/LC_MESSAGES/*.mo; empty = English only.
  std::string version;

  // The places where Debian has them; what is not installed stays empty.
  static PackSources debian(std::string tables, std::string version);
};

bool read_pack_inputs(const PackSources& sources, PackInputs& out, std::string& error);

// Countries from the text of iso_3166-1.json; `catalogues[i]` has the bytes of the translations
// into kPackLanguages[i], empty = none. English comes from the JSON itself. Names that are written
// in inverted order ("Korea, Republic of") are no aliases.
bool read_countries(std::string_view json, const std::array<std::string, 5>& catalogues,
                    std::vector<CountryNames>& out, std::string& error);

}  // namespace telex
