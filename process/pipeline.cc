#include "process/pipeline.h"

#include "schemas/dead_letter.h"
#include "schemas/enriched.h"
#include "schemas/record_bytes.h"

namespace telex {
namespace {

constexpr std::string_view kEncodeStage = "encode";

std::uint64_t linked_mentions(const Annotations& annotations, const RowAnnotations& row) {
  std::uint64_t linked = 0;
  for (std::uint32_t i = row.mentions.first; i < row.mentions.last(); ++i) {
    const std::uint32_t entity = annotations.mentions[i].entity;
    if (entity != kNoEntity && !annotations.entities[entity].uri.empty()) ++linked;
  }
  return linked;
}

}  // namespace

BatchCounts& BatchCounts::operator+=(const BatchCounts& other) {
  in += other.in;
  published += other.published;
  deletions += other.deletions;
  suppressed += other.suppressed;
  filtered += other.filtered;
  dead_lettered += other.dead_lettered;
  held += other.held;
  mentions += other.mentions;
  mentions_linked += other.mentions_linked;
  topics += other.topics;
  marked += other.marked;
  for (std::size_t i = 0; i < dead_by_reason.size(); ++i)
    dead_by_reason[i] += other.dead_by_reason[i];
  return *this;
}

static_assert(kReasonNames.size() <= BatchCounts{}.dead_by_reason.size());

void BatchCounts::add(const Verdict& verdict) {
  ++in;
  switch (verdict.kind) {
    case VerdictKind::publish:
      ++published;
      break;
    case VerdictKind::deletion:
      ++deletions;
      break;
    case VerdictKind::filtered:
      ++filtered;
      break;
    case VerdictKind::suppressed:
      ++suppressed;
      break;
    case VerdictKind::held:
      ++held;
      break;
    case VerdictKind::faulty:
      ++dead_lettered;
      ++dead_by_reason[static_cast<std::size_t>(verdict.reason)];
      break;
  }
}

Pipeline::Pipeline(std::shared_ptr<const Generation> generation, std::vector<NamedStage> stages,
                   PipelineOptions options)
    : generation_(std::move(generation)),
      stages_(std::move(stages)),
      options_(std::move(options)) {}

// Makes a dead letter of a row whose record, the last of `out`, its topic cannot take.
void Pipeline::refuse_large_output(Batch& batch, std::uint32_t row, Records& out) const {
  if (options_.output_bytes_max == 0) return;
  const std::uint64_t bytes = bytes_on_topic(out[out.size() - 1]);
  if (bytes <= options_.output_bytes_max) return;
  out.drop_last();
  batch.set_verdict(row, VerdictKind::faulty, Reason::output_too_large, kEncodeStage,
                    "the enriched record has " + std::to_string(bytes) +
                        " bytes with key and headers; output.record_bytes_max is " +
                        std::to_string(options_.output_bytes_max));
}

BatchCounts Pipeline::run(Batch& batch, Records& out) {
  tokens_.clear();
  annotations_.reset(batch.size());
  StageContext context{*generation_, tokens_, annotations_};
  auto mark = std::chrono::steady_clock::now();
  const auto lap = [this, &mark](std::string_view name) {
    const auto now = std::chrono::steady_clock::now();
    stage_times_.push_back({name, now - mark});
    mark = now;
  };
  stage_times_.clear();
  for (NamedStage& stage : stages_) {
    stage.run(batch, context);
    lap(stage.name);
  }

  BatchCounts counts;
  for (std::uint32_t row = 0; row < batch.size(); ++row) {
    if (batch.publishes(row)) {
      add_enriched(batch, row, annotations_, generation_->provenance, options_.ce_source, out);
      refuse_large_output(batch, row, out);
    } else if (batch.verdict(row).kind == VerdictKind::deletion) {
      add_deletion(batch, row, out);
      refuse_large_output(batch, row, out);  // Its key may be of any length.
    }
    const Verdict& verdict = batch.verdict(row);
    counts.add(verdict);
    if (verdict.kind == VerdictKind::publish) {
      const RowAnnotations& found = annotations_.rows[row];
      counts.mentions += found.mentions.count;
      counts.mentions_linked += linked_mentions(annotations_, found);
      counts.topics += found.topics.count;
      if (found.duplicate.kind != DuplicateKind::none) ++counts.marked;
    } else if (verdict.kind == VerdictKind::faulty) {
      add_dead_letter(batch, row, generation_->provenance, out);
    }
  }
  if (options_.settled) options_.settled(batch);
  lap(kEncodeStage);
  return counts;
}

}  // namespace telex
