// simulate: runs seeds of the simulated world and says what they have shown.
//
//   simulate [--seeds N] [--first S] [--jobs J] [--rule NAME-off]… [--state FILE] [--json]
//   simulate --seed S [--rule NAME-off]… [--trace]
//
// The same seed is the same run, on every machine. With --state a run that was ended (Ctrl-C) goes
// on where it stopped. Exit 0: all seeds hold. 1: a violation; its seed, what is wrong and the last
// events are printed. 64: the arguments make no sense.
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "tests/sim/simulation.h"
#include "tests/sim/tally.h"

namespace telex::sim {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kChunk = 250;
constexpr std::size_t kTailLines = 60;
constexpr std::size_t kViolationsShown = 20;

volatile sig_atomic_t stop_asked = 0;
void on_signal(int) { stop_asked = 1; }

struct Options {
  std::uint64_t first = 1;
  std::uint64_t seeds = 2000;
  std::uint64_t seed = 0;
  unsigned jobs = 1;
  std::vector<std::string> rules;
  std::string state;
  bool trace = false;
  bool json = false;
};

double seconds_since(Clock::time_point begun) {
  return std::chrono::duration<double>(Clock::now() - begun).count();
}

// Numbers with their thousands apart.
std::string thousands(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

void print_violation(std::uint64_t seed, const std::string& what) {
  fmt::print("violated by seed {}: {}\n", seed, what);
}

// One seed, with all that can be said of it.
int run_one(const Options& options) {
  Chronicle::Listener listener;
  if (options.trace) {
    listener = [](const std::string& line) { fmt::print("{}\n", line); };
  }
  const SeedResult result = run_seed(options.seed, listener);
  if (!options.trace && !result.violations.empty()) {
    for (const std::string& line : last_events(options.seed, kTailLines)) fmt::print("{}\n", line);
  }
  for (const std::string& each : result.violations) print_violation(options.seed, each);
  fmt::print("seed {}: {}, {} events, {} s of virtual time\n", options.seed,
             result.violations.empty() ? "holds" : "is violated", thousands(result.events),
             result.virtual_time / 1s);
  return result.violations.empty() ? 0 : 1;
}

// Hands out chunks of seeds and puts what they came to together again, in order.
class Campaign {
 public:
  Campaign(const Options& options, std::string run) : options_(options), run_(std::move(run)) {
    if (!options_.state.empty() && load_tally(options_.state, run_, done_) && done_.seeds > 0) {
      fmt::print(stderr, "going on after {} seeds\n", thousands(done_.seeds));
    }
    next_ = options_.first + done_.seeds;
  }

  void work() {
    while (stop_asked == 0) {
      const std::uint64_t first = next_.fetch_add(kChunk);
      const std::uint64_t end = std::min(first + kChunk, options_.first + options_.seeds);
      if (first >= end) return;
      Tally chunk;
      for (std::uint64_t seed = first; seed < end; ++seed) chunk.add(run_seed(seed));
      settle(first, chunk);
    }
  }

  Tally done() {
    const std::lock_guard lock(mutex_);
    return done_;
  }
  bool save() {
    const std::lock_guard lock(mutex_);
    return options_.state.empty() || save_tally(options_.state, run_, done_);
  }

 private:
  void settle(std::uint64_t first, const Tally& chunk) {
    const std::lock_guard lock(mutex_);
    waiting_[first] = chunk;
    while (!waiting_.empty() && waiting_.begin()->first == options_.first + done_.seeds) {
      done_.add(waiting_.begin()->second);
      waiting_.erase(waiting_.begin());
    }
  }

  const Options& options_;
  const std::string run_;
  std::atomic<std::uint64_t> next_{0};
  std::mutex mutex_;
  Tally done_;  // Everything below options_.first + done_.seeds.
  std::map<std::uint64_t, Tally> waiting_;
};

// A line that redraws itself on a terminal, one now and then elsewhere; none when all is done.
void watch(Campaign& campaign, const Options& options, const std::atomic<bool>& over) {
  const bool terminal = isatty(STDERR_FILENO) != 0;
  const auto begun = Clock::now();
  const std::uint64_t before = campaign.done().seeds;
  auto told = begun;
  auto saved = begun;
  while (!over.load()) {
    std::this_thread::sleep_for(100ms);
    const auto now = Clock::now();
    if (now - saved >= 5s) {
      saved = now;
      campaign.save();
    }
    if (now - told < (terminal ? 500ms : 10'000ms)) continue;
    told = now;
    const Tally tally = campaign.done();
    const double rate = static_cast<double>(tally.seeds - before) / seconds_since(begun);
    fmt::print(stderr, "{}  {} of {} seeds, {:.0f}/s, {} violations{}", terminal ? "\r" : "",
               thousands(tally.seeds), thousands(options.seeds), rate, tally.violated,
               terminal ? "\033[K" : "\n");
    std::fflush(stderr);
  }
  if (terminal) fmt::print(stderr, "\r\033[K");
}

void print_json(const Options& options, const Tally& tally) {
  fmt::print("{{\"first\":{},\"seeds\":{},\"violated\":{},\"events\":{},\"counts\":{{",
             options.first, tally.seeds, tally.violated, tally.events);
  for (std::size_t i = 0; i < kCountKinds; ++i) {
    fmt::print("{}\"{}\":{}", i == 0 ? "" : ",", to_string(static_cast<Count>(i)), tally.counts[i]);
  }
  fmt::print("}},\"violations\":[");
  for (std::size_t i = 0; i < tally.violations.size(); ++i) {
    fmt::print("{}{}", i == 0 ? "" : ",", tally.violations[i].seed);
  }
  fmt::print("]}}\n");
}

void print_summary(const Tally& tally) {
  for (std::size_t i = 0; i < kCountKinds; ++i) {
    fmt::print("  {:<28}{:>16}\n", to_string(static_cast<Count>(i)), thousands(tally.counts[i]));
  }
  if (!tally.violations.empty()) {
    const std::uint64_t seed = tally.violations.front().seed;
    fmt::print("the last events of seed {}:\n", seed);
    for (const std::string& line : last_events(seed, kTailLines)) fmt::print("{}\n", line);
    const std::size_t shown = std::min(tally.violations.size(), kViolationsShown);
    for (std::size_t i = 0; i < shown; ++i) {
      print_violation(tally.violations[i].seed, tally.violations[i].what);
    }
  }
  const auto count = [&](Count which) {
    return thousands(tally.counts[static_cast<std::size_t>(which)]);
  };
  fmt::print(
      "{} seeds: {} articles, {} commits, {} crashes, {} hidden records, {}\n",
      thousands(tally.seeds), count(Count::records_in), count(Count::commits_by_lane),
      count(Count::crashes), count(Count::hidden_records),
      tally.violated == 0 ? "0 lost, 0 doubled" : thousands(tally.violated) + " seeds VIOLATED");
}

int run_many(const Options& options) {
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  std::string run = fmt::format("simulate 1, from {}", options.first);
  for (const std::string& each : options.rules) run += ", " + each;
  Campaign campaign(options, run);
  std::atomic<bool> over{false};
  std::thread watcher([&] { watch(campaign, options, over); });
  std::vector<std::thread> workers;
  for (unsigned i = 0; i < std::max(options.jobs, 1U); ++i) {
    workers.emplace_back([&] { campaign.work(); });
  }
  for (std::thread& each : workers) each.join();
  over = true;
  watcher.join();
  if (!campaign.save()) fmt::print(stderr, "cannot write {}\n", options.state);
  const Tally tally = campaign.done();
  options.json ? print_json(options, tally) : print_summary(tally);
  return tally.violated == 0 ? 0 : 1;
}

int run(int argc, char** argv) {
  Options options;
  CLI::App app("Runs seeds of the simulated world.");
  app.add_option("--seeds", options.seeds, "How many")->check(CLI::PositiveNumber);
  app.add_option("--first", options.first, "The first of them")->check(CLI::PositiveNumber);
  app.add_option("--seed", options.seed, "Only this one, with its last events if it is violated");
  app.add_option("--jobs", options.jobs, "How many at a time");
  app.add_option("--rule", options.rules, "NAME-off: the engine without this rule");
  app.add_option("--state", options.state, "File to go on from, and to keep up to date");
  app.add_flag("--trace", options.trace, "With --seed: every event");
  app.add_flag("--json", options.json, "The summary as JSON");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 64;
  }
  for (const std::string& each : options.rules) {
    constexpr std::string_view kOff = "-off";
    if (!each.ends_with(kOff) || !set_rule(each.substr(0, each.size() - kOff.size()), false)) {
      fmt::print(stderr, "no rule '{}'; there are:\n", each);
      for (const std::string& name : rule_names()) fmt::print(stderr, "  {}-off\n", name);
      return 64;
    }
  }
  return options.seed != 0 ? run_one(options) : run_many(options);
}

}  // namespace
}  // namespace telex::sim

int main(int argc, char** argv) {
  try {
    return telex::sim::run(argc, argv);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "simulate: %s\n", failure.what());
    return 1;
  }
}
