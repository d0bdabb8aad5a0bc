// bench.phrases: the dictionary alone, beside the textbook.
//
//   phrases/table/<aliases>      PhraseTable over tokens that are there already
//   phrases/words/<aliases>      the same with the tokeniser before it
//   phrases/aho_corasick/<n>     the textbook over folded bytes; folding is not counted against it
//
// Workload: 2,000 Dutch wire stories, one string each; 18.6 % of their words begin some alias, and
// dictionaries of all sizes have the same hits. Before anything is timed, all matchers must find as
// many hits as the reference does. One table a size, made when first needed.
#include <memory>
#include <stdexcept>

#include <benchmark/benchmark.h>
#include <fmt/core.h>

#include "process/text/fold.h"
#include "process/text/phrase_table.h"
#include "process/text/tokeniser.h"
#include "tests/bench/alias_set.h"
#include "tests/bench/corpus.h"
#include "tests/bench/report.h"
#include "tests/bench/textbook_matchers.h"

namespace telex::bench {
namespace {

constexpr std::uint32_t kArticles = 2000;
constexpr std::uint64_t kSeed = 7;

struct Texts {
  std::vector<std::string> plain;
  std::vector<std::string> folded;
  std::vector<Tokens> tokens;
  std::int64_t bytes = 0;

  Texts() {
    const CorpusNames names = CorpusNames::builtin();
    CorpusOptions options;
    options.shape = RecordShape::plain_text;
    for (CorpusArticle& article : make_corpus(names, options, kArticles)) {
      bytes += static_cast<std::int64_t>(article.value.size());
      tokens.push_back(tokenised(article.value));
      folded.push_back(telex::folded(article.value));
      plain.push_back(std::move(article.value));
    }
  }

  static Tokens tokenised(const std::string& text) {
    Tokens tokens;
    const Part part{.text = text};
    Article article;
    article.parts = {&part, 1};
    Tokeniser().tokenise(article, tokens);
    return tokens;
  }
};

// One dictionary, as bytes of a table and as phrases.
struct Dictionary {
  AliasSet set;
  std::vector<std::uint64_t> storage;
  PhraseTable table;

  Dictionary(const Texts& texts, std::uint32_t count)
      : set(make_aliases(texts.plain, count, kSeed)) {
    PhraseTableBuilder builder;
    for (std::uint32_t i = 0; i < set.aliases.size(); ++i) {
      if (!builder.add(set.aliases[i], i)) throw std::runtime_error("refused: " + set.aliases[i]);
    }
    const std::string bytes = builder.build();
    storage.resize((bytes.size() + 7) / 8);
    std::copy(bytes.begin(), bytes.end(), reinterpret_cast<char*>(storage.data()));
    std::string error;
    const auto opened =
        PhraseTable::open({reinterpret_cast<const char*>(storage.data()), bytes.size()}, error);
    if (!opened) throw std::runtime_error(error);
    table = *opened;
  }
};

std::uint64_t count_hits(const PhraseTable& table, const Tokens& tokens) {
  std::uint64_t hits = 0;
  PhraseHit hit;
  for (std::uint32_t i = 0; i < tokens.size();) {
    if (table.longest(tokens, i, tokens.size(), hit)) {
      ++hits;
      i += hit.token_count;
    } else {
      ++i;
    }
  }
  return hits;
}

class Workbench {
 public:
  const Texts texts;

  const Dictionary& dictionary(std::uint32_t count) {
    auto& slot = dictionaries_[count];
    if (slot == nullptr) slot = std::make_unique<Dictionary>(texts, count);
    return *slot;
  }
  const AhoCorasick& textbook(std::uint32_t count) {
    auto& slot = textbooks_[count];
    if (slot == nullptr) slot = std::make_unique<AhoCorasick>(dictionary(count).set.aliases);
    return *slot;
  }
  // Hits over all texts, by the slow and obviously right way.
  std::uint64_t expected(std::uint32_t count) {
    const auto [slot, missing] = expected_.try_emplace(count, 0);
    if (missing) {
      const ReferenceMatcher reference(dictionary(count).set.aliases);
      for (const Tokens& tokens : texts.tokens) slot->second += reference.count(tokens);
    }
    return slot->second;
  }

 private:
  std::map<std::uint32_t, std::unique_ptr<Dictionary>> dictionaries_;
  std::map<std::uint32_t, std::unique_ptr<AhoCorasick>> textbooks_;
  std::map<std::uint32_t, std::uint64_t> expected_;
};

// Runs `pass` (hits over all texts) and holds it to the reference.
template <class Pass>
void run(benchmark::State& state, Workbench& bench, std::uint32_t count, Pass pass) {
  const std::uint64_t expected = bench.expected(count);
  std::uint64_t hits = pass();
  for (auto step : state) {
    static_cast<void>(step);
    hits = pass();
    benchmark::DoNotOptimize(hits);
  }
  if (hits != expected) {
    state.SkipWithError(fmt::format("{} hits, the reference has {}", hits, expected).c_str());
    return;
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * kArticles);
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * bench.texts.bytes);
  state.counters["hits_per_article"] = static_cast<double>(hits) / kArticles;
  state.counters["dense"] = bench.dictionary(count).set.dense;
}

void register_size(Workbench& bench, std::uint32_t count, std::string_view name) {
  const auto add = [](std::string title, auto body) {
    benchmark::RegisterBenchmark(title.c_str(), body)->Unit(benchmark::kMillisecond);
  };
  add(fmt::format("phrases/table/{}", name), [&bench, count](benchmark::State& state) {
    const PhraseTable& table = bench.dictionary(count).table;
    run(state, bench, count, [&] {
      std::uint64_t hits = 0;
      for (const Tokens& tokens : bench.texts.tokens) hits += count_hits(table, tokens);
      return hits;
    });
  });
  add(fmt::format("phrases/words/{}", name), [&bench, count](benchmark::State& state) {
    const PhraseTable& table = bench.dictionary(count).table;
    Tokeniser tokeniser;
    Tokens tokens;
    run(state, bench, count, [&] {
      std::uint64_t hits = 0;
      for (const std::string& text : bench.texts.plain) {
        tokens.clear();
        const Part part{.text = text};
        Article article;
        article.parts = {&part, 1};
        tokeniser.tokenise(article, tokens);
        hits += count_hits(table, tokens);
      }
      return hits;
    });
  });
}

void register_textbook(Workbench& bench, std::uint32_t count, std::string_view name) {
  const std::string title = fmt::format("phrases/aho_corasick/{}", name);
  benchmark::RegisterBenchmark(title.c_str(), [&bench, count](benchmark::State& state) {
    const AhoCorasick& textbook = bench.textbook(count);
    run(state, bench, count, [&] {
      std::uint64_t hits = 0;
      for (const std::string& text : bench.texts.folded) hits += textbook.count(text);
      return hits;
    });
  })->Unit(benchmark::kMillisecond);
}

}  // namespace
}  // namespace telex::bench

int main(int argc, char** argv) {
  using namespace telex::bench;
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 64;
  add_machine_context();
  Workbench bench;
  register_size(bench, 50'000, "50k");
  register_textbook(bench, 50'000, "50k");
  register_size(bench, 100'000, "100k");
  register_size(bench, 1'000'000, "1m");
  BudgetReporter reporter({{"phrases/table/50k", 13}});
  benchmark::RunSpecifiedBenchmarks(&reporter);
  benchmark::Shutdown();
  return reporter.failed() ? 1 : 0;
}
