#include "process/text/tokeniser.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "process/text/fold.h"
#include "tests/process/text/text_testing.h"

namespace telex {
namespace {

using testing::sentences_of;
using testing::surface;
using testing::tokens_of;
using testing::words_of;
using Shape = TokenShape;
using Strings = std::vector<std::string>;

struct CutCase {
  const char* name;
  std::string_view text;
  Strings words;
};

const CutCase kCutCases[] = {
    {"empty", "", {}},
    {"only_space", " \t\r\n ", {}},
    {"words_and_punctuation", "Rutte zei: nee.", {"Rutte", "zei", ":", "nee", "."}},
    {"hyphen_joins_without_a_token", "NAVO-chef Rutte", {"NAVO", "chef", "Rutte"}},
    {"unicode_hyphens_join", "a\u2010b c\u2011d", {"a", "b", "c", "d"}},
    {"hyphen_at_an_edge_is_a_token", "olie- en gas -nee", {"olie", "-", "en", "gas", "-", "nee"}},
    {"two_hyphens_do_not_join", "ja--nee", {"ja", "-", "-", "nee"}},
    {"en_dash_is_a_token", "ja–nee", {"ja", "–", "nee"}},
    {"apostrophe_inside_makes_no_token", "Trump's foto’s", {"Trump", "s", "foto", "s"}},
    {"elisions_are_cut", "l'Ukraine qu’il d'accord", {"l", "Ukraine", "qu", "il", "d", "accord"}},
    {"dutch_clitics", "'s-Gravenhage ’t 'n zo'n", {"s", "Gravenhage", "t", "n", "zo", "n"}},
    {"apostrophe_of_a_quote_is_a_token",
     "'Nee' boys' 'a b'",
     {"'", "Nee", "'", "boys", "'", "'", "a", "b", "'"}},
    {"numbers_keep_inner_marks", "1.000,50 3,5 10,", {"1.000,50", "3,5", "10", ","}},
    {"number_before_a_full_stop", "in 2024. In", {"in", "2024", ".", "In"}},
    {"letters_and_digits_run_together", "A4 covid19 G20-top", {"A4", "covid19", "G20", "top"}},
    {"acronym_with_dots_is_one_token", "U.S. troops", {"U.S.", "troops"}},
    {"acronym_without_the_last_dot", "the U.S forces", {"the", "U.S", "forces"}},
    {"lower_case_acronym", "o.a. a.u.b.!", {"o.a.", "a.u.b.", "!"}},
    {"spanish_double_letters", "EE.UU. y", {"EE.UU.", "y"}},
    {"cyrillic_acronym", "С.Ш.А. и", {"С.Ш.А.", "и"}},
    {"initials", "J.F. Kennedy, J. Smith", {"J.F.", "Kennedy", ",", "J", ".", "Smith"}},
    {"host_names_are_no_acronyms", "www.a.b.nl", {"www", ".", "a", ".", "b", ".", "nl"}},
    {"acronym_takes_a_hyphen", "U.S.-led", {"U.S.", "led"}},
    {"soft_hyphen_inside", "Oe\u00ADkraine\u00AD x", {"Oe\u00ADkraine", "x"}},
    {"combining_marks_belong_to_the_word", "Oekrai\u0308ne", {"Oekrai\u0308ne"}},
    {"symbols_and_emoji_are_tokens", "€5 😀😀 C++", {"€", "5", "😀", "😀", "C", "+", "+"}},
    {"ideographs_one_by_one", "東京tower", {"東", "京", "tower"}},
    {"thai_characters_keep_their_marks", "ที่นี่", {"ที่", "นี่"}},
    {"kana_keep_their_marks", "か\u3099ある", {"か\u3099", "あ", "る"}},
    {"zero_width_space_parts", "a\u200Bb", {"a", "b"}},
    {"no_break_space_parts", "de\u00A0VS", {"de", "VS"}},
    {"invalid_bytes_make_no_token", "a\xFF\xC3 b\xE2\x82", {"a", "b"}},
    {"nul_parts", std::string_view("a\0b", 3), {"a", "b"}},
    {"word_of_sixteen_bytes",
     "abcdefghijklmnop qrstuvwxyzabcdefg",
     {"abcdefghijklmnop", "qrstuvwxyzabcdefg"}},
};

TEST(Tokeniser, CutsAsTheTableSays) {
  for (const CutCase& row : kCutCases) {
    EXPECT_EQ(words_of(row.text, tokens_of(row.text)), row.words) << row.name;
  }
}

TEST(Tokeniser, PhrasesAreCutAsTextIs) {
  for (const CutCase& row : kCutCases) {
    Tokens phrase;
    Tokeniser::tokenise_phrase(row.text, phrase);
    const Tokens text = tokens_of(row.text);
    EXPECT_EQ(phrase.hash, text.hash) << row.name;
    EXPECT_EQ(phrase.begin, text.begin) << row.name;
    EXPECT_EQ(phrase.end, text.end) << row.name;
  }
}

TEST(Tokeniser, WordsHashAsTheirFoldedForm) {
  for (const CutCase& row : kCutCases) {
    const Tokens tokens = tokens_of(row.text);
    for (std::uint32_t i = 0; i < tokens.size(); ++i) {
      const std::string_view word = surface(row.text, tokens, i);
      std::string letters(word);
      if ((tokens.shape[i] & Shape::kNumber) == 0 && word.size() > 1) std::erase(letters, '.');
      EXPECT_EQ(tokens.hash[i], folded_hash(letters)) << row.name << ": " << word;
    }
  }
}

TEST(Tokeniser, AcronymsHashAsWithoutDots) {
  EXPECT_EQ(tokens_of("N.A.V.O.").hash.at(0), folded_hash("NAVO"));
  EXPECT_EQ(tokens_of("EE.UU.").hash.at(0), folded_hash("eeuu"));
}

struct ShapeCase {
  const char* name;
  std::string_view text;  // The last token is looked at.
  std::uint16_t shape;    // Without kSentenceStart.
};

const ShapeCase kShapeCases[] = {
    {"lower", "nee", Shape::kWord},
    {"capital", "Nee", Shape::kWord | Shape::kCapital},
    {"one_capital", "A", Shape::kWord | Shape::kCapital},
    {"all_capitals", "NAVO", Shape::kWord | Shape::kCapital | Shape::kAllCapitals},
    {"mixed", "iPhone", Shape::kWord | Shape::kMixedCase},
    {"mixed_capital", "McDonald", Shape::kWord | Shape::kCapital | Shape::kMixedCase},
    {"mixed_long", "thequickbrownfoXes", Shape::kWord | Shape::kMixedCase},
    {"number", "2025", Shape::kNumber},
    {"number_with_mark", "3,5", Shape::kNumber},
    {"letters_after_digits", "3D", Shape::kWord | Shape::kNumber | Shape::kCapital},
    {"acronym", "U.S.", Shape::kWord | Shape::kCapital | Shape::kAllCapitals},
    {"accented_capital", "Élysée", Shape::kWord | Shape::kCapital | Shape::kNonAscii},
    {"accented_capitals", "ÉÉN",
     Shape::kWord | Shape::kCapital | Shape::kAllCapitals | Shape::kNonAscii},
    {"soft_hyphen_is_a_byte_above_ascii", "a\u00ADb", Shape::kWord | Shape::kNonAscii},
    {"punctuation", "!", Shape::kPunctuation},
    {"symbol", "€", Shape::kPunctuation | Shape::kNonAscii},
    {"glued_stop", "nee.", Shape::kPunctuation | Shape::kGlued},
    {"after_hyphen", "NAVO-chef", Shape::kWord | Shape::kHyphen | Shape::kGlued},
    {"after_apostrophe", "Trump's", Shape::kWord | Shape::kApostrophe | Shape::kGlued},
    {"clitic", "'t", Shape::kWord | Shape::kApostrophe},
    {"ideograph", "東", Shape::kWord | Shape::kIdeograph | Shape::kNonAscii},
    {"uncased_script", "سلام", Shape::kWord | Shape::kNonAscii},
};

TEST(Tokeniser, ShapesAreAsTheTableSays) {
  for (const ShapeCase& row : kShapeCases) {
    const Tokens tokens = tokens_of(row.text);
    ASSERT_FALSE(tokens.shape.empty()) << row.name;
    EXPECT_EQ(tokens.shape.back() & ~Shape::kSentenceStart, row.shape) << row.name;
  }
}

struct SentenceCase {
  const char* name;
  std::string_view language;
  std::string_view text;
  Strings sentences;
};

const SentenceCase kSentenceCases[] = {
    {"stop_and_capital", "nl", "Nee. Ja.", {"Nee.", "Ja."}},
    {"stop_and_lower_case", "nl", "Ja. nee", {"Ja. nee"}},
    {"question_and_exclamation", "nl", "Wie? Hij! Wat…  Dat", {"Wie?", "Hij!", "Wat…", "Dat"}},
    {"exclamation_inside", "nl", "'Nee!' zei hij. Ja", {"'Nee!' zei hij.", "Ja"}},
    {"closing_quote_belongs_to_it", "en", "\"No.\" He left.", {"\"No.\"", "He left."}},
    {"opening_quote_begins_one", "en", "He left. \"No\"", {"He left.", "\"No\""}},
    {"number_begins_one", "nl", "Dat was het. 20 mensen", {"Dat was het.", "20 mensen"}},
    {"titles",
     "nl",
     "Dhr. Jansen en mevr. De Vries. Toen",
     {"Dhr. Jansen en mevr. De Vries.", "Toen"}},
    {"titles_of_others",
     "en",
     "Mr. Smith met Dr. Jones. Mme. Roux too.",
     {"Mr. Smith met Dr. Jones.", "Mme. Roux too."}},
    {"initials", "en", "J. R. Tolkien wrote. Then", {"J. R. Tolkien wrote.", "Then"}},
    {"numbered", "nl", "Zie nr. 5 en blz. 7. Nee", {"Zie nr. 5 en blz. 7.", "Nee"}},
    {"no_as_a_word", "en", "He said no. They left.", {"He said no.", "They left."}},
    {"etc_inside", "nl", "Appels, enz. Jan kwam", {"Appels, enz. Jan kwam"}},
    {"etc_at_an_end", "nl", "Appels, enz. De man", {"Appels, enz.", "De man"}},
    {"acronym_before_a_name", "en", "The U.S. President said", {"The U.S. President said"}},
    {"acronym_at_an_end", "en", "In the U.S. The man", {"In the U.S.", "The man"}},
    {"lower_acronym", "nl", "Met o.a. De Telegraaf", {"Met o.a. De Telegraaf"}},
    {"german_zb", "de", "Das ist z.B. Berlin. Er kam", {"Das ist z.B. Berlin.", "Er kam"}},
    {"german_ordinal",
     "de",
     "Am 3. Oktober kam der 2. Weltkrieg.",
     {"Am 3. Oktober kam der 2. Weltkrieg."}},
    {"german_number_at_an_end", "de", "Er war 23. Der Mann", {"Er war 23.", "Der Mann"}},
    {"english_number_at_an_end", "en", "He was 23. Smith", {"He was 23.", "Smith"}},
    {"year_at_an_end", "de", "Das war 2024. Berlin", {"Das war 2024.", "Berlin"}},
    {"host_name", "nl", "Zie nos.nl Ja", {"Zie nos.nl Ja"}},
    {"blank_line", "nl", "Kop zonder punt\n\nTekst", {"Kop zonder punt", "Tekst"}},
    {"blank_line_with_spaces", "nl", "Kop\r\n \r\ntekst", {"Kop", "tekst"}},
    {"single_line_break", "nl", "een\nregel", {"een\nregel"}},
    {"ellipsis", "nl", "Nou... ja. Goed", {"Nou... ja.", "Goed"}},
    {"cjk_full_stop", "ja", "東京。大阪", {"東京。", "大阪"}},
    {"arabic", "ar", "سلام. سلام؟ سلام", {"سلام.", "سلام؟", "سلام"}},
    {"spanish",
     "es",
     "El Sr. Pérez de EE.UU. Gana. ¿Qué?",
     {"El Sr. Pérez de EE.UU. Gana.", "¿Qué?"}},
};

TEST(Tokeniser, SentencesEndAsTheTableSays) {
  for (const SentenceCase& row : kSentenceCases) {
    EXPECT_EQ(sentences_of(row.text, tokens_of(row.text, row.language)), row.sentences) << row.name;
  }
}

TEST(Tokeniser, PhrasesAreOneSentence) {
  Tokens tokens;
  Tokeniser::tokenise_phrase("Wie is de Mol? Seizoen", tokens);
  for (const std::uint16_t sentence : tokens.sentence) EXPECT_EQ(sentence, 0);
}

Strings with(std::uint16_t bit, std::string_view text, const Tokens& tokens) {
  Strings words;
  for (std::uint32_t i = 0; i < tokens.size(); ++i) {
    if (tokens.has(i, bit)) words.emplace_back(surface(text, tokens, i));
  }
  return words;
}

TEST(Tokeniser, FirstWordOfASentenceIsMarked) {
  constexpr std::string_view kText = "«De man» kwam. 5 mensen. Hij zei: \"Van Dam\" en: Jan.";
  EXPECT_EQ(with(Shape::kSentenceStart, kText, tokens_of(kText)),
            (Strings{"De", "5", "Hij", "Van"}));
}

struct QuoteCase {
  const char* name;
  std::string_view text;
  Strings quoted;
};

const QuoteCase kQuoteCases[] = {
    {"straight", "Hij zei \"ja nee\" en", {"ja", "nee"}},
    {"curly", "Hij zei “ja” en", {"ja"}},
    {"dutch_low", "Hij zei „ja” en", {"ja"}},
    {"german_low", "Er sagte „ja“ und", {"ja"}},
    {"french", "Il dit « oui » et", {"oui"}},
    {"german_guillemets", "Er sagte »ja« und", {"ja"}},
    {"single", "Hij zei 'foto's zijn' mooi", {"foto", "s", "zijn"}},
    {"single_curly", "Hij zei ‘foto’s’ mooi", {"foto", "s"}},
    {"unclosed", "Hij zei \"ja en weg", {}},
    {"closed_in_another_paragraph", "Hij zei \"ja\n\nen\" weg", {}},
    {"reopened", "\"een \"twee\" drie", {"twee"}},
    {"inches", "een 5\" scherm en 6\" scherm", {}},
};

TEST(Tokeniser, QuotesAreMarkedAsTheTableSays) {
  for (const QuoteCase& row : kQuoteCases) {
    EXPECT_EQ(with(Shape::kQuoted, row.text, tokens_of(row.text)), row.quoted) << row.name;
  }
}

TEST(Tokeniser, QuotesFarApartAreNoPair) {
  std::string text = "\"begin";
  while (text.size() < Tokeniser::kQuoteBytesMax + 2) text += " woord";
  text += "\" einde";
  EXPECT_TRUE(with(Shape::kQuoted, text, tokens_of(text)).empty());
}

struct HtmlCase {
  const char* name;
  std::string_view text;
  Strings sentences;
};

const HtmlCase kHtmlCases[] = {
    {"tags_are_no_tokens",
     "<p class=\"a>b\">Een <b>twee</b></p><p>Drie</p>",
     {"Een <b>twee", "Drie"}},
    {"comments", "Een <!-- <p>nee</p> --> twee", {"Een <!-- <p>nee</p> --> twee"}},
    {"script_and_style", "<script>if (a<b) x</script>Een<style>p{}</style>Twee", {"Een", "Twee"}},
    {"unclosed_script_reaches_the_end", "Een<script>twee", {"Een"}},
    {"entity_parts", "Caf&eacute; De&nbsp;VS &#39;x", {"Caf&eacute; De&nbsp;VS &#39;x"}},
    {"no_tag", "a < b en 3<4", {"a < b en 3<4"}},
    {"two_breaks_part", "Een<br><br/>Twee<br>drie", {"Een", "Twee<br>drie"}},
    {"blank_lines_mean_nothing", "een\n\ntwee", {"een\n\ntwee"}},
    {"unclosed_quote_in_a_tag", "<a href=\"x>Een", {"Een"}},
};

TEST(Tokeniser, HtmlIsCutAsTheTableSays) {
  for (const HtmlCase& row : kHtmlCases) {
    EXPECT_EQ(sentences_of(row.text, tokens_of(row.text, "nl", TextFormat::html)), row.sentences)
        << row.name;
  }
}

TEST(Tokeniser, EntitiesEndATokenAndMakeNone) {
  constexpr std::string_view kText = "Caf&eacute;s &amp; R&D &zz";
  EXPECT_EQ(words_of(kText, tokens_of(kText, "nl", TextFormat::html)),
            (Strings{"Caf", "s", "R", "&", "D", "&", "zz"}));
}

TEST(Tokeniser, HeadingsOfHtmlAreMarked) {
  constexpr std::string_view kText = "<h2>De kop</h2><p>Tekst</p>";
  EXPECT_EQ(with(Shape::kHeading, kText, tokens_of(kText, "nl", TextFormat::html)),
            (Strings{"De", "kop"}));
}

TEST(Tokeniser, PartsHeadlinesAndHeadingsAreApart) {
  const std::string_view body = "Eerste zin\nTussenkop\nen verder. Slot\nKop\nuit";
  const std::vector<Part> parts{{"De kop", PartKind::headline, TextFormat::plain, 0},
                                {"", PartKind::lead, TextFormat::plain, 0},
                                {body, PartKind::body, TextFormat::plain, 0}};
  const std::uint32_t first = static_cast<std::uint32_t>(body.find("Tussenkop"));
  const std::uint32_t second = static_cast<std::uint32_t>(body.find("Kop"));
  const std::vector<Heading> headings{
      {1, {0, 3}}, {2, {first, first + 9}}, {2, {first + 2, first + 4}}, {2, {second, second + 3}}};
  Article article = testing::article_of(parts);
  article.headings = headings;
  Tokens tokens;
  Tokeniser().tokenise(article, tokens);
  Strings lines;
  for (std::uint32_t i = 0; i < tokens.size(); ++i) {
    const std::string_view text = parts[tokens.part[i]].text;
    lines.push_back(std::to_string(tokens.part[i]) + "/" + std::to_string(tokens.sentence[i]) +
                    (tokens.has(i, Shape::kHeading) ? "#" : " ") +
                    (tokens.has(i, Shape::kSentenceStart) ? "^" : " ") +
                    std::string(surface(text, tokens, i)));
  }
  EXPECT_EQ(lines,
            (Strings{"0/0#^De", "0/0# kop", "2/1 ^Eerste", "2/1  zin", "2/2#^Tussenkop", "2/3 ^en",
                     "2/3  verder", "2/3  .", "2/4 ^Slot", "2/5#^Kop", "2/6 ^uit"}));
}

TEST(Tokeniser, EachArticleBeginsAtSentenceZero) {
  const std::vector<Part> parts{{"Een. Twee.", PartKind::body, TextFormat::plain, 0}};
  Tokens tokens;
  Tokeniser().tokenise(testing::article_of(parts), tokens);
  Tokeniser().tokenise(testing::article_of(parts), tokens);
  EXPECT_EQ(tokens.sentence, (std::vector<std::uint16_t>{0, 0, 1, 1, 0, 0, 1, 1}));
}

TEST(Tokeniser, SentencesSaturate) {
  std::string text;
  for (int i = 0; i < 70'000; ++i) text += "A!\n\n";
  const Tokens tokens = tokens_of(text);
  EXPECT_EQ(tokens.sentence.back(), 0xFFFF);
}

TEST(Tokeniser, LongRunsAreCutOnCodePointBoundaries) {
  std::string text(1000, 'x');
  for (int i = 0; i < 1000; ++i) text += "é";
  const Tokens tokens = tokens_of(text);
  std::uint32_t at = 0;
  for (std::uint32_t i = 0; i < tokens.size(); ++i) {
    EXPECT_EQ(tokens.begin[i], at);
    EXPECT_LE(tokens.end[i] - tokens.begin[i], Tokeniser::kTokenBytesMax);
    at = tokens.end[i];
    EXPECT_TRUE(at == text.size() || (static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80U);
  }
  EXPECT_EQ(at, text.size());
}

TEST(Tokeniser, HostileMarkupTakesLinearTime) {
  for (const std::string_view piece : {"<a ", "<a href=\"", "<a b='", "<!--", "<script", "&#",
                                       "<a href=\"x>", "a\u0301", "<p", "<a href='\">"}) {
    std::string text;
    while (text.size() < 1'000'000) text += piece;
    const Tokens tokens = tokens_of(text, "nl", TextFormat::html);
    EXPECT_LE(tokens.size(), text.size()) << piece;
  }
}

}  // namespace
}  // namespace telex
