#include "schemas/enriched.h"

#include <map>

#include <gtest/gtest.h>
#include <simdjson.h>

#include "schemas/json_slices.h"
#include "tests/support/public_data.h"
#include "tests/support/record_dump.h"

namespace telex {
namespace {

constexpr std::string_view kHeadline = "Top in Parijs over \"Oekraïne\"";
constexpr std::string_view kBody =
    "Premier Schoof is in Parijs.\n\nVredestroepen\n\nOekraïense troepen en NAVO-chef Jan "
    "Voorbeeld.";

Provenance provenance() {
  Provenance from;
  from.telex_version = "0.1.0";
  from.pack_digest = "0123456789abcdef0123456789abcdef";
  from.pack_version = "2026-11";
  from.rules_digest = "fedcba9876543210fedcba9876543210";
  from.config_digest = "00112233445566778899aabbccddeeff";
  from.vocabulary = "IPTC Media Topics 2026-07-02";
  return from;
}

ByteRange range_of(std::string_view text, std::string_view word) {
  const auto begin = static_cast<std::uint32_t>(text.find(word));
  return {begin, begin + static_cast<std::uint32_t>(word.size())};
}

ByteRange code_points_of(std::string_view text, ByteRange bytes) {
  const auto count = [text](std::uint32_t end) {
    std::uint32_t points = 0;
    for (const char c : text.substr(0, end)) points += (c & 0xC0) != 0x80 ? 1U : 0U;
    return points;
  };
  return {count(bytes.begin), count(bytes.end)};
}

Evidence reason(EvidenceKind kind, Artefact artefact, std::string_view entry, Score weight) {
  Evidence found;
  found.kind = kind;
  found.artefact = artefact;
  found.entry = entry;
  found.weight = weight;
  found.margin = kScoreMax;
  return found;
}

// A batch of one row, an article put together by hand, and what was found in it.
class Enriched : public ::testing::Test {
 protected:
  void SetUp() override {
    RawRecord raw;
    raw.topic = batch_.intern_topic("raw.articles");
    raw.partition = Partition{3};
    raw.offset = Offset{42};
    raw.timestamp = 1739787072000;
    raw.value = "{}";
    raw.headers = raw_headers_;
    ASSERT_TRUE(batch_.append(raw));
    article_.uri = "urn:telex:anp:1";
    annotations_.reset(1);
  }

  void part(PartKind kind, std::string_view text, std::uint16_t index = 0,
            TextFormat format = TextFormat::plain) {
    parts_.push_back({text, kind, format, index});
  }

  IndexRange evidence(std::vector<Evidence> reasons) {
    const IndexRange range{static_cast<std::uint32_t>(annotations_.evidence.size()),
                           static_cast<std::uint32_t>(reasons.size())};
    annotations_.evidence.insert(annotations_.evidence.end(), reasons.begin(), reasons.end());
    return range;
  }

  std::uint32_t mention(std::uint16_t part, std::string_view word, EntityType type,
                        MentionForm form, std::uint32_t entity) {
    Mention found;
    found.part = part;
    found.type = type;
    found.form = form;
    found.bytes = range_of(parts_[part].text, word);
    found.code_points = code_points_of(parts_[part].text, found.bytes);
    found.entity = entity;
    annotations_.mentions.push_back(found);
    ++annotations_.rows[0].mentions.count;
    return static_cast<std::uint32_t>(annotations_.mentions.size() - 1);
  }

  Entity& entity(EntityType type, std::string_view uri, std::string_view name, Score relevance,
                 std::uint32_t mentions = 1) {
    Entity found;
    found.type = type;
    found.uri = uri;
    found.name = name;
    found.relevance = relevance;
    found.type_confidence = 97;
    found.link_confidence = uri.empty() ? Score{0} : Score{93};
    found.mention_count = mentions;
    annotations_.entities.push_back(found);
    ++annotations_.rows[0].entities.count;
    return annotations_.entities.back();
  }

  void topic(std::string_view code, std::string_view uri, std::string_view name,
             std::string_view broader, Score relevance) {
    Topic found;
    found.code = code;
    found.uri = uri;
    found.name = name;
    found.broader = broader;
    found.relevance = relevance;
    found.confidence = 90;
    annotations_.topics.push_back(found);
    ++annotations_.rows[0].topics.count;
  }

  void pass(std::string_view name, std::string_view json) {
    article_.format = InputFormat::ninjs;
    pass_through_.push_back({name, json});
  }

