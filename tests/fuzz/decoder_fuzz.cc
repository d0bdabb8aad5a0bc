// Raw records through decoding and out again as records.
//
// Input: a byte that picks the content-type header and the topic's format, then the value.
//
// Properties: the same verdict and article twice; text is UTF-8 and within the limits, headings lie
// in their parts; a row becomes exactly one record; an enriched value is JSON; a dead letter
// carries the value as it came.
#include "ingest/decode/decoder.h"

#include <simdjson.h>

#include "process/text/fold.h"
#include "process/text/tokeniser.h"
#include "schemas/dead_letter.h"
#include "schemas/enriched.h"
#include "tests/fuzz/fuzz_entry.h"

namespace telex::fuzz {

std::vector<std::string> made_seeds() { return {}; }

namespace {

constexpr std::string_view kContentTypes[] = {"",
                                              "application/json",
                                              "application/vnd.iptc.ninjs+json",
                                              "text/plain",
                                              "application/cloudevents+json",
                                              "application/octet-stream",
                                              "text/plain; charset=latin1",
                                              "application/json; charset=utf-8"};

// Everything of a decoded row that can be compared.
std::string summary(const Batch& batch) {
  const Verdict& verdict = batch.verdict(0);
  const Article article = batch.article(0);
  std::string out(to_string(verdict.reason));
  out.append(1, static_cast<char>('0' + static_cast<int>(verdict.kind)));
  out.append(verdict.message).append(1, '\0').append(article.uri).append(1, '\0');
  out.append(article.version).append(article.source).append(article.language).append(1, '\0');
  out.append(article.published.text).append(std::to_string(article.published.unix_millis));
  for (const Part& part : article.parts) out.append(1, '\0').append(part.text);
  for (const PassThrough& member : article.pass_through) out.append(member.raw_json);
  return out;
}

void require_sound(const Article& article) {
  require(!article.uri.empty(), "an article has an identity");
  require(!article.parts.empty() || article.pub_status != PubStatus::usable,
          "an article that may be used has text");
  require(article.parts.size() <= ArticleLimits::kPartsMax, "an article has not too many parts");
  std::size_t bytes = 0;
  for (const Part& part : article.parts) {
    require(first_invalid_utf8(part.text) == part.text.size(), "text is UTF-8");
    bytes += part.text.size();
  }
  require(bytes <= ArticleLimits::kTextBytesMax, "text is within its limit");
  for (const Heading& heading : article.headings) {
    require(heading.part < article.parts.size() && heading.range.begin < heading.range.end &&
                heading.range.end <= article.parts[heading.part].text.size(),
            "a heading lies in its part");
  }
}

void fill(Batch& batch, std::uint8_t choice, std::string_view value) {
  const std::string_view type = kContentTypes[choice % std::size(kContentTypes)];
  const Header header{"content-type", type};
  RawRecord record;
  record.topic = batch.intern_topic("fuzz");
  record.partition = Partition{0};
  record.offset = Offset{7};
  record.timestamp = 1'740'000'000'000;
  record.key = (choice & 0x40U) != 0 ? "key one" : std::string_view{};
  record.value = value;
  if (!type.empty()) record.headers = {&header, 1};
  require(batch.append(record), "the value fits");
}

void require_records(Batch& batch, std::string_view value) {
  static simdjson::dom::parser parser;
  const Provenance provenance;
  Annotations annotations;
  annotations.reset(1);
  Records records;
  switch (batch.verdict(0).kind) {
    case VerdictKind::publish: {
      require_sound(batch.article(0));
      add_enriched(batch, 0, annotations, provenance, "fuzz", records);
      require(records.size() == 1, "one record");
      const std::string_view json = records[0].value;
      simdjson::dom::object object;
      require(parser.parse(json.data(), json.size()).get(object) == simdjson::SUCCESS,
              "an enriched value is a JSON object");
      require(records[0].key == batch.article(0).uri, "the key is the identity");
      break;
    }
    case VerdictKind::faulty:
      require(batch.verdict(0).reason != Reason::none, "a fault has a reason");
      add_dead_letter(batch, 0, provenance, records);
      require(records.size() == 1 && records[0].value == value, "a dead letter is as it came");
      break;
    default:
      require(false, "decoding publishes or finds a fault");
  }
}

}  // namespace
}  // namespace telex::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace telex;
  using namespace telex::fuzz;
  if (size == 0) return 0;
  const std::string_view value(reinterpret_cast<const char*>(data) + 1, size - 1);
  constexpr DecodeFormat kFormats[] = {DecodeFormat::automatic, DecodeFormat::json,
                                       DecodeFormat::ninjs, DecodeFormat::text};
  DecodeOptions options;
  options.standard.format = kFormats[(data[0] >> 3U) % std::size(kFormats)];
  DecodeStage decode(options);
  const BatchLimits limits{.rows_max = 4, .raw_bytes_max = 1U << 20};
  Batch batch(limits);
  fill(batch, data[0], value);
  decode.decode(batch);
  Batch again(limits);
  fill(again, data[0], value);
  decode.decode(again);
  require(summary(batch) == summary(again), "the same article twice");
  require_records(batch, value);
  return 0;
}
