// How often the shipped rules put the right top topic first, on public labelled sets
// (TELEX_PUBLIC_DATA). The labels of a set are mapped to top topics by labels-to-medtop.json; rows
// whose label has no topic are left out; an article without a topic counts as wrong. Only the train
// split of SIB-200 was looked at while the rules were written. The floors stand a little below what
// was measured, to notice a loss; the figures themselves are printed.
#include <cstdint>
#include <iomanip>
#include <iostream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <simdjson.h>

#include "process/topics/rules.h"
#include "tests/process/text/text_testing.h"
#include "tests/process/topics/topics_testing.h"

namespace telex {
namespace {

struct Set {
  const char* file;
  const char* labels;      // Its key in labels-to-medtop.json.
  const char* row_prefix;  // Of the ids that belong to this language; empty = all.
  const char* language;
  double floor;  // Percent.
};

const Set kSets[] = {
    {"sib200/main10.dev.jsonl.gz", "sib200", "sib-nld_Latn-", "nl", 51},
    {"sib200/main10.dev.jsonl.gz", "sib200", "sib-eng_Latn-", "en", 59},
    {"sib200/main10.dev.jsonl.gz", "sib200", "sib-deu_Latn-", "de", 55},
    {"sib200/main10.dev.jsonl.gz", "sib200", "sib-fra_Latn-", "fr", 53},
    {"sib200/main10.dev.jsonl.gz", "sib200", "sib-spa_Latn-", "es", 65},
    {"masakhanews/en.dev.jsonl.gz", "masakhanews", "", "en", 74},
    {"masakhanews/fr.dev.jsonl.gz", "masakhanews", "", "fr", 65},
    {"10kgnad/de.dev.jsonl.gz", "10kgnad", "", "de", 66},
};

struct Labelled {
  testing::Story story;
  std::string code;
};

std::vector<Labelled> rows_of(const std::string& folder, const Set& set) {
  simdjson::dom::parser map_parser;
  const simdjson::dom::object labels =
      map_parser.load(folder + "/labels-to-medtop.json")[set.labels].get_object();
  std::vector<Labelled> rows;
  simdjson::dom::parser parser;
  for (const std::string& line : testing::lines_of(testing::read_gzip(folder + "/" + set.file))) {
    const simdjson::dom::element row = parser.parse(line);
    if (!std::string_view(row["id"]).starts_with(set.row_prefix)) continue;
    const simdjson::dom::element code = labels[std::string_view(row["label"])];
    if (code.is_null()) continue;
    Labelled labelled;
    labelled.code = std::string_view(code);
    labelled.story.body = std::string_view(row["text"]);
    labelled.story.language = set.language;
    std::string_view title;
    if (row["title"].get(title) == simdjson::SUCCESS) labelled.story.headline = title;
    rows.push_back(std::move(labelled));
  }
  return rows;
}

TEST(TopicAccuracyPublicData, ShippedRulesHoldTheirFloorsOnPublicSets) {
  const auto folder = testing::public_data_folder();
  const auto rules = TopicRules::shipped();
  const Vocabulary& vocabulary = rules->vocabulary();
  testing::Desk desk(rules);
  std::cout << "set                             language  rows  first  found  none\n";
  for (const Set& set : kSets) {
    const std::vector<Labelled> rows = rows_of(folder.string(), set);
    ASSERT_FALSE(rows.empty()) << set.file;
    int first = 0;
    int found = 0;
    int none = 0;
    for (const Labelled& row : rows) {
      std::vector<std::string> tops;
      for (const testing::FoundTopic& topic : desk.tag(row.story)) {
        if (vocabulary[*vocabulary.find(topic.code)].level == 1) tops.push_back(topic.code);
      }
      none += tops.empty() ? 1 : 0;
      first += !tops.empty() && tops.front() == row.code ? 1 : 0;
      for (const std::string& top : tops) found += top == row.code ? 1 : 0;
    }
    const double percent = 100.0 / static_cast<double>(rows.size());
    std::cout << std::left << std::setw(32) << set.file << std::setw(8) << set.language
              << std::right << std::setw(6) << rows.size() << std::fixed << std::setprecision(1)
              << std::setw(7) << first * percent << std::setw(7) << found * percent << std::setw(6)
              << none * percent << "\n";
    EXPECT_GE(first * percent, set.floor) << set.file << " " << set.language;
  }
}

}  // namespace
}  // namespace telex
