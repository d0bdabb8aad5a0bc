#include "service/demo_report.h"

#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include <fmt/format.h>
#include <simdjson.h>

#include "process/evidence_text.h"
#include "service/tag_report.h"

namespace telex {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;

constexpr std::size_t kTextShown = 230;
constexpr std::size_t kNamesShown = 6;
constexpr std::size_t kWordsShown = 8;

std::string_view text_at(element object, std::string_view key) {
  std::string_view text;
  return object[key].get(text) == simdjson::SUCCESS ? text : std::string_view{};
}

std::uint64_t number_at(element object, std::string_view key) {
  std::uint64_t number = 0;
  return object[key].get(number) == simdjson::SUCCESS ? number : 0;
}

array list_at(element object, std::string_view key) {
  array list;
  return object[key].get(list) == simdjson::SUCCESS ? list : array{};
}

std::string_view part_text(element record, std::string_view pointer) {
  std::string_view text;
  return record.at_pointer(pointer).get(text) == simdjson::SUCCESS ? text : std::string_view{};
}

// The part with its mentions marked, cut after kTextShown bytes.
std::string marked(std::string_view text, std::string_view part, array mentions,
                   const Terminal& terminal) {
  std::string out;
  std::size_t at = 0;
  std::size_t end = std::min(text.size(), kTextShown);
  while (end > 0 && end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
    --end;
  for (const element mention : mentions) {
    const std::size_t begin = number_at(mention, "begin");
    const std::size_t stop = number_at(mention, "end");
    if (text_at(mention, "part") != part || begin < at || stop > end) continue;
    const std::string_view form = text_at(mention, "form");
    const bool names = form != "adjective" && form != "demonym";
    out += safe_text(text.substr(at, begin - at), false);
    out += terminal.styled(names ? Style::bold : Style::cyan, names ? "[" : "{");
    out += safe_text(text.substr(begin, stop - begin), false);
    out += terminal.styled(names ? Style::bold : Style::cyan, names ? "]" : "}");
    at = stop;
  }
  out += safe_text(text.substr(at, end - at), false);
  return end < text.size() ? out + " …" : out;
}

void add_row(std::string& out, std::string_view label, const std::vector<std::string>& names,
             const Terminal& terminal, std::size_t shown_max) {
  if (names.empty()) return;
  std::string row;
  for (std::size_t i = 0; i < names.size() && i < shown_max; ++i) {
    row += fmt::format("{}{}", i == 0 ? "" : " · ", names[i]);
  }
  if (names.size() > shown_max) row += fmt::format(" · {} more", names.size() - shown_max);
  out += fmt::format("      {} {}\n", terminal.styled(Style::dim, fitted(label, 14)), row);
}

std::string entity_label(element entity) {
  std::string label = safe_text(text_at(entity, "name"), false);
  const std::string_view uri = text_at(entity, "uri");
  if (!uri.empty()) {
    const std::string id = short_uri(uri);
    label += ' ' + (id.starts_with("wikidata ") ? id.substr(9) : id);
  }
  const std::uint64_t count = number_at(entity, "mentions") + number_at(entity, "adjectives");
  if (count > 1) label += fmt::format(" ×{}", count);
  return label;
}

std::vector<std::string> topic_words(array topics) {
  std::vector<std::string> words;
  for (const element topic : topics) {
    for (const element evidence : list_at(topic, "evidence")) {
      const std::string_view entry = text_at(evidence, "entry");
      const std::uint64_t count = number_at(evidence, "count");
      std::string word = safe_text(entry, false);
      if (count > 1) word += fmt::format(" ×{}", count);
      if (std::find(words.begin(), words.end(), word) == words.end())
        words.push_back(std::move(word));
    }
  }
  return words;
}

// As a tree: a topic, then the narrower ones that the article has of it.
void add_topic_labels(array topics, std::string_view broader, int depth,
                      std::vector<std::string>& labels) {
  for (const element topic : topics) {
    if (text_at(topic, "broader") != broader || depth > 6) continue;
    labels.push_back(fmt::format("{}{} {}", depth == 0 ? "" : "› ",
                                 safe_text(text_at(topic, "name"), false),
                                 number_at(topic, "relevance")));
    add_topic_labels(topics, text_at(topic, "code"), depth + 1, labels);
  }
}

}  // namespace

DemoArticle demo_article(std::string_view record, const Terminal& terminal) {
  DemoArticle out;
  simdjson::dom::parser parser;
  element root;
  element annotations;
  if (parser.parse(record.data(), record.size()).get(root) != simdjson::SUCCESS ||
      root["annotations"].get(annotations) != simdjson::SUCCESS) {
    return out;
  }
  out.good = true;
  out.uri = text_at(root, "uri");
  element language;
  if (annotations["language"].get(language) == simdjson::SUCCESS)
    out.language = text_at(language, "code");

  element source;
  if (annotations.at_pointer("/provenance/source").get(source) == simdjson::SUCCESS) {
    out.partition = number_at(source, "partition");
    out.offset = number_at(source, "offset");
  }

  const array mentions = list_at(annotations, "mentions");
  const array entities = list_at(annotations, "entities");
  const array topics = list_at(annotations, "topics");
  std::vector<bool> has_uri;
  std::map<std::string_view, std::vector<std::string>> by_type;
  for (const element entity : entities) {
    has_uri.push_back(!text_at(entity, "uri").empty());
    by_type[text_at(entity, "type")].push_back(entity_label(entity));
  }
  for (const element mention : mentions) {
    ++out.counts.mentions;
    const std::uint64_t entity = number_at(mention, "entity");
    const bool linked = entity < has_uri.size() && has_uri[entity];
    ++(linked ? out.counts.linked : out.counts.unlinked);
  }
  out.counts.topics = topics.size();

  std::string title;
  std::string body;
  for (const element part : list_at(annotations, "parts")) {
    const std::string_view name = text_at(part, "name");
    const std::string_view text = part_text(root, text_at(part, "pointer"));
    if (title.empty() && (name == "headline" || name == "title")) title = safe_text(text, false);
    if (body.empty() && (name == "lead" || name.starts_with("body")))
      body = marked(text, name, mentions, terminal);
  }
  out.text = fmt::format(
      "  {}  {} {}\n      {}\n",
      terminal.styled(Style::bold, fitted(out.language.empty() ? "?" : out.language, 2)),
      terminal.styled(Style::bold, fitted(title.empty() ? "(no headline)" : title, 72)),
      terminal.styled(Style::dim, safe_text(out.uri, false)), body);
  constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kinds{
      {{"person", "people"}, {"organisation", "organisations"}, {"place", "places"}}};
  for (const auto& [type, label] : kinds)
    add_row(out.text, label, by_type[type], terminal, kNamesShown);
  std::vector<std::string> topic_labels;
  add_topic_labels(topics, "", 0, topic_labels);
  add_row(out.text, "topics", topic_labels, terminal, kNamesShown);
  add_row(out.text, "why", topic_words(topics), terminal, kWordsShown);
  return out;
}

}  // namespace telex
