// bench.parts: each part of the path alone, and the whole path, in µs an article beside its budget
// (design: 100 µs for 2.5 KB on one core; dictionary and linking are one stage here).
//
//   part/decode  part/tokenise  part/language  part/entities  part/topics  part/encode
//   part/duplicates/news      … of articles never seen, with drain and commit of what is remembered
//   part/duplicates/repeats   … of articles seen before; both beside 500,000 other identities
//   path/<workload>           all stages and the records, over batches of 1,000 articles
//   path/wire/languages       wire stories in nl 40 %, en, de, fr, es 15 % each
//   path/wire/batch/<rows>    wire stories in batches of another size
//   path/wire/ninjs           the same stories as ninjs items
//   path/wire/undeclared      without the publisher's language, so that it has to be detected
//
// Workload of the parts: four batches of 1,000 Dutch wire stories of 2.5 KB about the names of the
// curated tables, taken in turn. Pack: $TELEX_PACK, else telex.pack of this build, else one made in
// memory from the curated tables and what this machine has of iso-codes and GeoNames.
#include <array>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <filesystem>
#include <memory>
#include <stdexcept>

#include <benchmark/benchmark.h>
#include <fmt/core.h>

#include "ingest/decode/decoder.h"
#include "process/duplicates/identical.h"
#include "process/entities/entity_stage.h"
#include "process/knowledge/pack.h"
#include "process/knowledge/pack_sources.h"
#include "process/language/language.h"
#include "process/memory_state_store.h"
#include "process/pipeline.h"
#include "process/text/tokeniser.h"
#include "process/topics/rules.h"
#include "process/topics/topic_stage.h"
#include "schemas/enriched.h"
#include "tests/bench/corpus.h"
#include "tests/bench/curated_names.h"
#include "tests/bench/report.h"

namespace telex::bench {
namespace {

constexpr std::uint32_t kBatchRows = 1000;
constexpr std::uint32_t kBatches = 4;
constexpr std::string_view kTables = TELEX_SOURCE_DIR "/process/knowledge/data";

std::shared_ptr<const KnowledgePack> load_pack() {
  std::string error;
  const char* configured = std::getenv("TELEX_PACK");
  const std::string path = configured != nullptr ? configured : TELEX_BINARY_DIR "/telex.pack";
  std::shared_ptr<const KnowledgePack> pack;
  if (configured != nullptr || std::filesystem::exists(path)) {
    pack = KnowledgePack::open(path, error);
  } else {
    PackInputs inputs;
    if (!read_pack_inputs(PackSources::debian(std::string(kTables), "bench"), inputs, error)) {
      throw std::runtime_error(error);
    }
    const PackBuild build = build_pack(inputs);
    if (!build.ok()) throw std::runtime_error(build.refusals.front());
    pack = KnowledgePack::from_bytes(build.bytes, error);
  }
  if (pack == nullptr) throw std::runtime_error(error);
  return pack;
}

std::shared_ptr<const Generation> make_generation() {
  auto generation = std::make_shared<Generation>();
  generation->pack = load_pack();
  generation->rules = TopicRules::shipped();
  Provenance& provenance = generation->provenance;
  provenance.telex_version = "bench";
  provenance.pack_digest = generation->pack->digest();
  provenance.pack_version = generation->pack->version();
  provenance.rules_digest = generation->rules->digest();
  provenance.vocabulary = generation->rules->vocabulary_release();
  return generation;
}

// The raw records of a few batches.
struct RawBatches {
  std::vector<CorpusArticle> articles;

  RawBatches(const CorpusNames& names, const CorpusOptions& options, std::uint32_t rows)
      : articles(make_corpus(names, options, kBatches * rows)), rows_(rows) {}

