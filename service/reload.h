// Reload: what a running process may take over from its configuration file, read again.
//
// All or nothing: the file is read and checked, settings that only a start can change are compared,
// pack and rules are loaded and checked. Only if all of it is good is there a generation; else a
// message says what is not, and nothing has changed.
//
// Threads: free. Errors: values. Blocks for as long as reading the artefacts takes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "process/generation.h"
#include "service/config.h"

namespace telex {

enum class ReloadOutcome : std::uint8_t { applied, invalid, restart_needed, unavailable };
std::string_view to_string(ReloadOutcome outcome);  // See kReloadOutcomes in metrics.h.

struct Reload {
  ReloadOutcome outcome = ReloadOutcome::invalid;
  std::string message;  // One line; what is wrong, or for `applied` what is in force now.
  Config config;        // Of `applied`, as the next one.
  std::shared_ptr<const Generation> generation;
};

// Reads the file of `running` again; a generation made of it gets `number`.
Reload prepare_reload(const Config& running, std::uint64_t number);

}  // namespace telex
