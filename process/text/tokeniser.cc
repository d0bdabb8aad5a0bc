#include "process/text/tokeniser.h"

#define XXH_INLINE_ALL
#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include <xxhash.h>

#include "process/text/ascii_block.h"
#include "process/text/fold.h"
#include "process/text/markup.h"
#include "process/text/sentences.h"
#include "process/text/unicode.h"

namespace telex {
namespace {

using unicode::Class;
using Shape = TokenShape;

// The columns of Tokens with room for more than they hold, so that a token is eight plain stores.
class Columns {
 public:
  explicit Columns(Tokens& tokens) : tokens_(tokens), size_(tokens.size()), room_(size_) {}
  ~Columns() { resize(size_); }
  Columns(const Columns&) = delete;
  Columns& operator=(const Columns&) = delete;

  std::uint32_t size() const { return size_; }
  std::uint32_t begin(std::uint32_t i) const { return tokens_.begin[i]; }
  std::uint32_t end(std::uint32_t i) const { return tokens_.end[i]; }
  std::uint64_t hash(std::uint32_t i) const { return tokens_.hash[i]; }
  std::uint16_t shape(std::uint32_t i) const { return tokens_.shape[i]; }

  void push(std::uint32_t begin, std::uint32_t end, std::uint64_t hash, std::uint32_t shape,
            std::uint32_t sentence, std::uint16_t part) {
    if (size_ == room_) resize(size_ + kStep);
    tokens_.hash[size_] = hash;
    tokens_.begin[size_] = begin;
    tokens_.end[size_] = end;
    tokens_.shape[size_] = static_cast<std::uint16_t>(shape);
    tokens_.sentence[size_] = static_cast<std::uint16_t>(sentence);
    tokens_.part[size_] = part;
    ++size_;
  }
  void mark(std::uint32_t first, std::uint32_t last, std::uint16_t bits) {
    for (; first < last; ++first) {
      tokens_.shape[first] = static_cast<std::uint16_t>(tokens_.shape[first] | bits);
    }
  }

 private:
  static constexpr std::uint32_t kStep = 512;

  void resize(std::uint32_t size) {
    tokens_.hash.resize(size);
    tokens_.begin.resize(size);
    tokens_.end.resize(size);
    tokens_.shape.resize(size);
    tokens_.sentence.resize(size);
    tokens_.part.resize(size);
    room_ = size;
  }

  Tokens& tokens_;
  std::uint32_t size_;
  std::uint32_t room_;
};

// What a byte begins.
enum class Lead : std::uint8_t { space, word, other, high };

constexpr std::array<Lead, 256> kLeads = [] {
  std::array<Lead, 256> leads{};
  for (std::size_t i = 0; i < 256; ++i) {
    const bool word = (i >= '0' && i <= '9') || (i >= 'A' && i <= 'Z') || (i >= 'a' && i <= 'z');
    leads[i] = i >= 0x80                ? Lead::high
               : word                   ? Lead::word
               : i <= 0x20 || i == 0x7F ? Lead::space
                                        : Lead::other;
  }
  return leads;
}();

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_letter(char c) { return is_lower(c) || is_upper(c); }

// Case and kind of a word's characters, gathered one by one where no AsciiBlock will do.
class ShapeBuilder {
 public:
  void add(const unicode::Info& info, bool ascii) {
    if (!ascii) bits_ |= Shape::kNonAscii;
    if (info.cls() == Class::digit) bits_ |= Shape::kNumber;
    if (info.cls() != Class::letter) return;
    const bool upper = info.has(unicode::Info::kUpper);
    const bool lower = info.has(unicode::Info::kLower);
    if (letters_ == 0) bits_ |= upper ? Shape::kCapital : lower ? kFirstLower : 0U;
    if (upper && seen_lower_) bits_ |= Shape::kMixedCase;
    seen_lower_ = seen_lower_ || lower;
    all_upper_ = all_upper_ && upper;
    ++letters_;
    bits_ |= Shape::kWord;
  }
  // Bits of Shape, and kFirstLower.
  std::uint32_t bits() const {
    std::uint32_t bits = bits_;
    if (letters_ >= 2 && all_upper_) bits |= Shape::kAllCapitals;
    if ((bits & (Shape::kWord | Shape::kNumber)) == 0) bits |= Shape::kPunctuation;
    return bits;
  }

