// Records: the only thing a sink ever gets.
//
// Ownership: a Records owns all bytes of its records in one growing buffer that is reused; a
//            Record's views are valid until the next append, clear() or destruction.
// Threads:   one lane uses it at a time.
// Limits:    none of its own; a pipeline makes at most a bounded number per batch row.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/batch.h"
#include "schemas/types.h"

namespace telex {

enum class Destination : std::uint8_t { enriched, routed, dead_letter, changelog, correction };
inline constexpr std::size_t kDestinationCount = 5;
std::string_view to_string(Destination destination);

class Records;

// The headers of one record: a view into its Records.
class HeaderList {
 public:
  HeaderList() = default;
  HeaderList(const Records* records, IndexRange range) : records_(records), range_(range) {}
  std::uint32_t size() const { return range_.count; }
  bool empty() const { return range_.count == 0; }
  Header operator[](std::uint32_t index) const;  // REQUIRES index < size().

 private:
  const Records* records_ = nullptr;
  IndexRange range_;
};

// Null key or value: data() == nullptr, as in RawRecord.
struct Record {
  Destination destination = Destination::enriched;
  std::uint16_t route = 0;  // Which route, for `routed`; which store, for `changelog`.
  Partition partition;      // -1: by key. Set for changelogs.
  UnixMillis timestamp = kNoTimestamp;
  std::string_view key;
  std::string_view value;
  HeaderList headers;
  std::uint32_t row = 0;  // The batch row it came from; for counting, never on the wire.
};

class Records {
 public:
  std::uint32_t size() const { return static_cast<std::uint32_t>(rows_.size()); }
  bool empty() const { return rows_.empty(); }
  Record operator[](std::uint32_t index) const;
  // Bytes of keys, values and headers; what a transaction's byte bound counts.
  std::uint64_t bytes() const { return bytes_.size(); }
  void clear() noexcept;

  // A record is written in place, without a copy:
  //   open(); write the key into buffer(); end_key(); write the value into buffer(); end_value();
  //   add_header()*; close(...)
  // Leave out end_key() / end_value() for null. abandon() drops the open record.
  void open();
  std::string& buffer() { return bytes_; }
  void end_key();
  void end_value();
  void add_header(std::string_view name, std::string_view value);  // value.data()==nullptr: null.
  // Bytes of the open record's value so far.
  std::uint64_t open_value_bytes() const;
  void close(Destination destination, std::uint16_t route, Partition partition,
             UnixMillis timestamp, std::uint32_t row);
  void abandon();
  // Takes the last closed record back. REQUIRES: !empty(), none open.
  void drop_last();

 private:
  friend class HeaderList;
  struct Slice {
    std::uint64_t begin = 0;
    std::uint64_t length = 0;
    bool null = true;
  };
  struct Row {
    Destination destination = Destination::enriched;
    std::uint16_t route = 0;
    Partition partition;
    UnixMillis timestamp = kNoTimestamp;
    std::uint32_t row = 0;
    Slice key;
    Slice value;
    IndexRange headers;
    std::uint64_t begin = 0;  // Where its bytes begin.
  };
  struct HeaderSlices {
    Slice name;
    Slice value;
  };
  std::string_view view(const Slice& slice) const;

  std::string bytes_;
  std::vector<Row> rows_;
  std::vector<HeaderSlices> headers_;
  Row open_;  // The record being written.
  std::uint64_t open_begin_ = 0;
  std::uint64_t mark_ = 0;
};

}  // namespace telex