  // Empties `batch` and fills it with the records of the next one, at the offsets that follow.
  // `older_by`: how much later than those of the batch before they come.
  void refill(Batch& batch, UnixMillis older_by = 0) {
    batch.clear();
    timestamp_ += older_by;
    const std::uint16_t topic = batch.intern_topic("bench");
    for (std::uint32_t i = 0; i < rows_; ++i) {
      const CorpusArticle& article = articles[(turn_ * rows_) + i];
      RawRecord record;
      record.topic = topic;
      record.partition = Partition{0};
      record.offset = Offset{offset_++};
      record.timestamp = timestamp_;
      record.key = article.key;
      record.value = article.value;
      if (!batch.append(record)) throw std::runtime_error("the batch is too small");
    }
    turn_ = (turn_ + 1) % kBatches;
  }
  std::uint32_t rows() const { return rows_; }
  double bytes_per_article() const {
    double bytes = 0;
    for (const CorpusArticle& article : articles)
      bytes += static_cast<double>(article.value.size());
    return bytes / static_cast<double>(articles.size());
  }

 private:
  std::uint32_t rows_;
  std::uint32_t turn_ = 0;
  std::int64_t offset_ = 0;
  UnixMillis timestamp_ = 1'740'000'000'000;
};

// One of each stage and their working memory, stopped just before the part in question.
struct Stages {
  explicit Stages(const std::shared_ptr<const Generation>& from)
      : generation(from), context{*generation, tokens, annotations} {}