 private:
  std::uint32_t bits_ = 0;
  std::uint32_t letters_ = 0;
  bool all_upper_ = true;
  bool seen_lower_ = false;
};

std::uint32_t shape_of(const AsciiBlock& block, std::uint32_t size) {
  const std::uint32_t mask = (1U << size) - 1U;
  const std::uint32_t upper = block.upper & mask;
  const std::uint32_t lower = block.lower & mask;
  const std::uint32_t letters = upper | lower;
  std::uint32_t shape = (block.digit & mask) != 0 ? Shape::kNumber : 0U;
  if (letters == 0) return shape;
  const std::uint32_t first = letters & (~letters + 1U);
  shape |= Shape::kWord | ((upper & first) != 0 ? Shape::kCapital : kFirstLower);
  if (lower == 0) {
    if ((upper & (upper - 1U)) != 0) shape |= Shape::kAllCapitals;
  } else if ((upper & ~((lower & (~lower + 1U)) - 1U)) != 0) {
    shape |= Shape::kMixedCase;
  }
  return shape;
}

// Cuts one part. The story: run() looks at the byte at at_ and hands over to word(), other() or the
// like, each of which emits at most one token and moves at_ past what it has read.
class Cutter {
 public:
  Cutter(std::string_view text, std::uint16_t part, Columns& columns, Sentences& sentences)
      : text_(text.substr(0, 0xFFFFFFF0U)),
        size_(static_cast<std::uint32_t>(text_.size())),
        part_(part),
        columns_(columns),
        sentences_(sentences),
        table_(unicode::table()),
        tags_(text_) {}

  // `headings`: those of this part, or of any later ones.
  void run(const Part& part, std::span<const Heading>& headings) {
    html_ = part.format == TextFormat::html;
    always_heading_ = part.kind == PartKind::title || part.kind == PartKind::headline;
    headings_ = &headings;
    next_edge();
    run();
  }
  void run_phrase() { run(); }

 private:
  static constexpr std::uint32_t kNowhere = 0xFFFFFFFFU;

  void run() {
    while (at_ < size_) {
      if (at_ >= edge_) cross_edge();
      const char c = text_[at_];
      switch (kLeads[static_cast<unsigned char>(c)]) {
        case Lead::word:
          word();
          break;
        case Lead::space:
          spaces();
          break;
        case Lead::other:
          ascii_other(c);
          break;
        case Lead::high:
          high();
          break;
      }
    }
  }

  // --- Words ---

  void word() {
    AsciiBlock block;
    if (size_ - at_ >= AsciiBlock::kBytes) [[likely]] {
      block = AsciiBlock::load(text_.data() + at_);
    } else {
      std::array<char, AsciiBlock::kBytes> padded{};
      std::memcpy(padded.data(), text_.data() + at_, size_ - at_);
      block = AsciiBlock::load(padded.data());
    }
    const std::uint32_t run = block.upper | block.lower | block.digit;
    const auto length = static_cast<std::uint32_t>(std::countr_one(run));
    if (length == AsciiBlock::kBytes) return long_word();
    const char next = block.folded[length];
    if (static_cast<unsigned char>(next) >= 0x80) return long_word();
    if ((next == '.' || next == ',') && goes_on(length, next)) return;
    // The mask tells the compiler that the hash's long forms are not needed.
    const std::uint64_t hash = XXH3_64bits(block.folded.data(), length & 15U);
    emit_word(at_ + length, hash, shape_of(block, length));
  }

  // Whether the dot or comma after a run of `length` is part of the token, which is cut then.
  bool goes_on(std::uint32_t length, char mark) {
    const std::uint32_t mark_at = at_ + length;
    if (mark_at + 1 >= size_) return false;
    const char after = text_[mark_at + 1];
    if (is_digit(text_[mark_at - 1])) {
      if (!is_digit(after)) return false;
      long_word();
      return true;
    }
    if (mark != '.' || length > 2) return false;
    if (!is_letter(after) && static_cast<unsigned char>(after) < 0x80) return false;
    return acronym();
  }

