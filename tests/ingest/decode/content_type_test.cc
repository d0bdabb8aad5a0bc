#include "ingest/decode/content_type.h"

#include <gtest/gtest.h>

namespace telex {
namespace {

struct TypeCase {
  const char* name;
  std::string_view media_type;
  ContentType type;
};
void PrintTo(const TypeCase& row, std::ostream* out) { *out << row.name; }

class MediaType : public ::testing::TestWithParam<TypeCase> {};

TEST_P(MediaType, MeansOneFormat) {
  EXPECT_EQ(static_cast<int>(content_type_from(GetParam().media_type)),
            static_cast<int>(GetParam().type));
}

INSTANTIATE_TEST_SUITE_P(
    Cases, MediaType,
    ::testing::Values(
        TypeCase{"empty", "", ContentType::unsaid},
        TypeCase{"bytes", "application/octet-stream", ContentType::unsaid},
        TypeCase{"json", "application/json", ContentType::json},
        TypeCase{"json_upper", "Application/JSON", ContentType::json},
        TypeCase{"json_utf8", "application/json; charset=UTF-8", ContentType::json},
        TypeCase{"json_quoted", "application/json;x=y; charset=\"utf-8\"", ContentType::json},
        TypeCase{"json_suffix", "application/vnd.example.article+json", ContentType::json},
        TypeCase{"ninjs", "application/ninjs+json", ContentType::ninjs},
        TypeCase{"ninjs_vendor", "application/vnd.iptc.ninjs+json", ContentType::ninjs},
        TypeCase{"text", "text/plain", ContentType::text},
        TypeCase{"text_ascii", "text/plain;charset=us-ascii", ContentType::text},
        TypeCase{"text_latin1", "text/plain;charset=iso-8859-1", ContentType::unsupported},
        TypeCase{"event", "application/cloudevents+json", ContentType::cloud_event},
        TypeCase{"event_avro", "application/cloudevents+avro", ContentType::unsupported},
        TypeCase{"html", "text/html", ContentType::unsupported},
        TypeCase{"xml", "application/xml", ContentType::unsupported},
        TypeCase{"nonsense", "json", ContentType::unsupported}),
    [](const auto& row) { return row.param.name; });

TEST(ContentTypeHeader, IsTheLastInAnyCase) {
  const Header headers[] = {{"content-type", "a"}, {"Content-Type", "b"}, {"content-typo", "c"}};
  EXPECT_EQ(content_type_header(headers), "b");
  EXPECT_EQ(content_type_header({}), "");
}

}  // namespace
}  // namespace telex
