// AnnotationWriter: turns the links of one article into rows of Annotations.
//
// Mentions are put in order of the text, entities by relevance; ranges are counted in code points
// as well, in one walk over each part. Threads: one lane (scratch memory, reused).
#pragma once

#include <cstdint>
#include <vector>

#include "process/entities/article_text.h"
#include "process/entities/links.h"
#include "process/entities/relevance.h"
#include "schemas/annotations.h"

namespace telex {

class AnnotationWriter {
 public:
  void write(const ArticleText& text, const Links& links, Annotations& out, RowAnnotations& row);

 private:
  struct Counts {
    std::uint32_t names = 0;
    std::uint32_t adjectives = 0;  // And demonyms.
  };

  void order(const ArticleText& text, const Links& links);
  void write_mentions(const ArticleText& text, const Links& links, Annotations& out);
  void write_entity(const ArticleText& text, const Links& links, std::uint32_t local,
                    Annotations& out);

  std::vector<std::uint32_t> drafts_;  // In order of the text.
  std::vector<std::uint32_t> locals_;  // By relevance.
  std::vector<std::uint32_t> rank_;    // Of a local among the entities.
  std::vector<RelevanceSum> sums_;
  std::vector<std::uint32_t> first_;     // First mention of a local, in drafts_.
  std::vector<Counts> counts_;           // Of the mentions of a local.
  std::vector<std::uint32_t> mentions_;  // Row of a draft in Annotations::mentions.
};

}  // namespace telex
