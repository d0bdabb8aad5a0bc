#include "tests/sim/newsroom.h"

#include <array>
#include <charconv>

#include "schemas/dead_letter.h"

namespace telex::sim {
namespace {

constexpr std::array<std::string_view, 5> kKinds{"plain", "double", "broken", "again", "quiet"};

// Cuts off and returns what stands before the last `mark`; the rest goes to `tail`.
std::string_view cut_last(std::string_view text, char mark, std::string_view& tail) {
  const std::size_t at = text.rfind(mark);
  if (at == std::string_view::npos) return {};
  tail = text.substr(at + 1);
  return text.substr(0, at);
}

std::int64_t number_in(std::string_view text) {
  std::int64_t value = -1;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

class Runner {
 public:
  explicit Runner(StateStore* store) : store_(store) {}

  BatchCounts operator()(Batch& batch, Records& out) {
    BatchCounts counts;
    for (std::uint32_t row = 0; row < batch.size(); ++row) {
      take(batch, row, out);
      counts.add(batch.verdict(row));
    }
    return counts;
  }

 private:
  void take(Batch& batch, std::uint32_t row, Records& out) {
    const RawRecord raw = batch.raw(row);
    const Kind kind = kind_of(raw.value);
    if (kind == Kind::broken) {
      batch.set_verdict(row, VerdictKind::faulty, Reason::malformed_json, "decode", "broken");
      add_dead_letter(batch, row, Provenance{}, out);
      return;
    }
    Seen seen;
    if (store_ != nullptr) {
      if (const auto known = store_->get(raw.partition, raw.key)) seen = Seen::decode(*known);
      const Seen after{seen.times + 1, raw.offset.value};
      if (!store_->put(raw.partition, raw.key, after.encode())) {
        batch.set_verdict(row, VerdictKind::faulty, Reason::malformed_json, "state", "full");
        add_dead_letter(batch, row, Provenance{}, out);
        return;
      }
    }
    if (kind == Kind::again || kind == Kind::quiet) {
      const auto verdict = kind == Kind::again ? VerdictKind::suppressed : VerdictKind::filtered;
      batch.set_verdict(row, verdict, Reason::none, "newsroom", "");
      return;
    }
    const std::string value = make_value(batch.topic(row), raw.partition, raw.offset, seen);
    publish(raw, Destination::enriched, value, row, out);
    if (kind == Kind::doubled) publish(raw, Destination::routed, value, row, out);
  }

  static void publish(const RawRecord& raw, Destination destination, const std::string& value,
                      std::uint32_t row, Records& out) {
    out.open();
    out.buffer() += raw.key;
    out.end_key();
    out.buffer() += value;
    out.end_value();
    out.close(destination, 0, Partition{}, raw.timestamp, row);
  }

  StateStore* store_;
};

}  // namespace

std::string_view to_string(Kind kind) { return kKinds[static_cast<std::size_t>(kind)]; }

Kind kind_of(std::string_view value) {
  for (std::size_t i = 0; i < kKinds.size(); ++i) {
    if (value.starts_with(kKinds[i])) return static_cast<Kind>(i);
  }
  return Kind::broken;
}

Kind draw_kind(Random& random) {
  const std::uint64_t drawn = random.below(20);
  if (drawn < 13) return Kind::plain;
  if (drawn < 15) return Kind::doubled;
  // Well below the share at which the lane's breaker stops a topic.
  if (drawn < 17) return Kind::broken;
  return drawn < 18 ? Kind::again : Kind::quiet;
}

std::string Seen::encode() const { return std::to_string(times) + "/" + std::to_string(last); }

Seen Seen::decode(std::string_view text) {
  std::string_view last;
  const std::string_view times = cut_last(text, '/', last);
  return {static_cast<std::uint64_t>(number_in(times)), number_in(last)};
}

std::string make_value(std::string_view topic, Partition partition, Offset offset,
                       const Seen& before) {
  return std::string(topic) + "/" + std::to_string(partition.value) + "/" +
         std::to_string(offset.value) + " " + before.encode();
}

std::optional<std::pair<TopicPartition, Offset>> source_of(std::string_view value) {
  std::string_view partition;
  std::string_view offset;
  const std::string_view head = cut_last(value.substr(0, value.find(' ')), '/', offset);
  const std::string_view topic = cut_last(head, '/', partition);
  if (topic.empty()) return std::nullopt;
  const Partition number{static_cast<std::int32_t>(number_in(partition))};
  return std::pair{TopicPartition{std::string(topic), number}, Offset{number_in(offset)}};
}

PublishedPtr publish_newsroom(std::uint64_t number) {
  auto published = std::make_shared<Published>();
  published->number = number;
  published->make_runner = [](std::span<StateStore* const> stores) -> BatchRunner {
    return Runner(stores.empty() ? nullptr : stores.front());
  };
  return published;
}

}  // namespace telex::sim
