// What is made from the table of commands: completion, manual pages, help as JSON.
#include <simdjson.h>

#include <cstdio>

#include "apps/cli/fixed_ledger.h"
#include "apps/cli/golden.h"

namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line.substr(0, line.find('\t')));
  return lines;
}

std::vector<std::string> completed(Cli& cli, std::vector<std::string> words) {
  words.insert(words.begin(), "__complete");
  const Ran ran = cli(words);
  CHECK(ran.status == 0);
  CHECK(ran.err.empty());
  return lines_of(ran.out);
}

bool has(const std::vector<std::string>& lines, const std::string& line) {
  return std::find(lines.begin(), lines.end(), line) != lines.end();
}

// Every command below, as a command line.
void collect(simdjson::dom::element command, std::vector<std::string>& names) {
  names.emplace_back(std::string(std::string_view(command["name"])));
  for (const auto each : command["commands"].get_array()) collect(each, names);
}

std::string output_of(const std::string& line) {
  std::string text;
  FILE* pipe = ::popen(line.c_str(), "r");
  REQUIRE(pipe != nullptr);
  char piece[512];
  for (std::size_t n; (n = std::fread(piece, 1, sizeof piece, pipe)) > 0;) text.append(piece, n);
  CHECK(::pclose(pipe) == 0);
  return text;
}

// Debian has all three; a machine without one says so.
bool has_shell(const std::string& shell) {
  if (!output_of("command -v " + shell + " || true").empty()) return true;
  WARN(shell << " is not installed: its completion is not tested");
  return false;
}

}  // namespace

TEST_CASE("completion offers commands, flags, words and names", "[apps][completion]") {
  Cli cli;
  fill_fixed_ledger(cli);
  cli.folder.write("gateway.yaml",
                   "providers: {sim: {type: simulated}}\nmodels: {echo: {targets: [{provider: sim, model: "
                   "simulated/echo}]}}\n");
  CHECK(completed(cli, {"us"}) == std::vector<std::string>{"usage"});
  CHECK(completed(cli, {"key", ""}) == std::vector<std::string>{"create", "list", "revoke", "rotate"});
  CHECK(completed(cli, {"usage", "--pro"}) == std::vector<std::string>{"--project", "--provider"});
  CHECK(completed(cli, {"usage", "--project", ""}) == std::vector<std::string>{"demo", "idle", "other"});
  CHECK(completed(cli, {"usage", "--project=de"}) == std::vector<std::string>{"--project=demo"});
  CHECK(completed(cli, {"project", "show", "o"}) == std::vector<std::string>{"other"});
  CHECK(completed(cli, {"usage", "--format", "j"}) == std::vector<std::string>{"json", "jsonl"});
  CHECK(completed(cli, {"requests", "--state", "f"}) == std::vector<std::string>{"failed"});
  CHECK(completed(cli, {"usage", "--by", "project,mod"}) == std::vector<std::string>{"project,model"});
  CHECK(completed(cli, {"requests", "--columns", "request_id,du"}) ==
        std::vector<std::string>{"request_id,duration_ms"});
  CHECK(completed(cli, {"usage", "--model", ""}) == std::vector<std::string>{"echo", "fast", "smart"});
  CHECK(completed(cli, {"usage", "--provider", ""}) == std::vector<std::string>{"sim", "openai", "anthropic"});
  CHECK(completed(cli, {"usage", "-c", ""}) == std::vector<std::string>{":files"});
  CHECK(completed(cli, {"completion", ""}) == std::vector<std::string>{"bash", "zsh", "fish", "powershell"});
  cli.good("key create --project demo --name ci");
  CHECK(completed(cli, {"key", "revoke", ""}).size() == 1);
  const std::vector<std::string> flags = completed(cli, {"usage", "--project", "demo", "-"});
  CHECK_FALSE(has(flags, "--project"));
  CHECK(has(flags, "--since"));
}

TEST_CASE("completion is silent if nothing can be read", "[apps][completion]") {
  Cli cli;
  cli.folder.write("broken.yaml", "modles: {}\n");
  CHECK(completed(cli, {"usage", "-c", "broken.yaml", "--project", ""}).empty());
  CHECK(completed(cli, {"usage", "--project", ""}).empty());
  CHECK(completed(cli, {"nothing", "x"}).empty());
  CHECK(completed(cli, {}).size() > 10);
  CHECK_FALSE(has(completed(cli, {""}), "config"));  // hidden
}

