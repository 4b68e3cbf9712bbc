// A file's text, if it is one that may be a configuration.
#pragma once

#include <string>

#include "gateway/result.h"

namespace gateway {

// Up to one byte more than yaml::kMaxBytes, so that the parser can refuse it. The error's detail is words alone,
// without the path.
Result<std::string> read_text_file(const std::string& path);

}  // namespace gateway
