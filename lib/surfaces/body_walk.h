// A walk over a client's body whose texts become views: into the body, or into the conversation's own texts if they had
// to be unescaped. For .cc files of this folder.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/buffer.h"
#include "chat/request.h"
#include "gateway/result.h"
#include "wire/json/walk.h"

namespace gateway {

inline constexpr int kMaxBodyDepth = 64;

// Every function takes one value; false: the body is broken, or holds what has no place, and error() says which.
class BodyWalk {
 public:
  using Value = json::Value;
  using Kind = json::Kind;

  BodyWalk(simdjson::ondemand::parser& parser, int max_depth, chat::Texts& texts) noexcept
      : walk_(parser, max_depth), texts_(texts) {}

  static Kind kind(Value& value) noexcept { return json::Walk::kind(value); }

  // visit(std::string_view name, Value value) -> bool.
  template <class Visit>
  bool root(const PaddedBuffer& body, Visit&& visit) {
    return walk_.root(body, [&](const json::Text& key, Value value) { return visit(view_of(key), value); });
  }
  template <class Visit>
  bool object(Value value, Visit&& visit) {
    return walk_.object(value, [&](const json::Text& key, Value member) { return visit(view_of(key), member); });
  }
  // The same, with the text of it all.
  template <class Visit>
  bool object(Value value, std::string_view& json, Visit&& visit) {
    const char* begin = walk_.begin(value);
    if (!object(value, visit)) return false;
    json = until_end(begin);
    return true;
  }
  // visit(Value element) -> bool.
  template <class Visit>
  bool array(Value value, Visit&& visit) {
    return walk_.array(value, visit);
  }
  template <class Visit>
  bool array(Value value, std::string_view& json, Visit&& visit) {
    const char* begin = walk_.begin(value);
    if (!walk_.array(value, visit)) return false;
    json = until_end(begin);
    return true;
  }

  bool skip(Value value) { return walk_.skip(value); }
  // The value's bytes, unchanged.
  bool raw(Value value, std::string_view& json);
  // These leave `out` as it is, and set `fits` to false if it is given, if the value is of another type.
  bool text(Value value, std::string_view& out, bool* fits = nullptr);
  bool number(Value value, std::string_view& out, bool* fits = nullptr);
  bool boolean(Value value, std::optional<bool>& out, bool* fits = nullptr);
  bool texts(Value value, std::vector<std::string_view>& out, bool* fits = nullptr);

  // These leave `out` as it is if the value is of another type.
  bool flag(Value value, bool& out);
  bool whole(Value value, std::optional<std::int64_t>& out);
  // {"type": "ephemeral", "ttl": "1h"}: how long the part that has it is to be cached.
  bool cache_mark(Value value, std::string_view& out);
  // visit(Value object, const std::string& path) -> bool, for each of a list's elements, all of which must be objects.
  template <class Visit>
  bool objects(Value value, const std::string& list, Visit&& visit) {
    if (kind(value) != Kind::array) return refuse(list, "it is not a list");
    std::size_t place = 0;
    return walk_.array(value, [&](Value each) {
      const std::string path = list + "[" + std::to_string(place++) + "]";
      return kind(each) == Kind::object ? visit(each, path) : refuse(path, "it is not an object");
    });
  }

  std::string_view keep(std::string text) { return texts_.keep(std::move(text)); }
  // What is at `path` cannot be translated.
  bool refuse(std::string path, std::string_view why = "this model's provider has no place for it");
  Error error() const;

 private:
  std::string_view view_of(const json::Text& text);
  std::string_view until_end(const char* begin) noexcept {
    const char* end = walk_.end_of_container();
    return {begin, static_cast<std::size_t>(end - begin)};
  }
  bool misfit(Value value, bool* fits);

  json::Walk walk_;
  chat::Texts& texts_;
  std::string refused_;
};

}  // namespace gateway
