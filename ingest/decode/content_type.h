// The content-type header of a record.
//
// Internal to ingest/decode. No threads, no errors.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "schemas/batch.h"

namespace telex {

enum class ContentType : std::uint8_t {
  unsaid,       // No header, a null or empty one, or application/octet-stream.
  json,         // application/json, text/json, */*+json.
  ninjs,        // application/ninjs+json, application/vnd.iptc.ninjs+json.
  text,         // text/plain.
  cloud_event,  // application/cloudevents+json: structured mode, the article is in `data`.
  unsupported,  // Anything else, or a charset that is not UTF-8.
};

// What a media type means; parameters are looked at for a charset only. Case does not matter.
ContentType content_type_from(std::string_view media_type);

// The last header called content-type (in any case), as given; empty = none.
std::string_view content_type_header(std::span<const Header> headers);

}  // namespace telex
