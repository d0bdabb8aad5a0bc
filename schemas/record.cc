#include "schemas/record.h"

#include <array>
#include <cassert>

namespace telex {
namespace {

// What the views of an empty, non-null string point at: nullptr would mean null.
constexpr char kEmpty = 0;

constexpr std::array<std::string_view, kDestinationCount> kDestinations{
    "enriched", "routed", "dead_letter", "changelog", "correction"};

}  // namespace

std::string_view to_string(Destination destination) {
  return kDestinations[static_cast<std::size_t>(destination)];
}

Header HeaderList::operator[](std::uint32_t index) const {
  assert(index < range_.count);
  const auto& slices = records_->headers_[range_.first + index];
  return {records_->view(slices.name), records_->view(slices.value)};
}

std::string_view Records::view(const Slice& slice) const {
  if (slice.null) return {};
  if (slice.length == 0) return {&kEmpty, 0};
  return std::string_view(bytes_).substr(slice.begin, slice.length);
}

Record Records::operator[](std::uint32_t index) const {
  assert(index < rows_.size());
  const Row& row = rows_[index];
  return {row.destination,
          row.route,
          row.partition,
          row.timestamp,
          view(row.key),
          view(row.value),
          HeaderList(this, row.headers),
          row.row};
}

void Records::clear() noexcept {
  bytes_.clear();
  rows_.clear();
  headers_.clear();
  open_ = {};
  open_begin_ = 0;
  mark_ = 0;
}

void Records::open() {
  open_ = {};
  open_.headers.first = static_cast<std::uint32_t>(headers_.size());
  open_begin_ = bytes_.size();
  open_.begin = open_begin_;
  mark_ = open_begin_;
}

void Records::end_key() {
  open_.key = {mark_, bytes_.size() - mark_, false};
  mark_ = bytes_.size();
}

void Records::end_value() {
  open_.value = {mark_, bytes_.size() - mark_, false};
  mark_ = bytes_.size();
}

std::uint64_t Records::open_value_bytes() const {
  return open_.value.null ? bytes_.size() - mark_ : open_.value.length;
}

void Records::add_header(std::string_view name, std::string_view value) {
  HeaderSlices slices;
  slices.name = {bytes_.size(), name.size(), false};
  bytes_.append(name);
  if (value.data() != nullptr) {
    slices.value = {bytes_.size(), value.size(), false};
    bytes_.append(value);
  }
  headers_.push_back(slices);
  ++open_.headers.count;
  mark_ = bytes_.size();
}

void Records::close(Destination destination, std::uint16_t route, Partition partition,
                    UnixMillis timestamp, std::uint32_t row) {
  open_.destination = destination;
  open_.route = route;
  open_.partition = partition;
  open_.timestamp = timestamp;
  open_.row = row;
  rows_.push_back(open_);
}

void Records::drop_last() {
  assert(!rows_.empty());
  bytes_.resize(rows_.back().begin);
  headers_.resize(rows_.back().headers.first);
  rows_.pop_back();
}

void Records::abandon() {
  bytes_.resize(open_begin_);
  headers_.resize(open_.headers.first);
  mark_ = open_begin_;
}

}  // namespace telex
