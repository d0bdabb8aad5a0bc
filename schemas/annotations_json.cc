#include "schemas/annotations_json.h"

#include <array>
#include <string>

#include "schemas/enriched.h"
#include "schemas/event_time.h"
#include "schemas/reason.h"

namespace telex {
namespace {

// Bytes that do not continue a code point; a plain loop that compilers turn into vector code.
std::uint64_t code_points(std::string_view text) {
  std::uint64_t count = 0;
  for (const char c : text) count += static_cast<signed char>(c) >= -0x40 ? 1U : 0U;
  return count;
}

// The bytes of `range` in a part; empty where the range does not lie in it.
std::string_view slice(const Article& article, std::uint16_t part, ByteRange range) {
  if (part >= article.parts.size()) return {};
  const std::string_view text = article.parts[part].text;
  if (range.begin > range.end || range.end > text.size()) return {};
  return text.substr(range.begin, range.size());
}

class AnnotationsWriter {
 public:
  AnnotationsWriter(const AnnotationsInput& input, JsonWriter& out) : in_(input), out_(out) {
    // Each name with its quotes; mentions repeat them by the hundred.
    names_.reserve(in_.article.parts.size());
    for (const Part& part : in_.article.parts) {
      std::string& name = names_.emplace_back("\"");
      append_part_name(part, name);
      name.push_back('"');
    }
  }

  void write() {
    out_.raw("{\"version\":");
    out_.number(kAnnotationsVersion);
    write_language();
    write_time("published", in_.article.published);
    write_time("versionCreated", in_.article.version_created);
    write_parts();
    write_headings();
    write_mentions();
    write_entities();
    write_topics();
    write_duplicate();
    write_other_members();
    write_provenance();
    out_.raw('}');
  }

 private:
  // Writes `items` of a range as an array, one write_item call each.
  template <class WriteItem>
  void write_array(IndexRange range, WriteItem write_item) {
    out_.raw('[');
    for (std::uint32_t i = range.first; i < range.last(); ++i) {
      if (i != range.first) out_.raw(',');
      write_item(i);
    }
    out_.raw(']');
  }

  void write_part_name(std::uint16_t part) {
    if (part < names_.size()) {
      out_.raw(std::string_view(names_[part]));
    } else {
      out_.raw("null");
    }
  }

  void write_string_or_null(std::string_view text) {
    if (text.empty()) {
      out_.raw("null");
    } else {
      out_.string(text);
    }
  }

  void write_language() {
    const LanguageTag& language = in_.row.language;
    out_.raw(",\"language\":{\"code\":");
    write_string_or_null(language.code.view());
    out_.raw(",\"confidence\":");
    out_.number(language.confidence);
    write_evidence(language.evidence);
    out_.raw('}');
  }

  void write_time(std::string_view name, const EventTime& time) {
    if (time.text.empty()) return;
    out_.raw(",\"");
    out_.raw(name);
    out_.raw("\":{\"text\":");
    out_.string(time.text);
    out_.raw(",\"precision\":\"");
    out_.raw(to_string(time.precision));
    out_.raw("\"}");
  }

  void write_parts() {
    std::string pointer;
    const auto count = static_cast<std::uint32_t>(in_.article.parts.size());
    out_.raw(",\"parts\":");
    write_array({0, count}, [&](std::uint32_t i) {
      const Part& part = in_.article.parts[i];
      pointer.clear();
      append_part_pointer(part, pointer);
      out_.raw("{\"name\":");
      write_part_name(static_cast<std::uint16_t>(i));
      out_.raw(",\"pointer\":");
      out_.string(pointer);
      out_.raw(",\"bytes\":");
      out_.number(part.text.size());
      out_.raw(",\"codePoints\":");
      out_.number(code_points(part.text));
      out_.raw('}');
    });
  }

