// Stage: pure work on a batch.
//
// A stage is called with the whole batch. It may set verdicts and annotations; it never throws for
// bad data, never does I/O, never asks a clock, never adds or reorders rows. It skips rows whose
// verdict is no longer `publish`. Same input, same generation -> same output.
#pragma once

#include <concepts>
#include <functional>
#include <string_view>

#include "process/generation.h"
#include "schemas/annotations.h"
#include "schemas/batch.h"
#include "schemas/tokens.h"

namespace telex {

// The working memory of one pipeline; lives as long as the pipeline, reset for each batch.
struct StageContext {
  const Generation& generation;
  Tokens& tokens;
  Annotations& annotations;
};

template <class S>
concept Stage = requires(S& stage, Batch& batch, StageContext& context) {
  { stage(batch, context) } noexcept -> std::same_as<void>;
};

}  // namespace telex
