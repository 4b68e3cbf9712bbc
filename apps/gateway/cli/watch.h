// --watch: a view is shown again and again, and what changed in it is marked.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/cli/command_context.h"
#include "app/render/table.h"

namespace gateway::app {

class Command;  // app/cli/parser/command.h

struct WatchFlag {
  std::optional<std::string> every;  // empty text: as often as usual
};
void add_flags(Command& command, WatchFlag& flag);

// What a view shows that the view before did not: its cells are compared by their line's key.
class Changes {
 public:
  // A view begins. The cells of the first one have nothing to differ from.
  void next();
  void mark(const std::vector<std::string>& key, std::vector<Cell>& cells, bool colour);

 private:
  std::map<std::vector<std::string>, std::vector<std::string>> before_, seen_;
};

// One view after another, until q or Ctrl-C, or until one ends otherwise than fine. `view` prints on the session that
// it is given. Errors: invalid (the time between two of them), and those of the view.
Outcome watch(const std::string& every, Session& session, const std::function<Outcome(Session&)>& view);

}  // namespace gateway::app
