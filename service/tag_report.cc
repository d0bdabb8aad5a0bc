#include "service/tag_report.h"

#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include <fmt/format.h>

#include "process/evidence_text.h"
#include "process/text/fold.h"
#include "schemas/annotations_json.h"

namespace telex {
namespace {

constexpr std::uint32_t kRowsShown = 10;
constexpr std::uint32_t kCharactersShown = 700;

std::string_view type_label(EntityType type) {
  constexpr std::array<std::string_view, 5> labels{"PER", "ORG", "LOC", "EVT", "OBJ"};
  return labels[static_cast<std::size_t>(type)];
}

std::span<const Evidence> evidence_of(const Annotations& annotations, IndexRange range) {
  return std::span(annotations.evidence).subspan(range.first, range.count);
}

std::string precision_note(const EventTime& time) {
  switch (time.precision) {
    case DatePrecision::none:
      return "not readable as a date";
    case DatePrecision::year:
      return "year";
    case DatePrecision::month:
      return "month";
    case DatePrecision::day:
      return "day";
    case DatePrecision::second:
      return "to the second";
  }
  return "";
}

// Where a mark opens or closes in a part's string.
struct Mark {
  std::uint32_t at = 0;
  bool opens = false;
  std::string text;
};

std::vector<Mark> marks_of_part(const Annotations& annotations, std::uint32_t row,
                                std::uint16_t part, const Terminal& terminal) {
  std::vector<Mark> marks;
  const RowAnnotations& found = annotations.rows[row];
  const auto add = [&](ByteRange range, std::string open, std::string close) {
    marks.push_back({range.begin, true, std::move(open)});
    marks.push_back({range.end, false, std::move(close)});
  };
  for (std::uint32_t i = found.mentions.first; i < found.mentions.last(); ++i) {
    const Mention& mention = annotations.mentions[i];
    if (mention.part != part) continue;
    if (mention.form == MentionForm::adjective || mention.form == MentionForm::demonym) {
      add(mention.bytes, terminal.styled(Style::cyan, "{"), terminal.styled(Style::cyan, "}"));
    } else {
      add(mention.bytes, terminal.styled(Style::bold, "["),
          terminal.styled(Style::bold, "]") +
              terminal.styled(Style::dim, type_label(mention.type)));
    }
    for (const Evidence& evidence : evidence_of(annotations, mention.evidence)) {
      if (evidence.kind == EvidenceKind::title_before && evidence.range.size() > 0 &&
          evidence.part == part) {
        add(evidence.range, terminal.styled(Style::dim, "‹"), terminal.styled(Style::dim, "›"));
      }
    }
  }
  std::stable_sort(marks.begin(), marks.end(), [](const Mark& a, const Mark& b) {
    return a.at != b.at ? a.at < b.at : (!a.opens && b.opens);
  });
  return marks;
}

std::uint32_t cut_on_boundary(std::string_view text, std::uint32_t bytes) {
  if (bytes >= text.size()) return static_cast<std::uint32_t>(text.size());
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0U) == 0x80U) --bytes;
  return bytes;
}

std::string indented(std::string_view text, std::string_view indent) {
  std::string out;
  bool blank = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    if (line.empty()) {
      blank = !out.empty();
    } else {
      if (blank) out += '\n';
      blank = false;
      out += fmt::format("{}{}\n", indent, line);
    }
    at = end + 1;
  }
  return out;
}

bool contains_folded(std::string_view text, std::string_view wanted) {
  return folded(text).find(folded(wanted)) != std::string::npos;
}

// All reasons for one entity: of its link, then of its mentions.
std::vector<Evidence> all_evidence(const Annotations& annotations, const RowAnnotations& found,
                                   std::uint32_t entity_index) {
  std::vector<Evidence> out;
  const Entity& entity = annotations.entities[entity_index];
  const auto own = evidence_of(annotations, entity.evidence);
  out.insert(out.end(), own.begin(), own.end());
  for (std::uint32_t i = found.mentions.first; i < found.mentions.last(); ++i) {
    if (annotations.mentions[i].entity != entity_index) continue;
    const auto rows = evidence_of(annotations, annotations.mentions[i].evidence);
    out.insert(out.end(), rows.begin(), rows.end());
  }
  return out;
}

