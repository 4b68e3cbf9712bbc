// Header fields gathered from spans that may be cut anywhere, in one block of text that is reused.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "gateway/headers.h"

namespace gateway::http1 {

class FieldBlock {
 public:
  void clear() noexcept {
    text_.clear();
    places_.clear();
    open_ = {};
  }
  void name(const char* at, std::size_t n) {
    text_.append(at, n);
    open_.name += n;
  }
  void value(const char* at, std::size_t n) {
    text_.append(at, n);
    open_.value += n;
  }
  // The field that was being gathered is complete. White space after its value is not part of it.
  void end() {
    while (open_.value > 0 && (text_.back() == ' ' || text_.back() == '\t')) text_.pop_back(), --open_.value;
    places_.push_back(open_);
    open_ = {};
  }
  std::size_t size() const noexcept { return places_.size(); }

  // Valid until the next change.
  HeaderSpan fields() {
    fields_.clear();
    const char* at = text_.data();
    for (const Place& place : places_) {
      fields_.push_back({{at, place.name}, {at + place.name, place.value}});
      at += place.name + place.value;
    }
    return fields_;
  }

 private:
  struct Place {
    std::size_t name = 0;
    std::size_t value = 0;
  };
  std::string text_;
  std::vector<Place> places_;
  std::vector<HeaderField> fields_;
  Place open_;
};

}  // namespace gateway::http1
