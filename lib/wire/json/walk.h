// A strict walk over one JSON document: simdjson's on-demand iteration, and by our own hand what that leaves unchecked
// (escapes, number grammar, literals, depth, trailing text). For .cc files of this folder.
#pragma once

#include <simdjson.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/buffer.h"
#include "wire/json/token.h"

namespace gateway::json {

using Value = simdjson::ondemand::value;

enum class Kind : std::uint8_t { object, array, string, number, boolean, null, broken };

// Levels of nesting that any honest document makes do with.
inline constexpr int kUsualDepth = 64;

// One walk. Every visiting function takes one complete value, checks it, and is false when the document is broken (then
// fault() reports why) or when a visitor returned false (then fault() is null). A value that a visitor receives must be
// taken by exactly one of them.
class Walk {
 public:
  Walk(simdjson::ondemand::parser& parser, int max_depth) noexcept : parser_(parser), max_depth_(max_depth) {}

  // The root must be an object. visit(const Text& key, Value value) -> bool, for each member.
  template <class Visit>
  bool root(const PaddedBuffer& json, Visit&& visit);
  // The root must be an array; visits the members of its objects.
  template <class Visit>
  bool list_root(const PaddedBuffer& json, Visit&& visit);

  template <class Visit>
  bool object(Value value, Visit&& visit);
  // visit(Value value) -> bool, for each element.
  template <class Visit>
  bool array(Value value, Visit&& visit);
  bool string(Value value, Text& text);
  bool number(Value value, std::string_view& token);
  bool boolean(Value value, bool& is_true);
  bool null(Value value);
  // Anything.
  bool skip(Value value);

  // These take a value of any kind, and leave `out` as it is if it is not of the right one.
  bool text_into(Value value, std::string& out);
  bool integer_into(Value value, std::int64_t& out);  // only one that is not negative and fits
  bool decimal_into(Value value, std::string& out);   // a number as it is written, or the text of a string
  bool boolean_into(Value value, bool& out);

  static Kind kind(Value& value) noexcept;
  static const char* begin(Value& value) noexcept { return value.raw_json_token().data(); }
  // Just past the object or array that was walked last, if nothing was taken since.
  const char* end_of_container() noexcept;

  // Why the document is broken, in words that follow "the body is not valid JSON: "; null: it is not.
  const char* fault() const noexcept { return fault_; }

  // Sums over everything walked so far; a visitor may change them.
  std::int64_t text_bytes = 0;    // of strings, keys too, after unescaping
  std::int64_t scalar_bytes = 0;  // of numbers and literals that were skipped
  // A text that is looked for, wherever it is; and whether one of those walked so far may be it: one with escapes may
  // be any text of its length.
  struct Sought {
    std::string_view text{};
    bool found = false;
    void look_at(const Text& each) noexcept {
      if (static_cast<std::size_t>(each.size) != text.size()) return;
      found |= each.raw.size() != text.size() || each.raw == text;
    }
  };
  Sought sought_value, sought_key;  // among the strings that are values; among the keys

 private:
  bool fail(const char* why) noexcept { return fault_ = why, false; }
  bool fail(simdjson::error_code code) noexcept;
  bool start(const PaddedBuffer& json, char opens);
  bool finish() noexcept;
  bool measure(Text& text) noexcept;
  bool key(const char* at, const char* value, Text& text) noexcept;
  std::string_view token(Value& value) const noexcept;
  template <class Visit>
  bool members(simdjson::ondemand::object& object, Visit& visit);

  simdjson::ondemand::parser& parser_;
  simdjson::ondemand::document document_;
  const char* end_ = nullptr;
  int max_depth_;
  int depth_ = 0;
  const char* fault_ = nullptr;
};

template <class Visit>
bool Walk::root(const PaddedBuffer& json, Visit&& visit) {
  if (!start(json, '{')) return false;
  simdjson::ondemand::object object;
  if (const auto code = document_.get_object().get(object)) return fail(code);
  return members(object, visit) && finish();
}

template <class Visit>
bool Walk::list_root(const PaddedBuffer& json, Visit&& visit) {
  if (!start(json, '[')) return false;
  simdjson::ondemand::array array;
  if (const auto code = document_.get_array().get(array)) return fail(code);
  for (auto each : array) {
    Value element;
    if (const auto code = std::move(each).get(element)) return fail(code);
    if (kind(element) != Kind::object ? !skip(element) : !object(element, visit)) return false;
  }
  return finish();
}

template <class Visit>
bool Walk::members(simdjson::ondemand::object& object, Visit& visit) {
  if (++depth_ > max_depth_) return fail("it is nested too deeply");
  for (auto each : object) {
    simdjson::ondemand::field field;
    if (const auto code = std::move(each).get(field)) return fail(code);
    Text name;
    if (!key(field.key().raw(), begin(field.value()), name)) return false;
    if (!visit(static_cast<const Text&>(name), field.value())) return false;
  }
  --depth_;
  return true;
}

template <class Visit>
bool Walk::object(Value value, Visit&& visit) {
  simdjson::ondemand::object object;
  if (const auto code = value.get_object().get(object)) return fail(code);
  return members(object, visit);
}

template <class Visit>
bool Walk::array(Value value, Visit&& visit) {
  if (++depth_ > max_depth_) return fail("it is nested too deeply");
  simdjson::ondemand::array array;
  if (const auto code = value.get_array().get(array)) return fail(code);
  for (auto each : array) {
    Value element;
    if (const auto code = std::move(each).get(element)) return fail(code);
    if (!visit(element)) return false;
  }
  --depth_;
  return true;
}

}  // namespace gateway::json
