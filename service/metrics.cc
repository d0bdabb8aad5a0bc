#include "service/metrics.h"

#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <sstream>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include "schemas/reason.h"

namespace telex {
namespace {

using prometheus::BuildCounter;
using prometheus::BuildGauge;
using prometheus::BuildHistogram;

using CounterFamily = prometheus::Family<prometheus::Counter>;
using GaugeFamily = prometheus::Family<prometheus::Gauge>;

constexpr std::array<std::string_view, 6> kOutcomes{"published", "deletion",    "suppressed",
                                                    "filtered",  "dead_letter", "held"};
const prometheus::Histogram::BucketBoundaries kSeconds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                                       0.25,  0.5,    1,     2.5,  5,     10,   60};

const prometheus::Histogram::BucketBoundaries kArticles{1,   2,   5,    10,   20,   50,   100,
                                                        200, 500, 1000, 2000, 5000, 20000};

// What the kernel says of this process; 0 where /proc does not say.
struct ProcessFigures {
  double anonymous_bytes = 0;
  double resident_bytes = 0;
  double open_files = 0;
  double cpu_seconds = 0;
};

ProcessFigures process_figures() {
  ProcessFigures figures;
  std::ifstream in("/proc/self/status");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("RssAnon:")) figures.anonymous_bytes = std::stod(line.substr(8)) * 1024;
    if (line.starts_with("VmRSS:")) figures.resident_bytes = std::stod(line.substr(6)) * 1024;
  }
  std::error_code error;
  for (std::filesystem::directory_iterator file("/proc/self/fd", error), end; !error && file != end;
       file.increment(error)) {
    ++figures.open_files;
  }
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) == 0) {
    for (const timeval& time : {usage.ru_utime, usage.ru_stime}) {
      figures.cpu_seconds +=
          static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    }
  }
  return figures;
}

}  // namespace

struct Metrics::Impl {
  prometheus::Registry registry;

  CounterFamily& articles = BuildCounter()
                                .Name("telex_articles_total")
                                .Help("Articles settled in committed transactions, by outcome.")
                                .Register(registry);
  prometheus::Counter& in = BuildCounter()
                                .Name("telex_articles_in_total")
                                .Help(
                                    "Articles taken in by committed transactions; equals the sum "
                                    "of telex_articles_total.")
                                .Register(registry)
                                .Add({});
  CounterFamily& dead_letters = BuildCounter()
                                    .Name("telex_dead_letters_total")
                                    .Help("Dead letters, by reason.")
                                    .Register(registry);
  CounterFamily& mentions =
      BuildCounter()
          .Name("telex_mentions_total")
          .Help("Mentions found in published articles, linked to the dictionary or not.")
          .Register(registry);
  prometheus::Counter& topics = BuildCounter()
                                    .Name("telex_topics_total")
                                    .Help("Topics assigned to published articles.")
                                    .Register(registry)
                                    .Add({});
  prometheus::Counter& marked = BuildCounter()
                                    .Name("telex_duplicates_marked_total")
                                    .Help("Published articles that are marked as duplicates.")
                                    .Register(registry)
                                    .Add({});
  CounterFamily& state_full =
      BuildCounter()
          .Name("telex_state_full_total")
          .Help("Articles that passed unremembered because a store was full, as it happened.")
          .Register(registry);
  CounterFamily& reloads = BuildCounter()
                               .Name("telex_reloads_total")
                               .Help("Reloads of the configuration, by outcome.")
                               .Register(registry);
  prometheus::Counter& output_bytes =
      BuildCounter()
          .Name("telex_output_bytes_total")
          .Help("Bytes of keys, values and headers in committed transactions.")
          .Register(registry)
          .Add({});
  CounterFamily& transactions = BuildCounter()
                                    .Name("telex_transactions_total")
                                    .Help("Transactions ended, by outcome.")
                                    .Register(registry);
  prometheus::Histogram& transaction_seconds = BuildHistogram()
                                                   .Name("telex_transaction_duration_seconds")
                                                   .Help("From begin to the end of commit.")
                                                   .Register(registry)
                                                   .Add({}, kSeconds);
  prometheus::Histogram& latency =
      BuildHistogram()
          .Name("telex_latency_seconds")
          .Help("From a record's Kafka timestamp to the commit of what it became.")
          .Register(registry)
          .Add({}, kSeconds);
  CounterFamily& recreations = BuildCounter()
                                   .Name("telex_txn_producer_recreations_total")
                                   .Help("Producers made anew, by cause.")
                                   .Register(registry);
  prometheus::Counter& rebalances = BuildCounter()
                                        .Name("telex_rebalances_total")
                                        .Help("Assignments received or lost.")
                                        .Register(registry)
                                        .Add({});
  CounterFamily& stages = BuildCounter()
                              .Name("telex_stage_seconds_total")
                              .Help("Time spent in each stage.")
                              .Register(registry);
  prometheus::Histogram& commit_seconds =
      BuildHistogram()
          .Name("telex_commit_duration_seconds")
          .Help("Of the commit alone: offsets, flush, and the end of the transaction.")
          .Register(registry)
          .Add({}, kSeconds);
  prometheus::Histogram& transaction_articles = BuildHistogram()
                                                    .Name("telex_transaction_articles")
                                                    .Help("Articles in a committed transaction.")
                                                    .Register(registry)
                                                    .Add({}, kArticles);
  GaugeFamily& lag =
      BuildGauge()
          .Name("telex_lag_records")
          .Help(
              "Data records between a partition's committed position and its last stable offset; "
              "only of partitions held here.")
          .Register(registry);
  GaugeFamily& lag_seconds =
      BuildGauge()
          .Name("telex_lag_seconds")
          .Help(
              "How long the oldest record that is not committed may have waited; 0 with nothing "
              "to read.")
          .Register(registry);
  GaugeFamily& partitions = BuildGauge()
                                .Name("telex_partitions")
                                .Help("Partitions held, by what the last minute says of them.")
                                .Register(registry);
  prometheus::Gauge& restore_remaining =
      BuildGauge()
          .Name("telex_restore_remaining_records")
          .Help("Changelog records that must still be read back before all partitions run.")
          .Register(registry)
          .Add({});
  prometheus::Gauge& last_commit =
      BuildGauge()
          .Name("telex_last_commit_timestamp_seconds")
          .Help("When a transaction with articles was committed last; 0 before the first.")
          .Register(registry)
          .Add({});
  GaugeFamily& lanes = BuildGauge().Name("telex_lanes").Help("Lanes, by state.").Register(registry);
  prometheus::Gauge& generation = BuildGauge()
                                      .Name("telex_generation")
                                      .Help("Number of the configuration generation in force.")
                                      .Register(registry)
                                      .Add({});
  prometheus::Gauge& memory = BuildGauge()
                                  .Name("telex_memory_anonymous_bytes")
                                  .Help("Anonymous resident memory of the process.")
                                  .Register(registry)
                                  .Add({});

