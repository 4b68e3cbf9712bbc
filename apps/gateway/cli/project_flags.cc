#include "app/cli/project_flags.h"

#include "app/cli/parser/check.h"
#include "app/cli/parser/command.h"
#include "app/values/project_texts.h"

namespace gateway::app {

void add_flags(Command& command, ProjectTexts& flags) {
  command
      .add_option("--models", flags.models, "Which models it may use: names and prefix/*, by comma; none: all", "LIST")
      ->one_value();
  command.add_option("--rpm,--requests-per-minute", flags.requests_per_minute, "Requests a minute, or none", "N");
  command.add_option("--tpm,--tokens-per-minute", flags.tokens_per_minute, "Tokens a minute, or none", "N");
  command.add_option("--concurrent", flags.concurrent, "Requests at a time, or none", "N");
  command.add_option("--max-output-tokens", flags.max_output_tokens, "The most a request may ask for, or none", "N");
  command
      .add_option("--cap", flags.caps, "A spend cap in USD: 25/month, or 25 with --period; may be given again; none",
                  "USD[/PERIOD]")
      ->one_value();
  command.add_option("--period", flags.period, "day, week, month or total, for a --cap that names none", "PERIOD")
      ->check(one_of({"day", "week", "month", "total"}));
  command.add_option("--warn", flags.warnings, "Percent of its caps to warn at, by comma, or none", "LIST")
      ->one_value();
  command.add_option("--mode", flags.mode, "strict holds the worst case, estimate the expected cost", "MODE")
      ->check(one_of({"strict", "estimate"}));
  command.add_option("--timezone", flags.timezone, "Whose days, weeks and months its caps follow", "ZONE");
  command.add_option("--unpriced", flags.unpriced, "allow or refuse models without a known price", "RULE")
      ->check(one_of({"allow", "refuse"}));
}

}  // namespace gateway::app
