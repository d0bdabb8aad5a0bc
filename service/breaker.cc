#include "service/breaker.h"

namespace telex {

void Breaker::add(bool dead, std::chrono::nanoseconds now) {
  if (count_ == kRecords) {
    dead_ -= last_[next_] ? 1U : 0U;
  } else {
    ++count_;
  }
  last_[next_] = dead;
  dead_ += dead ? 1U : 0U;
  next_ = (next_ + 1) % kRecords;

  now_ = std::chrono::duration_cast<std::chrono::seconds>(now).count();
  Second& second = seconds_[static_cast<std::size_t>(now_ % kSeconds)];
  if (second.number != now_) second = {now_, 0, 0};
  ++second.records;
  second.dead += dead ? 1U : 0U;
}

bool Breaker::too_many(std::uint64_t dead, std::uint64_t records) {
  return dead >= kDeadMin && dead * 100 >= records * kPercent;
}

bool Breaker::tripped() const {
  if (too_many(dead_, count_)) return true;
  std::uint64_t records = 0;
  std::uint64_t dead = 0;
  for (const Second& second : seconds_) {
    if (second.number < 0 || now_ - second.number >= kSeconds) continue;
    records += second.records;
    dead += second.dead;
  }
  return too_many(dead, records);
}

}  // namespace telex
