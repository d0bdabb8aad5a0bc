// tag: the same code as `run`, on files or standard input.

#include <chrono>
#include <cstdio>

#include <fmt/format.h>

#include "ingest/archive/line_source.h"
#include "process/clock.h"
#include "service/commands/commands.h"
#include "service/config.h"
#include "service/exit_code.h"
#include "service/pipelines.h"
#include "service/tag_report.h"

namespace telex {
namespace {

constexpr std::chrono::milliseconds kPoll{200};

bool is_lines(const std::string& path) {
  return path.ends_with(".jsonl") || path.ends_with(".ndjson");
}

// Tags what one source gives and prints it.
class Tagger {
 public:
  Tagger(const TagArguments& arguments, Pipeline& pipeline)
      : arguments_(arguments), pipeline_(pipeline) {
    report_.all = arguments.all;
    report_.why = arguments.why;
  }

  bool tag(LineSourceOptions options) {
    options.timestamp = system_clock().utc();
    LineSource source(std::move(options));
    bool over = false;
    while (!over) {
      batch_.clear();
      source.poll(batch_, kPoll, [&](const SourceEvent& event) {
        if (event.kind == SourceEventKind::end) over = true;
        if (event.kind == SourceEventKind::fatal) {
          fmt::print(stderr, "telex tag: {}\n", safe_text(event.message, false));
          over = true;
          good_ = false;
        }
      });
      if (!batch_.empty()) print_batch();
    }
    source.close();
    return good_;
  }

 private:
  void print_batch() {
    records_.clear();
    const auto begin = std::chrono::steady_clock::now();
    pipeline_.run(batch_, records_);
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
    report_.milliseconds = took.count() / batch_.size();
    for (std::uint32_t row = 0; row < batch_.size(); ++row) {
      good_ = good_ && batch_.verdict(row).kind != VerdictKind::faulty;
      if (arguments_.json) continue;
      if (printed_++ > 0) fmt::print("\n");
      if (batch_.topics().size() > 1 || batch_.size() > 1) {
        fmt::print("{}\n",
                   terminal_.styled(Style::bold,
                                    fmt::format("── {} {}", safe_text(batch_.topic(row), false),
                                                batch_.raw(row).offset.value)));
      }
      fmt::print("{}", tag_report(batch_, row, pipeline_, report_, terminal_));
    }
    if (arguments_.json) print_records();
    std::fflush(stdout);
  }

  void print_records() {
    for (std::uint32_t i = 0; i < records_.size(); ++i) {
      const Record record = records_[i];
      if (record.destination == Destination::enriched && record.value.data() != nullptr) {
        std::fwrite(record.value.data(), 1, record.value.size(), stdout);
        std::fputc('\n', stdout);
      } else if (record.destination == Destination::dead_letter) {
        const Verdict& verdict = batch_.verdict(record.row);
        fmt::print(stderr, "{} {}: {}: {}\n", safe_text(batch_.topic(record.row), false),
                   batch_.raw(record.row).offset.value, to_string(verdict.reason),
                   safe_text(verdict.message, false));
      }
    }
  }

  const TagArguments& arguments_;
  Pipeline& pipeline_;
  Terminal terminal_ = Terminal::standard_output();
  TagReportOptions report_;
  Batch batch_;
  Records records_;
  std::uint64_t printed_ = 0;
  bool good_ = true;
};

}  // namespace

int tag_command(const TagArguments& arguments) {
  Config config;
  if (!load_or_explain(arguments.config, config)) return kExitConfiguration;
  if (!arguments.pack.empty()) config.knowledge.pack = arguments.pack;
  if (!arguments.language.empty()) config.input.language = arguments.language;
  std::string error;
  const auto generation = make_generation(config, 1, error);
  if (generation == nullptr) {
    fmt::print(stderr, "telex tag: {}\n", error);
    return kExitConfiguration;
  }
  const auto pipeline = make_pipeline(generation, config);
  Tagger tagger(arguments, *pipeline);

  std::vector<std::string> files = arguments.files;
  if (files.empty()) files.emplace_back("-");
  bool good = true;
  for (const ArchiveInput& input : archive_inputs(files)) {
    LineSourceOptions options;
    options.inputs.push_back(input);
    options.layout =
        arguments.lines || is_lines(input.path) ? ArchiveLayout::lines : ArchiveLayout::whole_file;
    good = tagger.tag(std::move(options)) && good;
  }
  return good ? kExitGood : kExitFailed;
}

}  // namespace telex
