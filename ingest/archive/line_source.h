// LineSource: raw records from files or standard input, for `tag`, the demo and replay.
//
// Each input is a partition of its own (partition 0 of a topic named after the file). In the layout
// `lines` every line that is not blank is a record and its offset is the line's ordinal, from 0; in
// `whole_file` a file is one record at offset 0. Inputs are read one after another, in the order
// given. Records have no key and no headers; their timestamp is the one given for the run.
//
// Ownership: owns its file descriptors; standard input is only borrowed.
// Threads:   as Source.
// Limits:    one line and one buffer in memory, plus 8 bytes for every kIndexLines lines. A record
//            above record_bytes_max (or above what the batch can hold) is cut there and gets the
//            verdict too_large at once, with its true length in the message.
// Errors:    a file that cannot be read: SourceEvent::fatal. Standard input cannot be rewound: an
//            assign() to an earlier offset of it is fatal too. An offset behind the last line:
//            out_of_range.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "process/source.h"
#include "schemas/reason.h"

namespace telex {

enum class ArchiveLayout : std::uint8_t { lines, whole_file };

struct ArchiveInput {
  std::string path;   // "-": standard input.
  std::string topic;  // Must be unique among the inputs of a source.
};

// Inputs with topics: the file's name without folders ("stdin" for "-"), or the path as given where
// two files have one name.
std::vector<ArchiveInput> archive_inputs(std::span<const std::string> paths);

struct LineSourceOptions {
  std::vector<ArchiveInput> inputs;
  ArchiveLayout layout = ArchiveLayout::lines;
  UnixMillis timestamp = kNoTimestamp;
  std::uint32_t record_bytes_max = ArticleLimits::kRawBytesMax;
};

class LineSource final : public Source {
 public:
  static constexpr std::uint32_t kIndexLines = 1024;
  static constexpr std::string_view kStage = "archive";

  explicit LineSource(LineSourceOptions options);
  ~LineSource() override;

  void poll(Batch& batch, std::chrono::milliseconds deadline,
            const EventHandler& on_event) override;
  void assign(std::span<const Position> positions) override;
  std::string group() override { return {}; }
  void close() override;

 private:
  class Input;
  enum class Progress : std::uint8_t { more, batch_full, waiting, done, failed };

  Progress fill(Input& input, Batch& batch, std::chrono::steady_clock::time_point until);
  bool add(Input& input, Batch& batch) const;
  void fail(SourceEventKind kind, const Input& input, const std::string& message,
            const EventHandler& on_event);
  void announce(const EventHandler& on_event) const;

  LineSourceOptions options_;
  std::vector<std::unique_ptr<Input>> inputs_;
  bool announced_ = false;
  bool end_reported_ = false;
  bool over_ = false;  // Closed or failed.
};

}  // namespace telex
