#include "ingest/decode/ninjs_legacy.h"

#include <algorithm>
#include <array>
#include <string>

#include "schemas/json_slices.h"
#include "schemas/json_writer.h"
#include "schemas/ninjs_members.h"

namespace telex {
namespace {

struct Rename {
  std::string_view from;
  std::string_view to;
};

// Same value, another name; at the top and inside.
constexpr std::array kRenames{
    Rename{"altids", "altIds"},
    Rename{"byline", "by"},
    Rename{"charcount", "charCount"},
    Rename{"contactinfo", "contactInfo"},
    Rename{"contentcreated", "contentCreated"},
    Rename{"contenttype", "contentType"},
    Rename{"copyrightholder", "copyrightHolder"},
    Rename{"copyrightnotice", "copyrightNotice"},
    Rename{"digitalsourcetype", "digitalSourceType"},
    Rename{"ednote", "edNote"},
    Rename{"embargoed", "embargoedUntil"},
    Rename{"encodedrights", "encodedRights"},
    Rename{"firstcreated", "firstCreated"},
    Rename{"geojson", "geoJSON"},
    Rename{"infosources", "infoSources"},
    Rename{"langid", "langId"},
    Rename{"linkedrights", "linkedRights"},
    Rename{"postalcode", "postalCode"},
    Rename{"pubstatus", "pubStatus"},
    Rename{"representationtype", "representationType"},
    Rename{"rightsinfo", "rightsInfo"},
    Rename{"sizeinbytes", "sizeInBytes"},
    Rename{"symboltype", "symbolType"},
    Rename{"ticker", "symbol"},
    Rename{"trustindicators", "trustIndicators"},
    Rename{"usageterms", "usageTerms"},
    Rename{"versioncreated", "versionCreated"},
    Rename{"wordcount", "wordCount"},
};

// Lists of 1.x; their elements name a concept by scheme and code.
constexpr std::array kLists{
    Rename{"person", "people"},
    Rename{"organisation", "organisations"},
    Rename{"place", "places"},
    Rename{"subject", "subjects"},
    Rename{"event", "events"},
    Rename{"object", "objects"},
    Rename{"infosource", "infoSources"},
    Rename{"genre", "genres"},
    Rename{"trustindicator", "trustIndicators"},
};

// Strings of 1.x and the list each becomes an element of; "headline_x" and so on as well.
constexpr std::array kTexts{Rename{"headline", "headlines"}, Rename{"description", "descriptions"},
                            Rename{"body", "bodies"}};

template <std::size_t N>
const Rename* find(const std::array<Rename, N>& table, std::string_view name) {
  const auto found = std::find_if(table.begin(), table.end(),
                                  [name](const Rename& row) { return row.from == name; });
  return found == table.end() ? nullptr : &*found;
}

// Which list a text of 1.x belongs to; "body" and "description" alone are no members of ninjs.
const Rename* text_list(std::string_view name) {
  if (name == "headline") return kTexts.data();
  for (const Rename& text : kTexts) {
    if (name.size() > text.from.size() + 1 && name.starts_with(text.from) &&
        name[text.from.size()] == '_') {
      return &text;
    }
  }
  return nullptr;
}

bool has(const std::vector<PassThrough>& members, std::string_view name) {
  return std::any_of(members.begin(), members.end(),
                     [name](const PassThrough& member) { return member.name == name; });
}

// A copy of `value` in which every member of every object inside has its new name; white space
// between them is left out. Returns whether any name is new.
// Depth is bounded by the parser that accepted the document.
bool append_renamed(std::string_view value, std::string& out) {
  bool any = false;
  bool first = true;
  if (is_json_object(value)) {
    out.push_back('{');
    for (JsonMembers members(value); members.next(); first = false) {
      if (!first) out.push_back(',');
      const Rename* const rename = find(kRenames, members.name());
      any = any || rename != nullptr;
      out.push_back('"');
      out.append(rename != nullptr ? rename->to : members.name());
      out.append("\":");
      any = append_renamed(members.value(), out) || any;
    }
    out.push_back('}');
  } else if (is_json_array(value)) {
    out.push_back('[');
    for (JsonElements elements(value); elements.next(); first = false) {
      if (!first) out.push_back(',');
      any = append_renamed(elements.value(), out) || any;
    }
    out.push_back(']');
  } else {
    out.append(value);
  }
  return any;
}

void append_member(std::string_view name, std::string_view json, std::string& out) {
  if (out.back() != '{') out.push_back(',');
  out.push_back('"');
  out.append(name);
  out.append("\":");
  out.append(json);
}

bool is_score(std::string_view json) {
  return !json.empty() && json.size() <= 3 &&
         std::all_of(json.begin(), json.end(), [](char c) { return c >= '0' && c <= '9'; }) &&
         (json.size() < 3 || json == "100") && (json.size() == 1 || json[0] != '0');
}

// Under which name a member of a 1.x concept stands in a list of ninjs 3; empty: it has no place.
std::string_view concept_member(std::string_view list, std::string_view name,
                                std::string_view value) {
  if (list == "subjects" && (name == "relevance" || name == "confidence")) {
    return is_score(value) ? name : std::string_view();
  }
  if (!is_json_string(value)) return {};
  if (list == "trustIndicators") return name == "title" || name == "href" ? name : "";
  if (name == "name") return name;
  if (name == "code") return "literal";
  if (name == "creator" && list == "subjects") return name;
  if (name != "rel" || list == "genres") return {};
  return list == "infoSources" ? "role" : "rel";
}

// One concept of a 1.x list as ninjs 3 has it. `lossless` becomes false when something is left out.
void append_concept(std::string_view element, std::string_view list, std::string& out,
                    bool& lossless) {
  out.push_back('{');
  for (JsonMembers members(element); members.next();) {
    const std::string_view to = concept_member(list, members.name(), members.value());
    if (to.empty()) {
      lossless = false;
    } else {
      append_member(to, members.value(), out);
    }
  }
  out.push_back('}');
}

class Moderniser {
 public:
  Moderniser(const std::vector<PassThrough>& from, Draft& draft) : from_(from), draft_(draft) {}

