// The database is told the name first, and then the store is given it: of several that begin at once one name
// is noted, and nobody gives the store another. A crash in between leaves a store without a name, which a
// database that has nothing in it takes for its own.
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

const db::Query<std::int64_t> find_blob{"blob_storage.find_any_blob", "SELECT id FROM blobs LIMIT 1"};
const db::Query<std::string> find_any_upload{"blob_storage.find_any_upload",
                                             "SELECT id FROM uploads LIMIT 1"};

struct Known {
    std::optional<std::string> name;
    bool has_bytes = false;  // that should be in the store
};

Known find_all_known(Tx& tx) {
    return {.name = tx.maybe(find_known), .has_bytes = tx.maybe(find_blob) || tx.maybe(find_any_upload)};
}

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
    // In that order: what the database knows to be in the store came after the name.
    const Known all_known = co_await blobs_.database().read({}, find_all_known);
    const std::optional<std::string> found = co_await blobs_.store().find_name();
    const std::optional<std::string>& known = all_known.name;
    bool is_own = known && found == known && !is_suspect_;
    if (!is_own) {
        const Testimony testimony = co_await blobs_.ask_witnesses({});
        const bool may_be_called_so = !known || found == known || (!found && !all_known.has_bytes);
        is_own = testimony == Testimony::found || (testimony != Testimony::all_missing && may_be_called_so);
        if (is_own && (!known || !found)) co_await settle_name(found, known);
    }
    set(is_own ? State::own : State::foreign);
    co_return is_own;
}

Task<> Belonging::settle_name(std::optional<std::string> found, std::optional<std::string> known) {
    std::string name = known ? *known : found ? *found : blobs_.context().random.next_hex(16);
    if (!known) {
        auto note = [&](Tx& tx) {
            tx.run(insert, name, tx.now());
            return tx.one(find_known);
        };
        name = co_await blobs_.database().write({}, note);
    }
    if (found != name) co_await blobs_.store().give_name(std::move(name));
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
