// Where in the configuration file projects are defined.
#pragma once

#include <span>

#include "operations/projects.h"

namespace gateway::app {

// Fills in the lines of those that a file defines, as it is on the disk by now.
void find_lines(std::span<operations::ProjectView> projects);

}  // namespace gateway::app
