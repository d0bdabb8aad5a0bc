#include "service/config.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <set>
#include <sstream>

#include <fmt/format.h>
#include <toml++/toml.h>
#include <xxhash.h>

#include "ingest/decode/field_map.h"
#include "kafka/properties.h"
#include "process/nearest_name.h"

namespace telex {
namespace {

// When a change of a setting is in force, and whether it can change a record: shown in the
// reference, and the base of reload and of the record digest.
enum class Scope {
  restart,         // From the next start on. A reload of a file where it differs is refused.
  reload,          // From the next reload on.
  record,          // The same, and it can change a record: part of the record digest.
  record_restart,  // From the next start on, and part of the record digest.
};

constexpr bool is_restart_only(Scope scope) {
  return scope == Scope::restart || scope == Scope::record_restart;
}
constexpr bool is_of_record(Scope scope) {
  return scope == Scope::record || scope == Scope::record_restart;
}

// ---- The one list of settings -------------------------------------------------------------------
//
// V has: table(name, doc), text(name, value, doc, scope, allowed), number(name, value, min, max,
// doc), texts(name, value, doc), map(name, value, doc), lists(name, value, doc).
template <class C, class V>
void describe(C& c, V& v) {
  v.table("", "");
  v.text("pipeline", c.pipeline,
         "Name of this pipeline; part of the group and of transactional ids. Letters, digits, - "
         "and _.",
         Scope::restart, {});

  v.table("kafka", "The brokers.");
  v.text(
      "bootstrap_servers", c.kafka.bootstrap_servers,
      "host:port, comma separated; or \"embedded\": an in-process cluster for trying out, which is "
      "at-least-once and gone with the process.",
      Scope::restart, {});
  v.map("properties", c.kafka.properties,
        "librdkafka properties, from an allow-list (security.protocol, sasl.mechanism, "
        "sasl.username, sasl.password, ssl.ca.location, ssl.certificate.location, "
        "ssl.key.location, ssl.key.password, ...; SECURITY.md has examples). Certificates and host "
        "names are always checked. Values may be ${env:NAME} or ${file:PATH}.",
        Scope::restart);

  v.table("input", "Raw articles in.");
  v.texts("topics", c.input.topics, "Topics to read.", Scope::restart);
  v.text("group", c.input.group, "Consumer group; empty: telex-<pipeline>.", Scope::restart, {});
  v.text("start", c.input.start, "Where a group without committed offsets begins.", Scope::restart,
         {"earliest", "latest"});
  v.text("format", c.input.format,
         "Format of records without a content-type header; auto looks at the bytes.", Scope::record,
         {"auto", "json", "ninjs", "text"});
  v.text("source", c.input.source, "Source of articles that name none; empty: the topic.",
         Scope::record, {});
  v.lists(
      "fields", c.input.fields,
      "Field map for JSON that is not ninjs: field = [JSON Pointers, first match wins]. Fields: "
      "uri, id, version, source, language, published, updated, headline, lead, body. A field "
      "that is not named keeps its default pointers.",
      Scope::record);

  v.table("output", "Enriched records and dead letters out.");
  v.text("enriched", c.output.enriched, "Topic of enriched records.", Scope::restart, {});
  v.text("dead_letter", c.output.dead_letter,
         "Topic of dead letters; empty: <first input topic>.dlq.", Scope::restart, {});
  // By a restart: it is held against the topic's limit when a lane gets ready.
  v.number(
      "record_bytes_max", c.output.record_bytes_max, 1'000, 100'000'000,
      "Largest enriched record in bytes, with key and headers, as Kafka counts it; at most the "
      "topic's max.message.bytes. A larger one becomes a dead letter (output_too_large).",
      Scope::record_restart);

  v.table("dead_letters",
          "Dead letters that their topic cannot hold, or that come back too often.");
  v.text("spool", c.dead_letters.spool,
         "Folder for the originals of dead letters above the topic's max.message.bytes; in their "
         "place the topic gets a claim check. Made if only it is missing; lanes and processes may "
         "share it. Empty: none, and such a record holds up its partition.",
         Scope::restart, {});
  v.number(
      "spool_bytes_max", c.dead_letters.spool_bytes_max, 1 << 20, std::int64_t{1} << 50,
      "Bytes of records in that folder, old ones included; when it is full, a record that needs "
      "it holds up its partition until there is room.",
      Scope::restart);
  v.text("parking", c.dead_letters.parking,
         "Topic for dead letters that `telex dlq replay` has put back too often; empty: "
         "<dead-letter topic>.parked.",
         Scope::restart, {});

  v.table("engine", "Lanes and transactions.");
  v.number("lanes", c.engine.lanes, 1, 64, "Threads, each a consumer and a producer of its own.",
           Scope::restart);
  v.text("delivery", c.engine.delivery,
         "exactly_once: outputs and offsets in one transaction. at_least_once: no transactions; a "
         "crash can double records. The embedded cluster is always at_least_once.",
         Scope::restart, {"exactly_once", "at_least_once"});
  v.text("instance", c.engine.instance,
         "Stable name of this process among those of its group; empty: the host name and -0.",
         Scope::restart, {});
  v.number("commit_interval_ms", c.engine.commit_interval_ms, 1, 60'000,
           "A transaction is closed when it is this old ...", Scope::restart);
  v.number("commit_records", c.engine.commit_records, 1, 1'000'000,
           "... or has taken in this many records ...", Scope::restart);
  v.number(
      "batch_bytes", c.engine.batch_bytes, 9 << 20, 1 << 30,
      "... or this many bytes. Also the size of a lane's batch, so a larger record stops it: at "
      "least max.message.bytes of every input topic.",
      Scope::restart);
  v.number("produce_bytes", c.engine.produce_bytes, 1 << 20, 1 << 30,
           "Bytes of output under way in one lane.", Scope::restart);
  v.number("prefetch_bytes", c.engine.prefetch_bytes, 1 << 20, 1 << 30,
           "Bytes a lane reads ahead; two seconds of throughput at least.", Scope::restart);
  v.number("drain_seconds", c.engine.drain_seconds, 1, 600,
           "On SIGTERM: time to finish, commit and leave.", Scope::restart);
  v.number("session_timeout_ms", c.engine.session_timeout_ms, 6'000, 1'800'000,
           "The group waits this long for a silent member.", Scope::restart);
  v.number("transaction_timeout_ms", c.engine.transaction_timeout_ms, 11'000, 900'000,
           "The broker aborts a transaction that is open this long.", Scope::restart);

  v.table("knowledge", "Names.");
  v.text("pack", c.knowledge.pack,
         "Knowledge pack, made by `telex kb build`. default: telex.pack beside the program or in "
         "its share folder. none: tag no entities. (Records carry the pack's own digest.)",
         Scope::reload, {});

  v.table("topics", "Topics.");
  v.text("rules", c.topics.rules,
         "builtin, none, or a folder of <language>.rules files and a vocabulary.tsv. (Records "
         "carry the rules' own digest.)",
         Scope::reload, {});

  v.table("duplicates",
          "Articles that come a second time. Needs exactly one input topic, keyed by the articles' "
          "identity, since state is kept per partition.");
  v.text("identical", c.duplicates.identical,
         "A record with the same identity, version and content as the latest one of that identity: "
         "suppress does not publish it, mark publishes it with annotations.duplicate. From and to "
         "off only by a restart.",
         Scope::record, {"off", "mark", "suppress"});
  v.number("remember_hours", c.duplicates.remember_hours, 1, 8'760,
           "An article that was not seen for so long, by the records' timestamps, is news again.",
           Scope::record);
  v.number("state_bytes_max", c.duplicates.state_bytes_max, 1 << 20, std::int64_t{16} << 30,
           "Memory for what is remembered, of each lane; about 104 bytes an article. Above it "
           "articles pass unremembered (telex_state_full_total). A lane that takes over more "
           "partitions than it has memory for stops and says so.",
           Scope::restart);
  v.text("store", c.duplicates.store,
         "Name of the store; its changelog topic is telex-<pipeline>-<store>-changelog. A new name "
         "begins with nothing remembered.",
         Scope::restart, {});
  v.text("checkpoints", c.duplicates.checkpoints,
         "Folder on this machine for checkpoints of what is remembered, so that a start reads only "
         "the rest of the changelog. Empty: none, and a start reads all of it.",
         Scope::restart, {});

  v.table("admin", "Health and metrics over HTTP.");
  v.text("listen", c.admin.listen,
         "host:port on loopback; port 0 takes a free one; empty: no admin server.", Scope::restart,
         {});

  v.table("log", "Logs, on standard error. Never article text.");
  v.text("level", c.log.level, "Least level that is logged.", Scope::reload,
         {"trace", "debug", "info", "warn", "error"});
  v.text("format", c.log.format, "Lines for people or JSON lines.", Scope::restart,
         {"text", "json"});
}

using Allowed = std::initializer_list<std::string_view>;

std::vector<std::string_view> field_names() {
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < kFieldCount; ++i) names.push_back(to_string(static_cast<Field>(i)));
  return names;
}

std::string toml_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string toml_list(const std::vector<std::string>& values) {
  std::string out = "[";
  for (const std::string& value : values) {
    if (out.size() > 1) out += ", ";
    out += toml_string(value);
  }
  return out + "]";
}

// ---- Reading ------------------------------------------------------------------------------------

class Reader {
 public:
  Reader(const toml::table& root, std::string file, std::vector<ConfigError>& errors)
      : root_(root), file_(std::move(file)), errors_(errors) {}

