#include "process/knowledge/curated_tables.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "process/text/fold.h"

namespace telex {
namespace {

// A column and where it begins.
struct Cell {
  std::string_view text;
  std::size_t column = 1;  // Counted in bytes from 1, as editors jump to it.
  bool empty() const { return text.empty() || text == "-"; }
};

// One row under the reader's hands.
class TableRow {
 public:
  TableRow(std::string_view file, std::size_t line, std::vector<Cell> cells, Refusals& refusals)
      : file_(file), line_(line), cells_(std::move(cells)), refusals_(refusals) {}

  Cell cell(std::size_t index) const { return index < cells_.size() ? cells_[index] : Cell{}; }
  std::string value(std::size_t index) const {
    return cell(index).empty() ? std::string{} : std::string(cell(index).text);
  }
  std::string_view file() const { return file_; }
  std::size_t line() const { return line_; }
  bool refuse(const Cell& where, std::string_view message) {
    refusals_.add(file_, line_, where.column, message);
    return false;
  }

 private:
  std::string_view file_;
  std::size_t line_;
  std::vector<Cell> cells_;
  Refusals& refusals_;
};

std::vector<Cell> split(const Cell& whole, char separator) {
  std::vector<Cell> cells;
  std::size_t begin = 0;
  while (begin <= whole.text.size()) {
    const std::size_t end = std::min(whole.text.find(separator, begin), whole.text.size());
    cells.push_back({whole.text.substr(begin, end - begin), whole.column + begin});
    begin = end + 1;
  }
  return cells;
}

void read_table(std::string_view file, std::string_view text, std::size_t columns_min,
                std::size_t columns_max, Refusals& refusals,
                const std::function<void(TableRow&)>& on_row) {
  std::size_t line = 0;
  for (const Cell& whole : split({text, 1}, '\n')) {
    ++line;
    std::string_view row_text = whole.text;
    if (row_text.ends_with('\r')) row_text.remove_suffix(1);
    if (row_text.empty() || row_text.starts_with('#')) continue;
    if (const std::size_t bad = first_invalid_utf8(row_text); bad != row_text.size()) {
      refusals.add(file, line, bad + 1, "not UTF-8");
      continue;
    }
    std::vector<Cell> cells = split({row_text, 1}, '\t');
    const std::size_t count = cells.size();
    TableRow row(file, line, std::move(cells), refusals);
    if (count < columns_min || count > columns_max) {
      row.refuse({{}, 1},
                 fmt::format("{} columns where {} to {} are due", count, columns_min, columns_max));
      continue;
    }
    on_row(row);
  }
}

bool read_uri(TableRow& row, const Cell& cell, std::string& uri) {
  if (cell.empty()) return true;
  const auto digits = [](std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  };
  if (cell.text.starts_with("wd:Q") && digits(cell.text.substr(4))) {
    uri = fmt::format("http://www.wikidata.org/entity/{}", cell.text.substr(3));
  } else if (cell.text.starts_with("gn:") && digits(cell.text.substr(3))) {
    uri = fmt::format("https://sws.geonames.org/{}/", cell.text.substr(3));
  } else if (cell.text.starts_with("http://") || cell.text.starts_with("https://")) {
    uri = cell.text;
  } else {
    return row.refuse(cell, fmt::format("'{}' is no id: wd:Q…, gn:…, a URI or -", cell.text));
  }
  return true;
}

// Comma-separated language codes; `any` or nothing is every language.
bool read_languages(TableRow& row, const Cell& cell, LanguageMask& languages) {
  if (cell.empty()) {
    languages = kAnyLanguage;
    return true;
  }
  LanguageMask mask = 0;
  for (const Cell& code : split(cell, ',')) {
    const LanguageMask bit = language_mask(code.text);
    if (bit == 0) return row.refuse(code, fmt::format("no language: '{}'", code.text));
    mask = static_cast<LanguageMask>(mask | bit);
  }
  languages = mask;
  return true;
}

// Takes `!` and `^` off both ends of `text`.
void take_flags(Cell& cell, AliasSpec& alias) {
  const auto take = [&](char c) {
    alias.needs_evidence = alias.needs_evidence || c == '!';
    alias.exact = alias.exact || c == '^';
    return c == '!' || c == '^';
  };
  while (!cell.text.empty() && take(cell.text.back())) cell.text.remove_suffix(1);
  while (!cell.text.empty() && take(cell.text.front())) {
    cell.text.remove_prefix(1);
    ++cell.column;
  }
}

bool read_alias(TableRow& row, Cell cell, AliasClass alias_class, AliasSpec& alias) {
  constexpr std::string_view kSurname = "surname=";
  alias.alias_class = alias_class;
  take_flags(cell, alias);
  if (cell.text.starts_with(kSurname)) {
    alias.alias_class = AliasClass::surname;
    cell = {cell.text.substr(kSurname.size()), cell.column + kSurname.size()};
  }
  if (const std::size_t at = cell.text.rfind('@'); at != std::string_view::npos) {
    const Cell languages{cell.text.substr(at + 1), cell.column + at + 1};
    if (!read_languages(row, languages, alias.languages)) return false;
    cell.text = cell.text.substr(0, at);
  }
  take_flags(cell, alias);
  if (cell.text.empty() || cell.text.front() == ' ' || cell.text.back() == ' ') {
    return row.refuse(cell, "an alias is empty or begins or ends with a space");
  }
  alias.text = cell.text;
  return true;
}

void read_aliases(TableRow& row, const Cell& cell, AliasClass alias_class, EntitySpec& entity) {
  if (cell.empty()) return;
  for (const Cell& item : split(cell, '|')) {
    AliasSpec alias;
    if (!read_alias(row, item, alias_class, alias)) continue;
    if (alias_class == AliasClass::demonym && is_adjective(alias.text, alias.languages)) {
      alias.alias_class = AliasClass::adjective;
    }
    entity.aliases.push_back(std::move(alias));
  }
}

bool read_office(TableRow& row, const Cell& cell, OfficeSpec& office) {
  const std::vector<Cell> parts = split(cell, ':');
  if (parts.size() != 3 || parts[0].text.empty() || parts[1].text.empty()) {
    return row.refuse(cell, fmt::format("'{}' is no office:SCOPE:from..until", cell.text));
  }
  const Cell& term = parts[2];
  const std::size_t dots = term.text.find("..");
  if (dots == std::string_view::npos) return row.refuse(term, "a term is from..until");
  const Cell from{term.text.substr(0, dots), term.column};
  const Cell until{term.text.substr(dots + 2), term.column + dots + 2};
  if (!from.text.empty() && !parse_day(from.text, false, office.from_day)) {
    return row.refuse(from, fmt::format("'{}' is no date", from.text));
  }
  if (!until.text.empty() && !parse_day(until.text, true, office.until_day)) {
    return row.refuse(until, fmt::format("'{}' is no date", until.text));
  }
  if (office.from_day > office.until_day) return row.refuse(term, "a term ends before it begins");
  office.office = parts[0].text;
  office.scope = parts[1].text;
  office.term = term.text;
  return true;
}

EntitySpec entity_of(const TableRow& row, EntityType type, std::size_t name_column) {
  EntitySpec entity;
  entity.type = type;
  entity.file = row.file();
  entity.line = row.line();
  entity.name = row.value(name_column);
  return entity;
}

PlaceKind place_kind(std::string_view kind) {
  if (kind == "country") return PlaceKind::country;
  if (kind == "continent") return PlaceKind::continent;
  if (kind == "region" || kind == "state" || kind == "province") return PlaceKind::region;
  if (kind == "city") return PlaceKind::city;
  return PlaceKind::other;
}

constexpr std::array<std::pair<std::string_view, WordClass>, 13> kCueClasses{{
    {"function", WordClass::function},
    {"particle", WordClass::particle},
    {"place_cue", WordClass::place_cue},
    {"of", WordClass::of},
    {"article", WordClass::article},
    {"prefix", WordClass::prefix},
    {"former", WordClass::former},
    {"direction", WordClass::direction},
    {"calendar", WordClass::calendar},
    {"honorific", WordClass::honorific},
    {"join", WordClass::join},
    {"aim", WordClass::aim},
    {"feature", WordClass::feature},
}};

bool ends_with_any(std::string_view text, std::initializer_list<std::string_view> endings) {
  return std::any_of(endings.begin(), endings.end(),
                     [text](std::string_view ending) { return text.ends_with(ending); });
}

bool capitalised(std::string_view text) {
  // A first letter is upper case when folding changes it; folding also strips marks, so compare
  // only the ASCII case and take other letters by their code point (Latin-1 and Latin Extended-A).
  const auto first = static_cast<unsigned char>(text.empty() ? 0 : text[0]);
  if (first < 0x80) return first >= 'A' && first <= 'Z';
  const auto second = static_cast<unsigned char>(text.size() > 1 ? text[1] : 0);
  if (first == 0xC3) return second >= 0x80 && second <= 0x9E;
  return (first == 0xC4 || first == 0xC5) && second % 2 == 0;
}

}  // namespace

void Refusals::add(std::string_view file, std::size_t line, std::size_t column,
                   std::string_view message) {
  if (rows_.size() > kRefusalsMax) return;
  if (rows_.size() == kRefusalsMax) {
    rows_.emplace_back("… and more");
    return;
  }
  rows_.push_back(fmt::format("{}:{}:{}: {}", file, line, column, message));
}

void read_people(std::string_view text, CuratedTables& out, Refusals& refusals) {
  read_table("people.tsv", text, 2, 4, refusals, [&out](TableRow& row) {
    EntitySpec person = entity_of(row, EntityType::person, 1);
    person.kind = "person";
    if (person.name.empty()) return void(row.refuse(row.cell(1), "no name"));
    if (!read_uri(row, row.cell(0), person.uri)) return;
    read_aliases(row, row.cell(2), AliasClass::name, person);
    if (!row.cell(3).empty()) {
      for (const Cell& item : split(row.cell(3), '|')) {
        OfficeSpec office;
        if (read_office(row, item, office)) person.offices.push_back(std::move(office));
      }
    }
    out.entities.push_back(std::move(person));
  });
}

void read_organisations(std::string_view text, CuratedTables& out, Refusals& refusals) {
  read_table("organisations.tsv", text, 3, 6, refusals, [&out](TableRow& row) {
    EntitySpec organisation = entity_of(row, EntityType::organisation, 2);
    organisation.key = row.value(0);
    organisation.kind = row.value(4);
    organisation.country = row.value(5);
    if (organisation.key.empty()) return void(row.refuse(row.cell(0), "no key"));
    if (organisation.name.empty()) return void(row.refuse(row.cell(2), "no name"));
    if (!read_uri(row, row.cell(1), organisation.uri)) return;
    read_aliases(row, row.cell(3), AliasClass::name, organisation);
    out.entities.push_back(std::move(organisation));
  });
}

void read_places(std::string_view text, CuratedTables& out, Refusals& refusals) {
  read_table("places.tsv", text, 3, 7, refusals, [&out](TableRow& row) {
    EntitySpec place = entity_of(row, EntityType::place, 2);
    place.key = row.value(1);
    place.kind = row.value(5);
    place.place = place_kind(place.kind);
    if (place.key.empty()) return void(row.refuse(row.cell(1), "no key"));
    if (place.name.empty()) return void(row.refuse(row.cell(2), "no name"));
    // A city keeps its GeoNames id as its URI, whatever else is known of it (design, section 6).
    const Cell uri = place.key.starts_with("gn:") ? row.cell(1) : row.cell(0);
    if (!read_uri(row, uri, place.uri)) return;
    place.country = country_code(place.key) != 0 ? place.key : row.value(6);
    if (!place.country.empty() && country_code(place.country) == 0) {
      return void(row.refuse(row.cell(6), fmt::format("no country: '{}'", place.country)));
    }
    read_aliases(row, row.cell(3), AliasClass::name, place);
    read_aliases(row, row.cell(4), AliasClass::demonym, place);
    out.entities.push_back(std::move(place));
  });
}

void read_titles(std::string_view text, CuratedTables& out, Refusals& refusals) {
  read_table("titles.tsv", text, 2, 3, refusals, [&out](TableRow& row) {
    TitleSpec title;
    if (!read_languages(row, row.cell(0), title.languages)) return;
    title.title = row.value(1);
    if (title.title.empty()) return void(row.refuse(row.cell(1), "no title"));
    if (!row.cell(2).empty()) {
      for (const Cell& office : split(row.cell(2), ',')) title.offices.emplace_back(office.text);
    }
    out.titles.push_back(std::move(title));
  });
}

void read_common_words(std::string_view text, CuratedTables& out, Refusals& refusals) {
  read_table("common_words.tsv", text, 2, 2, refusals, [&out](TableRow& row) {
    WordSpec word{row.value(1), WordClass::common, kAnyLanguage};
    if (word.word.empty()) return void(row.refuse(row.cell(1), "no word"));
    if (read_languages(row, row.cell(0), word.languages)) out.words.push_back(std::move(word));
  });
}

void read_first_names(std::string_view text, CuratedTables& out, Refusals& refusals) {
  read_table("first_names.tsv", text, 1, 3, refusals, [&out](TableRow& row) {
    WordSpec word{row.value(0), WordClass::first_name, kAnyLanguage};
    if (word.word.empty()) return void(row.refuse(row.cell(0), "no name"));
    if (read_languages(row, row.cell(2), word.languages)) out.words.push_back(std::move(word));
  });
}

void read_organisation_suffixes(std::string_view text, CuratedTables& out, Refusals& refusals) {
  read_table("organisation_suffixes.tsv", text, 2, 2, refusals, [&out](TableRow& row) {
    CueSpec cue{row.value(1), kAnyLanguage};
    if (cue.word.empty()) return void(row.refuse(row.cell(1), "no word"));
    if (!read_languages(row, row.cell(0), cue.languages)) return;
    out.organisation_cues.push_back(std::move(cue));
  });
}

void read_cue_words(std::string_view text, CuratedTables& out, Refusals& refusals) {
  read_table("cue_words.tsv", text, 3, 3, refusals, [&out](TableRow& row) {
    LanguageMask languages = kAnyLanguage;
    if (!read_languages(row, row.cell(0), languages)) return;
    const std::string name = row.value(1);
    const auto* found = std::find_if(kCueClasses.begin(), kCueClasses.end(),
                                     [&name](const auto& pair) { return pair.first == name; });
    if (found == kCueClasses.end() && name != "head") {
      return void(row.refuse(row.cell(1), fmt::format("no class of cue words: '{}'", name)));
    }
    for (const Cell& item : split(row.cell(2), '|')) {
      if (item.text.empty()) {
        row.refuse(item, "an empty word");
      } else if (name == "head") {
        out.compound_heads.push_back({std::string(item.text), languages});
      } else {
        out.words.push_back({std::string(item.text), found->second, languages});
      }
    }
  });
}

bool is_adjective(std::string_view demonym, LanguageMask languages) {
  if (!capitalised(demonym)) return true;
  if ((languages & kDutch) != 0) {
    if (ends_with_any(demonym, {"e", "ees", "isch"})) return true;
    if (demonym == "Iers" || demonym == "Zwitsers") return true;
    return demonym.ends_with('s') && !ends_with_any(demonym, {"ers", "'s", "’s", "us"});
  }
  if ((languages & kGerman) != 0) {
    return ends_with_any(demonym, {"isch", "ische", "ischer", "ischen", "isches", "ischem", "sche",
                                   "scher", "schen", "sches", "schem"});
  }
  if ((languages & kEnglish) != 0) {
    if (demonym.ends_with('s')) return demonym.ends_with("ss");
    return !ends_with_any(demonym, {"man", "men"}) || demonym == "German" || demonym == "Roman";
  }
  return (languages & (kFrench | kSpanish)) == 0;
}

bool parse_day(std::string_view text, bool last_day, std::int32_t& day) {
  if (text.size() != 4 && text.size() != 7 && text.size() != 10) return false;
  const auto number = [text](std::size_t begin, std::size_t count) -> std::optional<unsigned> {
    unsigned value = 0;
    for (const char c : text.substr(begin, count)) {
      if (c < '0' || c > '9') return std::nullopt;
      value = value * 10 + static_cast<unsigned>(c - '0');
    }
    return value;
  };
  const std::optional<unsigned> year = number(0, 4);
  std::optional<unsigned> month = last_day ? 12U : 1U;
  if (text.size() >= 7) month = text[4] == '-' ? number(5, 2) : std::nullopt;
  if (!year || !month) return false;
  const std::chrono::year y{static_cast<int>(*year)};
  const std::chrono::month m{*month};
  if (!m.ok()) return false;
  std::chrono::year_month_day date = y / m / std::chrono::last;
  if (text.size() == 10) {
    const std::optional<unsigned> of_month = text[7] == '-' ? number(8, 2) : std::nullopt;
    if (!of_month) return false;
    date = y / m / std::chrono::day{*of_month};
  } else if (!last_day) {
    date = y / m / std::chrono::day{1};
  }
  if (!date.ok()) return false;
  day = static_cast<std::int32_t>(std::chrono::sys_days{date}.time_since_epoch().count());
  return true;
}

}  // namespace telex
