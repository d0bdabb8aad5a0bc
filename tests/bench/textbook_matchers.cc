#include "tests/bench/textbook_matchers.h"

#include <algorithm>
#include <array>
#include <deque>
#include <map>

#include "process/text/tokeniser.h"

namespace telex::bench {
namespace {

std::string hashes_as_bytes(const Tokens& tokens, std::uint32_t first, std::uint32_t count) {
  return {reinterpret_cast<const char*>(tokens.hash.data() + first), count * sizeof(std::uint64_t)};
}

bool is_word_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
         static_cast<unsigned char>(c) >= 0x80;
}

}  // namespace

ReferenceMatcher::ReferenceMatcher(std::span<const std::string> phrases) {
  Tokens tokens;
  for (const std::string& phrase : phrases) {
    tokens.clear();
    Tokeniser::tokenise_phrase(phrase, tokens);
    phrases_.insert(hashes_as_bytes(tokens, 0, tokens.size()));
    tokens_max_ = std::max(tokens_max_, tokens.size());
  }
}

std::uint64_t ReferenceMatcher::count(const Tokens& tokens) const {
  std::uint64_t hits = 0;
  for (std::uint32_t first = 0; first < tokens.size();) {
    std::uint32_t step = 1;
    std::uint32_t longest = std::min(tokens_max_, tokens.size() - first);
    for (std::uint32_t i = 1; i < longest; ++i) {
      if (tokens.sentence[first + i] != tokens.sentence[first]) longest = i;
    }
    for (std::uint32_t count = longest; count > 0; --count) {
      if (!phrases_.contains(hashes_as_bytes(tokens, first, count))) continue;
      ++hits;
      step = count;
      break;
    }
    first += step;
  }
  return hits;
}

AhoCorasick::AhoCorasick(std::span<const std::string> phrases) {
  // Sorted phrases are the trie: a node is a range of them and a depth.
  std::vector<std::string_view> sorted(phrases.begin(), phrases.end());
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());

  struct Node {
    std::uint32_t state, first, last, depth;
  };
  const auto grow = [this](std::size_t size) {
    if (size <= check_.size()) return;
    size = std::max(size, check_.size() * 2);
    base_.resize(size, 0);
    check_.resize(size, kNoState);
    fail_.resize(size, 0);
    length_.resize(size, 0);
    next_output_.resize(size, 0);
  };
  grow(1024);
  check_[0] = 0;  // The root; no state leads to it.

  std::uint32_t free_from = 257;             // Below, no base could be found for most bytes.
  std::vector<std::uint32_t> breadth_first;  // All states but the root.
  std::vector<std::uint32_t> parents;
  std::vector<unsigned char> bytes;
  std::deque<Node> queue{{0, 0, static_cast<std::uint32_t>(sorted.size()), 0}};
  while (!queue.empty()) {
    Node node = queue.front();
    queue.pop_front();
    if (node.first < node.last && sorted[node.first].size() == node.depth) {
      length_[node.state] = node.depth;
      ++node.first;
    }
    std::vector<Node> children;
    bytes.clear();
    for (std::uint32_t i = node.first; i < node.last; ++i) {
      const auto byte = static_cast<unsigned char>(sorted[i][node.depth]);
      if (bytes.empty() || bytes.back() != byte) {
        bytes.push_back(byte);
        children.push_back({0, i, i, node.depth + 1});
      }
      children.back().last = i + 1;
    }
    if (children.empty()) continue;
    while (free_from < check_.size() && check_[free_from] != kNoState) ++free_from;
    std::uint32_t base = free_from > bytes[0] + 1U ? free_from - bytes[0] - 1 : 0;
    for (bool fits = false; !fits; base += fits ? 0 : 1) {
      grow(base + 258);
      fits = std::all_of(bytes.begin(), bytes.end(),
                         [&](unsigned char byte) { return check_[base + byte + 1] == kNoState; });
    }
    base_[node.state] = base;
    for (std::size_t i = 0; i < children.size(); ++i) {
      children[i].state = base + bytes[i] + 1;
      check_[children[i].state] = node.state;
      queue.push_back(children[i]);
      breadth_first.push_back(children[i].state);
      parents.push_back(node.state);
    }
  }

  for (std::size_t i = 0; i < breadth_first.size(); ++i) {
    const std::uint32_t state = breadth_first[i];
    const std::uint32_t parent = parents[i];
    if (parent == 0) continue;  // Children of the root fail to the root.
    const auto byte = static_cast<unsigned char>(state - base_[parent] - 1);
    std::uint32_t fail = fail_[parent];
    while (fail != 0 && child(fail, byte) == kNoState) fail = fail_[fail];
    const std::uint32_t target = child(fail, byte);
    fail_[state] = target == kNoState ? 0 : target;
    next_output_[state] = length_[fail_[state]] != 0 ? fail_[state] : next_output_[fail_[state]];
  }
}

std::uint64_t AhoCorasick::count(std::string_view text) const {
  // The longest hit by where it begins, in a ring as long as any phrase that matters here.
  struct Hit {
    std::size_t begin, end;
  };
  std::vector<Hit> hits;
  std::uint32_t state = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    std::uint32_t next = child(state, byte);
    while (next == kNoState && state != 0) {
      state = fail_[state];
      next = child(state, byte);
    }
    state = next == kNoState ? 0 : next;
    std::uint32_t output = length_[state] != 0 ? state : next_output_[state];
    if (output == 0 || (i + 1 < text.size() && is_word_byte(text[i + 1]))) continue;
    for (; output != 0; output = next_output_[output]) {
      const std::size_t begin = i + 1 - length_[output];
      if (begin == 0 || !is_word_byte(text[begin - 1])) hits.push_back({begin, i + 1});
    }
  }
  std::sort(hits.begin(), hits.end(), [](const Hit& a, const Hit& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.end > b.end;
  });
  std::uint64_t count = 0;
  std::size_t settled = 0;
  for (const Hit& hit : hits) {
    if (hit.begin < settled) continue;
    ++count;
    settled = hit.end;
  }
  return count;
}

std::size_t AhoCorasick::bytes() const { return check_.size() * 5 * sizeof(std::uint32_t); }

}  // namespace telex::bench
