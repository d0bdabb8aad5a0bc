// The benchmarks' articles: a seeded generator of news-like text in nl, en, de, fr and es.
//
// An article has a cast (a few people, countries, cities and organisations) that its sentences name
// again and again, as wire stories do: a full name first, then the surname; demonyms and adjectives
// of countries about twice as often as the countries themselves. Sentences are patterns with slots:
//   {P} person   {S} person named before   {C} country   {A} adjective of a country   {D} demonym
//   {V} city     {O} organisation          {n} noun      {a} adjective   {w} word of the long tail
//   {v} verb     {t} time                  #   number
//
// Determinism: the same options and names give the same bytes on every machine; nothing of the
//              standard library's distributions is used.
// Ownership:   the generator keeps a reference to its names. Threads: one at a time.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "process/knowledge/curated_tables.h"
#include "tests/bench/corpus_words.h"

namespace telex::bench {

enum class Workload : std::uint8_t {
  wire,         // A wire story of 2.5 KB.
  wire_short,   // A flash of 600 bytes.
  long_read,    // 20 KB.
  no_match,     // As wire, but no name in it.
  dense_names,  // As wire, but little else than names.
};
inline constexpr std::array kWorkloads{Workload::wire, Workload::wire_short, Workload::long_read,
                                       Workload::no_match, Workload::dense_names};
std::string_view to_string(Workload workload);
// Bytes of an article's record, on average.
std::uint32_t target_bytes(Workload workload);

// What the default field map reads, a ninjs 3.1 item, or text with a date line.
enum class RecordShape : std::uint8_t { json_map, ninjs, plain_text };

// The names that articles are about, by language.
struct CorpusNames {
  struct Country {
    std::string name, adjective, demonym;
  };
  struct Language {
    std::vector<std::string> people, cities, organisations;
    std::vector<Country> countries;
  };
  std::array<Language, kLanguageCount> languages;

  // The generator's own few: never change, so that what is made of them can be pinned.
  static CorpusNames builtin();
  // The built-in ones, and all that the curated tables have.
  static CorpusNames with(const CuratedTables& tables);
};

struct CorpusOptions {
  Workload workload = Workload::wire;
  RecordShape shape = RecordShape::json_map;
  std::uint64_t seed = 1;
  // How many articles in a hundred are in each of kLanguages. REQUIRES: the sum is 100.
  std::array<std::uint32_t, kLanguageCount> percent{100, 0, 0, 0, 0};
  bool declare_language = true;  // Whether the record says in which language it is.
};
inline constexpr std::array<std::uint32_t, kLanguageCount> kAllLanguages{40, 15, 15, 15, 15};

struct CorpusArticle {
  std::string key;
  std::string value;
  std::string_view language;
  std::uint32_t names = 0;       // Mentions put in: names of people, places and organisations ...
  std::uint32_t countries = 0;   // ... of these, countries by name,
  std::uint32_t adjectives = 0;  // and, counted apart, demonyms and adjectives.
};

class CorpusGenerator {
 public:
  CorpusGenerator(const CorpusNames& names, CorpusOptions options);

  CorpusArticle next();

 private:
  struct Cast {
    std::vector<std::uint32_t> people, countries, cities, organisations;
    std::vector<bool> introduced;  // By place in `people`.
  };

  std::uint64_t random();
  std::uint32_t below(std::size_t bound);         // REQUIRES: bound > 0.
  std::uint32_t skewed_below(std::size_t bound);  // Low numbers more often.
  std::string_view pick(std::span<const std::string_view> from);
  std::uint32_t another(const std::vector<std::uint32_t>& of_cast);
  void choose_cast();
  void append_person(bool known, std::string& out);
  void append_slot(char slot, std::string& out);
  void append_sentence(std::string_view pattern, std::string& out);
  std::string headline();
  std::string body(std::size_t bytes);

  const CorpusNames& names_;
  CorpusOptions options_;
  std::uint64_t state_;
  std::uint64_t count_ = 0;
  std::size_t language_ = 0;
  Cast cast_;
  std::uint32_t last_ = 0;
  CorpusArticle article_;
};

// `count` articles.
std::vector<CorpusArticle> make_corpus(const CorpusNames& names, const CorpusOptions& options,
                                       std::uint32_t count);
// Names a corpus in reports and tests: FNV-1a over all keys and values.
std::uint64_t digest(std::span<const CorpusArticle> articles);

}  // namespace telex::bench
