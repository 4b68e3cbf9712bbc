// Connections by when their last request began: of these, one may have to end so that another can come.
#pragma once

namespace gateway::app {

class ConnectionGate;
class Http1Session;

class GiveWayList {
 public:
  // What a session has of the list. One that ends leaves it.
  struct Link {
    Link* previous = this;
    Link* next = this;
  };

  // To the end of the list, where the newest are.
  void add(Http1Session& session) noexcept;
  static void remove(Link& link) noexcept;
  // Ends the one, of those that the gate counted, that has been idle for longest. False: none has been for long.
  bool end_one(const ConnectionGate& gate) noexcept;

 private:
  Link all_;  // a ring through this link
};

}  // namespace gateway::app
