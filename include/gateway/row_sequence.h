// Rows in an order, of which one at a time is there: how a batch comes to a store.
#pragma once

#include <concepts>
#include <cstddef>
#include <iterator>
#include <span>

#include "gateway/row.h"

namespace gateway {

/// Cheap to copy; what it was made of outlives it. One thread at a time.
class RowSequence {
 public:
  /// Rows that are kept as something else, and made when they are looked at.
  class Source {
   public:
    virtual ~Source() = default;
    virtual std::size_t size() const noexcept = 0;
    /// i < size(). The row may be gone with the next call.
    virtual const Row& at(std::size_t i) = 0;
  };

  RowSequence() = default;
  /// Rows in memory: a vector, an array, a span.
  template <std::convertible_to<std::span<const Row>> Rows>
  RowSequence(const Rows& rows) : rows_(rows) {}
  explicit RowSequence(Source& source) : source_(&source) {}

  std::size_t size() const noexcept { return source_ != nullptr ? source_->size() : rows_.size(); }
  bool empty() const noexcept { return size() == 0; }
  /// Valid until another row is requested.
  const Row& operator[](std::size_t i) const { return source_ != nullptr ? source_->at(i) : rows_[i]; }

  /// For range-for, as often as one likes.
  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Row;
    using difference_type = std::ptrdiff_t;
    using pointer = const Row*;
    using reference = const Row&;

    Iterator(const RowSequence& rows, std::size_t at) : rows_(&rows), at_(at) {}
    const Row& operator*() const { return (*rows_)[at_]; }
    Iterator& operator++() {
      ++at_;
      return *this;
    }
    void operator++(int) { ++at_; }
    friend bool operator==(const Iterator& a, const Iterator& b) { return a.at_ == b.at_; }

   private:
    const RowSequence* rows_;
    std::size_t at_;
  };
  Iterator begin() const { return {*this, 0}; }
  Iterator end() const { return {*this, size()}; }

 private:
  std::span<const Row> rows_;
  Source* source_ = nullptr;
};

}  // namespace gateway
