// WordMemo: what the last few thousand different words came to, so that the common words of a
// language, which are most of any text and in no rule, cost one load.
//
// It is only a short cut: with it or without it the same words are found. Words are told apart by
// their 64-bit hashes alone, as everywhere (see phrase_table.h).
//
// Threads: one lane each. Limits: kWords words and kRowsMax rows; it forgets rather than grows.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "process/topics/rules.h"

namespace telex {

class WordMemo {
 public:
  static constexpr std::size_t kWords = 8192;  // 128 KiB: stays in the second-level cache.
  static constexpr std::size_t kRowsMax = 16384;

  struct Entry {
    std::uint64_t key = 0;
    std::uint32_t first = 0;     // Its wildcards' words: rows of TopicRules::Language::words, ...
    std::uint16_t count = 0;     // ... longest stem first.
    bool begins_phrase = false;  // Whether a word or phrase of a rule may begin with it.
  };

  WordMemo();

  // REQUIRED before the first word of other rules than before.
  void clear();

  static std::uint64_t key(const TopicRules::Language& language, std::uint64_t hash) {
    // |1 because 0 marks a free place.
    return (hash ^ (language.ordinal * 0x9E3779B97F4A7C15ULL)) | 1U;
  }
  // Null: not known (any more); then learn() it. Valid until the next learn() or clear().
  const Entry* known(std::uint64_t key) const {
    const Entry& entry = entries_[(key >> 20) % kWords];
    return entry.key == key ? &entry : nullptr;
  }
  // `word` is the token's surface, `hash` its folded hash.
  const Entry* learn(std::uint64_t key, const TopicRules::Language& language, std::uint64_t hash,
                     std::string_view word);
  std::span<const std::uint32_t> rows(const Entry& entry) const {
    return std::span(rows_).subspan(entry.first, entry.count);
  }

 private:
  std::vector<Entry> entries_;  // Direct-mapped: a newer word takes an older one's place.
  std::vector<std::uint32_t> rows_;
  std::string scratch_;
};

}  // namespace telex