  void table(std::string_view name, std::string_view) {
    if (!name.empty()) known_[""].insert(std::string(name));
    name_ = name;
    table_ = nullptr;
    if (name.empty()) {
      table_ = &root_;
    } else if (const toml::node* node = root_.get(name)) {
      table_ = node->as_table();
      if (table_ == nullptr) error(*node, fmt::format("[{}] must be a table", name));
    }
  }

  void text(std::string_view key, std::string& value, std::string_view, Scope, Allowed allowed) {
    const toml::node* node = take(key);
    if (node == nullptr) return;
    auto given = node->value_exact<std::string>();
    if (!given) return wrong_type(*node, key, "a string");
    std::string why;
    if (!interpolate(*given, why)) return error(*node, fmt::format("{}: {}", path(key), why));
    if (allowed.size() > 0 && std::find(allowed.begin(), allowed.end(), *given) == allowed.end()) {
      return error(*node, fmt::format("{} must be one of {}, not {}", path(key),
                                      fmt::join(allowed, ", "), toml_string(*given)));
    }
    value = *given;
  }

  void number(std::string_view key, std::int64_t& value, std::int64_t min, std::int64_t max,
              std::string_view, Scope) {
    const toml::node* node = take(key);
    if (node == nullptr) return;
    const auto given = node->value_exact<std::int64_t>();
    if (!given) return wrong_type(*node, key, "an integer");
    if (*given < min || *given > max) {
      return error(*node, fmt::format("{} must be {} to {}, not {}", path(key), min, max, *given));
    }
    value = *given;
  }

