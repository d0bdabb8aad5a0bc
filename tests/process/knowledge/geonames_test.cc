#include "process/knowledge/geonames.h"

#include <cstring>

#include <gtest/gtest.h>

namespace telex {
namespace {

// The serialised GVariant of an array of city tuples, as libgeonames has it.
std::string tuple(const std::string& id, const std::string& name, const std::string& country,
                  std::uint32_t population) {
  std::string out;
  std::string ends;
  for (const std::string& text : {id, name, std::string("07"), std::string("State"), country,
                                  std::string("Country"), std::string("Zone")}) {
    out += text + '\0';
    ends.insert(ends.begin(), static_cast<char>(out.size()));
  }
  out.resize((out.size() + 3) / 4 * 4, '\0');
  out.append(reinterpret_cast<const char*>(&population), sizeof(population));
  out.resize((out.size() + 7) / 8 * 8, '\0');
  out.append(16, '\0');
  return out + ends;
}

std::string cities() {
  std::string out;
  std::string ends;
  for (const std::string& row :
       {tuple("2988507", "Paris", "FR", 2138551), tuple("4717560", "Paris", "US", 24782)}) {
    out.resize((out.size() + 7) / 8 * 8, '\0');
    out += row;
    ends += static_cast<char>(out.size());
  }
  return out + ends;
}

TEST(GeoNames, ReadsIdNameCountryAndPopulation) {
  std::vector<GeoCity> found;
  std::string error;
  ASSERT_TRUE(read_geonames_cities(cities(), found, error)) << error;
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].id, 2988507U);
  EXPECT_EQ(found[0].name, "Paris");
  EXPECT_EQ(found[1].country, "US");
  EXPECT_EQ(found[1].population, 24782U);
}

TEST(GeoNames, AnyTruncationOrChangedByteIsSafe) {
  const std::string whole = cities();
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::vector<GeoCity> found;
    std::string error;
    static_cast<void>(read_geonames_cities(whole.substr(0, at), found, error));
    for (const int byte : {0x00, 0x41, 0xFF}) {
      std::string bytes = whole;
      bytes[at] = static_cast<char>(byte);
      const bool read = read_geonames_cities(bytes, found, error);
      EXPECT_EQ(read, error.empty());
    }
  }
}

TEST(GeoNames, WhatIsNoLibraryIsRefused) {
  std::vector<GeoCity> found;
  std::string error;
  const std::string header_only(
      "\x7F"
      "ELF\x02\x01",
      6);
  for (const std::string& bytes :
       {std::string{}, std::string("text"), header_only, header_only + std::string(58, '\xFF')}) {
    EXPECT_FALSE(read_geonames_library(bytes, found, error));
    EXPECT_FALSE(error.empty());
  }
}

}  // namespace
}  // namespace telex