  std::vector<PassThrough> run() {
    for (const PassThrough& member : from_) add(member);
    return std::move(to_);
  }

 private:
  void add(const PassThrough& member) {
    if (const Rename* const text = text_list(member.name)) {
      add_text(*text, member);
    } else if (const Rename* const list = find(kLists, member.name)) {
      add_list(*list, member);
    } else if (member.name == "guid" && !has(from_, "uri")) {
      to_.push_back({"uri", member.raw_json});
    } else if (member.name == "altids" && is_json_object(member.raw_json)) {
      add_alternative_ids(member);
    } else {
      const Rename* const rename = find(kRenames, member.name);
      const bool renamed =
          rename != nullptr && is_ninjs_name(rename->to) && !has(from_, rename->to);
      add_renamed(renamed ? rename->to : member.name, member.raw_json);
    }
  }

  void add_renamed(std::string_view name, std::string_view value) {
    if (is_json_object(value) || is_json_array(value)) {
      scratch_.clear();
      if (append_renamed(value, scratch_)) value = draft_.store(scratch_);
    }
    to_.push_back({name, value});
  }

  // All texts of one kind become one list, where the first of them stood.
  void add_text(const Rename& text, const PassThrough& member) {
    if (has(from_, text.to) || !is_json_string(member.raw_json)) {
      to_.push_back(member);
      return;
    }
    if (has(to_, text.to)) return;
    scratch_.assign("[");
    for (const PassThrough& other : from_) {
      if (text_list(other.name) != &text || !is_json_string(other.raw_json)) continue;
      if (scratch_.size() > 1) scratch_.push_back(',');
      append_text(text, other);
    }
    scratch_.push_back(']');
    to_.push_back({text.to, draft_.store(scratch_)});
  }

  // "body_xhtml" has the role xhtml, "description_caption_text" the role caption_text; the last
  // word names the format.
  void append_text(const Rename& text, const PassThrough& member) {
    std::string_view role = member.name;
    role.remove_prefix(std::min(role.size(), text.from.size() + 1));
    const std::string_view format = role.substr(role.rfind('_') + 1);
    scratch_.append("{\"role\":");
    append_json_string(role.empty() ? "main" : role, scratch_);
    if (format == "text" || role.empty()) scratch_.append(",\"contentType\":\"text/plain\"");
    if (format.find("html") != std::string_view::npos) {
      scratch_.append(",\"contentType\":\"text/html\"");
    }
    scratch_.append(",\"value\":");
    scratch_.append(member.raw_json);
    scratch_.push_back('}');
  }

  void add_list(const Rename& list, const PassThrough& member) {
    if (has(from_, list.to) || !is_json_array(member.raw_json)) {
      to_.push_back(member);
      return;
    }
    bool lossless = true;
    scratch_.assign("[");
    for (JsonElements elements(member.raw_json); elements.next();) {
      if (!is_json_object(elements.value())) {
        lossless = false;
        continue;
      }
      if (scratch_.size() > 1) scratch_.push_back(',');
      append_concept(elements.value(), list.to, scratch_, lossless);
    }
    scratch_.push_back(']');
    to_.push_back({list.to, draft_.store(scratch_)});
    if (!lossless) to_.push_back(member);
  }

  // {"slug": "x"} becomes [{"role": "slug", "value": "x"}] where every value is a string.
  void add_alternative_ids(const PassThrough& member) {
    scratch_.assign("[");
    for (JsonMembers ids(member.raw_json); ids.next();) {
      if (!is_json_string(ids.value())) {
        to_.push_back(member);
        return;
      }
      if (scratch_.size() > 1) scratch_.push_back(',');
      scratch_.append("{\"role\":\"");
      scratch_.append(ids.name());
      scratch_.append("\",\"value\":");
      scratch_.append(ids.value());
      scratch_.push_back('}');
    }
    scratch_.push_back(']');
    to_.push_back({"altIds", draft_.store(scratch_)});
  }

  const std::vector<PassThrough>& from_;
  Draft& draft_;
  std::vector<PassThrough> to_;
  std::string scratch_;
};

}  // namespace

bool is_legacy_ninjs_name(std::string_view name) {
  return find(kRenames, name) != nullptr || find(kLists, name) != nullptr ||
         text_list(name) != nullptr || name == "guid" || name == "$standard";
}

void modernise_ninjs(std::vector<PassThrough>& members, Draft& draft) {
  const bool legacy = std::any_of(members.begin(), members.end(), [](const PassThrough& member) {
    return is_legacy_ninjs_name(member.name);
  });
  if (legacy) members = Moderniser(members, draft).run();
}

}  // namespace telex
