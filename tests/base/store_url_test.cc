#include "base/store_url.h"

#include "support/catch.h"

using namespace gateway;

TEST_CASE("a store's URL is a scheme and a file, and a file alone if that is allowed", "[base][store_url]") {
  CHECK(parse_store_url("sqlite:gateway.db", false)->path == "gateway.db");
  CHECK(parse_store_url("sqlite:/a b/c:d.db", true)->path == "/a b/c:d.db");
  CHECK(parse_store_url("gateway.db", true)->path == "gateway.db");
  CHECK(parse_store_url("gateway.db", false).error().detail == "expected sqlite:FILE, found 'gateway.db'");
  CHECK(parse_store_url("mysql://h/d", true).error().detail == "expected sqlite:FILE or FILE, found 'mysql://h/d'");
  CHECK(parse_store_url("sqlite:///h/d", true)->path == "///h/d");  // an absolute path, as others write it
  for (const char* nothing : {"", "sqlite:"}) {
    CHECK(parse_store_url(nothing, true).error().detail == "expected sqlite:FILE or FILE");
  }
  for (const char* postgres : {"postgresql://h/d", "postgres://h/d"}) {
    CHECK(parse_store_url(postgres, true).error().detail.find("PostgreSQL is not supported") == 0);
  }
}
