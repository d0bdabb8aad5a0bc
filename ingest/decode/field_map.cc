#include "ingest/decode/field_map.h"

#include <algorithm>

namespace telex {
namespace {

constexpr std::array<std::string_view, kFieldCount> kNames{
    "uri",     "id",       "version", "source",    "language",  "published",
    "updated", "headline", "lead",    "body",      "body_html", "by",
    "section", "slugline", "located", "copyright", "pub_status"};

}  // namespace

std::string_view to_string(Field field) { return kNames[static_cast<std::size_t>(field)]; }

std::optional<Field> field_from(std::string_view name) {
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<Field>(found - kNames.begin());
}

FieldMap FieldMap::standard() {
  FieldMap map;
  map[Field::uri] = {"/uri", "/@id"};
  map[Field::id] = {"/id",         "/guid", "/guid/value", "/identifier", "/articleId",
                    "/article_id", "/url",  "/link",       "/permalink",  "/canonical_url"};
  map[Field::version] = {"/version", "/revision"};
  map[Field::source] = {"/source",    "/source/name",    "/provider",   "/provider/name",
                        "/publisher", "/publisher/name", "/sourceName", "/source_name",
                        "/agency",    "/feed",           "/site_name"};
  map[Field::language] = {"/language",     "/lang",          "/inLanguage",
                          "/languageCode", "/language_code", "/locale"};
  map[Field::published] = {
      "/published",       "/publishedAt",  "/published_at",     "/datePublished",
      "/date_published",  "/pubDate",      "/pubdate",          "/pub_date",
      "/publicationDate", "/publishDate",  "/publication_date", "/publish_date",
      "/firstCreated",    "/firstcreated", "/dateCreated",      "/date",
      "/created",         "/createdAt",    "/created_at",       "/timestamp"};
  map[Field::updated] = {"/updated",       "/updatedAt",      "/updated_at",     "/dateModified",
                         "/date_modified", "/modified",       "/modifiedAt",     "/lastModified",
                         "/last_modified", "/versionCreated", "/versioncreated", "/dateUpdated"};
  map[Field::headline] = {"/headline", "/title", "/headlines/0/value", "/headline/main", "/name"};
  map[Field::lead] = {"/lead",    "/intro",       "/standfirst", "/description",
                      "/summary", "/abstract",    "/teaser",     "/excerpt",
                      "/dek",     "/subheadline", "/trailText",  "/descriptions/0/value"};
  map[Field::body] = {"/body",         "/text",         "/content",       "/articleBody",
                      "/article_body", "/body_text",    "/bodyText",      "/content_text",
                      "/full_text",    "/fullText",     "/body/text",     "/content/text",
                      "/content/body", "/article/body", "/bodies/0/value"};
  map[Field::body_html] = {"/content_html",     "/body_html",  "/bodyHtml",
                           "/content/rendered", "/body_xhtml", "/html"};
  map[Field::by] = {"/by", "/byline", "/author", "/authors", "/creator"};
  map[Field::section] = {"/section", "/articleSection", "/category"};
  map[Field::slugline] = {"/slugline"};
  map[Field::located] = {"/located", "/dateline"};
  map[Field::copyright] = {"/copyrightHolder", "/copyrightholder"};
  map[Field::pub_status] = {"/pubStatus", "/pubstatus", "/pub_status"};
  return map;
}

bool is_json_pointer(std::string_view text) {
  if (text.empty() || text.front() != '/') return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '~') continue;
    if (i + 1 >= text.size() || (text[i + 1] != '0' && text[i + 1] != '1')) return false;
  }
  return true;
}

}  // namespace telex
