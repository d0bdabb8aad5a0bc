#include "service/lane_stores.h"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <utility>

#include "process/engine_rules.h"
#include "service/checkpoint.h"

namespace telex {
namespace {

// A note: version, then `name=count` for each store, separated by spaces.
constexpr std::string_view kNoteVersion = "telex1";

// The next word of `text`, which loses it.
std::string_view take_word(std::string_view& text) {
  const std::size_t space = std::min(text.find(' '), text.size());
  const std::string_view word = text.substr(0, space);
  text.remove_prefix(std::min(space + 1, text.size()));
  return word;
}

}  // namespace

LaneStores::LaneStores(const std::vector<StoreOptions>& stores, MakeChangelogReader make_reader,
                       std::filesystem::path checkpoints, const Clock& clock)
    : checkpoints_(std::move(checkpoints)), clock_(clock), make_reader_(std::move(make_reader)) {
  assert(stores.empty() || make_reader_);
  for (const StoreOptions& each : stores) {
    names_.push_back(each.name);
    changelogs_.push_back(each.changelog);
    stores_.push_back(std::make_unique<MemoryStateStore>(each.bytes_max));
    pointers_.push_back(stores_.back().get());
  }
}

bool LaneStores::add(const Position& position, std::string& error) {
  if (!any()) return true;
  const Partition partition = position.partition.partition;
  Shards shards(stores_.size());
  if (!read_note(position, shards, error)) return false;
  reader_.reset();  // It reads towards what was known before.
  const auto known = shards_.find(partition);
  if (known != shards_.end() && is_current(known->second, shards)) {
    for (Shard& each : known->second) each.held = true;
    return true;
  }
  if (known != shards_.end() && known->second.front().held) {
    // What is in memory was committed, and the rest is still to be read: after an unknown outcome,
    // and when others have written, because the group has given the partition away unheard.
    for (std::size_t i = 0; i < shards.size(); ++i) {
      Shard& shard = known->second[i];
      if (kRules.restore_after_unknown && shard.written != shards[i].written) shard.trusted = false;
      shard.written = shards[i].written;
    }
    return true;
  }
  remove(partition);
  load(partition, shards);
  shards_[partition] = std::move(shards);
  return true;
}

// Every change of state is counted in the note, so what has the note's count is what was committed.
bool LaneStores::is_current(const Shards& known, const Shards& committed) {
  return std::equal(known.begin(), known.end(), committed.begin(), committed.end(),
                    [](const Shard& left, const Shard& right) {
                      return left.trusted && left.written == right.written;
                    });
}

void LaneStores::give_up(Partition partition) {
  const auto found = shards_.find(partition);
  if (found == shards_.end()) return;
  reader_.reset();
  for (Shard& each : found->second) each.held = false;
}

void LaneStores::forget_given_up() {
  std::vector<Partition> gone;
  for (const auto& [partition, shards] : shards_) {
    if (!shards.front().held) gone.push_back(partition);
  }
  for (const Partition partition : gone) remove(partition);
}

// From checkpoints, where they may be believed; what they lack the changelog has.
void LaneStores::load(Partition partition, Shards& shards) {
  if (checkpoints_.empty()) return;
  for (std::size_t store = 0; store < shards.size(); ++store) {
    Checkpoint head{changelogs_[store], partition, Offset{0}, shards[store].written, clock_.utc()};
    if (load_checkpoint(checkpoints_, head, *pointers_[store]).empty()) {
      shards[store].from = head.upto;
    }
  }
}

std::string LaneStores::checkpoint(const AskCommitted& committed) {
  std::vector<ChangelogShard> all;
  for (const auto& [partition, shards] : shards_) {
    for (std::size_t i = 0; i < shards.size(); ++i) {
      const auto store = static_cast<std::uint16_t>(i);
      if (!shards[store].trusted || !shards[store].held) continue;
      all.push_back({store, partition, shards[store].from, shards[store].written});
    }
  }
  if (all.empty()) return {};
  std::string why;
  const std::unique_ptr<ChangelogReader> reader = make_reader_(all, why);
  if (reader == nullptr) return why;
  // Only to learn the ends.
  const ChangelogProgress progress =
      reader->read(std::chrono::milliseconds{0}, [](const auto&, auto, auto) { return true; });
  if (progress.status != ChangelogStatus::reading && progress.status != ChangelogStatus::done) {
    return progress.message;
  }
  const std::optional<Positions> positions = committed(why);
  if (!positions) return why;
  std::map<Partition, Shards> known;
  for (const Position& each : *positions) {
    Shards& shards = known.try_emplace(each.partition.partition, stores_.size()).first->second;
    if (!read_note(each, shards, why)) return why;
  }
  for (const ChangelogShard& each : all) {
    Shard& shard = shards_.at(each.partition)[each.store];
    const auto told = known.find(each.partition);
    if (told == known.end() || told->second[each.store].written != shard.written) continue;
    shard.from = reader->end(each);
    if (checkpoints_.empty()) continue;
    const Checkpoint head{changelogs_[each.store], each.partition, shard.from, shard.written,
                          clock_.utc()};
    std::string problem = save_checkpoint(checkpoints_, head, *pointers_[each.store]);
    if (why.empty()) why = std::move(problem);
  }
  return why;
}

bool LaneStores::read_note(const Position& position, Shards& shards, std::string& error) const {
  for (Shard& shard : shards) shard.written = 0;
  std::string_view rest = position.note;
  if (rest.empty()) return true;  // Committed before there was state, or never.
  const auto refuse = [&] {
    error = "the position of " + position.partition.topic + "/" +
            std::to_string(position.partition.partition.value) +
            " was committed with a note that this version cannot read";
    return false;
  };
  if (take_word(rest) != kNoteVersion) return refuse();
  while (!rest.empty()) {
    const std::string_view word = take_word(rest);
    const std::size_t equals = word.find('=');
    if (equals == std::string_view::npos) return refuse();
    std::uint64_t count = 0;
    const char* end = word.data() + word.size();
    const auto read = std::from_chars(word.data() + equals + 1, end, count);
    if (read.ec != std::errc{} || read.ptr != end) return refuse();
    // A store that is not configured any more: its count is given up with it.
    const auto name = std::find(names_.begin(), names_.end(), word.substr(0, equals));
    if (name == names_.end()) continue;
    shards[static_cast<std::size_t>(name - names_.begin())].written = count;
  }
  return true;
}

void LaneStores::remove(Partition partition) {
  shards_.erase(partition);
  reader_.reset();
  for (StateStore* store : pointers_) store->clear(partition);
}

void LaneStores::clear() {
  while (!shards_.empty()) remove(shards_.begin()->first);
}

bool LaneStores::ready(Partition partition) const {
  if (!any() || !kRules.restore_before_run) return true;
  const auto found = shards_.find(partition);
  return found != shards_.end() && std::all_of(found->second.begin(), found->second.end(),
                                               [](const Shard& each) { return each.trusted; });
}

bool LaneStores::pending() const {
  return std::any_of(shards_.begin(), shards_.end(), [this](const auto& entry) {
    return entry.second.front().held && !ready(entry.first);
  });
}

void LaneStores::start_reader(ChangelogProgress& progress) {
  reading_.clear();
  for (const auto& [partition, shards] : shards_) {
    for (std::size_t i = 0; i < shards.size(); ++i) {
      const auto store = static_cast<std::uint16_t>(i);
      const Shard& shard = shards[store];
      if (shard.held && !shard.trusted)
        reading_.push_back({store, partition, shard.from, shard.written});
    }
  }
  reader_ = make_reader_(reading_, progress.message);
  if (reader_ == nullptr) progress.status = ChangelogStatus::unavailable;
}

ChangelogProgress LaneStores::restore(std::chrono::milliseconds limit) {
  ChangelogProgress progress{ChangelogStatus::done, 0, "", FaultCause::world};
  if (!pending()) return progress;
  if (reader_ == nullptr) {
    start_reader(progress);
    if (reader_ == nullptr) return progress;
  }
  progress = reader_->read(
      limit, [this](const ChangelogShard& shard, std::string_view key, std::string_view value) {
        return pointers_[shard.store]->restore(shard.partition, key, value);
      });
  remaining_ = progress.remaining;
  if (progress.status == ChangelogStatus::done) {
    finish_reader();
  } else if (progress.status != ChangelogStatus::reading) {
    reader_.reset();
  }
  return progress;
}

void LaneStores::finish_reader() {
  for (const ChangelogShard& each : reading_) {
    Shard& shard = shards_.at(each.partition)[each.store];
    shard.from = reader_->end(each);
    shard.trusted = true;
  }
  reader_.reset();
  remaining_ = 0;
}

void LaneStores::drain(Records& out, UnixMillis timestamp) {
  for (std::size_t at = 0; at < pointers_.size(); ++at) {
    const auto store = static_cast<std::uint16_t>(at);
    const std::uint32_t first = out.size();
    pointers_[store]->drain(out, store, timestamp);
    for (std::uint32_t i = first; i < out.size(); ++i) {
      const auto found = shards_.find(out[i].partition);
      assert(found != shards_.end());  // A stage writes to the partition of its row.
      ++found->second[store].drained;
    }
  }
}

std::string LaneStores::note(Partition partition) const {
  const auto found = shards_.find(partition);
  if (found == shards_.end()) return {};
  std::string note(kNoteVersion);
  for (std::size_t store = 0; store < names_.size(); ++store) {
    const Shard& shard = found->second[store];
    note += ' ' + names_[store] + '=' + std::to_string(shard.written + shard.drained);
  }
  return note;
}

void LaneStores::commit() {
  for (StateStore* store : pointers_) store->commit();
  for (auto& [partition, shards] : shards_) {
    for (Shard& shard : shards) shard.written += std::exchange(shard.drained, 0);
  }
}

void LaneStores::forget_drained() {
  for (auto& [partition, shards] : shards_) {
    for (Shard& shard : shards) shard.drained = 0;
  }
}

void LaneStores::abort() {
  forget_drained();
  for (StateStore* store : pointers_) {
    if (kRules.state_rolled_back) {
      store->abort();
    } else {
      store->commit();
    }
  }
}

void LaneStores::distrust() {
  abort();
  reader_.reset();
  if (!kRules.restore_after_unknown) return;
  for (auto& [partition, shards] : shards_) {
    for (Shard& shard : shards) shard.trusted = false;
  }
}

}  // namespace telex