  void texts(std::string_view key, std::vector<std::string>& value, std::string_view, Scope) {
    const toml::node* node = take(key);
    if (node == nullptr) return;
    if (auto list = strings(*node, key)) {
      if (list->empty()) return error(*node, fmt::format("{} must not be empty", path(key)));
      value = std::move(*list);
    }
  }

  void map(std::string_view key, std::map<std::string, std::string>& value, std::string_view,
           Scope) {
    const toml::node* node = take(key);
    if (node == nullptr) return;
    const toml::table* entries = node->as_table();
    if (entries == nullptr) return wrong_type(*node, key, "a table");
    flatten(*entries, "", [&](const std::string& name, const toml::node& entry) {
      std::string text;
      if (const auto given = entry.value_exact<std::string>()) {
        text = *given;
      } else if (const auto whole = entry.value_exact<std::int64_t>()) {
        text = std::to_string(*whole);
      } else if (const auto flag = entry.value_exact<bool>()) {
        text = *flag ? "true" : "false";
      } else {
        return error(entry, fmt::format("{}.{} must be a string, an integer or true/false",
                                        path(key), name));
      }
      std::string why;
      if (!interpolate(text, why)) {
        return error(entry, fmt::format("{}.{}: {}", path(key), name, why));
      }
      for (const std::string& refusal : kafka::check_properties({{name, text}})) {
        return error(entry, fmt::format("{}: {}", path(key), refusal));
      }
      value[name] = text;
    });
  }

