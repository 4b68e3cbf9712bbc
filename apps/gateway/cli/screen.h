// What the standard output is: a terminal or not, how wide, with colours or without.
#pragma once

#include "app/cli/command_context.h"

namespace gateway::app {

struct Screen {
  bool is_terminal = false;
  bool colour = false;       // never with NO_COLOR, TERM=dumb or if it is no terminal
  std::size_t columns = 80;  // COLUMNS, else the terminal's own
  std::size_t rows = 24;
};
Screen screen_of(const Session& session);

// The alternate screen of a terminal while it lives: what was there before is there again afterwards, however the
// command ends (q, Ctrl-C, SIGTERM). Without a terminal it only waits.
class LiveScreen {
 public:
  explicit LiveScreen(Session& session);
  ~LiveScreen();
  LiveScreen(const LiveScreen&) = delete;
  LiveScreen& operator=(const LiveScreen&) = delete;

  // Shows `text` in place of what was shown; without a terminal it is appended.
  void show(const std::string& text);
  // False: the command is to end.
  bool wait(std::chrono::milliseconds pause);

 private:
  Session& session_;
  bool is_alternate_ = false;
};

}  // namespace gateway::app
