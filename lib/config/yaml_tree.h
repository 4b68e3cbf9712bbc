// A YAML document as a tree that knows where each of its values is located.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::yaml {

struct Place {
  int line = 1;    // from 1
  int column = 1;  // from 1, in bytes
};

struct Node;
using NodePtr = std::shared_ptr<const Node>;  // shared by the aliases of an anchor

struct Entry {
  std::string key;
  Place place;  // of the key
  NodePtr value;
};

enum class Kind { null, scalar, list, map };

struct Node {
  Kind kind = Kind::null;
  Place place;                 // a null's is that of its key
  std::string text;            // of a scalar; variables are not yet replaced
  std::vector<NodePtr> items;  // of a list
  std::vector<Entry> entries;  // of a map, in order; keys are unique; merged ones ("<<") come last
  std::size_t weight = 1;      // nodes below and with this one, aliases counted each time
  int height = 1;              // levels below and with this one, those of aliases too
};

struct Mistake {
  Place place;
  std::string message;
};

struct Document {
  NodePtr root;  // null when the text is no YAML: then there is one mistake
  std::vector<Mistake> mistakes;
};

inline constexpr std::size_t kMaxBytes = 2 * 1024 * 1024;
inline constexpr std::size_t kMaxNodes = 200'000;
inline constexpr int kMaxDepth = 32;

// Reads one document of UTF-8. ${...} may occur in a plain scalar anywhere, inside of {} and [] too. Limits: kMaxBytes,
// kMaxNodes with all aliases expanded, kMaxDepth.
Document parse(std::string_view text);

// A map's value by its key, a list's by its number from 0; null: there is none.
const Node* child(const Node& node, std::string_view step);

// Of the deepest value that the path leads to.
Place locate(const Node& root, const std::vector<std::string>& path);

// "a list", "a mapping", "nothing", "a value".
const char* describe(Kind kind);

}  // namespace gateway::yaml
