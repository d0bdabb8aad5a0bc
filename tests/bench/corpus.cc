#include "tests/bench/corpus.h"

#include <algorithm>
#include <cstdio>

namespace telex::bench {
namespace {

constexpr std::string_view kDensePatterns[] = {
    "{P} ({V}), {S} ({C}), {O}, {P} ({V}) en {A} {O}.",
    "{S}, {P}, {S}; {V}, {V}, {C}, {C}; {O}, {O}; {A}, {D}.",
    "{C}: {P}, {S}, {O}, {V} {V} {D}.",
};
constexpr std::string_view kNamelessHeadline[] = {"{w}, {n}: #", "{a} {w} {t}"};

// The lists of one language, cut up once.
struct Lists {
  std::vector<std::string_view> nouns, adjectives, verbs, stems, endings, times;
};

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    if (end != 0) out.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

const Lists& lists(std::size_t language) {
  static const std::vector<Lists> all = [] {
    std::vector<Lists> made;
    for (std::size_t i = 0; i < kLanguageCount; ++i) {
      const LanguageWords& w = words(i);
      // Endings are parted by '|' where they are words of their own.
      const char parting = w.endings.find('|') == std::string_view::npos ? ' ' : '|';
      made.push_back({split(w.nouns, '|'), split(w.adjectives, ' '), split(w.verbs, ' '),
                      split(w.stems, ' '), split(w.endings, parting), split(w.times, '|')});
    }
    return made;
  }();
  return all[language];
}

void append_json(std::string_view text, std::string& out) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  out += '"';
}

// The first letter in upper case, where it is ASCII or one of the accented ones our lists begin
// with.
void capitalise(std::string& text, std::size_t at) {
  if (at >= text.size()) return;
  if (text[at] >= 'a' && text[at] <= 'z') {
    text[at] = static_cast<char>(text[at] - 'a' + 'A');
  } else if (text[at] == '\xC3' && at + 1 < text.size() && text[at + 1] >= '\xA0') {
    text[at + 1] = static_cast<char>(text[at + 1] - 0x20);  // à-þ, U+00E0 to U+00FE.
  }
}

// How the tables call an entity in a language: an alias for that language alone, else its name.
std::string name_in(const EntitySpec& entity, LanguageMask language) {
  for (const AliasSpec& alias : entity.aliases) {
    if ((alias.languages & language) != 0 && alias.alias_class == AliasClass::name &&
        !alias.needs_evidence && !alias.exact) {
      return alias.text;
    }
  }
  return entity.name;
}

std::string alias_of_class(const EntitySpec& entity, LanguageMask language, AliasClass wanted) {
  for (const AliasSpec& alias : entity.aliases) {
    if ((alias.languages & language) != 0 && alias.alias_class == wanted) return alias.text;
  }
  return {};
}

void add_entity(const EntitySpec& entity, LanguageMask language, CorpusNames::Language& out) {
  const std::string name = name_in(entity, language);
  switch (entity.type) {
    case EntityType::person:
      if (name.find(' ') != std::string::npos) out.people.push_back(name);
      break;
    case EntityType::organisation:
      out.organisations.push_back(name);
      for (const AliasSpec& alias : entity.aliases) {
        if (alias.exact && (alias.languages & (language | kAnyLanguage)) != 0) {
          out.organisations.push_back(alias.text);
          break;
        }
      }
      break;
    case EntityType::place: {
      if (entity.place == PlaceKind::city) out.cities.push_back(name);
      if (entity.place != PlaceKind::country) break;
      std::string adjective = alias_of_class(entity, language, AliasClass::adjective);
      std::string demonym = alias_of_class(entity, language, AliasClass::demonym);
      if (!adjective.empty() && !demonym.empty()) {
        out.countries.push_back({name, std::move(adjective), std::move(demonym)});
      }
      break;
    }
    case EntityType::event:
    case EntityType::object:
      break;
  }
}

}  // namespace

std::string_view to_string(Workload workload) {
  switch (workload) {
    case Workload::wire:
      return "wire";
    case Workload::wire_short:
      return "wire_short";
    case Workload::long_read:
      return "long_read";
    case Workload::no_match:
      return "no_match";
    case Workload::dense_names:
      return "dense_names";
  }
  return "";
}

std::uint32_t target_bytes(Workload workload) {
  switch (workload) {
    case Workload::wire_short:
      return 600;
    case Workload::long_read:
      return 20'000;
    case Workload::wire:
    case Workload::no_match:
    case Workload::dense_names:
      break;
  }
  return 2'500;
}

