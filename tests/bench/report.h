// What every benchmark says about itself: the machine and libraries it ran on, and a table at the
// end with the budget beside each figure.
//
// Times are CPU time of the thread that did the work, so a neighbour on the machine does less harm;
// rates follow from them.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <benchmark/benchmark.h>

namespace telex::bench {

// "AMD EPYC …", from the operating system; "unknown" where it does not say.
std::string cpu_model();

// Puts CPU model, cores, compiler and library versions into the context of console and JSON.
void add_machine_context();

// The console's lines as usual, then `name  µs/article  budget  × budget  articles/s  MB/s`, one
// line a benchmark. Needs items_per_second (articles) and bytes_per_second; of repeated runs, the
// median.
class BudgetReporter : public benchmark::ConsoleReporter {
 public:
  // Budgets in µs an article, by the benchmark's name; those without one show "-".
  explicit BudgetReporter(std::map<std::string, double> budgets);

  void ReportRuns(const std::vector<Run>& runs) override;
  void Finalize() override;

  // Whether any benchmark reported an error.
  bool failed() const { return failed_; }

 private:
  struct Row {
    std::string name;
    double items_per_second = 0;
    double bytes_per_second = 0;
  };
  std::map<std::string, double> budgets_;
  std::vector<Row> rows_;
  bool failed_ = false;
};

}  // namespace telex::bench
