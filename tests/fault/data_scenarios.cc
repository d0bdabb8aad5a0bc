// Records and files that hurt: F8 (poison), F11 (damaged files).
#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "schemas/reason.h"
#include "tests/fault/scenarios.h"

namespace telex::fault {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// ---------------------------------------------------------------------------------------------
// F8.

// What a poison is called, and where it is due; `reason` is empty for those that are articles after
// all.
struct Poison {
  std::string_view name;
  std::string_view reason;
  std::string (*make)(const std::string& article);
};

// An article with `member` in front of its members.
std::string with_member(const std::string& article, const std::string& member) {
  return "{" + member + "," + article.substr(1);
}
// ... with `bytes` in its headline.
std::string in_headline(const std::string& article, const std::string& bytes) {
  std::string poisoned = article;
  return poisoned.insert(article.find("Article "), bytes);
}
std::string nested(const std::string& article, std::size_t depth) {
  return with_member(article, "\"deep\":" + std::string(depth, '[') + std::string(depth, ']'));
}

const Poison kPoisons[] = {
    {"empty", "empty_value", [](const std::string&) { return std::string(); }},
    {"white space", "malformed_json", [](const std::string&) { return std::string("{ \n"); }},
    {"not UTF-8", "not_utf8", [](const std::string& a) { return in_headline(a, "\xff\xfe"); }},
    {"overlong UTF-8", "not_utf8", [](const std::string& a) { return in_headline(a, "\xc0\xaf"); }},
    {"UTF-8 cut short", "not_utf8",
     [](const std::string& a) { return in_headline(a, "\xe2\x82"); }},
    {"surrogate in UTF-8", "not_utf8",
     [](const std::string& a) { return in_headline(a, "\xed\xa0\x80"); }},
    {"lone high surrogate", "lone_surrogate",
     [](const std::string& a) { return in_headline(a, "\\ud800"); }},
    {"lone low surrogate", "lone_surrogate",
     [](const std::string& a) { return in_headline(a, "\\udc00 "); }},
    {"NUL", "malformed_json",
     [](const std::string& a) { return in_headline(a, std::string(1, '\0')); }},
    {"control byte", "malformed_json", [](const std::string& a) { return in_headline(a, "\x1b"); }},
    {"cut short", "malformed_json", [](const std::string& a) { return a.substr(0, a.size() - 2); }},
    {"text behind", "malformed_json", [](const std::string& a) { return a + "]"; }},
    {"two articles", "malformed_json", [](const std::string& a) { return a + a; }},
    {"1e999", "malformed_json", [](const std::string& a) { return with_member(a, "\"n\":1e999"); }},
    {"bad escape", "malformed_json", [](const std::string& a) { return in_headline(a, "\\x"); }},
    {"headline a list", "wrong_type",
     [](const std::string& a) { return with_member(a, "\"lead\":[1,2]"); }},
    {"depth 300", "too_deep", [](const std::string& a) { return nested(a, 300); }},
    {"depth 1025", "too_deep", [](const std::string& a) { return nested(a, 1025); }},
    {"depth 300,000", "too_deep", [](const std::string& a) { return nested(a, 300'000); }},
    {"open for ever", "malformed_json",
     [](const std::string&) { return "{\"deep\":" + std::string(500'000, '['); }},
    {"no text", "no_text",
     [](const std::string&) { return std::string(R"({"uri":"urn:fault:0","headline":" "})"); }},
    {"a list", "not_an_object", [](const std::string& a) { return "[" + a + "]"; }},
    {"BOM", "", [](const std::string& a) { return "\xef\xbb\xbf" + a; }},
    {"duplicate keys", "",
     [](const std::string& a) { return with_member(a, "\"body\":\"an earlier one\""); }},
    {"escaped NUL", "", [](const std::string& a) { return in_headline(a, "\\u0000"); }},
    {"depth 200", "", [](const std::string& a) { return nested(a, 200); }},
};

// Reads the reasons out of the dead letters: of the closed set, and the one that was due.
void check_reasons(Trial& trial, const std::map<ArticleId, const Poison*>& due) {
  trial.kafka().for_each(
      trial.names().dead_letters, true, [&](const kafka::ConsumerRecord& record) {
        std::string_view reason;
        std::optional<ArticleId> id;
        for (const Header& header : record.headers) {
          if (header.name == "telex-dlq-reason") reason = header.value;
          if (header.name == kIdHeader) id = parse_id(header.value);
        }
        const bool known = std::any_of(kReasonNames.begin(), kReasonNames.end(),
                                       [&](const ReasonName& each) { return each.name == reason; });
        const auto poison = id ? due.find(*id) : due.end();
        if (poison == due.end()) return;  // The checker counts it.
        if (!known || reason != poison->second->reason) {
          trial.complain("'" + std::string(poison->second->name) + "' is refused for '" +
                         std::string(reason) + "', not for '" +
                         std::string(poison->second->reason) + "'");
        }
      });
}

// Good articles, and among every fifty of them one poison.
Outcome poisoned(Stage& stage, const TrialOptions& options) {
  TopicSetup setup;
  setup.broken_percent = 0;
  Trial trial(stage.kafka, options, setup);
  Worker& worker = trial.start(trial.plan("a"));
  std::map<ArticleId, const Poison*> due;
  trial.feed(200);
  if (!trial.wait_visible(200, seconds{60})) trial.complain("nothing comes out");
  const double before = worker.metric("telex_memory_anonymous_bytes");
  constexpr std::uint64_t kGoodBetween = 50;
  std::size_t next = 0;
  for (std::uint64_t fed = 200; fed < options.records; fed += kGoodBetween + 1) {
    trial.feed(kGoodBetween);
    const Poison& poison = kPoisons[next++ % std::size(kPoisons)];
    const auto partition = static_cast<std::int32_t>(trial.random(0, trial.setup().partitions - 1));
    const ArticleId id = trial.next_id(partition);
    const std::string value = poison.make(make_article(id, 200));
    trial.feed_record(partition, poison.reason.empty() ? Due::enriched : Due::dead_letters,
                      key_of(id), value);
    if (!poison.reason.empty()) due[id] = &poison;
  }
  trial.outcome().faults = next;
  if (!trial.wait_settled(seconds{60})) trial.complain("the poison stops the wire", &worker);
  const double after = worker.metric("telex_memory_anonymous_bytes");
  if (before > 0 && after > 0) {
    const auto grown = static_cast<std::int64_t>((after - before) / 1e6);
    trial.outcome().facts["memory_grown_mb"] = grown;
    if (grown > 50) trial.complain("memory grew by " + std::to_string(grown) + " MB");
  }
  check_reasons(trial, due);
  return trial.finish();
}

// ---------------------------------------------------------------------------------------------
// F11: files of articles, one a line, cut off or with bytes changed, through `telex tag`. Whatever
// lies in undamaged lines is told; nothing crashes.

struct Damaged {
  std::string bytes;
  std::vector<ArticleId> whole;  // Articles whose lines are as they were.
};

std::vector<std::string> lines_of_articles(std::uint64_t count) {
  std::vector<std::string> lines;
  for (std::uint64_t seq = 0; seq < count; ++seq) lines.push_back(make_article({0, seq}, 500));
  return lines;
}

Damaged cut_at(const std::vector<std::string>& lines, std::size_t size) {
  Damaged damaged;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    damaged.bytes += lines[i] + "\n";
    // Without its line feed a last line is still a line.
    if (damaged.bytes.size() <= size + 1) damaged.whole.push_back({0, i});
  }
  damaged.bytes.resize(std::min(size, damaged.bytes.size()));
  return damaged;
}

Damaged with_flips(const std::vector<std::string>& lines, Trial& trial, int flips) {
  std::vector<std::string> changed = lines;
  for (int i = 0; i < flips; ++i) {
    std::string& line = changed[static_cast<std::size_t>(
        trial.random(0, static_cast<std::int64_t>(lines.size()) - 1))];
    const auto at =
        static_cast<std::size_t>(trial.random(0, static_cast<std::int64_t>(line.size()) - 1));
    line[at] = static_cast<char>(line[at] ^ (1 << trial.random(0, 7)));
  }
  Damaged damaged;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    damaged.bytes += changed[i] + "\n";
    if (changed[i] == lines[i]) damaged.whole.push_back({0, i});
  }
  return damaged;
}

void tag_file(Trial& trial, const Damaged& damaged, const std::string& what, Findings& sum) {
  const std::string stem = trial.options().folder + "/damaged";
  std::filesystem::remove(stem + ".out");
  std::ofstream(stem + ".jsonl", std::ios::binary) << damaged.bytes;
  std::ofstream(stem + ".toml") << "[knowledge]\npack = \"none\"\n[topics]\nrules = \"none\"\n";
  Process process({{trial.options().tools.telex, "tag", "--config", stem + ".toml", "--lines",
                    "--json", stem + ".jsonl"},
                   {},
                   stem + ".out",
                   stem + ".err"});
  if (!process.wait(seconds{60})) trial.complain(what + ": telex tag does not end");
  if (process.ended_by() != 0) {
    trial.complain(what + ": telex tag ended by signal " + std::to_string(process.ended_by()));
  }
  Checker checker;
  for (const ArticleId id : damaged.whole) checker.sent(id, Due::enriched, 0);
  std::ifstream out(stem + ".out", std::ios::binary);
  std::int64_t offset = 0;
  for (std::string line; std::getline(out, line);) {
    const std::optional<Mark> mark = find_mark(line);
    // What became of damaged lines is nobody's business here, and a flipped digit makes another
    // id, which the CRC tells. A whole line whose CRC fails is counted as lost.
    if (!mark || !mark->is_intact ||
        std::find(damaged.whole.begin(), damaged.whole.end(), mark->id) == damaged.whole.end()) {
      continue;
    }
    checker.saw(read_record(Outlet::enriched, 0, offset++, key_of(mark->id), line, ""));
  }
  const Findings found = checker.findings();
  if (!found.exact()) trial.complain(what + ": " + found.text() + "; " + checker.examples(3));
  sum.sent += found.sent;
  sum.lost += found.lost;
  sum.doubled += found.doubled;
  sum.corrupt += found.corrupt;
  sum.out_of_order += found.out_of_order;
  trial.fault_done();
}

Outcome damaged_files(Stage& stage, const TrialOptions& options) {
  TopicSetup setup;
  setup.partitions = 1;
  setup.witness = false;
  Trial trial(stage.kafka, options, setup);
  const std::vector<std::string> lines = lines_of_articles(options.records);
  std::size_t size = 0;
  for (const std::string& line : lines) size += line.size() + 1;
  Findings sum;
  constexpr std::size_t kEvery = 4096;
  for (std::size_t at = kEvery; at < size; at += kEvery) {
    tag_file(trial, cut_at(lines, at + options.iteration % kEvery), "cut at " + std::to_string(at),
             sum);
  }
  for (int i = 0; i < 20; ++i) {
    tag_file(trial, with_flips(lines, trial, 1 + i), std::to_string(1 + i) + " bits flipped", sum);
  }
  Outcome outcome = trial.finish();
  outcome.findings = sum;
  return outcome;
}

constexpr std::array kScenarios{
    Scenario{"F8", "records that are no articles, in all the ways we know, among good ones",
             poisoned, 3000, false},
    Scenario{"F11", "files of articles cut off every 4 KiB and with bits flipped", damaged_files,
             120, false},
};

}  // namespace

std::span<const Scenario> data_scenarios() { return kScenarios; }

}  // namespace telex::fault
