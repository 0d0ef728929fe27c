// PQcancel() on a thread of its own: https://www.postgresql.org/docs/15/libpq-cancel.html
#include "db/postgres/cancel.hpp"

#include <array>
#include <atomic>
#include <memory>
#include <thread>

namespace lodestone::db {

namespace {

constexpr int most_under_way = 8;

struct FreeCancel {
    void operator()(PGcancel* cancel) const { PQfreeCancel(cancel); }
};

// Outlives every thread: they may still run when the program ends.
std::atomic<int>& under_way() {
    static auto* const count = new std::atomic<int>(0);
    return *count;
}

}  // namespace

void cancel_in_background(PGconn& connection) {
    std::unique_ptr<PGcancel, FreeCancel> cancel(PQgetCancel(&connection));
    if (!cancel) return;  // the connection is closed already
    if (under_way().fetch_add(1) >= most_under_way) {
        under_way().fetch_sub(1);
        return;
    }
    // It knows the process and a secret of it, and holds nothing of ours.
    std::thread([cancel = std::move(cancel)] {
        std::array<char, 256> why{};
        PQcancel(cancel.get(), why.data(), why.size());
        under_way().fetch_sub(1);
    }).detach();
}

}  // namespace lodestone::db