  std::shared_ptr<const Generation> generation;
  DecodeStage decode;
  Tokeniser tokenise;
  LanguageStage language;
  EntityStage entities;
  TopicStage topics;
  Tokens tokens;
  Annotations annotations;
  Batch batch;
  StageContext context;
  Records records;
};

using Step = void (*)(Stages&);
struct PartStep {
  const char* name;
  double budget_us;
  Step run;
};
// In the order of the path; the budgets are those of the design.
constexpr PartStep kSteps[] = {
    {"part/decode", 4, [](Stages& s) { s.decode(s.batch, s.context); }},
    {"part/tokenise", 15, [](Stages& s) { s.tokenise(s.batch, s.context); }},
    {"part/language", 8, [](Stages& s) { s.language(s.batch, s.context); }},
    {"part/entities", 18, [](Stages& s) { s.entities(s.batch, s.context); }},
    {"part/topics", 12, [](Stages& s) { s.topics(s.batch, s.context); }},
    {"part/encode", 8,
     [](Stages& s) {
       s.records.clear();
       for (std::uint32_t row = 0; row < s.batch.size(); ++row) {
         add_enriched(s.batch, row, s.annotations, s.generation->provenance, "bench", s.records);
       }
     }},
};
// Without the tagger's model, which is not there yet, the path has this left of its 100 µs.
constexpr double kPathBudget = 65;
constexpr const char* kDuplicatesNews = "part/duplicates/news";
constexpr const char* kDuplicatesRepeats = "part/duplicates/repeats";
constexpr double kDuplicatesBudget = 1;

void report_articles(benchmark::State& state, const RawBatches& raw) {
  const double articles = static_cast<double>(state.iterations()) * raw.rows();
  state.SetItemsProcessed(static_cast<std::int64_t>(articles));
  state.SetBytesProcessed(static_cast<std::int64_t>(articles * raw.bytes_per_article()));
}

bool all_published(const Batch& batch) {
  for (std::uint32_t row = 0; row < batch.size(); ++row) {
    if (!batch.publishes(row)) return false;
  }
  return true;
}

// Runs the steps before `part` untimed and `part` timed, batch after batch.
void run_part(benchmark::State& state, Stages& stages, RawBatches& raw, std::size_t part) {
  for (auto step : state) {
    static_cast<void>(step);
    state.PauseTiming();
    raw.refill(stages.batch);
    stages.tokens.clear();
    stages.annotations.reset(stages.batch.size());
    for (std::size_t i = 0; i < part; ++i) kSteps[i].run(stages);
    state.ResumeTiming();
    kSteps[part].run(stages);
  }
  report_articles(state, raw);
  if (!all_published(stages.batch)) state.SkipWithError("an article was refused");
}

// A store that remembers `count` other identities, none of which grows old.
std::unique_ptr<MemoryStateStore> store_of_others(std::uint64_t count) {
  auto store = std::make_unique<MemoryStateStore>(1U << 30);
  std::string value(41,
                    '\0');  // As in process/duplicates/identical.cc; its time in bytes 25 to 32.
  value[0] = 1;
  value[31] = 1;
  std::string key(16, '\0');
  for (std::uint64_t i = 1; i <= count; ++i) {
    const std::uint64_t spread = i * 0x9E3779B97F4A7C15U;
    std::memcpy(key.data(), &spread, sizeof(spread));
    if (!store->restore(Partition{0}, key, value)) throw std::runtime_error("the store is full");
  }
  return store;
}

// News: every batch comes so much later that what was seen of it is forgotten.
void run_duplicates(benchmark::State& state, const std::shared_ptr<const Generation>& generation,
                    RawBatches& raw, bool news) {
  constexpr std::uint64_t kOthers = 500'000;
  constexpr UnixMillis kForgotten = 49 * 3'600'000LL;
  const std::unique_ptr<MemoryStateStore> store = store_of_others(kOthers);
  IdenticalStage identical(*store, {});
  DecodeStage decode;
  Tokens tokens;
  Annotations annotations;
  StageContext context{*generation, tokens, annotations};
  Batch batch({.rows_max = 5000, .raw_bytes_max = 32U << 20});
  Records changelog;
  std::uint64_t repeats = 0;
  const auto prepare = [&] {
    raw.refill(batch, news ? kForgotten : 0);
    annotations.reset(batch.size());
    changelog.clear();
    decode(batch, context);
  };
  const auto run = [&] {
    identical(batch, context);
    identical.settle(batch);
    store->drain(changelog, 0, 0);
    store->commit();
  };
  for (std::uint32_t i = 0; i < kBatches; ++i) {
    prepare();
    run();
  }
  for (auto step : state) {
    static_cast<void>(step);
    state.PauseTiming();
    prepare();
    state.ResumeTiming();
    run();
    for (std::uint32_t row = 0; row < batch.size(); ++row)
      repeats += batch.publishes(row) ? 0U : 1U;
  }
  report_articles(state, raw);
  const auto rows = static_cast<std::uint64_t>(state.iterations()) * raw.rows();
  if (repeats != (news ? 0 : rows)) state.SkipWithError("not what this is to measure");
}

template <class S>
Pipeline::NamedStage named(const char* name) {
  return {name, [stage = std::make_shared<S>()](Batch& batch, StageContext& context) {
            (*stage)(batch, context);
          }};
}

void run_path(benchmark::State& state, const std::shared_ptr<const Generation>& generation,
              RawBatches& raw) {
  Pipeline pipeline(
      generation,
      {named<DecodeStage>("decode"), named<Tokeniser>("text"), named<LanguageStage>("language"),
       named<EntityStage>("entities"), named<TopicStage>("topics")},
      {});
  Batch batch({.rows_max = 5000, .raw_bytes_max = 32U << 20});
  Records records;
  BatchCounts counts;
  std::uint64_t output_bytes = 0;
  for (auto step : state) {
    static_cast<void>(step);
    state.PauseTiming();
    raw.refill(batch);
    records.clear();
    state.ResumeTiming();
    counts += pipeline.run(batch, records);
    output_bytes += records.bytes();
  }
  report_articles(state, raw);
  const auto per_article = [&](std::uint64_t what) {
    return static_cast<double>(what) / static_cast<double>(counts.in);
  };
  state.counters["mentions"] = per_article(counts.mentions);
  state.counters["linked"] = per_article(counts.mentions_linked);
  state.counters["topics"] = per_article(counts.topics);
  state.counters["bytes_out"] = per_article(output_bytes);
  if (counts.published != counts.in) state.SkipWithError("an article was refused");
}

// Registers everything. Corpora live as long as the program.
class Workbench {
 public:
  Workbench()
      : names_(curated_names(kTables)), generation_(make_generation()), stages_(generation_) {}

