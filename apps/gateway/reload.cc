#include "app/reload.h"

#include <fmt/format.h>

#include <mutex>
#include <utility>

#include "app/serve_settings.h"

namespace gateway::app {
namespace {

constexpr const char* kNothingStaged = "nothing is staged: the configuration in force serves all requests";
constexpr const char* kNoFile =
    "this server has no configuration file; it reads gateway.yaml, if that is in its working directory";

// What is to be loaded: what is staged, if that is to be completed, else the file.
Result<Settings> settings_to_load(const Server& server, const ServeOptions& options,
                                  const operations::ReloadRequest& request, std::vector<std::string>& mistakes) {
  if (request.complete) {
    Settings settings;
    settings.config = *server.staged();
    return settings;
  }
  auto settings = read_settings(options, mistakes);
  if (!settings || !settings->config.routes.empty() || server.config()->routes.empty()) return settings;
  // Most likely a file that is being written at this moment.
  mistakes.push_back(settings->config_path + ": it has no models any more; a restart would accept that");
  return Error{ErrorCode::invalid, "the configuration serves nothing"};
}

operations::ReloadAnswer in_conflict(std::string why, LogWriter& log) {
  log.log({LogLevel::warning, "not reloaded: " + why, {}, nullptr});
  return {.conflict = std::move(why)};
}

operations::ReloadAnswer not_reloaded(operations::ReloadAnswer result, const Error& error, LogWriter& log) {
  if (result.mistakes.empty()) result.mistakes.push_back(error.detail);
  for (const std::string& mistake : result.mistakes) log.log({LogLevel::error, mistake, {}, nullptr});
  log.log({LogLevel::error, "configuration not reloaded; the old one stays in force", {}, nullptr});
  return result;
}

}  // namespace

operations::ReloadAnswer reload(Server& server, const ServeOptions& options, NightlyReconciliation& nightly,
                                TokenKeeper& tokens, LogWriter& log, const operations::ReloadRequest& request) {
  static std::mutex one_at_a_time;  // so that all parts have the same configuration afterwards
  const std::lock_guard lock(one_at_a_time);
  operations::ReloadAnswer result;
  if ((request.back || request.complete) && server.staged() == nullptr) return in_conflict(kNothingStaged, log);
  if (request.back) {
    server.unstage();
    log.log({LogLevel::info, "the configuration in force serves all requests", {}, nullptr});
    return result;
  }
  const auto settings = settings_to_load(server, options, request, result.mistakes);
  if (!settings) return not_reloaded(std::move(result), settings.error(), log);
  if (settings->config_path.empty() && !request.complete) return in_conflict(kNoFile, log);
  if (request.share) {
    if (auto staged = server.stage(settings->config, *request.share); !staged)
      return not_reloaded(std::move(result), staged.error(), log);
    log_warnings(settings->warnings, log);
    result.staged = request.share;
    log.log({LogLevel::info,
             fmt::format("the file serves {} % of the {} beside the configuration in force", request.share->percent,
                         to_string(request.share->of)),
             {},
             nullptr});
    return result;
  }
  auto reloaded = server.reload(settings->config);
  if (!reloaded) return not_reloaded(std::move(result), reloaded.error(), log);
  log_warnings(settings->warnings, log);
  nightly.use(settings->config);
  tokens.use(settings->config);
  result.reloaded = true;
  result.after_restart = std::move(*reloaded);
  log.log({LogLevel::info, "configuration reloaded", {}, nullptr});
  for (const std::string& key : result.after_restart) {
    log.log({LogLevel::warning, key + ": changed in the file, takes effect after a restart", {}, nullptr});
  }
  return result;
}

}  // namespace gateway::app
