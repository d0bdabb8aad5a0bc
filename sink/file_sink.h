// FileSink: committed records as JSON Lines in files.
//
// path              values of enriched, routed and correction records, one a line. A deletion (null
//                   value) is {"deleted":"<key>"}.
// dead_letter_path  {"key":<base64 or null>,"value":<base64 or null>,"headers":[{"name":…,
//                   "value":<base64 or null>}…],"telex":{<the telex-dlq-* headers as text>}}
// Changelogs are not written: a file has no state to restore.
//
// A transaction is held in memory and appended as a whole when it commits. Files are written beside
// their names ("….partial") and take them when close() has brought everything to the disk, so a
// file under its own name is complete. An empty path leaves those records out (they count).
//
// Ownership: owns its files. Threads: one lane.
// Limits: kTransactionBytesMax of text a transaction, then `full`.
// Errors: what the file system refuses is `fatal`, with its own words; the file keeps the
//         transactions that were committed before.
#pragma once

#include <array>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>

#include "process/sink.h"

namespace telex {

struct FileSinkOptions {
  std::string path;
  std::string dead_letter_path;
};

class FileSink final : public Sink {
 public:
  static constexpr std::uint64_t kTransactionBytesMax = 64U << 20;

  explicit FileSink(FileSinkOptions options);
  ~FileSink() override;

  // Opens the files, over what an earlier run left unfinished. Call before anything else.
  SinkResult open();

  SinkResult begin() override;
  SinkResult stage(const Records& records, std::uint32_t first) override;
  std::uint32_t staged() const override { return staged_; }
  CommitResult commit(const Positions& next, std::string_view group,
                      std::chrono::milliseconds limit) override;
  CommitResult abort(std::chrono::milliseconds limit) override;
  SinkResult poll() override { return {}; }
  // Puts the files under their names. What failed is in close_error(); empty = all well.
  void close(std::chrono::milliseconds limit) override;
  const std::string& close_error() const { return close_error_; }

  std::uint64_t records(Destination destination) const {
    return committed_[static_cast<std::size_t>(destination)];
  }

 private:
  struct Closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  struct Output {
    std::string path;
    std::string text;  // Of the open transaction.
    std::unique_ptr<std::FILE, Closer> file;
    long committed_bytes = 0;
  };

  std::string open_output(Output& output);
  std::string append_text(Output& output);
  std::string finish(Output& output);

  Output records_;
  Output dead_letters_;
  std::array<std::uint64_t, kDestinationCount> committed_{};
  std::array<std::uint64_t, kDestinationCount> staged_counts_{};
  std::uint32_t staged_ = 0;
  std::string close_error_;
};

}  // namespace telex
