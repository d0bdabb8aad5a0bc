#include "process/topics/rules.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <set>
#include <system_error>
#include <utility>

#include <xxhash.h>

#include "process/text/fold.h"
#include "process/text/tokeniser.h"

namespace telex {

// What the build put into the binary (CMakeLists.txt beside this file).
std::span<const EmbeddedFile> embedded_topic_rules();
std::span<const EmbeddedFile> embedded_topic_vocabulary();

namespace {

// Feeds `text` with its length, so that no two lists of files have one stream of bytes.
void feed(XXH3_state_t* state, std::string_view text) {
  std::array<unsigned char, 8> size{};
  for (std::size_t i = 0; i < size.size(); ++i) {
    size[i] = static_cast<unsigned char>(text.size() >> (8 * i));
  }
  XXH3_128bits_update(state, size.data(), size.size());
  XXH3_128bits_update(state, text.data(), text.size());
}

std::string hex_digest(const Vocabulary& vocabulary, std::span<const EmbeddedFile> files) {
  const std::unique_ptr<XXH3_state_t, XXH_errorcode (*)(XXH3_state_t*)> state(XXH3_createState(),
                                                                              XXH3_freeState);
  XXH3_128bits_reset(state.get());
  feed(state.get(), vocabulary.release());
  for (const VocabularyTopic& topic : vocabulary.topics()) {
    const std::string_view broader =
        topic.broader == kNoTopic ? std::string_view{} : vocabulary[topic.broader].code;
    for (const std::string_view field :
         {std::string_view(topic.code), broader, std::string_view(topic.english),
          std::string_view(topic.dutch)}) {
      feed(state.get(), field);
    }
  }
  for (const EmbeddedFile& file : files) {
    feed(state.get(), file.name);
    feed(state.get(), file.bytes);
  }
  XXH128_canonical_t bytes;
  XXH128_canonicalFromHash(&bytes, XXH3_128bits_digest(state.get()));
  std::string hex;
  for (const unsigned char byte : bytes.digest) {
    hex += "0123456789abcdef"[byte >> 4];
    hex += "0123456789abcdef"[byte & 15];
  }
  return hex;
}

// False where the file cannot be read or is larger than `bytes_max`.
bool read_file(const std::filesystem::path& path, std::size_t bytes_max, std::string& bytes,
               std::string& error) {
  std::error_code status;
  const std::uintmax_t size = std::filesystem::file_size(path, status);
  if (status) {
    error = path.string() + ": " + status.message();
    return false;
  }
  if (size > bytes_max) {
    error = path.string() + ": the file is too large";
    return false;
  }
  std::ifstream stream(path, std::ios::binary);
  bytes.resize(static_cast<std::size_t>(size));
  if (!stream.read(bytes.data(), static_cast<std::streamsize>(bytes.size()))) {
    error = path.string() + ": the file cannot be read";
    return false;
  }
  return true;
}

// Adds the words of one language to its tables.
class Compiler {
 public:
  Compiler(TopicRules::Language& language, std::string& error)
      : language_(language), error_(error) {
    language_.first_words.assign(TopicRules::kFirstBits / 64, 0);
  }

  bool add_rule(const TopicRule& parsed) {
    const auto rule = static_cast<std::uint16_t>(language_.rules.size());
    language_.rules.push_back({parsed.topic, parsed.threshold, parsed.heading, parsed.cap});
    for (const RuleWord& word : parsed.words) {
      TopicRules::Word row;
      row.rule = rule;
      row.weight = static_cast<std::int16_t>(word.weight);
      if (!add_word(parsed, word.term, row)) return false;
    }
    for (const RuleCombination& combination : parsed.combinations) {
      if (!add_combination(parsed, rule, combination)) return false;
    }
    return true;
  }

