// Relevance: how much an article is about an entity, 0-100, in integers.
//
//   points = sum over its mentions of
//              30  in the title or a headline           16  in the lead
//              12  in a section heading, or within the first 15 % of the article's tokens
//               7  anywhere else
//               3  for an adjective or demonym, wherever it stands; the first kAdjectivesMax count
//          + 3 for each eighth of the article that has a mention (coverage)
//   relevance = kCurve at points, straight between its steps: 10 points are 38, 40 are 70, 140
//   are 99.
// The curve rises like a logistic function and is a table, so that it is the same on every machine.
// Only adjectives and demonyms: at most kAdjectiveRelevanceMax, for nothing was named.
#pragma once

#include <array>
#include <cstdint>
#include <utility>

#include "schemas/types.h"

namespace telex {

enum class MentionPlace : std::uint8_t { headline, lead, heading, opening, body };

class RelevanceSum {
 public:
  static constexpr std::uint32_t kAdjectivesMax = 4;
  static constexpr Score kAdjectiveRelevanceMax = 30;

  // `eighth` of the article, 0-7.
  void add_name(MentionPlace place, std::uint32_t eighth) {
    constexpr std::array<std::uint32_t, 5> kPoints{30, 16, 12, 12, 7};
    points_ += kPoints[static_cast<std::size_t>(place)];
    named_ = true;
    eighths_ = static_cast<std::uint8_t>(eighths_ | 1U << (eighth & 7U));
  }
  void add_adjective(std::uint32_t eighth) {
    if (adjectives_++ < kAdjectivesMax) points_ += 3;
    eighths_ = static_cast<std::uint8_t>(eighths_ | 1U << (eighth & 7U));
  }
  Score relevance() const {
    std::uint32_t points = points_;
    for (std::uint32_t bits = eighths_; bits != 0; bits &= bits - 1) points += 3;
    const Score score = on_curve(points);
    return named_ || score < kAdjectiveRelevanceMax ? score : kAdjectiveRelevanceMax;
  }

 private:
  static constexpr std::array<std::pair<std::uint32_t, std::uint32_t>, 8> kCurve{
      {{0, 0}, {10, 38}, {20, 50}, {40, 70}, {60, 83}, {80, 90}, {100, 95}, {140, 99}}};

  static constexpr Score on_curve(std::uint32_t points) {
    for (std::size_t i = 1; i < kCurve.size(); ++i) {
      const auto [from, low] = kCurve[i - 1];
      const auto [to, high] = kCurve[i];
      if (points < to)
        return static_cast<Score>(low + (points - from) * (high - low) / (to - from));
    }
    return static_cast<Score>(kCurve.back().second);
  }

  std::uint32_t points_ = 0;
  std::uint32_t adjectives_ = 0;
  std::uint8_t eighths_ = 0;
  bool named_ = false;
};

}  // namespace telex
