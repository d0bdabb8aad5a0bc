#include "process/topics/word_memo.h"

#include <algorithm>

namespace telex {

WordMemo::WordMemo() : entries_(kWords) { rows_.reserve(kRowsMax + 2 * WildcardTable::kBucketMax); }

void WordMemo::clear() {
  std::fill(entries_.begin(), entries_.end(), Entry{});
  rows_.clear();
}

const WordMemo::Entry* WordMemo::learn(std::uint64_t key, const TopicRules::Language& language,
                                       std::uint64_t hash, std::string_view word) {
  if (rows_.size() > kRowsMax) clear();
  Entry& entry = entries_[(key >> 20) % kWords];
  entry.key = key;
  entry.first = static_cast<std::uint32_t>(rows_.size());
  language.wildcards.find(word, scratch_, rows_);
  entry.count = static_cast<std::uint16_t>(rows_.size() - entry.first);
  entry.begins_phrase = language.may_begin_phrase(hash);
  return &entry;
}

}  // namespace telex
