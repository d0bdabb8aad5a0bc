// What the tests of process/text and process/language share: tokens as readable words, and the
// public data sets, which are read only where TELEX_PUBLIC_DATA names their folder.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "process/text/tokeniser.h"
#include "schemas/article.h"
#include "schemas/tokens.h"
#include "tests/support/public_data.h"

namespace telex::testing {

inline Article article_of(const std::vector<Part>& parts, std::string_view language = {}) {
  Article article;
  article.parts = parts;
  article.language = language;
  return article;
}

inline Tokens tokens_of(std::string_view text, std::string_view language = {},
                        TextFormat format = TextFormat::plain) {
  const std::vector<Part> parts{{text, PartKind::body, format, 0}};
  Tokens tokens;
  Tokeniser().tokenise(article_of(parts, language), tokens);
  return tokens;
}

inline std::string_view surface(std::string_view text, const Tokens& tokens, std::uint32_t i) {
  return text.substr(tokens.begin[i], tokens.end[i] - tokens.begin[i]);
}

inline std::vector<std::string> words_of(std::string_view text, const Tokens& tokens) {
  std::vector<std::string> words;
  for (std::uint32_t i = 0; i < tokens.size(); ++i) words.emplace_back(surface(text, tokens, i));
  return words;
}

// Sentences as their first and last byte cut them.
inline std::vector<std::string> sentences_of(std::string_view text, const Tokens& tokens) {
  std::vector<std::string> sentences;
  for (std::uint32_t i = 0; i < tokens.size();) {
    std::uint32_t last = i;
    while (last + 1 < tokens.size() && tokens.sentence[last + 1] == tokens.sentence[i]) ++last;
    sentences.emplace_back(text.substr(tokens.begin[i], tokens.end[last] - tokens.begin[i]));
    i = last + 1;
  }
  return sentences;
}

inline std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream all;
  all << in.rdbuf();
  return all.str();
}

inline std::string read_gzip(const std::string& path) {
  const std::string command = "gzip -dc '" + path + "'";
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  std::string all;
  char bytes[65536];
  for (std::size_t got = 0; pipe && (got = std::fread(bytes, 1, sizeof bytes, pipe.get())) > 0;) {
    all.append(bytes, got);
  }
  return all;
}

inline std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

}  // namespace telex::testing
