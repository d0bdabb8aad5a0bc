#include "ingest/decode/json_article.h"

#include <gtest/gtest.h>

#include "schemas/json_slices.h"
#include "tests/support/decoding.h"

namespace telex {
namespace {

using namespace std::string_literals;
using testing::Decoded;
using Strings = std::vector<std::string>;

struct MappedCase {
  const char* name;
  std::string json;
  Strings parts;
};
void PrintTo(const MappedCase& row, std::ostream* out) { *out << row.name; }

class Mapped : public ::testing::TestWithParam<MappedCase> {};

TEST_P(Mapped, GivesTheseParts) {
  const Decoded decoded(GetParam().json);
  EXPECT_EQ(decoded.parts(), GetParam().parts) << decoded.message();
  EXPECT_EQ(decoded.article().format, InputFormat::json_map);
}

INSTANTIATE_TEST_SUITE_P(
    Cases, Mapped,
    ::testing::Values(
        MappedCase{"telex_own_names",
                   R"({"headline":"h","lead":"l","body":"b"})",
                   {"headline:h", "lead:l", "body/0:b"}},
        MappedCase{"schema_org",
                   R"({"@type":"NewsArticle","headline":"h","description":"d","articleBody":"b"})",
                   {"headline:h", "lead:d", "body/0:b"}},
        MappedCase{"json_feed",
                   R"({"id":"1","title":"t","content_text":"c","summary":"s"})",
                   {"headline:t", "lead:s", "body/0:c"}},
        MappedCase{"json_feed_html",
                   R"({"title":"t","content_html":"a &amp; b"})",
                   {"headline:t", "body/0<>:a &amp; b"}},
        MappedCase{"text_before_html", R"({"content_html":"h","content_text":"t"})", {"body/0:t"}},
        MappedCase{"several_bodies", R"({"body":["a","b"]})", {"body/0:a", "body/1:b"}},
        MappedCase{"nested",
                   R"({"content":{"text":"b"},"headline":{"main":"h"}})",
                   {"headline:h", "body/0:b"}},
        MappedCase{"later_alternative_when_the_first_is_empty",
                   R"({"headline":"","title":"t"})",
                   {"headline:t"}},
        MappedCase{"later_alternative_when_the_first_cannot_be_read",
                   R"({"headline":[1],"title":"t"})",
                   {"headline:t"}},
        MappedCase{"null_is_absent", R"({"headline":null,"body":"b"})", {"body/0:b"}},
        MappedCase{"markup_in_a_plain_member", R"({"body":"<p>b</p>"})", {"body/0<>:<p>b</p>"}},
        MappedCase{"less_than_is_no_markup", R"({"body":"< 3 > 2"})", {"body/0:< 3 > 2"}},
        MappedCase{"last_duplicate_counts", R"({"body":"a","body":"b"})", {"body/0:b"}},
        MappedCase{"last_duplicate_counts_with_all_inside",
                   R"({"content":{"text":"a"},"content":{"body":"b"}})",
                   {"body/0:b"}},
        MappedCase{
            "last_duplicate_null", R"({"title":"t","body":"a","body":null})", {"headline:t"}},
        MappedCase{"names_with_escapes", "{\"bo\\u0064y\":\"b\"}", {"body/0:b"}},
        MappedCase{
            "string_escapes", R"({"body":"\u00e9\n\ud83d\ude00\\"})", {"body/0:é\n\U0001F600\\"}},
        MappedCase{
            "invisible_headline_is_left_out", R"({"headline":" ","body":["","b"]})", {"body/0:b"}},
        MappedCase{"uri_and_headline_are_not_ninjs",
                   R"({"uri":"urn:x:1","headline":"h","body":"b"})",
                   {"headline:h", "body/0:b"}}),
    [](const auto& row) { return row.param.name; });

TEST(JsonArticle, ReadsWhatIsAroundTheText) {
  const Decoded decoded(R"({"id":12345678901,"version":3,"source":{"name":"ANP"},"language":"nl_NL",
    "published":"2025-02","updated":1739787072,"body":"b","extra":{"deep":[1,2]}})");
  const Article article = decoded.article();
  EXPECT_EQ(article.uri, "urn:telex:ANP:12345678901");
  EXPECT_EQ(article.version, "3");
  EXPECT_EQ(article.source, "ANP");
  EXPECT_EQ(article.language, "nl-NL");
  EXPECT_EQ(article.published.precision, DatePrecision::month);
  EXPECT_EQ(article.published.text, "2025-02");
  EXPECT_EQ(article.version_created.unix_millis, 1739787072000);
  EXPECT_EQ(json_member(decoded.json(), "versionCreated"), "\"2025-02-17T10:11:12Z\"");
  EXPECT_EQ(json_member(decoded.json(), "version"), "\"3\"");
  EXPECT_EQ(json_member(decoded.json(), "infoSources"), R"([{"name":"ANP"}])");
}

TEST(JsonArticle, NumbersKeepTheirMeaning) {
  EXPECT_EQ(Decoded(R"({"version":1.5,"body":"b"})").article().version, "1.5");
  EXPECT_EQ(Decoded(R"({"version":18446744073709551615,"body":"b"})").article().version,
            "18446744073709551615");
  EXPECT_EQ(Decoded(R"({"published":1739787072.25,"body":"b"})").article().published.unix_millis,
            1739787072250);
  EXPECT_EQ(Decoded(R"({"published":1739787072345,"body":"b"})").article().published.unix_millis,
            1739787072345);
}

TEST(JsonArticle, DateThatCannotBeReadIsKeptAsText) {
  const Decoded decoded(R"({"published":"gisteren","body":"b"})");
  EXPECT_TRUE(decoded.publishes());
  EXPECT_EQ(decoded.article().published.precision, DatePrecision::none);
  EXPECT_EQ(decoded.article().published.text, "gisteren");
  EXPECT_EQ(json_member(json_member(decoded.json(), "annotations"), "published"),
            R"({"text":"gisteren","precision":"none"})");
}

TEST(JsonArticle, CommonNameOfAnotherTypeIsNoFault) {
  const Decoded decoded(R"({"author":[{"@type":"Person"}],"language":["nl"],"source":5.5,
    "date":{"x":1},"section":{"y":2},"body":"b"})");
  EXPECT_TRUE(decoded.publishes()) << decoded.message();
}