  // The record's value.
  std::string encode() {
    article_.parts = parts_;
    article_.headings = headings_;
    article_.pass_through = pass_through_;
    batch_.set_article(0, article_);
    records_.clear();
    const std::uint64_t bytes =
        add_enriched(batch_, 0, annotations_, provenance(), "telex", records_);
    testing::dump_record(records_[0]);
    EXPECT_EQ(records_[0].value.size(), bytes);
    return std::string(records_[0].value);
  }

  // The names of the record's members, in order.
  static std::vector<std::string> names_of(std::string_view json) {
    std::vector<std::string> names;
    for (JsonMembers members(json); members.next();) names.emplace_back(members.name());
    return names;
  }

  std::map<std::string, std::string> headers() const {
    std::map<std::string, std::string> found;
    for (std::uint32_t i = 0; i < records_[0].headers.size(); ++i) {
      const Header header = records_[0].headers[i];
      found[std::string(header.name)] = header.value;
    }
    return found;
  }

  // The article of the golden record.
  void golden_article() {
    article_.source = "ANP";
    article_.language = "nl-NL";
    article_.version = "2";
    article_.published = {1738368000000, DatePrecision::month, "2025-02"};
    article_.version_created = {1739787072000, DatePrecision::second, "2025-02-17T11:11:12+01:00"};
    part(PartKind::headline, kHeadline);
    part(PartKind::body, kBody);
    headings_.push_back({1, range_of(kBody, "Vredestroepen")});
    annotations_.rows[0].language = {LanguageCode::from_tag("nl"), 99, {}};
    Evidence hint = reason(EvidenceKind::publisher_hint, Artefact::publisher, "nl-NL", 60);
    Evidence vote = reason(EvidenceKind::stop_words, Artefact::detector, "nl", 40);
    vote.margin = 80;
    vote.runner_up = "af";
    annotations_.rows[0].language.evidence = evidence({hint, vote});
    mention(0, "Parijs", EntityType::place, MentionForm::name, 1);
    mention(0, "Oekraïne", EntityType::place, MentionForm::name, 2);
    const std::uint32_t schoof = mention(1, "Schoof", EntityType::person, MentionForm::surname, 0);
    mention(1, "Parijs", EntityType::place, MentionForm::name, 1);
    mention(1, "Oekraïense", EntityType::place, MentionForm::adjective, 2);
    mention(1, "NAVO", EntityType::organisation, MentionForm::compound, kNoEntity);
    const std::uint32_t unknown =
        mention(1, "Jan Voorbeeld", EntityType::person, MentionForm::name, 3);
    Evidence title = reason(EvidenceKind::title_before, Artefact::article, "Premier", 30);
    title.part = 1;
    title.range = range_of(kBody, "Premier");
    annotations_.mentions[schoof].evidence = evidence({title});
    Entity& person = entity(EntityType::person, "urn:example:person:1", "Dick Schoof", 88, 1);
    Evidence office =
        reason(EvidenceKind::office, Artefact::pack, "prime_minister NL 2024-07-02..", 70);
    office.margin = 75;
    office.runner_up = "Schoof (village)";
    person.evidence = evidence({office});
    entity(EntityType::place, "https://sws.geonames.org/2988507/", "Paris", 49, 2);
    entity(EntityType::place, "http://www.wikidata.org/entity/Q212", "Ukraine", 98, 1)
        .adjective_count = 1;
    Entity& nobody = entity(EntityType::person, "", "", 20, 1);
    nobody.literal = unknown;
    topic("medtop:11000000", "http://cv.iptc.org/newscodes/mediatopic/11000000",
          "politics and government", "", 93);
    Evidence word = reason(EvidenceKind::rule_word, Artefact::rules, "premier", 12);
    word.count = 3;
    word.count_heading = 1;
    annotations_.topics[0].evidence = evidence({word});
    topic("medtop:20000640", "http://cv.iptc.org/newscodes/mediatopic/20000640", "summit meetings",
          "medtop:11000000", 41);
  }

