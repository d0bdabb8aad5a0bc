#include "ingest/decode/ninjs.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <optional>

#include <fmt/format.h>

#include "ingest/decode/ninjs_legacy.h"
#include "ingest/decode/plain_text.h"
#include "schemas/event_time.h"
#include "schemas/json_slices.h"

namespace telex {
namespace {

namespace dom = simdjson::dom;

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// A list of ninjs 3: its first element is an object with a value.
bool is_text_list(const dom::element& value) {
  dom::array array;
  if (value.get(array) != simdjson::SUCCESS) return false;
  for (const dom::element element : array) {
    dom::object object;
    if (element.get(object) != simdjson::SUCCESS) return false;
    dom::element text;
    return object["value"].get(text) == simdjson::SUCCESS;
  }
  return false;
}

std::string_view kind_of_json(std::string_view value) {
  switch (value.empty() ? '\0' : value[0]) {
    case '"':
      return "a string";
    case '{':
      return "an object";
    case '[':
      return "an array";
    case 't':
    case 'f':
      return "a boolean";
    case 'n':
      return "null";
    default:
      return "a number";
  }
}

bool is_null(std::string_view value) { return value == "null"; }

bool is_number(std::string_view value) {
  return !value.empty() && (value[0] == '-' || (value[0] >= '0' && value[0] <= '9'));
}

// Keeps the last of members with one name, in the order of the document.
void drop_duplicates(std::vector<PassThrough>& members) {
  std::vector<std::uint32_t> order(members.size());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(), [&members](std::uint32_t a, std::uint32_t b) {
    return members[a].name < members[b].name;
  });
  bool any = false;
  for (std::size_t i = 0; i + 1 < order.size(); ++i) {
    PassThrough& earlier = members[order[i]];
    if (earlier.name != members[order[i + 1]].name) continue;
    earlier.raw_json = {};
    any = true;
  }
  if (any) {
    std::erase_if(members, [](const PassThrough& m) { return m.raw_json.data() == nullptr; });
  }
}

class NinjsReader {
 public:
  explicit NinjsReader(Draft& draft) : draft_(draft) {}

  bool read(std::string_view json) {
    Article& article = draft_.article;
    article.format = InputFormat::ninjs;
    read_members(json);
    drop_duplicates(draft_.pass_through);
    modernise_ninjs(draft_.pass_through, draft_);
    draft_.body_uri = string_member("uri");
    article.version = read_version();
    article.language = string_member("language");
    article.published = parse_event_time(string_member("firstCreated"));
    article.version_created = parse_event_time(string_member("versionCreated"));
    article.source = string_member("source");
    read_pub_status();
    read_texts("headlines", PartKind::headline);
    if (draft_.parts().empty()) read_title();
    read_texts("descriptions", PartKind::lead);
    read_texts("bodies", PartKind::body);
    if (draft_.body_uri.empty()) draft_.body_id = string_member("id");
    return !draft_.faulty();
  }

 private:
  void read_members(std::string_view json) {
    for (JsonMembers members(json); members.next();) {
      std::string_view name = members.name();
      if (name.find('\\') != std::string_view::npos) name = unescaped(name);
      draft_.pass_through.push_back({name, members.value()});
    }
  }

  PassThrough* member(std::string_view name) {
    for (PassThrough& found : draft_.pass_through) {
      if (found.name == name && !is_null(found.raw_json)) return &found;
    }
    return nullptr;
  }

  // What a string says, in the arena or in the raw record.
  std::string_view unescaped(std::string_view content) {
    if (content.find('\\') == std::string_view::npos) return content;
    char* const begin = draft_.allocate(content.size());
    if (begin == nullptr) return "";
    const char* const end = write_unescaped(content, begin);
    draft_.trim(end);
    return {begin, static_cast<std::size_t>(end - begin)};
  }

  void fail_type(std::string_view pointer, std::string_view value, std::string_view wanted) {
    draft_.fail(Reason::wrong_type,
                fmt::format("{}: {} where {} was due", pointer, kind_of_json(value), wanted));
  }

  // Empty if it is not there; a fault if it is no string.
  std::string_view string_member(std::string_view name) {
    const PassThrough* const found = member(name);
    if (found == nullptr) return "";
    if (is_json_string(found->raw_json)) return unescaped(json_string_content(found->raw_json));
    // Members that are not of ninjs may be anything.
    if (!is_one_of(name, {"source", "id"})) {
      fail_type(fmt::format("/{}", name), found->raw_json, "a string");
    }
    return "";
  }

  // ninjs wants a string; feeds send numbers too, which are passed on as strings.
  std::string_view read_version() {
    PassThrough* const found = member("version");
    if (found == nullptr || !is_number(found->raw_json)) return string_member("version");
    const std::string_view digits = found->raw_json;
    found->raw_json = draft_.store(fmt::format("\"{}\"", digits));
    return digits;
  }

  void read_pub_status() {
    const std::string_view given = string_member("pubStatus");
    if (given.empty()) return;
    const auto status = pub_status_from(given);
    if (!status) {
      draft_.fail(Reason::bad_field, "/pubStatus is not usable, withheld or canceled");
      return;
    }
    constexpr std::array<std::string_view, 3> kJson{"\"usable\"", "\"withheld\"", "\"canceled\""};
    draft_.article.pub_status = *status;
    member("pubStatus")->raw_json = kJson[static_cast<std::size_t>(*status)];
  }

