#include "service/redrive.h"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "schemas/record_bytes.h"
#include "sink/kafka_sink.h"

namespace telex {
namespace {

constexpr std::string_view kStage = "redrive";

// What goes back, wherever it lay.
struct Original {
  std::string_view key;
  std::string_view value;
  std::span<const Header> headers;
  UnixMillis timestamp = kNoTimestamp;
};

// Where the header begins that the sink put behind telex's own when it clamped the timestamp of the
// dead letter; headers.size() if it did not.
std::size_t clamp_header(std::span<const Header> headers, UnixMillis& original) {
  const auto last_own = std::find_if(headers.rbegin(), headers.rend(), [](const Header& header) {
    return is_dead_letter_header(header.name) || header.name == kClaimHeader;
  });
  for (auto at = headers.begin() + (headers.rend() - last_own); at != headers.end(); ++at) {
    const std::string_view text = at->value;
    if (at->name != kOriginalTimestamp) continue;
    UnixMillis time = kNoTimestamp;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), time);
    if (read.ec != std::errc() || read.ptr != text.data() + text.size()) continue;
    original = time;
    return static_cast<std::size_t>(at - headers.begin());
  }
  return headers.size();
}

void append_original(const Original& original, const DeadLetter& letter,
                     const RedriveDecision& decision, std::uint32_t row, Records& out) {
  out.open();
  if (original.key.data() != nullptr) {
    out.buffer().append(original.key);
    out.end_key();
  }
  if (original.value.data() != nullptr) {
    out.buffer().append(original.value);
    out.end_value();
  }
  UnixMillis timestamp = original.timestamp;
  const std::size_t clamped = clamp_header(original.headers, timestamp);
  for (std::size_t i = 0; i < original.headers.size(); ++i) {
    const Header& header = original.headers[i];
    if (i != clamped && !is_dead_letter_header(header.name)) {
      out.add_header(header.name, header.value);
    }
  }
  out.add_header(kReplaysHeader, std::to_string(letter.info->replays));
  out.close(Destination::routed, decision.route, decision.partition, timestamp, row);
}

void append_parked(const DeadLetter& letter, const RedriveDecision& decision, std::uint32_t row,
                   Records& out) {
  out.open();
  if (letter.key.data() != nullptr) {
    out.buffer().append(letter.key);
    out.end_key();
  }
  if (letter.value.data() != nullptr) {
    out.buffer().append(letter.value);
    out.end_value();
  }
  for (const Header& header : letter.headers) out.add_header(header.name, header.value);
  out.close(Destination::routed, decision.route, Partition{}, letter.timestamp, row);
}

VerdictKind verdict_of(Fate fate) {
  switch (fate) {
    case Fate::put_back:
      return VerdictKind::publish;
    case Fate::parked:
      return VerdictKind::suppressed;
    case Fate::passed_over:
      return VerdictKind::filtered;
    case Fate::left:
      return VerdictKind::held;
  }
  return VerdictKind::held;
}

}  // namespace

std::string_view to_string(LeftReason reason) {
  switch (reason) {
    case LeftReason::none:
      return "";
    case LeftReason::unreadable:
      return "no dead letters of telex";
    case LeftReason::foreign_topic:
      return "from topics that are none of this pipeline's inputs (--to TOPIC sends them "
             "elsewhere)";
    case LeftReason::not_in_spool:
      return "with an original that is not in the spool folder";
    case LeftReason::too_often:
      return "put back too often already (--max-replays), and parked here";
    case LeftReason::too_large:
      return "larger than their topic takes (max.message.bytes)";
  }
  return "";
}

RedrivePlan::RedrivePlan(RedriveOptions options) : options_(std::move(options)) {
  for (const auto& [topic, partitions] : options_.targets) routes_.push_back(topic);
  if (!options_.parking_topic.empty()) routes_.push_back(options_.parking_topic);
}

std::optional<std::uint16_t> RedrivePlan::route_to(std::string_view topic) const {
  const auto found = options_.targets.find(topic);
  if (found == options_.targets.end()) return std::nullopt;
  return static_cast<std::uint16_t>(std::distance(options_.targets.begin(), found));
}

