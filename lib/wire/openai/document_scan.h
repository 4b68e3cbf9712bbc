// Follows a JSON answer piece by piece, for one that is relayed because it is large, or that was cut off: what metering
// needs of it, without keeping it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "wire/openai/weigh.h"

namespace gateway {

// One pass over the bytes, whatever the cuts; memory is bounded, whatever the size. It does not judge whether the text
// is JSON: in other text it finds no answer and no end. All can be queried at any time, about what has come so far.
class DocumentScan {
 public:
  // Returns how many of the bytes belong to the document: all, or those up to its end. What comes after is ignored.
  std::size_t push(std::string_view bytes);

  // `choices` or `data` at the root carry something.
  bool has_content() const noexcept { return content_bytes() > 0; }
  // They carry so much that nothing after it can make it another thing.
  bool is_answer() const noexcept { return content_bytes() >= kAnswer; }
  bool complete() const noexcept { return complete_; }
  // Elements of `data` that have begun.
  std::int64_t data_count() const noexcept { return data_count_; }
  // A JSON object of the members that metering reads, as far as each is complete: id, model, usage, error and the like,
  // and of each choice its index, finish_reason, usage and error.
  std::string outline() const;
  // As a document's or a chunk's weight is, see weigh.h; also of a string that has not ended.
  Weight weight() const noexcept;

 private:
  static constexpr std::int64_t kAnswer = 64 * 1024;
  static constexpr std::size_t kMaxKey = 64, kMaxMember = 64 * 1024, kMaxOutline = 256 * 1024;
  static constexpr int kMaxDepth = 64;

  enum class Part : std::uint8_t { other, root, choices, choice, message, data };
  struct Level {
    Part part = Part::other;
    bool is_array = false;
    Within within = Within::opaque;  // of a message
    std::int64_t* tally = nullptr;   // what strings of this array add to
  };
  // The value that begins: what it is a part of.
  struct Role {
    Part part = Part::other;
    Within within = Within::opaque;
    std::int64_t* tally = nullptr;
    bool kept = false;  // in the outline
  };

  void take(char c);
  void take_in_string(char c);
  void open(bool array);
  void close();
  void end_value();
  Role begin_value(char c);
  Role role_in(const Level& level, char c) noexcept;
  void start_keeping();
  void keep(std::string_view bytes);
  void finish_message() noexcept;
  std::int64_t content_bytes() const noexcept;
  const Level& level() const noexcept;

  std::array<Level, kMaxDepth + 1> levels_{};
  int depth_ = 0;
  bool complete_ = false;

  bool in_string_ = false, is_key_ = false, in_scalar_ = false;
  bool expects_key_ = false;  // in an object, after `{` or `,`
  bool escaped_ = false;      // after a backslash
  int hex_left_ = 0;          // digits of a \u escape
  unsigned unit_ = 0;         // its value so far
  std::int64_t* string_tally_ = nullptr;
  std::string key_;  // the last one, or its beginning

  int opaque_depth_ = 0;  // of a container whose bytes all count; 0: none
  std::int64_t* opaque_tally_ = nullptr;

  int kept_depth_ = -1;  // the level whose member is kept; -1: none
  std::string member_;   // that member so far
  std::string root_members_, choices_, choice_;
  bool has_choices_ = false, in_choice_ = false;

  Weight weight_, message_;
  std::int64_t data_bytes_ = 0, data_count_ = 0;
};

}  // namespace gateway
