#include "config/yaml_tree.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <optional>
#include <sstream>
#include <unordered_map>
#include <unordered_set>

#include "config/layout.h"
#include "config/source_text.h"
#include "config/variables.h"

namespace gateway::yaml {
namespace {

Place place_of(const YAML::Mark& mark) { return {mark.line + 1, mark.column + 1}; }

class TreeBuilder final : public YAML::EventHandler {
 public:
  explicit TreeBuilder(std::vector<Mistake>& mistakes) : mistakes_(mistakes) {}

  NodePtr root() const { return root_; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (root_) throw YAML::ParserException(mark, "a second document begins; expected one document in a file");
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { leaf(mark, anchor, Kind::null, {}); }
  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor, const std::string& value) override {
    leaf(mark, anchor, Kind::scalar, variables::unmask(value));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) throw YAML::ParserException(mark, "this alias is inside of what it refers to");
    attach(mark, found->second);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    push(mark, anchor, Kind::list);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    push(mark, anchor, Kind::map);
  }
  void OnSequenceEnd() override { pop(); }
  void OnMapEnd() override {
    merge(*open_.back().node);
    pop();
  }

 private:
  struct Open {
    std::shared_ptr<Node> node;
    YAML::anchor_t anchor;
    YAML::Mark mark;
    std::optional<Entry> key;  // read, its value not yet
  };

  void push(const YAML::Mark& mark, YAML::anchor_t anchor, Kind kind) {
    if (open_.size() >= static_cast<std::size_t>(kMaxDepth)) throw_too_deep(mark);
    auto node = std::make_shared<Node>();
    node->kind = kind;
    node->place = place_of(mark);
    open_.push_back({std::move(node), anchor, mark, std::nullopt});
  }

  void pop() {
    const Open done = std::move(open_.back());
    open_.pop_back();
    if (done.anchor != YAML::NullAnchor) anchors_[done.anchor] = done.node;
    attach(done.mark, done.node);
  }

  void leaf(const YAML::Mark& mark, YAML::anchor_t anchor, Kind kind, std::string text) {
    auto node = std::make_shared<Node>();
    node->kind = kind;
    node->text = std::move(text);
    const bool is_value = !open_.empty() && open_.back().key;
    node->place = kind == Kind::null && is_value ? open_.back().key->place : place_of(mark);
    if (anchor != YAML::NullAnchor) anchors_[anchor] = node;
    attach(mark, node);
  }

  void attach(const YAML::Mark& mark, const NodePtr& node) {
    if (open_.empty()) {
      root_ = node;
      return;
    }
    Open& parent = open_.back();
    grow(*parent.node, *node, mark);
    if (parent.node->kind == Kind::list) {
      parent.node->items.push_back(node);
    } else if (parent.key) {
      add(*parent.node, std::move(*parent.key), node);
      parent.key.reset();
    } else {
      if (node->kind == Kind::list || node->kind == Kind::map) {
        throw YAML::ParserException(mark, "expected a name as key, found " + std::string(describe(node->kind)));
      }
      parent.key = Entry{node->text, place_of(mark), nullptr};
    }
  }

  void grow(Node& parent, const Node& child, const YAML::Mark& mark) {
    parent.weight += child.weight;
    parent.height = std::max(parent.height, child.height + 1);
    if (parent.weight > kMaxNodes) {
      throw YAML::ParserException(mark,
                                  "too many values, each alias counted: expected at most " + std::to_string(kMaxNodes));
    }
    if (static_cast<int>(open_.size()) - 1 + parent.height > kMaxDepth) throw_too_deep(mark);
  }

  void add(Node& map, Entry entry, const NodePtr& value) {
    auto& known = places_[&map];
    const auto [first, is_new] = known.emplace(entry.key, entry.place.line);
    if (!is_new) {
      mistakes_.push_back(
          {entry.place, "the key '" + entry.key + "' is given twice; first on line " + std::to_string(first->second)});
      return;
    }
    entry.value = value;
    map.entries.push_back(std::move(entry));
  }