RedriveDecision RedrivePlan::decide(const DeadLetter& letter, FilterScratch& scratch) const {
  RedriveDecision decision;
  const auto leave = [&](LeftReason reason, std::string why) {
    decision.fate = Fate::left;
    decision.left = reason;
    decision.message = std::move(why);
    return std::move(decision);
  };
  if (!letter.info) return leave(LeftReason::unreadable, letter.unreadable);
  if (!options_.filter.matches(DeadLetterSubject(letter), scratch)) return decision;
  if (letter.info->replays >= options_.replays_max) {
    if (options_.parking_topic.empty()) {
      return leave(LeftReason::too_often, fmt::format("put back {} times", letter.info->replays));
    }
    decision.fate = Fate::parked;
    decision.route = static_cast<std::uint16_t>(routes_.size() - 1);
    return decision;
  }
  const std::string& target = options_.to.empty() ? letter.info->topic : options_.to;
  const std::optional<std::uint16_t> route = route_to(target);
  if (!route) return leave(LeftReason::foreign_topic, "it came from " + letter.info->topic);
  if (letter.claim) {
    std::string why = "no spool folder is configured";
    if (!options_.spool.empty()) {
      decision.original = read_claimed(options_.spool, *letter.claim, why);
    }
    if (!decision.original) {
      return leave(LeftReason::not_in_spool,
                   letter.claim->file + " of host " + letter.claim->host + ": " + why);
    }
    // A claim check is a record that anybody can write; it must not fetch somebody else's.
    const SpoolEntry& entry = decision.original->entry;
    if (entry.topic != letter.info->topic || entry.partition != letter.info->partition ||
        entry.offset != letter.info->offset) {
      decision.original.reset();
      return leave(LeftReason::not_in_spool, letter.claim->file + " holds a record from elsewhere");
    }
  }
  decision.fate = Fate::put_back;
  decision.route = *route;
  const bool has_partition =
      options_.to.empty() && letter.info->partition.value >= 0 &&
      letter.info->partition.value < options_.targets.find(target)->second.partition_count;
  if (has_partition) decision.partition = letter.info->partition;
  return decision;
}

RedriveDecision RedrivePlan::apply(const DeadLetter& letter, FilterScratch& scratch,
                                   std::uint32_t row, Records& out) const {
  RedriveDecision decision = decide(letter, scratch);
  if (decision.fate == Fate::parked) {
    append_parked(letter, decision, row, out);
  } else if (decision.fate == Fate::put_back && decision.original) {
    const SpoolEntry& entry = decision.original->entry;
    append_original({entry.key, entry.value, entry.headers, entry.timestamp}, letter, decision, row,
                    out);
  } else if (decision.fate == Fate::put_back) {
    append_original({letter.key, letter.value, letter.headers, letter.timestamp}, letter, decision,
                    row, out);
  } else {
    return decision;
  }
  const auto target = options_.targets.find(routes_[decision.route]);
  if (target == options_.targets.end()) return decision;
  const std::uint64_t bytes = bytes_on_topic(out[out.size() - 1]);
  if (bytes <= target->second.record_bytes_max) return decision;
  out.drop_last();
  decision.fate = Fate::left;
  decision.left = LeftReason::too_large;
  decision.message =
      fmt::format("{} bytes; {} takes {}", bytes, target->first, target->second.record_bytes_max);
  return decision;
}

bool RedriveCounts::balances() const {
  return in == std::accumulate(by_fate.begin(), by_fate.end(), std::uint64_t{0});
}

void RedriveCounts::add(const DeadLetter& letter, const RedriveDecision& decision,
                        const std::vector<std::string>& routes) {
  ++in;
  ++by_fate[static_cast<std::size_t>(decision.fate)];
  switch (decision.fate) {
    case Fate::put_back:
      ++by_reason[static_cast<std::size_t>(letter.info->reason)];
      [[fallthrough]];
    case Fate::parked:
      ++by_topic[routes[decision.route]];
      break;
    case Fate::passed_over:
      break;
    case Fate::left:
      if (of(Fate::left) == 1) {
        first_left = fmt::format("{}/{}@{}: {}", letter.topic, letter.partition.value,
                                 letter.offset.value, decision.message);
      }
      ++by_left[static_cast<std::size_t>(decision.left)];
      break;
  }
}

void RedriveTally::add(const DeadLetter& letter, const RedriveDecision& decision,
                       const std::vector<std::string>& routes) {
  Offset& latest = counted_[{std::string(letter.topic), letter.partition}];
  if (letter.offset <= latest) return;
  latest = letter.offset;
  counts_.add(letter, decision, routes);
}

PublishedPtr publish_redrive(std::shared_ptr<const RedrivePlan> plan, RedriveTally& tally) {
  auto published = std::make_shared<Published>();
  published->number = 1;
  published->make_runner = [plan, &tally](std::span<StateStore* const>) -> BatchRunner {
    auto scratch = std::make_shared<FilterScratch>();
    return [plan, scratch, &tally](Batch& batch, Records& out) {
      BatchCounts counts;
      for (std::uint32_t row = 0; row < batch.size(); ++row) {
        const RawRecord raw = batch.raw(row);
        const DeadLetter letter = read_dead_letter(batch.topic(row), raw);
        const RedriveDecision decision = plan->apply(letter, *scratch, row, out);
        if (decision.fate != Fate::put_back) {
          batch.set_verdict(row, verdict_of(decision.fate), Reason::none, kStage, "");
        }
        tally.add(letter, decision, plan->routes());
        counts.add(batch.verdict(row));
      }
      return counts;
    };
  };
  return published;
}

std::string default_run_name(const std::string& topic, const Filter& filter,
                             const std::string& to) {
  constexpr std::size_t kDigits = 16;
  // No topic's name has a null byte, no filter's text either.
  const std::string whole = topic + '\0' + to + '\0' + filter.to_text();
  return content_digest(whole).substr(0, kDigits);
}

bool is_run_name(std::string_view name) {
  constexpr std::size_t kBytesMax = 64;
  return !name.empty() && name.size() <= kBytesMax &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_' || c == '.';
         });
}

}  // namespace telex