  void lists(std::string_view key, std::map<std::string, std::vector<std::string>>& value,
             std::string_view, Scope) {
    const toml::node* node = take(key);
    if (node == nullptr) return;
    const toml::table* entries = node->as_table();
    if (entries == nullptr) return wrong_type(*node, key, "a table");
    for (const auto& [name, entry] : *entries) {
      const std::string field(name.str());
      if (!field_from(field)) {
        error(entry, fmt::format("{}: no field {}; there are {}", path(key), toml_string(field),
                                 fmt::join(field_names(), ", ")));
        continue;
      }
      std::optional<std::vector<std::string>> pointers;
      if (const auto one = entry.value_exact<std::string>()) {
        pointers = std::vector<std::string>{*one};
      } else {
        pointers = strings(entry, key);
      }
      if (!pointers) continue;
      bool good = !pointers->empty();
      for (const std::string& pointer : *pointers) good = good && is_json_pointer(pointer);
      if (!good) {
        error(entry,
              fmt::format("{}.{} must be JSON Pointers, each beginning with /", path(key), field));
        continue;
      }
      value[field] = std::move(*pointers);
    }
  }

  // Whatever was not asked for is unknown.
  void report_unknown() {
    check_unknown(root_, "");
    for (const auto& [key, node] : root_) {
      const std::string name(key.str());
      if (const toml::table* table = node.as_table(); table != nullptr && known_.contains(name)) {
        check_unknown(*table, name);
      }
    }
  }

 private:
  std::string path(std::string_view key) const {
    return name_.empty() ? std::string(key) : fmt::format("{}.{}", name_, key);
  }

  const toml::node* take(std::string_view key) {
    known_[std::string(name_)].insert(std::string(key));
    return table_ == nullptr ? nullptr : table_->get(key);
  }

  void error(const toml::node& node, std::string message) {
    error(node.source(), std::move(message));
  }
  void error(const toml::source_region& where, std::string message) {
    errors_.push_back({file_, where.begin.line, where.begin.column, std::move(message)});
  }
  void wrong_type(const toml::node& node, std::string_view key, std::string_view want) {
    std::ostringstream type;
    type << node.type();
    error(node, fmt::format("{} must be {}, not {}", path(key), want, type.str()));
  }

  std::optional<std::vector<std::string>> strings(const toml::node& node, std::string_view key) {
    const toml::array* list = node.as_array();
    if (list == nullptr) {
      wrong_type(node, key, "a list of strings");
      return std::nullopt;
    }
    std::vector<std::string> out;
    for (const toml::node& element : *list) {
      auto given = element.value_exact<std::string>();
      if (!given || given->empty()) {
        error(element, fmt::format("{} must hold only non-empty strings", path(key)));
        return std::nullopt;
      }
      std::string why;
      if (!interpolate(*given, why)) {
        error(element, fmt::format("{}: {}", path(key), why));
        return std::nullopt;
      }
      out.push_back(*given);
    }
    return out;
  }

