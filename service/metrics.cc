#include "service/metrics.h"

#include <array>
#include <fstream>
#include <map>
#include <mutex>
#include <sstream>

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

// RssAnon of this process in bytes; 0 where /proc does not say.
double anonymous_memory() {
  std::ifstream in("/proc/self/status");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("RssAnon:")) return std::stod(line.substr(8)) * 1024;
  }
  return 0;
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
  GaugeFamily& lag =
      BuildGauge()
          .Name("telex_lag_records")
          .Help("Records between a partition's committed position and its last stable offset.")
          .Register(registry);
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

  std::mutex mutex;  // Guards lag_series.
  std::map<std::pair<std::string, std::int32_t>, prometheus::Gauge*> lag_series;
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
}

Metrics::~Metrics() = default;

void Metrics::committed(const BatchCounts& counts, double transaction_seconds,
                        std::uint64_t output_bytes) {
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
  impl_->output_bytes.Increment(static_cast<double>(output_bytes));
  impl_->transactions.Add({{"outcome", "committed"}}).Increment();
  impl_->transaction_seconds.Observe(transaction_seconds);
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
void Metrics::latency_seconds(double seconds, std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) impl_->latency.Observe(seconds);
}

void Metrics::lag(const std::vector<PartitionLag>& partitions) {
  const std::lock_guard lock(impl_->mutex);
  auto stale = std::move(impl_->lag_series);
  impl_->lag_series.clear();
  for (const PartitionLag& row : partitions) {
    const auto key = std::pair(row.topic, row.partition);
    prometheus::Gauge& gauge =
        impl_->lag.Add({{"topic", row.topic}, {"partition", std::to_string(row.partition)}});
    gauge.Set(static_cast<double>(row.records));
    impl_->lag_series[key] = &gauge;
    stale.erase(key);
  }
  for (const auto& [key, gauge] : stale) impl_->lag.Remove(gauge);
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
  impl_->memory.Set(anonymous_memory());
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, impl_->registry.Collect());
  return out.str();
}

}  // namespace telex
