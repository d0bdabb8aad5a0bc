#include "process/knowledge/pack_builder.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <map>
#include <span>
#include <string_view>
#include <tuple>
#include <unordered_map>

#include <fmt/format.h>
#include <xxhash.h>

#include "process/knowledge/pack_format.h"
#include "process/text/fold.h"
#include "process/text/phrase_table.h"
#include "process/text/tokeniser.h"

namespace telex {
namespace {

constexpr std::uint8_t kPriorCountry = 95;
constexpr std::uint8_t kPriorContinent = 90;
constexpr std::uint8_t kPriorCurated = 80;
constexpr std::uint8_t kPriorCuratedCity = 75;  // Above regions: New York, Utrecht, Washington.
constexpr std::uint8_t kPriorRegion = 65;
constexpr std::uint8_t kPriorLargeCity = 60;
constexpr std::size_t kGeoNamesLettersMin = 3;

// 10 * log10(n), rounded down, in integers: the same on every machine.
std::uint8_t decibels(std::uint64_t n) {
  constexpr std::array<std::uint64_t, 10> kSteps{1000, 1259, 1585, 1995, 2512,
                                                 3162, 3981, 5012, 6310, 7943};
  if (n == 0) return 0;
  std::uint32_t tens = 0;
  std::uint64_t power = 1;
  while (n / power >= 10) {
    power *= 10;
    ++tens;
  }
  std::uint32_t step = 9;
  while (step > 0 && n < power * kSteps[step] / 1000) --step;
  return static_cast<std::uint8_t>(std::min<std::uint32_t>(tens * 10 + step, 100));
}

std::uint8_t prior_of(const EntitySpec& entity) {
  if (entity.place == PlaceKind::country) return kPriorCountry;
  if (entity.place == PlaceKind::continent) return kPriorContinent;
  const std::uint8_t by_population = decibels(entity.population);
  if (!entity.curated) return by_population;
  if (entity.place == PlaceKind::region) return kPriorRegion;
  if (entity.place == PlaceKind::city) return std::max(kPriorCuratedCity, by_population);
  return kPriorCurated;
}

// Strings, each kept once, in order of first use.
class StringPool {
 public:
  StringRef add(const std::string& text) {
    const auto [found, fresh] =
        refs_.try_emplace(text, StringRef{static_cast<std::uint32_t>(bytes_.size()),
                                          static_cast<std::uint32_t>(text.size())});
    if (fresh) bytes_ += text;
    return found->second;
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
  std::unordered_map<std::string, StringRef> refs_;
};

class Builder {
 public:
  explicit Builder(const PackInputs& inputs) : inputs_(inputs) {}
  PackBuild run();

 private:
  void read_tables();
  void add_countries();
  void add_cities();
  void index_keys();
  void check_ids();
  void add_words();
  void add_entities();
  void add_aliases(std::uint32_t entity);
  void add_alias(std::uint32_t entity, const AliasSpec& alias);
  void add_offices(std::uint32_t entity);
  void add_titles();
  void add_cues();
  void add_phrase(const std::string& phrase, PhraseKind kind, std::uint32_t row);
  std::uint32_t office_key(const std::string& key);
  LanguageMask common_in(const EntitySpec& entity, const std::string& text) const;
  std::vector<WordRow> word_table();
  std::string assemble();