  // "sasl.username" may be written quoted or as nested dotted keys; both give one flat name.
  void flatten(const toml::table& table, const std::string& prefix,
               const std::function<void(const std::string&, const toml::node&)>& visit) {
    for (const auto& [key, node] : table) {
      const std::string name =
          prefix.empty() ? std::string(key.str()) : prefix + "." + std::string(key.str());
      if (const toml::table* inner = node.as_table()) {
        flatten(*inner, name, visit);
      } else {
        visit(name, node);
      }
    }
  }

  // ${env:NAME} and ${file:PATH}, after parsing and in values only: what comes in can never become
  // another setting.
  static bool interpolate(std::string& text, std::string& why) {
    const std::size_t begin = text.find("${");
    if (begin == std::string::npos) return true;
    if (begin != 0 || text.back() != '}') {
      why = "${...} must be the whole value";
      return false;
    }
    const std::string inside = text.substr(2, text.size() - 3);
    if (inside.starts_with("env:")) {
      const char* value = std::getenv(inside.c_str() + 4);
      if (value == nullptr) {
        why = "environment variable " + inside.substr(4) + " is not set";
        return false;
      }
      text = value;
    } else if (inside.starts_with("file:")) {
      std::ifstream in(inside.substr(5), std::ios::binary);
      if (!in) {
        why = "cannot read file " + inside.substr(5);
        return false;
      }
      text.assign(std::istreambuf_iterator<char>(in), {});
      while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
    } else {
      why = "${...} must be ${env:NAME} or ${file:PATH}";
      return false;
    }
    if (text.find('\n') != std::string::npos) {
      why = "the value of ${" + inside + "} has more than one line";
      return false;
    }
    return true;
  }

  void check_unknown(const toml::table& table, const std::string& name) {
    const std::set<std::string>& known = known_[name];
    for (const auto& [key, node] : table) {
      const std::string given(key.str());
      if (known.contains(given)) continue;
      std::string message = name.empty() ? fmt::format("unknown key {}", given)
                                         : fmt::format("unknown key {} in [{}]", given, name);
      const std::vector<std::string_view> names(known.begin(), known.end());
      const std::string_view nearest = nearest_name(given, names);
      if (!nearest.empty()) message += fmt::format("; did you mean {}?", nearest);
      error(key.source(), std::move(message));
    }
  }

  const toml::table& root_;
  std::string file_;
  std::vector<ConfigError>& errors_;
  std::string_view name_;
  const toml::table* table_ = nullptr;
  std::map<std::string, std::set<std::string>> known_;
};

// ---- Writing ------------------------------------------------------------------------------------

// One visitor writes the template, the resolved settings and the digest's input.
class TomlWriter {
 public:
  enum class Style { commented, resolved, record_only };
  explicit TomlWriter(Style style) : style_(style) {}

  void table(std::string_view name, std::string_view doc) {
    if (name.empty()) return;
    out_ += '\n';
    comment(doc);
    out_ += fmt::format("[{}]\n", name);
  }
  void text(std::string_view key, const std::string& value, std::string_view doc, Scope scope,
            Allowed allowed) {
    std::string full(doc);
    if (allowed.size() > 0) full += fmt::format(" One of: {}.", fmt::join(allowed, ", "));
    line(key, toml_string(value), full, scope);
  }
  void number(std::string_view key, std::int64_t value, std::int64_t min, std::int64_t max,
              std::string_view doc, Scope scope) {
    line(key, std::to_string(value), fmt::format("{} ({} to {})", doc, min, max), scope);
  }
  void texts(std::string_view key, const std::vector<std::string>& value, std::string_view doc,
             Scope scope) {
    line(key, toml_list(value), doc, scope);
  }
  void map(std::string_view key, const std::map<std::string, std::string>& value,
           std::string_view doc, Scope scope) {
    std::string inline_table;
    for (const auto& [name, text] : kafka::masked(value)) {
      inline_table += fmt::format("{}{} = {}", inline_table.empty() ? "" : ", ", toml_string(name),
                                  toml_string(text));
    }
    line(key, inline_table.empty() ? "{}" : "{ " + inline_table + " }", doc, scope);
  }
  void lists(std::string_view key, const std::map<std::string, std::vector<std::string>>& value,
             std::string_view doc, Scope scope) {
    std::string inline_table;
    for (const auto& [name, pointers] : value) {
      inline_table +=
          fmt::format("{}{} = {}", inline_table.empty() ? "" : ", ", name, toml_list(pointers));
    }
    line(key, inline_table.empty() ? "{}" : "{ " + inline_table + " }", doc, scope);
  }
  std::string take() { return std::move(out_); }