  std::vector<Header> raw_headers_{{"traceparent", "00-a-b-01"}, {"other", "x"}};
  Batch batch_;
  Article article_;
  std::vector<Part> parts_;
  std::vector<Heading> headings_;
  std::vector<PassThrough> pass_through_;
  Annotations annotations_;
  Records records_;
};

// Version 1 of annotations, byte for byte. If this fails, either the change is a mistake, or it
// adds a member (then the golden record is renewed), or it needs a new version.
TEST_F(Enriched, AnnotationsVersionOneStayAsTheyAre) {
  golden_article();
  std::string golden =
      testing::file_bytes(std::string(TELEX_SOURCE_DIR) + "/tests/schemas/golden/enriched_1.json");
  ASSERT_TRUE(golden.ends_with('\n'));
  golden.pop_back();
  EXPECT_EQ(encode(), golden);
}

// Additive: who does not know the member reads the same record.
TEST_F(Enriched, ARepeatHasOneMemberMore) {
  golden_article();
  const std::string plain = encode();
  annotations_.rows[0].duplicate = {DuplicateKind::identical, Offset{17}};
  std::string marked = encode();
  const std::string_view mark =
      R"(,"duplicate":{"kind":"identical","topic":"raw.articles","partition":3,"offset":17})";
  const std::size_t at = marked.find(mark);
  ASSERT_NE(at, std::string::npos) << marked;
  marked.erase(at, mark.size());
  EXPECT_EQ(marked, plain);
}

TEST_F(Enriched, SameInputGivesTheSameBytes) {
  golden_article();
  EXPECT_EQ(encode(), encode());
}

TEST_F(Enriched, KeyIsTheIdentityAndTimestampTheSourceRecords) {
  golden_article();
  encode();
  EXPECT_EQ(records_[0].key, "urn:telex:anp:1");
  EXPECT_EQ(records_[0].timestamp, 1739787072000);
  EXPECT_EQ(records_[0].destination, Destination::enriched);
}

TEST_F(Enriched, HeadersAreACloudEvent) {
  golden_article();
  article_.source = "de Volkskrant";
  encode();
  const std::map<std::string, std::string> expected{{"ce_specversion", "1.0"},
                                                    {"ce_type", "telex.article.enriched"},
                                                    {"ce_source", "de%20Volkskrant"},
                                                    {"ce_id", "raw.articles:3:42"},
                                                    {"ce_time", "2025-02-17T11:11:12+01:00"},
                                                    {"content-type", "application/json"},
                                                    {"traceparent", "00-a-b-01"}};
  EXPECT_EQ(headers(), expected);
}

TEST_F(Enriched, WithoutSourceOrTimeTheEventSaysSo) {
  part(PartKind::body, "x");
  article_.published = {0, DatePrecision::month, "2025-02"};
  encode();
  EXPECT_EQ(headers()["ce_source"], "telex");
  EXPECT_FALSE(headers().contains("ce_time"));
}

TEST_F(Enriched, LanguageIsThePublishersTagElseWhatWasFound) {
  part(PartKind::body, "x");
  annotations_.rows[0].language.code = LanguageCode::from_tag("nl");
  EXPECT_EQ(json_member(encode(), "language"), "\"nl\"");
  article_.language = "nl-BE";
  EXPECT_EQ(json_member(encode(), "language"), "\"nl-BE\"");
  article_.language = "Dutch, probably";
  EXPECT_EQ(json_member(encode(), "language"), "\"nl\"");
  annotations_.rows[0].language.code = {};
  EXPECT_EQ(json_member(encode(), "language"), "");
}

TEST_F(Enriched, OnlyHonestTimesStandInTheItem) {
  part(PartKind::body, "x");
  article_.published = {0, DatePrecision::day, "2025-02-17"};
  article_.version_created = {1739787072000, DatePrecision::second,
                              "Mon, 17 Feb 2025 11:11:12 +0100"};
  const std::string json = encode();
  EXPECT_EQ(json_member(json, "firstCreated"), "");
  EXPECT_EQ(json_member(json, "versionCreated"), "\"2025-02-17T10:11:12Z\"");
  const std::string_view annotations = json_member(json, "annotations");
  EXPECT_EQ(json_member(annotations, "published"), R"({"text":"2025-02-17","precision":"day"})");
}

TEST_F(Enriched, WithdrawnItemSaysSoAndNeedsNoText) {
  article_.pub_status = PubStatus::canceled;
  EXPECT_EQ(json_member(encode(), "pubStatus"), "\"canceled\"");
}

TEST_F(Enriched, EntityKnownByAdjectivesOnlyIsNotListed) {
  part(PartKind::body, "Oekraïense troepen");
  mention(0, "Oekraïense", EntityType::place, MentionForm::adjective, 0);
  entity(EntityType::place, "http://www.wikidata.org/entity/Q212", "Ukraine", 40, 0)
      .adjective_count = 1;
  const std::string json = encode();
  EXPECT_EQ(json_member(json, "places"), "");
  EXPECT_NE(json_member(json_member(json, "annotations"), "entities"), "[]");
}

TEST_F(Enriched, PartsStandWhereTheirPointersSay) {
  part(PartKind::title, "title");
  part(PartKind::headline, "headline 0");
  part(PartKind::headline, "headline 1", 1);
  part(PartKind::lead, "lead \\ë");
  part(PartKind::body, "body 0");
  part(PartKind::body, "<p>body</p>", 1, TextFormat::html);
  // simdjson looks for the value of a title, which is a string, at /title itself.
  simdjson::dom::parser parser;
  const std::string json = encode();
  const simdjson::dom::element record = parser.parse(json);
  std::vector<std::string> names;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    std::string pointer;
    append_part_pointer(parts_[i], pointer);
    append_part_name(parts_[i], names.emplace_back());
    EXPECT_EQ(std::string_view(record.at_pointer(pointer)), parts_[i].text) << pointer;
  }
  EXPECT_EQ(names, (std::vector<std::string>{"title", "headline", "headline/1", "lead", "body/0",
                                             "body/1"}));
  EXPECT_EQ(std::string_view(record.at_pointer("/bodies/1/contentType")), "text/html");
}

TEST_F(Enriched, EntitiesOfOtherRowsStayThere) {
  part(PartKind::body, "Parijs");
  // Row 0 owns the second entity of the batch; its ordinal in the record is 0.
  annotations_.entities.push_back({});
  annotations_.rows[0].entities = {1, 0};
  entity(EntityType::place, "urn:paris", "Paris", 60);
  mention(0, "Parijs", EntityType::place, MentionForm::name, 1);
  simdjson::dom::parser parser;
  const std::string json = encode();
  const simdjson::dom::element record = parser.parse(json);
  EXPECT_EQ(int64_t(record.at_pointer("/annotations/mentions/0/entity")), 0);
  EXPECT_EQ(json_member(json, "places"), R"([{"name":"Paris","rel":"about","uri":"urn:paris"}])");
}

// --- ninjs input -------------------------------------------------------------------------------

TEST_F(Enriched, MembersOfTheItemLeaveAsTheyCame) {
  part(PartKind::headline, "Kop");
  pass("uri", "\"urn:telex:anp:1\"");
  pass("type", "\"picture\"");
  pass("urgency", "4");
  pass("headlines", "[ {\"value\" : \"K\\u006fp\"} ]");
  pass("renditions", R"([{"name":"a","width":1.50e1}])");
  const std::string json = encode();
  EXPECT_EQ(names_of(json), (std::vector<std::string>{"uri", "type", "urgency", "headlines",
                                                      "renditions", "standard", "annotations"}));
  EXPECT_EQ(json_member(json, "type"), "\"picture\"");
  EXPECT_EQ(json_member(json, "headlines"), "[ {\"value\" : \"K\\u006fp\"} ]");
  EXPECT_EQ(json_member(json, "renditions"), R"([{"name":"a","width":1.50e1}])");
}

TEST_F(Enriched, WhatNinjsHasNoPlaceForIsKeptApart) {
  part(PartKind::headline, "Kop");
  pass("headlines", R"([{"value":"Kop"}])");
  pass("uri", "\"not a uri\"");
  pass("priority", "6");
  pass("urgency", "\"high\"");
  pass("type", "\"article\"");
  pass("standard", R"({"name":"ninjs","version":"3.0"})");
  pass("annotations", "[1, 2]");
  pass("quo\"te", "null");
  const std::string json = encode();
  EXPECT_EQ(names_of(json),
            (std::vector<std::string>{"uri", "type", "headlines", "standard", "annotations"}));
  EXPECT_EQ(json_member(json, "type"), "\"text\"");
  EXPECT_EQ(json_member(json_member(json, "annotations"), "otherMembers"),
            R"({"uri":"not a uri","priority":6,"urgency":"high","type":"article",)"
            R"("standard":{"name":"ninjs","version":"3.0"},"annotations":[1, 2],"quo\"te":null})");
}