  void write_headings() {
    const auto count = static_cast<std::uint32_t>(in_.article.headings.size());
    // Code points are counted on from one heading to the next of the same part.
    std::uint16_t part = 0;
    std::uint32_t bytes = 0;
    std::uint64_t points = 0;
    const auto points_at = [&](std::uint32_t to) {
      if (to < bytes) bytes = 0, points = 0;
      points += code_points(slice(in_.article, part, {bytes, to}));
      bytes = to;
      return points;
    };
    out_.raw(",\"headings\":");
    write_array({0, count}, [&](std::uint32_t i) {
      const Heading& heading = in_.article.headings[i];
      if (heading.part != part) part = heading.part, bytes = 0, points = 0;
      out_.raw("{\"part\":");
      write_part_name(heading.part);
      write_range(heading.range);
      out_.raw(",\"cpBegin\":");
      out_.number(points_at(heading.range.begin));
      out_.raw(",\"cpEnd\":");
      out_.number(points_at(heading.range.end));
      out_.raw('}');
    });
  }

  void write_range(ByteRange range) {
    out_.raw(",\"begin\":");
    out_.number(range.begin);
    out_.raw(",\"end\":");
    out_.number(range.end);
  }

  void write_mentions() {
    out_.raw(",\"mentions\":");
    write_array(in_.row.mentions, [&](std::uint32_t i) {
      const Mention& mention = in_.annotations.mentions[i];
      out_.raw("{\"part\":");
      write_part_name(mention.part);
      write_range(mention.bytes);
      out_.raw(",\"cpBegin\":");
      out_.number(mention.code_points.begin);
      out_.raw(",\"cpEnd\":");
      out_.number(mention.code_points.end);
      out_.raw(",\"surface\":");
      out_.string(slice(in_.article, mention.part, mention.bytes));
      out_.raw(",\"type\":\"");
      out_.raw(to_string(mention.type));
      out_.raw("\",\"form\":\"");
      out_.raw(to_string(mention.form));
      out_.raw("\",\"entity\":");
      if (mention.entity == kNoEntity) {
        out_.raw("null");
      } else {
        out_.number(mention.entity - in_.row.entities.first);
      }
      write_evidence(mention.evidence);
      out_.raw('}');
    });
  }

  void write_entities() {
    out_.raw(",\"entities\":");
    write_array(in_.row.entities, [&](std::uint32_t i) {
      const Entity& entity = in_.annotations.entities[i];
      const std::size_t ordinal = i - in_.row.entities.first;
      out_.raw("{\"uri\":");
      write_string_or_null(entity.uri);
      out_.raw(",\"name\":");
      out_.string(entity_name(in_.article, in_.annotations, entity));
      out_.raw(",\"type\":\"");
      out_.raw(to_string(entity.type));
      out_.raw("\",\"relevance\":");
      out_.number(entity.relevance);
      out_.raw(",\"typeConfidence\":");
      out_.number(entity.type_confidence);
      out_.raw(",\"linkConfidence\":");
      out_.number(entity.link_confidence);
      out_.raw(",\"mentions\":");
      out_.number(entity.mention_count);
      out_.raw(",\"adjectives\":");
      out_.number(entity.adjective_count);
      if (ordinal < in_.given_by_publisher.size() && in_.given_by_publisher[ordinal] != 0) {
        out_.raw(",\"givenByPublisher\":true");
      }
      write_evidence(entity.evidence);
      out_.raw('}');
    });
  }

  void write_topics() {
    out_.raw(",\"topics\":");
    write_array(in_.row.topics, [&](std::uint32_t i) {
      const Topic& topic = in_.annotations.topics[i];
      out_.raw("{\"code\":");
      out_.string(topic.code);
      out_.raw(",\"uri\":");
      out_.string(topic.uri);
      out_.raw(",\"name\":");
      out_.string(topic.name);
      out_.raw(",\"relevance\":");
      out_.number(topic.relevance);
      out_.raw(",\"confidence\":");
      out_.number(topic.confidence);
      out_.raw(",\"broader\":");
      write_string_or_null(topic.broader);
      write_evidence(topic.evidence);
      out_.raw('}');
    });
  }