 private:
  void comment(std::string_view doc) {
    if (style_ != Style::commented) return;
    std::size_t column = 0;
    for (std::size_t at = 0; at < doc.size();) {
      const std::size_t end = std::min(doc.find(' ', at), doc.size());
      if (column == 0 || column + (end - at) > 96) {
        if (column != 0) out_ += '\n';
        out_ += '#';
        column = 1;
      }
      out_ += ' ';
      out_ += doc.substr(at, end - at);
      column += end - at + 1;
      at = end + 1;
    }
    out_ += '\n';
  }
  void line(std::string_view key, const std::string& value, std::string_view doc, Scope scope) {
    if (style_ == Style::record_only && !is_of_record(scope)) return;
    comment(doc);
    out_ += fmt::format("{} = {}\n", key, value);
  }

  Style style_;
  std::string out_;
};

class ReferenceWriter {
 public:
  void table(std::string_view name, std::string_view doc) {
    out_ += name.empty() ? "\n## Top level\n\n" : fmt::format("\n## [{}]\n\n{}\n\n", name, doc);
    out_ += "| key | default | meaning |\n| --- | --- | --- |\n";
  }
  void text(std::string_view key, const std::string& value, std::string_view doc, Scope scope,
            Allowed allowed) {
    std::string full(doc);
    if (allowed.size() > 0) full += fmt::format(" One of: {}.", fmt::join(allowed, ", "));
    row(key, toml_string(value), full, scope);
  }
  void number(std::string_view key, std::int64_t value, std::int64_t min, std::int64_t max,
              std::string_view doc, Scope scope) {
    row(key, std::to_string(value), fmt::format("{} {} to {}.", doc, min, max), scope);
  }
  void texts(std::string_view key, const std::vector<std::string>& value, std::string_view doc,
             Scope scope) {
    row(key, toml_list(value), doc, scope);
  }
  void map(std::string_view key, const std::map<std::string, std::string>&, std::string_view doc,
           Scope scope) {
    row(key, "{}", doc, scope);
  }
  void lists(std::string_view key, const std::map<std::string, std::vector<std::string>>&,
             std::string_view doc, Scope scope) {
    row(key, "{}", doc, scope);
  }
  std::string take() { return std::move(out_); }

 private:
  void row(std::string_view key, const std::string& value, std::string_view doc, Scope scope) {
    std::string cell;
    for (const char c : doc) {
      if (c == '|' || c == '<') cell += '\\';
      cell += c;
    }
    const std::string_view note = scope == Scope::record   ? " *Reload; in the records' digest.*"
                                  : scope == Scope::reload ? " *Reload.*"
                                                           : "";
    out_ += fmt::format("| `{}` | `{}` | {}{} |\n", key, value, cell, note);
  }
  std::string out_;
};

// Every setting as its full name and a spelling of its value, secrets included: never to be shown.
class ValueReader {
 public:
  struct Value {
    std::string name;
    Scope scope;
    std::string text;
  };

