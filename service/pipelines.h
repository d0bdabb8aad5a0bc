// Where the stages are put together, by hand: reading make_pipeline() shows the topology.
//
// Threads: free; what it returns belongs to the caller.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "process/generation.h"
#include "process/pipeline.h"
#include "process/state_store.h"
#include "service/config.h"

namespace telex {

// Loads pack and rules as configured, all or nothing. nullptr, and why in `error`.
std::shared_ptr<const Generation> make_generation(const Config& config, std::uint64_t number,
                                                  std::string& error);

// What a pipeline has beside its generation and configuration; plain data.
struct PipelineState {
  // Of identical articles, borrowed; null: none are looked for, whatever the configuration says.
  StateStore* identical = nullptr;
  // See IdenticalOptions::on_full.
  std::function<void(std::uint32_t articles)> on_full;
};

// decode · duplicates · tokenise · language · entities · topics, over one generation; one lane's.
// Duplicates come before what costs time.
std::unique_ptr<Pipeline> make_pipeline(std::shared_ptr<const Generation> generation,
                                        const Config& config, PipelineState state = {});

// The pack that `[knowledge] pack` means: a path, or for "default" telex.pack beside the program,
// then in ../share/telex. Empty if there is none.
std::string find_pack(const std::string& configured);

}  // namespace telex
