#include "simulated/schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <string_view>
#include <utility>

#include "wire/json/text.h"
#include "wire/openai/error_body.h"

namespace gateway {
namespace {

namespace dom = simdjson::dom;

constexpr int kDeepEnough = 6;  // from here on only what must be is made
constexpr int kTooDeep = 24;
constexpr std::size_t kMaxInstance = 64 * 1024;
constexpr std::int64_t kMaxRepeats = 64;

constexpr std::array<std::pair<std::string_view, std::string_view>, 10> kFormats{{
    {"date-time", "2026-01-01T00:00:00Z"},
    {"date", "2026-01-01"},
    {"time", "00:00:00Z"},
    {"duration", "PT1S"},
    {"email", "someone@example.com"},
    {"hostname", "example.com"},
    {"uri", "https://example.com/"},
    {"uuid", "00000000-0000-4000-8000-000000000000"},
    {"ipv4", "192.0.2.1"},
    {"ipv6", "2001:db8::1"},
}};

bool member(dom::element object, std::string_view name, dom::element& out) {
  dom::object members;
  return object.get(members) == simdjson::SUCCESS && members[name].get(out) == simdjson::SUCCESS;
}

std::string_view text_of(dom::element object, std::string_view name) {
  dom::element value;
  std::string_view text;
  if (member(object, name, value) && value.get(text) != simdjson::SUCCESS) text = {};
  return text;
}

bool number_of(dom::element object, std::string_view name, double& out) {
  dom::element value;
  return member(object, name, value) && value.get(out) == simdjson::SUCCESS;
}

std::int64_t count_of(dom::element object, std::string_view name, std::int64_t otherwise) {
  double count = 0;
  return number_of(object, name, count) && count >= 0 ? static_cast<std::int64_t>(std::min(count, 65536.0)) : otherwise;
}

class Instance {
 public:
  Instance(std::string& out, dom::element root) : out_(out), root_(root), begin_(out.size()) {}

  void append(dom::element schema, int depth) {
    if (depth > kTooDeep || out_.size() - begin_ > kMaxInstance) return void(out_ += "null");
    dom::element value;
    if (member(schema, "$ref", value)) return reference(value, depth);
    if (member(schema, "const", value)) return void(out_ += simdjson::minify(value));
    dom::array values;
    if (member(schema, "enum", value) && value.get(values) == simdjson::SUCCESS && values.size() > 0) {
      return void(out_ += simdjson::minify(values.at(0).value_unsafe()));
    }
    for (const std::string_view several : {"anyOf", "oneOf", "allOf"}) {
      if (member(schema, several, value) && value.get(values) == simdjson::SUCCESS && values.size() > 0) {
        return append(alternative(values, depth), depth + 1);
      }
    }
    const std::string_view type = type_of(schema, depth);
    if (type == "object") return object(schema, depth);
    if (type == "array") return array(schema, depth);
    if (type == "string") return string(schema);
    if (type == "integer" || type == "number") return number(schema, type == "integer");
    out_ += type == "boolean" ? "true" : "null";
  }

 private:
  // Pointers into the schema itself ("#", "#/$defs/node"), RFC 6901; others stay unknown.
  void reference(dom::element value, int depth) {
    std::string_view pointer;
    if (value.get(pointer) != simdjson::SUCCESS || !pointer.starts_with('#')) return void(out_ += "null");
    pointer.remove_prefix(1);
    dom::element target = root_;
    if (!pointer.empty() && root_.at_pointer(pointer).get(target) != simdjson::SUCCESS) return void(out_ += "null");
    append(target, depth + 1);
  }

  // The first; in the depth the first that is null, if there is one.
  static dom::element alternative(dom::array values, int depth) {
    if (depth >= kDeepEnough) {
      for (const dom::element each : values) {
        if (text_of(each, "type") == "null") return each;
      }
    }
    return values.at(0).value_unsafe();
  }

