// Pipeline: the ordered stages of one Generation. Same batch, same generation -> same records.
//
// Stages are put together by hand, in one place (service/pipelines.cc). Between them the batch
// stays whole: every stage runs over all rows before the next begins.
//
// Ownership: owns its stages and the working memory they share (tokens, annotations), which it
//            reuses from batch to batch. Shares the Generation.
// Threads:   one lane uses it at a time; lanes have one each.
// Errors:    none: what is wrong with an article is a verdict and becomes a dead letter.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "process/generation.h"
#include "process/stage.h"
#include "schemas/annotations.h"
#include "schemas/batch.h"
#include "schemas/record.h"
#include "schemas/tokens.h"

namespace telex {

// What one batch came to, an article once however often it is routed:
// in = published + deletions + suppressed + filtered + dead_lettered + held.
struct BatchCounts {
  std::uint64_t in = 0;
  std::uint64_t published = 0;
  std::uint64_t deletions = 0;
  std::uint64_t suppressed = 0;
  std::uint64_t filtered = 0;
  std::uint64_t dead_lettered = 0;
  std::uint64_t held = 0;
  std::uint64_t mentions = 0;
  std::uint64_t mentions_linked = 0;
  std::uint64_t topics = 0;
  std::uint64_t marked = 0;                        // Of the published: as duplicates.
  std::array<std::uint64_t, 32> dead_by_reason{};  // By Reason.

  BatchCounts& operator+=(const BatchCounts& other);
  // Counts one row in, and what became of it.
  void add(const Verdict& verdict);
  bool balances() const {
    return in == published + deletions + suppressed + filtered + dead_lettered + held;
  }
};

struct PipelineOptions {
  // Of one enriched record or deletion with key and headers, as schemas/record_bytes.h counts; 0 =
  // no limit.
  std::uint32_t output_bytes_max = 0;
  std::string ce_source = "telex";  // CloudEvents source where the article names none.
  // Called when the verdicts of a batch are final, encoding included; for stages with state, which
  // may have remembered an article that became a dead letter. Must not throw.
  std::function<void(const Batch&)> settled;
};

// What a stage took of the latest batch.
struct StageTime {
  std::string_view name;
  std::chrono::nanoseconds time{0};
};

class Pipeline {
 public:
  struct NamedStage {
    std::string name;
    std::function<void(Batch&, StageContext&)> run;
  };

  Pipeline(std::shared_ptr<const Generation> generation, std::vector<NamedStage> stages,
           PipelineOptions options);

  // Runs the stages and appends what the batch becomes to `out`, in row order: one enriched
  // record, one tombstone or one dead letter a row, or nothing for rows filtered, suppressed, held.
  // After the call annotations() and tokens() describe this batch until the next run().
  BatchCounts run(Batch& batch, Records& out);

  // Of the latest run, in order; the last is "encode". For metrics only: no time enters a record.
  std::span<const StageTime> stage_times() const { return stage_times_; }

  const Generation& generation() const { return *generation_; }
  const Annotations& annotations() const { return annotations_; }
  const Tokens& tokens() const { return tokens_; }

 private:
  void refuse_large_output(Batch& batch, std::uint32_t row, Records& out) const;

  std::shared_ptr<const Generation> generation_;
  std::vector<NamedStage> stages_;
  PipelineOptions options_;
  std::vector<StageTime> stage_times_;
  Tokens tokens_;
  Annotations annotations_;
};

}  // namespace telex
