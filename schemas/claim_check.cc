#include "schemas/claim_check.h"

#include <algorithm>
#include <cassert>
#include <limits>

#include <fmt/format.h>
#include <simdjson.h>
#include <xxhash.h>

#include "schemas/base64.h"
#include "schemas/dead_letter.h"
#include "schemas/json_writer.h"

namespace telex {
namespace {

// Whatever is longer was not written by add_claim_check().
constexpr std::size_t kValueBytesMax = kClaimRecordBytesMax;
constexpr std::size_t kPlaceBytesMax = 255;  // Of a host and an instance name.
constexpr std::size_t kDigestDigits = 32;

// The names of hosts and instances are text of a person's choice; in a record they are ASCII.
std::string printable(std::string_view text) {
  std::string out(text.substr(0, kPlaceBytesMax));
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c <= ' ' || c > '~'; }, '?');
  return out;
}

bool is_digest(std::string_view text) {
  return text.size() == kDigestDigits && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

void append_value(const Record& dead_letter, const SpoolPlace& place, std::uint32_t headers,
                  std::string& out) {
  out += fmt::format(R"({{"version":{},"file":)", kClaimVersion);
  append_json_string(place.file, out);
  out += R"(,"host":)";
  append_json_string(printable(place.host), out);
  out += R"(,"instance":)";
  append_json_string(printable(place.instance), out);
  const std::string_view value = dead_letter.value;
  if (value.data() == nullptr) {
    out += R"(,"bytes":null,"digest":null,"head":null)";
  } else {
    out +=
        fmt::format(R"(,"bytes":{},"digest":"{}","head":")", value.size(), content_digest(value));
    append_base64(value.substr(0, kClaimHeadBytes), out);
    out += '"';
  }
  const std::string_view key = dead_letter.key;
  if (key.data() == nullptr) {
    out += R"(,"key":null)";
  } else {
    out += fmt::format(R"(,"key":{{"bytes":{},"digest":"{}","kept":{}}})", key.size(),
                       content_digest(key), key.size() <= kClaimKeyBytesMax);
  }
  out += fmt::format(R"(,"headers":{}}})", headers);
}

// Reads members of one JSON object; the first that is not as it should be is named.
class Members {
 public:
  Members(simdjson::dom::object object, std::string& error) : object_(object), error_(error) {}

  bool text(const char* name, std::string& value) {
    std::string_view found;
    if (object_[name].get_string().get(found) != simdjson::SUCCESS) return refuse(name);
    value = found;
    return true;
  }
  bool digest(const char* name, std::string& value) {
    return text(name, value) && (is_digest(value) || refuse(name));
  }
  template <class Number>
  bool number(const char* name, Number& value) {
    std::uint64_t found = 0;
    if (object_[name].get_uint64().get(found) != simdjson::SUCCESS ||
        found > std::numeric_limits<Number>::max()) {
      return refuse(name);
    }
    value = static_cast<Number>(found);
    return true;
  }
  bool flag(const char* name, bool& value) {
    return object_[name].get_bool().get(value) == simdjson::SUCCESS || refuse(name);
  }
  bool is_null(const char* name) { return object_[name].is_null(); }
  bool refuse(const char* name) {
    error_ = std::string("claim check: ") + name + " is missing or cannot be read";
    return false;
  }

 private:
  simdjson::dom::object object_;
  std::string& error_;
};

bool read_value(Members& members, ClaimCheck& claim) {
  claim.null_value = members.is_null("digest");
  if (claim.null_value) return true;
  std::string head;
  if (!members.number("bytes", claim.bytes) || !members.digest("digest", claim.digest) ||
      !members.text("head", head)) {
    return false;
  }
  if (!append_from_base64(head, claim.head) ||
      claim.head.size() != std::min<std::uint64_t>(claim.bytes, kClaimHeadBytes)) {
    return members.refuse("head");
  }
  return true;
}

bool read_key(simdjson::dom::object root, Members& members, ClaimCheck& claim, std::string& error) {
  claim.null_key = members.is_null("key");
  if (claim.null_key) return true;
  simdjson::dom::object object;
  if (root["key"].get_object().get(object) != simdjson::SUCCESS) return members.refuse("key");
  Members key(object, error);
  return key.number("bytes", claim.key_bytes) && key.digest("digest", claim.key_digest) &&
         key.flag("kept", claim.key_kept);
}

}  // namespace

bool is_claim_check(const HeaderList& headers) {
  for (std::uint32_t i = 0; i < headers.size(); ++i) {
    if (headers[i].name == kClaimHeader) return true;
  }
  return false;
}

bool is_claim_check(std::span<const Header> headers) {
  return std::any_of(headers.begin(), headers.end(),
                     [](const Header& header) { return header.name == kClaimHeader; });
}

std::string content_digest(std::string_view bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

bool is_spool_file_name(std::string_view name) {
  constexpr std::size_t kNameBytesMax = 255;  // NAME_MAX of the usual file systems.
  return !name.empty() && name.size() <= kNameBytesMax && name.front() != '.' &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '.' || c == '_' || c == '~' || c == '%';
         });
}

void add_claim_check(const Record& dead_letter, const SpoolPlace& place, Records& out) {
  assert(is_spool_file_name(place.file));
  std::uint32_t originals = 0;
  for (std::uint32_t i = 0; i < dead_letter.headers.size(); ++i) {
    if (!is_dead_letter_header(dead_letter.headers[i].name)) ++originals;
  }
  out.open();
  if (dead_letter.key.data() != nullptr) {
    if (dead_letter.key.size() <= kClaimKeyBytesMax) {
      out.buffer().append(dead_letter.key);
    } else {
      out.buffer().append(kClaimKeyPrefix).append(content_digest(dead_letter.key));
    }
    out.end_key();
  }
  append_value(dead_letter, place, originals, out.buffer());
  out.end_value();
  for (std::uint32_t i = 0; i < dead_letter.headers.size(); ++i) {
    const Header header = dead_letter.headers[i];
    if (is_dead_letter_header(header.name)) out.add_header(header.name, header.value);
  }
  out.add_header(kClaimHeader, std::to_string(kClaimVersion));
  out.close(Destination::dead_letter, 0, dead_letter.partition, dead_letter.timestamp,
            dead_letter.row);
}

std::optional<ClaimCheck> parse_claim_check(std::string_view value, std::string& error) {
  if (value.size() > kValueBytesMax) {
    error = "claim check: longer than any that telex writes";
    return std::nullopt;
  }
  simdjson::dom::parser parser;
  simdjson::dom::object root;
  if (parser.parse(simdjson::padded_string(value)).get_object().get(root) != simdjson::SUCCESS) {
    error = "claim check: not a JSON object";
    return std::nullopt;
  }
  Members members(root, error);
  std::uint32_t version = 0;
  if (!members.number("version", version)) return std::nullopt;
  if (version != kClaimVersion) {
    error = "claim check: version " + std::to_string(version) + " is not known";
    return std::nullopt;
  }
  ClaimCheck claim;
  if (!members.text("file", claim.file) || !members.text("host", claim.host) ||
      !members.text("instance", claim.instance) || !members.number("headers", claim.headers) ||
      !read_value(members, claim) || !read_key(root, members, claim, error)) {
    return std::nullopt;
  }
  if (!is_spool_file_name(claim.file)) {
    error = "claim check: the file's name is none of the spool's";
    return std::nullopt;
  }
  return claim;
}

}  // namespace telex