CorpusNames CorpusNames::builtin() {
  CorpusNames names;
  for (std::size_t i = 0; i < kLanguageCount; ++i) {
    Language& out = names.languages[i];
    for (const std::string_view person : people()) out.people.emplace_back(person);
    for (const Spellings& city : bench::cities()) out.cities.emplace_back(city[i]);
    for (const Spellings& one : bench::organisations()) out.organisations.emplace_back(one[i]);
    for (const CountryWords& one : bench::countries()) {
      out.countries.push_back(
          {std::string(one.name[i]), std::string(one.adjective[i]), std::string(one.demonym[i])});
    }
  }
  return names;
}

CorpusNames CorpusNames::with(const CuratedTables& tables) {
  CorpusNames names = builtin();
  for (std::size_t i = 0; i < kLanguageCount; ++i) {
    for (const EntitySpec& entity : tables.entities) {
      add_entity(entity, language_mask(kLanguages[i]), names.languages[i]);
    }
  }
  return names;
}

CorpusGenerator::CorpusGenerator(const CorpusNames& names, CorpusOptions options)
    : names_(names), options_(options), state_(options.seed) {}

// SplitMix64 (Steele, Lea, Flood 2014): one addition and a mix, the same everywhere.
std::uint64_t CorpusGenerator::random() {
  std::uint64_t z = state_ += 0x9E3779B97F4A7C15ULL;
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31U);
}

std::uint32_t CorpusGenerator::below(std::size_t bound) {
  return static_cast<std::uint32_t>(((random() >> 32U) * bound) >> 32U);
}

std::uint32_t CorpusGenerator::skewed_below(std::size_t bound) {
  return static_cast<std::uint32_t>((static_cast<std::uint64_t>(below(bound)) * below(1U << 16U)) >>
                                    16U);
}

std::string_view CorpusGenerator::pick(std::span<const std::string_view> from) {
  return from[below(from.size())];
}

// A place in one list of the cast, never the one that was named last.
std::uint32_t CorpusGenerator::another(const std::vector<std::uint32_t>& of_cast) {
  const auto size = static_cast<std::uint32_t>(of_cast.size());
  if (size == 1) return 0;
  last_ = (last_ + 1 + below(size - 1)) % size;
  return last_;
}

void CorpusGenerator::choose_cast() {
  const CorpusNames::Language& names = names_.languages[language_];
  const auto choose = [this](std::vector<std::uint32_t>& out, std::size_t from,
                             std::uint32_t count) {
    out.clear();
    while (out.size() < std::min<std::size_t>(count, from)) {
      std::uint32_t one = skewed_below(from);
      while (std::find(out.begin(), out.end(), one) != out.end()) {
        one = (one + 1) % static_cast<std::uint32_t>(from);
      }
      out.push_back(one);
    }
  };
  const bool dense = options_.workload == Workload::dense_names;
  choose(cast_.people, names.people.size(), dense ? 12 : 5);
  choose(cast_.countries, names.countries.size(), dense ? 8 : 4);
  choose(cast_.cities, names.cities.size(), dense ? 12 : 5);
  choose(cast_.organisations, names.organisations.size(), dense ? 10 : 4);
  cast_.introduced.assign(cast_.people.size(), false);
}

void CorpusGenerator::append_person(bool known, std::string& out) {
  std::uint32_t who = another(cast_.people);
  if (known) {
    for (std::uint32_t i = 0; i < cast_.people.size() && !cast_.introduced[who]; ++i) {
      who = (who + 1) % static_cast<std::uint32_t>(cast_.people.size());
    }
  }
  const std::string_view name = names_.languages[language_].people[cast_.people[who]];
  const std::size_t space = name.find(' ');
  const bool surname = cast_.introduced[who] && (known || below(2) == 0);
  out += surname ? name.substr(space + 1) : name;
  cast_.introduced[who] = true;
}

void CorpusGenerator::append_slot(char slot, std::string& out) {
  const CorpusNames::Language& names = names_.languages[language_];
  const Lists& list = lists(language_);
  const auto country = [&] { return names.countries[cast_.countries[another(cast_.countries)]]; };
  if (slot >= 'A' && slot <= 'Z' && slot != 'A' && slot != 'D') ++article_.names;
  switch (slot) {
    case 'P':
    case 'S':
      append_person(slot == 'S', out);
      break;
    case 'C':
      ++article_.countries;
      out += country().name;
      break;
    case 'A':
      ++article_.adjectives;
      out += country().adjective;
      break;
    case 'D':
      ++article_.adjectives;
      out += country().demonym;
      break;
    case 'V':
      out += names.cities[cast_.cities[another(cast_.cities)]];
      break;
    case 'O':
      out += names.organisations[cast_.organisations[another(cast_.organisations)]];
      break;
    case 'n':
      out += pick(list.nouns);
      break;
    case 'a':
      out += pick(list.adjectives);
      break;
    case 'v':
      out += pick(list.verbs);
      break;
    case 't':
      out += pick(list.times);
      break;
    case 'w':
      out += pick(list.stems);
      out += pick(list.endings);
      break;
    default:
      break;
  }
}