class Report {
 public:
  Report(const Batch& batch, std::uint32_t row, const Pipeline& pipeline,
         const TagReportOptions& options, const Terminal& terminal)
      : batch_(batch),
        row_(row),
        annotations_(pipeline.annotations()),
        found_(annotations_.rows[row]),
        article_(batch.article(row)),
        provenance_(pipeline.generation().provenance),
        options_(options),
        terminal_(terminal) {}

  std::string take() {
    header();
    text();
    if (!options_.why.empty()) {
      why();
    } else {
      entities();
      unknown();
      topics();
    }
    footer();
    return std::move(out_);
  }

 private:
  void line(std::string_view label, std::string_view value) {
    out_ += terminal_.styled(Style::dim, fitted(label, 10));
    out_ += fmt::format("{}\n", value);
  }

  void header() {
    const LanguageTag& language = found_.language;
    line("language",
         language.code.empty()
             ? "undetermined"
             : fmt::format(
                   "{} ({}; {})", language.code.view(), language.confidence,
                   safe_text(evidence_text(evidence_of(annotations_, language.evidence)), false)));
    const EventTime& published = article_.published;
    line("date", published.text.empty() ? "none given"
                                        : fmt::format("{} ({})", safe_text(published.text, false),
                                                      precision_note(published)));
    std::string_view title;
    for (const Part& part : article_.parts) {
      if (title.empty() && (part.kind == PartKind::headline || part.kind == PartKind::title)) {
        title = part.text;
      }
    }
    line("title", title.empty() ? "none given" : safe_text(title, false));
    std::string sections;
    for (const Heading& heading : article_.headings) {
      const std::string_view text =
          article_.parts[heading.part].text.substr(heading.range.begin, heading.range.size());
      sections += fmt::format("{}{}", sections.empty() ? "" : " · ", safe_text(text, false));
    }
    if (!sections.empty()) line("sections", sections);
  }

  void text() {
    out_ += '\n';
    const std::uint32_t characters = options_.all ? 0xFFFFFFFFU : kCharactersShown;
    out_ += indented(marked_text(batch_, row_, annotations_, characters, terminal_), "  ");
  }

  std::string mention_count(const Entity& entity) const {
    if (entity.adjective_count == 0) return std::to_string(entity.mention_count);
    return fmt::format("{}+{}", entity.mention_count, entity.adjective_count);
  }

  void entity_row(std::uint32_t index) {
    const Entity& entity = annotations_.entities[index];
    const std::string name = safe_text(entity_name(article_, annotations_, entity), false);
    out_ += fmt::format("{} {}  {:>8}  {:>9}  {:>4}  {:>4}  {} {}\n",
                        terminal_.styled(Style::bold, fitted(name, 26)), type_label(entity.type),
                        mention_count(entity), entity.relevance, entity.type_confidence,
                        entity.link_confidence, fitted(short_uri(entity.uri), 19),
                        safe_text(evidence_text(all_evidence(annotations_, found_, index)), false));
  }

  void entities() {
    out_ += '\n';
    out_ += terminal_.styled(
        Style::bold,
        fmt::format("{} {}  {:>8}  {:>9}  {:>4}  {:>4}  {} {}\n", fitted("WHO AND WHERE", 26),
                    "   ", "mentions", "relevance", "type", "link", fitted("id", 19), "why"));
    std::uint32_t shown = 0;
    std::string rest;
    for (std::uint32_t i = found_.entities.first; i < found_.entities.last(); ++i) {
      const Entity& entity = annotations_.entities[i];
      if (entity.uri.empty() && entity.name.empty()) continue;
      if (options_.all || shown < kRowsShown) {
        entity_row(i);
        ++shown;
      } else {
        rest += fmt::format("{}{} {} {}", rest.empty() ? "" : " · ",
                            safe_text(entity_name(article_, annotations_, entity), false),
                            type_label(entity.type), mention_count(entity));
      }
    }
    if (shown == 0) out_ += "nothing found\n";
    if (!rest.empty()) out_ += fmt::format("{}\n", rest);
  }

