// Logs: spdlog on standard error, as text for people or as JSON lines. Never article text, never a
// secret: callers log names, counts, offsets and reasons.
// Threads: free.
#pragma once

#include <string>

namespace telex {

// Sets the process's default logger. REQUIRES: level and format as checked by the configuration.
void set_up_log(const std::string& level, const std::string& format);

// Changes the level of the logger that is set.
void set_log_level(const std::string& level);

}  // namespace telex