void CorpusGenerator::append_sentence(std::string_view pattern, std::string& out) {
  const std::size_t begin = out.size();
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '{') {
      append_slot(pattern[i + 1], out);
      i += 2;
    } else if (pattern[i] == '#') {
      out += std::to_string(2 + below(below(3) == 0 ? 2020 : 60));
    } else {
      out += pattern[i];
    }
  }
  capitalise(out, begin);
}

std::string CorpusGenerator::headline() {
  std::string out;
  const bool nameless = options_.workload == Workload::no_match;
  append_sentence(nameless ? pick(kNamelessHeadline) : pick(words(language_).headlines), out);
  return out;
}

std::string CorpusGenerator::body(std::size_t bytes) {
  const LanguageWords& w = words(language_);
  std::string out;
  std::uint32_t sentences = 0;
  while (out.size() < bytes) {
    if (sentences != 0 && sentences % 4 == 0) {
      out += "\n\n";
      if (sentences % 12 == 0) out.append(pick(w.headings)).append("\n\n");
    } else if (sentences != 0) {
      out += ' ';
    }
    ++sentences;
    if (options_.workload == Workload::dense_names) {
      append_sentence(pick(kDensePatterns), out);
    } else if (options_.workload == Workload::no_match || below(3) == 0) {
      append_sentence(pick(w.plain), out);
    } else {
      append_sentence(pick(w.sentences), out);
    }
  }
  return out;
}

CorpusArticle CorpusGenerator::next() {
  article_ = {};
  std::uint32_t ticket = below(100);
  language_ = 0;
  while (language_ + 1 < kLanguageCount && ticket >= options_.percent[language_]) {
    ticket -= options_.percent[language_++];
  }
  article_.language = kLanguages[language_];
  choose_cast();

  const std::uint64_t number = count_++;
  const std::string id =
      std::string("bench/") + std::string(article_.language) + '-' + std::to_string(number);
  char published[32];
  std::snprintf(published, sizeof published, "2025-%02u-%02uT%02u:%02u:00Z", 1 + below(12),
                1 + below(28), below(24), below(60));
  const std::string head = headline();
  std::string lead;
  append_sentence(options_.workload == Workload::no_match ? pick(words(language_).plain)
                                                          : pick(words(language_).sentences),
                  lead);

  // Two in three articles lie within a fifth of the target; around 200 bytes are not body, and the
  // last sentence runs on for half its length.
  const std::uint32_t target = target_bytes(options_.workload);
  const std::size_t wanted = target * 4 / 5 + (below(target / 5 + 1) + below(target / 5 + 1));
  const std::size_t around = head.size() + lead.size() + 190;
  const std::string text = body(wanted > around ? wanted - around : 1);

  std::string language;
  if (options_.declare_language) {
    language.append(R"(,"language":")").append(article_.language) += '"';
  }
  std::string& out = article_.value;
  switch (options_.shape) {
    case RecordShape::json_map:
      out.append(R"({"id":)");
      append_json(id, out);
      out.append(R"(,"source":"bench")").append(language);
      out.append(R"(,"published":")").append(published).append(R"(","headline":)");
      append_json(head, out);
      out.append(R"(,"lead":)");
      append_json(lead, out);
      out.append(R"(,"body":)");
      append_json(text, out);
      out += '}';
      break;
    case RecordShape::ninjs:
      out.append(R"({"uri":"urn:bench:)")
          .append(std::string_view(id).substr(6))
          .append(R"(","type":"text")")
          .append(language);
      out.append(R"(,"firstCreated":")").append(published);
      out.append(R"(","headlines":[{"role":"main","value":)");
      append_json(head, out);
      out.append(R"(}],"descriptions":[{"role":"summary","value":)");
      append_json(lead, out);
      out.append(R"(}],"bodies":[{"role":"main","contentType":"text/plain","value":)");
      append_json(text, out);
      out.append("}]}");
      break;
    case RecordShape::plain_text:
      out.append("date ").append(published, 10).append("\n\n").append(head);
      out.append("\n\n").append(lead).append("\n\n").append(text).append("\n");
      break;
  }
  article_.key = id;
  return article_;
}

std::vector<CorpusArticle> make_corpus(const CorpusNames& names, const CorpusOptions& options,
                                       std::uint32_t count) {
  CorpusGenerator generator(names, options);
  std::vector<CorpusArticle> out;
  out.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) out.push_back(generator.next());
  return out;
}

std::uint64_t digest(std::span<const CorpusArticle> articles) {
  std::uint64_t hash = 0xCBF29CE484222325ULL;
  const auto add = [&hash](std::string_view text) {
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  };
  for (const CorpusArticle& article : articles) {
    add(article.key);
    add(article.value);
  }
  return hash;
}

}  // namespace telex::bench
