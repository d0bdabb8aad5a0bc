// The JSON Schemas name the same closed sets and limits as the code.
#include <gtest/gtest.h>
#include <simdjson.h>

#include "schemas/annotations.h"
#include "schemas/enriched.h"
#include "schemas/event_time.h"
#include "schemas/reason.h"

namespace telex {
namespace {

using Strings = std::vector<std::string>;

class JsonSchema : public ::testing::Test {
 protected:
  simdjson::dom::element load(const std::string& name) {
    return parser_.load(std::string(TELEX_SOURCE_DIR) + "/schemas/" + name + ".schema.json");
  }

  static Strings strings(simdjson::dom::element array) {
    Strings found;
    for (const std::string_view text : simdjson::dom::array(array)) found.emplace_back(text);
    return found;
  }

  template <class E>
  static Strings names_up_to(E last) {
    Strings names;
    for (std::size_t i = 0; i <= static_cast<std::size_t>(last); ++i) {
      names.emplace_back(to_string(static_cast<E>(i)));
    }
    return names;
  }

  simdjson::dom::parser parser_;
};

TEST_F(JsonSchema, EnrichedNamesEveryEnumerator) {
  const simdjson::dom::element schema = load("enriched");
  EXPECT_EQ(strings(schema.at_pointer("/$defs/evidence/properties/kind/enum")),
            names_up_to(EvidenceKind::detector));
  EXPECT_EQ(strings(schema.at_pointer("/$defs/evidence/properties/artefact/enum")),
            names_up_to(Artefact::article));
  EXPECT_EQ(strings(schema.at_pointer("/$defs/entityType/enum")), names_up_to(EntityType::object));
  const std::string mention = "/$defs/annotations/properties/mentions/items/properties/";
  EXPECT_EQ(strings(schema.at_pointer(mention + "form/enum")), names_up_to(MentionForm::adjective));
  EXPECT_EQ(strings(schema.at_pointer("/$defs/givenTime/properties/precision/enum")),
            names_up_to(DatePrecision::second));
  Strings duplicates = names_up_to(DuplicateKind::identical);
  duplicates.erase(duplicates.begin());  // None: then there is no such member.
  EXPECT_EQ(
      strings(schema.at_pointer("/$defs/annotations/properties/duplicate/properties/kind/enum")),
      duplicates);
}

TEST_F(JsonSchema, EnrichedQuotesTheLimitsAndTheVersion) {
  const simdjson::dom::element schema = load("enriched");
  const std::string annotations = "/$defs/annotations/properties/";
  EXPECT_EQ(std::string_view(schema["$id"]), kEnrichedSchemaUri);
  EXPECT_EQ(int64_t(schema.at_pointer(annotations + "version/const")), kAnnotationsVersion);
  EXPECT_EQ(uint64_t(schema.at_pointer(annotations + "mentions/maxItems")),
            ArticleLimits::kMentionsMax);
  EXPECT_EQ(uint64_t(schema.at_pointer(annotations + "parts/maxItems")), ArticleLimits::kPartsMax);
  EXPECT_EQ(uint64_t(schema.at_pointer(annotations + "parts/items/properties/bytes/maximum")),
            ArticleLimits::kTextBytesMax);
}

TEST_F(JsonSchema, DeadLetterNamesEveryReason) {
  const simdjson::dom::element schema = load("dead_letter");
  Strings reasons;
  for (const simdjson::dom::element rule :
       simdjson::dom::array(schema.at_pointer("/properties/headers/allOf"))) {
    if (std::string_view(rule.at_pointer("/contains/properties/name/const")) ==
        "telex-dlq-reason") {
      reasons = strings(rule.at_pointer("/contains/properties/value/enum"));
    }
  }
  Strings expected;
  for (const ReasonName& row : kReasonNames) {
    if (row.reason != Reason::none) expected.emplace_back(row.name);
  }
  EXPECT_EQ(reasons, expected);
}

}  // namespace
}  // namespace telex
