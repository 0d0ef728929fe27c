// What a handler may reach: the parts of the program that live as long as it does. References only; each part
// is declared here and defined on its own floor, so a handler includes just what it uses.
#pragma once

namespace lodestone {

class Clock;
class Health;
class Log;
class Metrics;
class Random;

namespace db {
class Database;
}
namespace identity {
struct Identity;
}

struct Context {
    Clock& clock;
    Random& random;
    Log& log;
    Metrics& metrics;
    Health& health;
    // Null in programs and tests that have none: what lies below them must not ask.
    db::Database* database = nullptr;
    identity::Identity* identity = nullptr;
};

}  // namespace lodestone
