#include "schemas/enriched.h"

#include <array>
#include <charconv>

#include "schemas/annotations_json.h"
#include "schemas/event_time.h"
#include "schemas/identity.h"
#include "schemas/json_writer.h"
#include "schemas/ninjs_lists.h"
#include "schemas/ninjs_members.h"

namespace telex {
namespace {

// From this relevance on an article is about an entity or topic; below, it mentions it.
constexpr Score kAboutMin = 50;
constexpr std::string_view kStandardVersion = "1";
constexpr std::string_view kCloudEventType = "telex.article.enriched";

void append_number(std::int64_t value, std::string& out) {
  std::array<char, 24> digits;
  out.append(digits.data(), std::to_chars(digits.begin(), digits.end(), value).ptr);
}

void append_counted_name(std::string_view name, std::uint16_t index, bool always,
                         std::string& out) {
  out.append(name);
  if (index == 0 && !always) return;
  out.push_back('/');
  append_number(index, out);
}

std::string_view to_string(PubStatus status) {
  constexpr std::array<std::string_view, 3> kNames{"usable", "withheld", "canceled"};
  return kNames[static_cast<std::size_t>(status)];
}

// Writes the ninjs item of one row, member by member.
class ItemWriter {
 public:
  ItemWriter(const Batch& batch, std::uint32_t row, const Annotations& annotations,
             const Provenance& provenance, std::string& out)
      : batch_(batch),
        row_(row),
        article_(batch.article(row)),
        annotations_(annotations),
        provenance_(provenance),
        out_(out) {
    if (row < annotations.rows.size()) found_ = annotations.rows[row];
    if (!article_.pass_through.empty()) publisher_ = read_publisher_item(article_);
  }

  void write() {
    out_.raw("{\"uri\":");
    out_.string(article_.uri);
    out_.raw(",\"type\":");
    if (publisher_.type.empty()) {
      out_.raw("\"text\"");
    } else {
      out_.raw(publisher_.type);
    }
    if (article_.format != InputFormat::ninjs) write_constructed();
    for (const PassThrough& member : publisher_.passed_on) {
      begin_member(member.name);
      out_.raw(member.raw_json);
    }
    mark_given_by_publisher();
    for (std::size_t type = 0; type < kEntityTypeCount; ++type) {
      write_entities(static_cast<EntityType>(type));
    }
    write_subjects();
    out_.raw(",\"standard\":{\"name\":\"");
    out_.raw(kCreator);
    out_.raw("\",\"version\":\"");
    out_.raw(kStandardVersion);
    out_.raw("\",\"schema\":\"");
    out_.raw(kEnrichedSchemaUri);
    out_.raw("\"},\"annotations\":");
    const RawRecord raw = batch_.raw(row_);
    write_annotations({article_, annotations_, found_, provenance_, batch_.topic(row_),
                       raw.partition, raw.offset, publisher_.others, given_by_publisher_},
                      out_);
    out_.raw('}');
  }

 private:
  void begin_member(std::string_view name) {
    out_.raw(",\"");
    out_.raw(name);
    out_.raw("\":");
  }

  void write_string_member(std::string_view name, std::string_view value) {
    begin_member(name);
    out_.string(value);
  }

  // The members of an article that did not come as ninjs.
  void write_constructed() {
    write_language();
    if (article_.pub_status != PubStatus::usable) {
      write_string_member("pubStatus", to_string(article_.pub_status));
    }
    if (!article_.version.empty()) write_string_member("version", article_.version);
    write_time("firstCreated", article_.published);
    write_time("versionCreated", article_.version_created);
    for (const Part& part : article_.parts) {
      if (part.kind == PartKind::title) write_string_member("title", part.text);
    }
    write_parts("headlines", PartKind::headline);
    write_parts("descriptions", PartKind::lead);
    write_parts("bodies", PartKind::body);
    if (!article_.source.empty()) {
      out_.raw(",\"infoSources\":[{\"name\":");
      out_.string(article_.source);
      out_.raw("}]");
    }
  }

