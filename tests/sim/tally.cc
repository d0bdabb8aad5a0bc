#include "tests/sim/tally.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace telex::sim {

void Tally::add(const SeedResult& result) {
  ++seeds;
  events += result.events;
  longest = std::max(longest, result.virtual_time);
  for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += result.counts[i];
  if (result.violations.empty()) return;
  ++violated;
  if (violations.size() < kViolationsKept) {
    violations.push_back({result.seed, result.violations.front()});
  }
}

void Tally::add(const Tally& later) {
  seeds += later.seeds;
  events += later.events;
  violated += later.violated;
  longest = std::max(longest, later.longest);
  for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += later.counts[i];
  for (const Violation& each : later.violations) {
    if (violations.size() < kViolationsKept) violations.push_back(each);
  }
}

bool load_tally(const std::string& file, const std::string& run, Tally& tally) {
  std::ifstream in(file);
  std::string line;
  if (!std::getline(in, line) || line != run) return false;
  Tally read;
  std::int64_t longest = 0;
  in >> read.seeds >> read.events >> read.violated >> longest;
  read.longest = Nanos{longest};
  for (std::uint64_t& each : read.counts) in >> each;
  if (!in) return false;
  std::getline(in, line);
  Violation violation;
  while (in >> violation.seed && std::getline(in >> std::ws, violation.what)) {
    read.violations.push_back(violation);
  }
  tally = std::move(read);
  return true;
}

bool save_tally(const std::string& file, const std::string& run, const Tally& tally) {
  const std::string beside = file + ".new";
  {
    std::ofstream out(beside, std::ios::trunc);
    out << run << '\n'
        << tally.seeds << ' ' << tally.events << ' ' << tally.violated << ' '
        << tally.longest.count() << '\n';
    for (const std::uint64_t each : tally.counts) out << each << ' ';
    out << '\n';
    for (const Violation& each : tally.violations) out << each.seed << ' ' << each.what << '\n';
    if (!out.flush()) return false;
  }
  std::error_code failed;
  std::filesystem::rename(beside, file, failed);
  return !failed;
}

}  // namespace telex::sim
