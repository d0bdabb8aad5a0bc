// The commands of the program, one function each; main.cc parses the command line into these.
// Every function prints what it has to say and returns an ExitCode.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace telex {

struct RunArguments {
  std::string config;
};
int run_command(const RunArguments& arguments);
// A service that was told to stop is gone within engine.drain_seconds and this, whatever hangs.
inline constexpr std::chrono::seconds kStopBeyondDrain{6};

struct TagArguments {
  std::vector<std::string> files;  // Empty or "-": standard input.
  std::string config;
  std::string pack;
  std::string language;  // Hint, as a publisher would give it.
  std::string why;
  bool json = false;
  bool all = false;
  bool lines = false;  // One record a line, also where the file's name does not say so.
};
int tag_command(const TagArguments& arguments);

struct KbBuildArguments {
  std::string out;      // Empty: telex.pack beside the program.
  std::string curated;  // Folder of TSV files; empty: those built into the program.
  bool verbose = false;
};
int kb_build_command(const KbBuildArguments& arguments);
struct KbInfoArguments {
  std::string pack;
};
int kb_info_command(const KbInfoArguments& arguments);
struct KbLookupArguments {
  std::string pack;
  std::string name;
};
int kb_lookup_command(const KbLookupArguments& arguments);

struct ConfigArguments {
  std::string config;
};
struct ValidateArguments {
  std::string config;
  bool connect = false;               // Ask the brokers, too.
  bool create_topics = false;         // And make what is missing.
  std::int64_t timeout_seconds = 10;  // For each question to the brokers.
};
int validate_command(const ValidateArguments& arguments);
int config_show_command(const ConfigArguments& arguments);
int config_reference_command();
int metrics_reference_command();
int init_command();

struct DemoArguments {
  std::string samples;
  std::string out = "build/demo";
  std::vector<std::string> files;
  bool keep = false;
};
int demo_command(const DemoArguments& arguments);

struct DlqArguments {
  std::string config;
  std::string topic;   // Empty: the configuration's dead-letter topic.
  std::string filter;  // For `show` also topic/partition@offset.
  std::string spool;   // Folder of spooled originals; empty: the configuration's.
  bool json = false;
  std::uint32_t replays_max = 3;  // list, replay.
};
int dlq_list_command(const DlqArguments& arguments);

struct DlqShowArguments : DlqArguments {
  std::uint64_t max = 10;
  bool raw = false;  // The original bytes of one record.
};
int dlq_show_command(const DlqShowArguments& arguments);

struct DlqReplayArguments : DlqArguments {
  bool dry_run = false;
  std::optional<std::uint64_t> max;
  std::string to;
  std::string run;      // Empty: named after topic, filter and target.
  std::string parking;  // Topic; empty: <dead-letter topic>.parked.
};
int dlq_replay_command(const DlqReplayArguments& arguments);
// Of `dlq`: the fields of its filters, a line each.
std::string dlq_filter_help();

// Shared by the commands: reads `path` (empty: defaults), prints every error and returns false.
struct Config;
bool load_or_explain(const std::string& path, Config& config);

}  // namespace telex
