// The flags that shape a project, for `project create` and `project set`.
#pragma once

#include "app/values/project_texts.h"

namespace CLI {
class App;
}

namespace gateway::app {

void add_flags(CLI::App& command, ProjectTexts& flags);

}  // namespace gateway::app
