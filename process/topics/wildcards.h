// Wildcards: finds the rule words with a '*' at one end that fit a word of a text.
//
// Two tables, one for beginnings (vredes*) and one for ends (*overleg), each keyed by the three
// outermost bytes of the folded stem in a small hash table. Most words of a text are answered by
// one probe of each; only what passes is folded in full and compared with the few stems of its key.
// So a word costs the same whether there are ten wildcards or four thousand, and folding, which is
// dear for words with diacritics, is left out wherever the key can be read from plain ASCII.
//
// Ownership: owns its stems. Threads: immutable after build(); share freely.
// Limits:    kStemsMax stems and kBucketMax stems a key; add() and build() refuse more.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace telex {

class WildcardTable {
 public:
  static constexpr std::size_t kStemsMax = 1U << 15;
  static constexpr std::size_t kBucketMax = 128;
  static constexpr std::size_t kKeyBytes = 3;

  // `value` is the caller's number for the wildcard; several may share a stem.
  // REQUIRES: the folded stem has at least kKeyBytes bytes.
  void add_prefix(std::string_view stem, std::uint32_t value) { add(prefixes_, stem, value); }
  void add_suffix(std::string_view stem, std::uint32_t value) { add(suffixes_, stem, value); }
  // False, and the reason in `error`, where a limit is passed. Nothing may be added afterwards.
  bool build(std::string& error);

  // Appends the values of every wildcard that fits `word` (UTF-8, one token) to `out`: longest stem
  // first, of equal stems beginnings before ends, then by value. `scratch` is working memory.
  void find(std::string_view word, std::string& scratch, std::vector<std::uint32_t>& out) const;

  bool empty() const { return prefixes_.stems.empty() && suffixes_.stems.empty(); }

 private:
  struct Stem {
    std::uint32_t key = 0;
    std::uint32_t value = 0;
    std::string text;  // Folded.
  };
  struct Side {
    explicit Side(bool end) : at_end(end) {}
    bool at_end;
    std::vector<Stem> stems;            // By key, then longest first, then value.
    std::vector<std::uint32_t> keys;    // Each key once, ascending ...
    std::vector<std::uint32_t> firsts;  // ... and its first stem; one more at the end.
    std::vector<std::uint16_t> slots;   // Open addressing: index into keys + 1; 0 = free.
    std::uint32_t shift = 31;           // Of the hash; slots.size() is 2^(32 - shift).
  };
  static constexpr std::uint32_t kNoKey = 0xFFFFFFFFU;

  static void add(Side& side, std::string_view stem, std::uint32_t value);
  static bool build_side(Side& side, std::string& error);
  // Index into keys, or kNoKey.
  static std::uint32_t find_key(const Side& side, std::uint32_t key);
  // Whether a stem of `side` may fit: false is certain.
  static bool may_fit(const Side& side, std::string_view word);
  static std::span<const Stem> bucket(const Side& side, std::string_view folded_word);

  Side prefixes_{false};
  Side suffixes_{true};
};

}  // namespace telex
