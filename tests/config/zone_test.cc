#include "config/zone_rule.h"

#include "config/support.h"

using namespace gateway;
using namespace std::chrono;

namespace {

seconds offset_at(const Zone& zone, sys_seconds at) {
  seconds offset = zone.front().offset;
  for (const ZoneOffset& o : zone) {
    if (o.from <= at) offset = o.offset;
  }
  return offset;
}

}  // namespace

TEST_CASE("UTC has no offsets", "[config][zone]") { CHECK(load_zone("UTC")->empty()); }

TEST_CASE("a zone changes its offset on the second of its rule", "[config][zone]") {
  const Zone zone = load_zone("Europe/Berlin").value();
  const sys_seconds summer = sys_days(year(2026) / 3 / 29) + 1h;  // 02:00 CET
  const sys_seconds winter = sys_days(year(2026) / 10 / 25) + 1h;
  CHECK(offset_at(zone, summer - 1s) == 1h);
  CHECK(offset_at(zone, summer) == 2h);
  CHECK(offset_at(zone, winter - 1s) == 2h);
  CHECK(offset_at(zone, winter) == 1h);
  CHECK(offset_at(zone, sys_days(year(2059) / 7 / 1)) == 2h);
}

TEST_CASE("offsets are sorted and each differs from the one before", "[config][zone]") {
  for (const char* name : {"Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"}) {
    const Zone zone = load_zone(name).value();
    REQUIRE_FALSE(zone.empty());
    for (std::size_t i = 1; i < zone.size(); ++i) {
      CHECK(zone[i - 1].from < zone[i].from);
      CHECK(zone[i - 1].offset != zone[i].offset);
    }
  }
  CHECK(load_zone("Asia/Kolkata")->size() == 1);
}

TEST_CASE("a zone that is not there is not found", "[config][zone]") {
  for (const char* name : {"", "Mars/Olympus", "../../etc/passwd", "/etc/passwd", "utc+1"}) {
    const auto zone = load_zone(name);
    REQUIRE_FALSE(zone);
    CHECK(zone.error().code == ErrorCode::not_found);
  }
}

TEST_CASE("the yearly rules of zone files are read", "[config][zone]") {
  const auto first = [](const char* rule, int y) { return ZoneRule::parse(rule)->changes(year(y)).first; };
  CHECK(first("CET-1CEST,M3.5.0,M10.5.0/3", 2050).from == sys_days(year(2050) / 3 / 27) + 1h);
  CHECK(first("CET-1CEST,M3.5.0,M10.5.0/3", 2050).offset == 2h);
  CHECK(first("IST-1GMT0,M10.5.0,M3.5.0/1", 2050).from == sys_days(year(2050) / 3 / 27) + 1h);
  CHECK(first("IST-1GMT0,M10.5.0,M3.5.0/1", 2050).offset == 1h);
  CHECK(first("<-03>3<-02>,M3.5.0/-2,M10.5.0/-1", 2050).from == sys_days(year(2050) / 3 / 27) + 1h);
  CHECK(first("AAA0BBB,J60/0,J300/0", 2048).from == sys_seconds(sys_days(year(2048) / 3 / 1)));
  CHECK(first("AAA0BBB,J60/0,J300/0", 2049).from == sys_seconds(sys_days(year(2049) / 3 / 1)));
  CHECK(first("AAA0BBB,59/0,300/0", 2048).from == sys_seconds(sys_days(year(2048) / 2 / 29)));
  for (const char* text : {"", "CET-1", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0",
                           "CET-1CEST,M3.6.0,M10.5.0", "CET-1CEST,M3.5.0,M10.5.0x", "-1,M3.5.0,M10.5.0", "<CET"}) {
    CHECK_FALSE(ZoneRule::parse(text));
  }
}
