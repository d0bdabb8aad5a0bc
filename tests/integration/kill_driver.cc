// kill_driver: kills a worker in the middle of its transactions and counts what comes out.
//
//   kill_driver [--records N] [--partitions N] [--kills N] [--points P[,P...]] [--seed N]
//               [--broken PERCENT] [--broker-kills N] [--bootstrap HOST:PORT]
//               -- COMMAND [ARGUMENT...]
//
// It creates topics of its own, writes N articles (JSON, each with a uri of its own; some broken)
// and starts COMMAND once a kill with TELEX_FAULT=<point>:kill:<nth>, nth by the seed; then once
// more without, until the group has committed everything, and ends it with SIGTERM. In arguments
// {bootstrap} {input} {output} {dead_letters} {group} {name} are replaced; the same are in the
// environment as TELEX_TEST_BOOTSTRAP, TELEX_TEST_INPUT, TELEX_TEST_OUTPUT,
// TELEX_TEST_DEAD_LETTERS, TELEX_TEST_GROUP, TELEX_TEST_NAME, for a configuration file to use.
// --broker-kills: while the last worker runs, the broker of TELEX_TEST_KAFKA_DIR is killed as well,
// and started again 5 s later (deploy/kafka run sets what that needs). The worker must live on.
//
// Passes when, read_committed: every article is in output or dead letters exactly once (broken ones
// in the dead letters), in order within each output partition; the group's offsets are at the end;
// and records of aborted transactions are there but hidden, so the kills hit transactions.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <fstream>
#include <map>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/integration/real_kafka.h"

namespace {

using namespace telex;
using namespace telex::testing;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

struct Options {
  std::uint64_t records = 20'000;
  int partitions = 4;
  int kills = 3;
  int broker_kills = 0;
  std::uint64_t seed = 1;
  std::uint64_t broken_percent = 2;
  std::string bootstrap;
  std::vector<std::string> points{"after_produce"};
  std::vector<std::string> command;
};

constexpr std::string_view kMarker = "telex-kill-";
constexpr std::size_t kDigits = 9;

std::string id_of(std::uint64_t number) {
  std::string digits = std::to_string(number);
  return std::string(kMarker) + std::string(kDigits - digits.size(), '0') + digits;
}

// The number of the article that a record came from; -1 if it is none of ours.
std::int64_t number_in(std::string_view text) {
  const std::size_t at = text.find(kMarker);
  if (at == std::string_view::npos || text.size() < at + kMarker.size() + kDigits) return -1;
  std::int64_t number = -1;
  const char* begin = text.data() + at + kMarker.size();
  const auto read = std::from_chars(begin, begin + kDigits, number);
  return read.ptr == begin + kDigits ? number : -1;
}

class Worker {
 public:
  Worker(const std::vector<std::string>& command, const std::string& fault) {
    pid_ = ::fork();
    if (pid_ < 0) throw std::runtime_error("fork failed");
    if (pid_ > 0) return;
    if (fault.empty()) {
      ::unsetenv("TELEX_FAULT");
    } else {
      ::setenv("TELEX_FAULT", fault.c_str(), 1);
    }
    std::vector<char*> arguments;
    arguments.reserve(command.size() + 1);
    for (const std::string& each : command) arguments.push_back(const_cast<char*>(each.c_str()));
    arguments.push_back(nullptr);
    ::execv(arguments[0], arguments.data());
    std::perror(arguments[0]);
    ::_exit(127);
  }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker() {
    if (!over()) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, &status_, 0);
    }
  }
  bool over() {
    if (!over_) over_ = ::waitpid(pid_, &status_, WNOHANG) == pid_;
    return over_;
  }
  bool killed() const { return over_ && WIFSIGNALED(status_) && WTERMSIG(status_) == SIGKILL; }
  int exit_code() const { return WIFEXITED(status_) ? WEXITSTATUS(status_) : -1; }
  void terminate() { ::kill(pid_, SIGTERM); }

 private:
  pid_t pid_ = -1;
  int status_ = 0;
  bool over_ = false;
};

std::uint64_t number_argument(const char* name, const char* text) {
  std::uint64_t value = 0;
  const char* end = text + std::strlen(text);
  if (std::from_chars(text, end, value).ptr != end) {
    throw std::runtime_error(std::string(name) + " wants a number, not '" + text + "'");
  }
  return value;
}

