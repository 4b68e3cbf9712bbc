// The administration's calls, /admin/v1/...: each is one of the command line's own commands, run in process.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/config.h"
#include "gateway/time.h"
#include "gateway/yaml_config.h"
#include "wire/openai/error_body.h"

namespace gateway::app {

inline constexpr std::string_view kAdminPrefix = "/admin/v1/";

// What a reload of the configuration came to.
struct ReloadResult {
  std::vector<std::string> mistakes;       // that kept it from being done; none: it is done
  std::vector<std::string> after_restart;  // the keys whose change waits for a restart
};

struct AdminRequest {
  std::string method;
  std::string path;   // behind the prefix, not decoded
  std::string query;  // likewise
  std::string body;
  std::string if_match{};  // the header field, RFC 9110 section 13.1.1
};

struct AdminAnswer {
  int status = 200;
  std::string body;               // JSON; empty where there is an error
  std::optional<ApiError> error;  // what it views is literal
  std::string audit{};            // what was to be changed, and the id of what was made: for the log
};

class AdminApi {
 public:
  struct Options {
    std::vector<std::string> database;     // the flags that find configuration and database
    std::shared_ptr<const Config> config;  // in place, whatever the file says by now; null: the file's counts
    Environment environment;
    std::function<WallTime()> now;
    std::function<std::string()> reconciled;  // the last nightly result, as JSON
    std::function<ReloadResult()> reload;
  };
  explicit AdminApi(Options options) : options_(std::move(options)) {}

  // Blocks on the database. One thread at a time.
  AdminAnswer answer(const AdminRequest& request) const;

 private:
  AdminAnswer run_command(std::vector<std::string> arguments, int status, std::optional<std::string> instead) const;
  AdminAnswer reload() const;

  Options options_;
};

}  // namespace gateway::app