  prometheus::Gauge& resident = BuildGauge()
                                    .Name("process_resident_memory_bytes")
                                    .Help("Resident memory of the process, files mapped included.")
                                    .Register(registry)
                                    .Add({});
  prometheus::Gauge& open_files = BuildGauge()
                                      .Name("process_open_fds")
                                      .Help("File descriptors in use.")
                                      .Register(registry)
                                      .Add({});
  prometheus::Counter& cpu = BuildCounter()
                                 .Name("process_cpu_seconds_total")
                                 .Help("User and system time of the process.")
                                 .Register(registry)
                                 .Add({});
  prometheus::Gauge& started = BuildGauge()
                                   .Name("process_start_time_seconds")
                                   .Help("When the process began, since the epoch.")
                                   .Register(registry)
                                   .Add({});

  struct LagSeries {
    prometheus::Gauge* records;
    prometheus::Gauge* seconds;
  };
  std::mutex mutex;  // Guards lag_series, and text() against itself.
  std::map<TopicPartition, LagSeries> lag_series;
};

Metrics::Metrics(std::string_view version) : impl_(std::make_unique<Impl>()) {
  BuildGauge()
      .Name("telex_build_info")
      .Help("Always 1; the version is a label.")
      .Register(impl_->registry)
      .Add({{"version", std::string(version)}})
      .Set(1);
  // Every series of a closed set is there from the start, so that a rate over it never misses its
  // first step.
  for (const std::string_view outcome : kOutcomes)
    impl_->articles.Add({{"outcome", std::string(outcome)}});
  for (const ReasonName& row : kReasonNames) {
    if (row.reason != Reason::none) impl_->dead_letters.Add({{"reason", std::string(row.name)}});
  }
  for (const char* linked : {"yes", "no"}) impl_->mentions.Add({{"linked", linked}});
  for (const char* outcome : {"committed", "aborted", "unknown", "fatal"}) {
    impl_->transactions.Add({{"outcome", outcome}});
  }
  for (const char* cause : {"transport", "unknown", "fatal", "fenced", "transient"})
    impl_->recreations.Add({{"cause", cause}});
  for (const std::string_view outcome : kReloadOutcomes) {
    impl_->reloads.Add({{"outcome", std::string(outcome)}});
  }
  for (const char* state : {"running", "ready"}) impl_->lanes.Add({{"state", state}});
  for (const std::string_view verdict : kLagVerdicts) {
    impl_->partitions.Add({{"verdict", std::string(verdict)}});
  }
  impl_->started.Set(static_cast<double>(std::time(nullptr)));
}

