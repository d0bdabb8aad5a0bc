// Annotations: what telex found in the articles of a batch, and why. Version 1.
//
// Columns over all rows of the batch, a RowAnnotations per row. Plain data: integers, enumerations
// and views. Views point into artefacts of the Generation (pack, rules) or into static storage,
// never into scratch memory; they live as long as the generation that the batch was run with.
// Scores are integers 0-100. Nothing here depends on a clock or on the order of threads.
//
// Threads: one lane uses it at a time. Limits: ArticleLimits::kMentionsMax mentions an article.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "schemas/types.h"

namespace telex {

inline constexpr int kAnnotationsVersion = 1;

enum class EntityType : std::uint8_t { person, organisation, place, event, object };
std::string_view to_string(EntityType type);  // "person", ...

// How the text names the entity. Demonyms and adjectives never count as naming a place.
enum class MentionForm : std::uint8_t {
  name,       // The name itself.
  acronym,    // A short form in capitals (NAVO).
  surname,    // A bare surname, by an earlier full name or by office and date.
  compound,   // The name as the first part of a compound (NAVO-chef).
  demonym,    // An inhabitant (Oekraïners).
  adjective,  // An adjective of a place (Oekraïense).
};
std::string_view to_string(MentionForm form);

// Which artefact evidence refers to; its digest stands in the record's provenance.
enum class Artefact : std::uint8_t {
  none,
  pack,
  overlay,
  rules,
  model,
  detector,
  publisher,
  article
};
std::string_view to_string(Artefact artefact);

// The kinds are a closed set and part of the wire format: never renamed, only added.
enum class EvidenceKind : std::uint8_t {
  alias,             // entry = the alias that matched, as the pack spells it.
  office,            // entry = "prime_minister NL 2024-07-02..": the office that picks the person.
  title_before,      // entry = the title word in the text.
  coreference,       // entry = the fuller name earlier in the article.
  compound,          // entry = the name inside the compound.
  demonym,           // entry = the demonym as the pack spells it.
  prior,             // entry = what the prior rests on ("population", "curated").
  context,           // entry = another entity or cue in the article that speaks for this reading.
  capital,           // A common word that stands capitalised inside a sentence.
  rule_word,         // A weighted word of a topic rule; entry = the word as the rule spells it.
  rule_combination,  // A combination of a topic rule; entry = its name.
  feature,           // A feature of a classifier.
  publisher_hint,    // entry = the language tag that the publisher gave.
  stop_words,        // entry = the language that the stop words voted for.
  detector,          // entry = the detector's answer ("nl").
};
std::string_view to_string(EvidenceKind kind);

// One reason, as data. It is turned into words in one place (process/evidence_text.h).
struct Evidence {
  EvidenceKind kind = EvidenceKind::alias;
  Artefact artefact = Artefact::none;
  Score weight = 0;                 // How much this reason speaks for the decision.
  Score margin = 0;                 // Lead over the runner-up; 100 when there was none.
  std::uint16_t count = 1;          // How many times (a rule word in the text).
  std::uint16_t count_heading = 0;  // Of these in headlines and headings.
  std::uint16_t part = 0;           // First place in the text, where there is one ...
  ByteRange range;                  // ... and its bytes; empty = nowhere in the text.
  std::string_view entry;           // See EvidenceKind.
  std::string_view runner_up;       // Name of the best candidate that lost; empty = none.
};

inline constexpr std::uint32_t kNoEntity = 0xFFFFFFFFU;

struct Mention {
  std::uint16_t part = 0;  // Index into Article::parts.
  EntityType type = EntityType::place;
  MentionForm form = MentionForm::name;
  ByteRange bytes;                   // In the part's string.
  ByteRange code_points;             // The same range counted in code points.
  std::uint32_t entity = kNoEntity;  // Index into Annotations::entities, absolute.
  IndexRange evidence;               // Rows of Annotations::evidence.
};

// One thing that an article names. `uri` empty = not in the dictionary (NIL), which is an answer.
struct Entity {
  EntityType type = EntityType::place;
  Score relevance = 0;                // How much the article is about it.
  Score type_confidence = 0;          // Is it really of that type.
  Score link_confidence = 0;          // Is it really this one; 0 where uri is empty.
  std::uint32_t mention_count = 0;    // Mentions that name it (all forms but the next).
  std::uint32_t adjective_count = 0;  // Demonyms and adjectives.
  std::uint32_t literal = kNoEntity;  // Where name is empty: the mention whose surface names it.
  std::string_view uri;               // Full URI, e.g. http://www.wikidata.org/entity/Q212.
  std::string_view name;              // Canonical name from the pack.
  IndexRange evidence;                // Why this one: the link, by entity.
};

struct Topic {
  Score relevance = 0;
  Score confidence = 0;
  std::string_view code;     // "medtop:11000000".
  std::string_view uri;      // "http://cv.iptc.org/newscodes/mediatopic/11000000".
  std::string_view name;     // English label.
  std::string_view broader;  // Code of the broader topic; empty at the top.
  IndexRange evidence;
};

struct LanguageTag {
  LanguageCode code;  // Empty = undetermined.
  Score confidence = 0;
  IndexRange evidence;
};

// The article came before. Kinds are part of the wire format: never renamed, only added.
enum class DuplicateKind : std::uint8_t {
  none,
  identical,  // The same identity, version and content.
};
std::string_view to_string(DuplicateKind kind);

struct Duplicate {
  DuplicateKind kind = DuplicateKind::none;
  Offset first;  // Of the record that came first, in the topic and partition of this one.
};

struct RowAnnotations {
  Duplicate duplicate;
  LanguageTag language;
  IndexRange mentions;
  IndexRange entities;  // By relevance, highest first.
  IndexRange topics;    // By relevance, highest first; a broader one before its narrower ones.
};

struct Annotations {
  std::vector<RowAnnotations> rows;  // One per batch row.
  std::vector<Mention> mentions;
  std::vector<Entity> entities;
  std::vector<Topic> topics;
  std::vector<Evidence> evidence;

  // Empty rows for a batch of `row_count`; keeps memory.
  void reset(std::uint32_t row_count) {
    rows.assign(row_count, RowAnnotations{});
    mentions.clear();
    entities.clear();
    topics.clear();
    evidence.clear();
  }
};

}  // namespace telex