TEST_F(Enriched, EditorsElementsStandFirstAndAreNotDoubled) {
  part(PartKind::body, "Parijs, Londen");
  entity(EntityType::place, "urn:paris", "Paris", 60);
  entity(EntityType::place, "urn:london", "London", 10);
  pass("bodies", R"([{"value":"Parijs, Londen"}])");
  pass("places", R"([ {"name":"Parijs", "uri":"urn:paris"}, {"name":"Rome"} ])");
  pass("people", "[]");
  pass("subjects", R"([{"name":"x","creator":"editor"},{"name":"y"}])");
  topic("medtop:1", "urn:topic", "topic", "", 70);
  const std::string json = encode();
  EXPECT_EQ(json_member(json, "places"),
            R"([{"name":"Parijs", "uri":"urn:paris"},{"name":"Rome"},)"
            R"({"name":"London","rel":"mentions","uri":"urn:london"}])");
  EXPECT_EQ(json_member(json, "people"), "[]");
  EXPECT_EQ(json_member(json, "subjects"),
            R"([{"name":"x","creator":"editor"},{"name":"y"},{"name":"topic","rel":"about",)"
            R"("uri":"urn:topic","creator":"telex","relevance":70,"confidence":90}])");
}

// A record that telex reads again comes out as it went in.
TEST_F(Enriched, ItsOwnRecordsDoNotGrow) {
  part(PartKind::body, "Parijs, Londen en Jan Voorbeeld");
  mention(0, "Jan Voorbeeld", EntityType::person, MentionForm::name, 2);
  entity(EntityType::place, "urn:paris", "Paris", 60);
  entity(EntityType::place, "urn:london", "London", 10);
  entity(EntityType::person, "", "", 10).literal = 0;
  topic("medtop:1", "urn:topic", "topic", "", 70);
  pass("headlines", R"([{"value":"Kop"}])");
  pass("places", R"([{"name":"Parijs","uri":"urn:paris"}])");
  pass("subjects", R"([{"name":"x","creator":"editor"}])");
  pass("bodies", R"([{"value":"Parijs, Londen en Jan Voorbeeld"}])");
  pass("priority", "6");
  const std::string first = encode();
  pass_through_.clear();
  for (JsonMembers members(first); members.next();) pass(members.name(), members.value());
  EXPECT_EQ(encode(), first);
}

