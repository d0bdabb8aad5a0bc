#include "ingest/decode/json_article.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include <fmt/format.h>

#include "ingest/decode/plain_text.h"
#include "schemas/event_time.h"
#include "schemas/json_writer.h"

namespace telex {
namespace {

namespace dom = simdjson::dom;

std::string_view type_name(const dom::element& value) {
  switch (value.type()) {
    case dom::element_type::ARRAY:
      return "an array";
    case dom::element_type::OBJECT:
      return "an object";
    case dom::element_type::BOOL:
      return "a boolean";
    case dom::element_type::STRING:
      return "a string";
    case dom::element_type::NULL_VALUE:
      return "null";
    case dom::element_type::INT64:
    case dom::element_type::UINT64:
    case dom::element_type::DOUBLE:
      return "a number";
  }
  return "something else";
}

// Says where and what, without a word of the article.
bool fail_type(Draft& draft, std::string_view pointer, const dom::element& value,
               std::string_view wanted) {
  return draft.fail(Reason::wrong_type,
                    fmt::format("{}: {} where {} was due", pointer, type_name(value), wanted));
}

class Reader {
 public:
  Reader(const FieldTree& tree, const FieldValues& values, Draft& draft)
      : tree_(tree), values_(values), draft_(draft) {}

  bool read() {
    Article& article = draft_.article;
    article.format = InputFormat::json_map;
    draft_.body_uri = text(Field::uri, Strict::yes);
    draft_.body_id = text(Field::id, Strict::yes);
    article.version = text(Field::version, Strict::yes);
    article.source = text(Field::source, Strict::no);
    article.language = language();
    article.published = parse_event_time(text(Field::published, Strict::no));
    article.version_created = parse_event_time(text(Field::updated, Strict::no));
    read_pub_status();
    read_texts(Field::headline, PartKind::headline, TextFormat::plain);
    read_texts(Field::lead, PartKind::lead, TextFormat::plain);
    read_texts(Field::body, PartKind::body, TextFormat::plain);
    if (draft_.parts().empty() || draft_.parts().back().kind != PartKind::body) {
      read_texts(Field::body_html, PartKind::body, TextFormat::html);
    }
    pass_on_names(Field::by, "by");
    pass_on_text(Field::slugline, "slugline");
    pass_on_text(Field::located, "located");
    pass_on_text(Field::copyright, "copyrightHolder");
    pass_on_section();
    return !draft_.faulty();
  }

 private:
  enum class Strict : std::uint8_t { no, yes };

  // A string or number as text, in the arena; empty if there is none.
  std::string_view text(Field field, Strict strict) {
    const FieldTree::Alternative* unreadable = nullptr;
    for (const FieldTree::Alternative& alternative : tree_.alternatives(field)) {
      const dom::element* const value = values_.get(alternative.leaf);
      if (value == nullptr) continue;
      std::string scratch;
      std::string_view found;
      if (as_text(*value, found, scratch)) {
        if (!found.empty()) return draft_.store(found);
      } else if (unreadable == nullptr) {
        unreadable = &alternative;
      }
    }
    if (unreadable != nullptr && strict == Strict::yes) {
      fail_type(draft_, unreadable->pointer, *values_.get(unreadable->leaf), "a string");
    }
    return "";
  }

  static bool as_text(const dom::element& value, std::string_view& found, std::string& scratch) {
    switch (value.type()) {
      case dom::element_type::STRING:
        return value.get(found) == simdjson::SUCCESS;
      case dom::element_type::INT64:
        scratch = fmt::format_int(int64_t(value)).str();
        break;
      case dom::element_type::UINT64:
        scratch = fmt::format_int(uint64_t(value)).str();
        break;
      case dom::element_type::DOUBLE: {
        // Plain decimals: Unix time with a fraction must not become "1.7e+09".
        std::array<char, 400> digits;
        const auto end =
            std::to_chars(digits.begin(), digits.end(), double(value), std::chars_format::fixed)
                .ptr;
        scratch.assign(digits.begin(), end);
        break;
      }
      default:
        return false;
    }
    found = scratch;
    return true;
  }

  // Underscores are read as hyphens: "nl_NL".
  std::string_view language() {
    const std::string_view given = text(Field::language, Strict::no);
    if (given.find('_') == std::string_view::npos) return given;
    std::string tag(given);
    for (char& c : tag) c = c == '_' ? '-' : c;
    return draft_.store(tag);
  }

  void read_pub_status() {
    const std::string_view given = text(Field::pub_status, Strict::yes);
    if (given.empty()) return;
    const auto status = pub_status_from(given);
    if (!status) {
      draft_.fail(Reason::bad_field, "pub_status is not usable, withheld or canceled");
      return;
    }
    draft_.article.pub_status = *status;
  }

