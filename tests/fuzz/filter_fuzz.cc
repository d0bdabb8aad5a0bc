// The filter language over any text.
//
// Properties: the same filter or the same error twice; an error says where and what; the canonical
// text of a filter is one, and parses to itself; a program ends, and what it says of a record does
// not depend on what the scratch was used for.
#include "process/filter/filter.h"

#include <array>

#include "tests/fuzz/fuzz_entry.h"

namespace telex::fuzz {

std::vector<std::string> made_seeds() { return {}; }

namespace {

constexpr std::array<std::string_view, 3> kReasons{"not_utf8", "malformed_json", "no_text"};
constexpr std::array<FilterField, 6> kFields{{
    {"source", FilterKind::text, "Text."},
    {"headline", FilterKind::text, "The filter itself."},
    {"reason", FilterKind::code, "A code.", kReasons},
    {"topic", FilterKind::tree, "A tree."},
    {"offset", FilterKind::number, "A number."},
    {"published", FilterKind::time, "A time."},
}};

std::optional<std::string_view> parent(std::string_view code) {
  if (code == "medtop:1") return "";
  if (code == "medtop:11") return "medtop:1";
  return std::nullopt;
}

// The headline is the input's own text: hostile as it comes.
class Subject final : public FilterSubject {
 public:
  explicit Subject(std::string_view text) : text_(text) {}
  std::uint32_t count(std::size_t field) const override { return field == 0 ? 0 : 1; }
  std::string_view text(std::size_t field, std::uint32_t) const override {
    return field == 1 ? text_ : field == 2 ? kReasons[0] : std::string_view("medtop:11");
  }
  std::int64_t number(std::size_t, std::uint32_t) const override { return 1'739'787'072'000; }

 private:
  std::string_view text_;
};

}  // namespace
}  // namespace telex::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace telex;
  using namespace telex::fuzz;
  const std::string_view text = as_text(data, size);
  const FilterPlace place{kFields, &parent};
  FilterError error;
  FilterError error_again;
  const auto filter = Filter::parse(text, place, error);
  const auto again = Filter::parse(text, place, error_again);
  require(filter.has_value() == again.has_value(), "the same outcome twice");
  require(error.message == error_again.message && error.line == error_again.line &&
              error.column == error_again.column,
          "the same error twice");
  if (!filter) {
    require(!error.message.empty() && error.line >= 1 && error.column >= 1,
            "an error says where and what");
    require(!error.text().empty(), "an error can be shown");
    return 0;
  }
  const auto canonical = Filter::parse(filter->to_text(), place, error);
  require(canonical.has_value(), "the canonical text is a filter");
  require(canonical->to_text() == filter->to_text(), "the canonical text is canonical");
  FilterScratch used;
  FilterScratch fresh;
  const Subject subject(text);
  const bool matches = filter->matches(subject, used);
  require(matches == canonical->matches(subject, used), "both say the same of a record");
  require(matches == filter->matches(subject, fresh), "a scratch leaves nothing behind");
  return 0;
}
