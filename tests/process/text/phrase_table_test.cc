#include "process/text/phrase_table.h"

#include <rapidcheck.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "process/text/fold.h"
#include "tests/process/text/text_testing.h"

namespace telex {
namespace {

using testing::tokens_of;

// A hit as a reader would write it: where, how long, and what it stands for.
struct Found {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
  std::vector<PhraseValue> values;
  bool operator==(const Found&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Found& found) {
  out << found.first << "+" << found.count << ":";
  for (const PhraseValue value : found.values) out << " " << value;
  return out;
}

// A phrase, and what it stands for.
using Phrases = std::vector<std::pair<std::string, PhraseValue>>;

// The engine under test and the slow, obvious one; the same cases run against both.
class Engine {
 public:
  virtual ~Engine() = default;
  virtual std::optional<Found> longest(const Tokens& tokens, std::uint32_t first,
                                       std::uint32_t last) const = 0;
  virtual std::vector<Found> all(const Tokens& tokens, std::uint32_t first,
                                 std::uint32_t last) const = 0;
};

class FastEngine : public Engine {
 public:
  explicit FastEngine(const Phrases& phrases) {
    PhraseTableBuilder builder;
    for (const auto& [phrase, value] : phrases) builder.add(phrase, value);
    bytes_ = builder.build();
    std::string error;
    const auto table = PhraseTable::open(bytes_, error);
    EXPECT_TRUE(table.has_value()) << error;
    if (table) table_ = *table;
  }
  std::optional<Found> longest(const Tokens& tokens, std::uint32_t first,
                               std::uint32_t last) const override {
    PhraseHit hit;
    if (!table_.longest(tokens, first, last, hit)) return std::nullopt;
    return found(hit);
  }
  std::vector<Found> all(const Tokens& tokens, std::uint32_t first,
                         std::uint32_t last) const override {
    std::vector<PhraseHit> hits;
    const std::uint32_t appended = table_.all(tokens, first, last, hits);
    EXPECT_EQ(appended, hits.size());
    std::vector<Found> result;
    result.reserve(hits.size());
    for (const PhraseHit& hit : hits) result.push_back(found(hit));
    return result;
  }
  const PhraseTable& table() const { return table_; }

 private:
  Found found(const PhraseHit& hit) const {
    const auto values = table_.values(hit.values);
    return {hit.first_token, hit.token_count, {values.begin(), values.end()}};
  }
  std::string bytes_;
  PhraseTable table_;
};

class SlowEngine : public Engine {
 public:
  explicit SlowEngine(const Phrases& phrases) {
    for (const auto& [phrase, value] : phrases) {
      Tokens tokens;
      Tokeniser::tokenise_phrase(phrase, tokens);
      const bool words = std::any_of(tokens.shape.begin(), tokens.shape.end(), [](auto shape) {
        return (shape & (TokenShape::kWord | TokenShape::kNumber)) != 0;
      });
      if (!words || tokens.size() > PhraseTable::kTokensMax) continue;
      auto& values = phrases_[tokens.hash];
      if (std::find(values.begin(), values.end(), value) == values.end()) values.push_back(value);
      std::sort(values.begin(), values.end());
    }
  }
  std::optional<Found> longest(const Tokens& tokens, std::uint32_t first,
                               std::uint32_t last) const override {
    const auto hits = all(tokens, first, last);
    if (hits.empty()) return std::nullopt;
    return hits.back();
  }
  std::vector<Found> all(const Tokens& tokens, std::uint32_t first,
                         std::uint32_t last) const override {
    std::vector<Found> result;
    for (std::uint32_t end = first + 1; end <= last; ++end) {
      const std::uint32_t token = end - 1;
      if (tokens.part[token] != tokens.part[first]) break;
      if (tokens.sentence[token] != tokens.sentence[first]) break;
      const std::vector<std::uint64_t> words(tokens.hash.begin() + first,
                                             tokens.hash.begin() + end);
      const auto row = phrases_.find(words);
      if (row != phrases_.end()) result.push_back({first, end - first, row->second});
    }
    return result;
  }

