// Where the project's sources are, for tests that read files of theirs.
#pragma once

#include <string>

// The project's folder, without a slash at the end.
const std::string& source_dir();
