// Follows a JSON document that is relayed piece by piece because it is large: whether its beginning is an answer, and,
// at its end, an outline of it that metering can read.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gateway {

// One pass over the bytes, whatever the cuts; memory is bounded, whatever the size. It does not judge whether the text
// is JSON: of other text it knows no answer and no end.
class DocumentScan {
 public:
  void push(std::string_view bytes);

  // Top-level `choices` or `data` holds so much already that it is one.
  bool is_answer() const noexcept { return bytes_of_answer_ >= kAnswer; }
  // The document has come to its end.
  bool complete() const noexcept { return begun_ && depth_ == 0 && !in_string_; }
  // The document with its long strings empty and its long arrays short: a JSON document once complete. Empty if even
  // that was too much.
  std::string_view outline() const noexcept { return outline_; }
  // Bytes of all string values in `choices`, as they are in JSON.
  std::int64_t text_bytes() const noexcept { return text_bytes_; }

 private:
  static constexpr std::int64_t kAnswer = 64 * 1024;
  static constexpr std::size_t kMaxString = 256, kMaxOutline = 256 * 1024;
  static constexpr int kMaxDepth = 64, kMaxChoices = 128, kMaxElements = 4;

  struct Level {
    bool is_array = false;
    bool is_answer = false;  // the array of choices or data, or within it
    int elements = 0;
  };

  void take(char c);
  void open(bool array, char c);
  void close(char c);
  void begin_value();
  void end_string();
  void emit(std::string_view text);
  bool kept() const noexcept { return dropped_from_ == 0; }

  std::array<Level, kMaxDepth + 1> levels_{};
  int depth_ = 0;
  int dropped_from_ = 0;  // the depth of the array whose element is left out; 0: none
  bool begun_ = false;
  bool in_string_ = false, escaped_ = false;
  bool expects_key_ = false;    // in an object, after `{` or `,`
  bool string_is_key_ = false;  // the one that is read
  bool in_scalar_ = false;      // a number or a word
  bool comma_ = false;          // owed before the next key or element
  bool choices_ = false;        // the last top-level key is `choices`, not `data`
  bool answer_key_ = false;     // it is either
  bool too_large_ = false;
  std::size_t string_size_ = 0;
  std::string string_;  // its beginning
  std::string outline_;
  std::int64_t bytes_of_answer_ = 0, text_bytes_ = 0;
};

}  // namespace gateway
