// The tokeniser on strings and sentences that others gathered (TELEX_PUBLIC_DATA), and on a few of
// our own always.
#include <rapidcheck.h>

#include <algorithm>
#include <cstdint>
#include <iostream>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <simdjson.h>

#include "process/text/fold.h"
#include "process/text/tokeniser.h"
#include "tests/process/text/text_testing.h"

namespace telex {
namespace {

bool on_boundary(std::string_view text, std::uint32_t at) {
  return at == text.size() || (static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80U;
}

// What must hold of the tokens of any string.
void expect_sound(std::string_view text, TextFormat format) {
  const Tokens tokens = testing::tokens_of(text, "nl", format);
  const bool valid = first_invalid_utf8(text) == text.size();
  std::uint32_t last_end = 0;
  std::uint16_t last_sentence = 0;
  for (std::uint32_t i = 0; i < tokens.size(); ++i) {
    ASSERT_GE(tokens.begin[i], last_end);
    ASSERT_LT(tokens.begin[i], tokens.end[i]);
    ASSERT_LE(tokens.end[i], text.size());
    if (valid) {
      ASSERT_TRUE(on_boundary(text, tokens.begin[i]));
      ASSERT_TRUE(on_boundary(text, tokens.end[i]));
    }
    ASSERT_GE(tokens.sentence[i], last_sentence);
    ASSERT_NE(
        tokens.shape[i] & (TokenShape::kWord | TokenShape::kNumber | TokenShape::kPunctuation), 0);
    last_end = tokens.end[i];
    last_sentence = tokens.sentence[i];
  }
  ASSERT_EQ(tokens.hash.size(), tokens.part.size());
  const Tokens again = testing::tokens_of(text, "nl", format);
  ASSERT_EQ(again.hash, tokens.hash);
  ASSERT_EQ(again.shape, tokens.shape);
}

TEST(TokeniserSurvival, AnyBytesGiveSoundTokens) {
  EXPECT_TRUE(rc::check([](const std::string& bytes) {
    expect_sound(bytes, TextFormat::plain);
    expect_sound(bytes, TextFormat::html);
    RC_ASSERT(!::testing::Test::HasFailure());
  }));
}

TEST(TokeniserSurvival, StringsOfMarksGiveSoundTokens) {
  static const std::vector<std::string> kPieces = {
      "a", "É", "1",  ".", ",",  "-",  "'",     "’",    "\"",   "<",
      ">", "&", ";",  " ", "\n", "U.", "<p>",   "<!--", "\xAD", "\xC2\xAD",
      "“", "”", "東", "ที่", "😀", "=",  "</h2>", "<h2>"};
  EXPECT_TRUE(rc::check([] {
    std::string text;
    const auto count = *rc::gen::inRange(0, 60);
    for (int i = 0; i < count; ++i) {
      text += kPieces[*rc::gen::inRange<std::size_t>(0, kPieces.size())];
    }
    expect_sound(text, TextFormat::plain);
    expect_sound(text, TextFormat::html);
    RC_ASSERT(!::testing::Test::HasFailure());
  }));
}

TEST(TokeniserPublicData, NaughtyStringsGiveSoundTokens) {
  const auto folder = testing::public_data_folder();
  simdjson::dom::parser parser;
  simdjson::dom::array strings;
  ASSERT_EQ(parser.load(folder.string() + "/blns/blns.json").get(strings), simdjson::SUCCESS);
  for (const simdjson::dom::element element : strings) {
    std::string_view text;
    ASSERT_EQ(element.get(text), simdjson::SUCCESS);
    expect_sound(text, TextFormat::plain);
    expect_sound(text, TextFormat::html);
  }
}

// A sentence as a newspaper prints it, from the tokens of a treebank, and where they begin and end.
struct Sentence {
  std::string text;
  std::set<std::uint32_t> edges;
};

Sentence printed(const std::vector<std::string>& tokens) {
  static const std::set<std::string> kNoSpaceBefore = {".", ",", ":", ";", "?", "!", ")"};
  Sentence sentence;
  bool space = false;
  bool quoting = false;
  for (const std::string& token : tokens) {
    const bool quote = token == "\"";
    const bool closes = quote && quoting;
    if (quote) quoting = !quoting;
    if (space && !closes && !kNoSpaceBefore.contains(token)) sentence.text += ' ';
    sentence.edges.insert(static_cast<std::uint32_t>(sentence.text.size()));
    sentence.text += token;
    sentence.edges.insert(static_cast<std::uint32_t>(sentence.text.size()));
    space = token != "(" && (!quote || closes);
  }
  return sentence;
}

// The treebank keeps hyphens and apostrophes inside its words (NAVO-chef), which telex cuts; so the
// measure is how many of the treebank's token edges telex cuts at as well.
TEST(TokeniserPublicData, CutsAtTheTokenEdgesOfTheTreebank) {
  const auto folder = testing::public_data_folder();
  std::size_t edges = 0;
  std::size_t met = 0;
  std::size_t sentences = 0;
  std::size_t whole = 0;  // Seen as one sentence.
  std::size_t ours = 0;
  std::vector<std::string> words;
  const std::string all = testing::read_gzip(folder.string() + "/alpino-nl/nl.dev.tsv.gz");
  for (const std::string& line : testing::lines_of(all + "\n")) {
    if (!line.empty()) {
      words.push_back(line.substr(0, line.find('\t')));
      continue;
    }
    if (words.empty()) continue;
    const Sentence sentence = printed(words);
    words.clear();
    const Tokens tokens = testing::tokens_of(sentence.text, "nl");
    std::set<std::uint32_t> cuts(tokens.begin.begin(), tokens.begin.end());
    cuts.insert(tokens.end.begin(), tokens.end.end());
    ours += cuts.size();
    edges += sentence.edges.size();
    met += static_cast<std::size_t>(
        std::count_if(sentence.edges.begin(), sentence.edges.end(),
                      [&](std::uint32_t edge) { return cuts.contains(edge); }));
    ++sentences;
    whole += tokens.size() > 0 && tokens.sentence.front() == tokens.sentence.back() ? 1U : 0U;
  }
  ASSERT_GT(sentences, 500U);
  const auto share = [](std::size_t part, std::size_t of) {
    return static_cast<double>(part) / static_cast<double>(of);
  };
  std::cout << "edges met: " << share(met, edges) << " of " << edges
            << ", ours that are theirs: " << share(met, ours)
            << ", sentences kept whole: " << share(whole, sentences) << "\n";
  EXPECT_GE(share(met, edges), 0.995);
  EXPECT_GE(share(whole, sentences), 0.95);
}

}  // namespace
}  // namespace telex