Options parse(int argc, char** argv) {
  Options options;
  int i = 1;
  for (; i < argc && std::string_view(argv[i]) != "--"; i += 2) {
    const std::string_view name = argv[i];
    if (i + 1 >= argc) throw std::runtime_error(std::string(name) + " wants a value");
    const char* value = argv[i + 1];
    if (name == "--records") {
      options.records = number_argument(argv[i], value);
    } else if (name == "--partitions") {
      options.partitions = static_cast<int>(number_argument(argv[i], value));
    } else if (name == "--kills") {
      options.kills = static_cast<int>(number_argument(argv[i], value));
    } else if (name == "--broker-kills") {
      options.broker_kills = static_cast<int>(number_argument(argv[i], value));
    } else if (name == "--seed") {
      options.seed = number_argument(argv[i], value);
    } else if (name == "--broken") {
      options.broken_percent = number_argument(argv[i], value);
    } else if (name == "--bootstrap") {
      options.bootstrap = value;
    } else if (name == "--points") {
      options.points.clear();
      std::string_view rest = value;
      while (!rest.empty()) {
        const std::size_t comma = rest.find(',');
        options.points.emplace_back(rest.substr(0, comma));
        rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
      }
    } else {
      throw std::runtime_error("unknown option " + std::string(name));
    }
  }
  for (++i; i < argc; ++i) options.command.emplace_back(argv[i]);
  if (options.command.empty()) throw std::runtime_error("no command after --");
  return options;
}

struct World {
  std::string input, output, dead_letters, group, name;
};

std::vector<std::string> filled_in(const std::vector<std::string>& command, const RealKafka& kafka,
                                   const World& world) {
  const std::map<std::string, std::string> values{
      {"bootstrap", kafka.bootstrap()},     {"input", world.input}, {"output", world.output},
      {"dead_letters", world.dead_letters}, {"group", world.group}, {"name", world.name}};
  std::vector<std::string> filled = command;
  for (const auto& [name, value] : values) {
    std::string variable = "TELEX_TEST_" + name;
    for (char& c : variable) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    ::setenv(variable.c_str(), value.c_str(), 1);
    const std::string mark = "{" + name + "}";
    for (std::string& argument : filled) {
      for (std::size_t at; (at = argument.find(mark)) != std::string::npos;) {
        argument.replace(at, mark.size(), value);
      }
    }
  }
  return filled;
}

void feed(RealKafka& kafka, const Options& options, const World& world) {
  std::string key;
  std::string value;
  kafka.produce(world.input, options.records, [&](std::uint64_t n) {
    const bool broken = n % 100 < options.broken_percent;
    key = "urn:test:" + id_of(n);
    value = broken ? "{broken " : "{";
    value += "\"uri\":\"" + key + "\",\"headline\":\"Article " + std::to_string(n) +
             "\",\"body\":\"The ministers met in Paris on Tuesday to speak about the harbour of "
             "Rotterdam, and agreed to meet again before the summer.\"}";
    kafka::ProducerRecord record;
    record.key = key;
    record.value = value;
    return record;
  });
}

// While the broker is away, nobody knows: not yet.
bool caught_up(RealKafka& kafka, const World& world) try {
  for (const TopicPartition& partition : kafka.partitions_of(world.input)) {
    if (kafka.committed_offset(world.group, partition) != kafka.end_offset(partition)) return false;
  }
  return true;
} catch (const std::runtime_error&) {
  return false;
}

// Records settled so far; -1 while nobody knows.
std::int64_t progress(RealKafka& kafka, const World& world) try {
  std::int64_t sum = 0;
  for (const TopicPartition& partition : kafka.partitions_of(world.input)) {
    sum += std::max<std::int64_t>(kafka.committed_offset(world.group, partition), 0);
  }
  return sum;
} catch (const std::runtime_error&) {
  return -1;
}

const char* needed_variable(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr) {
    throw std::runtime_error(std::string(name) +
                             " is not set: run this through `deploy/kafka run -- …`");
  }
  return value;
}

// Kills the broker as a power cut would, and brings it back.
void kill_broker() {
  const std::string folder = needed_variable("TELEX_TEST_KAFKA_DIR");
  pid_t pid = 0;
  std::ifstream(folder + "/pid") >> pid;
  if (pid <= 0 || ::kill(pid, SIGKILL) != 0) throw std::runtime_error("no broker to kill");
  std::puts("broker killed");
  std::this_thread::sleep_for(milliseconds{5000});
  const std::string start =
      "'" + std::string(needed_variable("TELEX_TEST_KAFKA")) + "' start --dir '" + folder + "' >&2";
  if (std::system(start.c_str()) != 0) throw std::runtime_error("the broker does not start again");
  std::puts("broker started again");
}

struct Count {
  std::vector<std::uint32_t> seen;
  std::uint64_t foreign = 0;
  std::uint64_t out_of_order = 0;
};

// Counts the articles of one topic as read_committed sees them; returns how many records are
// hidden.
std::uint64_t count(RealKafka& kafka, const std::string& topic, Count& counted) {
  std::uint64_t visible = 0;
  std::uint64_t all = 0;
  std::map<std::int32_t, std::int64_t> last;
  kafka.for_each(topic, true, [&](const kafka::ConsumerRecord& record) {
    ++visible;
    std::int64_t number = number_in(record.key);
    if (number < 0) number = number_in(record.value);
    if (number < 0 || static_cast<std::size_t>(number) >= counted.seen.size()) {
      ++counted.foreign;
      return;
    }
    ++counted.seen[static_cast<std::size_t>(number)];
    std::int64_t& before = last.try_emplace(record.partition.value, -1).first->second;
    if (number <= before) ++counted.out_of_order;
    before = number;
  });
  kafka.for_each(topic, false, [&](const kafka::ConsumerRecord&) { ++all; });
  return all - visible;
}