  void read_title() {
    const PassThrough* const title = member("title");
    if (title == nullptr || !is_json_string(title->raw_json)) return;
    draft_.add_part(PartKind::title, unescaped(json_string_content(title->raw_json)),
                    TextFormat::plain, 0);
  }

  static std::string_view content(std::string_view value) {
    return is_json_string(value) ? json_string_content(value) : std::string_view();
  }

  static TextFormat format_of(std::string_view element, std::string_view value) {
    const auto names_markup = [](std::string_view text) {
      for (const std::string_view word : {"html", "HTML", "xml", "nitf", "NITF"}) {
        if (text.find(word) != std::string_view::npos) return true;
      }
      return false;
    };
    const std::string_view type = content(json_member(element, "contentType"));
    const std::string_view role = content(json_member(element, "role"));
    if (names_markup(type)) return TextFormat::html;
    if (type.starts_with("text/plain")) return TextFormat::plain;
    return names_markup(role) || looks_like_markup(value) ? TextFormat::html : TextFormat::plain;
  }

  struct Found {
    std::string_view content;  // Escaped, as it came.
    TextFormat format = TextFormat::plain;
    std::uint16_t index = 0;
  };

  void read_texts(std::string_view list, PartKind kind) {
    const PassThrough* const found = member(list);
    if (found == nullptr) return;
    if (!is_json_array(found->raw_json)) {
      fail_type(fmt::format("/{}", list), found->raw_json, "an array");
      return;
    }
    texts_.clear();
    if (!collect_texts(list, found->raw_json)) return;
    const bool any_plain = std::any_of(texts_.begin(), texts_.end(), [](const Found& text) {
      return text.format == TextFormat::plain;
    });
    for (const Found& text : texts_) {
      if (any_plain && text.format != TextFormat::plain) continue;
      if (!draft_.add_part(kind, unescaped(text.content), text.format, text.index)) return;
      if (kind == PartKind::body) draft_.add_headings();
      if (!any_plain) return;
    }
  }

  // The visible texts of a list.
  bool collect_texts(std::string_view list, std::string_view array) {
    std::uint32_t index = 0;
    for (JsonElements elements(array); elements.next(); ++index) {
      const std::string_view element = elements.value();
      if (index >= ArticleLimits::kPartsMax) {
        return draft_.fail(Reason::too_many_parts, fmt::format("/{}: more than {} elements", list,
                                                               ArticleLimits::kPartsMax));
      }
      if (!is_json_object(element)) {
        fail_type(fmt::format("/{}/{}", list, index), element, "an object");
        return false;
      }
      const std::string_view value = json_member(element, "value");
      if (value.empty() || is_null(value)) continue;
      if (!is_json_string(value)) {
        fail_type(fmt::format("/{}/{}/value", list, index), value, "a string");
        return false;
      }
      const std::string_view text = json_string_content(value);
      const TextFormat format = format_of(element, text);
      if (is_visible(text, format)) {
        texts_.push_back({text, format, static_cast<std::uint16_t>(index)});
      }
    }
    return true;
  }

  // Of escaped text: only what escapes hide has to be looked at unescaped.
  bool is_visible(std::string_view escaped, TextFormat format) {
    if (escaped.find('\\') == std::string_view::npos) return has_visible_text(escaped, format);
    scratch_.clear();
    append_unescaped(escaped, scratch_);
    return has_visible_text(scratch_, format);
  }

  Draft& draft_;
  std::vector<Found> texts_;
  std::string scratch_;
};

}  // namespace

bool looks_like_ninjs(dom::object document) {
  bool identified = false;  // Has a uri or guid.
  bool shaped = false;      // Has what only ninjs has.
  bool hinted = false;      // Has what ninjs has, and others might.
  bool other_body = false;  // Keeps its text where ninjs never does.
  for (const dom::key_value_pair& member : document) {
    const std::string_view name = member.key;
    if (is_one_of(name, {"uri", "guid"})) {
      identified = identified || member.value.is_string();
    } else if (is_one_of(name, {"headlines", "descriptions", "bodies"})) {
      shaped = shaped || is_text_list(member.value);
    } else if (name == "standard") {
      shaped = shaped || member.value.is_object();
    } else if (is_one_of(name, {"$standard", "body_xhtml", "description_text"})) {
      shaped = true;
    } else if (is_one_of(name, {"body_html", "body_text", "pubStatus", "pubstatus",
                                "versionCreated", "versioncreated", "firstCreated", "firstcreated",
                                "representationType", "representationtype"})) {
      hinted = true;
    } else if (is_one_of(name, {"body", "text", "content", "articleBody", "content_html",
                                "content_text", "bodyText"})) {
      other_body = true;
    }
  }
  return identified && (shaped || (hinted && !other_body));
}

bool read_ninjs(std::string_view json, Draft& draft) { return NinjsReader(draft).read(json); }

}  // namespace telex