  // A run with letters beyond ASCII, of sixteen bytes or more, or with a number's inner dots.
  void long_word() {
    ShapeBuilder shape;
    std::uint32_t end = at_;
    bool digit_before = false;
    for (std::uint32_t i = at_; i < size_ && i - at_ < Tokeniser::kTokenBytesMax;) {
      const char c = text_[i];
      if ((c == '.' || c == ',') && digit_before && i + 1 < size_ && is_digit(text_[i + 1])) {
        ++i;
        continue;
      }
      const unicode::Decoded decoded = unicode::decode(text_, i);
      if (decoded.code_point == unicode::kInvalid) break;
      if (i + decoded.size - at_ > Tokeniser::kTokenBytesMax) break;
      const unicode::Info info = unicode::info(table_, decoded.code_point);
      const Class cls = info.cls();
      if (cls == Class::letter || cls == Class::digit || cls == Class::mark) {
        i += decoded.size;
        end = i;
      } else if (cls == Class::ignorable) {
        i += decoded.size;
        continue;  // Part of the token only if more of it follows.
      } else {
        break;
      }
      shape.add(info, decoded.size == 1);
      digit_before = is_digit(c);
    }
    // An ignorable inside shows in the bytes only.
    std::uint32_t bits = shape.bits();
    const std::string_view bytes = text_.substr(at_, end - at_);
    if ((bits & Shape::kNonAscii) == 0 && std::any_of(bytes.begin(), bytes.end(), [](char c) {
          return static_cast<unsigned char>(c) >= 0x80;
        })) {
      bits |= Shape::kNonAscii;
    }
    emit_word(end, folded_hash(bytes), bits);
  }

  struct Letter {
    std::uint32_t size = 0;  // 0: no letter here.
    unicode::Info info;
  };
  Letter letter_at(std::uint32_t at) const {
    if (at >= size_) return {};
    const unicode::Decoded decoded = unicode::decode(text_, at);
    if (decoded.code_point == unicode::kInvalid) return {};
    const unicode::Info info = unicode::info(table_, decoded.code_point);
    return info.cls() == Class::letter ? Letter{decoded.size, info} : Letter{};
  }
  bool word_at(std::uint32_t at) const {  // A letter, digit or mark.
    if (at >= size_) return false;
    const char c = text_[at];
    if (static_cast<unsigned char>(c) < 0x80) return is_letter(c) || is_digit(c);
    const unicode::Decoded decoded = unicode::decode(text_, at);
    if (decoded.code_point == unicode::kInvalid) return false;
    const Class cls = unicode::info(table_, decoded.code_point).cls();
    return cls == Class::letter || cls == Class::digit || cls == Class::mark;
  }

  // Letters with a dot after each: U.S., a.u.b., С.Ш.А.; Spanish plurals double them (EE.UU.).
  // The last may lack its dot. Cuts the token; false if there is none here.
  bool acronym() {
    constexpr std::uint32_t kGroupsMax = 12;
    std::array<char, kGroupsMax * 8> letters;
    std::uint32_t letter_bytes = 0;
    std::uint32_t groups = 0;
    std::uint32_t end = at_;
    bool dotted = false;  // Ends in a dot.
    ShapeBuilder shape;
    for (std::uint32_t i = at_; groups < kGroupsMax;) {
      const Letter letter = letter_at(i);
      if (letter.size == 0) break;
      std::uint32_t size = letter.size;
      if (is_upper(text_[i]) && i + 2 < size_ && text_[i + 1] == text_[i] && text_[i + 2] == '.') {
        size = 2;
      }
      const std::uint32_t after = i + size;
      dotted = after < size_ && text_[after] == '.';
      if (!dotted && word_at(after)) return false;  // A whole word after dots: a host name.
      std::memcpy(letters.data() + letter_bytes, text_.data() + i, size);
      letter_bytes += size;
      for (std::uint32_t j = 0; j < (size == letter.size ? 1U : 2U); ++j) {
        shape.add(letter.info, static_cast<unsigned char>(text_[i]) < 0x80);
      }
      ++groups;
      i = end = after + (dotted ? 1U : 0U);
      if (!dotted) break;
    }
    if (groups < 2 || word_at(end)) return false;
    const std::uint64_t hash = folded_hash({letters.data(), letter_bytes});
    const std::uint32_t bits = shape.bits();
    emit_word(end, hash, bits);
    if (dotted) sentences_.after_acronym(hash, bits);
    return true;
  }

