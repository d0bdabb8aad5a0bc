#include "process/nearest_name.h"

#include <algorithm>
#include <vector>

namespace telex {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// One row of the usual table at a time.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      const std::size_t change = lower(a[i - 1]) == lower(b[j - 1]) ? 0 : 1;
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + change});
      diagonal = above;
    }
  }
  return row[b.size()];
}

}  // namespace

std::string_view nearest_name(std::string_view word, std::span<const std::string_view> names) {
  std::string_view nearest;
  std::size_t least = 0;
  for (const std::string_view name : names) {
    const std::size_t allowed = std::max<std::size_t>(1, name.size() / 3);
    if (word.size() > name.size() + allowed) continue;
    const std::size_t changes = distance(word, name);
    if (changes > allowed || (!nearest.empty() && changes >= least)) continue;
    nearest = name;
    least = changes;
  }
  return nearest;
}

}  // namespace telex
