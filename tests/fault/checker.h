// The checker that every fault test shares: what was sent against what came out, by counts.
//
// It is told what was sent, then every record of the outputs as a read_committed reader sees them
// from the beginning, then what a second reader saw that ran all along. It knows nothing of Kafka.
//
// Exactly once means: each article in outputs and dead letters once, in the outlet where it is due;
// nothing that was never sent; bodies with their CRC; per source and output partition rising seq,
// and a key in one partition; both readers the same records at the same offsets; the group's
// positions behind the last article.
//
// Threads: one. Limits: it keeps a few dozen bytes an article and record.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "tests/fault/articles.h"

namespace telex::fault {

enum class Outlet : std::uint8_t { enriched, dead_letters };
inline constexpr std::size_t kOutletCount = 2;
enum class Due : std::uint8_t { anywhere, enriched, dead_letters };

// A record of an outlet.
struct SeenRecord {
  Outlet outlet = Outlet::enriched;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::optional<ArticleId> id;  // nullopt: it is none of ours.
  bool is_intact = true;        // A mark's CRC fits; true where there is no mark.
  std::uint32_t key_crc = 0;
  std::uint32_t value_crc = 0;
};
// Identity and CRCs from what a reader was given. `id_header`: value of kIdHeader, empty if none.
SeenRecord read_record(Outlet outlet, std::int32_t partition, std::int64_t offset,
                       std::string_view key, std::string_view value, std::string_view id_header);

// Counts; all but `sent` and `hidden` are faults.
struct Findings {
  std::uint64_t sent = 0;
  std::uint64_t lost = 0;
  std::uint64_t doubled = 0;          // Copies beyond the first.
  std::uint64_t misplaced = 0;        // In the outlet where it was not due.
  std::uint64_t unknown = 0;          // Never sent.
  std::uint64_t corrupt = 0;          // CRC of a mark, or a dead letter's value, differs.
  std::uint64_t out_of_order = 0;     // First copies behind a later article of the same source.
  std::uint64_t keys_moved = 0;       // First copies in another partition than their key before.
  std::uint64_t witness_differs = 0;  // Offsets where the two readers disagree.
  std::uint64_t group_behind = 0;     // Input partitions whose position is not behind the last one.
  std::uint64_t hidden = 0;           // Records of aborted transactions: what faults hit.
  bool exact() const {
    return lost + doubled + misplaced + unknown + corrupt + out_of_order + keys_moved +
               witness_differs + group_behind ==
           0;
  }
  // "4,000 sent, 0 lost, …": faults that are zero are left out, but for lost and doubled.
  std::string text() const;
};

class Checker {
 public:
  // `value_crc`: of the whole value as sent; a dead letter must have it again.
  void sent(ArticleId id, Due due, std::uint32_t value_crc);
  // REQUIRES: in offset order within each partition, once per record.
  void saw(const SeenRecord& record);
  // The same for the reader that ran meanwhile. Without a call there was no such reader.
  void witnessed(const SeenRecord& record);
  void count_hidden(std::uint64_t records) { hidden_ += records; }
  // Of one input partition: the group's committed offset, the offset after its last record, and the
  // end of its log, which commit markers may put further out.
  void group_at(std::int64_t committed, std::int64_t data_end, std::int64_t log_end);

  Findings findings() const;
  // The first `limit` articles that were lost or doubled, for a failure message.
  std::string examples(std::size_t limit) const;

 private:
  struct Article {
    Due due = Due::anywhere;
    std::uint32_t value_crc = 0;
    std::array<std::uint32_t, kOutletCount> seen{};
  };
  using Place = std::tuple<Outlet, std::int32_t, std::int64_t>;  // Outlet, partition, offset.
  using Witnessed = std::map<Place, std::tuple<std::uint32_t, std::uint32_t>>;

  std::map<ArticleId, Article> articles_;
  std::map<std::tuple<Outlet, std::int32_t, std::uint32_t>, std::uint64_t> last_seq_;
  std::map<std::tuple<Outlet, std::uint32_t>, std::int32_t> key_partition_;
  Witnessed final_;
  Witnessed witness_;
  bool has_witness_ = false;
  std::uint64_t unknown_ = 0;
  std::uint64_t corrupt_ = 0;
  std::uint64_t out_of_order_ = 0;
  std::uint64_t keys_moved_ = 0;
  std::uint64_t repeated_places_ = 0;  // The witness was given one offset twice.
  std::uint64_t group_behind_ = 0;
  std::uint64_t hidden_ = 0;
};

}  // namespace telex::fault