Metrics::~Metrics() = default;

void Metrics::committed(const LaneCommit& commit) {
  const BatchCounts& counts = commit.counts;
  const auto add = [&](std::string_view outcome, std::uint64_t count) {
    impl_->articles.Add({{"outcome", std::string(outcome)}}).Increment(static_cast<double>(count));
  };
  impl_->in.Increment(static_cast<double>(counts.in));
  add("published", counts.published);
  add("deletion", counts.deletions);
  add("suppressed", counts.suppressed);
  add("filtered", counts.filtered);
  add("dead_letter", counts.dead_lettered);
  add("held", counts.held);
  for (const ReasonName& row : kReasonNames) {
    const std::uint64_t dead = counts.dead_by_reason[static_cast<std::size_t>(row.reason)];
    if (dead > 0) {
      impl_->dead_letters.Add({{"reason", std::string(row.name)}})
          .Increment(static_cast<double>(dead));
    }
  }
  impl_->mentions.Add({{"linked", "yes"}}).Increment(static_cast<double>(counts.mentions_linked));
  impl_->mentions.Add({{"linked", "no"}})
      .Increment(static_cast<double>(counts.mentions - counts.mentions_linked));
  impl_->topics.Increment(static_cast<double>(counts.topics));
  impl_->marked.Increment(static_cast<double>(counts.marked));
  impl_->output_bytes.Increment(static_cast<double>(commit.output_bytes));
  impl_->transactions.Add({{"outcome", "committed"}}).Increment();
  const auto seconds = [](std::chrono::nanoseconds time) {
    return std::chrono::duration<double>(time).count();
  };
  impl_->transaction_seconds.Observe(seconds(commit.open_for));
  impl_->commit_seconds.Observe(seconds(commit.duration));
  impl_->transaction_articles.Observe(static_cast<double>(counts.in));
  impl_->last_commit.Set(static_cast<double>(commit.committed_at) / 1000.0);
  for (const UnixMillis timestamp : commit.timestamps) {
    if (timestamp == kNoTimestamp) continue;
    // A producer's clock may be ahead of ours.
    const UnixMillis late = std::max<UnixMillis>(0, commit.committed_at - timestamp);
    impl_->latency.Observe(static_cast<double>(late) / 1000.0);
  }
}

void Metrics::transaction_failed(std::string_view outcome) {
  impl_->transactions.Add({{"outcome", std::string(outcome)}}).Increment();
}
void Metrics::producer_recreated(std::string_view cause) {
  impl_->recreations.Add({{"cause", std::string(cause)}}).Increment();
}
void Metrics::rebalanced() { impl_->rebalances.Increment(); }
void Metrics::stage_seconds(std::string_view stage, double seconds) {
  impl_->stages.Add({{"stage", std::string(stage)}}).Increment(seconds);
}

void Metrics::lag(const std::vector<PartitionLag>& partitions) {
  std::array<std::uint64_t, kLagVerdicts.size()> verdicts{};
  const std::lock_guard lock(impl_->mutex);
  auto stale = std::move(impl_->lag_series);
  impl_->lag_series.clear();
  for (const PartitionLag& row : partitions) {
    ++verdicts[static_cast<std::size_t>(row.verdict)];
    if (!row.records) continue;
    const prometheus::Labels labels{{"topic", row.partition.topic},
                                    {"partition", std::to_string(row.partition.partition.value)}};
    const Impl::LagSeries series{&impl_->lag.Add(labels), &impl_->lag_seconds.Add(labels)};
    series.records->Set(static_cast<double>(*row.records));
    series.seconds->Set(row.seconds);
    impl_->lag_series.insert_or_assign(row.partition, series);
    stale.erase(row.partition);
  }
  for (const auto& [partition, series] : stale) {
    impl_->lag.Remove(series.records);
    impl_->lag_seconds.Remove(series.seconds);
  }
  for (std::size_t i = 0; i < verdicts.size(); ++i) {
    impl_->partitions.Add({{"verdict", std::string(kLagVerdicts[i])}})
        .Set(static_cast<double>(verdicts[i]));
  }
}