  void table(std::string_view name, std::string_view) { table_ = name; }
  void text(std::string_view key, const std::string& value, std::string_view, Scope scope,
            Allowed) {
    add(key, scope, value);
  }
  void number(std::string_view key, std::int64_t value, std::int64_t, std::int64_t,
              std::string_view, Scope scope) {
    add(key, scope, std::to_string(value));
  }
  void texts(std::string_view key, const std::vector<std::string>& value, std::string_view,
             Scope scope) {
    add(key, scope, toml_list(value));
  }
  void map(std::string_view key, const std::map<std::string, std::string>& value, std::string_view,
           Scope scope) {
    std::string all;
    for (const auto& [name, text] : value) all += toml_string(name) + toml_string(text);
    add(key, scope, all);
  }
  void lists(std::string_view key, const std::map<std::string, std::vector<std::string>>& value,
             std::string_view, Scope scope) {
    std::string all;
    for (const auto& [name, texts] : value) all += toml_string(name) + toml_list(texts);
    add(key, scope, all);
  }
  std::vector<Value> take() { return std::move(values_); }

 private:
  void add(std::string_view key, Scope scope, std::string text) {
    values_.push_back({table_.empty() ? std::string(key) : fmt::format("{}.{}", table_, key), scope,
                       std::move(text)});
  }

  std::string_view table_;
  std::vector<Value> values_;
};

std::vector<ValueReader::Value> values_of(const Config& config) {
  ValueReader reader;
  describe(config, reader);
  return reader.take();
}

// With the names that empty settings stand for.
Config resolved(const Config& config) {
  Config named = config;
  named.input.group = config.group();
  named.output.dead_letter = config.dead_letter_topic();
  named.engine.instance = config.instance();
  return named;
}

void check_duplicates(const Config& config, const std::string& file,
                      std::vector<ConfigError>& errors) {
  const std::string& store = config.duplicates.store;
  const bool good =
      !store.empty() && store.size() <= 40 && std::all_of(store.begin(), store.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
      });
  if (!good) {
    errors.push_back({file, 0, 0,
                      fmt::format("duplicates.store: {} is no valid name (a-z, 0-9, -; at most 40)",
                                  toml_string(store))});
  }
  if (!config.duplicates.on()) return;
  const std::string changelog = config.changelog_topic(store);
  for (const std::string& topic :
       {config.input.topics.front(), config.output.enriched, config.dead_letter_topic()}) {
    if (topic != changelog) continue;
    errors.push_back(
        {file, 0, 0, fmt::format("topic {} is the changelog of duplicates.store", topic)});
  }
  if (config.input.topics.size() == 1) return;
  errors.push_back(
      {file, 0, 0,
       fmt::format("duplicates.identical = {} needs exactly one input topic, and input.topics has "
                   "{}: what is remembered belongs to a partition of one topic",
                   toml_string(config.duplicates.identical), config.input.topics.size())});
}

void check_names(const Config& config, const std::string& file, std::vector<ConfigError>& errors) {
  const auto good = [](std::string_view name) {
    return !name.empty() && name.size() <= 200 && name != "." && name != ".." &&
           std::all_of(name.begin(), name.end(), [](char c) {
             return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '.' || c == '_' || c == '-';
           });
  };
  const auto check = [&](std::string_view what, const std::string& name) {
    if (!good(name)) {
      errors.push_back({file, 0, 0,
                        fmt::format("{}: {} is no valid name (letters, digits, . _ -)", what,
                                    toml_string(name))});
    }
  };
  check("pipeline", config.pipeline);
  for (const std::string& topic : config.input.topics) check("input.topics", topic);
  check("output.enriched", config.output.enriched);
  check("output.dead_letter", config.dead_letter_topic());
  check("engine.instance", config.instance());
  for (const std::string& topic : config.input.topics) {
    if (topic == config.output.enriched || topic == config.dead_letter_topic()) {
      errors.push_back(
          {file, 0, 0,
           fmt::format("topic {} is both read and written: it would feed itself", topic)});
    }
  }
  if (config.output.enriched == config.dead_letter_topic()) {
    errors.push_back({file, 0, 0, "output.enriched and output.dead_letter are the same topic"});
  }
}

}  // namespace

std::string Config::instance() const {
  if (!engine.instance.empty()) return engine.instance;
  std::array<char, 256> host{};
  if (gethostname(host.data(), host.size() - 1) != 0) return "telex-0";
  return std::string(host.data()) + "-0";
}

