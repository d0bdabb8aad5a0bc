#include "ingest/decode/ninjs.h"

#include <gtest/gtest.h>

#include "schemas/json_slices.h"
#include "tests/support/decoding.h"

namespace telex {
namespace {

using namespace std::string_literals;
using testing::Decoded;
using testing::options_for;
using Strings = std::vector<std::string>;

Decoded ninjs(std::string_view json) { return Decoded(json, options_for(DecodeFormat::ninjs)); }

std::string other_members(const Decoded& decoded) {
  const std::string json = decoded.json();
  return std::string(json_member(json_member(json, "annotations"), "otherMembers"));
}

TEST(Ninjs, IsReadAndPassedOn) {
  const Decoded decoded(
      R"({"uri":"urn:x:1", "type":"text","version":"2","firstCreated":"2025-02-17T10:00:00Z",
    "versionCreated":"2025-02-18T10:00:00+01:00","language":"nl","headlines":[{"role":"main","value":"Kop"}],
    "descriptions":[{"value":"Lead"}],"bodies":[{"contentType":"text/plain","value":"A.\n\nKop\n\nB."}],
    "urgency":  4, "by":"\u0041"})");
  EXPECT_EQ(decoded.article().format, InputFormat::ninjs);
  EXPECT_EQ(decoded.parts(), (Strings{"headline:Kop", "lead:Lead", "body/0:A.\n\nKop\n\nB."}));
  EXPECT_EQ(decoded.headings(), Strings{"Kop"});
  EXPECT_EQ(decoded.article().version, "2");
  EXPECT_EQ(decoded.article().language, "nl");
  EXPECT_EQ(decoded.article().published.text, "2025-02-17T10:00:00Z");
  EXPECT_EQ(decoded.article().version_created.unix_millis, 1739869200000);
  EXPECT_EQ(json_member(decoded.json(), "by"), R"("\u0041")");
  EXPECT_EQ(json_member(decoded.json(), "urgency"), "4");
  EXPECT_EQ(other_members(decoded), "");
}

struct ShapeCase {
  const char* name;
  std::string json;
  bool ninjs;
};
void PrintTo(const ShapeCase& row, std::ostream* out) { *out << row.name; }

class Shape : public ::testing::TestWithParam<ShapeCase> {};

TEST_P(Shape, TellsNinjsFromOtherJson) {
  const Decoded decoded(GetParam().json);
  ASSERT_TRUE(decoded.publishes()) << decoded.message();
  EXPECT_EQ(decoded.article().format == InputFormat::ninjs, GetParam().ninjs);
}

INSTANTIATE_TEST_SUITE_P(
    Cases, Shape,
    ::testing::Values(
        ShapeCase{"headlines", R"({"uri":"urn:x:1","headlines":[{"value":"k"}]})", true},
        ShapeCase{"bodies", R"({"bodies":[{"value":"k"}],"uri":"urn:x:1"})", true},
        ShapeCase{"standard", R"({"uri":"urn:x:1","standard":{},"title":"t"})", true},
        ShapeCase{"dates_and_title", R"({"uri":"urn:x:1","versionCreated":"2025","title":"t"})",
                  true},
        ShapeCase{"version_1", R"({"uri":"urn:x:1","versioncreated":"2025","headline":"t"})", true},
        ShapeCase{
            "superdesk",
            R"({"guid":"urn:x:1","pubstatus":"usable","headline":"t","body_html":"<p>b</p>"})",
            true},
        ShapeCase{"canceled_without_text", R"({"uri":"urn:x:1","pubStatus":"canceled"})", true},
        ShapeCase{"no_uri", R"({"headlines":[{"value":"k"}],"pubStatus":"usable"})", false},
        ShapeCase{"headlines_of_strings", R"({"uri":"urn:x:1","headlines":["a"],"title":"k"})",
                  false},
        ShapeCase{"uri_and_body", R"({"uri":"urn:x:1","firstCreated":"2025","body":"k"})", false},
        ShapeCase{"plain_json", R"({"id":"1","title":"t"})", false}),
    [](const auto& row) { return row.param.name; });

struct TextsCase {
  const char* name;
  std::string members;
  Strings parts;
};
void PrintTo(const TextsCase& row, std::ostream* out) { *out << row.name; }

class Texts : public ::testing::TestWithParam<TextsCase> {};

TEST_P(Texts, AreReadFromTheseMembers) {
  const Decoded decoded = ninjs(R"({"uri":"urn:x:1",)" + GetParam().members + "}");
  EXPECT_EQ(decoded.parts(), GetParam().parts) << decoded.message();
}

INSTANTIATE_TEST_SUITE_P(
    Cases, Texts,
    ::testing::Values(
        TextsCase{"title_only_without_headlines",
                  R"("title":"t","bodies":[{"value":"b"}])",
                  {"title:t", "body/0:b"}},
        TextsCase{"headline_before_title",
                  R"("title":"t","headlines":[{"value":"h"},{"value":"i"}])",
                  {"headline:h", "headline/1:i"}},
        TextsCase{
            "plain_before_html",
            R"("bodies":[{"contentType":"text/html","value":"<p>b</p>"},{"contentType":"text/plain","value":"b"}])",
            {"body/1:b"}},
        TextsCase{
            "first_of_several_markups",
            R"("bodies":[{"role":"html5","value":"<p>b</p>"},{"role":"nitf","value":"<nitf>b</nitf>"}])",
            {"body/0<>:<p>b</p>"}},
        TextsCase{"format_by_role",
                  R"("bodies":[{"role":"xhtml","value":"a &amp; b"}])",
                  {"body/0<>:a &amp; b"}},
        TextsCase{
            "format_by_first_tag", R"("bodies":[{"value":"<p>b<\/p>"}])", {"body/0<>:<p>b</p>"}},
        TextsCase{"invisible_elements_keep_their_place",
                  R"("headlines":[{"value":"\u200b"},{"value":""},{"value":"h"}])",
                  {"headline/2:h"}},
        TextsCase{"last_duplicate_counts",
                  R"("bodies":[{"value":"a"}],"bodies":[{"value":"b","value":"c"}])",
                  {"body/0:c"}},
        TextsCase{"escapes", R"("bodi\u0065s":[{"v\u0061lue":"\u00eb\n"}])", {"body/0:ë\n"}}),
    [](const auto& row) { return row.param.name; });

TEST(Ninjs, ElementWithoutValueSaysNothing) {
  const Decoded decoded(
      R"({"uri":"urn:x:1","headlines":[{"role":"x"},{"value":null},{"value":"h"}]})",
      options_for(DecodeFormat::ninjs), {}, {}, testing::Validate::no);
  EXPECT_EQ(decoded.parts(), Strings{"headline/2:h"});
}

struct NinjsFaultCase {
  const char* name;
  std::string members;
  Reason reason;
  std::string message;
};
void PrintTo(const NinjsFaultCase& row, std::ostream* out) { *out << row.name; }

class NinjsFault : public ::testing::TestWithParam<NinjsFaultCase> {};

TEST_P(NinjsFault, NamesTheMember) {
  const Decoded decoded = ninjs("{" + GetParam().members + "}");
  EXPECT_EQ(to_string(decoded.reason()), to_string(GetParam().reason));
  EXPECT_EQ(decoded.message(), GetParam().message);
}

std::string many_headlines(int count) {
  std::string json = R"("headlines":[{"value":"x"})";
  for (int i = 1; i < count; ++i) json += R"(,{"value":"x"})";
  return json + "]";
}

INSTANTIATE_TEST_SUITE_P(
    Cases, NinjsFault,
    ::testing::Values(
        NinjsFaultCase{"uri_is_a_number", R"("uri":5,"title":"t")", Reason::wrong_type,
                       "/uri: a number where a string was due"},
        NinjsFaultCase{"headlines_is_a_string", R"("headlines":"geheim")", Reason::wrong_type,
                       "/headlines: a string where an array was due"},
        NinjsFaultCase{"element_is_a_string", R"("bodies":[{"value":"b"},"geheim"])",
                       Reason::wrong_type, "/bodies/1: a string where an object was due"},
        NinjsFaultCase{"value_is_an_array", R"("bodies":[{"value":[]}])", Reason::wrong_type,
                       "/bodies/0/value: an array where a string was due"},
        NinjsFaultCase{"status_unknown", R"("title":"t","pubStatus":"geheim")", Reason::bad_field,
                       "/pubStatus is not usable, withheld or canceled"},
        NinjsFaultCase{"no_text", R"("uri":"urn:x:1","headlines":[])", Reason::no_text,
                       "no headline, lead or body with a visible character"},
        NinjsFaultCase{"too_many_elements", many_headlines(65), Reason::too_many_parts,
                       "/headlines: more than 64 elements"},
        NinjsFaultCase{"too_many_parts", many_headlines(64) + R"(,"bodies":[{"value":"b"}])",
                       Reason::too_many_parts, "more than 64 headlines, leads and bodies"}),
    [](const auto& row) { return row.param.name; });

TEST(Ninjs, StatusIsSpelledAsTheSchemaWants) {
  const Decoded decoded = ninjs(R"({"uri":"urn:x:1","pubstatus":"Cancelled"})");
  ASSERT_TRUE(decoded.publishes());
  EXPECT_EQ(json_member(decoded.json(), "pubStatus"), "\"canceled\"");
}

TEST(Ninjs, NumberedVersionBecomesAString) {
  const Decoded decoded = ninjs(R"({"uri":"urn:x:1","title":"t","version":7})");
  EXPECT_EQ(decoded.article().version, "7");
  EXPECT_EQ(json_member(decoded.json(), "version"), "\"7\"");
}

TEST(Ninjs, UriThatIsNoneIsKeptBesideTheIdentity) {
  const Decoded decoded = ninjs(R"({"uri":"a b","title":"t"})");
  EXPECT_EQ(decoded.article().uri, "urn:telex:raw.articles:a%20b");
  EXPECT_EQ(other_members(decoded), R"({"uri":"a b"})");
}

TEST(Ninjs, ManyDuplicatesTakeNoLongerThanTheirNumber) {
  std::string json = "{\"uri\":\"urn:x:1\",\"title\":\"t\"";
  for (int i = 0; i < 100000; ++i)
    json += ",\"m" + std::to_string(i % 50000) + "\":" + std::to_string(i);
  const Decoded decoded = ninjs(json + "}");
  ASSERT_TRUE(decoded.publishes());
  EXPECT_EQ(decoded.article().pass_through.size(), 50002U);
  EXPECT_EQ(decoded.article().pass_through[2].raw_json, "50000");
}

// --- Older versions ----------------------------------------------------------------------------

TEST(LegacyNinjs, LowerCaseNamesOfVersionTwoAreMapped) {
  const Decoded decoded(
      R"({"uri":"urn:x:1","versioncreated":"2019-08-09T09:46:53Z","pubstatus":"usable",
    "ednote":"n","embargoed":"2030-01-01T00:00:00Z","headlines":[{"contenttype":"text/plain","value":"k"}],
    "organisations":[{"name":"o","symbols":[{"ticker":"X","exchange":"NYSE"}]}],"genres":[ {"name":"g"} ]})");
  const std::string json = decoded.json();
  EXPECT_EQ(decoded.article().version_created.text, "2019-08-09T09:46:53Z");
  EXPECT_EQ(json_member(json, "versionCreated"), "\"2019-08-09T09:46:53Z\"");
  EXPECT_EQ(json_member(json, "pubStatus"), "\"usable\"");
  EXPECT_EQ(json_member(json, "edNote"), "\"n\"");
  EXPECT_EQ(json_member(json, "embargoedUntil"), "\"2030-01-01T00:00:00Z\"");
  EXPECT_EQ(json_member(json, "headlines"), R"([{"contentType":"text/plain","value":"k"}])");
  EXPECT_EQ(json_member(json, "organisations"),
            R"([{"name":"o","symbols":[{"symbol":"X","exchange":"NYSE"}]}])");
  EXPECT_EQ(json_member(json, "genres"), R"([ {"name":"g"} ])");
  EXPECT_EQ(other_members(decoded), "");
}

