#include "app/cli/command_line.h"

int main(int argc, char** argv) {
  gateway::app::Session session = gateway::app::process_session();
  return gateway::app::run({argv + 1, argv + argc}, session);
}
