#include "ingest/decode/decoder.h"

#include <rapidcheck.h>

#include <gtest/gtest.h>
#include <simdjson.h>

#include "schemas/json_slices.h"
#include "schemas/json_writer.h"
#include "tests/support/decoding.h"

namespace telex {
namespace {

using namespace std::string_literals;
using testing::Decoded;
using testing::options_for;

constexpr std::string_view kSecret = "geheim";  // Stands in articles, never in a message.

std::string nested(int levels) {
  return R"({"body":"x","deep":)" + std::string(static_cast<std::size_t>(levels) - 1, '[') + "1" +
         std::string(static_cast<std::size_t>(levels) - 1, ']') + "}";
}

struct RefusedCase {
  const char* name;
  std::string value;
  Reason reason;
  std::string message;
  DecodeFormat format = DecodeFormat::automatic;
  std::string content_type = {};
};
void PrintTo(const RefusedCase& row, std::ostream* out) { *out << row.name; }

class Refused : public ::testing::TestWithParam<RefusedCase> {};

TEST_P(Refused, WithAReasonAndAMessage) {
  const RefusedCase& row = GetParam();
  std::vector<Header> headers;
  if (!row.content_type.empty()) headers.push_back({"content-type", row.content_type});
  const Decoded decoded(row.value, options_for(row.format), headers);
  EXPECT_EQ(decoded.kind(), VerdictKind::faulty);
  EXPECT_EQ(to_string(decoded.reason()), to_string(row.reason));
  EXPECT_EQ(decoded.message(), row.message);
  EXPECT_EQ(decoded.message().find(kSecret), std::string::npos);
  EXPECT_EQ(decoded.record().value, row.value);
}

const std::string kNotStructured =
    "not JSON: The JSON document has an improper structure: missing or superfluous commas, braces, "
    "missing keys, etc.";
const std::string kBadString = "not JSON: Problem while parsing a string";
const std::string kNoText = "no headline, lead or body with a visible character";

INSTANTIATE_TEST_SUITE_P(
    Cases, Refused,
    ::testing::Values(
        RefusedCase{"no_bytes", "", Reason::empty_value, "no bytes"},
        RefusedCase{"byte_order_mark_alone", "\xEF\xBB\xBF", Reason::empty_value,
                    "a byte order mark and nothing else"},
        RefusedCase{"white_space_where_json_is_due", " \n", Reason::empty_value,
                    "nothing but white space", DecodeFormat::json},
        RefusedCase{"not_utf8", "{\"body\":\"caf\xE9 geheim\"}", Reason::not_utf8,
                    "not UTF-8 at byte 12"},
        RefusedCase{"not_utf8_before_not_json", "{\xFF", Reason::not_utf8, "not UTF-8 at byte 1"},
        RefusedCase{"not_utf8_behind_the_mark", "\xEF\xBB\xBFgeheim\x80", Reason::not_utf8,
                    "not UTF-8 at byte 9"},
        RefusedCase{"not_utf8_text", "caf\xE9", Reason::not_utf8, "not UTF-8 at byte 3",
                    DecodeFormat::text},
        RefusedCase{"cut_short", R"({"body":"geheim)", Reason::malformed_json,
                    "not JSON: A string is opened, but never closed."},
        RefusedCase{"brace_and_no_json", "{geheim}", Reason::malformed_json, kNotStructured},
        RefusedCase{"trailing_comma", R"({"body":"x",})", Reason::malformed_json, kNotStructured},
        RefusedCase{"bad_escape", R"({"body":"\x geheim"})", Reason::malformed_json, kBadString},
        RefusedCase{"text_where_json_is_due", "geheim", Reason::malformed_json,
                    "not JSON: The JSON document has an improper structure: missing or superfluous "
                    "commas, braces, missing keys, etc.",
                    DecodeFormat::json},
        RefusedCase{"high_surrogate_alone", R"({"body":"geheim \ud83d."})", Reason::lone_surrogate,
                    "half a surrogate pair at byte 16 of the JSON"},
        RefusedCase{"low_surrogate_alone", R"({"body":"\ude00"})", Reason::lone_surrogate,
                    "half a surrogate pair at byte 9 of the JSON"},
        RefusedCase{"surrogates_swapped", R"({"a":"\\ud83d","body":"\ude00\ud83d"})",
                    Reason::lone_surrogate, "half a surrogate pair at byte 23 of the JSON"},
        RefusedCase{"surrogate_behind_a_bad_escape", R"({"a":"\x","body":"\ud83d"})",
                    Reason::malformed_json, kBadString},
        RefusedCase{"array", R"([{"body":"geheim"}])", Reason::not_an_object,
                    "a JSON array where an article was due"},
        RefusedCase{"number_as_json", "5", Reason::not_an_object,
                    "JSON, but no object where an article was due", DecodeFormat::json},
        RefusedCase{"string_as_json", R"("geheim")", Reason::not_an_object,
                    "JSON, but no object where an article was due", DecodeFormat::automatic,
                    "application/json"},
        RefusedCase{"too_deep", nested(257), Reason::too_deep, "nested deeper than 256 levels"},
        RefusedCase{"body_is_an_object", R"({"body":{"geheim":1}})", Reason::wrong_type,
                    "/body: an object where a string was due"},
        RefusedCase{"headline_is_a_number", R"({"headline":5,"body":"x"})", Reason::wrong_type,
                    "/headline: a number where a string was due"},
        RefusedCase{"second_body_is_null", R"({"body":["x",null]})", Reason::wrong_type,
                    "/body/1: null where a string was due"},
        RefusedCase{"id_is_a_boolean", R"({"id":true,"body":"x"})", Reason::wrong_type,
                    "/id: a boolean where a string was due"},
        RefusedCase{"nothing_mapped", R"({"geheim":"x"})", Reason::no_text, kNoText},
        RefusedCase{"only_invisible", "{\"body\":\"\\u200b \\u00a0\\u00ad\\n\"}", Reason::no_text,
                    kNoText},
        RefusedCase{"only_tags", R"({"body":"<p>&nbsp;</p><br>"})", Reason::no_text, kNoText},
        RefusedCase{"only_a_date_line", " date 2025-02 ", Reason::no_text, kNoText},
        RefusedCase{"unknown_status", R"({"body":"x","pubStatus":"geheim"})", Reason::bad_field,
                    "pub_status is not usable, withheld or canceled"},
        RefusedCase{"xml", "<a/>", Reason::unsupported_content_type,
                    "content-type application/xml is none that telex reads",
                    DecodeFormat::automatic, "application/xml"},
        RefusedCase{"latin1", "x", Reason::unsupported_content_type,
                    "content-type text/plain;?charset=iso-8859-1 is none that telex reads",
                    DecodeFormat::automatic, "text/plain; charset=iso-8859-1"},
        RefusedCase{"event_without_data", R"({"specversion":"1.0"})", Reason::empty_value,
                    "a CloudEvent without data", DecodeFormat::automatic,
                    "application/cloudevents+json"},
        RefusedCase{"event_with_bytes", R"({"data_base64":"eA=="})",
                    Reason::unsupported_content_type, "a CloudEvent with data_base64",
                    DecodeFormat::automatic, "application/cloudevents+json"},
        RefusedCase{"event_batch", "[]", Reason::unsupported_content_type,
                    "content-type application/cloudevents-batch+json is none that telex reads",
                    DecodeFormat::automatic, "application/cloudevents-batch+json"},
        RefusedCase{"event_around_a_string", R"({"data":"geheim"})", Reason::not_an_object,
                    "JSON, but no object where an article was due", DecodeFormat::automatic,
                    "application/cloudevents+json"}),
    [](const auto& row) { return row.param.name; });

TEST(Limits, RawBytes) {
  const std::string limit(ArticleLimits::kRawBytesMax, 'x');
  EXPECT_EQ(Decoded(limit + "x").reason(), Reason::too_large);
  EXPECT_EQ(Decoded(limit + "x").message(), "8388609 bytes; the limit is 8388608");
  EXPECT_EQ(Decoded(limit).reason(), Reason::text_too_large);
}

TEST(Limits, Depth) { EXPECT_TRUE(Decoded(nested(256)).publishes()); }

TEST(Limits, TextBytesOverAllParts) {
  const std::string half(ArticleLimits::kTextBytesMax / 2, 'x');
  EXPECT_TRUE(Decoded("{\"title\":\"" + half + "\",\"body\":\"" + half + "\"}").publishes());
  EXPECT_EQ(Decoded("{\"title\":\"" + half + "\",\"body\":\"" + half + "x\"}").reason(),
            Reason::text_too_large);
}

TEST(Limits, Parts) {
  const auto bodies = [](int count) {
    std::string json = R"({"title":"t","body":["x")";
    for (int i = 1; i < count; ++i) json += R"(,"x")";
    return json + "]}";
  };
  EXPECT_TRUE(Decoded(bodies(63)).publishes());
  EXPECT_EQ(Decoded(bodies(64)).reason(), Reason::too_many_parts);
}

TEST(Format, ByteOrderMarkIsLeftOut) {
  EXPECT_EQ(Decoded("\xEF\xBB\xBF{\"body\":\"x\"}").parts(), std::vector{"body/0:x"s});
  EXPECT_EQ(Decoded("\xEF\xBB\xBFx").parts(), std::vector{"body/0:x"s});
}

TEST(Format, HeaderDecidesBeforeConfiguration) {
  const std::string json = R"({"body":"x"})";
  const Decoded text(json, options_for(DecodeFormat::json), {{"content-type", "text/plain"}});
  EXPECT_EQ(text.parts(), std::vector{"body/0:" + json});
  const Decoded object(json, options_for(DecodeFormat::text),
                       {{"Content-Type", "application/json"}});
  EXPECT_EQ(object.parts(), std::vector{"body/0:x"s});
}

TEST(Format, ConfigurationDecidesBeforeTheFirstByte) {
  const std::string json = R"({"body":"x"})";
  EXPECT_EQ(Decoded(json, options_for(DecodeFormat::text)).parts(), std::vector{"body/0:" + json});
}

TEST(Format, FirstVisibleByteDecidesLast) {
  EXPECT_EQ(Decoded(" \n{\"body\":\"x\"}").parts(), std::vector{"body/0:x"s});
  EXPECT_EQ(Decoded("[video] Brand").parts(), std::vector{"body/0:[video] Brand"s});
  EXPECT_EQ(Decoded("\"Quote\"").parts(), std::vector{"body/0:\"Quote\""s});
}

TEST(Format, TopicsHaveOptionsOfTheirOwn) {
  DecodeOptions options;
  options.topics["raw.articles"].format = DecodeFormat::text;
  options.topics["raw.articles"].source = "ANP";
  const Decoded decoded(R"({"body":"x"})", options);
  EXPECT_EQ(decoded.article().format, InputFormat::plain_text);
  EXPECT_EQ(decoded.article().source, "ANP");
  options.topics.clear();
  options.topics["other"].format = DecodeFormat::text;
  EXPECT_EQ(Decoded(R"({"body":"x"})", options).article().format, InputFormat::json_map);
}

TEST(Format, NamesReadBack) {
  for (const std::string_view name : {"auto", "json", "ninjs", "text"}) {
    ASSERT_TRUE(decode_format_from(name).has_value());
    EXPECT_EQ(to_string(*decode_format_from(name)), name);
  }
  EXPECT_FALSE(decode_format_from("xml").has_value());
}

TEST(CloudEvent, IsOpenedAndItsDataRead) {
  const std::vector<Header> headers{
      {"content-type", "application/cloudevents+json; charset=utf-8"}};
  const Decoded json(
      R"({"specversion":"1.0","id":"e1","source":"urn:wire","data":{"id":"a","body":"x"}})", {},
      headers);
  EXPECT_EQ(json.parts(), std::vector{"body/0:x"s});
  EXPECT_EQ(json.article().source, "urn:wire");
  EXPECT_EQ(json.article().uri, "urn:telex:urn%3Awire:a");
  const Decoded text(R"({"datacontenttype":"text/plain","data":"date 2025 caf\u00e9"})", {},
                     headers);
  EXPECT_EQ(text.parts(), std::vector{"body/0:café"s});
  EXPECT_EQ(text.article().published.text, "2025");
  const Decoded ninjs(
      R"({"data":{"uri":"urn:x:1","bodies":[{"value":"n"}],"urgency":  4}, "type":"t"})", {},
      headers);
  EXPECT_EQ(ninjs.article().format, InputFormat::ninjs);
  EXPECT_EQ(ninjs.parts(), std::vector{"body/0:n"s});
  EXPECT_EQ(json_member(ninjs.json(), "urgency"), "4");
}

TEST(Identity, ComesFromBodyThenKeyThenPlace) {
  EXPECT_EQ(Decoded(R"({"uri":"urn:a:1","id":"2","body":"x"})", {}, {}, "k").article().uri,
            "urn:a:1");
  EXPECT_EQ(Decoded(R"({"id":2,"source":"anp","body":"x"})", {}, {}, "k").article().uri,
            "urn:telex:anp:2");
  EXPECT_EQ(Decoded(R"({"body":"x"})", {}, {}, "k").article().uri, "urn:telex:raw.articles:k");
  EXPECT_EQ(Decoded(R"({"body":"x"})").article().uri, "urn:telex:raw.articles:0:7");
  EXPECT_EQ(Decoded("x", options_for(DecodeFormat::text, "anp"), {}, "k").article().uri,
            "urn:telex:anp:k");
}

TEST(Tombstone, IsADeletionOfItsKey) {
  const Decoded decoded(std::string_view(), {}, {}, "urn:a:1");
  EXPECT_EQ(decoded.kind(), VerdictKind::deletion);
  EXPECT_EQ(decoded.record().key, "urn:a:1");
  EXPECT_EQ(decoded.record().value.data(), nullptr);
}

TEST(Decoder, LeavesRowsWithAVerdictAlone) {
  Batch batch;
  RawRecord raw;
  raw.topic = batch.intern_topic("t");
  raw.value = "x";
  raw.offset = Offset{0};
  ASSERT_TRUE(batch.append(raw));
  batch.set_verdict(0, VerdictKind::filtered, Reason::none, "before", "");
  DecodeStage().decode(batch);
  EXPECT_EQ(batch.verdict(0).stage, "before");
  EXPECT_TRUE(batch.article(0).parts.empty());
}

TEST(Decoder, OneFaultDoesNotTouchItsNeighbours) {
  Batch batch;
  RawRecord raw;
  raw.topic = batch.intern_topic("t");
  const std::string large = "{\"body\":\"" + std::string(1500000, 'x') + "\"}";
  const std::string_view values[] = {R"({"body":"a"})", "{", "\xFF", large, R"({"body":"b"})"};
  for (int i = 0; i < 5; ++i) {
    raw.offset = Offset{i};
    raw.value = values[i];
    ASSERT_TRUE(batch.append(raw));
  }
  DecodeStage stage;
  stage.decode(batch);
  EXPECT_EQ(batch.article(0).parts[0].text, "a");
  EXPECT_EQ(batch.verdict(1).reason, Reason::malformed_json);
  EXPECT_EQ(batch.verdict(2).reason, Reason::not_utf8);
  EXPECT_EQ(batch.article(3).parts[0].text.size(), 1500000U);
  EXPECT_EQ(batch.article(4).parts[0].text, "b");
}

// The arena is made for the worst: a batch full of ids that grow when they are percent-encoded.
TEST(Decoder, FullBatchOfLongIdsHasRoom) {
  Batch batch({5000, 1U << 20});
  RawRecord raw;
  raw.topic = batch.intern_topic(std::string(249, 't'));
  for (int i = 0;; ++i) {
    raw.offset = Offset{i};
    const std::string value =
        R"({"id":")" + std::string(i % 3 == 0 ? 900 : 3, '%') + R"(","body":"x"})";
    raw.value = value;
    if (!batch.append(raw)) break;
  }
  DecodeStage().decode(batch);
  for (std::uint32_t row = 0; row < batch.size(); ++row) ASSERT_TRUE(batch.publishes(row)) << row;
}

TEST(Decoder, ARefusalSaysWhoSentItWhereThatIsKnown) {
  DecodeOptions options;
  options.topics["configured"].source = "configured-source";
  const auto source_of = [&options](std::string_view topic, std::string_view value) {
    Batch batch;
    RawRecord raw;
    raw.topic = batch.intern_topic(topic);
    raw.partition = Partition{0};
    raw.offset = Offset{0};
    raw.value = value;
    EXPECT_TRUE(batch.append(raw));
    DecodeStage(options).decode(batch);
    EXPECT_EQ(batch.verdict(0).kind, VerdictKind::faulty);
    EXPECT_TRUE(batch.article(0).parts.empty());
    return std::string(batch.article(0).source);
  };
  EXPECT_EQ(source_of("raw", R"({"source":"anp","body":" "})"), "anp");
  EXPECT_EQ(source_of("configured", R"({"source":"anp","body":" "})"), "anp");
  EXPECT_EQ(source_of("configured", "{\xFF"), "configured-source");
  EXPECT_EQ(source_of("raw", "{\xFF"), "");
}

// What goes in as text comes out as the same text.
TEST(Decoder, TextSurvivesDecodingAndEncoding) {
  EXPECT_TRUE(rc::check([](const std::string& bytes) {
    std::string text = bytes;
    if (!simdjson::validate_utf8(text.data(), text.size())) {
      for (char& c : text) c = static_cast<char>(c & 0x7F);
    }
    text += "x";  // Something to see.
    std::string json = "{\"headline\":\"";
    json += "h\",\"body\":";
    append_json_string(text, json);
    json += "}";
    const Decoded decoded(json);
    RC_ASSERT(decoded.publishes());
    simdjson::dom::parser parser;
    const std::string record = decoded.json();
    const simdjson::dom::element item = parser.parse(record);
    RC_ASSERT(std::string_view(item.at_pointer("/bodies/0/value")) == text);
  }));
}

// Bytes of any kind: a verdict, never a crash, and the same one twice.
TEST(Decoder, AnyBytesGiveOneVerdict) {
  EXPECT_TRUE(rc::check([](const std::string& bytes, bool brace) {
    const std::string value = (brace ? "{\"body\":" : "") + bytes;
    const Decoded once(value);
    const Decoded twice(value);
    RC_ASSERT(once.kind() == twice.kind());
    RC_ASSERT(once.message() == twice.message());
    RC_ASSERT(once.record().value == twice.record().value);
  }));
}

}  // namespace
}  // namespace telex
