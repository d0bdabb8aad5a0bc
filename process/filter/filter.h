// Filter: the one language of telex for saying which records are meant. `dlq`, and whatever else
// picks records, use it with their own fields.
//
//   reason = not_utf8 and source = "anp"
//   topic within medtop:16000000 and entity = "wd:Q212" and language = "nl"
//   reason in (not_utf8, malformed_json) and not offset < 100
//   headline ~ "brand" or published >= 2025-02-01
//
// Grammar (EBNF; white space stands between any two tokens, and must where two words meet):
//   filter   = [ either ] ;                                  empty: every record
//   either   = both { "or" both } ;
//   both     = negated { "and" negated } ;
//   negated  = "not" negated | "(" either ")" | test ;
//   test     = field ( compare value | "within" value | "in" "(" value { "," value } ")" ) ;
//   compare  = "=" | "!=" | "<" | "<=" | ">" | ">=" | "~" ;
//   value    = word | string ;
//   word     = one or more characters, but no white space, control characters or ( ) , " ' = ! < >
//   ~ ; string   = '"' { character | escape } '"' | "'" { character | escape } "'" ; escape   = "\"
//   ( '"' | "'" | "\" | "n" | "r" | "t" | "u{" hex { hex } "}" ) ; integer  = [ "-" ] digit { digit
//   } ;                     a value of a number field date     = YYYY [ "-" MM [ "-" DD [ "T" HH
//   ":" MM [ ":" SS ] "Z" ] ] ] ;   of a time field; UTC
// The words and, or, not, in, within are the language's in any case; as a value they are quoted.
//
// What a test says of a record
//   field = v     any of the field's values is v (fields such as entity have several)
//   field != v    the field is there, and none of its values is v
//   field in (…)  any of its values is in the list
//   field ~ v     any of its values contains v; both folded: case, diacritics and width do not
//   count field within c  any of its values is the code c or lies below it in the tree < <= > >=
//   any of its values does. A date names a period: = means inside of it, < before its
//                 beginning, >= from its beginning on, > from its end on, <= before its end.
// A field that is not there matches nothing, != included; only `not field = v` is true then.
// and, or and not are those of logic; not binds closest, then and.
//
// Which fields there are, and of what kind, is the place's to say (FilterPlace). Operators by kind:
//   text    = != in ~          code    = != in (values of a closed set)
//   tree    = != in within     number, time    = != in < <= > >=
//
// Ownership: a Filter owns what it was made from, except the place's fields, which are static.
// Threads:   immutable; matches() from any thread, with a scratch and a subject of its own.
// Limits:    kBytesMax, kDepthMax, kTestsMax, kValuesMax, kValueBytesMax; beyond is an error.
// Errors:    FilterError, the first there is.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "process/filter/expression.h"

namespace telex {

// The code above `code` in the tree; empty at the top; nullopt: there is no such code. What it
// returns must live as long as the filters made with it.
using FilterParent = std::function<std::optional<std::string_view>(std::string_view code)>;

// Where a filter is used: the fields it may name. `fields` is static.
struct FilterPlace {
  std::span<const FilterField> fields;
  FilterParent parent;  // REQUIRED where a field is a tree.
};

struct FilterError {
  std::uint32_t line = 1;    // From 1.
  std::uint32_t column = 1;  // From 1, in code points.
  std::string message;
  std::string source;  // The line of the filter that it is in.
  // "1:10: message", the line, and a caret below the column.
  std::string text() const;
};

// The record that a filter looks at. `field` is an index into FilterPlace::fields.
class FilterSubject {
 public:
  virtual ~FilterSubject() = default;
  // How many values the field has; 0 = it is not there.
  virtual std::uint32_t count(std::size_t field) const = 0;
  // Of text, code and tree fields. Valid until the next call. REQUIRES: index < count(field).
  virtual std::string_view text(std::size_t field, std::uint32_t index) const = 0;
  // Of number fields; of time fields as UnixMillis. REQUIRES: index < count(field).
  virtual std::int64_t number(std::size_t field, std::uint32_t index) const = 0;
};

// Working memory of matches(), for one thread. A text with no ASCII byte in kFilterChunkBytes lets
// it grow; otherwise nothing is ever allocated.
class FilterScratch {
 public:
  FilterScratch();
  std::string folded;
};

class Filter {
 public:
  static constexpr std::size_t kBytesMax = 16'384;  // Of the filter, also as to_text() writes it.
  static constexpr std::size_t kDepthMax = 32;      // Of parentheses and nots.
  static constexpr std::size_t kTestsMax = 256;
  static constexpr std::size_t kValuesMax = 256;  // Of one list.
  static constexpr std::size_t kValueBytesMax = 1024;
  static constexpr std::size_t kTreeDepthMax = 32;

  // Matches everything.
  Filter() = default;
  static std::optional<Filter> parse(std::string_view text, const FilterPlace& place,
                                     FilterError& error);

  bool matches(const FilterSubject& subject, FilterScratch& scratch) const;

  bool matches_all() const { return program_.empty(); }
  // The one way to write this filter; parses to the same. Empty: everything.
  const std::string& to_text() const { return text_; }

 private:
  enum class Code : std::uint8_t { test, negate, jump_if_false, jump_if_true };
  // One step over a single truth register. A jump leaves the register as it is.
  struct Step {
    Code code = Code::test;
    FilterOperator op = FilterOperator::equal;
    FilterKind kind = FilterKind::text;
    std::uint16_t field = 0;
    std::uint32_t first = 0;  // Of constants_; of a jump: where to.
    std::uint32_t count = 0;
  };
  struct Constant {
    std::uint32_t begin = 0;  // In pool_.
    std::uint32_t size = 0;
    std::int64_t from = 0;  // A number, or the period's first millisecond ...
    std::int64_t to = 0;    // ... and the first one behind it.
  };

  void compile(const FilterNode& node, const FilterPlace& place);
  void compile_test(const FilterNode& node, const FilterPlace& place);
  bool test(const Step& step, const FilterSubject& subject, FilterScratch& scratch) const;
  bool any_text(const Step& step, const FilterSubject& subject, FilterScratch& scratch) const;
  bool any_number(const Step& step, const FilterSubject& subject) const;
  bool is_within(std::string_view code, std::string_view ancestor) const;
  std::string_view text_of(const Constant& constant) const {
    return std::string_view(pool_).substr(constant.begin, constant.size);
  }

  std::vector<Step> program_;
  std::vector<Constant> constants_;
  std::string pool_;
  std::string text_;
  FilterParent parent_;
};

// Whether `text` contains `needle`, which is folded already; `scratch` as above.
inline constexpr std::size_t kFilterChunkBytes = 1024;
bool contains_folded(std::string_view text, std::string_view needle, FilterScratch& scratch);

}  // namespace telex
