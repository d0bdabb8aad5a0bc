// KnowledgePack over any bytes, and the tagging of an article with what it lets in.
//
// A pack's digest would turn nearly every changed byte away before anything else is looked at, so
// the entry tries the bytes as they are and once more with the digest made right: what the checks
// of bounds and references then let in must be safe to tag with.
//
// Properties: the same answer twice; a refusal has a reason; whatever was let in, tagging ends,
// gives the same annotations twice, and they refer to nothing that is not there.
#include "process/knowledge/pack.h"

#include <algorithm>
#include <cstring>

#include <xxhash.h>

#include "process/entities/entity_stage.h"
#include "process/knowledge/pack_builder.h"
#include "process/text/tokeniser.h"
#include "tests/fuzz/fuzz_entry.h"

namespace telex::fuzz {
namespace {

constexpr std::string_view kHeadline = "Premier Schoof spreekt Mark Rutte in Parijs";
constexpr std::string_view kBody =
    "NAVO-chef Rutte sprak met Oekraïense en Franse diplomaten over Oekraïne. Premier Dick Schoof "
    "is in Best, dr. Jansen en minister Van der Plas zijn bij de NAVO. Volgens Stichting Voorbeeld "
    "en Voorbeeld BV wil oud-premier Rutte naar Paris, Texas. Fransen, Oekraïners, de EU-top.";

PackInputs small_inputs() {
  PackInputs inputs;
  inputs.version = "fuzz";
  inputs.people =
      "wd:Q57792\tMark Rutte\tsurname=Rutte\tprime_minister:NL:2010-10-14..2024-07-01|"
      "secretary_general:nato:2024-10-01..\n"
      "wd:Q2\tDick Schoof\tsurname=Schoof\tprime_minister:NL:2024-07-02..\n"
      "-\tCaroline van der Plas\tsurname=Van der Plas\n";
  inputs.organisations =
      "nato\twd:Q7184\tNorth Atlantic Treaty Organization\tNAVO^@nl|NATO^@en\talliance\n"
      "eu\twd:Q458\tEuropean Union\tEU^|Europese Unie@nl\tunion\n";
  inputs.places =
      "wd:Q212\tUA\tUkraine\tOekraïne@nl\tOekraïense@nl|Oekraïners@nl\tcountry\n"
      "wd:Q142\tFR\tFrance\tFrankrijk@nl\tFranse@nl|Fransen@nl\tcountry\n"
      "wd:Q55\tNL\tNetherlands\tNederland@nl\tNederlandse@nl\tcountry\n"
      "gn:2988507\tparis\tParis\tParijs@nl\t-\tcity\n"
      "gn:2759879\tbest\tBest\t!Best@nl\t-\tcity\n";
  inputs.titles = "nl\tpremier\tprime_minister\nnl\tminister\t-\nnl\tdr.\t-\n";
  inputs.common_words = "nl\tbest\nnl\tvan\n";
  inputs.first_names = "Mark\tm\tnl,en\nDick\tm\tnl\nCaroline\tf\tnl\n";
  inputs.organisation_suffixes = "nl\tBV\n";
  inputs.cue_words = "nl\thead\tchef|top\nnl\tplace_cue\tin|naar\nnl\tformer\toud\n";
  return inputs;
}

std::string with_digest(std::string bytes) {
  if (bytes.size() <= kDigestedFrom) return bytes;
  XXH128_canonical_t digest;
  XXH128_canonicalFromHash(
      &digest, XXH3_128bits(bytes.data() + kDigestedFrom, bytes.size() - kDigestedFrom));
  std::memcpy(bytes.data() + offsetof(PackHeader, digest), digest.digest, sizeof digest.digest);
  return bytes;
}

// What is compared of a run: every number of mentions and entities.
std::vector<std::uint64_t> tag(const std::shared_ptr<const KnowledgePack>& pack) {
  Batch batch({.rows_max = 1, .raw_bytes_max = 64U << 10});
  RawRecord record;
  record.topic = batch.intern_topic("fuzz");
  record.partition = Partition{0};
  record.offset = Offset{0};
  record.value = "x";
  require(batch.append(record), "one byte fits");
  const std::array parts{
      Part{batch.store_text(kHeadline), PartKind::headline, TextFormat::plain, 0},
      Part{batch.store_text(kBody), PartKind::body, TextFormat::plain, 0}};
  Article article;
  article.uri = "urn:fuzz:1";
  article.published.unix_millis = 1'740'000'000'000;
  article.published.precision = DatePrecision::second;
  article.parts = parts;
  batch.set_article(0, article);

  Generation generation;
  generation.pack = pack;
  Tokens tokens;
  Annotations annotations;
  annotations.reset(1);
  annotations.rows[0].language.code = LanguageCode::from_tag("nl");
  StageContext context{generation, tokens, annotations};
  Tokeniser tokenise;
  EntityStage entities;
  tokenise(batch, context);
  entities(batch, context);

  std::vector<std::uint64_t> out;
  const RowAnnotations& row = annotations.rows[0];
  require(row.mentions.last() <= annotations.mentions.size(), "mentions are there");
  require(row.entities.last() <= annotations.entities.size(), "entities are there");
  for (std::uint32_t i = row.mentions.first; i < row.mentions.last(); ++i) {
    const Mention& mention = annotations.mentions[i];
    require(mention.part < parts.size() && mention.bytes.begin < mention.bytes.end &&
                mention.bytes.end <= parts[mention.part].text.size(),
            "a mention lies in the text");
    require(mention.entity >= row.entities.first && mention.entity < row.entities.last(),
            "a mention has an entity of its article");
    require(mention.evidence.last() <= annotations.evidence.size(), "evidence is there");
    out.insert(out.end(), {mention.part, mention.bytes.begin, mention.bytes.end, mention.entity});
  }
  for (std::uint32_t i = row.entities.first; i < row.entities.last(); ++i) {
    const Entity& entity = annotations.entities[i];
    require(entity.relevance <= kScoreMax && entity.link_confidence <= kScoreMax &&
                entity.type_confidence <= kScoreMax,
            "scores are at most 100");
    out.insert(out.end(),
               {entity.relevance, entity.link_confidence, entity.uri.size(),
                static_cast<std::uint64_t>(std::count(entity.uri.begin(), entity.uri.end(), '/'))});
  }
  return out;
}

void try_pack(std::string_view bytes) {
  std::string error;
  std::string error_again;
  const auto pack = KnowledgePack::from_bytes(bytes, error);
  const auto again = KnowledgePack::from_bytes(bytes, error_again);
  require((pack == nullptr) == (again == nullptr) && error == error_again,
          "from_bytes() answers the same twice");
  require((pack == nullptr) == !error.empty(),
          "a refusal has a reason, and only a refusal has one");
  if (pack != nullptr) require(tag(pack) == tag(again), "the same annotations twice");
}

}  // namespace

std::vector<std::string> made_seeds() {
  const PackBuild build = build_pack(small_inputs());
  require(build.ok(), build.ok() ? "" : build.refusals.front());
  return {build.bytes};
}

}  // namespace telex::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace telex::fuzz;
  const std::string bytes(as_text(data, size));
  try_pack(bytes);
  try_pack(with_digest(bytes));
  return 0;
}