  void add_context() const {
    const KnowledgePack& pack = *generation_->pack;
    benchmark::AddCustomContext(
        "pack", fmt::format("{} · {} entities · {} aliases · {:.1f} MB · {}", pack.version(),
                            pack.entities().size(), pack.aliases().size(),
                            static_cast<double>(pack.bytes()) / 1e6, pack.digest()));
    benchmark::AddCustomContext("rules", generation_->rules->digest());
  }

  void register_parts() {
    RawBatches& raw = corpus({}, kBatchRows);
    benchmark::AddCustomContext(
        "corpus", fmt::format("{} articles of {:.0f} bytes · {:016x}", raw.articles.size(),
                              raw.bytes_per_article(), digest(raw.articles)));
    for (std::size_t part = 0; part < std::size(kSteps); ++part) {
      add(kSteps[part].name,
          [this, &raw, part](benchmark::State& state) { run_part(state, stages_, raw, part); });
    }
    for (const bool news : {true, false}) {
      add(news ? kDuplicatesNews : kDuplicatesRepeats, [this, &raw, news](benchmark::State& state) {
        run_duplicates(state, generation_, raw, news);
      });
    }
    add_path("path/wire", raw);
  }

  void register_paths() {
    for (const Workload workload : kWorkloads) {
      if (workload == Workload::wire) continue;
      CorpusOptions options;
      options.workload = workload;
      add_path(fmt::format("path/{}", to_string(workload)),
               corpus(options, workload == Workload::long_read ? kBatchRows / 5 : kBatchRows));
    }
    CorpusOptions options;
    options.percent = kAllLanguages;
    add_path("path/wire/languages", corpus(options, kBatchRows));
    for (const std::uint32_t rows : {50U, 250U, 5000U}) {
      add_path(fmt::format("path/wire/batch/{}", rows), corpus({}, rows));
    }
    options = {};
    options.shape = RecordShape::ninjs;
    add_path("path/wire/ninjs", corpus(options, kBatchRows));
    options = {};
    options.declare_language = false;
    add_path("path/wire/undeclared", corpus(options, kBatchRows));
  }

 private:
  RawBatches& corpus(const CorpusOptions& options, std::uint32_t rows) {
    return corpora_.emplace_back(names_, options, rows);
  }
  void add_path(const std::string& name, RawBatches& raw) {
    add(name, [this, &raw](benchmark::State& state) { run_path(state, generation_, raw); });
  }
  template <class Body>
  void add(const std::string& name, Body body) {
    benchmark::RegisterBenchmark(name.c_str(), body)->Unit(benchmark::kMillisecond);
  }

  CorpusNames names_;
  std::shared_ptr<const Generation> generation_;
  Stages stages_;
  std::deque<RawBatches> corpora_;
};

std::map<std::string, double> budgets() {
  std::map<std::string, double> all{{"path/wire", kPathBudget},
                                    {kDuplicatesNews, kDuplicatesBudget},
                                    {kDuplicatesRepeats, kDuplicatesBudget}};
  for (const PartStep& step : kSteps) all[step.name] = step.budget_us;
  return all;
}

}  // namespace
}  // namespace telex::bench

int main(int argc, char** argv) {
  using namespace telex::bench;
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 64;
  Workbench bench;
  add_machine_context();
  bench.add_context();
  bench.register_parts();
  bench.register_paths();
  BudgetReporter reporter(budgets());
  benchmark::RunSpecifiedBenchmarks(&reporter);
  benchmark::Shutdown();
  return reporter.failed() ? 1 : 0;
}
