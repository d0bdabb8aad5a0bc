#include "ingest/decode/content_type.h"

#include <string>

#include "ingest/decode/plain_text.h"

namespace telex {
namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return result;
}

// Whether the parameters (behind the first ';') name a charset that is not UTF-8 or a part of it.
bool other_charset(std::string_view parameters) {
  while (!parameters.empty()) {
    const std::size_t end = parameters.find(';');
    std::string_view parameter = trimmed(parameters.substr(0, end));
    parameters = end == std::string_view::npos ? std::string_view() : parameters.substr(end + 1);
    constexpr std::string_view kName = "charset=";
    if (!parameter.starts_with(kName)) continue;
    parameter.remove_prefix(kName.size());
    while (parameter.starts_with('"')) parameter.remove_prefix(1);
    while (parameter.ends_with('"')) parameter.remove_suffix(1);
    if (parameter != "utf-8" && parameter != "utf8" && parameter != "us-ascii") return true;
  }
  return false;
}

}  // namespace

ContentType content_type_from(std::string_view media_type) {
  const std::string whole = lower(media_type);
  const std::size_t semicolon = whole.find(';');
  const std::string_view type = trimmed(std::string_view(whole).substr(0, semicolon));
  if (semicolon != std::string::npos &&
      other_charset(std::string_view(whole).substr(semicolon + 1))) {
    return ContentType::unsupported;
  }
  if (type.empty() || type == "application/octet-stream") return ContentType::unsaid;
  if (type == "text/plain") return ContentType::text;
  if (type == "application/cloudevents+json") return ContentType::cloud_event;
  if (type.starts_with("application/cloudevents")) return ContentType::unsupported;
  if (type == "application/ninjs+json" || type == "application/vnd.iptc.ninjs+json") {
    return ContentType::ninjs;
  }
  if (type == "application/json" || type == "text/json" || type.ends_with("+json")) {
    return ContentType::json;
  }
  return ContentType::unsupported;
}

std::string_view content_type_header(std::span<const Header> headers) {
  constexpr std::string_view kName = "content-type";
  std::string_view found;
  for (const Header& header : headers) {
    if (header.name.size() == kName.size() && lower(header.name) == kName) found = header.value;
  }
  return found;
}

}  // namespace telex