TEST(JsonArticle, PassesOnWhatNinjsHasAPlaceFor) {
  const Decoded decoded(R"({"authors":[{"name":"A \"B\""},"C",5],"section":["Sport","Voetbal"],
    "slugline":"s","dateline":"Parijs","copyrightHolder":"ANP","body":"b"})");
  const std::string json = decoded.json();
  EXPECT_EQ(json_member(json, "by"), R"("A \"B\", C")");
  EXPECT_EQ(json_member(json, "subjects"), R"([{"name":"Sport"},{"name":"Voetbal"}])");
  EXPECT_EQ(json_member(json, "slugline"), "\"s\"");
  EXPECT_EQ(json_member(json, "located"), "\"Parijs\"");
  EXPECT_EQ(json_member(json, "copyrightHolder"), "\"ANP\"");
}

TEST(JsonArticle, StatusHasManySpellings) {
  for (const char* const status : {"canceled", "Cancelled", "stat:canceled", "killed"}) {
    const Decoded decoded(R"({"id":"1","pubStatus":")"s + status + "\"}");
    EXPECT_TRUE(decoded.publishes()) << decoded.message();
    EXPECT_EQ(decoded.article().pub_status, PubStatus::canceled) << status;
  }
  EXPECT_EQ(Decoded(R"({"pubStatus":"withheld","body":"b"})").article().pub_status,
            PubStatus::withheld);
  EXPECT_EQ(Decoded(R"({"pubStatus":"usable"})").reason(), Reason::no_text);
}

TEST(JsonArticle, ConfiguredPointersReplaceTheStandardOnes) {
  DecodeOptions options;
  options.standard.fields[Field::body] = {"/payload/paragraphs/1/a~1b", "/payload/m~0n"};
  EXPECT_EQ(
      Decoded(R"({"body":"no","payload":{"paragraphs":[{},{"a/b":"yes"}],"m~n":"later"}})", options)
          .parts(),
      Strings{"body/0:yes"});
  EXPECT_EQ(Decoded(R"({"body":"no","payload":{"m~n":"later"}})", options).parts(),
            Strings{"body/0:later"});
}

TEST(JsonArticle, OneMemberCanServeSeveralFields) {
  DecodeOptions options;
  options.standard.fields[Field::id] = {"/name"};
  options.standard.fields[Field::headline] = {"/name"};
  const Decoded decoded(R"({"name":"n","body":"b"})", options);
  EXPECT_EQ(decoded.article().uri, "urn:telex:raw.articles:n");
  EXPECT_EQ(decoded.parts(), (Strings{"headline:n", "body/0:b"}));
}

TEST(JsonArticle, HeadingsOfPlainBodiesAreFound) {
  const Decoded decoded(
      R"({"headline":"h","body":["Een.\n\nKop\n\nTwee.","<p>x</p>\n\nKop\n\ny"]})");
  EXPECT_EQ(decoded.headings(), Strings{"Kop"});
}

}  // namespace
}  // namespace telex
