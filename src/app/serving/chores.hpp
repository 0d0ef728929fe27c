// What has to be done now and then, by one node at a time: each chore is a bounded step that is repeated
// until it finds nothing more, and may stop anywhere.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "app/config/config.hpp"
#include "db/tx.hpp"
#include "identity/nouns/purge_steps.hpp"

namespace lodestone::app {

struct Chore {
    std::string name;
    std::chrono::microseconds every;
    std::function<std::int64_t(db::Tx& tx)> step;  // how many rows it changed; none: done
    // Instead of steps, for what waits for more than the database: all of it at once, and how much that was.
    std::function<std::int64_t()> run = nullptr;
};

// How long an idempotency key is remembered, what was deleted can be restored, and what has ended is listed.
inline constexpr std::chrono::hours committed_unit_lifetime{7 * 24};
inline constexpr std::chrono::hours deleted_lifetime{30 * 24};
inline constexpr std::chrono::hours ended_lifetime{90 * 24};

// Of the floors above identity: what goes with a tenant, or with an app, that is purged.
std::span<const identity::PurgeStep> purged_with_tenants();
std::span<const identity::PurgeStep> purged_with_apps();

// Those of a server with these settings.
std::vector<Chore> make_chores(const Config& config);

// While it goes on for longer than that: false when another node has the turn by now.
bool keep_turn(db::Tx& tx, const Chore& chore, const std::string& node);

// Whether this chore is due, and this node the one to do it now: nobody else is told so before it is due
// again.
bool take_turn(db::Tx& tx, const Chore& chore, const std::string& node);

// One that nobody has done yet is not due before its time has passed once.
void put_off(db::Tx& tx, const Chore& chore);

}  // namespace lodestone::app