  static std::string_view type_of(dom::element schema, int depth) {
    dom::element value;
    std::string_view type;
    dom::array types;
    if (member(schema, "type", value)) {
      if (value.get(type) == simdjson::SUCCESS) return type;
      if (value.get(types) == simdjson::SUCCESS) {
        for (const dom::element each : types) {
          std::string_view one;
          if (each.get(one) != simdjson::SUCCESS) continue;
          if (one == "null" && depth >= kDeepEnough) return one;
          if (type.empty() && one != "null") type = one;
        }
        return type;
      }
    }
    if (member(schema, "properties", value)) return "object";
    return member(schema, "items", value) ? "array" : "string";
  }

  void object(dom::element schema, int depth) {
    out_ += '{';
    const std::size_t begin = out_.size();
    dom::element value;
    dom::object properties;
    if (member(schema, "properties", value) && value.get(properties) == simdjson::SUCCESS) {
      for (const auto& [name, property] : properties) {
        if (depth >= kDeepEnough && !is_required(schema, name)) continue;
        if (out_.size() != begin) out_ += ',';
        append_json_string(out_, name);
        out_ += ':';
        append(property, depth + 1);
      }
    }
    out_ += '}';
  }

  static bool is_required(dom::element schema, std::string_view name) {
    dom::element value;
    dom::array required;
    if (!member(schema, "required", value) || value.get(required) != simdjson::SUCCESS) return false;
    for (const dom::element each : required) {
      if (std::string_view text; each.get(text) == simdjson::SUCCESS && text == name) return true;
    }
    return false;
  }

  void array(dom::element schema, int depth) {
    const std::int64_t usual = depth >= kDeepEnough ? 0 : 1;
    const std::int64_t least = count_of(schema, "minItems", 0);
    const std::int64_t wanted =
        std::min({std::max(least, usual), count_of(schema, "maxItems", kMaxRepeats), kMaxRepeats});
    dom::element value, items;
    dom::array prefix;
    const bool has_prefix_items = member(schema, "prefixItems", value) && value.get(prefix) == simdjson::SUCCESS;
    const bool has_items = member(schema, "items", items) && items.is_object();
    out_ += '[';
    for (std::int64_t i = 0; i < wanted; ++i) {
      if (i > 0) out_ += ',';
      dom::element item;
      if (has_prefix_items && prefix.at(static_cast<std::size_t>(i)).get(item) == simdjson::SUCCESS) {
        append(item, depth + 1);
      } else if (has_items) {
        append(items, depth + 1);
      } else {
        out_ += "\"lorem\"";
      }
    }
    out_ += ']';
  }

  void string(dom::element schema) {
    const std::string_view format = text_of(schema, "format");
    for (const auto& [name, example] : kFormats) {
      if (name == format) return append_json_string(out_, example);
    }
    const auto least = static_cast<std::size_t>(count_of(schema, "minLength", 0));
    const auto most = static_cast<std::size_t>(count_of(schema, "maxLength", 65536));
    std::string text = "lorem ipsum";
    while (text.size() < least) text += " dolor";
    text.resize(std::min(text.size(), std::max(least, std::min(most, text.size()))));
    append_json_string(out_, text);
  }

  void number(dom::element schema, bool whole) {
    double least = 0, most = 0, step = 0;
    const bool above = number_of(schema, "exclusiveMinimum", least);
    const bool from = above || number_of(schema, "minimum", least);
    const bool below = number_of(schema, "exclusiveMaximum", most);
    const bool to = below || number_of(schema, "maximum", most);
    if (!number_of(schema, "multipleOf", step) || step <= 0) step = whole ? 1 : 0;
    double value = from ? least : to ? std::min(most, 1.0) : 1;
    if (from && to && step == 0) value = least + (most - least) / 2;
    if (!from && to && below && value >= most) value = most - 1;
    if (step > 0) {
      value = from ? std::ceil(value / step) * step : std::floor(value / step) * step;
      if (above && value <= least) value += step;
      if (!from && !to) value = step;
    } else if (above && !to) {
      value += 1;
    }
    if (whole && std::abs(value) < 9e15) {
      out_ += fmt::format("{}", static_cast<std::int64_t>(value));
    } else {
      out_ += fmt::format("{}", value);
    }
  }

  std::string& out_;
  dom::element root_;
  std::size_t begin_;
};

}  // namespace

void append_schema_instance(std::string& out, dom::element schema) { Instance(out, schema).append(schema, 0); }

}  // namespace gateway
