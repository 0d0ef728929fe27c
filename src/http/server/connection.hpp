// One accepted connection: its requests one after the other, each handed to serve(), until either side has
// enough.
#pragma once

#include "base/unique_fd.hpp"
#include "http/message/network.hpp"
#include "http/server/request.hpp"
#include "http/server/server_state.hpp"
#include "http/wire/loop.hpp"

namespace lodestone::http {

struct Accepted {
    UniqueFd fd;
    int family = 0;
    Address address;  // all zero for a Unix socket
    Peer peer;
    bool is_tls = false;
};

// On the loop that is to own the connection: runs it to its end, or closes it when the loop cannot watch it.
void start_connection(Admitted admitted, Loop& loop, Accepted accepted);

}  // namespace lodestone::http
