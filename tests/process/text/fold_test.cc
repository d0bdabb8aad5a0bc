#include "process/text/fold.h"

#include <rapidcheck.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <utf8proc.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "tests/process/text/text_testing.h"

namespace telex {
namespace {

struct FoldCase {
  const char* name;
  std::string_view text;
  std::string_view folded;
};

const FoldCase kFoldCases[] = {
    {"ascii_is_lower_cased", "NAVO-Chef 12", "navo-chef 12"},
    {"diacritics_are_shed", "OEKRAÏNE", "oekraine"},
    {"decomposed_text_folds_alike", "Oekrai\u0308ne", "oekraine"},
    {"sharp_s_is_two_letters", "Straße STRASSE", "strasse strasse"},
    {"ligatures_are_taken_apart", "o\uFB03ce", "office"},
    {"dutch_ij_ligature", "\u0132sland \u0133s", "ijsland ijs"},
    {"full_width_forms_are_narrowed", "ＮＡＴＯ２", "nato2"},
    {"soft_hyphen_and_joiners_vanish", "Oe\u00ADkra\u200Dine\u200C", "oekraine"},
    {"soft_hyphen_before_a_mark", "Oekrai\u00AD\u0308ne", "oekraine"},
    {"cyrillic_short_i_is_a_letter", "Зелёный и Йод", "зеленый и йод"},
    {"decomposed_short_i_is_composed", "и\u0306", "й"},
    {"ukrainian_yi_is_a_letter", "Київ і\u0308", "київ ї"},
    {"cyrillic_stress_marks_are_shed", "Киї\u0301в", "київ"},
    {"greek_accents_are_shed", "Ἀθῆναι ΆΘΗΝΑ", "αθηναι αθηνα"},
    {"final_sigma_is_sigma", "ΟΔΟΣ οδος", "οδοσ οδοσ"},
    {"iota_subscript_is_iota", "ᾳ α\u0345", "αι αι"},
    {"turkish_dotted_capital", "İstanbul", "istanbul"},
    {"kelvin_and_angstrom_signs", "\u212A\u212B", "ka"},
    {"marks_of_other_scripts_stay", "हिन्दी", "हिन्दी"},
    {"hebrew_points_stay", "שָׁלוֹם", "שָׁלוֹם"},
    {"kana_marks_compose", "か\u3099", "が"},
    {"half_width_kana_compose", "ｶﾞ", "ガ"},
    {"jamo_compose", "\u1112\u1161\u11AB", "한"},
    {"emoji_stay", "😀", "😀"},
    {"deseret_has_case", "\U00010400", "\U00010428"},
    {"invalid_bytes_are_dropped", "a\xFF\xC3", "a"},
    {"stroke_letters_are_letters", "ØŁĐ", "øłđ"},
    {"empty", "", ""},
};

TEST(Fold, FoldsAsTheTableSays) {
  for (const FoldCase& row : kFoldCases) EXPECT_EQ(folded(row.text), row.folded) << row.name;
}

TEST(Fold, AppendsAndKeepsWhatWasThere) {
  std::string out = "É";
  append_folded("É", out);
  append_folded("E", out);
  EXPECT_EQ(out, "Éee");
}

TEST(Fold, HashIsThatOfTheFoldedForm) {
  for (const FoldCase& row : kFoldCases) {
    EXPECT_EQ(folded_hash(row.text), XXH3_64bits(row.folded.data(), row.folded.size())) << row.name;
  }
  const std::string long_word(1000, 'E');
  const std::string longer = long_word + "É";
  EXPECT_EQ(folded_hash(long_word), XXH3_64bits(folded(long_word).data(), 1000));
  EXPECT_EQ(folded_hash(longer), XXH3_64bits(folded(longer).data(), 1001));
}

// Text of the kind that folding has to do with: letters of several scripts, marks, jamo, oddities.
std::string any_text() {
  const auto code_point = rc::gen::oneOf(
      rc::gen::inRange(0x20, 0x250), rc::gen::inRange(0x300, 0x590), rc::gen::inRange(0x900, 0xE80),
      rc::gen::inRange(0x1100, 0x1200), rc::gen::inRange(0x1E00, 0x2190),
      rc::gen::inRange(0x3040, 0x3100), rc::gen::inRange(0xAC00, 0xAC80),
      rc::gen::inRange(0xF900, 0xFFF0), rc::gen::inRange(0x300, 0x370),
      rc::gen::element(0x438, 0x443, 0x456, 0x306, 0x308, 0x345, 0xAD, 0x200D, 0x61),
      rc::gen::inRange(0x10400, 0x10500), rc::gen::inRange(0x11100, 0x11200),
      rc::gen::inRange(0x1D400, 0x1D500), rc::gen::inRange(0x1F600, 0x1F640));
  std::string text;
  for (const int value : *rc::gen::container<std::vector<int>>(code_point)) {
    utf8proc_uint8_t bytes[4];
    const auto size = utf8proc_encode_char(value, bytes);
    for (int i = 0; i < size; ++i) text.push_back(static_cast<char>(bytes[i]));
  }
  return text;
}

std::string normalised(const std::string& text, int form) {
  utf8proc_uint8_t* out = nullptr;
  const auto size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                 static_cast<utf8proc_ssize_t>(text.size()), &out,
                                 static_cast<utf8proc_option_t>(UTF8PROC_STABLE | form));
  std::string result(reinterpret_cast<const char*>(out), static_cast<std::size_t>(size));
  std::free(out);
  return result;
}

TEST(Fold, FoldingTwiceChangesNothing) {
  EXPECT_TRUE(rc::check([] {
    const std::string once = folded(any_text());
    RC_ASSERT(folded(once) == once);
  }));
}

TEST(Fold, NormalisationFormsFoldAlike) {
  EXPECT_TRUE(rc::check([] {
    const std::string text = any_text();
    RC_ASSERT(folded(normalised(text, UTF8PROC_COMPOSE)) ==
              folded(normalised(text, UTF8PROC_DECOMPOSE)));
    RC_ASSERT(folded(text) == folded(normalised(text, UTF8PROC_DECOMPOSE)));
  }));
}

TEST(Fold, HashEqualsHashOfTheFoldedFormOfAnyText) {
  EXPECT_TRUE(rc::check([] {
    const std::string text = any_text();
    const std::string form = folded(text);
    RC_ASSERT(folded_hash(text) == XXH3_64bits(form.data(), form.size()));
  }));
}

TEST(Fold, EveryCodePointAloneFoldsToAFixedPoint) {
  for (utf8proc_int32_t value = 0; value < 0x110000; ++value) {
    if (!utf8proc_codepoint_valid(value)) continue;
    utf8proc_uint8_t bytes[4];
    const auto size = static_cast<std::size_t>(utf8proc_encode_char(value, bytes));
    const std::string once = folded({reinterpret_cast<const char*>(bytes), size});
    ASSERT_EQ(folded(once), once) << std::hex << value;
  }
}

TEST(Fold, MarksByTheHundredThousandTakeLinearTime) {
  std::string text = "a";
  for (int i = 0; i < 200'000; ++i) text += i % 2 == 0 ? "\u0301" : "\u0323";  // 230, then 220.
  EXPECT_EQ(folded(text), "a");
  text[0] = '1';  // A digit sheds nothing, so here the marks must be put in order.
  EXPECT_EQ(folded(text).size(), text.size());
}

struct Utf8Case {
  const char* name;
  std::string_view text;
  std::size_t first_invalid;
};

const Utf8Case kUtf8Cases[] = {
    {"empty", "", 0},
    {"ascii", "news", 4},
    {"two_three_and_four_bytes", "é€😀", 9},
    {"lone_continuation", "ab\x80", 2},
    {"truncated_at_the_end", "ab\xE2\x82", 2},
    {"truncated_in_the_middle", "\xE2\x82z", 0},
    {"overlong_slash", "a\xC0\xAF", 1},
    {"overlong_three", "\xE0\x80\xAF", 0},
    {"surrogate", "x\xED\xA0\x80", 1},
    {"last_code_point", "\xF4\x8F\xBF\xBF", 4},
    {"beyond_the_last_code_point", "\xF4\x90\x80\x80", 0},
    {"byte_that_never_occurs", "\xFE", 0},
};

TEST(Utf8, FindsTheFirstInvalidByte) {
  for (const Utf8Case& row : kUtf8Cases) {
    EXPECT_EQ(first_invalid_utf8(row.text), row.first_invalid) << row.name;
  }
}

TEST(Utf8, CountsCodePoints) {
  EXPECT_EQ(count_code_points(""), 0U);
  EXPECT_EQ(count_code_points("aé€😀"), 4U);
}

std::string from_hex(std::string_view hex) {
  std::string bytes;
  std::string digits;
  for (const char c : hex) {
    if (c == ' ') continue;
    digits.push_back(c);
    if (digits.size() == 2) {
      bytes.push_back(static_cast<char>(std::strtoul(digits.c_str(), nullptr, 16)));
      digits.clear();
    }
  }
  return bytes;
}

// Lines are num:valid:ASCII, num:valid hex:HEX, num:invalid hex:HEX:...
TEST(Utf8PublicData, DecoderCasesAreToldApart) {
  const auto folder = testing::public_data_folder();
  int valid = 0;
  int invalid = 0;
  for (const std::string& line :
       testing::lines_of(testing::read_file(folder.string() + "/utf8tests/utf8tests.txt"))) {
    const std::size_t kind = line.find(':');
    const std::size_t value = line.find(':', kind + 1);
    if (line.empty() || line[0] == '#' || value == std::string::npos) continue;
    const std::string name = line.substr(kind + 1, value - kind - 1);
    const std::string field = line.substr(value + 1, line.find(':', value + 1) - value - 1);
    if (name == "valid hex") {
      ++valid;
      const std::string bytes = from_hex(field);
      EXPECT_EQ(first_invalid_utf8(bytes), bytes.size()) << line;
    } else if (name == "invalid hex") {
      ++invalid;
      const std::string bytes = from_hex(field);
      EXPECT_LT(first_invalid_utf8(bytes), bytes.size()) << line;
    }
  }
  EXPECT_GT(valid, 5);
  EXPECT_GT(invalid, 20);
}

}  // namespace
}  // namespace telex
