// One accepted connection: its requests one after the other, each handed to serve(), until either side has
// enough.
#pragma once

#include <memory>
#include <string>

#include "base/task.hpp"
#include "http/message/network.hpp"
#include "http/server/request.hpp"
#include "http/wire/stream.hpp"

namespace lodestone::http {

class ServerState;

struct Accepted {
    Address address;  // all zero for a Unix socket
    Peer peer;
    bool is_tls = false;
    bool is_counted_per_client = false;
};

// Runs the connection to its end; spawned on the loop that owns it.
Task<> run_connection(std::shared_ptr<ServerState> server, Loop& loop, Socket socket, Accepted accepted);

}  // namespace lodestone::http
