#include "tests/conformance/sink_conformance.h"

#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "sink/file_sink.h"
#include "sink/null_sink.h"
#include "tests/conformance/memory_sink.h"

namespace telex::testing {
namespace {

struct FileWorld {
  static constexpr bool kAtomic = true;
  static constexpr bool kKeepsValues = true;

  FileWorld() { EXPECT_TRUE(file_sink.open().ok()); }
  ~FileWorld() {
    std::remove((path + ".partial").c_str());
    std::remove(path.c_str());
  }
  Sink& sink() { return file_sink; }
  Positions positions(int) { return {}; }
  std::string group() { return {}; }
  std::vector<std::string> visible(std::size_t) {
    std::ifstream file(path + ".partial");
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
  }

  std::string path = ::testing::TempDir() + "file_sink." + std::to_string(::getpid());
  FileSink file_sink{{path, ""}};
};

struct NullWorld {
  static constexpr bool kAtomic = true;
  static constexpr bool kKeepsValues = false;

  Sink& sink() { return null_sink; }
  Positions positions(int) { return {}; }
  std::string group() { return {}; }
  std::vector<std::string> visible(std::size_t) {
    return std::vector<std::string>(null_sink.records(Destination::enriched));
  }
  NullSink null_sink;
};

struct MemoryWorld {
  static constexpr bool kAtomic = true;
  static constexpr bool kKeepsValues = true;

  Sink& sink() { return memory_sink; }
  Positions positions(int n) { return {{{"in", Partition{0}}, Offset{n}}}; }
  std::string group() { return {}; }
  std::vector<std::string> visible(std::size_t) { return memory_sink.values(); }
  MemorySink memory_sink;
};

using Worlds = ::testing::Types<FileWorld, NullWorld, MemoryWorld>;
INSTANTIATE_TYPED_TEST_SUITE_P(InProcess, SinkConformance, Worlds);

}  // namespace
}  // namespace telex::testing
