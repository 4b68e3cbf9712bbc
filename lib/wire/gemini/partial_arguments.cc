#include "wire/gemini/partial_arguments.h"

#include <algorithm>

#include "wire/json/members.h"
#include "wire/json/text.h"

namespace gateway::gemini {
namespace {

constexpr std::size_t kMaxValues = 4096, kMaxDepth = 32;

}  // namespace

// Names after dots or in quotes, and indexes: $.a, $['a'], $.a[0].
bool PartialArguments::split(std::string_view path, std::vector<Step>& out) {
  if (!path.starts_with('$')) return false;
  path.remove_prefix(1);
  while (!path.empty()) {
    if (out.size() == kMaxDepth) return false;
    Step step;
    if (path.front() == '.') {
      path.remove_prefix(1);
      const std::size_t end = std::min(path.find_first_of(".["), path.size());
      step.name = path.substr(0, end);
      path.remove_prefix(end);
    } else if (path.front() == '[') {
      const bool quoted = path.size() > 1 && (path[1] == '\'' || path[1] == '"');
      const std::size_t begin = quoted ? 2 : 1;
      const std::size_t end = quoted ? path.find(path[1], begin) : path.find(']', begin);
      if (end == path.npos) return false;
      step.name = path.substr(begin, end - begin);
      step.is_index = !quoted;
      path.remove_prefix(end + 1);
      if (quoted && !path.starts_with(']')) return false;
      if (quoted) path.remove_prefix(1);
    } else {
      return false;
    }
    if (step.name.empty()) return false;
    out.push_back(std::move(step));
  }
  return !out.empty() && !out.front().is_index;
}

void PartialArguments::add(const simdjson::dom::object& piece) {
  std::string_view path, text;
  Value value;
  if (piece["jsonPath"].get(path) != simdjson::SUCCESS || !split(path, value.path)) return;
  if (piece["stringValue"].get(text) == simdjson::SUCCESS) {
    value.is_string = true;
    value.text = text;
  } else if (simdjson::dom::element other; piece["numberValue"].get(other) == simdjson::SUCCESS ||
                                           piece["boolValue"].get(other) == simdjson::SUCCESS) {
    value.text = simdjson::minify(other);
  } else if (piece["nullValue"].get(other) == simdjson::SUCCESS) {
    value.text = "null";
  } else {
    return;
  }
  size_ += value.text.size();
  const auto found =
      std::find_if(values_.begin(), values_.end(), [&](const Value& each) { return each.path == value.path; });
  if (found == values_.end()) {
    if (values_.size() < kMaxValues) values_.push_back(std::move(value));
  } else if (found->is_string && value.is_string) {
    found->text += value.text;
  } else {
    *found = std::move(value);
  }
}

// Those with the same step at this depth are one member, where the first of them came.
void PartialArguments::append(std::string& out, const std::vector<const Value*>& values, std::size_t depth) {
  const bool is_list = values.front()->path[depth].is_index;
  out += is_list ? '[' : '{';
  std::vector<const Value*> rest = values;
  while (!rest.empty()) {
    const Step step = rest.front()->path[depth];
    const auto same = [&](const Value* each) { return each->path[depth] == step; };
    std::vector<const Value*> inner;
    std::copy_if(rest.begin(), rest.end(), std::back_inserter(inner), same);
    std::erase_if(rest, same);
    json::append_comma(out);
    if (!is_list) {
      append_json_string(out, step.name);
      out += ':';
    }
    const bool is_leaf = inner.front()->path.size() == depth + 1;
    std::erase_if(inner, [&](const Value* each) { return (each->path.size() == depth + 1) != is_leaf; });
    if (!is_leaf) {
      append(out, inner, depth + 1);
    } else if (inner.front()->is_string) {
      append_json_string(out, inner.front()->text);
    } else {
      out += inner.front()->text;
    }
  }
  out += is_list ? ']' : '}';
}

std::string PartialArguments::json() const {
  if (values_.empty()) return "{}";
  std::string out;
  std::vector<const Value*> all;
  for (const Value& each : values_) all.push_back(&each);
  append(out, all, 0);
  return out;
}

}  // namespace gateway::gemini
