// Reads mappings key by key, and notes every mistake instead of stopping at the first.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/keys.h"
#include "config/yaml_tree.h"
#include "gateway/yaml_config.h"

namespace gateway {

struct ScalarText {
  std::string text;   // variables replaced
  std::string shown;  // for messages: 'soon', or the variable's name instead of what it holds
};

// One file being read: where its mistakes go and its variables come from.
class Reading {
 public:
  Reading(std::string_view source, std::string file, const Environment& environment)
      : source_(source), file_(std::move(file)), environment_(environment) {}

  void mistake(yaml::Place place, std::string message, bool variable_missing = false);
  // What may be meant, but hardly is. One that was noted already is not noted again.
  void warn(yaml::Place place, std::string message);
  // The text of a scalar. Anything else is a mistake: "<where>: expected <expected>, found a list". A variable that is
  // not set is a mistake at its own place.
  std::optional<ScalarText> scalar(const yaml::Node& node, std::string_view where, std::string_view expected);
  // The same, made into a value; what `parse` returns nothing for is a mistake.
  template <class Parse>
  auto parsed(const yaml::Node& node, std::string_view where, std::string_view expected, Parse parse)
      -> decltype(parse(std::string_view{})) {
    const std::optional<ScalarText> scalar_text = scalar(node, where, expected);
    if (!scalar_text) return std::nullopt;
    auto value = parse(std::string_view(scalar_text->text));
    if (!value) unexpected(node, where, expected, scalar_text->shown);
    return value;
  }
  void unexpected(const yaml::Node& node, std::string_view where, std::string_view expected, std::string_view found);

  std::size_t count() const { return count_; }
  // Mistakes from here on are only counted.
  bool full() const { return mistakes_.size() >= kMostMistakes; }
  // The mistakes, in the order of their places.
  std::vector<ConfigMistake> take_mistakes();
  std::vector<ConfigMistake> take_warnings();

 private:
  static constexpr std::size_t kMostMistakes = 100;
  yaml::Place place_of(const yaml::Node& node, std::string_view piece) const;

  std::string_view source_;
  std::string file_;
  const Environment& environment_;
  std::vector<ConfigMistake> mistakes_, warnings_;
  std::size_t count_ = 0;
};

// A mapping whose keys are all known. Each reader leaves `out` as it is when the key is absent or its value a mistake.
class Fields {
 public:
  // Not a mapping, or a key that is not in the section: mistakes. An empty node is an empty mapping. `name` is how
  // messages call it: "project 'demo'". `node` and `reading` outlive this.
  Fields(Reading& reading, const yaml::Node& node, std::string name, const Section& section);

  Reading& reading() const { return reading_; }
  const std::string& name() const { return name_; }
  yaml::Place place() const { return node_.place; }
  // A key that is not in the section ends the process: it would be read, and be a mistake to write.
  const yaml::Entry* find(std::string_view key) const;
  bool has(std::string_view key) const { return find(key) != nullptr; }
  // "'connect' in timeouts".
  std::string where(std::string_view key) const;
  // A mistake, or a warning, at the key's value.
  void mistake(std::string_view key, std::string message) const;
  void warn(std::string_view key, std::string message) const;

  template <class T, class Parse>
  void get(std::string_view key, T& out, std::string_view expected, Parse parse) const {
    const yaml::Entry* entry = find(key);
    if (entry == nullptr) return;
    if (auto value = reading_.parsed(*entry->value, where(key), expected, parse)) out = std::move(*value);
  }

  void text(std::string_view key, std::string& out) const;
  void flag(std::string_view key, bool& out) const;
  // A whole number from `least` to `most`.
  void whole(std::string_view key, std::int64_t& out, std::int64_t least, std::int64_t most) const;
  void whole(std::string_view key, std::optional<std::int64_t>& out, std::int64_t least, std::int64_t most) const;
  void whole(std::string_view key, int& out, int least, int most) const;
  void duration(std::string_view key, std::chrono::milliseconds& out, std::chrono::milliseconds least) const;
  // The scalars of a list; one scalar counts as a list of one.
  struct Item {
    const yaml::Node* node;
    ScalarText text;
  };
  std::vector<Item> texts(std::string_view key, std::string_view expected) const;

 private:
  Reading& reading_;
  const yaml::Node& node_;
  std::string name_;
  const Section& section_;
};

inline constexpr std::int64_t kMostWhole = 1'000'000'000'000;

}  // namespace gateway
