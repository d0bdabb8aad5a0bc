// build_pack: from tables to a knowledge pack.
//
// Pure: the same inputs give the same bytes, whatever the machine. What is wrong with an input is
// refused by name, and then there is no pack: a dictionary that is half read would link wrongly in
// silence. Refused are malformed rows, keys used twice, one id for two names or rows, and offices
// of an unknown country or organisation.
//
// Priors (0-100): countries 95, continents 90, regions 65, other curated entries 80, curated cities
// at least 75, cities 10 * log10(population): 41 for 15,000 inhabitants, 60 for a million.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "process/knowledge/curated_tables.h"
#include "process/knowledge/geonames.h"

namespace telex {

struct CountryNames {
  std::string alpha2;
  std::string name;  // English.
  std::vector<AliasSpec> aliases;
};

struct City {
  GeoCity city;
  std::vector<AliasSpec> aliases;  // Its name in the pack's languages.
};

struct PackInputs {
  std::string version;  // The pack's own name of its version, e.g. "2026-11".
  // Text of the curated tables (curated_tables.h); empty = there is none.
  std::string people;
  std::string organisations;
  std::string places;
  std::string titles;
  std::string common_words;
  std::string first_names;
  std::string organisation_suffixes;
  std::string cue_words;
  std::vector<CountryNames> countries;
  std::vector<City> cities;
};

struct PackCounts {
  std::uint32_t people = 0;
  std::uint32_t organisations = 0;
  std::uint32_t countries = 0;
  std::uint32_t cities = 0;
  std::uint32_t other_places = 0;
  std::uint32_t aliases = 0;
  std::uint32_t offices = 0;
  std::uint32_t titles = 0;
  std::uint32_t words = 0;
};

struct PackBuild {
  std::string bytes;                  // Empty where anything was refused.
  std::vector<std::string> refusals;  // "people.tsv:12:3: …"
  PackCounts counts;
  bool ok() const { return refusals.empty(); }
};

// REQUIRES: less than 4 GiB of names.
PackBuild build_pack(const PackInputs& inputs);

}  // namespace telex
