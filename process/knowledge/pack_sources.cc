#include "process/knowledge/pack_sources.h"

#include <array>
#include <filesystem>
#include <fstream>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <simdjson.h>

#include "process/knowledge/message_catalogue.h"

namespace telex {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kFileBytesMax = 64U << 20;

bool read_file(const fs::path& path, std::string& out, std::string& error) {
  std::error_code fault;
  const std::uintmax_t size = fs::file_size(path, fault);
  if (fault || size > kFileBytesMax) {
    error = fmt::format("{}: {}", path.string(), fault ? fault.message() : "too large");
    return false;
  }
  std::ifstream file(path, std::ios::binary);
  out.resize(size);
  if (!file.read(out.data(), static_cast<std::streamsize>(size))) {
    error = fmt::format("{}: cannot be read", path.string());
    return false;
  }
  return true;
}

// A table that may be missing stays empty.
bool read_table_file(const std::string& folder, std::string_view name, bool required,
                     std::string& out, std::string& error) {
  const fs::path path = fs::path(folder) / name;
  std::error_code fault;
  if (!required && !fs::exists(path, fault)) return true;
  return read_file(path, out, error);
}

std::array<std::string, 5> read_catalogues(const std::string& locale, std::string_view domain) {
  std::array<std::string, 5> catalogues;
  for (std::size_t i = 0; i < kPackLanguages.size() && !locale.empty(); ++i) {
    const fs::path path =
        fs::path(locale) / kPackLanguages[i] / "LC_MESSAGES" / fmt::format("{}.mo", domain);
    std::string missing;  // A language without a translation has none: no fault.
    if (!read_file(path, catalogues[i], missing)) catalogues[i].clear();
  }
  return catalogues;
}

bool open_catalogues(const std::array<std::string, 5>& bytes,
                     std::array<std::optional<MessageCatalogue>, 5>& out, std::string& error) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i].empty()) continue;
    out[i] = MessageCatalogue::open(bytes[i], error);
    if (!out[i]) return false;
  }
  return true;
}

LanguageMask bit(std::size_t language) { return static_cast<LanguageMask>(1U << language); }

// "Korea, Republic of", "Falkland Islands (Malvinas)": no text writes them so.
bool plain_name(std::string_view name) {
  return !name.empty() && name.find_first_of(",()[]/") == std::string_view::npos;
}

void add_alias(std::vector<AliasSpec>& aliases, std::string_view text, LanguageMask languages) {
  if (!plain_name(text)) return;
  aliases.push_back({std::string(text), languages, AliasClass::name, false, false});
}

bool read_cities(const PackSources& sources, PackInputs& out, std::string& error) {
  std::string library;
  std::vector<GeoCity> cities;
  if (!read_file(sources.geonames_library, library, error) ||
      !read_geonames_library(library, cities, error)) {
    return false;
  }
  const std::array<std::string, 5> bytes = read_catalogues(sources.locale, "geonames");
  std::array<std::optional<MessageCatalogue>, 5> catalogues;
  if (!open_catalogues(bytes, catalogues, error)) return false;
  for (GeoCity& geo : cities) {
    City city;
    const std::string id = std::to_string(geo.id);
    for (std::size_t i = 0; i < catalogues.size(); ++i) {
      if (catalogues[i]) add_alias(city.aliases, catalogues[i]->find(id), bit(i));
    }
    city.city = std::move(geo);
    out.cities.push_back(std::move(city));
  }
  return true;
}

}  // namespace

PackSources PackSources::debian(std::string tables, std::string version) {
  PackSources sources;
  sources.tables = std::move(tables);
  sources.version = std::move(version);
  std::error_code fault;
  const auto where = [&fault](std::string path) {
    return fs::exists(path, fault) ? path : std::string{};
  };
  sources.iso_3166_json = where("/usr/share/iso-codes/json/iso_3166-1.json");
  sources.locale = where("/usr/share/locale");
  for (const char* triplet : {"x86_64-linux-gnu", "aarch64-linux-gnu"}) {
    const std::string library = where(fmt::format("/usr/lib/{}/libgeonames.so.0", triplet));
    if (!library.empty()) sources.geonames_library = library;
  }
  return sources;
}

bool read_countries(std::string_view json, const std::array<std::string, 5>& catalogues,
                    std::vector<CountryNames>& out, std::string& error) {
  std::array<std::optional<MessageCatalogue>, 5> translations;
  if (!open_catalogues(catalogues, translations, error)) return false;
  simdjson::dom::parser parser;
  simdjson::dom::array rows;
  if (parser.parse(json.data(), json.size())["3166-1"].get(rows) != simdjson::SUCCESS) {
    error = "iso_3166-1.json: no array \"3166-1\"";
    return false;
  }
  for (const simdjson::dom::element row : rows) {
    std::string_view alpha2;
    std::string_view name;
    if (row["alpha_2"].get(alpha2) != simdjson::SUCCESS ||
        row["name"].get(name) != simdjson::SUCCESS || country_code(alpha2) == 0) {
      error = "iso_3166-1.json: a country without alpha_2 or name";
      return false;
    }
    CountryNames& country = out.emplace_back();
    country.alpha2 = alpha2;
    country.name = name;
    for (const char* field : {"common_name", "name", "official_name"}) {
      std::string_view english;
      if (row[field].get(english) != simdjson::SUCCESS) continue;
      if (std::string_view(field) == "common_name") country.name = english;
      add_alias(country.aliases, english, kEnglish);
      for (std::size_t i = 0; i < translations.size(); ++i) {
        if (translations[i]) add_alias(country.aliases, translations[i]->find(english), bit(i));
      }
    }
  }
  return true;
}

bool read_pack_inputs(const PackSources& sources, PackInputs& out, std::string& error) {
  out.version = sources.version;
  const auto table = [&](std::string_view name, bool required, std::string& text) {
    return read_table_file(sources.tables, name, required, text, error);
  };
  if (!sources.tables.empty() &&
      (!table("people.tsv", true, out.people) ||
       !table("organisations.tsv", true, out.organisations) ||
       !table("places.tsv", true, out.places) || !table("titles.tsv", false, out.titles) ||
       !table("common_words.tsv", false, out.common_words) ||
       !table("first_names.tsv", false, out.first_names) ||
       !table("organisation_suffixes.tsv", false, out.organisation_suffixes) ||
       !table("cue_words.tsv", false, out.cue_words))) {
    return false;
  }
  if (!sources.iso_3166_json.empty()) {
    std::string json;
    if (!read_file(sources.iso_3166_json, json, error) ||
        !read_countries(json, read_catalogues(sources.locale, "iso_3166-1"), out.countries,
                        error)) {
      return false;
    }
  }
  return sources.geonames_library.empty() || read_cities(sources, out, error);
}

}  // namespace telex
