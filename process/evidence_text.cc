#include "process/evidence_text.h"

#include <vector>

namespace telex {
namespace {

void append_cut(std::string_view text, std::string& out) {
  if (text.size() <= kEntryBytesMax) {
    out += text;
    return;
  }
  std::size_t end = kEntryBytesMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  out += text.substr(0, end);
  out += "…";
}

void append_quoted(std::string_view text, std::string& out) {
  out += '"';
  append_cut(text, out);
  out += '"';
}

void append_count(const Evidence& evidence, std::string& out) {
  if (evidence.count > 1) out += " ×" + std::to_string(evidence.count);
  if (evidence.count_heading > 0) {
    out += " (" + std::to_string(evidence.count_heading) + " heading)";
  }
}

}  // namespace

void append_evidence_text(const Evidence& evidence, std::string& out) {
  switch (evidence.kind) {
    case EvidenceKind::alias:
      out += evidence.artefact == Artefact::overlay ? "overlay " : "alias ";
      append_quoted(evidence.entry, out);
      append_count(evidence, out);
      return;
    case EvidenceKind::office:
      out += "office ";
      append_cut(evidence.entry, out);
      return;
    case EvidenceKind::title_before:
      out += "title ";
      append_quoted(evidence.entry, out);
      return;
    case EvidenceKind::coreference:
      out += "joins ";
      append_quoted(evidence.entry, out);
      append_count(evidence, out);
      return;
    case EvidenceKind::compound:
      out += "in a compound: ";
      append_quoted(evidence.entry, out);
      append_count(evidence, out);
      return;
    case EvidenceKind::demonym:
      out += "demonym ";
      append_quoted(evidence.entry, out);
      append_count(evidence, out);
      return;
    case EvidenceKind::prior:
      out += "prior: ";
      append_cut(evidence.entry, out);
      return;
    case EvidenceKind::context:
      out += "beside ";
      append_quoted(evidence.entry, out);
      return;
    case EvidenceKind::capital:
      out += "capital inside a sentence";
      return;
    case EvidenceKind::rule_word:
    case EvidenceKind::feature:
      append_cut(evidence.entry, out);
      append_count(evidence, out);
      return;
    case EvidenceKind::rule_combination:
      out += "combination ";
      append_quoted(evidence.entry, out);
      return;
    case EvidenceKind::publisher_hint:
      out += "publisher says ";
      append_quoted(evidence.entry, out);
      return;
    case EvidenceKind::stop_words:
      out += "stop words vote ";
      append_cut(evidence.entry, out);
      return;
    case EvidenceKind::detector:
      out += "CLD2 says ";
      append_cut(evidence.entry, out);
      return;
  }
}

std::string evidence_text(std::span<const Evidence> evidence) {
  std::vector<std::string> parts;
  std::string_view runner_up;
  Score margin = kScoreMax;
  for (const Evidence& row : evidence) {
    std::string text;
    append_evidence_text(row, text);
    bool seen = text.empty();
    for (const std::string& part : parts) seen = seen || part == text;
    if (!seen) parts.push_back(std::move(text));
    if (!row.runner_up.empty() && row.margin <= margin) {
      margin = row.margin;
      runner_up = row.runner_up;
    }
  }
  std::string out;
  for (const std::string& part : parts) {
    if (!out.empty()) out += "; ";
    out += part;
  }
  if (!runner_up.empty()) {
    out += "; runner-up ";
    append_cut(runner_up, out);
    out += ' ' + std::to_string(margin) + " behind";
  }
  return out;
}

}  // namespace telex
