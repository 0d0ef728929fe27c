// The store is given its name first, and then the database is told: a crash in between leaves a database that
// knows none, which takes the store's. Of two nodes that begin at once, the later one gives the store the
// name that the earlier one has noted.
#include "blobs/belonging.hpp"

#include "base/blob_limits.hpp"
#include "base/log.hpp"
#include "base/problem.hpp"
#include "base/random.hpp"
#include "blobs/blobs.hpp"

namespace lodestone::blobs {

using db::Tx;

namespace {

const db::Query<std::string> find_known{"blob_storage.find",
                                        "SELECT name FROM blob_storage WHERE number = 1"};

const db::Command<std::string, Time> insert{
    "blob_storage.insert",
    "INSERT INTO blob_storage (number, name, named_at) VALUES (1, $1, $2) ON CONFLICT DO NOTHING"};

[[noreturn]] void refuse() {
    throw Problem(problems::unavailable,
                  "The server does not find what it has stored before; its administrator has to see to that "
                  "first.")
        .with_internal(std::string(another_storage))
        .with_header("Retry-After", "5");
}

}  // namespace

Task<> Belonging::need() {
    if (is_certain()) co_return;
    if (state_ == State::foreign && !take_turn()) refuse();
    if (!co_await look()) refuse();
}

bool Belonging::take_turn() {
    if (is_certain()) return false;
    const SteadyTime now = blobs_.context().clock.steady_now();
    SteadyTime due = next_look_;
    return now >= due && next_look_.compare_exchange_strong(due, now + limits::storage_probe_pause);
}

Task<bool> Belonging::look() {
    next_look_ = blobs_.context().clock.steady_now() + limits::storage_probe_pause;
    const std::optional<std::string> found = co_await blobs_.store().find_name();
    auto ask = [](Tx& tx) { return tx.maybe(find_known); };
    std::optional<std::string> known = co_await blobs_.database().read({}, ask);
    bool is_own = known && found == known && !is_suspect_;
    if (!is_own) {
        const Testimony testimony = co_await blobs_.ask_witnesses({});
        const bool may_be_called_so = !known || found == known;
        is_own = testimony == Testimony::found || (testimony != Testimony::all_missing && may_be_called_so);
        if (is_own && (!known || !found)) co_await settle_name(found, known);
    }
    set(is_own ? State::own : State::foreign);
    co_return is_own;
}

Task<> Belonging::settle_name(std::optional<std::string> found, std::optional<std::string> known) {
    std::string name = known ? *known : found ? *found : blobs_.context().random.next_hex(16);
    if (found != name) co_await blobs_.store().give_name(name);
    if (known) co_return;
    auto note = [&](Tx& tx) {
        tx.run(insert, name, tx.now());
        return tx.one(find_known);
    };
    std::string noted = co_await blobs_.database().write({}, note);
    if (noted != name) co_await blobs_.store().give_name(std::move(noted));
}

Task<> Belonging::adopt() {
    std::optional<std::string> found = co_await blobs_.store().find_name();
    auto ask = [](Tx& tx) { return tx.maybe(find_known); };
    std::optional<std::string> known = co_await blobs_.database().read({}, ask);
    co_await settle_name(std::move(found), std::move(known));
    set(State::own);
}

void Belonging::doubt() {
    State own = State::own;
    state_.compare_exchange_strong(own, State::unknown);
}

void Belonging::note_emptiness() {
    is_suspect_ = true;
    set(State::foreign);
}

void Belonging::set(State state) {
    if (state == State::own) is_suspect_ = false;
    const State before = state_.exchange(state);
    if (before == state) return;
    Log& log = blobs_.context().log;
    if (state == State::foreign)
        log.error("nothing is taken until the storage is the right one", {{"why", another_storage}});
    else if (before == State::foreign)
        log.info("the storage is the right one again", {});
}

std::optional<std::string> Belonging::find_fault() const {
    if (state_ != State::foreign) return std::nullopt;
    return std::string(another_storage) + std::string(or_lost);
}

}  // namespace lodestone::blobs
