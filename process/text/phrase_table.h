// PhraseTable: all phrases of an artefact (names of a pack, words of the topic rules, cues) in one
// flat table over token hashes, searched from every token of a text for the longest match.
//
// Layout (drawn in the .cc): a trie whose edges live in one open-addressing hash table. An edge is
// found by mix(node, token hash); a bit filter over first tokens (two bits a token, 16 bits a
// phrase start) answers "no phrase begins here" without touching the table. So the cost of a token
// does not grow with the number of phrases: at most one filter probe, then one edge probe a matched
// token + 1.
//
// Ownership: PhraseTable is a view of bytes (a mapped pack, or the buffer of a PhraseTableBuilder),
//            which must outlive it and be 8-byte aligned. The bytes hold offsets, never pointers,
//            and are the same for the same phrases in any order of adding (little endian).
// Threads:   immutable after open(); share freely.
// Errors:    open() checks the header and every bound, and refuses what does not fit.
//
// A 64-bit hash stands for a word. Two different words with one hash would be taken for each other:
// for 2 million distinct words the chance that any two collide is about 1e-7 (birthday bound).
// Callers that must be certain compare the surface (a pack does, before it asserts a link).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/tokens.h"

namespace telex {

// What a phrase stands for: the owner's own number (an alias row, a rule word). Several values may
// share one phrase; they come out in ascending order.
using PhraseValue = std::uint32_t;

struct PhraseHit {
  std::uint32_t first_token = 0;  // Absolute index into Tokens.
  std::uint32_t token_count = 0;
  IndexRange values;  // Into PhraseTable::values().
};

class PhraseTable {
 public:
  static constexpr std::uint32_t kTokensMax = 16;  // Longest phrase.

  PhraseTable() = default;
  // nullopt, and the reason in `error`, if `bytes` is no phrase table.
  static std::optional<PhraseTable> open(std::string_view bytes, std::string& error);

  // The longest phrase that begins at token `first` and ends before `last`; false = none.
  // Phrases never cross a part or a sentence. Joins (hyphen, apostrophe) do not matter here.
  // Inline up to the filter: two tokens in three begin nothing, and go no further.
  bool longest(const Tokens& tokens, std::uint32_t first, std::uint32_t last,
               PhraseHit& hit) const {
    return first < last && may_begin(tokens.hash[first]) && longest_from(tokens, first, last, hit);
  }
  // Every phrase that begins at `first`, shortest first; returns how many were appended.
  std::uint32_t all(const Tokens& tokens, std::uint32_t first, std::uint32_t last,
                    std::vector<PhraseHit>& out) const;
  // One word alone, by hash (parts of compounds, genitives without their s).
  bool word(std::uint64_t hash, IndexRange& values) const;

  PhraseValue value(std::uint32_t index) const { return values_[index]; }
  std::span<const PhraseValue> values(IndexRange range) const {
    return values_.subspan(range.first, range.count);
  }
  std::uint32_t phrase_count() const { return phrase_count_; }

 private:
  struct Slot {               // One edge of the trie and the node it leads to.
    std::uint64_t key = 0;    // mix(key of the edge before it, token hash); 0 = free.
    std::uint64_t next = 0;   // Which tokens may follow: bit (hash >> 12) % 64 of each; 0 = none.
    std::uint32_t first = 0;  // Its values ...
    std::uint32_t count = 0;  // ... 0 = no phrase ends here.
  };
  friend class PhraseTableBuilder;

  const Slot* find(std::uint64_t parent, std::uint64_t hash) const;
  bool longest_from(const Tokens& tokens, std::uint32_t first, std::uint32_t last,
                    PhraseHit& hit) const;
  // The filter: the word by the high half of the hash, two bits in it by the low twelve.
  static std::uint64_t filter_bits(std::uint64_t hash) {
    return (1ULL << (hash & 63U)) | (1ULL << ((hash >> 6U) & 63U));
  }
  static std::size_t filter_word(std::uint64_t hash, std::size_t words) {
    return static_cast<std::size_t>(hash >> 32U) & (words - 1);
  }
  bool may_begin(std::uint64_t hash) const {
    if (filter_.empty()) return false;
    const std::uint64_t bits = filter_bits(hash);
    return (filter_[filter_word(hash, filter_.size())] & bits) == bits;
  }
  template <class Visit>  // Called for every phrase that begins at `first`, shortest first.
  void walk(const Tokens& tokens, std::uint32_t first, std::uint32_t last, Visit visit) const;

  std::uint64_t seed_ = 0;
  std::span<const Slot> slots_;
  std::span<const std::uint64_t> filter_;
  std::span<const PhraseValue> values_;
  std::uint32_t phrase_count_ = 0;
};

class PhraseTableBuilder {
 public:
  // Adds a phrase as the tokeniser cuts it. False if it has no word or more than kTokensMax tokens.
  bool add(std::string_view phrase, PhraseValue value);
  std::uint32_t size() const { return static_cast<std::uint32_t>(entries_.size()); }
  // The table's bytes; the builder is empty afterwards.
  std::string build();

 private:
  struct Entry {
    std::uint64_t first = 0;  // Offset of its hashes in hashes_.
    std::uint32_t count = 0;
    PhraseValue value = 0;
  };
  struct Trie;
  Trie make_trie();

  std::vector<std::uint64_t> hashes_;
  std::vector<Entry> entries_;
  Tokens scratch_;
};

}  // namespace telex
