// TopicRules: the rules of every language, compiled for the topic stage.
//
// A language is on its own: one phrase table over its words (so no longer phrase of another
// language can hide a word), one table of wildcards, and flat arrays. What the words mean is
// written in rule_parser.h, how an article is scored in topic_stage.h.
//
// Ownership: owns everything; views in Annotations (codes, labels, words) point into it, so whoever
//            keeps those keeps a shared_ptr to this.
// Threads:   immutable; share freely.
// Errors:    loading gives null and the reason; there is no half-loaded TopicRules.
// Limits:    RuleLimits a file, kFilesMax files, kRowsMax words a language.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "process/embedded_file.h"
#include "process/text/phrase_table.h"
#include "process/topics/rule_parser.h"
#include "process/topics/vocabulary.h"
#include "process/topics/wildcards.h"
#include "schemas/types.h"

namespace telex {

class TopicRules {
 public:
  static constexpr std::size_t kFilesMax = 256;
  static constexpr std::size_t kRowsMax = 1U << 20;

  static constexpr std::uint16_t kNoCombination = 0xFFFF;
  static constexpr std::uint64_t kFirstBits = 1U << 17;  // 16 KiB a language.

  // A word of a rule, or of a group of a combination: a row that tables give as their value. Small,
  // because every hit reads one; what is read more rarely stands in WordText.
  struct Word {
    std::uint16_t rule = 0;
    std::uint16_t combination = kNoCombination;  // Index into Language::combinations.
    std::int16_t weight = 0;                     // Of a word that belongs to no combination.
    std::uint8_t group = 0;                      // Of the combination.
    TermKind kind = TermKind::phrase;
    bool has_tail() const { return kind == TermKind::tail; }
  };
  struct WordText {
    std::string_view spelling;  // As the rule has it.
    std::string_view text;      // Without '*' and '='.
    // Of "car crash*", folded: the phrase table has "car", and the next word must begin with this.
    std::string tail;
  };

  struct Combination {
    std::uint16_t rule = 0;
    std::int16_t weight = 0;
    std::uint32_t within = kAnywhere;
    std::uint8_t group_count = 0;
    std::uint8_t wanted = 0;  // A bit for each group; those not here are forbidden ones.
    std::string_view name;
  };

  // One topic.
  struct Rule {
    std::uint16_t topic = 0;  // Index into vocabulary().
    std::int32_t threshold = 0;
    std::int32_t heading = 1;
    std::int32_t cap = 1;
  };

  struct Language {
    LanguageCode code;
    std::uint32_t ordinal = 0;  // Index into languages().
    std::vector<Rule> rules;
    std::vector<Word> words;
    std::vector<WordText> texts;  // As long as words.
    std::vector<Combination> combinations;
    std::vector<std::uint64_t> phrase_bytes;  // 8-byte aligned; phrases is a view of it.
    PhraseTable phrases;
    bool may_begin_phrase(std::uint64_t hash) const {
      return (first_words[hash % kFirstBits / 64] >> (hash % 64) & 1U) != 0;
    }
    // A bit for each hash (its low bits) of a word that phrases begin with: clear is certain.
    std::vector<std::uint64_t> first_words;
    WildcardTable wildcards;
  };

  // Compiles rule files, each with its name for messages; the order does not matter.
  // Null, and "file:line:column: what is wrong" in `error`, if one of them is faulty or two have a
  // rule for the same topic and language.
  static std::shared_ptr<const TopicRules> load(std::span<const EmbeddedFile> files,
                                                std::shared_ptr<const Vocabulary> vocabulary,
                                                std::string& error);
  // All *.rules files of a folder, and vocabulary.tsv if it is there, else the shipped vocabulary.
  static std::shared_ptr<const TopicRules> load_directory(const std::filesystem::path& directory,
                                                          std::string& error);
  // The rules in the binary. Never null: the tests hold them to load().
  static std::shared_ptr<const TopicRules> shipped();
  static std::shared_ptr<const Vocabulary> shipped_vocabulary();

  // Null where `code` has no rules.
  const Language* find(LanguageCode code) const;
  std::span<const std::unique_ptr<const Language>> languages() const { return languages_; }
  const Vocabulary& vocabulary() const { return *vocabulary_; }
  const std::string& vocabulary_release() const { return vocabulary_->release(); }
  // XXH3-128 over the vocabulary and the files, by name; 32 lower-case hex digits.
  const std::string& digest() const { return digest_; }
  // The rules as written, for lint and for telling people about them.
  std::span<const TopicRule> parsed() const { return parsed_; }

 private:
  bool compile(LanguageCode code, std::string& error);

  std::shared_ptr<const Vocabulary> vocabulary_;
  std::vector<TopicRule> parsed_;  // Languages' views point into its strings.
  std::vector<std::unique_ptr<const Language>> languages_;  // By code.
  std::string digest_;
};

}  // namespace telex