  // The publisher's tag where it is one, else the language that was found.
  void write_language() {
    if (is_language_tag(article_.language)) {
      write_string_member("language", article_.language);
    } else if (!found_.language.code.empty()) {
      write_string_member("language", found_.language.code.view());
    }
  }

  void write_time(std::string_view name, const EventTime& time) {
    scratch_.clear();
    if (append_rfc3339(time, scratch_)) write_string_member(name, scratch_);
  }

  void write_parts(std::string_view name, PartKind kind) {
    bool first = true;
    for (const Part& part : article_.parts) {
      if (part.kind != kind) continue;
      if (first) {
        begin_member(name);
        out_.raw('[');
      } else {
        out_.raw(',');
      }
      first = false;
      if (part.format == TextFormat::html) {
        out_.raw("{\"role\":\"main\",\"contentType\":\"text/html\",\"value\":");
      } else {
        out_.raw("{\"role\":\"main\",\"contentType\":\"text/plain\",\"value\":");
      }
      out_.string(part.text);
      out_.raw('}');
    }
    if (!first) out_.raw(']');
  }

  void mark_given_by_publisher() {
    bool any = false;
    for (const PublisherList& list : publisher_.lists) any = any || !list.elements().empty();
    if (!any) return;
    given_by_publisher_.assign(found_.entities.count, 0);
    for (std::uint32_t i = 0; i < found_.entities.count; ++i) {
      const Entity& entity = annotations_.entities[found_.entities.first + i];
      const PublisherList& list = publisher_.lists[static_cast<std::size_t>(entity.type)];
      given_by_publisher_[i] =
          list.lists(entity.uri, entity_name(article_, annotations_, entity)) ? 1 : 0;
    }
  }

  // Whether telex adds the entity to its list: not where the publisher names it already, and not
  // where only an adjective points to it, which names nothing.
  bool adds(std::uint32_t ordinal, const Entity& entity, EntityType type) const {
    if (entity.type != type || entity.mention_count == 0) return false;
    return given_by_publisher_.empty() || given_by_publisher_[ordinal] == 0;
  }

  // Begins a list that is written only if it has something in it, or came empty.
  class ListWriter {
   public:
    ListWriter(ItemWriter& item, std::string_view name, const PublisherList& publisher)
        : item_(item), name_(name) {
      if (publisher.came_empty()) open();
      for (const std::string_view element : publisher.elements()) {
        begin_element();
        item_.out_.raw(element);
      }
    }
    void begin_element() {
      open();
      if (!empty_) item_.out_.raw(',');
      empty_ = false;
    }
    void end() {
      if (open_) item_.out_.raw(']');
    }

   private:
    void open() {
      if (open_) return;
      item_.begin_member(name_);
      item_.out_.raw('[');
      open_ = true;
    }
    ItemWriter& item_;
    std::string_view name_;
    bool open_ = false;
    bool empty_ = true;
  };

  void write_rel(Score relevance) {
    if (relevance >= kAboutMin) {
      out_.raw(",\"rel\":\"about\"");
    } else {
      out_.raw(",\"rel\":\"mentions\"");
    }
  }

  void write_entities(EntityType type) {
    ListWriter list(*this, list_name(type), publisher_.lists[static_cast<std::size_t>(type)]);
    for (std::uint32_t i = 0; i < found_.entities.count; ++i) {
      const Entity& entity = annotations_.entities[found_.entities.first + i];
      if (!adds(i, entity, type)) continue;
      list.begin_element();
      out_.raw("{\"name\":");
      out_.string(entity_name(article_, annotations_, entity));
      write_rel(entity.relevance);
      if (!entity.uri.empty()) {
        out_.raw(",\"uri\":");
        out_.string(entity.uri);
      }
      out_.raw('}');
    }
    list.end();
  }