  // Of a reason's members only those are written that say something.
  void write_evidence(IndexRange range) {
    out_.raw(",\"evidence\":");
    write_array(range, [&](std::uint32_t i) {
      const Evidence& evidence = in_.annotations.evidence[i];
      out_.raw("{\"kind\":\"");
      out_.raw(to_string(evidence.kind));
      out_.raw("\",\"artefact\":\"");
      out_.raw(to_string(evidence.artefact));
      out_.raw('"');
      if (!evidence.entry.empty()) {
        out_.raw(",\"entry\":");
        out_.string(evidence.entry);
      }
      out_.raw(",\"weight\":");
      out_.number(evidence.weight);
      out_.raw(",\"margin\":");
      out_.number(evidence.margin);
      if (!evidence.runner_up.empty()) {
        out_.raw(",\"runnerUp\":");
        out_.string(evidence.runner_up);
      }
      if (evidence.count != 1) {
        out_.raw(",\"count\":");
        out_.number(evidence.count);
      }
      if (evidence.count_heading != 0) {
        out_.raw(",\"countHeading\":");
        out_.number(evidence.count_heading);
      }
      if (evidence.range.size() != 0) {
        out_.raw(",\"part\":");
        write_part_name(evidence.part);
        write_range(evidence.range);
      }
      out_.raw('}');
    });
  }

  void write_duplicate() {
    const Duplicate& duplicate = in_.row.duplicate;
    if (duplicate.kind == DuplicateKind::none) return;
    out_.raw(",\"duplicate\":{\"kind\":\"");
    out_.raw(to_string(duplicate.kind));
    out_.raw("\",\"topic\":");
    out_.string(in_.topic);
    out_.raw(",\"partition\":");
    out_.number(in_.partition.value);
    out_.raw(",\"offset\":");
    out_.number(duplicate.first.value);
    out_.raw('}');
  }

  void write_other_members() {
    if (in_.other_members.empty()) return;
    out_.raw(",\"otherMembers\":{");
    for (std::size_t i = 0; i < in_.other_members.size(); ++i) {
      if (i != 0) out_.raw(',');
      out_.string(in_.other_members[i].name);
      out_.raw(':');
      out_.raw(in_.other_members[i].raw_json);
    }
    out_.raw('}');
  }

  void write_provenance() {
    const Provenance& from = in_.provenance;
    out_.raw(",\"provenance\":{\"telex\":");
    out_.string(from.telex_version);
    out_.raw(",\"pack\":");
    if (from.pack_digest.empty()) {
      out_.raw("null");
    } else {
      out_.raw("{\"digest\":");
      out_.string(from.pack_digest);
      out_.raw(",\"version\":");
      write_string_or_null(from.pack_version);
      out_.raw('}');
    }
    out_.raw(",\"rules\":");
    write_string_or_null(from.rules_digest);
    out_.raw(",\"model\":");
    write_string_or_null(from.model_digest);
    out_.raw(",\"config\":");
    write_string_or_null(from.config_digest);
    out_.raw(",\"vocabulary\":");
    write_string_or_null(from.vocabulary);
    out_.raw(",\"source\":{\"topic\":");
    out_.string(in_.topic);
    out_.raw(",\"partition\":");
    out_.number(in_.partition.value);
    out_.raw(",\"offset\":");
    out_.number(in_.offset.value);
    out_.raw("}}");
  }

  const AnnotationsInput& in_;
  JsonWriter& out_;
  std::vector<std::string> names_;
};

}  // namespace

void write_annotations(const AnnotationsInput& input, JsonWriter& out) {
  AnnotationsWriter(input, out).write();
}

std::string_view entity_name(const Article& article, const Annotations& annotations,
                             const Entity& entity) {
  if (!entity.name.empty() || entity.literal >= annotations.mentions.size()) return entity.name;
  const Mention& mention = annotations.mentions[entity.literal];
  return slice(article, mention.part, mention.bytes);
}

}  // namespace telex
