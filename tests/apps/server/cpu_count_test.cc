#include "app/server/cpu_count.h"

#include <stdlib.h>

#include <fstream>
#include <string>

#include "support/catch.h"

using namespace gateway::app;
namespace fs = std::filesystem;

namespace {

// The files of /proc and /sys that describe control groups.
struct FakeSystem {
  FakeSystem() {
    std::string pattern = (fs::temp_directory_path() / "gateway-cpus-XXXXXX").string();
    root = ::mkdtemp(pattern.data());
  }
  ~FakeSystem() { fs::remove_all(root); }
  void write(const std::string& path, const std::string& text) const {
    fs::create_directories((root / path).parent_path());
    std::ofstream(root / path) << text << "\n";
  }
  fs::path root;
};

}  // namespace

TEST_CASE("a quota is processors, rounded up", "[server][cpus]") {
  CHECK(cpus_of_quota("100000", "100000") == 1u);
  CHECK(cpus_of_quota("250000", "100000") == 3u);
  CHECK(cpus_of_quota("50000", "100000") == 1u);
  CHECK(cpus_of_quota("max", "100000") == std::nullopt);
  CHECK(cpus_of_quota("-1", "100000") == std::nullopt);
  CHECK(cpus_of_quota("100000", "") == std::nullopt);
  CHECK(cpus_of_quota("100000", "0") == std::nullopt);
}

TEST_CASE("the workers follow the processor quota of the control group and of those around it", "[server][cpus]") {
  FakeSystem system;
  const unsigned machine = usable_cpus(system.root);  // no files: no quota
  CHECK(machine >= 1);
  SECTION("version 2, in a container: the group is the root") {
    system.write("proc/self/cgroup", "0::/");
    system.write("sys/fs/cgroup/cpu.max", "100000 100000");
    CHECK(usable_cpus(system.root) == 1);
  }
  SECTION("version 2, a quota of a group further up") {
    system.write("proc/self/cgroup", "0::/system.slice/gateway.service");
    system.write("sys/fs/cgroup/system.slice/gateway.service/cpu.max", "max 100000");
    system.write("sys/fs/cgroup/system.slice/cpu.max", "90000 100000");
    CHECK(usable_cpus(system.root) == 1);
  }
  SECTION("version 2, a path of the host's that is not to be seen here") {
    system.write("proc/self/cgroup", "0::/kubepods/pod1/abc");
    system.write("sys/fs/cgroup/cpu.max", "100000 100000");
    CHECK(usable_cpus(system.root) == 1);
  }
  SECTION("version 1") {
    system.write("proc/self/cgroup", "5:memory:/a\n4:cpu,cpuacct:/docker/abc");
    system.write("sys/fs/cgroup/cpu/docker/abc/cpu.cfs_quota_us", "100000");
    system.write("sys/fs/cgroup/cpu/docker/abc/cpu.cfs_period_us", "100000");
    CHECK(usable_cpus(system.root) == 1);
  }
  SECTION("more than there are, or none") {
    system.write("proc/self/cgroup", "0::/");
    system.write("sys/fs/cgroup/cpu.max", "99900000 100000");
    CHECK(usable_cpus(system.root) == machine);
    system.write("sys/fs/cgroup/cpu.max", "max 100000");
    CHECK(usable_cpus(system.root) == machine);
  }
}
