// The configuration reader over any bytes.
//
// Properties: the same settings or the same errors twice; an error says where and what; settings
// that were accepted, shown and read again are the same settings.
#include "service/config.h"

#include "tests/fuzz/fuzz_entry.h"

namespace telex::fuzz {

std::vector<std::string> made_seeds() { return {config_template(), show_config(Config{})}; }

namespace {

std::string errors_text(const std::vector<ConfigError>& errors) {
  std::string out;
  for (const ConfigError& error : errors) {
    require(!error.message.empty() && error.file == "fuzz.toml", "an error says where and what");
    out += error.text() + '\n';
  }
  return out;
}

}  // namespace
}  // namespace telex::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace telex;
  using namespace telex::fuzz;
  const std::string_view toml = as_text(data, size);
  // References are read from the machine, which is not the reader's to answer for.
  if (toml.find("${") != std::string_view::npos) return 0;

  std::vector<ConfigError> errors;
  std::vector<ConfigError> errors_again;
  const Config config = parse_config(toml, "fuzz.toml", errors);
  const Config again = parse_config(toml, "fuzz.toml", errors_again);
  require(errors_text(errors) == errors_text(errors_again), "the same errors twice");
  const std::string shown = show_config(config);
  require(shown == show_config(again), "the same settings twice");
  if (!errors.empty()) return 0;

  require(record_settings_digest(config) == record_settings_digest(again), "the same digest twice");
  std::vector<ConfigError> errors_shown;
  const Config read_back = parse_config(shown, "fuzz.toml", errors_shown);
  require(errors_text(errors_shown).empty(), "what is shown can be read");
  require(show_config(read_back) == shown, "what is shown and read again is the same");
  return 0;
}