  void write_subjects() {
    ListWriter list(*this, "subjects", publisher_.subjects);
    for (std::uint32_t i = found_.topics.first; i < found_.topics.last(); ++i) {
      const Topic& topic = annotations_.topics[i];
      list.begin_element();
      out_.raw("{\"name\":");
      out_.string(topic.name);
      write_rel(topic.relevance);
      out_.raw(",\"uri\":");
      out_.string(topic.uri);
      out_.raw(",\"creator\":\"");
      out_.raw(kCreator);
      out_.raw("\",\"relevance\":");
      out_.number(topic.relevance);
      out_.raw(",\"confidence\":");
      out_.number(topic.confidence);
      out_.raw('}');
    }
    list.end();
  }

  const Batch& batch_;
  std::uint32_t row_;
  Article article_;
  const Annotations& annotations_;
  const Provenance& provenance_;
  RowAnnotations found_;
  PublisherItem publisher_;
  std::vector<std::uint8_t> given_by_publisher_;
  std::string scratch_;
  JsonWriter out_;
};

// ce_source is a URI reference: a uri as it is, any other name percent-encoded.
void append_uri_reference(std::string_view text, std::string& out) {
  if (is_uri(text)) {
    out.append(text);
  } else {
    append_percent_encoded(text, out);
  }
}

}  // namespace

void append_part_name(const Part& part, std::string& out) {
  switch (part.kind) {
    case PartKind::title:
      out.append("title");
      return;
    case PartKind::headline:
      append_counted_name("headline", part.index, false, out);
      return;
    case PartKind::lead:
      append_counted_name("lead", part.index, false, out);
      return;
    case PartKind::body:
      append_counted_name("body", part.index, true, out);
      return;
  }
}

void append_part_pointer(const Part& part, std::string& out) {
  switch (part.kind) {
    case PartKind::title:
      out.append("/title");
      return;
    case PartKind::headline:
      append_counted_name("/headlines", part.index, true, out);
      break;
    case PartKind::lead:
      append_counted_name("/descriptions", part.index, true, out);
      break;
    case PartKind::body:
      append_counted_name("/bodies", part.index, true, out);
      break;
  }
  out.append("/value");
}

void append_enriched(const Batch& batch, std::uint32_t row, const Annotations& annotations,
                     const Provenance& provenance, std::string& out) {
  ItemWriter(batch, row, annotations, provenance, out).write();
}

std::uint64_t add_enriched(const Batch& batch, std::uint32_t row, const Annotations& annotations,
                           const Provenance& provenance, std::string_view default_ce_source,
                           Records& out) {
  const Article article = batch.article(row);
  const RawRecord raw = batch.raw(row);
  out.open();
  out.buffer().append(article.uri);
  out.end_key();
  append_enriched(batch, row, annotations, provenance, out.buffer());
  out.end_value();
  const std::uint64_t value_bytes = out.open_value_bytes();

  std::string value;
  out.add_header("ce_specversion", "1.0");
  out.add_header("ce_type", kCloudEventType);
  append_uri_reference(article.source.empty() ? default_ce_source : article.source, value);
  out.add_header("ce_source", value);
  // The raw record, not the article: a correction is another event, a redelivery is not.
  value.assign(batch.topic(row));
  value.push_back(':');
  append_number(raw.partition.value, value);
  value.push_back(':');
  append_number(raw.offset.value, value);
  out.add_header("ce_id", value);
  value.clear();
  if (append_rfc3339(article.version_created, value) || append_rfc3339(article.published, value)) {
    out.add_header("ce_time", value);
  }
  out.add_header("content-type", "application/json");
  for (const Header& header : raw.headers) {
    if (header.name == "traceparent" || header.name == "tracestate") {
      out.add_header(header.name, header.value);
    }
  }
  out.close(Destination::enriched, 0, Partition{}, raw.timestamp, row);
  return value_bytes;
}

void add_deletion(const Batch& batch, std::uint32_t row, Records& out) {
  out.open();
  out.buffer().append(batch.article(row).uri);
  out.end_key();
  out.close(Destination::enriched, 0, Partition{}, batch.raw(row).timestamp, row);
}

}  // namespace telex
