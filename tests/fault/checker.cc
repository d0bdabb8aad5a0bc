#include "tests/fault/checker.h"

#include <algorithm>

namespace telex::fault {

SeenRecord read_record(Outlet outlet, std::int32_t partition, std::int64_t offset,
                       std::string_view key, std::string_view value, std::string_view id_header) {
  SeenRecord record{outlet, partition,   offset,       parse_id(id_header),
                    true,   crc_of(key), crc_of(value)};
  if (record.id) return record;
  if (const std::optional<Mark> mark = find_mark(value)) {
    record.id = mark->id;
    record.is_intact = mark->is_intact;
  }
  return record;
}

std::string Findings::text() const {
  std::string text = std::to_string(sent) + " sent, " + std::to_string(lost) + " lost, " +
                     std::to_string(doubled) + " doubled";
  const auto add = [&](std::uint64_t count, const char* what) {
    if (count > 0) text += ", " + std::to_string(count) + " " + what;
  };
  add(misplaced, "in the wrong outlet");
  add(unknown, "unknown");
  add(corrupt, "corrupt");
  add(out_of_order, "out of order");
  add(keys_moved, "in another partition than their key");
  add(witness_differs, "seen otherwise by the concurrent reader");
  add(group_behind, "partitions whose group is behind");
  return text + ", " + std::to_string(hidden) + " hidden (aborted)";
}

void Checker::sent(ArticleId id, Due due, std::uint32_t value_crc) {
  articles_[id] = {due, value_crc, {}};
}

void Checker::saw(const SeenRecord& record) {
  final_[{record.outlet, record.partition, record.offset}] = {record.key_crc, record.value_crc};
  const auto found = record.id ? articles_.find(*record.id) : articles_.end();
  if (found == articles_.end()) {
    ++unknown_;
    return;
  }
  Article& article = found->second;
  const bool changed =
      record.outlet == Outlet::dead_letters && record.value_crc != article.value_crc;
  if (!record.is_intact || changed) ++corrupt_;
  // Copies are counted as such; only the first of an article says something about order.
  std::uint32_t& seen = article.seen[static_cast<std::size_t>(record.outlet)];
  if (seen++ > 0) return;
  const auto [last, fresh] =
      last_seq_.try_emplace({record.outlet, record.partition, record.id->source}, record.id->seq);
  if (!fresh && record.id->seq < last->second) ++out_of_order_;
  last->second = std::max(last->second, record.id->seq);
  const auto home = key_partition_.try_emplace({record.outlet, record.key_crc}, record.partition);
  if (home.first->second != record.partition) ++keys_moved_;
}

void Checker::witnessed(const SeenRecord& record) {
  has_witness_ = true;
  const bool fresh = witness_
                         .try_emplace({record.outlet, record.partition, record.offset},
                                      record.key_crc, record.value_crc)
                         .second;
  if (!fresh) ++repeated_places_;
}

void Checker::group_at(std::int64_t committed, std::int64_t data_end, std::int64_t log_end) {
  // A partition without records needs no position.
  const bool good = committed >= data_end && committed <= log_end;
  if (!good && data_end > 0) ++group_behind_;
}

Findings Checker::findings() const {
  Findings found;
  found.sent = articles_.size();
  found.unknown = unknown_;
  found.corrupt = corrupt_;
  found.out_of_order = out_of_order_;
  found.keys_moved = keys_moved_;
  found.group_behind = group_behind_;
  found.hidden = hidden_;
  for (const auto& [id, article] : articles_) {
    const std::uint64_t good = article.seen[static_cast<std::size_t>(Outlet::enriched)];
    const std::uint64_t dead = article.seen[static_cast<std::size_t>(Outlet::dead_letters)];
    if (good + dead == 0) ++found.lost;
    if (good + dead > 1) found.doubled += good + dead - 1;
    if (article.due == Due::enriched && dead > 0) ++found.misplaced;
    if (article.due == Due::dead_letters && good > 0) ++found.misplaced;
  }
  if (has_witness_) {
    found.witness_differs = repeated_places_;
    for (const auto& [place, record] : final_) {
      const auto other = witness_.find(place);
      if (other == witness_.end() || other->second != record) ++found.witness_differs;
    }
    for (const auto& [place, record] : witness_) {
      if (!final_.contains(place)) ++found.witness_differs;
    }
  }
  return found;
}

std::string Checker::examples(std::size_t limit) const {
  std::string text;
  for (const auto& [id, article] : articles_) {
    const std::uint32_t copies = article.seen[0] + article.seen[1];
    if (copies == 1) continue;
    if (limit-- == 0) return text + " ...";
    text += (text.empty() ? "" : " ") + id_text(id) + (copies == 0 ? " lost" : " doubled");
  }
  return text;
}

}  // namespace telex::fault
