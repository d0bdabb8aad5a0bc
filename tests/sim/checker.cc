#include "tests/sim/checker.h"

#include <algorithm>
#include <utility>

#include "schemas/changelog.h"
#include "schemas/dead_letter.h"

namespace telex::sim {
namespace {

constexpr std::size_t kViolationsMax = 5;
const std::string* const kOutputs[] = {&kEnriched, &kRouted, &kDeadLetters};

std::string name_of(const TopicPartition& partition) {
  return partition.topic + "/" + std::to_string(partition.partition.value);
}

}  // namespace

void Checker::violated(std::string what) {
  if (violations_.size() < kViolationsMax) violations_.push_back(std::move(what));
}

void Checker::read_on() {
  for (const std::string* topic : kOutputs) {
    for (const TopicPartition& partition : cluster_.partitions_of(*topic)) {
      Offset& at = reader_at_.try_emplace(partition, Offset{0}).first->second;
      while (cluster_.log(partition).read(at, true) != nullptr) {
        seen_[partition].push_back(at.value);
        ++at.value;
      }
    }
  }
}

bool Checker::settled(std::string* why) {
  const auto no = [&](std::string reason) {
    if (why != nullptr) *why = std::move(reason);
    return false;
  };
  const std::vector<TopicPartition> partitions = cluster_.partitions_of(kInput);
  std::vector<kafka::PartitionOffset> offsets;
  if (!cluster_.group(kGroup).fetch(partitions, offsets).empty()) {
    return no("a transaction is pending on the committed positions");
  }
  for (const kafka::PartitionOffset& each : offsets) {
    Offset next{std::max<std::int64_t>(each.next.value, 0)};
    if (cluster_.log(each.partition).read(next, true) != nullptr) {
      return no(name_of(each.partition) + " is committed at " + std::to_string(each.next.value) +
                " of " + std::to_string(cluster_.log(each.partition).end().value));
    }
  }
  if (!cluster_.transactions().all_over()) return no("a transaction is still open");
  return true;
}

void Checker::expect(bool stateful) {
  for (const TopicPartition& partition : cluster_.partitions_of(kInput)) {
    std::map<std::string, Seen> state;
    Offset at{0};
    for (; const LogEntry* entry = cluster_.log(partition).read(at, true); ++at.value) {
      const std::string& key = *entry->message.key;
      const Line line{partition, key};
      const Kind kind = kind_of(*entry->message.value);
      chronicle_.add(Count::records_in);
      if (kind == Kind::broken) {
        chronicle_.add(Count::dead_letters);
        expected_[kDeadLetters][line].push_back(std::to_string(at.value));
        continue;
      }
      Seen& seen = state[key];
      const std::string value =
          make_value(partition.topic, partition.partition, at, stateful ? seen : Seen{});
      seen = {seen.times + 1, at.value};
      if (kind == Kind::again || kind == Kind::quiet) {
        chronicle_.add(Count::suppressed);
        continue;
      }
      chronicle_.add(Count::outputs);
      expected_[kEnriched][line].push_back(value);
      if (kind == Kind::doubled) expected_[kRouted][line].push_back(value);
    }
    if (!stateful) continue;
    for (const auto& [key, seen] : state) state_[{partition, key}] = seen.encode();
  }
}

Checker::Lines Checker::read_values(const std::string& topic) {
  Lines lines;
  for (const TopicPartition& partition : cluster_.partitions_of(topic)) {
    Offset at{0};
    for (; const LogEntry* entry = cluster_.log(partition).read(at, true); ++at.value) {
      const auto source = source_of(*entry->message.value);
      if (!source) {
        violated(name_of(partition) + " has a record of nobody's");
        continue;
      }
      lines[{source->first, *entry->message.key}].push_back(*entry->message.value);
    }
  }
  return lines;
}

Checker::Lines Checker::read_dead_letters() {
  Lines lines;
  for (const TopicPartition& partition : cluster_.partitions_of(kDeadLetters)) {
    Offset at{0};
    for (; const LogEntry* entry = cluster_.log(partition).read(at, true); ++at.value) {
      std::vector<Header> headers;
      headers.reserve(entry->message.headers.size());
      for (const auto& [name, value] : entry->message.headers) {
        headers.push_back({name, value ? std::string_view(*value) : std::string_view{}});
      }
      std::string error;
      const auto letter = parse_dead_letter(headers, error);
      if (!letter) {
        violated(name_of(partition) + " has a dead letter without its headers: " + error);
        continue;
      }
      const TopicPartition source{letter->topic, letter->partition};
      lines[{source, *entry->message.key}].push_back(std::to_string(letter->offset.value));
    }
  }
  return lines;
}

void Checker::compare(const std::string& topic, const Lines& expected, const Lines& found) {
  std::map<Line, std::pair<std::vector<std::string>, std::vector<std::string>>> both;
  for (const auto& [line, values] : expected) both[line].first = values;
  for (const auto& [line, values] : found) both[line].second = values;
  for (const auto& [line, pair] : both) {
    const auto& [wanted, got] = pair;
    if (wanted == got) continue;
    const std::string where = topic + ", of " + name_of(line.first) + " key " + line.second;
    const auto times = [](const std::vector<std::string>& in, const std::string& value) {
      return std::count(in.begin(), in.end(), value);
    };
    // The plainest words for what is wrong.
    std::string what;
    for (const std::string& each : wanted) {
      if (times(got, each) == 0) {
        what = "lost or changed: '" + each + "'";
        break;
      }
      if (times(got, each) > 1) {
        what = "doubled: '" + each + "'";
        break;
      }
    }
    for (std::size_t i = 0; what.empty() && i < got.size(); ++i) {
      if (times(wanted, got[i]) == 0) what = "unexpected: '" + got[i] + "'";
    }
    if (what.empty()) what = "in another order";
    const auto differ = std::mismatch(wanted.begin(), wanted.end(), got.begin(), got.end());
    if (differ.first != wanted.end() && differ.second != got.end()) {
      what.append(" (first difference: wanted '").append(*differ.first);
      what.append("', got '").append(*differ.second).append("')");
    }
    violated(std::string(where)
                 .append(": ")
                 .append(std::to_string(wanted.size()))
                 .append(" wanted, ")
                 .append(std::to_string(got.size()))
                 .append(" found, ")
                 .append(what));
  }
}

void Checker::check_positions() {
  std::string why;
  if (!settled(&why)) violated("positions: " + why);
}

void Checker::check_concurrent_reader() {
  read_on();
  for (const auto& [partition, offsets] : seen_) {
    std::vector<std::int64_t> now;
    Offset at{0};
    for (; cluster_.log(partition).read(at, true) != nullptr; ++at.value) now.push_back(at.value);
    if (now != offsets) {
      violated("a reader of " + name_of(partition) + " that read along saw " +
               std::to_string(offsets.size()) + " records, one that reads now sees " +
               std::to_string(now.size()));
    }
  }
}

void Checker::check_changelog() {
  std::map<Line, std::string> found;
  for (const TopicPartition& partition : cluster_.partitions_of(kChangelog)) {
    Offset at{0};
    for (; const LogEntry* entry = cluster_.log(partition).read(at, true); ++at.value) {
      const Line line{{kInput, partition.partition}, *entry->message.key};
      if (!entry->message.value) {
        found.erase(line);
        continue;
      }
      const auto value = changelog_value(*entry->message.value);
      if (!value) {
        violated(name_of(partition) + " has a record of another version");
      } else {
        found[line] = *value;
      }
    }
  }
  if (found == state_) return;
  for (const auto& [line, value] : state_) {
    const auto other = found.find(line);
    if (other != found.end() && other->second == value) continue;
    violated("state of " + name_of(line.first) + " key " + line.second + ": wanted " + value +
             ", the changelog has " + (other == found.end() ? "nothing" : other->second));
    return;
  }
  violated("the changelog has keys that nobody wrote");
}

void Checker::count_hidden() {
  for (const std::string* topic : kOutputs) {
    for (const TopicPartition& partition : cluster_.partitions_of(*topic)) {
      chronicle_.add(Count::hidden_records, cluster_.log(partition).count(Fate::aborted));
    }
  }
}

std::vector<std::string> Checker::check(bool stateful) {
  expect(stateful);
  compare(kEnriched, expected_[kEnriched], read_values(kEnriched));
  compare(kRouted, expected_[kRouted], read_values(kRouted));
  compare(kDeadLetters, expected_[kDeadLetters], read_dead_letters());
  check_positions();
  check_concurrent_reader();
  if (stateful) check_changelog();
  count_hidden();
  return violations_;
}

}  // namespace telex::sim
