#include "surfaces/body_walk.h"

namespace gateway {

std::string_view BodyWalk::view_of(const json::Text& text) {
  if (!text.escaped) return text.raw;
  std::string unescaped;
  json::append_unescaped(unescaped, text);
  return keep(std::move(unescaped));
}

bool BodyWalk::misfit(Value value, bool* fits) {
  if (fits != nullptr) *fits = false;
  return walk_.skip(value);
}

bool BodyWalk::raw(Value value, std::string_view& json) {
  const char* begin = walk_.begin(value);
  const Kind what = kind(value);
  if (what == Kind::number) return walk_.number(value, json);
  if (what == Kind::string) {
    json::Text text;
    if (!walk_.string(value, text)) return false;
    json = {text.begin(), text.raw.size() + 2};
    return true;
  }
  if (!walk_.skip(value)) return false;
  if (what == Kind::object || what == Kind::array) {
    json = until_end(begin);
  } else {
    json = {begin, *begin == 'f' ? std::size_t{5} : std::size_t{4}};
  }
  return true;
}

bool BodyWalk::text(Value value, std::string_view& out, bool* fits) {
  if (kind(value) != Kind::string) return misfit(value, fits);
  json::Text text;
  if (!walk_.string(value, text)) return false;
  out = view_of(text);
  return true;
}

bool BodyWalk::number(Value value, std::string_view& out, bool* fits) {
  return kind(value) == Kind::number ? walk_.number(value, out) : misfit(value, fits);
}

bool BodyWalk::boolean(Value value, std::optional<bool>& out, bool* fits) {
  if (kind(value) != Kind::boolean) return misfit(value, fits);
  bool is_true = false;
  if (!walk_.boolean(value, is_true)) return false;
  out = is_true;
  return true;
}

bool BodyWalk::texts(Value value, std::vector<std::string_view>& out, bool* fits) {
  if (kind(value) != Kind::array) return misfit(value, fits);
  return walk_.array(value, [&](Value element) { return text(element, out.emplace_back(), fits); });
}

bool BodyWalk::flag(Value value, bool& out) {
  std::optional<bool> is_true;
  if (!boolean(value, is_true)) return false;
  out = is_true.value_or(out);
  return true;
}

bool BodyWalk::whole(Value value, std::optional<std::int64_t>& out) {
  std::string_view digits;
  if (!number(value, digits)) return false;
  out = json::to_whole(digits);
  return true;
}

bool BodyWalk::cache_mark(Value value, std::string_view& out) {
  if (kind(value) != Kind::object) return skip(value);
  out = "5m";
  return object(value, [&](std::string_view name, Value part) { return name == "ttl" ? text(part, out) : skip(part); });
}

bool BodyWalk::refuse(std::string path, std::string_view why) {
  refused_ = std::move(path.append(": ").append(why));
  return false;
}

Error BodyWalk::error() const {
  if (!refused_.empty()) return {ErrorCode::unsupported, refused_};
  const char* fault = walk_.fault();
  return {ErrorCode::invalid,
          std::string("the body is not valid JSON: ") + (fault != nullptr ? fault : "it broke off")};
}

}  // namespace gateway