  // The parts of one field: a string, or for bodies an array of strings.
  void read_texts(Field field, PartKind kind, TextFormat format) {
    const FieldTree::Alternative* unreadable = nullptr;
    for (const FieldTree::Alternative& alternative : tree_.alternatives(field)) {
      const dom::element* const value = values_.get(alternative.leaf);
      if (value == nullptr) continue;
      const std::size_t before = draft_.parts().size();
      dom::array array;
      if (value->is_string()) {
        add_text(*value, kind, format);
      } else if (kind == PartKind::body && value->get(array) == simdjson::SUCCESS) {
        if (!add_texts(array, alternative.pointer, kind, format)) return;
      } else if (unreadable == nullptr) {
        unreadable = &alternative;
      }
      if (draft_.faulty() || draft_.parts().size() != before) return;
    }
    if (unreadable != nullptr) {
      fail_type(draft_, unreadable->pointer, *values_.get(unreadable->leaf), "a string");
    }
  }

  bool add_texts(dom::array array, std::string_view pointer, PartKind kind, TextFormat format) {
    std::size_t position = 0;
    for (const dom::element element : array) {
      if (!element.is_string()) {
        return fail_type(draft_, fmt::format("{}/{}", pointer, position), element, "a string");
      }
      if (!add_text(element, kind, format)) return false;
      ++position;
    }
    return true;
  }

  bool add_text(const dom::element& value, PartKind kind, TextFormat format) {
    std::string_view given;
    if (value.get(given) != simdjson::SUCCESS) return false;
    if (format == TextFormat::plain && kind != PartKind::headline && looks_like_markup(given)) {
      format = TextFormat::html;
    }
    // What nobody can see is not copied.
    if (!has_visible_text(given, format)) return true;
    const auto index = std::count_if(draft_.parts().begin(), draft_.parts().end(),
                                     [kind](const Part& part) { return part.kind == kind; });
    if (!draft_.add_part(kind, draft_.store(given), format, static_cast<std::uint16_t>(index))) {
      return false;
    }
    if (kind == PartKind::body) draft_.add_headings();
    return true;
  }

  void pass_on(std::string_view name, std::string_view json) {
    draft_.pass_through.push_back({name, draft_.store(json)});
  }

  void pass_on_text(Field field, std::string_view name) {
    const std::string_view given = text(field, Strict::no);
    if (given.empty()) return;
    std::string json;
    append_json_string(given, json);
    pass_on(name, json);
  }

  // Strings, objects with a "name", or an array of these, joined by commas.
  void pass_on_names(Field field, std::string_view name) {
    std::string names;
    for_each_name(field, [&names](std::string_view found) {
      if (!names.empty()) names.append(", ");
      names.append(found);
    });
    if (names.empty()) return;
    std::string json;
    append_json_string(names, json);
    pass_on(name, json);
  }

  void pass_on_section() {
    std::string json;
    for_each_name(Field::section, [&json](std::string_view found) {
      json.append(json.empty() ? "[{\"name\":" : ",{\"name\":");
      append_json_string(found, json);
      json.push_back('}');
    });
    if (json.empty()) return;
    json.push_back(']');
    pass_on("subjects", json);
  }

  template <class Use>
  void for_each_name(Field field, Use use) {
    bool found_any = false;
    const auto visit = [&](const dom::element& value) {
      std::string_view found;
      dom::object object;
      if (value.get(object) == simdjson::SUCCESS) {
        for (const dom::key_value_pair& member : object) {
          if (member.key == "name" && member.value.is_string()) found = member.value;
        }
      } else if (value.get(found) != simdjson::SUCCESS) {
        return;
      }
      found = trimmed(found);
      if (found.empty()) return;
      found_any = true;
      use(found);
    };
    for (const FieldTree::Alternative& alternative : tree_.alternatives(field)) {
      const dom::element* const value = values_.get(alternative.leaf);
      if (value == nullptr) continue;
      dom::array array;
      if (value->get(array) == simdjson::SUCCESS) {
        for (const dom::element element : array) visit(element);
      } else {
        visit(*value);
      }
      if (found_any) return;
    }
  }

  const FieldTree& tree_;
  const FieldValues& values_;
  Draft& draft_;
};

}  // namespace

bool read_json_article(dom::object document, const FieldTree& tree, FieldValues& values,
                       Draft& draft) {
  tree.collect(document, values);
  return Reader(tree, values, draft).read();
}

}  // namespace telex