  void unknown() {
    std::string names;
    for (std::uint32_t i = found_.entities.first; i < found_.entities.last(); ++i) {
      const Entity& entity = annotations_.entities[i];
      if (!entity.uri.empty() || !entity.name.empty()) continue;
      names += fmt::format("{}{} {} ({})", names.empty() ? "" : " · ",
                           safe_text(entity_name(article_, annotations_, entity), false),
                           type_label(entity.type),
                           safe_text(evidence_text(all_evidence(annotations_, found_, i)), false));
    }
    out_ += fmt::format("{}  {}\n", terminal_.styled(Style::bold, "NOT IN THE DICTIONARY"),
                        names.empty() ? "none" : names);
  }

  void topic_rows(std::string_view broader, std::uint32_t depth) {
    for (std::uint32_t i = found_.topics.first; i < found_.topics.last(); ++i) {
      const Topic& topic = annotations_.topics[i];
      if (topic.broader != broader && !(depth == 0 && !is_assigned(topic.broader))) continue;
      std::string words;
      for (const Evidence& evidence : evidence_of(annotations_, topic.evidence)) {
        if (!words.empty()) words += " · ";
        append_evidence_text(evidence, words);
      }
      const std::string code(topic.code.substr(topic.code.find(':') + 1));
      out_ += fmt::format("  {}{} {} rel {:>3} conf {:>3}   {}\n",
                          std::string(std::size_t{depth} * 2, ' '), code,
                          fitted(topic.name, 34 - std::min(depth * 2, 10U)), topic.relevance,
                          topic.confidence, safe_text(words, false));
      if (depth < 6) topic_rows(topic.code, depth + 1);
    }
  }

  bool is_assigned(std::string_view code) const {
    for (std::uint32_t i = found_.topics.first; i < found_.topics.last(); ++i) {
      if (annotations_.topics[i].code == code) return true;
    }
    return false;
  }

  void topics() {
    out_ += fmt::format(
        "{}\n",
        terminal_.styled(Style::bold, found_.topics.count == 0 ? "TOPICS  none" : "TOPICS"));
    topic_rows("", 0);
  }

  void why() {
    bool any = false;
    for (std::uint32_t i = found_.entities.first; i < found_.entities.last(); ++i) {
      const Entity& entity = annotations_.entities[i];
      bool wanted = contains_folded(entity_name(article_, annotations_, entity), options_.why);
      for (std::uint32_t m = found_.mentions.first; m < found_.mentions.last() && !wanted; ++m) {
        const Mention& mention = annotations_.mentions[m];
        wanted = mention.entity == i && contains_folded(surface(mention), options_.why);
      }
      if (!wanted) continue;
      any = true;
      out_ += '\n';
      entity_row(i);
      if (!entity.uri.empty()) out_ += fmt::format("  {}\n", entity.uri);
      for (std::uint32_t m = found_.mentions.first; m < found_.mentions.last(); ++m) {
        const Mention& mention = annotations_.mentions[m];
        if (mention.entity != i) continue;
        out_ += fmt::format(
            "  {:<10} {}-{} {:<9} {}  {}\n", part_label(mention.part), mention.bytes.begin,
            mention.bytes.end, to_string(mention.form), safe_text(surface(mention), false),
            safe_text(evidence_text(evidence_of(annotations_, mention.evidence)), false));
      }
    }
    for (std::uint32_t i = found_.topics.first; i < found_.topics.last(); ++i) {
      const Topic& topic = annotations_.topics[i];
      if (!contains_folded(topic.name, options_.why) &&
          topic.code.find(options_.why) == std::string_view::npos)
        continue;
      any = true;
      out_ += fmt::format("\n{} {} rel {} conf {}\n", topic.code, topic.name, topic.relevance,
                          topic.confidence);
      for (const Evidence& evidence : evidence_of(annotations_, topic.evidence)) {
        std::string text;
        append_evidence_text(evidence, text);
        out_ += fmt::format("  weight {:>3}  {}\n", evidence.weight, safe_text(text, false));
      }
    }
    if (!any)
      out_ += fmt::format("\nnothing found in this article has \"{}\"\n",
                          safe_text(options_.why, false));
  }

