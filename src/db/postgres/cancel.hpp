// Telling a server that nobody waits any more for what a connection is doing, so that it stops.
#pragma once

#include <libpq-fe.h>

namespace lodestone::db {

// Returns at once. PQcancel() makes a connection of its own, without any time-out, so it runs on a thread
// that nobody waits for; when a few of them are stuck before a server that does not answer at all, no more
// are started, and the server's own time limits are what is left.
void cancel_in_background(PGconn& connection);

}  // namespace lodestone::db