 private:
  std::map<std::vector<std::uint64_t>, std::vector<PhraseValue>> phrases_;
};

struct MatchCase {
  const char* name;
  Phrases phrases;
  std::string_view text;
  std::vector<Found> longest;  // At every token, hits that overlap included.
};

const MatchCase kMatchCases[] = {
    {"no_phrases", {}, "New York", {}},
    {"no_text", {{"New York", 1}}, "", {}},
    {"one_word", {{"Rome", 1}}, "in Rome.", {{1, 1, {1}}}},
    {"no_match_inside_a_word", {{"Rome", 1}}, "Romeo left Verona", {}},
    {"longer_name_beats_its_prefix",
     {{"New York", 1}, {"New York Times", 2}},
     "the New York Times said",
     {{1, 3, {2}}}},
    {"prefix_when_the_longer_fails",
     {{"New York", 1}, {"New York Times Square", 2}},
     "New York Times said",
     {{0, 2, {1}}}},
    {"prefix_that_is_no_phrase", {{"New York Times", 2}}, "New York said", {}},
    {"suffix_is_found_on_its_own",
     {{"New York", 1}, {"York", 3}},
     "New York",
     {{0, 2, {1}}, {1, 1, {3}}}},
    {"case_and_diacritics_do_not_matter", {{"Zürich", 1}}, "in ZURICH", {{1, 1, {1}}}},
    {"multibyte_edges", {{"Zürich", 1}}, "«Zürich»", {{1, 1, {1}}}},
    {"hyphen_or_space_is_one", {{"NAVO chef", 1}}, "NAVO-chef", {{0, 2, {1}}}},
    {"several_values_come_in_order",
     {{"Washington", 9}, {"washington", 2}},
     "Washington",
     {{0, 1, {2, 9}}}},
    {"added_twice_counts_once", {{"Rome", 1}, {"Rome", 1}}, "Rome", {{0, 1, {1}}}},
    {"never_over_a_sentence_end", {{"Nee Ja", 1}}, "Nee\n\nJa", {}},
    {"punctuation_is_part_of_a_phrase", {{"AT&T", 1}}, "bij AT&T", {{1, 3, {1}}}},
    {"acronym_with_and_without_dots", {{"U.S.", 1}}, "US en U.S.", {{0, 1, {1}}, {2, 1, {1}}}},
    {"value_zero", {{"Rome", 0}}, "Rome", {{0, 1, {0}}}},
    {"phrase_at_the_end", {{"a b c", 1}}, "x a b c", {{1, 3, {1}}}},
    {"longest_phrase_there_is",
     {{"1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16", 1}},
     "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17",
     {{0, 16, {1}}}},
};

std::vector<Found> longest_everywhere(const Engine& engine, const Tokens& tokens) {
  std::vector<Found> result;
  for (std::uint32_t i = 0; i < tokens.size(); ++i) {
    if (auto hit = engine.longest(tokens, i, tokens.size())) result.push_back(*hit);
  }
  return result;
}

TEST(PhraseTable, FindsWhatTheTableSays) {
  for (const MatchCase& row : kMatchCases) {
    const Tokens tokens = tokens_of(row.text);
    EXPECT_EQ(longest_everywhere(FastEngine(row.phrases), tokens), row.longest) << row.name;
    EXPECT_EQ(longest_everywhere(SlowEngine(row.phrases), tokens), row.longest) << row.name;
  }
}

TEST(PhraseTable, AllGivesEveryPhraseShortestFirst) {
  const FastEngine engine({{"New York", 1}, {"New York Times", 2}, {"New", 3}});
  const Tokens tokens = tokens_of("New York Times");
  EXPECT_EQ(engine.all(tokens, 0, 3), (std::vector<Found>{{0, 1, {3}}, {0, 2, {1}}, {0, 3, {2}}}));
  EXPECT_EQ(engine.all(tokens, 0, 2), (std::vector<Found>{{0, 1, {3}}, {0, 2, {1}}}));
  EXPECT_TRUE(engine.all(tokens, 1, 1).empty());
}

TEST(PhraseTable, WordFindsOneWordByItsHash) {
  const FastEngine engine({{"NAVO", 7}, {"New York", 1}});
  IndexRange values;
  ASSERT_TRUE(engine.table().word(folded_hash("navo"), values));
  EXPECT_EQ(engine.table().value(values.first), 7U);
  EXPECT_FALSE(engine.table().word(folded_hash("new"), values));
  EXPECT_FALSE(engine.table().word(folded_hash("york"), values));
  EXPECT_EQ(engine.table().phrase_count(), 2U);
}

TEST(PhraseTable, NoTableFindsNothing) {
  const PhraseTable table;
  const Tokens tokens = tokens_of("Rome");
  PhraseHit hit;
  IndexRange values;
  EXPECT_FALSE(table.longest(tokens, 0, 1, hit));
  EXPECT_FALSE(table.word(tokens.hash[0], values));
  EXPECT_EQ(table.phrase_count(), 0U);
}

TEST(PhraseTable, BuilderRefusesWhatIsNoPhrase) {
  PhraseTableBuilder builder;
  EXPECT_FALSE(builder.add("", 1));
  EXPECT_FALSE(builder.add("  ... !", 1));
  EXPECT_FALSE(builder.add("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17", 1));
  EXPECT_TRUE(builder.add("C++", 1));
  EXPECT_EQ(builder.size(), 1U);
}

TEST(PhraseTable, BytesDoNotDependOnTheOrderOfAdding) {
  Phrases phrases = {{"New York", 1}, {"New York Times", 2}, {"York", 3}, {"Rome", 4},
                     {"Rome", 2},     {"NAVO", 5},           {"navo", 6}, {"De Kring", 7}};
  std::sort(phrases.begin(), phrases.end());
  std::string first;
  std::mt19937 random(1);
  for (int round = 0; round < 50; ++round) {
    PhraseTableBuilder builder;
    for (const auto& [phrase, value] : phrases) builder.add(phrase, value);
    const std::string bytes = builder.build();
    if (round == 0) first = bytes;
    EXPECT_EQ(bytes, first);
    std::shuffle(phrases.begin(), phrases.end(), random);
  }
}

// Few words, so that phrases share beginnings and texts hit them.
std::string any_phrase(std::size_t words_max) {
  static const std::vector<std::string> kWords = {"a", "b", "c", "É", "x-y", ".", "de", "'t"};
  std::string phrase;
  const auto count = *rc::gen::inRange<std::size_t>(1, words_max + 1);
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) phrase += " ";
    phrase += kWords[*rc::gen::inRange<std::size_t>(0, kWords.size())];
  }
  return phrase;
}

TEST(PhraseTable, AgreesWithTheSlowEngineOnRandomText) {
  EXPECT_TRUE(rc::check([] {
    Phrases phrases;
    const auto count = *rc::gen::inRange(0, 40);
    for (int i = 0; i < count; ++i) {
      phrases.emplace_back(any_phrase(4), *rc::gen::inRange<PhraseValue>(0, 9));
    }
    const FastEngine fast(phrases);
    const SlowEngine slow(phrases);
    const Tokens tokens = tokens_of(any_phrase(60));
    const auto last = *rc::gen::inRange<std::uint32_t>(0, tokens.size() + 1);
    for (std::uint32_t i = 0; i < last; ++i) {
      RC_ASSERT(fast.longest(tokens, i, last) == slow.longest(tokens, i, last));
      RC_ASSERT(fast.all(tokens, i, last) == slow.all(tokens, i, last));
    }
  }));
}

TEST(PhraseTable, ManyPhrasesAreAllFound) {
  PhraseTableBuilder builder;
  std::vector<std::string> names;
  for (std::uint32_t i = 0; i < 20'000; ++i) {
    names.push_back("naam" + std::to_string(i % 5000) + " van " + std::to_string(i));
    ASSERT_TRUE(builder.add(names.back(), i));
  }
  const std::string bytes = builder.build();
  std::string error;
  const auto table = PhraseTable::open(bytes, error);
  ASSERT_TRUE(table) << error;
  for (std::uint32_t i = 0; i < names.size(); ++i) {
    Tokens tokens;
    Tokeniser::tokenise_phrase(names[i], tokens);
    PhraseHit hit;
    ASSERT_TRUE(table->longest(tokens, 0, tokens.size(), hit)) << names[i];
    EXPECT_EQ(table->value(hit.values.first), i);
  }
  // 20,000 phrases of 5,000 first words: 24 bytes an edge at seven tenths full.
  EXPECT_LT(bytes.size(), 20'000U * 100U);
}

std::string small_table() {
  PhraseTableBuilder builder;
  for (std::uint32_t i = 0; i < 40; ++i) {
    builder.add("naam " + std::to_string(i % 9) + " " + std::to_string(i), i);
  }
  return builder.build();
}

// Opens a copy at an aligned place and, if that succeeds, asks it everything.
bool survives(const std::string& bytes) {
  std::vector<std::uint64_t> aligned(bytes.size() / 8 + 1);
  std::memcpy(aligned.data(), bytes.data(), bytes.size());
  std::string error;
  const auto table =
      PhraseTable::open({reinterpret_cast<const char*>(aligned.data()), bytes.size()}, error);
  if (!table) {
    EXPECT_FALSE(error.empty());
    return false;
  }
  const Tokens tokens = tokens_of("naam 1 10 naam 2 naam 8 35 naam x 1 2 3");
  std::vector<PhraseHit> hits;
  std::uint64_t sum = 0;
  for (std::uint32_t i = 0; i < tokens.size(); ++i) {
    PhraseHit hit;
    if (table->longest(tokens, i, tokens.size(), hit)) hits.push_back(hit);
    table->all(tokens, i, tokens.size(), hits);
    IndexRange values;
    if (table->word(tokens.hash[i], values)) hits.push_back({i, 1, values});
  }
  for (const PhraseHit& hit : hits) {
    for (const PhraseValue value : table->values(hit.values)) sum += value;
  }
  EXPECT_GE(sum, 0U);
  return true;
}

TEST(PhraseTable, EveryTruncationIsRefused) {
  const std::string bytes = small_table();
  ASSERT_TRUE(survives(bytes));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(survives(bytes.substr(0, size))) << size;
  }
  EXPECT_FALSE(survives(bytes + std::string(8, '\0')));
}

TEST(PhraseTable, EveryFlippedBitIsRefusedOrHarmless) {
  const std::string bytes = small_table();
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      std::string bad = bytes;
      bad[i] = static_cast<char>(static_cast<unsigned char>(bad[i]) ^ (1U << bit));
      const bool opened = survives(bad);
      EXPECT_TRUE(i >= 24 || !opened) << i;  // Magic, versions and sizes.
    }
  }
}

