// The flags that shape a project, for `project create` and `project set`.
#pragma once

#include "app/values/project_texts.h"

namespace gateway::app {

class Command;  // app/cli/parser/command.h

void add_flags(Command& command, ProjectTexts& flags);

}  // namespace gateway::app
