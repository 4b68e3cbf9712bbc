// The configuration in force, as JSON, with the names of the file's keys.
#pragma once

#include <string>

#include "operations/config_in_force.h"

namespace gateway::app {

std::string config_json(const operations::ConfigInForce& shown);

}  // namespace gateway::app
