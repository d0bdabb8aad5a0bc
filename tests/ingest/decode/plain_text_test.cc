#include "ingest/decode/plain_text.h"

#include <gtest/gtest.h>

#include "tests/support/decoding.h"

namespace telex {
namespace {

using testing::Decoded;
using testing::options_for;
using Strings = std::vector<std::string>;

struct DateCase {
  const char* name;
  std::string text;
  std::string date;  // Empty: none is taken.
  DatePrecision precision;
  std::string body;
};
void PrintTo(const DateCase& row, std::ostream* out) { *out << row.name; }

class DateLine : public ::testing::TestWithParam<DateCase> {};

TEST_P(DateLine, IsTakenOffAndKeptAsGiven) {
  const Decoded decoded(GetParam().text, options_for(DecodeFormat::text));
  EXPECT_EQ(decoded.article().published.text, GetParam().date);
  EXPECT_EQ(decoded.article().published.precision, GetParam().precision);
  EXPECT_EQ(decoded.parts(), Strings{"body/0:" + GetParam().body});
}

using P = DatePrecision;
INSTANTIATE_TEST_SUITE_P(
    Cases, DateLine,
    ::testing::Values(
        DateCase{"month_on_the_same_line", " date 2025-02 Premier spreekt.", "2025-02", P::month,
                 "Premier spreekt."},
        DateCase{"line_of_its_own", "date 2013-06-18\nText.\n", "2013-06-18", P::day, "Text."},
        DateCase{"year", "DATE 2025\r\n\r\nText.", "2025", P::year, "Text."},
        DateCase{"colon", "Date: 2025-02-17\nText.", "2025-02-17", P::day, "Text."},
        DateCase{"tab", "\tdate\t2025-02\tText.", "2025-02", P::month, "Text."},
        DateCase{"no_date", "Text.", "", P::none, "Text."},
        DateCase{"word_that_begins_so", "dateline 2025-02 Text.", "", P::none,
                 "dateline 2025-02 Text."},
        DateCase{"glued", "date2025 Text.", "", P::none, "date2025 Text."},
        DateCase{"month_13", "date 2025-13 Text.", "", P::none, "date 2025-13 Text."},
        DateCase{"february_30", "date 2025-02-30 Text.", "", P::none, "date 2025-02-30 Text."},
        DateCase{"year_999", "date 0999 Text.", "", P::none, "date 0999 Text."},
        DateCase{"words_behind", "date 2025-02x Text.", "", P::none, "date 2025-02x Text."},
        DateCase{"a_sentence", "date of birth unknown", "", P::none, "date of birth unknown"},
        DateCase{"not_at_the_front", "Text. date 2025-02 more", "", P::none,
                 "Text. date 2025-02 more"}),
    [](const auto& row) { return row.param.name; });

TEST(PlainText, IsNotCopiedAndHasNoHeadline) {
  const Decoded decoded("  First line\n\nSecond.  ", options_for(DecodeFormat::text));
  EXPECT_EQ(decoded.parts(), Strings{"body/0:First line\n\nSecond."});
  EXPECT_EQ(decoded.article().format, InputFormat::plain_text);
}

struct HeadingCase {
  const char* name;
  std::string text;
  Strings headings;
};
void PrintTo(const HeadingCase& row, std::ostream* out) { *out << row.name; }

class Headings : public ::testing::TestWithParam<HeadingCase> {};

TEST_P(Headings, AreShortLinesThatStandAlone) {
  std::vector<Heading> found;
  find_headings(GetParam().text, 3, found);
  Strings texts;
  for (const Heading& heading : found) {
    EXPECT_EQ(heading.part, 3);
    texts.push_back(GetParam().text.substr(heading.range.begin, heading.range.size()));
  }
  EXPECT_EQ(texts, GetParam().headings);
}

INSTANTIATE_TEST_SUITE_P(
    Cases, Headings,
    ::testing::Values(
        HeadingCase{"between_paragraphs",
                    "Een zin.\n\nVredesakkoord\n\nNog een zin.\n\nVredestroepen\n\nSlot.",
                    {"Vredesakkoord", "Vredestroepen"}},
        HeadingCase{"windows_line_ends",
                    "Een zin.\r\n\r\n Kop met spaties \r\n \r\nTekst.",
                    {"Kop met spaties"}},
        HeadingCase{"first_paragraph_is_none", "Kop\n\nTekst.", {}},
        HeadingCase{"last_paragraph_is_none", "Tekst.\n\nKop", {}},
        HeadingCase{"sentence_is_none", "Tekst.\n\nKort.\n\nTekst.", {}},
        HeadingCase{"question_is_none", "Tekst.\n\nWat nu?\n\nTekst.", {}},
        HeadingCase{"quoted_sentence_is_none", "Tekst.\n\n\"Nee.\"\n\nTekst.", {}},
        HeadingCase{"quoted_word_is_one", "Tekst.\n\n‘Bizar’\n\nTekst.", {"‘Bizar’"}},
        HeadingCase{"nine_words_are_none", "Tekst.\n\na b c d e f g h i\n\nTekst.", {}},
        HeadingCase{
            "eight_words_are_one", "Tekst.\n\na b c d e f g h\n\nTekst.", {"a b c d e f g h"}},
        HeadingCase{"sixty_code_points_are_one",
                    "T.\n\n" + std::string(58, 'x') + "ëë\n\nTekst.",
                    {std::string(58, 'x') + "ëë"}},
        HeadingCase{"sixty_one_are_none", "T.\n\n" + std::string(61, 'x') + "\n\nTekst.", {}},
        HeadingCase{"two_lines_are_none", "Tekst.\n\nKop\nover twee\n\nTekst.", {}},
        HeadingCase{"no_blank_line_before", "Tekst.\nKop\n\nTekst.", {}},
        HeadingCase{"bullets_are_none", "Tekst.\n\n- punt\n\nTekst.\n\n• punt\n\nTekst.", {}},
        HeadingCase{"numbers_are_none", "Tekst.\n\n2 - 1\n\nTekst.", {}},
        HeadingCase{
            "list_is_none_but_the_last_line", "Tekst.\n\nEen\n\nTwee\n\nDrie\n\nTekst.", {"Drie"}},
        HeadingCase{"empty", "", {}}, HeadingCase{"blank", "\n \n\n", {}}),
    [](const auto& row) { return row.param.name; });

TEST(VisibleText, IsWhatAReaderSees) {
  for (const char* const text : {"x", " . ", "\u00A0x", "é", "中", "\U0001F600", "\u0301"}) {
    EXPECT_TRUE(has_visible_text(text, TextFormat::plain)) << text;
  }
  for (const char* const text : {"", " \t\r\n", "\u00A0\u2003\u3000", "\u200B\u200D\uFEFF",
                                 "\x01\x7F", "\u00AD\u2060\u180E", "\u2028"}) {
    EXPECT_FALSE(has_visible_text(text, TextFormat::plain)) << text;
  }
  EXPECT_TRUE(has_visible_text("<p>x</p>", TextFormat::html));
  EXPECT_TRUE(has_visible_text("<p", TextFormat::html));
  EXPECT_TRUE(has_visible_text("&amp;", TextFormat::html));
  EXPECT_FALSE(has_visible_text("<p> &nbsp;&#160;</p>\n<br/>", TextFormat::html));
}

TEST(Markup, IsToldByATagInFront) {
  for (const char* const text : {"<p>x</p>", " \n<!-- c -->x", "<?xml ?><a/>", "<div class='a'>"}) {
    EXPECT_TRUE(looks_like_markup(text)) << text;
  }
  for (const char* const text : {"", "x <p>", "<", "< 3 >", "<3>", "<<>>", "<p"}) {
    EXPECT_FALSE(looks_like_markup(text)) << text;
  }
}

}  // namespace
}  // namespace telex
