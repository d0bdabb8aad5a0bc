#include "service/reload.h"

#include <algorithm>
#include <filesystem>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "service/metrics.h"
#include "service/pipelines.h"

namespace telex {
namespace {

// Of the errors in a file; the rest is a number, and `telex validate` has them all.
constexpr std::size_t kErrorsShown = 5;

std::string summary(const std::vector<ConfigError>& errors) {
  std::string text;
  for (std::size_t i = 0; i < std::min(errors.size(), kErrorsShown); ++i) {
    text += (i == 0 ? "" : "; ") + errors[i].text();
  }
  if (errors.size() > kErrorsShown) {
    text += fmt::format("; and {} more", errors.size() - kErrorsShown);
  }
  return text;
}

Reload not_applied(ReloadOutcome outcome, std::string message) {
  return {outcome, std::move(message), {}, nullptr};
}

}  // namespace

std::string_view to_string(ReloadOutcome outcome) {
  return kReloadOutcomes[static_cast<std::size_t>(outcome)];
}

Reload prepare_reload(const Config& running, std::uint64_t number) {
  if (running.file.empty()) {
    return not_applied(ReloadOutcome::invalid, "there is no configuration file to read again");
  }
  // Reading anything else (a pipe that was read at the start) could wait for ever.
  std::error_code failed;
  if (!std::filesystem::is_regular_file(running.file, failed)) {
    return not_applied(ReloadOutcome::invalid, running.file.string() + ": is no regular file");
  }
  std::vector<ConfigError> errors;
  Config wanted = load_config(running.file, errors);
  if (!errors.empty()) return not_applied(ReloadOutcome::invalid, summary(errors));
  const std::vector<std::string> changes = restart_only_changes(running, wanted);
  if (!changes.empty()) {
    return not_applied(ReloadOutcome::restart_needed,
                       fmt::format("{}: {} can only change with a restart; nothing was taken over",
                                   running.file.string(), fmt::join(changes, ", ")));
  }
  std::string error;
  auto generation = make_generation(wanted, number, error);
  if (generation == nullptr) return not_applied(ReloadOutcome::unavailable, std::move(error));
  wanted.input.language = running.input.language;  // Not of the file.
  return {ReloadOutcome::applied, fmt::format("generation {} is in force", number),
          std::move(wanted), std::move(generation)};
}

}  // namespace telex
