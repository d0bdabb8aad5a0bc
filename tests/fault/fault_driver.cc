// fault_driver: real faults on a real Kafka.
//
//   fault_driver SCENARIO... [--iterations N] [--first N] [--seed S] [--records N]
//                [--subject NAME] [--resume FILE] [--json] [--folder D] [--stock-loop PROGRAM]
//                --telex PROGRAM --lane-runner PROGRAM
//   fault_driver --list
//
// Runs iterations --first (0) to --first + N - 1 of each scenario against the broker that
// `deploy/kafka run` names in the environment. Iterations differ by what the seed chooses for them,
// so that one can be run again alone. --resume: results are appended to FILE, one JSON object a
// line, and those that FILE has already are left out. --json prints the same lines.
// Exit code 0: every iteration exact and without complaint, or the subject is a peer, whose results
// are figures and no verdict; 1: not; 64: usage.
#include <signal.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <filesystem>
#include <fstream>
#include <set>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

#include "tests/fault/scenarios.h"

namespace telex::fault {
namespace {

struct Options {
  std::vector<std::string> scenarios;
  std::uint64_t iterations = 1;
  std::uint64_t first = 0;
  std::uint64_t seed = 1;
  std::uint64_t records = 0;  // 0: the scenario's own.
  Subject subject = Subject::telex;
  std::string results;
  std::string folder;
  Tools tools;
  bool json = false;
  bool list = false;
};

struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

std::uint64_t number_of(const std::string& name, const std::string& text) {
  std::uint64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) {
    throw UsageError(name + " wants a number, not '" + text + "'");
  }
  return value;
}

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    if (!name.starts_with("--")) {
      options.scenarios.push_back(name);
      continue;
    }
    if (name == "--json" || name == "--list") {
      (name == "--json" ? options.json : options.list) = true;
      continue;
    }
    if (++i == argc) throw UsageError(name + " wants a value");
    const std::string value = argv[i];
    if (name == "--iterations") {
      options.iterations = number_of(name, value);
    } else if (name == "--first") {
      options.first = number_of(name, value);
    } else if (name == "--seed") {
      options.seed = number_of(name, value);
    } else if (name == "--records") {
      options.records = number_of(name, value);
    } else if (name == "--subject") {
      options.subject = parse_subject(value);
    } else if (name == "--resume") {
      options.results = value;
    } else if (name == "--folder") {
      options.folder = value;
    } else if (name == "--telex") {
      options.tools.telex = value;
    } else if (name == "--lane-runner") {
      options.tools.lane_runner = value;
    } else if (name == "--stock-loop") {
      options.tools.stock_loop = value;
    } else if (name == "--java") {
      options.tools.java = value;
    } else if (name == "--class-path") {
      options.tools.class_path = value;
    } else {
      throw UsageError("unknown option " + name);
    }
  }
  if (options.scenarios.empty() && !options.list) throw UsageError("no scenario");
  return options;
}

