#include "process/topics/wildcards.h"

#include <algorithm>
#include <tuple>

#include "process/text/fold.h"

namespace telex {
namespace {

std::uint32_t byte_at(std::string_view text, std::size_t index) {
  return static_cast<unsigned char>(text[index]);
}

// The three outermost bytes of one side of `text`. REQUIRES: text has that many.
std::uint32_t outer_bytes(std::string_view text, bool at_end) {
  const std::size_t first = at_end ? text.size() - WildcardTable::kKeyBytes : 0;
  return byte_at(text, first) << 16 | byte_at(text, first + 1) << 8 | byte_at(text, first + 2);
}

// Case folding of three ASCII bytes at once: sets bit 5 of each byte that is a capital.
std::uint32_t lower_ascii(std::uint32_t key) {
  for (std::uint32_t shift = 0; shift < 24; shift += 8) {
    const std::uint32_t c = (key >> shift) & 0xFF;
    if (c >= 'A' && c <= 'Z') key |= 0x20U << shift;
  }
  return key;
}

// Fibonacci hashing: the top bits of the product.
std::size_t slot_of(std::uint32_t key, std::uint32_t shift) { return (key * 2654435769U) >> shift; }

}  // namespace

void WildcardTable::add(Side& side, std::string_view stem, std::uint32_t value) {
  Stem row;
  append_folded(stem, row.text);
  row.key = outer_bytes(row.text, side.at_end);
  row.value = value;
  side.stems.push_back(std::move(row));
}

bool WildcardTable::build_side(Side& side, std::string& error) {
  if (side.stems.size() > kStemsMax) {
    error = "too many words with '*'";
    return false;
  }
  std::sort(side.stems.begin(), side.stems.end(), [](const Stem& a, const Stem& b) {
    return std::tuple(a.key, b.text.size(), std::string_view(a.text), a.value) <
           std::tuple(b.key, a.text.size(), std::string_view(b.text), b.value);
  });
  for (std::size_t i = 0; i < side.stems.size(); ++i) {
    const Stem& stem = side.stems[i];
    if (i > 0 && stem.key == side.stems[i - 1].key) continue;
    side.keys.push_back(stem.key);
    side.firsts.push_back(static_cast<std::uint32_t>(i));
  }
  side.firsts.push_back(static_cast<std::uint32_t>(side.stems.size()));
  for (std::size_t i = 0; i < side.keys.size(); ++i) {
    if (side.firsts[i + 1] - side.firsts[i] <= kBucketMax) continue;
    error =
        "too many words with '*' share the letters of \"" + side.stems[side.firsts[i]].text + "\"";
    return false;
  }
  // At most a quarter full, so that a probe seldom meets another key.
  while ((std::size_t{1} << (32 - side.shift)) < 4 * side.keys.size()) --side.shift;
  side.slots.assign(std::size_t{1} << (32 - side.shift), 0);
  for (std::size_t i = 0; i < side.keys.size(); ++i) {
    std::size_t slot = slot_of(side.keys[i], side.shift);
    while (side.slots[slot] != 0) slot = (slot + 1) & (side.slots.size() - 1);
    side.slots[slot] = static_cast<std::uint16_t>(i + 1);
  }
  return true;
}

std::uint32_t WildcardTable::find_key(const Side& side, std::uint32_t key) {
  std::size_t slot = slot_of(key, side.shift);
  for (; side.slots[slot] != 0; slot = (slot + 1) & (side.slots.size() - 1)) {
    const std::uint32_t index = side.slots[slot] - 1U;
    if (side.keys[index] == key) return index;
  }
  return kNoKey;
}

bool WildcardTable::build(std::string& error) {
  return build_side(prefixes_, error) && build_side(suffixes_, error);
}

bool WildcardTable::may_fit(const Side& side, std::string_view word) {
  // Folding can shorten a word or bring it to length ("ß", ligatures): only plain ASCII is decided.
  if (word.size() < kKeyBytes) return (byte_at(word, 0) & 0x80) != 0;
  const std::uint32_t key = outer_bytes(word, side.at_end);
  return (key & 0x808080) != 0 || find_key(side, lower_ascii(key)) != kNoKey;
}

std::span<const WildcardTable::Stem> WildcardTable::bucket(const Side& side,
                                                           std::string_view folded_word) {
  if (folded_word.size() < kKeyBytes) return {};
  const std::uint32_t index = find_key(side, outer_bytes(folded_word, side.at_end));
  if (index == kNoKey) return {};
  return std::span(side.stems)
      .subspan(side.firsts[index], side.firsts[index + 1] - side.firsts[index]);
}

void WildcardTable::find(std::string_view word, std::string& scratch,
                         std::vector<std::uint32_t>& out) const {
  if (word.empty() || empty()) return;
  const bool front = !prefixes_.stems.empty() && may_fit(prefixes_, word);
  const bool back = !suffixes_.stems.empty() && may_fit(suffixes_, word);
  if (!front && !back) return;
  scratch.clear();
  append_folded(word, scratch);
  const std::string_view folded_word = scratch;
  const auto beginnings = front ? bucket(prefixes_, folded_word) : std::span<const Stem>{};
  const auto ends = back ? bucket(suffixes_, folded_word) : std::span<const Stem>{};
  // Both buckets run from long to short: a merge keeps that order.
  auto a = beginnings.begin();
  auto b = ends.begin();
  while (a != beginnings.end() || b != ends.end()) {
    const bool from_front =
        b == ends.end() || (a != beginnings.end() && a->text.size() >= b->text.size());
    if (from_front) {
      if (folded_word.starts_with(a->text)) out.push_back(a->value);
      ++a;
    } else {
      if (folded_word.ends_with(b->text)) out.push_back(b->value);
      ++b;
    }
  }
}

}  // namespace telex
