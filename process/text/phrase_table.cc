// Layout of a phrase table, little endian, every block 8-byte aligned:
//
//   FileHeader 48 bytes     magic, versions, sizes, seed
//   slots    24 bytes each   edges of the trie, open addressing with linear probing
//   filter    8 bytes each   one word of 64 bits for about four first tokens
//   values    4 bytes each   by phrase, ascending within a phrase; padded to 8
//
// An edge is named by its key, which is made of the key of the edge before it (0 at the root) and
// the token's hash; edges are placed in the order of the sorted phrases. The slot of a key is (high
// half of key * slot count) >> 32, so that any number of slots can be had, not only powers of two,
// and the load is always just below 7/10. Both filter bits of a token lie in one word, so a probe
// costs one cache line; with four tokens a word and two bits a token about 2 in 100 tokens pass
// that begin no phrase ((8/64)^2, and the spread of a Poisson distribution).
#include "process/text/phrase_table.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "process/text/fold.h"
#include "process/text/tokeniser.h"

namespace telex {
namespace {

static_assert(std::endian::native == std::endian::little, "the layout is little endian");

constexpr std::uint64_t kMagic = 0x3145534152485054ULL;  // "TPHRASE1".
constexpr std::uint32_t kLayoutVersion = 1;
constexpr std::uint64_t kLoadParts = 10;  // 7 of 10 slots are taken at most.
constexpr std::uint64_t kLoadTaken = 7;
constexpr std::uint64_t kStartsPerWord = 4;

struct FileHeader {
  std::uint64_t magic = kMagic;
  std::uint32_t layout_version = kLayoutVersion;
  std::uint32_t fold_version = kFoldVersion;
  std::uint32_t slot_count = 0;
  std::uint32_t filter_words = 0;  // A power of two.
  std::uint32_t value_count = 0;
  std::uint32_t phrase_count = 0;
  std::uint64_t seed = 0;
  std::uint64_t reserved = 0;
};
static_assert(sizeof(FileHeader) == 48);

constexpr std::uint64_t padded(std::uint64_t bytes) { return (bytes + 7) / 8 * 8; }

// The key of an edge: two rounds of multiply and xor-shift (constants of splitmix64's finaliser,
// Steele et al. 2014), so that the high half is as good as the low one. Never 0 in a built table.
constexpr std::uint64_t mix(std::uint64_t seed, std::uint64_t parent, std::uint64_t hash) {
  std::uint64_t key = hash ^ ((seed + parent) * 0x9E3779B97F4A7C15ULL);
  key = (key ^ (key >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  key = (key ^ (key >> 27U)) * 0x94D049BB133111EBULL;
  return key ^ (key >> 31U);
}

constexpr std::size_t slot_of(std::uint64_t key, std::size_t slot_count) {
  return static_cast<std::size_t>(((key >> 32U) * slot_count) >> 32U);
}

constexpr std::uint64_t next_bit(std::uint64_t hash) { return 1ULL << ((hash >> 12U) & 63U); }

template <class T>
std::span<const T> view(std::string_view bytes, std::uint64_t offset, std::uint64_t count) {
  const void* first = bytes.data() + offset;
  return {static_cast<const T*>(first), static_cast<std::size_t>(count)};
}

template <class T>
void put(std::string& bytes, std::uint64_t offset, const T* first, std::size_t count) {
  if (count != 0) std::memcpy(bytes.data() + offset, first, count * sizeof(T));
}

}  // namespace

std::optional<PhraseTable> PhraseTable::open(std::string_view bytes, std::string& error) {
  const auto refuse = [&error](std::string_view why) {
    error.assign("not a phrase table: ").append(why);
    return std::nullopt;
  };
  static_assert(sizeof(Slot) == 24 && alignof(Slot) == 8);
  FileHeader header;
  if (bytes.size() < sizeof header) return refuse("too short");
  if (reinterpret_cast<std::uintptr_t>(bytes.data()) % 8 != 0) return refuse("not aligned");
  std::memcpy(&header, bytes.data(), sizeof header);
  if (header.magic != kMagic) return refuse("another kind of file");
  if (header.layout_version != kLayoutVersion) return refuse("another layout version");
  if (header.fold_version != kFoldVersion) return refuse("made with another folding");
  if (header.slot_count == 0 || !std::has_single_bit(header.filter_words)) return refuse("sizes");
  const std::uint64_t slots = sizeof header;
  const std::uint64_t filter = slots + std::uint64_t{header.slot_count} * sizeof(Slot);
  const std::uint64_t values = filter + std::uint64_t{header.filter_words} * 8;
  const std::uint64_t end = values + padded(std::uint64_t{header.value_count} * 4);
  if (end != bytes.size()) return refuse("length");

  PhraseTable table;
  table.seed_ = header.seed;
  table.slots_ = view<Slot>(bytes, slots, header.slot_count);
  table.filter_ = view<std::uint64_t>(bytes, filter, header.filter_words);
  table.values_ = view<PhraseValue>(bytes, values, header.value_count);
  table.phrase_count_ = header.phrase_count;
  std::uint64_t taken = 0;
  std::uint64_t phrases = 0;
  for (const Slot& slot : table.slots_) {
    if (slot.key == 0) continue;
    ++taken;
    phrases += slot.count != 0 ? 1U : 0U;
    if (std::uint64_t{slot.first} + slot.count > header.value_count) return refuse("value range");
  }
  // Free slots are what ends a search for a word that is not there.
  if (taken * kLoadParts > std::uint64_t{header.slot_count} * kLoadTaken) return refuse("load");
  if (phrases != header.phrase_count) return refuse("phrase count");
  return table;
}

const PhraseTable::Slot* PhraseTable::find(std::uint64_t parent, std::uint64_t hash) const {
  const std::uint64_t key = mix(seed_, parent, hash);
  for (std::size_t i = slot_of(key, slots_.size());;) {
    const Slot& slot = slots_[i];
    if (slot.key == key) return slot.key == 0 ? nullptr : &slot;
    if (slot.key == 0) return nullptr;
    if (++i == slots_.size()) i = 0;
  }
}

template <class Visit>
void PhraseTable::walk(const Tokens& tokens, std::uint32_t first, std::uint32_t last,
                       Visit visit) const {
  last = std::min(last, first + std::min(kTokensMax, last - first));
  std::uint64_t parent = 0;
  std::uint64_t may_follow = ~std::uint64_t{0};
  for (std::uint32_t i = first; i < last; ++i) {
    const std::uint64_t hash = tokens.hash[i];
    if ((may_follow & next_bit(hash)) == 0) return;
    if (tokens.sentence[i] != tokens.sentence[first] || tokens.part[i] != tokens.part[first])
      return;
    const Slot* slot = find(parent, hash);
    if (slot == nullptr) return;
    if (slot->count != 0) visit(PhraseHit{first, i + 1 - first, {slot->first, slot->count}});
    may_follow = slot->next;
    parent = slot->key;
  }
}

bool PhraseTable::longest_from(const Tokens& tokens, std::uint32_t first, std::uint32_t last,
                               PhraseHit& hit) const {
  bool found = false;
  walk(tokens, first, last, [&](const PhraseHit& next) {
    hit = next;
    found = true;
  });
  return found;
}

std::uint32_t PhraseTable::all(const Tokens& tokens, std::uint32_t first, std::uint32_t last,
                               std::vector<PhraseHit>& out) const {
  if (first >= last || !may_begin(tokens.hash[first])) return 0;
  const std::size_t before = out.size();
  walk(tokens, first, last, [&](const PhraseHit& next) { out.push_back(next); });
  return static_cast<std::uint32_t>(out.size() - before);
}

bool PhraseTable::word(std::uint64_t hash, IndexRange& values) const {
  if (!may_begin(hash)) return false;
  const Slot* slot = find(0, hash);
  if (slot == nullptr || slot->count == 0) return false;
  values = {slot->first, slot->count};
  return true;
}

bool PhraseTableBuilder::add(std::string_view phrase, PhraseValue value) {
  scratch_.clear();
  Tokeniser::tokenise_phrase(phrase, scratch_);
  const std::uint32_t count = scratch_.size();
  if (count == 0 || count > PhraseTable::kTokensMax) return false;
  constexpr std::uint16_t kWordlike = TokenShape::kWord | TokenShape::kNumber;
  if (std::none_of(scratch_.shape.begin(), scratch_.shape.end(),
                   [](std::uint16_t shape) { return (shape & kWordlike) != 0; })) {
    return false;
  }
  entries_.push_back({hashes_.size(), count, value});
  hashes_.insert(hashes_.end(), scratch_.hash.begin(), scratch_.hash.end());
  return true;
}

// The trie in the order of the sorted phrases: a parent always stands before its children.
struct PhraseTableBuilder::Trie {
  static constexpr std::uint32_t kRoot = 0xFFFFFFFFU;
  struct Edge {
    std::uint32_t parent = kRoot;  // Index of the edge before it.
    std::uint64_t hash = 0;
    PhraseTable::Slot slot;
  };
  std::vector<Edge> edges;
  std::vector<PhraseValue> values;
  std::uint32_t phrase_count = 0;
  std::uint32_t start_count = 0;  // Edges that leave the root.
};

PhraseTableBuilder::Trie PhraseTableBuilder::make_trie() {
  const auto hashes = [this](const Entry& entry) {
    return std::span(hashes_).subspan(static_cast<std::size_t>(entry.first), entry.count);
  };
  std::sort(entries_.begin(), entries_.end(), [&](const Entry& a, const Entry& b) {
    const auto left = hashes(a);
    const auto right = hashes(b);
    const auto order = std::lexicographical_compare_three_way(left.begin(), left.end(),
                                                              right.begin(), right.end());
    return order == 0 ? a.value < b.value : order < 0;
  });
  Trie trie;
  std::vector<std::uint32_t> path;  // Edges of the phrase before, from the root.
  std::span<const std::uint64_t> before;
  for (const Entry& entry : entries_) {
    const auto words = hashes(entry);
    std::size_t shared = 0;
    while (shared < std::min(words.size(), before.size()) && words[shared] == before[shared]) {
      ++shared;
    }
    path.resize(shared);
    for (std::size_t i = shared; i < words.size(); ++i) {
      const std::uint32_t parent = path.empty() ? Trie::kRoot : path.back();
      if (path.empty()) {
        ++trie.start_count;
      } else {
        trie.edges[parent].slot.next |= next_bit(words[i]);
      }
      const auto edge = static_cast<std::uint32_t>(trie.edges.size());
      trie.edges.push_back({parent, words[i], {}});
      path.push_back(edge);
    }
    PhraseTable::Slot& last = trie.edges[path.back()].slot;
    before = words;
    if (last.count != 0 && trie.values.back() == entry.value) continue;  // Added twice.
    if (last.count == 0) {
      last.first = static_cast<std::uint32_t>(trie.values.size());
      ++trie.phrase_count;
    }
    ++last.count;
    trie.values.push_back(entry.value);
  }
  return trie;
}

std::string PhraseTableBuilder::build() {
  Trie trie = make_trie();
  FileHeader header;
  // One slot more than the load asks for: a table always has a free one.
  header.slot_count = static_cast<std::uint32_t>(
      (trie.edges.size() * kLoadParts + kLoadTaken - 1) / kLoadTaken + 1);
  header.filter_words = static_cast<std::uint32_t>(
      std::bit_ceil(std::max<std::uint64_t>(1, trie.start_count / kStartsPerWord)));
  header.value_count = static_cast<std::uint32_t>(trie.values.size());
  header.phrase_count = trie.phrase_count;

  std::vector<PhraseTable::Slot> slots;
  // Two edges with one key would be taken for each other: then another seed is tried. With 64 bits
  // that is next to never, and it depends on the phrases alone.
  for (bool placed = false; !placed; ++header.seed) {
    slots.assign(header.slot_count, {});
    placed = true;
    for (Trie::Edge& edge : trie.edges) {
      const bool at_root = edge.parent == Trie::kRoot;
      const std::uint64_t parent = at_root ? 0 : trie.edges[edge.parent].slot.key;
      const std::uint64_t key = mix(header.seed, parent, edge.hash);
      std::size_t i = slot_of(key, slots.size());
      while (slots[i].key != 0 && slots[i].key != key) i = i + 1 == slots.size() ? 0 : i + 1;
      if (key == 0 || slots[i].key == key) {
        placed = false;
        break;
      }
      edge.slot.key = key;
      slots[i] = edge.slot;
    }
    if (placed) break;
  }
  std::vector<std::uint64_t> filter(header.filter_words, 0);
  for (const Trie::Edge& edge : trie.edges) {
    if (edge.parent != Trie::kRoot) continue;
    const std::size_t word = PhraseTable::filter_word(edge.hash, filter.size());
    filter[word] |= PhraseTable::filter_bits(edge.hash);
  }

  const std::uint64_t filter_at = sizeof header + slots.size() * sizeof(PhraseTable::Slot);
  const std::uint64_t values_at = filter_at + filter.size() * 8;
  std::string bytes(static_cast<std::size_t>(values_at + padded(trie.values.size() * 4)), '\0');
  put(bytes, 0, &header, 1);
  put(bytes, sizeof header, slots.data(), slots.size());
  put(bytes, filter_at, filter.data(), filter.size());
  put(bytes, values_at, trie.values.data(), trie.values.size());
  hashes_.clear();
  entries_.clear();
  return bytes;
}

}  // namespace telex