  bool finish() {
    const std::string bytes = phrases_.build();
    language_.phrase_bytes.resize((bytes.size() + 7) / 8);
    std::memcpy(language_.phrase_bytes.data(), bytes.data(), bytes.size());
    const std::string_view aligned(reinterpret_cast<const char*>(language_.phrase_bytes.data()),
                                   bytes.size());
    auto table = PhraseTable::open(aligned, error_);
    if (!table) return false;
    language_.phrases = *table;
    return language_.wildcards.build(error_);
  }

 private:
  bool add_combination(const TopicRule& parsed, std::uint16_t rule,
                       const RuleCombination& combination) {
    const auto index = static_cast<std::uint16_t>(language_.combinations.size());
    if (index == TopicRules::kNoCombination) {
      error_ = parsed.file + ": too many combinations in one language";
      return false;
    }
    TopicRules::Combination& row = language_.combinations.emplace_back();
    row.rule = rule;
    row.weight = static_cast<std::int16_t>(combination.weight);
    row.within = combination.within;
    row.group_count = static_cast<std::uint8_t>(combination.groups.size());
    row.name = combination.name;
    for (std::size_t g = 0; g < combination.groups.size(); ++g) {
      if (!combination.groups[g].forbidden) {
        row.wanted = static_cast<std::uint8_t>(row.wanted | 1U << g);
      }
      for (const RuleTerm& term : combination.groups[g].terms) {
        TopicRules::Word word;
        word.rule = rule;
        word.combination = index;
        word.group = static_cast<std::uint8_t>(g);
        if (!add_word(parsed, term, word)) return false;
      }
    }
    return true;
  }

  bool add_word(const TopicRule& parsed, const RuleTerm& term, TopicRules::Word row) {
    const auto value = static_cast<std::uint32_t>(language_.words.size());
    row.kind = term.kind;
    TopicRules::WordText text{term.spelling, term.text, {}};
    bool added = value < TopicRules::kRowsMax;
    if (term.kind == TermKind::tail) {
      append_folded(text.text.substr(term.stem_begin), text.tail);
      added = added && add_phrase(text.text.substr(0, term.stem_begin), value);
    } else if (term.kind == TermKind::prefix) {
      language_.wildcards.add_prefix(term.text, value);
    } else if (term.kind == TermKind::suffix) {
      language_.wildcards.add_suffix(term.text, value);
    } else {
      added = added && add_phrase(term.text, value);
    }
    if (!added) {
      error_ = parsed.file + ":" + std::to_string(term.line) + ":" + std::to_string(term.column) +
               ": \"" + term.spelling + "\" cannot be added";
      return false;
    }
    language_.words.push_back(row);
    language_.texts.push_back(std::move(text));
    return true;
  }

  bool add_phrase(std::string_view phrase, std::uint32_t value) {
    tokens_.clear();
    Tokeniser::tokenise_phrase(phrase, tokens_);
    if (tokens_.size() == 0) return false;
    const std::uint64_t hash = tokens_.hash[0];
    language_.first_words[hash % TopicRules::kFirstBits / 64] |= std::uint64_t{1} << (hash % 64);
    return phrases_.add(phrase, value);
  }

