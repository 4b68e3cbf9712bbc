// What answers have, described: the members of each object with their types, units and meanings. From these tables the
// schemas of docs/openapi.yaml are made; tests hold every answer of every operation against them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::app::answers {

enum class Kind : std::uint8_t { text, whole, number, flag, money, time, length, object };
enum class Many : std::uint8_t { one, list, by_name };  // by_name: an object whose members' names are data

struct Shape;

struct Field {
  std::string_view name;
  Kind kind;
  std::string_view help;
  const Shape* shape = nullptr;  // of an object
  Many many = Many::one;
  bool nullable = false;
  bool optional = false;                                 // it may be missing
  std::vector<std::string_view> (*choices)() = nullptr;  // of a text; null: any

  constexpr Field list() const { return with(Many::list); }
  constexpr Field by_name() const { return with(Many::by_name); }
  constexpr Field or_null() const {
    Field field = *this;
    field.nullable = true;
    return field;
  }
  constexpr Field or_missing() const {
    Field field = *this;
    field.optional = true;
    return field;
  }

 private:
  constexpr Field with(Many how_many) const {
    Field field = *this;
    field.many = how_many;
    return field;
  }
};

// An object: `fields`, and those of `more`, which it shares with another.
struct Shape {
  std::string_view name;  // in the document: "Row"
  std::string_view help;
  std::span<const Field> fields;
  std::span<const Field> more = {};
};

constexpr Field text(std::string_view name, std::string_view help) { return {name, Kind::text, help}; }
constexpr Field whole(std::string_view name, std::string_view help) { return {name, Kind::whole, help}; }
constexpr Field number(std::string_view name, std::string_view help) { return {name, Kind::number, help}; }
constexpr Field flag(std::string_view name, std::string_view help) { return {name, Kind::flag, help}; }
constexpr Field money(std::string_view name, std::string_view help) { return {name, Kind::money, help}; }
constexpr Field time(std::string_view name, std::string_view help) { return {name, Kind::time, help}; }
constexpr Field length(std::string_view name, std::string_view help) { return {name, Kind::length, help}; }
constexpr Field object(std::string_view name, const Shape& shape, std::string_view help) {
  return {name, Kind::object, help, &shape};
}

// The names of an enumeration that counts from zero.
template <class Enum>
std::vector<std::string_view> names_of() {
  std::vector<std::string_view> names;
  for (std::uint8_t i = 0;; ++i) {
    const std::string_view name = to_string(static_cast<Enum>(i));
    if (name.empty()) return names;
    names.push_back(name);
  }
}
// One of these.
template <class Enum>
constexpr Field word(std::string_view name, std::string_view help) {
  Field field = text(name, help);
  field.choices = &names_of<Enum>;
  return field;
}

// As JSON Schema (2020-12). It does not say that there is nothing else: later versions add members.
std::string shape_schema(const Shape& shape);
// One of these, or several, by reference to the document's schemas.
std::string reference_to(const Shape& shape, Many many, bool nullable);

}  // namespace gateway::app::answers