  // "<<: *defaults": what the map has itself wins, then the earlier of several.
  void merge(Node& map) {
    const auto found =
        std::find_if(map.entries.begin(), map.entries.end(), [](const Entry& e) { return e.key == "<<"; });
    places_.erase(&map);
    if (found == map.entries.end()) return;
    const Entry merged = *found;
    map.entries.erase(found);
    const bool is_list = merged.value->kind == Kind::list;
    const std::vector<NodePtr> sources = is_list ? merged.value->items : std::vector<NodePtr>{merged.value};
    std::unordered_set<std::string_view> known;
    for (const Entry& entry : map.entries) known.insert(entry.key);
    std::vector<Entry> added;
    for (const NodePtr& source : sources) {
      if (source->kind != Kind::map) {
        mistakes_.push_back({merged.place, "'<<' merges mappings; expected one or a list of them"});
        return;
      }
      for (const Entry& entry : source->entries) {
        if (known.insert(entry.key).second) added.push_back(entry);
      }
    }
    map.entries.insert(map.entries.end(), added.begin(), added.end());
  }

  [[noreturn]] static void throw_too_deep(const YAML::Mark& mark) {
    throw YAML::ParserException(mark, "nested too deep: expected at most " + std::to_string(kMaxDepth) + " levels");
  }

  std::vector<Mistake>& mistakes_;
  NodePtr root_;
  std::vector<Open> open_;
  std::unordered_map<YAML::anchor_t, NodePtr> anchors_;
  std::unordered_map<const Node*, std::unordered_map<std::string, int>> places_;
};

// The parser's words and place, unless a user would not find the mistake by them.
Mistake explain(std::string_view text, const YAML::ParserException& e) {
  const Place place = e.mark.is_null() ? Place{} : place_of(e.mark);
  const auto says = [&e](std::string_view words) { return e.msg.find(words) != std::string::npos; };
  if (says("anchor is not defined") || says("not found after *") || says("not found after &")) {
    return {place, "an alias of an anchor that is not there; a name that begins with * or & needs quotes around it"};
  }
  if (says("document indicator in scalar")) {
    return {place, "a quote is opened and not closed before the end of the file"};
  }
  if (says("end of map") || says("end of sequence") || says("illegal ")) {
    if (auto fault = find_layout_fault(text, place)) return std::move(*fault);
  }
  return {place, e.msg};
}

}  // namespace

const Node* child(const Node& node, std::string_view step) {
  for (const Entry& entry : node.entries) {
    if (entry.key == step) return entry.value.get();
  }
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    if (std::to_string(i) == step) return node.items[i].get();
  }
  return nullptr;
}

Place locate(const Node& root, const std::vector<std::string>& path) {
  const Node* deepest = &root;
  for (const std::string& step : path) {
    const Node* next = child(*deepest, step);
    if (next == nullptr) break;
    deepest = next;
  }
  return deepest->place;
}

const char* describe(Kind kind) {
  switch (kind) {
    case Kind::null:
      return "nothing";
    case Kind::scalar:
      return "a value";
    case Kind::list:
      return "a list";
    case Kind::map:
      return "a mapping";
  }
  return "?";
}

Document parse(std::string_view text) {
  Document document;
  if (auto mistake = check_source(text)) {
    document.mistakes.push_back(std::move(*mistake));
    return document;
  }
  TreeBuilder builder(document.mistakes);
  try {
    // The end of the document, explicit: without it the parser takes an open quote for closed by the end of the file.
    std::istringstream stream(variables::mask(text) + "\n...\n");
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
    document.root = builder.root();
    if (!document.root) document.root = std::make_shared<Node>();
  } catch (const YAML::ParserException& e) {
    document.mistakes.push_back(explain(text, e));
  }
  return document;
}

}  // namespace gateway::yaml