  std::string_view surface(const Mention& mention) const {
    return article_.parts[mention.part].text.substr(mention.bytes.begin, mention.bytes.size());
  }
  std::string part_label(std::uint16_t part) const {
    const Part& p = article_.parts[part];
    constexpr std::array<std::string_view, 4> kinds{"title", "headline", "lead", "body"};
    return fmt::format("{}/{}", kinds[static_cast<std::size_t>(p.kind)], p.index);
  }

  void footer() {
    const auto short_digest = [](const std::string& digest) { return digest.substr(0, 8); };
    std::string text = fmt::format("{} mentions · {} entities · {} topics", found_.mentions.count,
                                   found_.entities.count, found_.topics.count);
    if (!provenance_.pack_digest.empty()) {
      text += fmt::format(" · pack {} ({})", provenance_.pack_version,
                          short_digest(provenance_.pack_digest));
    }
    if (!provenance_.rules_digest.empty())
      text += fmt::format(" · rules {}", short_digest(provenance_.rules_digest));
    if (options_.milliseconds > 0) text += fmt::format(" · {:.2f} ms", options_.milliseconds);
    out_ += terminal_.styled(Style::dim, text) + '\n';
    if (options_.why.empty()) {
      out_ += terminal_.styled(Style::dim,
                               "--why NAME for everything known about one · --all for every row · "
                               "--json for the record\n");
    }
  }

  const Batch& batch_;
  std::uint32_t row_;
  const Annotations& annotations_;
  const RowAnnotations& found_;
  Article article_;
  const Provenance& provenance_;
  const TagReportOptions& options_;
  const Terminal& terminal_;
  std::string out_;
};

}  // namespace

std::string short_uri(std::string_view uri) {
  constexpr std::string_view kWikidata = "http://www.wikidata.org/entity/";
  constexpr std::string_view kGeonames = "https://sws.geonames.org/";
  if (uri.empty()) return "no id";
  if (uri.starts_with(kWikidata)) return fmt::format("wikidata {}", uri.substr(kWikidata.size()));
  if (uri.starts_with(kGeonames)) {
    std::string_view id = uri.substr(kGeonames.size());
    if (id.ends_with('/')) id.remove_suffix(1);
    return fmt::format("geonames {}", id);
  }
  return std::string(uri);
}

std::string marked_text(const Batch& batch, std::uint32_t row, const Annotations& annotations,
                        std::uint32_t characters_max, const Terminal& terminal) {
  const Article article = batch.article(row);
  std::string out;
  std::uint64_t left = characters_max;
  for (std::uint16_t p = 0; p < article.parts.size() && left > 0; ++p) {
    const std::string_view text = article.parts[p].text;
    const std::uint32_t end = cut_on_boundary(
        text, static_cast<std::uint32_t>(std::min<std::uint64_t>(left, text.size())));
    if (!out.empty()) out += "\n\n";
    std::uint32_t at = 0;
    for (const Mark& mark : marks_of_part(annotations, row, p, terminal)) {
      if (mark.at > end || mark.at < at) continue;
      out += safe_text(text.substr(at, mark.at - at), true);
      out += mark.text;
      at = mark.at;
    }
    out += safe_text(text.substr(at, end - at), true);
    if (end < text.size()) out += " …";
    left -= end;
  }
  return out;
}

std::string tag_report(const Batch& batch, std::uint32_t row, const Pipeline& pipeline,
                       const TagReportOptions& options, const Terminal& terminal) {
  if (!batch.publishes(row)) {
    const Verdict& verdict = batch.verdict(row);
    if (verdict.kind == VerdictKind::deletion) return "deletion: no value\n";
    return fmt::format("{} {}: {} (stage {})\n", terminal.styled(Style::red, "✗"),
                       to_string(verdict.reason), safe_text(verdict.message, false), verdict.stage);
  }
  return Report(batch, row, pipeline, options, terminal).take();
}

}  // namespace telex
