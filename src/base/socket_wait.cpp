// poll(2) over one socket, again after signals.
#include "base/socket_wait.hpp"

#include <poll.h>

#include <algorithm>
#include <chrono>

namespace lodestone {

short wait_for_socket(int socket, short events, const Clock& clock, SteadyTime until, int stop) {
    using std::chrono::milliseconds;
    constexpr milliseconds longest{60'000};
    pollfd wanted[2] = {{.fd = socket, .events = events, .revents = 0},
                        {.fd = stop, .events = POLLIN, .revents = 0}};
    while (true) {
        const SteadyTime now = clock.steady_now();
        milliseconds left{0};
        if (until > now)
            left = std::chrono::ceil<milliseconds>(std::min<SteadyTime::duration>(until - now, longest));
        const int count = ::poll(wanted, stop < 0 ? 1 : 2, static_cast<int>(left.count()));
        if (count > 0) return wanted[1].revents != 0 ? short{0} : wanted[0].revents;
        if (count == 0 && left < longest) return 0;
    }
}

}  // namespace lodestone
