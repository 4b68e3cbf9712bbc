// How the place of a store is written: "sqlite:FILE".
#pragma once

#include <string>
#include <string_view>

#include "gateway/result.h"

namespace gateway {

struct StoreUrl {
  enum class Kind : unsigned char { sqlite };
  Kind kind = Kind::sqlite;
  std::string path;  // of the file, as it was written
};

inline constexpr std::string_view kStoreUrlExpected = "sqlite:FILE";

// With `bare`, a path without a scheme is one of SQLite. Errors: invalid, with what is supported as its detail.
Result<StoreUrl> parse_store_url(std::string_view text, bool bare);

}  // namespace gateway
