#include <algorithm>
#include <memory>
#include <ostream>
#include <utility>

#include "app/cli/command_line.h"
#include "app/cli/completion.h"
#include "app/cli/flags.h"
#include "app/cli/parser/check.h"
#include "app/cli/parser/command.h"

namespace gateway::app {
namespace {

// Words as typed, since bash cuts them at = and :, which models' names contain; what it would cut off is taken away
// from the candidates again.
constexpr std::string_view kBash = R"(# bash completion of gateway
_gateway() {
  local line="${COMP_LINE:0:COMP_POINT}" word value
  local -a words
  read -ra words <<< "$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  word="${words[${#words[@]}-1]}"
  local cut="${word%"${word##*[=:]}"}"
  COMPREPLY=()
  while IFS=$'\t' read -r value _; do
    if [[ $value == :files ]]; then
      compopt -o filenames 2>/dev/null
      while IFS= read -r value; do COMPREPLY+=("$value"); done < <(compgen -f -- "$word")
    else
      COMPREPLY+=("${value#"$cut"}")
    fi
  done < <("${words[0]}" __complete "${words[@]:1}" 2>/dev/null)
  if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *, ]]; then compopt -o nospace 2>/dev/null; fi
}
complete -F _gateway gateway
)";

constexpr std::string_view kZsh = R"(#compdef gateway
_gateway() {
  local -a candidates given
  local line value help
  given=("${(@)words[2,$CURRENT]}")
  while IFS= read -r line; do
    value="${line%%$'\t'*}"
    help=""
    [[ $line == *$'\t'* ]] && help="${line#*$'\t'}"
    if [[ $value == :files ]]; then
      _files
    elif [[ -n $help ]]; then
      candidates+=("${value//:/\\:}:$help")
    else
      candidates+=("${value//:/\\:}")
    fi
  done < <("${words[1]}" __complete "${given[@]}" 2>/dev/null)
  (( ${#candidates} )) && _describe -t gateway 'gateway' candidates
}
if [[ ${funcstack[1]} == _gateway ]]; then _gateway "$@"; else compdef _gateway gateway; fi
)";

constexpr std::string_view kFish = R"(# fish completion of gateway
function __gateway_complete
    set -l words (commandline -opc)
    set -l lines ($words[1] __complete $words[2..-1] (commandline -ct) 2>/dev/null)
    if contains -- :files $lines
        __fish_complete_path (commandline -ct)
    end
    string match -v -- ':files' $lines
end
complete -c gateway -f -a '(__gateway_complete)'
)";

// The word under the cursor as it is typed, of which PowerShell may replace the end alone: what is ahead of that is
// taken away from the candidates. An empty word has to be quoted for versions that drop empty arguments.
constexpr std::string_view kPowerShell = R"(# PowerShell completion of gateway
Register-ArgumentCompleter -Native -CommandName gateway -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $given = @()
    $typed = ''
    foreach ($element in @($commandAst.CommandElements | Select-Object -Skip 1)) {
        $start = $element.Extent.StartOffset
        if ($start -ge $cursorPosition) { break }
        $text = $element.Extent.Text
        if ($element.Extent.EndOffset -ge $cursorPosition) {
            $typed = $text.Substring(0, $cursorPosition - $start)
        } else {
            $given += $text.Trim([char[]]"'""")
        }
    }
    $last = $typed.TrimStart([char[]]"'""")
    if ($last -eq '' -and ($PSVersionTable.PSVersion -lt [version]'7.3' -or $PSNativeCommandArgumentPassing -eq 'Legacy')) {
        $last = '""'
    }
    $ahead = [Math]::Max(0, $typed.Length - $wordToComplete.Length)
    $program = $commandAst.CommandElements[0].Extent.Text
    foreach ($line in @(& $program __complete @given $last 2>$null)) {
        $value, $help = $line -split "`t", 2
        if ($value -eq ':files') {
            [System.Management.Automation.CompletionCompleters]::CompleteFilename($wordToComplete)
            continue
        }
        if ($value.Length -le $ahead) { continue }
        if (-not $help) { $help = $value }
        [System.Management.Automation.CompletionResult]::new($value.Substring($ahead), $value, 'ParameterValue', $help)
    }
}
)";

constexpr std::pair<std::string_view, std::string_view> kScripts[] = {
    {"bash", kBash}, {"zsh", kZsh}, {"fish", kFish}, {"powershell", kPowerShell}};

struct CompletionFlags {
  std::string shell;
};

}  // namespace

std::string completion_script(std::string_view shell) {
  const auto* const found =
      std::find_if(std::begin(kScripts), std::end(kScripts), [shell](const auto& each) { return each.first == shell; });
  return found == std::end(kScripts) ? std::string() : std::string(found->second);
}

void add_completion(Command& app, Session& session) {
  auto flags = std::make_shared<CompletionFlags>();
  Command* command =
      app.add_subcommand("completion", "Print what completes commands, flags and names in a shell; see its manual");
  command->add_option("shell", flags->shell, "bash, zsh, fish or powershell", "SHELL")
      ->required()
      ->check(one_of({"bash", "zsh", "fish", "powershell"}));
  add_example(*command, "gateway completion bash > ~/.local/share/bash-completion/completions/gateway");
  command->callback([flags, &session] { session.out << completion_script(flags->shell); });
}

}  // namespace gateway::app
