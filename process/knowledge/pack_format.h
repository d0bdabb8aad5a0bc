// The bytes of a knowledge pack, version 1. Little endian, offsets only, so a pack is mapped and
// used where it lies. The same inputs give the same bytes.
//
//   PackHeader                     64 bytes
//   SectionEntry[kSectionCount]    one for each Section, in the order of the enumeration
//   sections                       each begins at a multiple of 8, rows of the section's own type
//
// The digest is XXH3-128 (canonical, big endian form) over everything after PackHeader::digest.
// Rows refer to each other by index and to text by StringRef into Section::strings; kNone =
// nothing.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <string_view>
#include <type_traits>

#include "schemas/types.h"

namespace telex {

inline constexpr std::uint32_t kPackFormatVersion = 1;
inline constexpr std::array<char, 8> kPackMagic{'T', 'E', 'L', 'E', 'X', 'K', 'B', '\n'};
inline constexpr std::uint32_t kNone = 0xFFFFFFFFU;

// The languages that a row is good for, as bits. kAnyLanguage: whatever the article is written in.
using LanguageMask = std::uint8_t;
inline constexpr std::array<std::string_view, 5> kPackLanguages{"nl", "en", "de", "fr", "es"};
inline constexpr LanguageMask kDutch = 1U << 0;
inline constexpr LanguageMask kEnglish = 1U << 1;
inline constexpr LanguageMask kGerman = 1U << 2;
inline constexpr LanguageMask kFrench = 1U << 3;
inline constexpr LanguageMask kSpanish = 1U << 4;
inline constexpr LanguageMask kAnyLanguage = 1U << 5;

// The bit of a language; 0 for languages that packs have no rows for.
constexpr LanguageMask language_mask(std::string_view code) {
  for (std::size_t i = 0; i < kPackLanguages.size(); ++i) {
    if (kPackLanguages[i] == code) return static_cast<LanguageMask>(1U << i);
  }
  return code == "any" ? kAnyLanguage : LanguageMask{0};
}

struct StringRef {
  std::uint32_t offset = 0;
  std::uint32_t length = 0;
};

// ISO 3166-1 alpha-2 in two bytes; 0 = none.
constexpr std::uint16_t country_code(std::string_view alpha2) {
  if (alpha2.size() != 2) return 0;
  return static_cast<std::uint16_t>((static_cast<unsigned char>(alpha2[0]) << 8U) |
                                    static_cast<unsigned char>(alpha2[1]));
}

enum class PlaceKind : std::uint8_t { none, country, continent, region, city, other };

struct EntityRow {
  static constexpr std::uint8_t kCurated = 1U << 0;  // From our own tables, not only GeoNames.
  StringRef uri;       // Empty: in the dictionary, but no id is known that two sources agree on.
  StringRef name;      // Canonical name.
  StringRef kind;      // As the tables have it: "country", "party", "alliance", "person".
  IndexRange offices;  // Of Section::offices, by begin; only people hold any.
  std::uint16_t country = 0;  // country_code(): the country it is, or lies in.
  std::uint8_t type = 0;      // EntityType.
  PlaceKind place = PlaceKind::none;
  std::uint8_t prior = 0;  // 0-100: how likely a text means this one before anything else is
                           // known, see pack_builder.h.
  std::uint8_t flags = 0;
  std::uint16_t reserved = 0;
};

enum class AliasClass : std::uint8_t {
  name,       // Names the entity by itself.
  surname,    // Names a person where office, date or the article's text say which.
  demonym,    // An inhabitant.
  adjective,  // An adjective of a place.
};

struct AliasRow {
  static constexpr std::uint8_t kExact = 1U << 0;          // Bytes must be equal: acronyms.
  static constexpr std::uint8_t kNeedsEvidence = 1U << 1;  // Also a common word (marked so).
  StringRef text;
  std::uint32_t entity = 0;
  std::uint16_t capital_mask = 0;  // Bit n: token n is capitalised and must be so in a text.
  LanguageMask languages = 0;
  LanguageMask common = 0;  // Languages in which the alias is also a common word.
  AliasClass alias_class = AliasClass::name;
  std::uint8_t flags = 0;
  std::uint16_t token_count = 0;
};

struct OfficeRow {
  static constexpr std::int32_t kOpenBegin = std::numeric_limits<std::int32_t>::min();
  static constexpr std::int32_t kOpenEnd = std::numeric_limits<std::int32_t>::max();
  std::uint32_t person = 0;
  std::uint32_t office = 0;            // Into Section::office_keys.
  std::uint32_t scope = kNone;         // The country or organisation it is an office of.
  std::int32_t from_day = kOpenBegin;  // Days since 1970-01-01, first and last day of the term;
  std::int32_t until_day = kOpenEnd;   // a year or month alone counts from its first, to its last.
  StringRef rendered;                  // "prime_minister NL 2024-07-02..", precision as given.
};

struct OfficeKeyRow {
  StringRef key;  // "prime_minister"
};

struct TitleRow {
  StringRef text;
  IndexRange offices;  // Of Section::title_offices; empty = a person follows, no office is known.
  LanguageMask languages = 0;
  std::array<std::uint8_t, 3> reserved{};
};

// Words that say what their neighbours are. The classes of `cue_words.tsv`, and three more.
enum class WordClass : std::uint8_t {
  first_name,  // first_names.tsv
  common,      // common_words.tsv
  function,    // Opens sentences with a capital and is never part of a name ("Volgens").
  particle,    // Inside names: van, de, von, ...
  place_cue,   // Before places: in, te, naar, ...
  of,          // Before what an office is of: van, of, von, de, ...
  article,     // the, de, der, la, ...
  prefix,      // Before a hyphen: anti, pro, ...
  former,      // oud, ex, voormalig, former, ...
  direction,   // Noord, Zuid, Ost, ... before a hyphen.
  calendar,    // Months and days where they are capitalised.
  honorific,   // A title that says nothing of an office: meneer, Mrs, Herr, ...
  join,        // Between names of one kind: en, and, und, ...
  aim,         // Like `of` behind an organisation's cue: voor, für, ...
  feature,     // Before a city's name makes a river, street or station of it: rue, río, ...
  kCount,
};
inline constexpr std::size_t kWordClassCount = static_cast<std::size_t>(WordClass::kCount);

// A word of the lexicon: an open-addressed table of a power of two slots, at least half of them
// free (hash 0), searched from `hash` on.
struct WordRow {
  std::uint64_t hash = 0;  // folded_hash(text)
  StringRef text;
  std::array<LanguageMask, 16> classes{};  // By WordClass: the languages it is one in.
};

// A cue of the phrase table (a word that organisations end or begin with), or a compound head.
struct CueRow {
  StringRef text;
  LanguageMask languages = 0;
  std::array<std::uint8_t, 3> reserved{};
};

enum class Section : std::uint32_t {
  strings,            // char
  version,            // char: the pack's own name of its version
  entities,           // EntityRow
  aliases,            // AliasRow, by entity
  offices,            // OfficeRow, by person, then begin
  office_keys,        // OfficeKeyRow
  titles,             // TitleRow
  title_offices,      // std::uint32_t: office keys
  words,              // WordRow
  organisation_cues,  // CueRow
  compound_heads,     // CueRow, by last byte of the text
  phrases,            // char: one PhraseTable; values are phrase_value()
  kCount,
};
inline constexpr std::size_t kSectionCount = static_cast<std::size_t>(Section::kCount);

struct SectionEntry {
  std::uint64_t offset = 0;  // From the begin of the pack.
  std::uint32_t row_bytes = 0;
  std::uint32_t row_count = 0;
};

struct PackHeader {
  std::array<char, 8> magic{};
  std::array<unsigned char, 16> digest{};
  std::uint64_t total_bytes = 0;
  std::uint32_t format_version = 0;
  std::uint32_t fold_version = 0;  // kFoldVersion of the builder: hashes depend on it.
  std::uint32_t section_count = 0;
  std::array<std::uint32_t, 5> reserved{};
};
inline constexpr std::size_t kDigestedFrom = 24;

// Values of the phrase table: the upper bits say of which section the lower are a row.
enum class PhraseKind : std::uint32_t { alias, title, organisation_cue };
inline constexpr std::uint32_t kPhraseRowBits = 30;
constexpr std::uint32_t phrase_value(PhraseKind kind, std::uint32_t row) {
  return (static_cast<std::uint32_t>(kind) << kPhraseRowBits) | row;
}
constexpr PhraseKind phrase_kind(std::uint32_t value) {
  return static_cast<PhraseKind>(value >> kPhraseRowBits);
}
constexpr std::uint32_t phrase_row(std::uint32_t value) {
  return value & ((1U << kPhraseRowBits) - 1U);
}

static_assert(sizeof(EntityRow) == 40 && sizeof(AliasRow) == 20 && sizeof(OfficeRow) == 28);
static_assert(sizeof(TitleRow) == 20 && sizeof(WordRow) == 32 && sizeof(CueRow) == 12);
static_assert(sizeof(PackHeader) == 64 && sizeof(SectionEntry) == 16);
static_assert(std::is_trivially_copyable_v<EntityRow> && std::is_trivially_copyable_v<WordRow>);

}  // namespace telex
