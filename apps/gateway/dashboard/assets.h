// The files of the dashboard, as the build put them into the program.
#pragma once

#include <span>
#include <string_view>

namespace gateway::app {

struct DashboardAsset {
  std::string_view path;      // below /dashboard/: "index.html"
  std::string_view type;      // its content-type
  std::string_view etag;      // with quotation marks
  bool is_hashed;             // its name changes with its content
  std::string_view gzip;      // its content, compressed
  std::string_view brotli{};  // likewise, and smaller; empty: there is none
};

// Empty if the program was built without the dashboard. Valid as long as the program runs.
std::span<const DashboardAsset> dashboard_assets() noexcept;

}  // namespace gateway::app
