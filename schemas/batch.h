// Batch: the raw records of at most one poll, in offset order per partition, and what was decoded
// from them. The batch is what moves through the pipeline, not the article.
//
// Ownership: the batch owns every byte. Raw records lie in one arena that is padded at its end, so
//            that a SIMD parser may read past the last value; decoded text lies in a second one.
//            A view it returns is valid until clear() or destruction; a move keeps views valid.
// Threads:   none inside. One lane uses it at a time; hand it over by move.
// Limits:    rows_max records and raw_bytes_max bytes. append() refuses, it never grows an arena.
// Errors:    a faulty record is data: it gets a verdict, and the batch goes on.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/article.h"
#include "schemas/reason.h"
#include "schemas/types.h"

namespace telex {

// A header of a Kafka record. A null value is kept apart from an empty one, as Kafka does:
// value.data() == nullptr.
struct Header {
  std::string_view name;
  std::string_view value;
};

// One record as it came. Null key or value: data() == nullptr.
struct RawRecord {
  std::uint16_t topic = 0;  // Index into Batch::topics().
  Partition partition;
  Offset offset;
  UnixMillis timestamp = kNoTimestamp;
  std::string_view key;
  std::string_view value;
  std::span<const Header> headers;
  bool is_tombstone() const { return value.data() == nullptr; }
};

enum class VerdictKind : std::uint8_t {
  publish,     // Nothing stands against it: it becomes an enriched record.
  deletion,    // A tombstone: passed on as one, under the same identity.
  faulty,      // Goes to the dead letters with its reason.
  filtered,    // Taken out by a rule; counted.
  suppressed,  // Taken out as a duplicate; counted.
  held,        // Kept back (embargo); counted as change in held.
};

struct Verdict {
  VerdictKind kind = VerdictKind::publish;
  Reason reason = Reason::none;
  std::string_view stage;    // Name of the stage that said so; static storage.
  std::string_view message;  // UTF-8, at most 1 KiB, in the batch's arena. Never article text.
};

struct BatchLimits {
  std::uint32_t rows_max = 5000;
  std::uint32_t raw_bytes_max = 16U << 20;
};

class Batch {
 public:
  explicit Batch(BatchLimits limits = {});
  Batch(Batch&&) noexcept;
  Batch& operator=(Batch&&) noexcept;
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;
  ~Batch();

  // Index of a topic name for RawRecord::topic; names live as long as the batch, clear() keeps
  // them.
  std::uint16_t intern_topic(std::string_view topic);
  std::span<const std::string> topics() const { return topics_; }

  // Copies `record` in. False, and no change, if it would not fit: settle this batch, then retry.
  // A record larger than limits().raw_bytes_max never fits (see fits_empty()).
  // REQUIRES: offsets of one partition grow; record.topic comes from intern_topic().
  [[nodiscard]] bool append(const RawRecord& record);
  // Whether `record` would fit into this batch if it were empty.
  bool fits_empty(const RawRecord& record) const;

  // Forgets rows and text, keeps memory and topic names.
  void clear() noexcept;

  std::uint32_t size() const { return static_cast<std::uint32_t>(rows_.size()); }
  bool empty() const { return rows_.empty(); }
  const BatchLimits& limits() const { return limits_; }
  std::uint32_t raw_bytes() const { return raw_used_; }
  // Size of the text arena: what decoding a full batch can need at most, so that whether an article
  // fits never depends on its neighbours. Text is never longer than its JSON, a percent-encoded
  // identity three times its key; what stands beside them in a row has kTextBytesPerRow.
  std::uint32_t text_bytes_max() const;

  // All REQUIRE row < size().
  RawRecord raw(std::uint32_t row) const;
  std::string_view topic(std::uint32_t row) const { return topics_[rows_[row].topic]; }
  const Verdict& verdict(std::uint32_t row) const { return rows_[row].verdict; }
  bool publishes(std::uint32_t row) const {
    return rows_[row].verdict.kind == VerdictKind::publish;
  }
  // The decoded article; empty parts until set_article().
  Article article(std::uint32_t row) const;

  // Sets a verdict; `message` is cut at 1 KiB on a code point boundary and copied.
  // The first fault stands: a later one on the same row changes nothing.
  void set_verdict(std::uint32_t row, VerdictKind kind, Reason reason, std::string_view stage,
                   std::string_view message);

  // Room for `bytes` of decoded text, uninitialised; nullptr when the text arena is full (see
  // text_bytes_max()). Give back an unused tail with trim_text(), which REQUIRES that `end` lies in
  // the latest allocation.
  char* allocate_text(std::uint32_t bytes);
  void trim_text(const char* end);
  // A copy of `text` in the arena; data() == nullptr when full.
  std::string_view store_text(std::string_view text);

  // Keeps a decoded article. Strings must lie in this batch's arenas or in static storage; the
  // spans may lie anywhere and are copied.
  void set_article(std::uint32_t row, const Article& article);
  // Gives an article that names no language `language`, which must outlive the batch's use.
  void hint_language(std::uint32_t row, std::string_view language);

 private:
  static constexpr std::uint32_t kTextBytesPerRow = 2048;

  struct Row {
    std::uint16_t topic = 0;
    Partition partition;
    Offset offset;
    UnixMillis timestamp = kNoTimestamp;
    std::string_view key;
    std::string_view value;
    IndexRange headers;
    IndexRange parts;
    IndexRange headings;
    IndexRange pass_through;
    Article article;  // Spans unset; they are the ranges above, since the vectors may move.
    Verdict verdict;
  };

  std::string_view copy_raw(std::string_view bytes);

  BatchLimits limits_;
  std::unique_ptr<char[]> raw_;  // Pages are touched only when used.
  std::unique_ptr<char[]> text_;
  std::uint32_t raw_used_ = 0;
  std::uint32_t text_used_ = 0;
  std::unique_ptr<char[]> messages_;  // Room for one message of the longest kind a row.
  std::uint32_t messages_used_ = 0;
  std::vector<std::string> topics_;
  std::vector<Row> rows_;
  std::vector<Header> headers_;
  std::vector<Part> parts_;
  std::vector<Heading> headings_;
  std::vector<PassThrough> pass_through_;
};

}  // namespace telex
