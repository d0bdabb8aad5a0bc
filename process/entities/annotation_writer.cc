#include "process/entities/annotation_writer.h"

#include <algorithm>
#include <numeric>

#include "process/text/code_points.h"

namespace telex {
namespace {

constexpr std::uint32_t kOpeningPercent = 15;

bool is_adjective(MentionForm form) {
  return form == MentionForm::demonym || form == MentionForm::adjective;
}

MentionPlace place_of(const ArticleText& text, std::uint32_t token) {
  const Part& part = text.article().parts[text.tokens().part[token]];
  if (part.kind == PartKind::title || part.kind == PartKind::headline) {
    return MentionPlace::headline;
  }
  if (part.kind == PartKind::lead) return MentionPlace::lead;
  if (text.has(token, TokenShape::kHeading)) return MentionPlace::heading;
  const std::uint64_t position = token - text.first();
  return position * 100 < std::uint64_t{text.count()} * kOpeningPercent ? MentionPlace::opening
                                                                        : MentionPlace::body;
}

}  // namespace

void AnnotationWriter::order(const ArticleText& text, const Links& links) {
  drafts_.resize(links.drafts.size());
  std::iota(drafts_.begin(), drafts_.end(), 0U);
  std::sort(drafts_.begin(), drafts_.end(), [&links](std::uint32_t a, std::uint32_t b) {
    return links.drafts[a].first != links.drafts[b].first
               ? links.drafts[a].first < links.drafts[b].first
               : a < b;
  });
  sums_.assign(links.locals.size(), RelevanceSum{});
  first_.assign(links.locals.size(), kNone);
  counts_.assign(links.locals.size(), Counts{});
  for (std::uint32_t i = 0; i < drafts_.size(); ++i) {
    const Draft& draft = links.drafts[drafts_[i]];
    const auto eighth =
        static_cast<std::uint32_t>(std::uint64_t{draft.first - text.first()} * 8 / text.count());
    first_[draft.local] = std::min(first_[draft.local], i);
    if (is_adjective(draft.form)) {
      sums_[draft.local].add_adjective(eighth);
      ++counts_[draft.local].adjectives;
    } else {
      sums_[draft.local].add_name(place_of(text, draft.first), eighth);
      ++counts_[draft.local].names;
    }
  }
  locals_.clear();
  for (std::uint32_t i = 0; i < links.locals.size(); ++i) {
    if (first_[i] != kNone) locals_.push_back(i);
  }
  std::sort(locals_.begin(), locals_.end(), [this](std::uint32_t a, std::uint32_t b) {
    const Score left = sums_[a].relevance();
    const Score right = sums_[b].relevance();
    return left != right ? left > right : first_[a] < first_[b];
  });
  rank_.assign(links.locals.size(), kNone);
  for (std::uint32_t i = 0; i < locals_.size(); ++i) rank_[locals_[i]] = i;
}

void AnnotationWriter::write_mentions(const ArticleText& text, const Links& links,
                                      Annotations& out) {
  const Tokens& tokens = text.tokens();
  const auto entities = static_cast<std::uint32_t>(out.entities.size());
  mentions_.resize(links.drafts.size());
  CodePointCursor cursor{{}};
  std::uint32_t part = kNone;
  for (const std::uint32_t index : drafts_) {
    const Draft& draft = links.drafts[index];
    if (tokens.part[draft.first] != part) {
      part = tokens.part[draft.first];
      cursor = CodePointCursor(text.article().parts[part].text);
    }
    Mention mention;
    mention.part = static_cast<std::uint16_t>(part);
    mention.type = links.locals[draft.local].type;
    mention.form = draft.form;
    mention.bytes = {tokens.begin[draft.first], draft.byte_end};
    mention.code_points.begin = cursor.at(mention.bytes.begin);
    mention.code_points.end = cursor.at(mention.bytes.end);
    mention.entity = entities + rank_[draft.local];
    mention.evidence = {static_cast<std::uint32_t>(out.evidence.size()), draft.evidence.count};
    for (std::uint32_t i = draft.evidence.first; i < draft.evidence.last(); ++i) {
      out.evidence.push_back(links.evidence[i]);
    }
    mentions_[index] = static_cast<std::uint32_t>(out.mentions.size());
    out.mentions.push_back(mention);
  }
}

void AnnotationWriter::write_entity(const ArticleText& text, const Links& links,
                                    std::uint32_t local, Annotations& out) {
  const LocalEntity& from = links.locals[local];
  const KnowledgePack& pack = text.pack();
  Entity entity;
  entity.type = from.type;
  entity.relevance = sums_[local].relevance();
  entity.type_confidence = from.type_confidence;
  entity.mention_count = counts_[local].names;
  entity.adjective_count = counts_[local].adjectives;
  entity.evidence.first = static_cast<std::uint32_t>(out.evidence.size());
  const IndexRange best = links.drafts[from.best_draft].evidence;
  for (std::uint32_t i = best.first; i < best.last(); ++i) {
    out.evidence.push_back(links.evidence[i]);
  }
  if (from.pack_entity == kNone) {
    entity.literal = mentions_[from.best_draft];
  } else {
    const EntityRow& row = pack.entities()[from.pack_entity];
    entity.uri = pack.text(row.uri);
    entity.name = pack.text(row.name);
    entity.link_confidence = entity.uri.empty() ? Score{0} : from.link_confidence;
    Evidence prior = pack_evidence(
        EvidenceKind::prior, (row.flags & EntityRow::kCurated) != 0 ? "curated" : "population",
        row.prior, from.margin);
    if (from.runner_up != kNone) {
      prior.runner_up = pack.text(pack.entities()[from.runner_up].name);
    }
    out.evidence.push_back(prior);
  }
  entity.evidence.count = static_cast<std::uint32_t>(out.evidence.size()) - entity.evidence.first;
  out.entities.push_back(entity);
}

void AnnotationWriter::write(const ArticleText& text, const Links& links, Annotations& out,
                             RowAnnotations& row) {
  row.mentions.first = static_cast<std::uint32_t>(out.mentions.size());
  row.entities.first = static_cast<std::uint32_t>(out.entities.size());
  if (!links.drafts.empty()) {
    order(text, links);
    write_mentions(text, links, out);
    for (const std::uint32_t local : locals_) write_entity(text, links, local, out);
  }
  row.mentions.count = static_cast<std::uint32_t>(out.mentions.size()) - row.mentions.first;
  row.entities.count = static_cast<std::uint32_t>(out.entities.size()) - row.entities.first;
}

}  // namespace telex
