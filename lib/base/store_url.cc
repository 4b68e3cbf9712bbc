#include "base/store_url.h"

namespace gateway {
namespace {

constexpr std::string_view kSqlite = "sqlite:";

}  // namespace

Result<StoreUrl> parse_store_url(std::string_view text, bool bare) {
  const std::string expected = std::string(kStoreUrlExpected) + (bare ? " or FILE" : "");
  if (text.starts_with("postgresql://") || text.starts_with("postgres://")) {
    return Error{ErrorCode::invalid, "PostgreSQL is not supported by this version; expected " + expected};
  }
  std::string_view path = text;
  const bool has_scheme = path.starts_with(kSqlite);
  if (has_scheme) path.remove_prefix(kSqlite.size());
  if (path.empty()) return Error{ErrorCode::invalid, "expected " + expected};
  if ((!has_scheme && !bare) || path.find("://") != path.npos) {
    return Error{ErrorCode::invalid, "expected " + expected + ", found '" + std::string(text) + "'"};
  }
  return StoreUrl{StoreUrl::Kind::sqlite, std::string(path)};
}

}  // namespace gateway
