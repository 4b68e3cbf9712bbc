#include "support/source_dir.h"

const std::string& source_dir() {
  static const std::string folder = GATEWAY_SOURCE_DIR;
  return folder;
}
