// Runs a fuzz entry without a fuzzer: over the committed corpus, the target's made seeds, and a
// bounded number of seeded mutations of both. The same seed gives the same inputs everywhere.
//
// usage: fuzz.<target> [--mutations N] [--seed S] [--write-seeds FOLDER] FILE-OR-FOLDER…
//
// When an input breaks a property, its description ("mutation 17 of seed 1 …") is the last line on
// standard error and the input itself is in ./fuzz.crash, for the debugger and, made small, for the
// corpus.
#include <algorithm>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "tests/fuzz/fuzz_entry.h"

namespace telex::fuzz {
namespace {

constexpr std::size_t kInputBytesMax = 256U << 10;
constexpr std::size_t kMutationsAtOnceMax = 8;

// SplitMix64 (Steele, Lea, Flood 2014): the same everywhere.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9E3779B97F4A7C15ULL;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31U);
  }
  std::size_t below(std::size_t bound) { return ((next() >> 32U) * bound) >> 32U; }

 private:
  std::uint64_t state_;
};

// Edges of integers, and of the syntaxes that entries read.
constexpr std::string_view kInteresting[] = {{"\x00", 1},
                                             {"\x00\x00\x00\x00", 4},
                                             "\xFF",
                                             "\xFF\xFF\xFF\xFF",
                                             "\x7F\xFF\xFF\xFF",
                                             {"\x01\x00\x00\x00", 4},
                                             {"\x00\x00\x00\x80", 4},
                                             "\xEF\xBB\xBF",
                                             "\xC3",
                                             "\xED\xA0\x80",
                                             "\xF0\x9F\x98\x80",
                                             "\xCC\x81",
                                             "\xC2\xAD",
                                             "\\u0000",
                                             "\\uD800",
                                             "\"",
                                             "\\",
                                             "{",
                                             "}",
                                             "[",
                                             "]",
                                             ":",
                                             ",",
                                             "null",
                                             "1e999",
                                             "-0",
                                             "[[[[[[[[",
                                             "<",
                                             ">",
                                             "</p>",
                                             "&amp;",
                                             "<!--",
                                             "\n",
                                             "\r\n",
                                             "\t",
                                             ".",
                                             "-",
                                             "'",
                                             "=",
                                             "[engine]",
                                             "\"\"\"",
                                             "#",
                                             "date 2025-13-45",
                                             "9999999999999999999"};

// A number of 1, 2, 4 or 8 bytes a little larger or smaller, or an edge of its range.
void change_number(std::string& out, std::size_t at, Random& random) {
  const std::size_t width = std::size_t{1} << random.below(4);
  at -= at % width;  // Fields of our own formats are aligned.
  if (at + width > out.size()) return;
  std::uint64_t number = 0;
  std::memcpy(&number, out.data() + at, width);
  switch (random.below(4)) {
    case 0:
      number += 1 + random.below(16);
      break;
    case 1:
      number -= 1 + random.below(16);
      break;
    case 2:
      number = ~std::uint64_t{0} >> random.below(64);
      break;
    default:
      number = random.below(256);
      break;
  }
  std::memcpy(out.data() + at, &number, width);
}

std::string mutated(const std::vector<std::string>& seeds, Random& random) {
  std::string out = seeds[random.below(seeds.size())];
  // Formats with a length in their header refuse every other one: half of the inputs keep theirs.
  const bool keep_length = random.below(2) == 0;
  for (std::size_t left = 1 + random.below(kMutationsAtOnceMax); left > 0; --left) {
    const std::size_t at = random.below(out.size() + 1);
    const std::size_t length = std::min<std::size_t>(random.below(32) + 1, out.size() - at);
    switch (random.below(keep_length ? 3 : 9)) {
      case 0:  // Flip a bit.
        if (at < out.size()) out[at] = static_cast<char>(out[at] ^ (1 << random.below(8)));
        break;
      case 1:  // Another byte.
        if (at < out.size()) out[at] = static_cast<char>(random.below(256));
        break;
      case 2:
        change_number(out, at, random);
        break;
      case 3:  // Insert something interesting ...
        out.insert(at, kInteresting[random.below(std::size(kInteresting))]);
        break;
      case 4: {  // ... or write it over what is there, keeping the length.
        const std::string_view piece = kInteresting[random.below(std::size(kInteresting))];
        if (at + piece.size() <= out.size()) out.replace(at, piece.size(), piece);
        break;
      }
      case 5:
        out.erase(at, length);
        break;
      case 6:  // Say it again.
        out.insert(at, std::string(out, at, length));
        break;
      case 7:
        out.resize(at);
        break;
      default: {  // Go on as another seed does.
        const std::string& other = seeds[random.below(seeds.size())];
        out.resize(at);
        out += other.substr(random.below(other.size() + 1));
        break;
      }
    }
  }
  if (out.size() > kInputBytesMax) out.resize(kInputBytesMax);
  return out;
}