  void emit_word(std::uint32_t end, std::uint64_t hash, std::uint32_t shape) {
    const std::uint32_t join = join_;
    join_ = 0;
    emit(end, hash, shape | join, 0);
    if (end < size_) join_after_word(end);
  }

  // A hyphen or apostrophe that joins makes no token; the next word carries the bit.
  void join_after_word(std::uint32_t end) {
    const char c = text_[end];
    if (c == '-') return join_hyphen(end + 1);
    if (c == '\'') return join_apostrophe(end, end + 1);
    if (c != '\xE2' || end + 2 >= size_ || text_[end + 1] != '\x80') return;
    const char third = text_[end + 2];
    if (third == '\x90' || third == '\x91') return join_hyphen(end + 3);  // U+2010, U+2011.
    if (third == '\x99') return join_apostrophe(end, end + 3);            // U+2019.
  }
  void join_hyphen(std::uint32_t after) {
    if (!word_at(after)) return;
    at_ = after;
    join_ = Shape::kHyphen | Shape::kGlued;
  }
  void join_apostrophe(std::uint32_t end, std::uint32_t after) {
    const bool digits = is_digit(text_[end - 1]) && after < size_ && is_digit(text_[after]);
    if (!digits && letter_at(after).size == 0) return;
    at_ = after;
    join_ = Shape::kApostrophe | Shape::kGlued;
  }

  // Dutch clitics: 's avonds, 't, 'n. The apostrophe at at_ (`size` bytes) makes no token, so that
  // both ways to write it are one name ('s-Gravenhage).
  bool clitic(std::uint32_t size) {
    const std::uint32_t letter = at_ + size;
    if (letter >= size_ || word_at(letter + 1)) return false;
    constexpr std::string_view kClitics = "stnmkrdSTNMKRD";
    if (kClitics.find(text_[letter]) == std::string_view::npos) return false;
    if (at_ == last_end_ && at_ > 0) return false;
    at_ = letter;
    join_ = Shape::kApostrophe;
    return true;
  }

  // --- All else ---

  void spaces() {
    std::uint32_t lines = 0;
    do {
      lines += text_[at_] == '\n' ? 1U : 0U;
      ++at_;
    } while (at_ < size_ && kLeads[static_cast<unsigned char>(text_[at_])] == Lead::space);
    if (lines > 1 && !html_) paragraph();
  }

  void paragraph() {
    sentences_.end_paragraph(columns_.size());
    quotes_.fill(Quote{});
  }

  void ascii_other(char c) {
    if (html_ && c == '<' && markup()) return;
    if (html_ && c == '&') {
      const std::size_t end = entity_end(text_, at_);
      if (end != at_) {
        at_ = static_cast<std::uint32_t>(end);
        return;
      }
    }
    if (c == '\'' && clitic(1)) return;
    punctuation(static_cast<unsigned char>(c), 1);
  }

  bool markup() {
    const Tag tag = tags_.scan(at_);
    if (tag.kind == TagKind::none) return false;
    at_ = static_cast<std::uint32_t>(tag.end);
    switch (tag.kind) {
      case TagKind::none:
      case TagKind::inline_tag:
        return true;
      case TagKind::line_break:  // Two in a row part paragraphs.
        if (last_break_ == columns_.size()) paragraph();
        last_break_ = columns_.size();
        return true;
      case TagKind::block:
      case TagKind::heading_open:
      case TagKind::heading_close:
        break;
    }
    paragraph();
    html_heading_ = tag.kind == TagKind::heading_open;
    return true;
  }

  void high() {
    const unicode::Decoded decoded = unicode::decode(text_, at_);
    if (decoded.code_point == unicode::kInvalid) {
      ++at_;
      return;
    }
    constexpr std::uint32_t kParagraphSeparator = 0x2029;
    switch (unicode::info(table_, decoded.code_point).cls()) {
      case Class::letter:
      case Class::digit:
      case Class::mark:
        if (text_.size() - at_ > decoded.size && text_[at_ + decoded.size] == '.' &&
            letter_at(at_ + decoded.size + 1).size != 0 && acronym()) {
          return;
        }
        return long_word();
      case Class::ideograph:
        return ideograph(decoded.size);
      case Class::space:
        at_ += decoded.size;
        if (decoded.code_point == kParagraphSeparator) paragraph();
        return;
      case Class::ignorable:
        at_ += decoded.size;
        return;
      case Class::other:
        break;
    }
    constexpr std::uint32_t kRightSingleQuote = 0x2019;
    if (decoded.code_point == kRightSingleQuote && clitic(3)) return;
    punctuation(decoded.code_point, decoded.size);
  }

