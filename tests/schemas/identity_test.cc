#include "schemas/identity.h"

#include <gtest/gtest.h>

namespace telex {
namespace {

struct UriCase {
  const char* name;
  std::string_view text;
  bool is_uri;
};
void PrintTo(const UriCase& row, std::ostream* out) { *out << row.name; }

class Uri : public ::testing::TestWithParam<UriCase> {};

TEST_P(Uri, IsToldFromOtherText) { EXPECT_EQ(is_uri(GetParam().text), GetParam().is_uri); }

INSTANTIATE_TEST_SUITE_P(
    Cases, Uri,
    ::testing::Values(UriCase{"http", "http://example.com/a?b=c#d", true},
                      UriCase{"urn", "urn:newsml:example.com:20250217:nl-0007:1", true},
                      UriCase{"tag", "tag:example.com,2025:article-1", true},
                      UriCase{"ipv6_host", "http://[::1]:8080/x", true},
                      UriCase{"escape", "http://example.com/a%20b", true},
                      UriCase{"query_right_after_host", "http://example.com?x", true},
                      UriCase{"no_scheme", "example.com/a", false},
                      UriCase{"bare_number", "12345", false},
                      UriCase{"scheme_begins_with_a_digit", "1a:b", false},
                      UriCase{"scheme_alone", "urn:", false}, UriCase{"only_a_colon", ":x", false},
                      UriCase{"space", "http://example.com/a b", false},
                      UriCase{"broken_escape", "http://example.com/%2", false},
                      UriCase{"escape_without_hex", "http://example.com/%zz", false},
                      UriCase{"letter_above_ascii", "http://example.com/Oekra\xC3\xAFne", false},
                      UriCase{"backslash", "c:\\temp", false},
                      UriCase{"bracket_in_the_path", "http://example.com/[x]", false},
                      UriCase{"two_fragments", "http://example.com/#a#b", false},
                      UriCase{"quotation_mark", "urn:x:\"", false}, UriCase{"empty", "", false}),
    [](const auto& row) { return row.param.name; });

std::string identity(const IdentityInputs& inputs) {
  std::string out;
  append_identity(inputs, out);
  return out;
}

TEST(Identity, PrefersUriThenIdThenKeyThenPlace) {
  IdentityInputs inputs{"http://example.com/1", "id",      "key", "anp", "raw",
                        Partition{3},           Offset{42}};
  EXPECT_EQ(identity(inputs), "http://example.com/1");
  inputs.body_uri = {};
  EXPECT_EQ(identity(inputs), "urn:telex:anp:id");
  inputs.body_id = {};
  EXPECT_EQ(identity(inputs), "urn:telex:anp:key");
  inputs.key = {};
  EXPECT_EQ(identity(inputs), "urn:telex:raw:3:42");
}

TEST(Identity, LeavesIdsThatAreUrisAlone) {
  EXPECT_EQ(identity({{}, "urn:a:b", {}, "anp", "raw", {}, {}}), "urn:a:b");
  EXPECT_EQ(identity({{}, {}, "urn:a:b", "anp", "raw", {}, {}}), "urn:a:b");
}

TEST(Identity, TakesTheTopicForASourceThatIsNotKnown) {
  EXPECT_EQ(identity({{}, "samples/nl-0007", {}, {}, "raw.articles", {}, {}}),
            "urn:telex:raw.articles:samples%2Fnl-0007");
}

TEST(Identity, EncodesWhatNoUriMayHold) {
  EXPECT_EQ(identity({"a b/\xC3\xAB", {}, {}, "de Volkskrant", "raw", {}, {}}),
            "urn:telex:de%20Volkskrant:a%20b%2F%C3%AB");
  EXPECT_EQ(identity({{}, {}, std::string_view("\0\xFF", 2), "s", "raw", {}, {}}),
            "urn:telex:s:%00%FF");
}

TEST(Identity, IsAlwaysAUri) {
  for (const std::string_view id : {"x", "%", "a:b c", "\xE2\x82\xAC", "[]", "#", "http://", "?"}) {
    EXPECT_TRUE(is_uri(identity({{}, id, {}, "s", "t", Partition{0}, Offset{0}}))) << id;
    EXPECT_TRUE(is_uri(identity({{}, {}, {}, id, id, Partition{0}, Offset{0}}))) << id;
  }
}

}  // namespace
}  // namespace telex