void Metrics::restoring(std::uint64_t remaining_records) {
  impl_->restore_remaining.Set(static_cast<double>(remaining_records));
}

void Metrics::lanes(std::uint64_t running, std::uint64_t ready) {
  impl_->lanes.Add({{"state", "running"}}).Set(static_cast<double>(running));
  impl_->lanes.Add({{"state", "ready"}}).Set(static_cast<double>(ready));
}

void Metrics::generation(std::uint64_t number) {
  impl_->generation.Set(static_cast<double>(number));
}

void Metrics::reloaded(std::string_view outcome) {
  impl_->reloads.Add({{"outcome", std::string(outcome)}}).Increment();
}

void Metrics::state_full(std::string_view store, std::uint64_t articles) {
  impl_->state_full.Add({{"store", std::string(store)}}).Increment(static_cast<double>(articles));
}

std::string Metrics::text() {
  const std::lock_guard lock(impl_->mutex);
  const ProcessFigures now = process_figures();
  impl_->memory.Set(now.anonymous_bytes);
  impl_->resident.Set(now.resident_bytes);
  impl_->open_files.Set(now.open_files);
  impl_->cpu.Increment(std::max(now.cpu_seconds - impl_->cpu.Value(), 0.0));
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, impl_->registry.Collect());
  return out.str();
}

namespace {

std::string_view type_name(prometheus::MetricType type) {
  switch (type) {
    case prometheus::MetricType::Counter:
      return "counter";
    case prometheus::MetricType::Gauge:
      return "gauge";
    case prometheus::MetricType::Histogram:
      return "histogram";
    case prometheus::MetricType::Summary:
    case prometheus::MetricType::Untyped:
      break;
  }
  return "untyped";
}

// Labels whose values are this installation's own.
constexpr std::array<std::string_view, 5> kOpenLabels{"topic", "partition", "store", "stage",
                                                      "version"};

// label → values, in the order in which they were made; empty where they are not listed.
using LabelRows = std::vector<std::pair<std::string, std::vector<std::string>>>;

LabelRows labels_of(const prometheus::MetricFamily& family) {
  LabelRows rows;
  for (const prometheus::ClientMetric& series : family.metric) {
    for (const prometheus::ClientMetric::Label& label : series.label) {
      auto row = std::find_if(rows.begin(), rows.end(),
                              [&](const auto& each) { return each.first == label.name; });
      if (row == rows.end()) row = rows.insert(rows.end(), {label.name, {}});
      const bool open =
          std::find(kOpenLabels.begin(), kOpenLabels.end(), label.name) != kOpenLabels.end();
      if (!open) row->second.push_back(label.value);
    }
  }
  for (auto& [name, values] : rows) std::sort(values.begin(), values.end());
  return rows;
}

}  // namespace

std::string Metrics::reference() {
  Metrics metrics("");
  // A series of each that is only there when something has happened.
  metrics.stage_seconds("", 0);
  metrics.state_full("", 0);
  metrics.lag({{{"", Partition{0}}, Offset{0}, 0, 0, LagVerdict::ok}});
  std::vector<prometheus::MetricFamily> families = metrics.impl_->registry.Collect();
  std::sort(families.begin(), families.end(),
            [](const auto& left, const auto& right) { return left.name < right.name; });
  std::string out =
      "# Metrics\n\nGenerated from the program: `telex metrics`. Served at `/metrics` "
      "(`admin.listen`). "
      "Base units; the labels\nof a metric and the values of most labels are closed sets, none of "
      "which comes out of a text. Counters of\narticles count what is committed, an article once. "
      "Series of a partition go when the partition goes.\n\n| metric | type | labels | meaning |\n"
      "| --- | --- | --- | --- |\n";
  for (const prometheus::MetricFamily& family : families) {
    out += fmt::format("| `{}` | {} | ", family.name, type_name(family.type));
    std::string labels;
    for (const auto& [name, values] : labels_of(family)) {
      if (!labels.empty()) labels += "; ";
      labels += "`" + name + "`";
      if (!values.empty()) labels += fmt::format(": {}", fmt::join(values, ", "));
    }
    out += labels + " | " + family.help + " |\n";
  }
  return out;
}

}  // namespace telex