  // One character and the marks on it.
  void ideograph(std::uint32_t size) {
    std::uint32_t end = at_ + size;
    while (end < size_ && end - at_ < Tokeniser::kTokenBytesMax) {
      const unicode::Decoded decoded = unicode::decode(text_, end);
      if (decoded.code_point == unicode::kInvalid || decoded.size == 1) break;
      if (unicode::info(table_, decoded.code_point).cls() != Class::mark) break;
      if (end + decoded.size - at_ > Tokeniser::kTokenBytesMax) break;
      end += decoded.size;
    }
    join_ = 0;
    emit(end, folded_hash(text_.substr(at_, end - at_)),
         Shape::kWord | Shape::kIdeograph | Shape::kNonAscii, 0);
  }

  void punctuation(std::uint32_t code_point, std::uint32_t size) {
    join_ = 0;
    const std::uint32_t begin = at_;
    const bool glued = begin == last_end_;
    const std::uint32_t shape = Shape::kPunctuation | (size > 1 ? Shape::kNonAscii : 0U);
    emit(begin + size, XXH3_64bits(text_.data() + begin, size), shape, code_point);
    const std::uint32_t token = columns_.size() - 1;
    quote(code_point, begin, token, glued);
    if (Sentences::ends_with(code_point)) {
      if (glued && token > 0) {
        sentences_.after_terminator(code_point, columns_.hash(token - 1), columns_.shape(token - 1),
                                    columns_.end(token - 1) - columns_.begin(token - 1));
      } else {
        sentences_.after_terminator(code_point, 0, 0, 0);
      }
    }
  }

  // --- Quotes ---

  struct Quote {
    std::uint32_t token = kNowhere;  // The token of the open quote; kNowhere = none is open.
    std::uint32_t begin = 0;
    std::uint32_t opener = 0;
  };
  enum QuoteKind : std::uint8_t { kStraight, kCurly, kGuillemet, kSingle, kQuoteKinds };

  void quote(std::uint32_t code_point, std::uint32_t begin, std::uint32_t token, bool glued) {
    const bool after_word =
        glued && token > 0 && (columns_.shape(token - 1) & Shape::kPunctuation) == 0;
    const bool before_text =
        at_ < size_ && kLeads[static_cast<unsigned char>(text_[at_])] != Lead::space;
    const bool opening = !after_word && before_text;
    switch (code_point) {
      case '"':
        return glued && is_open(kStraight) ? close(kStraight, begin, token)
                                           : open_if(opening, kStraight, code_point, begin, token);
      case '\'':
        return is_open(kSingle) && !word_at(at_)
                   ? close(kSingle, begin, token)
                   : open_if(opening, kSingle, code_point, begin, token);
      case 0x201E:  // „
        return open_if(true, kCurly, code_point, begin, token);
      case 0x201C:  // “ opens, but closes „.
        return is_open(kCurly) && quotes_[kCurly].opener == 0x201E
                   ? close(kCurly, begin, token)
                   : open_if(true, kCurly, code_point, begin, token);
      case 0x201D:  // ” closes; in Swedish and Finnish it opens as well.
        return is_open(kCurly) ? close(kCurly, begin, token)
                               : open_if(opening, kCurly, code_point, begin, token);
      case 0xAB:  // « and », which German turns round.
      case 0xBB:
        return is_open(kGuillemet) && quotes_[kGuillemet].opener != code_point
                   ? close(kGuillemet, begin, token)
                   : open_if(true, kGuillemet, code_point, begin, token);
      case 0x201A:  // ‚
        return open_if(true, kSingle, code_point, begin, token);
      case 0x2018:  // ‘ opens, but closes ‚.
        return is_open(kSingle) && quotes_[kSingle].opener == 0x201A
                   ? close(kSingle, begin, token)
                   : open_if(true, kSingle, code_point, begin, token);
      case 0x2019:  // ’
        return is_open(kSingle) && !word_at(at_) ? close(kSingle, begin, token) : void();
      default:
        return;
    }
  }
  bool is_open(QuoteKind kind) const { return quotes_[kind].token != kNowhere; }
  void open_if(bool opening, QuoteKind kind, std::uint32_t opener, std::uint32_t begin,
               std::uint32_t token) {
    if (!opening) return;
    quotes_[kind] = {token, begin, opener};
    // "Hij zei: «De ..." begins a sentence inside the sentence.
    if (after_colon_) sentences_.begin_quoted();
  }
  void close(QuoteKind kind, std::uint32_t begin, std::uint32_t token) {
    if (begin - quotes_[kind].begin <= Tokeniser::kQuoteBytesMax) {
      columns_.mark(quotes_[kind].token + 1, token, Shape::kQuoted);
    }
    quotes_[kind] = Quote{};
  }

