// JSON of one choice that comes in pieces, for a document that has it in one. For .cc files of this folder.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace gateway {

// Log probabilities: lists of the tokens of content and refusal, one after the other.
class LogProbPieces {
 public:
  void add(std::string_view json);
  bool empty() const noexcept { return content_.empty() && refusal_.empty(); }
  std::string json() const;
  const std::string& content() const noexcept { return content_; }  // its elements
  std::size_t size() const noexcept { return content_.size() + refusal_.size(); }

 private:
  std::string content_, refusal_;  // elements
};

// Audio: data and transcript come in pieces, of the rest the last counts.
class AudioPieces {
 public:
  void add(std::string_view json);
  bool empty() const noexcept { return !any_; }
  std::string json() const;
  std::size_t size() const noexcept { return id_.size() + data_.size() + transcript_.size() + rest_.size(); }

 private:
  std::string id_, data_, transcript_;
  std::string rest_;  // other members, each after a comma
  bool any_ = false;
};

}  // namespace gateway
