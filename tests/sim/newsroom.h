// The articles of a simulated world, what a lane makes of them, and what must come of them: one
// model of the work, used by the runner inside the lane and by the checker outside.
//
// An article's value says what it is: "plain …" becomes one record, "double …" two (enriched and
// routed), "broken …" a dead letter, "again …" is suppressed, "quiet …" only changes the state.
// What is published carries where it came from and what the state knew of its key, so a record
// that is lost, doubled, out of order or made from a stale state shows.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "service/lane.h"
#include "tests/sim/random.h"

namespace telex::sim {

enum class Kind : std::uint8_t { plain, doubled, broken, again, quiet };
std::string_view to_string(Kind kind);
Kind kind_of(std::string_view value);
Kind draw_kind(Random& random);

// How often a key was seen and where last; what the store holds of it, as text.
struct Seen {
  std::uint64_t times = 0;
  std::int64_t last = -1;
  std::string encode() const;
  static Seen decode(std::string_view text);
};

// The value of what is published of an article: its source, and what was seen of its key before.
std::string make_value(std::string_view topic, Partition partition, Offset offset,
                       const Seen& before);
// The source in such a value.
std::optional<std::pair<TopicPartition, Offset>> source_of(std::string_view value);

// With a store given it is used; without, `before` is always empty.
PublishedPtr publish_newsroom(std::uint64_t number);

}  // namespace telex::sim
