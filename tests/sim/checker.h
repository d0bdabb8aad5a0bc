// Checker: what a world must come to. Reads the logs as a read_committed reader does, once while
// all goes on and once at the end, and compares with what the newsroom makes of the input.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/sim/chronicle.h"
#include "tests/sim/cluster.h"
#include "tests/sim/newsroom.h"
#include "tests/sim/scenario.h"

namespace telex::sim {

class Checker {
 public:
  Checker(Cluster& cluster, Chronicle& chronicle) : cluster_(cluster), chronicle_(chronicle) {}

  // The concurrent reader: reads on, as far as may be seen now.
  void read_on();
  // Whether everything that came in was settled: positions are at the end, no transaction is open.
  bool settled(std::string* why = nullptr);
  // What is wrong, one sentence each; at most a few.
  std::vector<std::string> check(bool stateful);

 private:
  // Records of one input partition under one key, in order.
  using Line = std::pair<TopicPartition, std::string>;
  using Lines = std::map<Line, std::vector<std::string>>;

  void expect(bool stateful);
  Lines read_values(const std::string& topic);
  Lines read_dead_letters();
  void compare(const std::string& topic, const Lines& expected, const Lines& found);
  void check_positions();
  void check_concurrent_reader();
  void check_changelog();
  void count_hidden();
  void violated(std::string what);

  Cluster& cluster_;
  Chronicle& chronicle_;
  std::map<std::string, Lines> expected_;  // By topic.
  std::map<Line, std::string> state_;      // What the changelog must come to.
  std::map<TopicPartition, Offset> reader_at_;
  std::map<TopicPartition, std::vector<std::int64_t>> seen_;
  std::vector<std::string> violations_;
};

}  // namespace telex::sim
