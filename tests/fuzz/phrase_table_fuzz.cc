// PhraseTable::open over any bytes, and every look-up in what it lets in.
//
// Properties: open() answers the same twice, and says why when it refuses; in a table that was let
// in, whatever its bytes, look-ups end, stay in bounds, and agree with each other.
#include "process/text/phrase_table.h"

#include <cstring>

#include "process/text/tokeniser.h"
#include "tests/fuzz/fuzz_entry.h"

namespace telex::fuzz {
namespace {

constexpr std::string_view kText =
    "Mark Rutte sprak in New York met de New York Times over NAVO-top, staakt-het-vuren en Rutte's "
    "plan. New York, New York! Europese Commissie.";

std::string table_of(std::initializer_list<std::string_view> phrases) {
  PhraseTableBuilder builder;
  PhraseValue value = 0;
  for (const std::string_view phrase : phrases) {
    builder.add(phrase, value);
    builder.add(phrase, value + 100);
    ++value;
  }
  return builder.build();
}

const Tokens& tokens() {
  static const Tokens made = [] {
    Tokens out;
    Tokeniser::tokenise_phrase(kText, out);
    return out;
  }();
  return made;
}

std::uint64_t sum_of(const PhraseTable& table, IndexRange range) {
  std::uint64_t sum = 0;
  for (const PhraseValue value : table.values(range)) sum += value;
  return sum;
}

void look_up_everything(const PhraseTable& table) {
  const Tokens& text = tokens();
  std::vector<PhraseHit> all;
  for (std::uint32_t first = 0; first < text.size(); ++first) {
    all.clear();
    const std::uint32_t count = table.all(text, first, text.size(), all);
    require(count == all.size(), "all() counts what it appends");
    PhraseHit hit;
    const bool found = table.longest(text, first, text.size(), hit);
    require(found == (count != 0), "longest() finds what all() finds");
    if (found) {
      require(hit.token_count == all.back().token_count && hit.values == all.back().values,
              "longest() is the last of all()");
      require(hit.first_token == first && hit.token_count <= PhraseTable::kTokensMax &&
                  first + hit.token_count <= text.size(),
              "a hit lies in the text");
      sum_of(table, hit.values);
    }
    IndexRange values;
    if (table.word(text.hash[first], values)) sum_of(table, values);
  }
}

}  // namespace

std::vector<std::string> made_seeds() {
  return {table_of({}), table_of({"Rutte"}),
          table_of({"New York", "New York Times", "Mark Rutte", "NAVO", "Rutte", "staakt het vuren",
                    "Europese Commissie", "de"})};
}

}  // namespace telex::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace telex;
  using namespace telex::fuzz;
  // A table has to lie at a multiple of eight.
  std::vector<std::uint64_t> aligned((size + 7) / 8 + 1);
  if (size != 0) std::memcpy(aligned.data(), data, size);
  const std::string_view bytes(reinterpret_cast<const char*>(aligned.data()), size);

  std::string error;
  std::string error_again;
  const auto table = PhraseTable::open(bytes, error);
  const auto again = PhraseTable::open(bytes, error_again);
  require(table.has_value() == again.has_value() && error == error_again,
          "open() answers the same twice");
  require(table.has_value() == error.empty(), "a refusal has a reason, and only a refusal has one");
  if (table) look_up_everything(*table);
  return 0;
}
