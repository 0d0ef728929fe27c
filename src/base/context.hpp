// What a handler may reach: the parts of the program that live as long as it does. References only; each part
// is declared here and defined on its own floor, so a handler includes just what it uses.
#pragma once

namespace lodestone {

class Clock;
class Health;
class Log;
class Metrics;
class Random;

struct Context {
    Clock& clock;
    Random& random;
    Log& log;
    Metrics& metrics;
    Health& health;
};

}  // namespace lodestone
