#include "service/dead_letter_census.h"

#include <algorithm>

#include <fmt/format.h>

#include "schemas/json_writer.h"

namespace telex {
namespace {

constexpr std::size_t kRowsShown = 10;
constexpr std::uint32_t kBarColumns = 24;
constexpr std::size_t kNameBytesMax = 255;

std::uint64_t percent(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : (part * 100 + whole / 2) / whole;
}

void append_row(std::string& out, std::string_view name, std::uint64_t count, std::uint64_t whole,
                const Terminal& terminal) {
  const std::uint64_t bar = whole == 0 ? 0 : (count * kBarColumns + whole - 1) / whole;
  out += fmt::format("  {} {:>10} {:>4} %  {}\n", fitted(name, 34), grouped(count),
                     percent(count, whole), terminal.styled(Style::cyan, std::string(bar, '#')));
}

void append_heading(std::string& out, std::string_view text, const Terminal& terminal) {
  out += fmt::format("\n{}\n", terminal.styled(Style::bold, text));
}

void append_table(std::string& out, std::string_view heading, const NameCounts& counts,
                  const Terminal& terminal) {
  append_heading(out, heading, terminal);
  std::uint64_t shown = 0;
  for (const auto& [name, count] : counts.top(kRowsShown)) {
    append_row(out, shown_bytes(name, false), count, counts.sum(), terminal);
    shown += count;
  }
  if (shown < counts.sum())
    append_row(out, "all others", counts.sum() - shown, counts.sum(), terminal);
}

std::string json_time(UnixMillis time) {
  return time == kNoTimestamp ? "null" : fmt::format("{}", time);
}

// Any bytes as a JSON string.
void append_json_bytes(std::string_view bytes, std::string& out) {
  append_json_string(shown_bytes(bytes, false), out);
}

}  // namespace

void NameCounts::add(std::string_view name) {
  ++sum_;
  name = name.substr(0, kNameBytesMax);
  const auto found = counts_.find(name);
  if (found != counts_.end()) {
    ++found->second;
  } else if (counts_.size() < names_max_) {
    counts_.emplace(name, 1);
  }
}

std::vector<std::pair<std::string, std::uint64_t>> NameCounts::top(std::size_t top) const {
  std::vector<std::pair<std::string, std::uint64_t>> rows(counts_.begin(), counts_.end());
  std::stable_sort(rows.begin(), rows.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  if (rows.size() > top) rows.resize(top);
  return rows;
}

void DeadLetterCensus::Origin::add(UnixMillis time) {
  ++count;
  if (time == kNoTimestamp) return;
  if (oldest == kNoTimestamp || time < oldest) oldest = time;
  if (newest == kNoTimestamp || time > newest) newest = time;
}

void DeadLetterCensus::add(const DeadLetter& letter) {
  if (!letter.info) return add_unreadable(letter);
  ++matched_;
  bytes_ += letter.value_bytes();
  if (letter.claim) {
    ++claims_;
    claimed_bytes_ += letter.claim->bytes;
  }
  all_.add(letter.timestamp);
  ++reasons_[static_cast<std::size_t>(letter.info->reason)];
  sources_.add(letter.source());
  ++replays_[std::min<std::size_t>(letter.info->replays, kReplaysShown)];
  const TopicPartition origin{letter.info->topic, letter.info->partition};
  const auto known = origins_.find(origin);
  if (known != origins_.end()) {
    known->second.add(letter.timestamp);
  } else if (origins_.size() < kNamesMax && origin.topic.size() <= kNameBytesMax) {
    origins_[origin].add(letter.timestamp);
  } else {
    other_origins_.add(letter.timestamp);
  }
}

void DeadLetterCensus::add_unreadable(const DeadLetter& letter) {
  if (unreadable_++ > 0) return;
  first_unreadable_ = fmt::format("{}/{}@{}: {}", letter.topic, letter.partition.value,
                                  letter.offset.value, letter.unreadable);
}

std::string DeadLetterCensus::report(const std::string& topic, const std::string& filter,
                                     std::uint32_t replays_max, const Terminal& terminal) const {
  std::string out =
      fmt::format("{} · {} dead letters", terminal.styled(Style::bold, safe_text(topic, false)),
                  grouped(matched_));
  if (matched_ > 0) {
    out += fmt::format(", {} · {} to {}", shown_size(bytes_), shown_time(all_.oldest),
                       shown_time(all_.newest));
  }
  out += '\n';
  if (!filter.empty()) {
    out += fmt::format("those with {} ({} others)\n", safe_text(filter, false), grouped(others_));
  }
  if (matched_ > 0) {
    NameCounts reasons(kReasonNames.size());
    append_heading(out, "BY REASON", terminal);
    std::vector<std::pair<std::uint64_t, std::string_view>> rows;
    for (const ReasonName& each : kReasonNames) {
      const std::uint64_t count = reasons_[static_cast<std::size_t>(each.reason)];
      if (count > 0) rows.emplace_back(count, each.name);
    }
    std::stable_sort(rows.begin(), rows.end(),
                     [](const auto& a, const auto& b) { return a.first > b.first; });
    for (const auto& [count, name] : rows) append_row(out, name, count, matched_, terminal);
    append_table(out, "BY SOURCE", sources_, terminal);

    append_heading(out, "CAME FROM", terminal);
    std::vector<std::pair<TopicPartition, Origin>> origins(origins_.begin(), origins_.end());
    std::stable_sort(origins.begin(), origins.end(),
                     [](const auto& a, const auto& b) { return a.second.count > b.second.count; });
    Origin rest = other_origins_;
    for (std::size_t i = 0; i < origins.size(); ++i) {
      const auto& [partition, origin] = origins[i];
      if (i >= kRowsShown) {
        rest.count += origin.count;
        continue;
      }
      out += fmt::format(
          "  {} {:>10}   {} to {}\n",
          fitted(
              fmt::format("{}/{}", shown_bytes(partition.topic, false), partition.partition.value),
              34),
          grouped(origin.count), shown_time(origin.oldest), shown_time(origin.newest));
    }
    if (rest.count > 0)
      out += fmt::format("  {} {:>10}\n", fitted("all others", 34), grouped(rest.count));

    append_heading(out, "PUT BACK BEFORE", terminal);
    std::uint64_t too_often = 0;
    for (std::size_t times = 0; times < replays_.size(); ++times) {
      if (replays_[times] == 0) continue;
      if (times >= replays_max) too_often += replays_[times];
      const std::string name = times == 0               ? "never"
                               : times == kReplaysShown ? fmt::format("{} times or more", times)
                               : times == 1             ? "once"
                                                        : fmt::format("{} times", times);
      append_row(out, name, replays_[times], matched_, terminal);
    }
    if (too_often > 0) {
      out += fmt::format("  {} of them {} times or more: replay would park them (--max-replays)\n",
                         grouped(too_often), replays_max);
    }
    if (claims_ > 0) {
      append_heading(out, "IN THE SPOOL", terminal);
      out += fmt::format("  {} originals, {}; the topic holds their claim checks\n",
                         grouped(claims_), shown_size(claimed_bytes_));
    }
  }
  if (unreadable_ > 0) {
    out += fmt::format("\n{} records are no dead letters of telex; the first: {}\n",
                       grouped(unreadable_), shown_bytes(first_unreadable_, false));
  }
  return out;
}

std::string DeadLetterCensus::json(const std::string& topic, const std::string& filter) const {
  std::string out = R"({"topic":)";
  append_json_string(topic, out);
  out += R"(,"filter":)";
  append_json_string(filter, out);
  out += fmt::format(
      R"(,"deadLetters":{},"others":{},"unreadable":{},"bytes":{},"oldest":{},"newest":{})",
      matched_, others_, unreadable_, bytes_, json_time(all_.oldest), json_time(all_.newest));
  out += fmt::format(R"(,"claimChecks":{{"count":{},"bytes":{}}},"reasons":{{)", claims_,
                     claimed_bytes_);
  bool first = true;
  for (const ReasonName& each : kReasonNames) {
    const std::uint64_t count = reasons_[static_cast<std::size_t>(each.reason)];
    if (count == 0) continue;
    out += fmt::format(R"({}"{}":{})", first ? "" : ",", each.name, count);
    first = false;
  }
  out += R"(},"sources":[)";
  std::uint64_t named = 0;
  first = true;
  for (const auto& [name, count] : sources_.top(kNamesMax)) {
    out += first ? R"({"source":)" : R"(,{"source":)";
    first = false;
    append_json_bytes(name, out);
    out += fmt::format(R"(,"count":{}}})", count);
    named += count;
  }
  out += fmt::format(R"(],"otherSources":{},"origins":[)", sources_.sum() - named);
  first = true;
  for (const auto& [partition, origin] : origins_) {
    out += first ? R"({"topic":)" : R"(,{"topic":)";
    first = false;
    append_json_bytes(partition.topic, out);
    out += fmt::format(R"(,"partition":{},"count":{},"oldest":{},"newest":{}}})",
                       partition.partition.value, origin.count, json_time(origin.oldest),
                       json_time(origin.newest));
  }
  out += fmt::format(R"(],"otherOrigins":{},"replays":[)", other_origins_.count);
  for (std::size_t times = 0; times < replays_.size(); ++times) {
    out += fmt::format("{}{}", times == 0 ? "" : ",", replays_[times]);
  }
  return out + "]}";
}

}  // namespace telex