// What is being run, for the handler of a crash: plain storage, written before each input.
char current_name[512];
const char* current_data = nullptr;
std::size_t current_size = 0;

void on_crash(int signal_number) {
  std::fprintf(stderr, "%s\n", current_name);
  if (std::FILE* file = std::fopen("fuzz.crash", "wb")) {
    std::fwrite(current_data, 1, current_size, file);
    std::fclose(file);
  }
  std::signal(signal_number, SIG_DFL);
  std::raise(signal_number);
}

void run(const std::string& name, const std::string& input) {
  std::snprintf(current_name, sizeof current_name, "in %s", name.c_str());
  // A copy of exactly this size, so that reading past the end is seen by a sanitizer.
  const std::vector<std::uint8_t> bytes(input.begin(), input.end());
  current_data = input.data();
  current_size = input.size();
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    std::fprintf(stderr, "%s: cannot be read\n", path.c_str());
    std::exit(1);
  }
  return {std::istreambuf_iterator<char>(file), {}};
}

// Files by name, folders with all that is in them; ordered, so that every machine has the same
// seeds.
std::map<std::string, std::string> read_corpus(const std::vector<std::string>& paths) {
  std::map<std::string, std::string> corpus;
  for (const std::string& path : paths) {
    if (!std::filesystem::is_directory(path)) {
      corpus[path] = read_file(path);
      continue;
    }
    for (const auto& entry : std::filesystem::directory_iterator(path)) {
      if (entry.is_regular_file()) corpus[entry.path().string()] = read_file(entry.path());
    }
  }
  return corpus;
}

int replay(int argc, char** argv) {
  std::uint64_t mutations = 0;
  std::uint64_t seed = 1;
  std::vector<std::string> paths;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    const bool takes_value = argument.starts_with("--");
    if (takes_value && i + 1 == argc) {
      std::fprintf(stderr, "%s needs a value\n", argv[i]);
      return 64;
    }
    if (argument == "--mutations") {
      mutations = std::strtoull(argv[++i], nullptr, 10);
    } else if (argument == "--seed") {
      seed = std::strtoull(argv[++i], nullptr, 10);
    } else if (argument == "--write-seeds") {
      const std::filesystem::path folder = argv[++i];
      std::size_t number = 0;
      for (const std::string& made : made_seeds()) {
        std::ofstream(folder / ("made-" + std::to_string(number++)), std::ios::binary) << made;
      }
    } else if (takes_value) {
      std::fprintf(stderr, "%s is not known\n", argv[i]);
      return 64;
    } else {
      paths.emplace_back(argument);
    }
  }

  for (const int signal_number : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL}) {
    std::signal(signal_number, on_crash);
  }
  std::vector<std::string> seeds;
  for (const auto& [name, input] : read_corpus(paths)) {
    run(name, input);
    seeds.push_back(input);
  }
  for (std::string& made : made_seeds()) {
    run("made seed " + std::to_string(seeds.size()), made);
    seeds.push_back(std::move(made));
  }
  if (seeds.empty()) {
    std::fprintf(stderr, "no seeds: give a corpus\n");
    return 64;
  }
  run("the empty input", "");
  Random random(seed);
  for (std::uint64_t i = 0; i < mutations; ++i) {
    run("mutation " + std::to_string(i) + " of seed " + std::to_string(seed),
        mutated(seeds, random));
  }
  std::printf("%zu seeds and %llu mutations, all properties hold\n", seeds.size(),
              static_cast<unsigned long long>(mutations));
  return 0;
}

}  // namespace
}  // namespace telex::fuzz

int main(int argc, char** argv) { return telex::fuzz::replay(argc, argv); }
