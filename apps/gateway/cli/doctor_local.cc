// What is on this machine: the database and its disk, limits of the process, ports.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "app/cli/doctor.h"
#include "app/open_store.h"
#include "app/render/budgets.h"
#include "app/render/counted.h"
#include "net/address.h"
#include "operations/budgets.h"

namespace gateway::app {
namespace {

constexpr std::uint64_t kMebibyte = 1024 * 1024;

// The time that 4 KiB take to be on the disk, the middle one of three; nothing: the folder cannot be written.
std::optional<std::chrono::microseconds> sync_time(const std::string& folder) {
  std::string path = folder + "/gateway-doctor-XXXXXX";
  const int fd = ::mkstemp(path.data());
  if (fd < 0) return std::nullopt;
  ::unlink(path.c_str());
  const std::string block(4096, 'x');
  std::vector<std::chrono::microseconds> times;
  for (int i = 0; i < 3; ++i) {
    const auto start = std::chrono::steady_clock::now();
    const bool written = ::write(fd, block.data(), block.size()) == static_cast<ssize_t>(block.size());
    if (!written || ::fdatasync(fd) != 0) break;
    times.push_back(std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - start));
  }
  ::close(fd);
  if (times.size() < 3) return std::nullopt;
  std::sort(times.begin(), times.end());
  return times[1];
}

void examine_disk(const std::string& folder, Diagnoses& found) {
  struct statvfs disk {};
  if (::statvfs(folder.c_str(), &disk) == 0) {
    const std::uint64_t free = std::uint64_t{disk.f_bavail} * disk.f_frsize / kMebibyte;
    const Health health = free < 100 ? Health::fail : free < 1024 ? Health::warn : Health::ok;
    found.push_back({"disk space", health, fmt::format("{} MiB are free at {}", free, folder),
                     health == Health::ok ? "" : "gateway ledger prune --before 90d"});
  }
  const auto time = sync_time(folder);
  if (!time) {
    found.push_back({"disk", Health::fail, folder + " cannot be written", "chown the folder to the gateway's user"});
    return;
  }
  const auto ms = std::chrono::round<std::chrono::milliseconds>(*time).count();
  found.push_back({"disk sync", ms > 50 ? Health::warn : Health::ok, fmt::format("4 KiB are on the disk in {}ms", ms),
                   ms > 50 ? "move the database to a faster disk, or set 'durability: process'" : ""});
}

void examine_port(const std::string& listen, Diagnoses& found) {
  const auto address = net::parse_address(listen);
  if (!address || address->is_unix()) return;  // what is no address, the configuration's own check reports
  const int fd = ::socket(address->storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const bool bound = ::bind(fd, address->get(), address->size) == 0;
  const int error = errno;
  ::close(fd);
  if (bound) {
    found.push_back({"port " + listen, Health::ok, "is free: no server runs there", ""});
  } else if (error == EADDRINUSE) {
    found.push_back({"port " + listen, Health::ok, "is in use: a server runs there",
                     fmt::format("gateway doctor --url http://{}", listen)});
  } else {
    found.push_back({"port " + listen, Health::fail, std::strerror(error), "change 'listen' of the configuration"});
  }
}

}  // namespace

void examine_storage(const Workspace& workspace, Diagnoses& found) {
  const std::string path = path_beside_store(workspace.database, "");
  const std::string folder = std::filesystem::path(path).parent_path().string();
  examine_disk(folder.empty() ? "." : folder, found);
  if (!store_exists(workspace.database)) {
    found.push_back({"database", Health::warn, workspace.database + " is not there yet", "gateway serve"});
    return;
  }
  const auto store = open_store(workspace, Need::read);
  if (!store) {
    found.push_back({"database", Health::fail, store.error().detail,
                     store.error().code == ErrorCode::newer_schema ? "install the newer version again" : ""});
    return;
  }
  found.push_back({"database", Health::ok, workspace.database + " can be read", ""});
  struct stat file {};
  if (::stat(path.c_str(), &file) == 0 && (file.st_mode & S_IRWXO) != 0)
    found.push_back(
        {"permissions", Health::warn, "everybody on this machine may open the database", "chmod o-rwx " + path});
  const std::string journals = journal_directory(workspace.config, workspace.database);
  std::error_code ignored;
  std::int64_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(journals, ignored))
    files += entry.is_regular_file() ? 1 : 0;
  found.push_back({"journals", Health::ok, fmt::format("{} in {}", counted(files, "file"), journals), ""});
}

void examine_ledger(const Workspace& workspace, WallTime now, Diagnoses& found) {
  const auto store = open_store(workspace, Need::read_if_there);
  if (!store) return;  // reported as the database's
  const operations::Deployment on{workspace.config, workspace.config_path, workspace.database, store->get(), now};
  const auto budgets = operations::list_budgets(on, {.project = {}, .page = {.limit = 0}});
  if (!budgets) {
    found.push_back({"caps", Health::fail, budgets.error().detail, "gateway ledger verify"});
    return;
  }
  std::size_t near = 0;
  for (const operations::Budget& budget : budgets->budgets) {
    const std::int64_t percent = used_percent(budget.state);
    if (percent < 90) continue;
    ++near;
    found.push_back({"cap of " + budget.project, Health::warn,
                     fmt::format("{}% of {} USD/{} are used", percent, budget.state.cap.cap.to_string(),
                                 to_string(budget.state.cap.period)),
                     "gateway budget --project " + budget.project});
  }
  if (near == 0) found.push_back({"caps", Health::ok, counted(budgets->all, "cap") + ", none nearly spent", ""});
}

void examine_machine(const Config& config, bool with_ports, Diagnoses& found) {
  struct rlimit files {};
  if (::getrlimit(RLIMIT_NOFILE, &files) == 0) {
    const auto wanted = static_cast<rlim_t>(config.server.max_connections * 2);
    const bool enough = files.rlim_max == RLIM_INFINITY || files.rlim_max >= wanted;
    found.push_back({"open files", enough ? Health::ok : Health::warn,
                     fmt::format("at most {}; {} connections of clients want up to {}", files.rlim_max,
                                 config.server.max_connections, wanted),
                     enough ? "" : fmt::format("ulimit -n {}", wanted)});
  }
  for (const std::string& listen : config.listen) {
    if (with_ports) examine_port(listen, found);
  }
}

}  // namespace gateway::app