TEST_CASE("the shells complete with their scripts", "[apps][completion]") {
  Cli cli;
  fill_fixed_ledger(cli);
  std::filesystem::create_directory("bin");
  std::filesystem::create_symlink(GATEWAY_BINARY, "bin/gateway");
  for (const char* shell : {"bash", "zsh", "fish"})
    cli.folder.write(std::string("script.") + shell, cli.good(std::string("completion ") + shell));
  const std::string path = "PATH=\"$PWD/bin:$PATH\" ";
  if (has_shell("bash")) {
    cli.folder.write("try.bash",
                     "source ./script.bash\n"
                     "try() { COMP_LINE=\"$1\"; COMP_POINT=${#1}; _gateway; printf '%s\\n' \"${COMPREPLY[@]}\"; }\n"
                     "try 'gateway usage --project '\ntry 'gateway requ'\ntry 'gateway usage --project=de'\n"
                     "try 'gateway check -c script.z'\n");
    CHECK(output_of(path + "bash ./try.bash") == "demo\nidle\nother\nrequests\nrequest\ndemo\nscript.zsh\n");
  }
  if (has_shell("zsh")) {
    cli.folder.write("try.zsh",
                     "compdef() { :; }\n_files() { print files; }\n"
                     "_describe() { local name=${@[-1]}; print -l -- ${(P)name}; }\nsource ./script.zsh\n"
                     "try() { words=(\"$@\"); CURRENT=$#; _gateway; }\n"
                     "try gateway usage --project ''\ntry gateway check -c ''\ntry gateway completion b\n");
    CHECK(output_of(path + "zsh -f ./try.zsh") == "demo\nidle\nother\nfiles\nbash\n");
  }
  if (has_shell("pwsh")) {
    cli.folder.write("script.ps1", cli.good("completion powershell"));
    cli.folder.write("try.ps1",
                     ". ./script.ps1\n"
                     "foreach ($line in 'gateway usage --project ', 'gateway usage --by project,mod') {\n"
                     "  (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText\n}\n");
    CHECK(output_of(path + "pwsh -NoProfile -File ./try.ps1") == "demo\nidle\nother\nproject,model\n");
  }
  if (has_shell("fish")) {
    CHECK(output_of(path + "fish --no-config -c 'source ./script.fish; complete -C \"gateway usage --project \"'") ==
          "demo\nidle\nother\n");
  }
}

TEST_CASE("help as JSON has every command with its flags", "[apps][help]") {
  Cli cli;
  simdjson::dom::parser parser;
  const simdjson::padded_string text(cli.good("help --json"));
  const simdjson::dom::element root = parser.parse(text);
  std::vector<std::string> names;
  collect(root, names);
  for (const char* name : {"gateway", "gateway key create", "gateway budget", "gateway why", "gateway doctor"})
    CHECK(has(names, name));
  CHECK_FALSE(has(names, "gateway config"));
  for (const std::string& name : names) {
    INFO(name);
    CHECK(cli(name.substr(std::min(name.size(), std::string("gateway ").size())) + " --help").status == 0);
  }
}

TEST_CASE("each command has a manual page with all its flags", "[apps][manual]") {
  Cli cli;
  simdjson::dom::parser parser;
  const simdjson::padded_string text(cli.good("help --json"));
  std::vector<std::string> names;
  collect(parser.parse(text), names);
  const std::vector<std::string> pages = lines_of(cli.good("help man"));
  CHECK(pages.size() == names.size() + 1);
  CHECK(has(pages, "gateway.yaml.5"));
  for (std::string name : names) {
    const std::string line = name == "gateway" ? "" : name.substr(8);
    std::replace(name.begin(), name.end(), ' ', '-');
    const std::string page = cli.good("help man " + name + ".1");
    INFO(name);
    CHECK_THAT(page, Catch::StartsWith(".TH "));
    // What --help shows of flags, the page shows too.
    const std::string help = cli.good(line + " --help");
    for (const std::string& each : lines_of(help)) {
      const std::size_t start = each.find_first_not_of(' ');
      if (start == std::string::npos || start == 0 || each[start] != '-') continue;
      std::istringstream flags(each.substr(start, each.find(' ', start) - start));
      for (std::string flag; std::getline(flags, flag, ',');) {
        std::string escaped;
        for (const char c : flag) escaped += c == '-' ? "\\-" : std::string(1, c);
        CHECK_THAT(page, Catch::Contains("\\fB" + escaped + "\\fR"));
      }
    }
  }
  CHECK(cli("help man nothing.1").status == 2);
  check_golden("man_gateway_key_rotate", cli.good("help man gateway-key-rotate.1"));
  const std::string config = cli.good("help man gateway.yaml.5");
  for (const char* key : {".B listen\n", ".B max_attempts\n", ".B catalogue_every\n"})
    CHECK_THAT(config, Catch::Contains(key));
}

TEST_CASE("what a package installs is written in one go", "[apps][manual]") {
  Cli cli;
  cli.good("__pages out");
  for (const char* name :
       {"man/man1/gateway.1", "man/man1/gateway-usage.1", "man/man5/gateway.yaml.5",
        "bash-completion/completions/gateway", "zsh/site-functions/_gateway", "fish/vendor_completions.d/gateway.fish"})
    CHECK(cli.folder.has(std::string("out/share/") + name));
}