std::string ConfigError::text() const {
  return line == 0 ? fmt::format("{}: {}", file, message)
                   : fmt::format("{}:{}:{}: {}", file, line, column, message);
}

Config parse_config(std::string_view text, const std::string& name,
                    std::vector<ConfigError>& errors) {
  toml::table root;
  try {
    root = toml::parse(text, name);
  } catch (const toml::parse_error& error) {
    errors.push_back({name, error.source().begin.line, error.source().begin.column,
                      std::string(error.description())});
    return {};
  }
  Config config;
  const std::size_t before = errors.size();
  Reader reader(root, name, errors);
  describe(config, reader);
  reader.report_unknown();
  if (errors.size() == before) check_names(config, name, errors);
  if (errors.size() == before) check_duplicates(config, name, errors);
  std::stable_sort(errors.begin() + static_cast<std::ptrdiff_t>(before), errors.end(),
                   [](const ConfigError& a, const ConfigError& b) {
                     return std::pair(a.line, a.column) < std::pair(b.line, b.column);
                   });
  return errors.size() == before ? config : Config{};
}

Config load_config(const std::filesystem::path& file, std::vector<ConfigError>& errors) {
  std::ifstream in(file, std::ios::binary);
  if (!in) {
    errors.push_back({file.string(), 0, 0, "cannot read this file"});
    return {};
  }
  const std::string text(std::istreambuf_iterator<char>(in), {});
  Config config = parse_config(text, file.string(), errors);
  config.file = file;
  return config;
}

std::string config_template() {
  TomlWriter writer(TomlWriter::Style::commented);
  const Config defaults;
  describe(defaults, writer);
  return "# telex.toml: every setting, at its default. What is left out keeps its default.\n"
         "# A string may be ${env:NAME} or ${file:PATH}: the whole value comes from there.\n"
         "# Check with: telex validate --config telex.toml\n\n" +
         writer.take() +
         "\n# A secured broker (in [kafka]):\n"
         "# properties = { \"security.protocol\" = \"SASL_SSL\", \"sasl.mechanism\" = "
         "\"SCRAM-SHA-512\", \"sasl.username\" = \"telex\", \"sasl.password\" = "
         "\"${file:/run/secrets/kafka}\", \"ssl.ca.location\" = \"/etc/telex/ca.pem\" }\n";
}

std::string show_config(const Config& config) {
  TomlWriter writer(TomlWriter::Style::resolved);
  const Config named = resolved(config);
  describe(named, writer);
  return writer.take();
}

std::string config_reference() {
  ReferenceWriter writer;
  const Config defaults;
  describe(defaults, writer);
  return "# Configuration\n\nGenerated from the program: `telex config reference`. A `telex.toml` "
         "holds any of these; `telex init` writes one with all of them. A string may be "
         "`${env:NAME}` "
         "or `${file:PATH}`; the whole value then comes from there.\n\n"
         "*Reload*: a change is in force after SIGHUP. A file that changes anything else is "
         "refused "
         "as a whole until the next start.\n" +
         writer.take();
}

std::vector<std::string> restart_only_changes(const Config& running, const Config& wanted) {
  std::vector<std::string> changes;
  const std::vector<ValueReader::Value> before = values_of(resolved(running));
  const std::vector<ValueReader::Value> after = values_of(resolved(wanted));
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (is_restart_only(before[i].scope) && before[i].text != after[i].text) {
      changes.push_back(before[i].name);
    }
  }
  // What lanes have or do not have stores for.
  if (running.duplicates.on() != wanted.duplicates.on()) {
    changes.emplace_back("duplicates.identical");
  }
  return changes;
}

std::string record_settings_digest(const Config& config) {
  TomlWriter writer(TomlWriter::Style::record_only);
  describe(config, writer);
  const std::string text = writer.take();
  const XXH128_hash_t hash = XXH3_128bits(text.data(), text.size());
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

}  // namespace telex