TEST(LegacyNinjs, TextsOfVersionOneBecomeLists) {
  const Decoded decoded(R"({"uri":"urn:x:1","versioncreated":"2013-07-09T10:37:00Z","byline":"B",
    "headline":"K\u006fp","description_caption_text":"D","body_text":"T","body_xhtml":"<p>T</p>"})");
  EXPECT_EQ(decoded.parts(), (Strings{"headline:Kop", "lead:D", "body/0:T"}));
  const std::string json = decoded.json();
  EXPECT_EQ(json_member(json, "by"), "\"B\"");
  EXPECT_EQ(json_member(json, "headlines"),
            R"([{"role":"main","contentType":"text/plain","value":"K\u006fp"}])");
  EXPECT_EQ(json_member(json, "descriptions"),
            R"([{"role":"caption_text","contentType":"text/plain","value":"D"}])");
  EXPECT_EQ(json_member(json, "bodies"),
            R"([{"role":"text","contentType":"text/plain","value":"T"},)"
            R"({"role":"xhtml","contentType":"text/html","value":"<p>T</p>"}])");
  EXPECT_EQ(other_members(decoded), "");
}

TEST(LegacyNinjs, ListsOfVersionOneKeepWhatTheyCannotSay) {
  const Decoded decoded(R"({"uri":"urn:x:1","headline":"k","versioncreated":"2013",
    "person":[{"name":"P","rel":"about","scheme":"http://s","code":"c"}],
    "subject":[{"name":"S","code":"medtop:1","relevance":100,"confidence":300}],
    "genre":[{"name":"g","code":"h"}],"trustindicator":[{"title":"t","href":"urn:h"}],
    "altids":{"slug":"x"},"renditions":{"small":{"href":"urn:r"}},"charcount":5,"guid":"g"})");
  const std::string json = decoded.json();
  EXPECT_EQ(json_member(json, "people"), R"([{"name":"P","rel":"about","literal":"c"}])");
  EXPECT_EQ(json_member(json, "subjects"),
            R"([{"name":"S","literal":"medtop:1","relevance":100}])");
  EXPECT_EQ(json_member(json, "genres"), R"([{"name":"g","literal":"h"}])");
  EXPECT_EQ(json_member(json, "altIds"), R"([{"role":"slug","value":"x"}])");
  const std::string others = other_members(decoded);
  EXPECT_EQ(json_member(others, "person"),
            R"([{"name":"P","rel":"about","scheme":"http://s","code":"c"}])");
  EXPECT_NE(json_member(others, "subject"), "");
  EXPECT_EQ(json_member(others, "genre"), "");
  EXPECT_EQ(json_member(others, "renditions"), R"({"small":{"href":"urn:r"}})");
  EXPECT_EQ(json_member(others, "charcount"), "5");
  EXPECT_EQ(json_member(others, "guid"), "\"g\"");
}

TEST(LegacyNinjs, GuidIsTheUriWhereThereIsNone) {
  const Decoded decoded(
      R"({"guid":"urn:newsml:x:1","versioncreated":"2013","headline":"k","priority":6})");
  EXPECT_EQ(decoded.article().uri, "urn:newsml:x:1");
  EXPECT_EQ(other_members(decoded), R"({"versionCreated":"2013","priority":6})");
}

TEST(LegacyNinjs, ListWinsOverTheOldText) {
  const Decoded decoded(
      R"({"uri":"urn:x:1","headline":"old","headlines":[{"value":"new"}],"pubstatus":"usable","pubStatus":"withheld"})");
  EXPECT_EQ(decoded.parts(), Strings{"headline:new"});
  EXPECT_EQ(decoded.article().pub_status, PubStatus::withheld);
  EXPECT_EQ(other_members(decoded), R"({"headline":"old","pubstatus":"usable"})");
}

}  // namespace
}  // namespace telex
