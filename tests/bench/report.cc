#include "tests/bench/report.h"

#include <cstdio>
#include <fstream>
#include <thread>

#include <fmt/core.h>
#include <simdjson.h>
#include <utf8proc.h>
#include <xxhash.h>

namespace telex::bench {

std::string cpu_model() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.rfind("model name", 0) == 0) return line.substr(line.find(':') + 2);
  }
  return "unknown";
}

void add_machine_context() {
  benchmark::AddCustomContext("cpu", cpu_model());
  benchmark::AddCustomContext("cores", std::to_string(std::thread::hardware_concurrency()));
#if defined(__clang__)
  benchmark::AddCustomContext("compiler", "clang " __clang_version__);
#else
  benchmark::AddCustomContext("compiler", "g++ " __VERSION__);
#endif
  benchmark::AddCustomContext(
      "libraries", fmt::format("simdjson {} · utf8proc {} · xxHash {}.{}.{}",
                               SIMDJSON_STRINGIFY(SIMDJSON_VERSION), utf8proc_version(),
                               XXH_VERSION_MAJOR, XXH_VERSION_MINOR, XXH_VERSION_RELEASE));
}

BudgetReporter::BudgetReporter(std::map<std::string, double> budgets)
    : ConsoleReporter(OO_None), budgets_(std::move(budgets)) {}

void BudgetReporter::ReportRuns(const std::vector<Run>& runs) {
  ConsoleReporter::ReportRuns(runs);
  for (const Run& run : runs) {
    failed_ = failed_ || run.error_occurred;
    const bool repeated = run.repetitions > 1;
    if (run.error_occurred || (repeated && run.aggregate_name != "median")) continue;
    const auto items = run.counters.find("items_per_second");
    const auto bytes = run.counters.find("bytes_per_second");
    if (items == run.counters.end() || bytes == run.counters.end()) continue;
    rows_.push_back({run.run_name.function_name, items->second.value, bytes->second.value});
  }
}

void BudgetReporter::Finalize() {
  ConsoleReporter::Finalize();
  if (rows_.empty()) return;
  fmt::print("\n{:<34} {:>10} {:>8} {:>9} {:>12} {:>9}\n", "one core", "us/article", "budget",
             "x budget", "articles/s", "MB/s");
  for (const Row& row : rows_) {
    const double us = 1e6 / row.items_per_second;
    const auto budget = budgets_.find(row.name);
    std::string limit = "-";
    std::string ratio = "-";
    if (budget != budgets_.end()) {
      limit = fmt::format("{:.0f}", budget->second);
      ratio = fmt::format("{:.2f}", us / budget->second);
    }
    fmt::print("{:<34} {:>10.2f} {:>8} {:>9} {:>12.0f} {:>9.0f}\n", row.name, us, limit, ratio,
               row.items_per_second, row.bytes_per_second / 1e6);
  }
  std::fflush(stdout);
}

}  // namespace telex::bench