int check(RealKafka& kafka, const Options& options, const World& world) {
  kafka.wait_until_stable(world.output);
  kafka.wait_until_stable(world.dead_letters);
  Count good{std::vector<std::uint32_t>(options.records), 0, 0};
  Count dead{std::vector<std::uint32_t>(options.records), 0, 0};
  const std::uint64_t hidden =
      count(kafka, world.output, good) + count(kafka, world.dead_letters, dead);
  std::uint64_t lost = 0;
  std::uint64_t doubled = 0;
  std::uint64_t misplaced = 0;
  for (std::uint64_t n = 0; n < options.records; ++n) {
    const std::uint32_t times = good.seen[n] + dead.seen[n];
    if (times == 0) ++lost;
    if (times > 1) ++doubled;
    const bool broken = n % 100 < options.broken_percent;
    if (times > 0 && (broken ? good.seen[n] : dead.seen[n]) > 0) ++misplaced;
  }
  const bool at_end = caught_up(kafka, world);
  const std::uint64_t foreign = good.foreign + dead.foreign;
  std::printf(
      "%llu in, %llu lost, %llu doubled, %llu in the wrong topic, %llu out of order, "
      "%llu unknown, %llu hidden (aborted), group %s\n",
      static_cast<unsigned long long>(options.records), static_cast<unsigned long long>(lost),
      static_cast<unsigned long long>(doubled), static_cast<unsigned long long>(misplaced),
      static_cast<unsigned long long>(good.out_of_order), static_cast<unsigned long long>(foreign),
      static_cast<unsigned long long>(hidden), at_end ? "at the end" : "NOT at the end");
  // A line for the summary of deploy/test.
  if (const char* facts = std::getenv("TELEX_TEST_FACTS"); facts != nullptr && options.kills > 0) {
    std::ofstream(facts, std::ios::app) << options.kills << " kills: " << options.records << " in, "
                                        << lost << " lost, " << doubled << " doubled\n";
  }
  const bool hit = options.kills == 0 || hidden > 0;
  if (!hit) std::puts("no kill hit a transaction: nothing was tested");
  return lost + doubled + misplaced + good.out_of_order + foreign == 0 && at_end && hit ? 0 : 1;
}

int run(int argc, char** argv) {
  const Options options = parse(argc, argv);
  RealKafka kafka = options.bootstrap.empty() ? RealKafka() : RealKafka(options.bootstrap);
  World world{kafka.unique("kill.in"), kafka.unique("kill.out"), kafka.unique("kill.dlq"),
              kafka.unique("kill.group"), kafka.unique("kill.name")};
  kafka.create_topic(world.input, options.partitions);
  kafka.create_topic(world.output, options.partitions);
  kafka.create_topic(world.dead_letters, 1);
  const std::vector<std::string> command = filled_in(options.command, kafka, world);
  std::printf("seed %llu\n", static_cast<unsigned long long>(options.seed));
  feed(kafka, options, world);

  std::mt19937_64 random(options.seed);
  for (int i = 0; i < options.kills; ++i) {
    const std::string& point = options.points[static_cast<std::size_t>(i) % options.points.size()];
    const std::string fault = point + ":kill:" + std::to_string(1 + random() % 5);
    Worker worker(command, fault);
    if (!eventually([&] { return worker.over(); }, milliseconds{60'000}) || !worker.killed()) {
      std::printf("the worker was not killed at %s\n", fault.c_str());
      return 1;
    }
    std::printf("killed at %s\n", fault.c_str());
  }

  const auto restarted = steady_clock::now();
  Worker worker(command, "");
  for (int i = 0; i < options.broker_kills; ++i) {
    // In the middle of work, so that it hits transactions.
    const std::int64_t before = std::max<std::int64_t>(progress(kafka, world), 0);
    eventually([&] { return worker.over() || progress(kafka, world) > before + 5000; },
               milliseconds{60'000});
    std::this_thread::sleep_for(milliseconds{random() % 500});
    kill_broker();
  }
  const bool done =
      eventually([&] { return worker.over() || caught_up(kafka, world); }, milliseconds{120'000});
  const auto took = std::chrono::duration_cast<milliseconds>(steady_clock::now() - restarted);
  if (!done || worker.over()) {
    std::printf("the last worker %s\n", done ? "ended by itself" : "does not get to the end");
    return 1;
  }
  std::printf("caught up %lld ms after the last restart\n", static_cast<long long>(took.count()));
  worker.terminate();
  if (!eventually([&] { return worker.over(); }, milliseconds{25'000}) || worker.exit_code() != 0) {
    std::puts("the worker did not drain and exit 0 within 25 s");
    return 1;
  }
  return check(kafka, options, world);
}

}  // namespace

int main(int argc, char** argv) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  try {
    return run(argc, argv);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "kill_driver: %s\n", failure.what());
    return 1;
  }
}