  // --- Sentences, headings, and the token itself ---

  void emit(std::uint32_t end, std::uint64_t hash, std::uint32_t shape, std::uint32_t code_point) {
    const std::uint32_t begin = at_;
    if (begin == last_end_ && begin > 0) shape |= Shape::kGlued;
    shape |= sentences_.next_token(hash, shape, code_point, columns_.size());
    if (heading()) shape |= Shape::kHeading;
    columns_.push(begin, end, hash, shape & ~kFirstLower, sentences_.ordinal(), part_);
    last_end_ = at_ = end;
    after_colon_ = last_was_colon_;
    last_was_colon_ = code_point == ':';
  }

  bool heading() const { return always_heading_ || in_heading_ || html_heading_; }

  // Finds the next heading of this part; edge_ is where something changes.
  void next_edge() {
    edge_ = kNowhere;
    for (; !headings_->empty(); *headings_ = headings_->subspan(1)) {
      const Heading& heading = headings_->front();
      if (heading.part > part_) return;
      if (heading.part < part_ || heading.range.begin < at_) continue;
      if (heading.range.end <= heading.range.begin) continue;
      edge_ = heading.range.begin;
      return;
    }
  }
  void cross_edge() {
    while (at_ >= edge_) {
      paragraph();
      if (in_heading_) {
        in_heading_ = false;
        *headings_ = headings_->subspan(1);
        next_edge();
      } else {
        in_heading_ = true;
        edge_ = headings_->front().range.end;
      }
    }
  }

  std::string_view text_;
  std::uint32_t size_;
  std::uint16_t part_;
  Columns& columns_;
  Sentences& sentences_;
  const unicode::Table& table_;
  TagScanner tags_;
  std::span<const Heading>* headings_ = nullptr;
  std::array<Quote, kQuoteKinds> quotes_{};
  std::uint32_t at_ = 0;
  std::uint32_t edge_ = kNowhere;
  std::uint32_t last_end_ = kNowhere;  // Where the last token of this part ends.
  std::uint32_t join_ = 0;             // Bits for the next word.
  std::uint32_t last_break_ = kNowhere;
  bool html_ = false;
  bool always_heading_ = false;
  bool in_heading_ = false;
  bool html_heading_ = false;
  bool last_was_colon_ = false;
  bool after_colon_ = false;  // The token before the last one was a colon.
};

void tokenise_article(const Article& article, Columns& columns) {
  std::span<const Heading> headings = article.headings;
  Sentences sentences(article.language, columns.size());
  for (std::size_t i = 0; i < article.parts.size(); ++i) {
    sentences.end_paragraph(columns.size());
    Cutter cutter(article.parts[i].text, static_cast<std::uint16_t>(i), columns, sentences);
    cutter.run(article.parts[i], headings);
  }
}

}  // namespace

void Tokeniser::operator()(Batch& batch, StageContext& context) noexcept {
  Tokens& tokens = context.tokens;
  tokens.clear();
  Columns columns(tokens);
  for (std::uint32_t row = 0; row < batch.size(); ++row) {
    const std::uint32_t first = columns.size();
    if (batch.publishes(row)) tokenise_article(batch.article(row), columns);
    tokens.rows.push_back({first, columns.size() - first});
  }
}

void Tokeniser::tokenise(const Article& article, Tokens& out) {
  Columns columns(out);
  tokenise_article(article, columns);
}

void Tokeniser::tokenise_phrase(std::string_view text, Tokens& out) {
  Columns columns(out);
  Sentences sentences;
  Cutter(text, 0, columns, sentences).run_phrase();
}

}  // namespace telex