TEST_F(Enriched, WhatAnEarlierRunAddedIsReplaced) {
  part(PartKind::body, "x");
  pass("bodies", R"([{"value":"x"}])");
  pass("places", R"([{"name":"Rome"},{"name":"Rome"},{"name":"P","uri":"urn:paris"}])");
  pass("subjects", R"([{"name":"old","creator":"telex"},{"name":"kept"}])");
  pass("annotations", R"({"version":1,"entities":[{"uri":null,"name":"Rome","type":"place"},)"
                      R"({"uri":"urn:paris","name":"Paris","type":"place"},)"
                      R"({"uri":null,"name":"Rome","type":"person"}],"provenance":{}})");
  const std::string json = encode();
  EXPECT_EQ(json_member(json, "places"), R"([{"name":"Rome"}])");
  EXPECT_EQ(json_member(json, "subjects"), R"([{"name":"kept"}])");
  EXPECT_EQ(json_member(json_member(json, "annotations"), "otherMembers"), "");
}

TEST_F(Enriched, ManyElementsTakeNoLongerThanTheirNumber) {
  part(PartKind::body, "x");
  std::string places = "[";
  for (int i = 0; i < 20000; ++i) {
    places += (i == 0 ? "" : ",") + std::string("{\"name\":\"p") + std::to_string(i) + "\"}";
  }
  places += "]";
  std::vector<std::string> names;
  names.reserve(4096);
  for (int i = 0; i < 4096; ++i) {
    entity(EntityType::place, "", names.emplace_back("q" + std::to_string(i)), 1);
  }
  pass("bodies", R"([{"value":"x"}])");
  pass("places", places);
  EXPECT_GT(encode().size(), places.size());
}

// --- Deletions ---------------------------------------------------------------------------------

TEST_F(Enriched, DeletionIsANullValueUnderTheIdentity) {
  batch_.set_article(0, article_);
  batch_.set_verdict(0, VerdictKind::deletion, Reason::none, "decode", "");
  add_deletion(batch_, 0, records_);
  EXPECT_EQ(records_[0].key, "urn:telex:anp:1");
  EXPECT_EQ(records_[0].value.data(), nullptr);
  EXPECT_EQ(records_[0].destination, Destination::enriched);
}

}  // namespace
}  // namespace telex
