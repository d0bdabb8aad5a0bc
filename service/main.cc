// The program: parses the command line, calls the command.

#include <cstdio>
#include <exception>
#include <functional>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "service/commands/commands.h"
#include "service/exit_code.h"
#include "service/version.h"

namespace {

int run(int argc, char** argv) {
  using namespace telex;
  CLI::App app{"telex: raw news articles in, tagged articles out"};
  app.set_version_flag("--version", std::string("telex ") + kVersion);
  app.require_subcommand(1);
  app.footer("Exit codes: 0 good, 1 failed, 64 usage, 78 configuration.");
  std::function<int()> command;

  RunArguments run_arguments;
  CLI::App* run = app.add_subcommand("run", "Run as a service: from Kafka to Kafka");
  run->add_option("-c,--config", run_arguments.config, "Configuration file")->required();
  run->callback([&] { command = [&] { return run_command(run_arguments); }; });

  TagArguments tag_arguments;
  CLI::App* tag = app.add_subcommand("tag", "Tag files or standard input, and say why");
  tag->add_option("FILE", tag_arguments.files, "Text, JSON, ninjs or JSONL; - is standard input");
  tag->add_option("-c,--config", tag_arguments.config, "Configuration file");
  tag->add_option("--pack", tag_arguments.pack, "Knowledge pack");
  tag->add_option("--language", tag_arguments.language, "Language hint (nl, en, ...)");
  tag->add_option("--why", tag_arguments.why, "Everything known about one name or topic");
  tag->add_flag("--all", tag_arguments.all, "The whole text and every row");
  tag->add_flag("--json", tag_arguments.json, "The enriched record, one line an article");
  tag->add_flag("--lines", tag_arguments.lines,
                "One record a line (always so for .jsonl and .ndjson)");
  tag->callback([&] { command = [&] { return tag_command(tag_arguments); }; });

  CLI::App* dlq = app.add_subcommand("dlq", "Look at dead letters, and put them back");
  dlq->require_subcommand(1);
  const auto add_dlq_options = [](CLI::App* sub, DlqArguments& arguments, const char* what) {
    sub->add_option("FILTER", arguments.filter, what);
    sub->add_option("-c,--config", arguments.config, "Configuration file, as for run");
    sub->add_option("--topic", arguments.topic, "Dead-letter topic (default: the configuration's)");
    sub->add_flag("--json", arguments.json, "JSON instead of tables");
  };
  const auto add_replays_max = [](CLI::App* sub, DlqArguments& arguments) {
    sub->add_option("--max-replays", arguments.replays_max,
                    "A record that was put back so often is parked")
        ->capture_default_str();
  };
  const char* const which = "Which dead letters (default: all)";
  const char* const spool_help =
      "Folder of originals that the topic cannot hold (default: the configuration's)";
  DlqArguments dlq_list;
  CLI::App* list = dlq->add_subcommand("list", "Count dead letters by reason, source and origin");
  add_dlq_options(list, dlq_list, which);
  add_replays_max(list, dlq_list);
  list->footer("Example: telex dlq list -c telex.toml 'time >= 2025-02-01'\n\n" +
               dlq_filter_help());
  list->callback([&] { command = [&] { return dlq_list_command(dlq_list); }; });
  DlqShowArguments dlq_show;
  CLI::App* show_letters = dlq->add_subcommand("show", "Show dead letters one by one");
  add_dlq_options(show_letters, dlq_show,
                  "Which dead letters, or one: topic/partition@offset (default: all)");
  show_letters->add_option("--max", dlq_show.max, "So many at most")->capture_default_str();
  show_letters->add_option("--spool", dlq_show.spool, spool_help);
  show_letters->add_flag("--raw", dlq_show.raw, "Write the original bytes of one record");
  show_letters->footer(
      "Examples: telex dlq show -c telex.toml 'reason = no_text' --max 3\n"
      "          telex dlq show -c telex.toml raw.articles.dlq/0@17 --raw > original\n\n" +
      dlq_filter_help());
  show_letters->callback([&] { command = [&] { return dlq_show_command(dlq_show); }; });
  DlqReplayArguments dlq_replay;
  CLI::App* replay =
      dlq->add_subcommand("replay", "Put dead letters back where they came from, once");
  add_dlq_options(replay, dlq_replay, which);
  add_replays_max(replay, dlq_replay);
  replay->add_flag("--dry-run", dlq_replay.dry_run, "Only count what would be done");
  replay->add_option("--max", dlq_replay.max, "Put back so many at most");
  replay->add_option("--to", dlq_replay.to, "Into this topic instead, by key");
  replay->add_option("--run", dlq_replay.run,
                     "Name of this run; the same name goes on where it stopped (default: one for "
                     "each topic, filter and target)");
  replay->add_option("--parking", dlq_replay.parking,
                     "Topic for records that come back too often (default: <topic>.parked)");
  replay->add_option("--spool", dlq_replay.spool, spool_help);
  replay->footer("Example: telex dlq replay -c telex.toml 'reason = wrong_type' --dry-run\n\n" +
                 dlq_filter_help());
  replay->callback([&] { command = [&] { return dlq_replay_command(dlq_replay); }; });

  CLI::App* kb = app.add_subcommand("kb", "Build and look into knowledge packs");
  kb->require_subcommand(1);
  KbBuildArguments kb_build;
  CLI::App* build = kb->add_subcommand("build", "Build a pack");
  build->add_option("-o,--out", kb_build.out,
                    "File to write (default: telex.pack beside the program)");
  build->add_option("--curated", kb_build.curated,
                    "Folder of TSV files instead of the built-in ones");
  build->add_flag("-v,--verbose", kb_build.verbose, "Print every row that was refused");
  build->callback([&] { command = [&] { return kb_build_command(kb_build); }; });
  KbInfoArguments kb_info;
  CLI::App* info = kb->add_subcommand("info", "What a pack holds");
  info->add_option("PACK", kb_info.pack, "Pack (default: the one that would be used)");
  info->callback([&] { command = [&] { return kb_info_command(kb_info); }; });
  KbLookupArguments kb_lookup;
  CLI::App* lookup = kb->add_subcommand("lookup", "Every candidate for a name");
  lookup->add_option("NAME", kb_lookup.name, "Name, as a text has it")->required();
  lookup->add_option("--pack", kb_lookup.pack, "Pack (default: the one that would be used)");
  lookup->callback([&] { command = [&] { return kb_lookup_command(kb_lookup); }; });

  ValidateArguments validate_arguments;
  CLI::App* validate =
      app.add_subcommand("validate", "Check a configuration; without a broker, unless told");
  validate->add_option("-c,--config", validate_arguments.config, "Configuration file")->required();
  CLI::Option* connect =
      validate->add_flag("--connect", validate_arguments.connect,
                         "Ask the brokers about the topics: there, large enough, kept long enough");
  validate
      ->add_flag("--create-topics", validate_arguments.create_topics,
                 "Make the topics that are missing, after saying which and how")
      ->needs(connect);
  validate
      ->add_option("--timeout", validate_arguments.timeout_seconds,
                   "Seconds for each question to the brokers (10)")
      ->check(CLI::Range(1, 300))
      ->needs(connect);
  validate->callback([&] { command = [&] { return validate_command(validate_arguments); }; });

  CLI::App* init = app.add_subcommand("init", "Print a commented telex.toml");
  init->callback([&] { command = [] { return init_command(); }; });

  CLI::App* config = app.add_subcommand("config", "Show settings");
  config->require_subcommand(1);
  ConfigArguments show_arguments;
  CLI::App* show =
      config->add_subcommand("show", "All settings as they are in force, secrets masked");
  show->add_option("-c,--config", show_arguments.config, "Configuration file");
  bool resolved = false;  // Accepted for clarity: what is shown is always resolved.
  show->add_flag("--resolved", resolved,
                 "What is shown is always resolved; for clarity in scripts");
  show->callback([&] { command = [&] { return config_show_command(show_arguments); }; });
  CLI::App* reference = config->add_subcommand("reference", "docs/configuration.md");
  reference->callback([&] { command = [] { return config_reference_command(); }; });
  CLI::App* metrics = app.add_subcommand("metrics", "What /metrics serves: docs/metrics.md");
  metrics->callback([&] { command = [] { return metrics_reference_command(); }; });

  DemoArguments demo_arguments;
  CLI::App* demo = app.add_subcommand("demo", "The main job over a sample feed, in one process");
  demo->add_option("--samples", demo_arguments.samples, "Feed: JSONL, one record a line")
      ->required();
  demo->add_option("--out", demo_arguments.out, "Folder for what it writes");
  demo->add_option("FILE", demo_arguments.files, "Own text or JSONL instead of the samples");
  demo->add_flag("--keep", demo_arguments.keep, "Stay up after the report");
  demo->callback([&] { command = [&] { return demo_command(demo_arguments); }; });

  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    return app.exit(success);  // --help, --version.
  } catch (const CLI::ParseError& error) {
    app.exit(error);
    return kExitUsage;
  }
  return command();
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "telex: %s\n", error.what());
    return telex::kExitFailed;
  }
}
