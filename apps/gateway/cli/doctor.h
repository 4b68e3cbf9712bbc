// What `gateway doctor` looks at: each check is a line, ok, warn or fail, and the command that mends it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/cli/database.h"

namespace gateway::app {

enum class Health : std::uint8_t { ok, warn, fail };

struct Diagnosis {
  std::string check;  // "configuration", "provider openai"
  Health health = Health::ok;
  std::string detail;  // never a secret
  std::string mend;    // a command, or what to change; empty: nothing to do
};
using Diagnoses = std::vector<Diagnosis>;

struct DoctorFlags {
  DatabaseFlags database;
  std::string url;       // of a server that runs; empty: the one on the database, if one runs
  bool offline = false;  // nothing outside this machine is asked
};

Diagnoses examine(const DoctorFlags& flags, Session& session);

// The parts of it.
void examine_storage(const Workspace& workspace, Diagnoses& found);
void examine_ledger(const Workspace& workspace, WallTime now, Diagnoses& found);
// `with_ports`: the addresses to listen at are looked at too; not if the server that has them is asked itself.
void examine_machine(const Config& config, bool with_ports, Diagnoses& found);
void examine_providers(const Workspace& workspace, WallTime now, bool offline, Diagnoses& found);
void examine_server(const std::string& url, Diagnoses& found);

}  // namespace gateway::app
