// Files that are mounted by themselves (bind mounts): where they come from.
#pragma once

#include <string>

namespace gateway::sqlite {

// The path in another mount that leads to the same file, if `path` is the place that a single file is mounted on; else
// `path`. What SQLite puts beside a file is not beside the place it is mounted on: the other path must be used. `path`
// has no symbolic links.
std::string mount_source(const std::string& path);

}  // namespace gateway::sqlite
