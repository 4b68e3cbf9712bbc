#include "app/cli/screen.h"

#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <ostream>
#include <thread>

#include "config/scalars.h"

namespace gateway::app {
namespace {

std::atomic<bool> end_wanted{false};
struct termios terminal_before;
struct sigaction interrupt_before, terminate_before;

void on_end_signal(int) { end_wanted = true; }

std::size_t number_of(const Session& session, const char* name, std::size_t otherwise) {
  const auto text = session.environment ? session.environment(name) : std::nullopt;
  const auto number = text ? scalars::whole(*text) : std::nullopt;
  return number && *number > 0 && *number < 10'000 ? static_cast<std::size_t>(*number) : otherwise;
}

// Half a screen is worse than a truncated one: lines that do not fit are left out. Long ones do not wrap.
std::string fitted(const std::string& text, std::size_t rows) {
  std::string out;
  std::size_t lines = 0;
  for (std::size_t at = 0; at < text.size() && lines + 1 < rows; ++lines) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    out.append(text, at, end - at).append("\x1b[K\r\n");
    at = end + 1;
  }
  return out;
}

}  // namespace

Screen screen_of(const Session& session) {
  Screen screen;
  screen.is_terminal = session.is_terminal;
  if (session.is_terminal) {
    struct winsize size {};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
      screen.columns = size.ws_col;
      screen.rows = size.ws_row;
    }
    const auto set = [&session](const char* name) { return session.environment(name).value_or(""); };
    screen.colour = set("NO_COLOR").empty() && set("TERM") != "dumb";
  }
  screen.columns = number_of(session, "COLUMNS", screen.columns);
  screen.rows = number_of(session, "LINES", screen.rows);
  return screen;
}

LiveScreen::LiveScreen(Session& session) : session_(session) {
  end_wanted = false;
  struct sigaction action {};
  action.sa_handler = on_end_signal;
  ::sigaction(SIGINT, &action, &interrupt_before);
  ::sigaction(SIGTERM, &action, &terminate_before);
  is_alternate_ = session.is_terminal && ::tcgetattr(STDIN_FILENO, &terminal_before) == 0;
  if (!is_alternate_) return;
  struct termios raw = terminal_before;
  raw.c_lflag &= static_cast<tcflag_t>(~(ECHO | ICANON));
  ::tcsetattr(STDIN_FILENO, TCSANOW, &raw);
  session_.out << "\x1b[?1049h\x1b[?25l\x1b[?7l" << std::flush;
}

LiveScreen::~LiveScreen() {
  if (is_alternate_) {
    session_.out << "\x1b[?7h\x1b[?25h\x1b[?1049l" << std::flush;
    ::tcsetattr(STDIN_FILENO, TCSANOW, &terminal_before);
  }
  ::sigaction(SIGINT, &interrupt_before, nullptr);
  ::sigaction(SIGTERM, &terminate_before, nullptr);
}

void LiveScreen::show(const std::string& text) {
  if (is_alternate_) {
    session_.out << "\x1b[H" << fitted(text, screen_of(session_).rows) << "\x1b[J";
  } else {
    session_.out << text;
  }
  session_.out.flush();
}

bool LiveScreen::wait(std::chrono::milliseconds pause) {
  if (!session_.out || end_wanted) return false;
  if (session_.wait) return session_.wait(pause);
  struct pollfd input {
    STDIN_FILENO, POLLIN, 0
  };
  const int ready = ::poll(&input, is_alternate_ ? 1 : 0, static_cast<int>(pause.count()));
  if (ready > 0) {
    char key = 0;
    if (::read(STDIN_FILENO, &key, 1) != 1 || key == 'q' || key == 'Q' || key == 3) return false;
  }
  return !end_wanted;
}

}  // namespace gateway::app