std::vector<Scenario> all_scenarios() {
  std::vector<Scenario> all;
  for (const auto& some : {process_scenarios(), broker_scenarios(), network_scenarios(),
                           data_scenarios(), size_scenarios(), pressure_scenarios()}) {
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

const Scenario& find(const std::vector<Scenario>& all, const std::string& name) {
  for (const Scenario& each : all) {
    if (each.name == name) return each;
  }
  throw UsageError("no scenario is called '" + name + "': see --list");
}

// Which trials a file of results has, as their lines begin.
class Results {
 public:
  explicit Results(std::string file) : file_(std::move(file)) {
    std::ifstream lines(file_);
    for (std::string line; std::getline(lines, line);) {
      // A line that was cut off by the end of an earlier run does not count.
      if (line.ends_with("}")) done_.insert(key_in(line));
    }
  }
  bool has(const TrialOptions& trial) const { return done_.contains(key_of(trial)); }
  void add(const Outcome& outcome) const {
    if (file_.empty()) return;
    std::ofstream(file_, std::ios::app) << outcome.json() << std::endl;
  }

 private:
  static std::string key_of(const TrialOptions& trial) {
    return trial.scenario + " " + to_string(trial.subject) + " " + std::to_string(trial.iteration) +
           " " + std::to_string(trial.seed);
  }
  static std::string member(const std::string& line, const std::string& name) {
    const std::string mark = "\"" + name + "\":";
    std::size_t at = line.find(mark);
    if (at == std::string::npos) return {};
    at += mark.size();
    if (line[at] == '"') ++at;
    return line.substr(at, line.find_first_of(",\"}", at) - at);
  }
  static std::string key_in(const std::string& line) {
    return member(line, "scenario") + " " + member(line, "subject") + " " +
           member(line, "iteration") + " " + member(line, "seed");
  }
  std::string file_;
  std::set<std::string> done_;
};

void print(const Outcome& outcome) {
  std::printf("%-4s #%-4llu %-9s %-32s %s, %llu faults, recovery %lld ms, took %.1f s: %s\n",
              outcome.scenario.c_str(), static_cast<unsigned long long>(outcome.iteration),
              outcome.subject.c_str(), outcome.variant.c_str(), outcome.findings.text().c_str(),
              static_cast<unsigned long long>(outcome.faults),
              static_cast<long long>(outcome.recovery_ms),
              static_cast<double>(outcome.took_ms) / 1000, outcome.passed() ? "good" : "FAILED");
}

// One iteration in a folder of its own, which stays if it fails.
Outcome run_one(Stage& stage, const Scenario& scenario, TrialOptions trial) {
  trial.folder += "/" + trial.scenario + "." + to_string(trial.subject) + "." +
                  std::to_string(trial.iteration) + "." + std::to_string(::getpid());
  std::filesystem::create_directories(trial.folder);
  Outcome outcome;
  try {
    outcome = scenario.run(stage, trial);
  } catch (const std::exception& failure) {
    outcome.scenario = trial.scenario;
    outcome.subject = to_string(trial.subject);
    outcome.iteration = trial.iteration;
    outcome.seed = trial.seed;
    outcome.complaints.push_back(failure.what());
    std::fprintf(stderr, "%s #%llu: %s\n", trial.scenario.c_str(),
                 static_cast<unsigned long long>(trial.iteration), failure.what());
  }
  if (outcome.passed()) std::filesystem::remove_all(trial.folder);
  return outcome;
}

// A line for the summary of deploy/test: of the kills alone, which everybody understands.
void leave_facts(const Options& options, std::uint64_t faults, const Findings& sum) {
  const char* facts = std::getenv("TELEX_TEST_FACTS");
  const bool kills = options.subject == Subject::telex && options.scenarios.front() == "F1";
  if (facts == nullptr || !kills) return;
  std::ofstream(facts, std::ios::app) << faults << " kills: " << sum.sent << " in, " << sum.lost
                                      << " lost, " << sum.doubled << " doubled\n";
}

int run(const Options& options) {
  const std::vector<Scenario> all = all_scenarios();
  if (options.list) {
    for (const Scenario& each : all) {
      std::printf("%-4s %s%s\n", std::string(each.name).c_str(), std::string(each.what).c_str(),
                  each.for_peers ? " (peers too)" : "");
    }
    return 0;
  }
  for (const std::string& name : options.scenarios) find(all, name);
  Results results(options.results);
  testing::RealKafka kafka;
  BrokerProcess broker;
  Stage stage{kafka, broker};
  Findings sum;
  std::uint64_t faults = 0;
  std::uint64_t failed = 0;
  for (const std::string& name : options.scenarios) {
    const Scenario& scenario = find(all, name);
    if (!is_ours(options.subject) && !scenario.for_peers) {
      throw UsageError(name + " is not for peers");
    }
    for (std::uint64_t i = 0; i < options.iterations; ++i) {
      TrialOptions trial{name,
                         options.subject,
                         options.first + i,
                         options.seed,
                         options.records > 0 ? options.records : scenario.records,
                         options.folder,
                         options.tools};
      if (results.has(trial)) continue;
      if (!scenario.keeps_properties) broker.require("");
      const Outcome outcome = run_one(stage, scenario, trial);
      results.add(outcome);
      if (options.json) std::puts(outcome.json().c_str());
      if (!options.json) print(outcome);
      faults += outcome.faults;
      sum.sent += outcome.findings.sent;
      sum.lost += outcome.findings.lost;
      sum.doubled += outcome.findings.doubled;
      if (!outcome.passed()) ++failed;
    }
  }
  broker.require("");  // As it was.
  if (!is_ours(options.subject)) return 0;
  leave_facts(options, faults, sum);
  return failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace telex::fault

int main(int argc, char** argv) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  ::signal(SIGPIPE, SIG_IGN);
  try {
    telex::fault::Options options = telex::fault::parse(argc, argv);
    if (options.folder.empty()) {
      options.folder = std::filesystem::temp_directory_path() / "telex-fault";
    }
    return telex::fault::run(options);
  } catch (const telex::fault::UsageError& wrong) {
    std::fprintf(stderr, "fault_driver: %s\n", wrong.what());
    return 64;
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "fault_driver: %s\n", failure.what());
    return 1;
  }
}