  const PackInputs& inputs_;
  Refusals refusals_;
  CuratedTables tables_;
  std::map<std::string, std::uint32_t, std::less<>> by_key_;
  StringPool strings_;
  std::vector<EntityRow> entities_;
  std::vector<AliasRow> aliases_;
  std::vector<OfficeRow> offices_;
  std::vector<OfficeKeyRow> office_keys_;
  std::map<std::string, std::uint32_t> office_key_ids_;
  std::vector<TitleRow> titles_;
  std::vector<std::uint32_t> title_offices_;
  std::map<std::uint64_t, WordRow> words_;
  std::vector<CueRow> organisation_cues_;
  std::vector<CueRow> compound_heads_;
  PhraseTableBuilder phrases_;
  Tokens scratch_;
};

void Builder::read_tables() {
  read_people(inputs_.people, tables_, refusals_);
  read_organisations(inputs_.organisations, tables_, refusals_);
  read_places(inputs_.places, tables_, refusals_);
  read_titles(inputs_.titles, tables_, refusals_);
  read_common_words(inputs_.common_words, tables_, refusals_);
  read_first_names(inputs_.first_names, tables_, refusals_);
  read_organisation_suffixes(inputs_.organisation_suffixes, tables_, refusals_);
  read_cue_words(inputs_.cue_words, tables_, refusals_);
}

void Builder::index_keys() {
  for (std::uint32_t i = 0; i < tables_.entities.size(); ++i) {
    const EntitySpec& entity = tables_.entities[i];
    if (entity.key.empty()) continue;
    const auto [found, fresh] = by_key_.try_emplace(entity.key, i);
    if (fresh) continue;
    const EntitySpec& first = tables_.entities[found->second];
    refusals_.add(entity.file, entity.line, 1,
                  fmt::format("key '{}' is taken: {}:{}", entity.key, first.file, first.line));
  }
}

void Builder::add_countries() {
  for (const CountryNames& country : inputs_.countries) {
    const auto known = by_key_.find(country.alpha2);
    if (known == by_key_.end()) {
      EntitySpec entity;
      entity.key = country.alpha2;
      entity.name = country.name;
      entity.kind = "country";
      entity.country = country.alpha2;
      entity.place = PlaceKind::country;
      entity.file = "iso_3166-1";
      entity.aliases = country.aliases;
      by_key_.emplace(entity.key, static_cast<std::uint32_t>(tables_.entities.size()));
      tables_.entities.push_back(std::move(entity));
      continue;
    }
    EntitySpec& entity = tables_.entities[known->second];
    entity.aliases.insert(entity.aliases.end(), country.aliases.begin(), country.aliases.end());
  }
}

void Builder::add_cities() {
  std::vector<const City*> cities;
  cities.reserve(inputs_.cities.size());
  for (const City& city : inputs_.cities) cities.push_back(&city);
  std::stable_sort(cities.begin(), cities.end(),
                   [](const City* a, const City* b) { return a->city.id < b->city.id; });
  for (const City* city : cities) {
    const std::string key = fmt::format("gn:{}", city->city.id);
    const auto known = by_key_.find(key);
    if (known == by_key_.end()) {
      EntitySpec entity;
      entity.key = key;
      entity.uri = fmt::format("https://sws.geonames.org/{}/", city->city.id);
      entity.name = city->city.name;
      entity.kind = "city";
      entity.place = PlaceKind::city;
      entity.curated = false;
      entity.file = "geonames";
      by_key_.emplace(key, static_cast<std::uint32_t>(tables_.entities.size()));
      tables_.entities.push_back(std::move(entity));
    }
    EntitySpec& entity = tables_.entities[by_key_.find(key)->second];
    entity.country = city->city.country;
    entity.population = city->city.population;
    for (const AliasSpec& alias : city->aliases) {
      if (count_code_points(alias.text) >= kGeoNamesLettersMin) entity.aliases.push_back(alias);
    }
    if (count_code_points(city->city.name) >= kGeoNamesLettersMin) {
      entity.aliases.push_back({city->city.name, kAnyLanguage, AliasClass::name, false, false});
    }
  }
}

void Builder::check_ids() {
  std::unordered_map<std::string_view, const EntitySpec*> by_uri;
  for (const EntitySpec& entity : tables_.entities) {
    if (entity.uri.empty()) continue;
    const auto [found, fresh] = by_uri.try_emplace(entity.uri, &entity);
    if (fresh) continue;
    refusals_.add(
        entity.file, entity.line, 1,
        fmt::format("id {} of '{}' is that of '{}' already: {}:{}", entity.uri, entity.name,
                    found->second->name, found->second->file, found->second->line));
  }
}

void Builder::add_words() {
  const auto add = [this](std::string_view token, WordClass word_class, LanguageMask languages) {
    const std::uint64_t hash = folded_hash(token);
    if (hash == 0) return;  // Marks a free slot; one word in 2^64 goes without its class.
    WordRow& row = words_[hash];
    if (row.hash == 0) {
      row.hash = hash;
      row.text = strings_.add(std::string(token));
    }
    LanguageMask& mask = row.classes[static_cast<std::size_t>(word_class)];
    mask = static_cast<LanguageMask>(mask | languages);
  };
  for (const WordSpec& word : tables_.words) {
    scratch_.clear();
    Tokeniser::tokenise_phrase(word.word, scratch_);
    // A first name of two words counts as two first names; other words of more than one token only
    // say that an alias of that spelling is common (common_in).
    if (scratch_.size() != 1 && word.word_class != WordClass::first_name) continue;
    for (std::uint32_t i = 0; i < scratch_.size(); ++i) {
      if (!scratch_.has(i, TokenShape::kWord)) continue;
      const std::string_view token = std::string_view(word.word).substr(
          scratch_.begin[i], scratch_.end[i] - scratch_.begin[i]);
      add(token, word.word_class, word.languages);
    }
  }
}

// In which languages `text` is also a plain word. Names of smaller cities that are first names as
// well (Florence, Charlotte) count as common everywhere.
LanguageMask Builder::common_in(const EntitySpec& entity, const std::string& text) const {
  const auto found = words_.find(folded_hash(text));
  if (found == words_.end()) return 0;
  LanguageMask mask = 0;
  for (const WordClass word_class :
       {WordClass::common, WordClass::function, WordClass::calendar, WordClass::particle}) {
    mask = static_cast<LanguageMask>(mask |
                                     found->second.classes[static_cast<std::size_t>(word_class)]);
  }
  const bool small_city = !entity.curated && prior_of(entity) < kPriorLargeCity;
  if (small_city && found->second.classes[static_cast<std::size_t>(WordClass::first_name)] != 0) {
    mask = static_cast<LanguageMask>(mask | kAnyLanguage);
  }
  return mask;
}

void Builder::add_phrase(const std::string& phrase, PhraseKind kind, std::uint32_t row) {
  // The table refuses a phrase without a word or of more than 16 tokens; such a name is in the
  // pack for look-ups and matches nothing.
  static_cast<void>(phrases_.add(phrase, phrase_value(kind, row)));
}

void Builder::add_alias(std::uint32_t entity, const AliasSpec& alias) {
  scratch_.clear();
  Tokeniser::tokenise_phrase(alias.text, scratch_);
  if (scratch_.size() == 0) return;
  AliasRow row;
  row.text = strings_.add(alias.text);
  row.entity = entity;
  row.languages = alias.languages;
  row.alias_class = alias.alias_class;
  row.token_count = static_cast<std::uint16_t>(scratch_.size());
  row.flags = static_cast<std::uint8_t>((alias.exact ? AliasRow::kExact : 0U) |
                                        (alias.needs_evidence ? AliasRow::kNeedsEvidence : 0U));
  if (scratch_.size() == 1) row.common = common_in(tables_.entities[entity], alias.text);
  for (std::uint32_t i = 0; i < std::min<std::uint32_t>(scratch_.size(), 16); ++i) {
    if (!scratch_.has(i, TokenShape::kCapital)) continue;
    // Particles are written in either case ("Van der Plas", "mevrouw van der Plas").
    const auto word = words_.find(scratch_.hash[i]);
    const bool particle = word != words_.end() &&
                          word->second.classes[static_cast<std::size_t>(WordClass::particle)] != 0;
    if (particle && scratch_.size() > 1) continue;
    row.capital_mask = static_cast<std::uint16_t>(row.capital_mask | (1U << i));
  }
  add_phrase(alias.text, PhraseKind::alias, static_cast<std::uint32_t>(aliases_.size()));
  aliases_.push_back(row);
}

void Builder::add_aliases(std::uint32_t entity) {
  const EntitySpec& spec = tables_.entities[entity];
  std::vector<AliasSpec> aliases = spec.aliases;
  // The canonical name is an alias too: of people and organisations everywhere, of places, whose
  // canonical names are English, in English. Short names in capitals match exactly, as acronyms do.
  AliasSpec canonical{spec.name, spec.type == EntityType::place ? kEnglish : kAnyLanguage,
                      AliasClass::name, false, false};
  canonical.exact =
      spec.type == EntityType::organisation && spec.name.size() <= 6 &&
      std::all_of(spec.name.begin(), spec.name.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  if (spec.curated && spec.name.find_first_of(",(") == std::string::npos)
    aliases.push_back(canonical);
  // One row for one spelling and class: languages are joined, and flags of the first stand, since
  // curated aliases come before those of other sources. Spellings that differ in letters with marks
  // (Brussel, Brüssel) are two: which marks a text may have depends on them. The length tells.
  std::vector<std::pair<std::string, std::size_t>> seen;
  std::vector<AliasSpec> unique;
  for (AliasSpec& alias : aliases) {
    const std::string key = folded(alias.text);
    const auto same = std::find_if(seen.begin(), seen.end(), [&](const auto& entry) {
      const AliasSpec& other = unique[entry.second];
      return entry.first == key && other.text.size() == alias.text.size() &&
             other.alias_class == alias.alias_class &&
             (other.exact == alias.exact || other.text == alias.text);
    });
    if (same == seen.end()) {
      seen.emplace_back(key, unique.size());
      unique.push_back(std::move(alias));
    } else {
      AliasSpec& other = unique[same->second];
      other.languages = static_cast<LanguageMask>(other.languages | alias.languages);
    }
  }
  for (const AliasSpec& alias : unique) add_alias(entity, alias);
}

std::uint32_t Builder::office_key(const std::string& key) {
  const auto [found, fresh] =
      office_key_ids_.try_emplace(key, static_cast<std::uint32_t>(office_keys_.size()));
  if (fresh) office_keys_.push_back({strings_.add(key)});
  return found->second;
}

void Builder::add_offices(std::uint32_t entity) {
  const EntitySpec& spec = tables_.entities[entity];
  const auto first = static_cast<std::uint32_t>(offices_.size());
  std::vector<OfficeSpec> offices = spec.offices;
  std::stable_sort(offices.begin(), offices.end(), [](const OfficeSpec& a, const OfficeSpec& b) {
    return std::tie(a.from_day, a.until_day) < std::tie(b.from_day, b.until_day);
  });
  for (const OfficeSpec& office : offices) {
    const auto scope = by_key_.find(office.scope);
    if (scope == by_key_.end()) {
      refusals_.add(spec.file, spec.line, 1,
                    fmt::format("office {} of '{}': no country or organisation '{}'", office.office,
                                spec.name, office.scope));
      continue;
    }
    OfficeRow row;
    row.person = entity;
    row.office = office_key(office.office);
    row.scope = scope->second;
    row.from_day = office.from_day;
    row.until_day = office.until_day;
    row.rendered = strings_.add(fmt::format("{} {} {}", office.office, office.scope, office.term));
    offices_.push_back(row);
  }
  entities_[entity].offices = {first, static_cast<std::uint32_t>(offices_.size()) - first};
}

void Builder::add_entities() {
  for (std::uint32_t i = 0; i < tables_.entities.size(); ++i) {
    const EntitySpec& spec = tables_.entities[i];
    EntityRow row;
    row.uri = strings_.add(spec.uri);
    row.name = strings_.add(spec.name);
    row.kind = strings_.add(spec.kind);
    row.country = country_code(spec.country);
    row.type = static_cast<std::uint8_t>(spec.type);
    row.place = spec.place;
    row.prior = prior_of(spec);
    row.flags = spec.curated ? EntityRow::kCurated : std::uint8_t{0};
    entities_.push_back(row);
    add_offices(i);
    add_aliases(i);
  }
}

void Builder::add_titles() {
  for (const TitleSpec& title : tables_.titles) {
    TitleRow row;
    row.text = strings_.add(title.title);
    row.languages = title.languages;
    row.offices.first = static_cast<std::uint32_t>(title_offices_.size());
    for (const std::string& key : title.offices) title_offices_.push_back(office_key(key));
    row.offices.count = static_cast<std::uint32_t>(title_offices_.size()) - row.offices.first;
    add_phrase(title.title, PhraseKind::title, static_cast<std::uint32_t>(titles_.size()));
    titles_.push_back(row);
  }
}

void Builder::add_cues() {
  for (const CueSpec& cue : tables_.organisation_cues) {
    add_phrase(cue.word, PhraseKind::organisation_cue,
               static_cast<std::uint32_t>(organisation_cues_.size()));
    organisation_cues_.push_back({strings_.add(cue.word), cue.languages, {}});
  }
  std::vector<CueSpec> heads = tables_.compound_heads;
  std::stable_sort(heads.begin(), heads.end(), [](const CueSpec& a, const CueSpec& b) {
    return a.word.back() != b.word.back() ? a.word.back() < b.word.back()
                                          : a.word.size() > b.word.size();
  });
  for (const CueSpec& head : heads) {
    compound_heads_.push_back({strings_.add(head.word), head.languages, {}});
  }
}

// Open addressing in hash order: the same table whatever order the words came in.
std::vector<WordRow> Builder::word_table() {
  if (words_.empty()) return {};
  std::vector<WordRow> table(std::bit_ceil(words_.size() * 2));
  for (const auto& [hash, row] : words_) {
    std::size_t slot = hash & (table.size() - 1);
    while (table[slot].hash != 0) slot = (slot + 1) & (table.size() - 1);
    table[slot] = row;
  }
  return table;
}

std::string Builder::assemble() {
  PackHeader header;
  header.magic = kPackMagic;
  header.format_version = kPackFormatVersion;
  header.fold_version = kFoldVersion;
  header.section_count = kSectionCount;
  std::array<SectionEntry, kSectionCount> table{};
  std::string bytes(sizeof(header) + sizeof(table), '\0');
  const auto section = [&](Section which, const void* data, std::size_t row_bytes,
                           std::size_t rows) {
    bytes.resize((bytes.size() + 7) / 8 * 8, '\0');
    table[static_cast<std::size_t>(which)] = {bytes.size(), static_cast<std::uint32_t>(row_bytes),
                                              static_cast<std::uint32_t>(rows)};
    bytes.append(static_cast<const char*>(data), row_bytes * rows);
  };
  const auto rows = [&]<class Row>(Section which, const std::vector<Row>& from) {
    section(which, from.data(), sizeof(Row), from.size());
  };
  const std::vector<WordRow> words = word_table();
  const std::string phrases = phrases_.build();
  section(Section::strings, strings_.bytes().data(), 1, strings_.bytes().size());
  section(Section::version, inputs_.version.data(), 1, inputs_.version.size());
  rows(Section::entities, entities_);
  rows(Section::aliases, aliases_);
  rows(Section::offices, offices_);
  rows(Section::office_keys, office_keys_);
  rows(Section::titles, titles_);
  rows(Section::title_offices, title_offices_);
  rows(Section::words, words);
  rows(Section::organisation_cues, organisation_cues_);
  rows(Section::compound_heads, compound_heads_);
  section(Section::phrases, phrases.data(), 1, phrases.size());

  header.total_bytes = bytes.size();
  std::memcpy(bytes.data(), &header, sizeof(header));
  std::memcpy(bytes.data() + sizeof(header), table.data(), sizeof(table));
  XXH128_canonical_t digest;
  XXH128_canonicalFromHash(
      &digest, XXH3_128bits(bytes.data() + kDigestedFrom, bytes.size() - kDigestedFrom));
  std::memcpy(bytes.data() + kPackMagic.size(), digest.digest, sizeof(digest.digest));
  return bytes;
}

PackBuild Builder::run() {
  read_tables();
  index_keys();
  add_countries();
  add_cities();
  check_ids();
  add_words();
  add_entities();
  add_titles();
  add_cues();
  PackBuild build;
  for (const EntityRow& row : entities_) {
    const auto type = static_cast<EntityType>(row.type);
    build.counts.people += type == EntityType::person ? 1 : 0;
    build.counts.organisations += type == EntityType::organisation ? 1 : 0;
    build.counts.countries += row.place == PlaceKind::country ? 1 : 0;
    build.counts.cities += row.place == PlaceKind::city ? 1 : 0;
    const bool place = type == EntityType::place;
    const bool counted = row.place == PlaceKind::country || row.place == PlaceKind::city;
    build.counts.other_places += place && !counted ? 1 : 0;
  }
  build.counts.aliases = static_cast<std::uint32_t>(aliases_.size());
  build.counts.offices = static_cast<std::uint32_t>(offices_.size());
  build.counts.titles = static_cast<std::uint32_t>(titles_.size());
  build.counts.words = static_cast<std::uint32_t>(words_.size());
  if (refusals_.empty()) build.bytes = assemble();
  build.refusals = refusals_.take();
  return build;
}

}  // namespace

PackBuild build_pack(const PackInputs& inputs) { return Builder(inputs).run(); }

}  // namespace telex