TEST(PhraseTable, RandomBytesBehindAGoodHeaderAreRefusedOrHarmless) {
  const std::string bytes = small_table();
  std::mt19937 random(2);
  for (int round = 0; round < 2000; ++round) {
    std::string bad = bytes;
    for (std::size_t i = 48; i < bad.size(); ++i) {
      if (random() % 16 < static_cast<unsigned>(round) % 16) bad[i] = static_cast<char>(random());
    }
    survives(bad);
  }
}

TEST(PhraseTable, FullTablesAreRefused) {
  // Without a free slot a search for an absent word would never end.
  std::string bytes = small_table();
  std::uint32_t slot_count = 0;
  std::memcpy(&slot_count, bytes.data() + 16, 4);
  for (std::uint32_t i = 0; i < slot_count; ++i) {
    bytes[48 + i * 24] = 1;
    std::memset(bytes.data() + 48 + i * 24 + 16, 0, 8);
  }
  EXPECT_FALSE(survives(bytes));
}

TEST(PhraseTable, MisalignedBytesAreRefused) {
  const std::string bytes = small_table();
  std::vector<std::uint64_t> aligned(bytes.size() / 8 + 2);
  char* odd = reinterpret_cast<char*>(aligned.data()) + 4;
  std::copy(bytes.begin(), bytes.end(), odd);
  std::string error;
  EXPECT_FALSE(PhraseTable::open({odd, bytes.size()}, error));
  EXPECT_EQ(error, "not a phrase table: not aligned");
}

}  // namespace
}  // namespace telex