  TopicRules::Language& language_;
  PhraseTableBuilder phrases_;
  Tokens tokens_;
  std::string& error_;
};

}  // namespace

bool TopicRules::compile(LanguageCode code, std::string& error) {
  auto language = std::make_unique<Language>();
  language->code = code;
  language->ordinal = static_cast<std::uint32_t>(languages_.size());
  Compiler compiler(*language, error);
  for (const TopicRule& rule : parsed_) {
    if (rule.language == code && !compiler.add_rule(rule)) return false;
  }
  if (!compiler.finish()) return false;
  languages_.push_back(std::move(language));
  return true;
}

std::shared_ptr<const TopicRules> TopicRules::load(std::span<const EmbeddedFile> files,
                                                   std::shared_ptr<const Vocabulary> vocabulary,
                                                   std::string& error) {
  if (files.size() > kFilesMax) {
    error = "too many rule files";
    return nullptr;
  }
  std::vector<EmbeddedFile> sorted(files.begin(), files.end());
  std::sort(sorted.begin(), sorted.end(), [](const EmbeddedFile& a, const EmbeddedFile& b) {
    return std::pair(a.name, a.bytes) < std::pair(b.name, b.bytes);
  });
  auto rules = std::make_shared<TopicRules>();
  rules->vocabulary_ = std::move(vocabulary);
  for (const EmbeddedFile& file : sorted) {
    if (!parse_rules(file.name, file.bytes, *rules->vocabulary_, rules->parsed_, error)) {
      return nullptr;
    }
  }
  std::set<std::pair<std::string_view, std::uint16_t>> seen;
  std::set<std::string_view> codes;
  for (const TopicRule& rule : rules->parsed_) {
    codes.insert(rule.language.view());
    if (seen.emplace(rule.language.view(), rule.topic).second) continue;
    error = rule.file + ":" + std::to_string(rule.line) + ":1: another file has a rule for " +
            (*rules->vocabulary_)[rule.topic].code + " in \"" + std::string(rule.language.view()) +
            "\"";
    return nullptr;
  }
  for (const std::string_view code : codes) {
    if (!rules->compile(LanguageCode::from_tag(code), error)) return nullptr;
  }
  rules->digest_ = hex_digest(*rules->vocabulary_, sorted);
  return rules;
}

std::shared_ptr<const TopicRules> TopicRules::load_directory(const std::filesystem::path& directory,
                                                             std::string& error) {
  std::error_code status;
  std::vector<std::filesystem::path> paths;
  std::filesystem::directory_iterator entry(directory, status);
  for (; !status && entry != std::filesystem::directory_iterator(); entry.increment(status)) {
    if (entry->path().extension() == ".rules") paths.push_back(entry->path());
  }
  if (status) {
    error = directory.string() + ": " + status.message();
    return nullptr;
  }
  if (paths.empty()) {
    error = directory.string() + ": no *.rules file is here";
    return nullptr;
  }
  auto vocabulary = shipped_vocabulary();
  if (const auto path = directory / "vocabulary.tsv"; std::filesystem::exists(path, status)) {
    std::string text;
    if (!read_file(path, Vocabulary::kBytesMax, text, error)) return nullptr;
    vocabulary = Vocabulary::parse(path.filename().string(), text, error);
    if (!vocabulary) return nullptr;
  }
  std::vector<std::pair<std::string, std::string>> texts;
  for (const std::filesystem::path& path : paths) {
    auto& [name, text] = texts.emplace_back();
    name = path.filename().string();
    if (!read_file(path, RuleLimits::kFileBytesMax, text, error)) return nullptr;
  }
  std::vector<EmbeddedFile> files;
  files.reserve(texts.size());
  for (const auto& [name, text] : texts) files.push_back({name, text});
  return load(files, std::move(vocabulary), error);
}

namespace {

// Shipped artefacts that do not load are a broken build, not an input: stop loudly.
template <class T>
std::shared_ptr<const T> certain(std::shared_ptr<const T> loaded, const std::string& error) {
  if (!loaded) {
    std::fprintf(stderr, "telex: the topic rules in this binary are broken: %s\n", error.c_str());
    std::abort();
  }
  return loaded;
}

}  // namespace

std::shared_ptr<const Vocabulary> TopicRules::shipped_vocabulary() {
  const EmbeddedFile& file = embedded_topic_vocabulary().front();
  std::string error;
  return certain(Vocabulary::parse(file.name, file.bytes, error), error);
}

std::shared_ptr<const TopicRules> TopicRules::shipped() {
  std::string error;
  return certain(load(embedded_topic_rules(), shipped_vocabulary(), error), error);
}

const TopicRules::Language* TopicRules::find(LanguageCode code) const {
  // A handful of languages: a scan beats any index.
  for (const auto& language : languages_) {
    if (language->code == code) return language.get();
  }
  return nullptr;
}

}  // namespace telex
