// The matchers that the phrase table is measured against, each as the textbook has it.
//
// Both give the same answers as PhraseTable over folded words: hits at word boundaries, leftmost
// first, of those that begin together the longest, none overlapping.
//
// Threads: immutable once made.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "schemas/tokens.h"

namespace telex::bench {

// Every stretch of tokens looked up in a set, longest first: slow and obviously right.
class ReferenceMatcher {
 public:
  explicit ReferenceMatcher(std::span<const std::string> phrases);
  std::uint64_t count(const Tokens& tokens) const;

 private:
  std::unordered_set<std::string> phrases_;  // The hashes of the tokens, as bytes.
  std::uint32_t tokens_max_ = 0;
};

// Aho and Corasick, "Efficient string matching: an aid to bibliographic search" (1975), over bytes,
// with the goto function as a double array (Aoe 1989) and failure links.
class AhoCorasick {
 public:
  // `phrases` folded, as `text` must be.
  explicit AhoCorasick(std::span<const std::string> phrases);
  std::uint64_t count(std::string_view text) const;
  std::size_t bytes() const;

 private:
  static constexpr std::uint32_t kNoState = 0xFFFFFFFFU;
  std::uint32_t child(std::uint32_t state, unsigned char byte) const {
    const std::uint32_t at = base_[state] + byte + 1;
    return at < check_.size() && check_[at] == state ? at : kNoState;
  }

  std::vector<std::uint32_t> base_;
  std::vector<std::uint32_t> check_;
  std::vector<std::uint32_t> fail_;
  std::vector<std::uint32_t> length_;       // Of the phrase that ends here; 0 = none.
  std::vector<std::uint32_t> next_output_;  // The nearest failure state with a phrase; 0 = none.
};

}  // namespace telex::bench
