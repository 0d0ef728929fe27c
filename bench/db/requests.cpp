// Units of work as requests make them, through the door that handlers use.
#include <random>

#include "base/ensure.hpp"
#include "cases.hpp"
#include "db/query.hpp"

namespace lodestone::bench {

namespace {

using db::Tx;

const db::Query<std::int64_t, std::int64_t> find_balance{
    "bench.balance", "SELECT abalance FROM pgbench_accounts WHERE aid = $1"};

const db::Command<std::string> insert_note{"bench.note", "INSERT INTO bench_notes (note) VALUES ($1)"};

const db::Command<std::int64_t, std::int64_t> charge_quota{
    "bench.quota", "UPDATE bench_quotas SET used_bytes = used_bytes + $2 WHERE package = $1"};
const db::Command<std::int64_t, std::int64_t, std::string> insert_version{
    "bench.version", "INSERT INTO bench_versions (package, number, manifest) VALUES ($1, $2, $3)"};
const db::Command<std::int64_t, std::int64_t, std::string> insert_file{
    "bench.file", "INSERT INTO bench_files (package, number, name) VALUES ($1, $2, $3)"};
const db::Command<std::int64_t, std::int64_t> set_tag{
    "bench.tag",
    "INSERT INTO bench_tags (package, name, number) VALUES ($1, 'latest', $2) "
    "ON CONFLICT (package, name) DO UPDATE SET number = excluded.number"};
const db::Command<std::int64_t, std::int64_t> touch_package{
    "bench.package", "UPDATE bench_packages SET updated_at = $2 WHERE package = $1"};
const db::Command<std::int64_t, std::int64_t, std::string> insert_audit{
    "bench.audit", "INSERT INTO bench_audit (package, number, action) VALUES ($1, $2, $3)"};
const db::Command<std::int64_t, std::int64_t, std::string> insert_event{
    "bench.event", "INSERT INTO bench_events (package, number, action) VALUES ($1, $2, $3)"};

// pgbench as well draws before it asks.
std::int64_t any_account() {
    thread_local std::minstd_rand random{std::random_device{}()};
    return std::uniform_int_distribution<std::int64_t>(1, account_count)(random);
}

auto ask_balance() {
    return [account = any_account()](Tx& tx) { return tx.one(find_balance, account); };
}

std::int64_t ask_ten(Tx& tx) {
    std::int64_t sum = 0;
    for (int i = 0; i < 10; ++i) sum += tx.one(find_balance, any_account());
    return sum;
}

struct Publication {
    std::int64_t package;
    std::int64_t number;
    Sending sending;

    template <class Command, class... Values>
    void change(Tx& tx, const Command& command, const Values&... values) const {
        if (sending == Sending::one_by_one)
            tx.run(command, package, values...);
        else
            tx.send(command, package, values...);
    }
    void operator()(Tx& tx) const {
        change(tx, charge_quota, number % 1'000);
        change(tx, insert_version, number, R"({"licence": "MIT"})");
        change(tx, insert_file, number, "package.tar.gz");
        change(tx, set_tag, number);
        change(tx, touch_package, number);
        change(tx, insert_audit, number, "package.publish");
        change(tx, insert_event, number, "package.publish");
    }
};

}  // namespace

Rate measure_look_ups(const CaseOptions& options, Waiting waiting) {
    World world(options.address, options.readers);
    db::Database& database = world.database();
    if (waiting == Waiting::in_threads)
        return measure_on_threads(options.count, options.seconds, [&database](std::size_t) {
            db::block_on_work(database.engine(), db::WorkKind::look_up, {}, ask_balance());
        });
    return measure_on_loops(world.loops(), options.count, options.seconds,
                            [&database](std::size_t) { return database.look_up({}, ask_balance()); });
}

Rate measure_reads(const CaseOptions& options, Waiting waiting) {
    World world(options.address, options.readers);
    db::Database& database = world.database();
    if (waiting == Waiting::in_threads)
        return measure_on_threads(options.count, options.seconds,
                                  [&database](std::size_t) { database.read_now({}, ask_balance()); });
    return measure_on_loops(world.loops(), options.count, options.seconds,
                            [&database](std::size_t) { return database.read({}, ask_balance()); });
}

Rate measure_tens(const CaseOptions& options) {
    World world(options.address, options.readers);
    db::Database& database = world.database();
    const Rate rate = measure_on_loops(world.loops(), options.count, options.seconds,
                                       [&database](std::size_t) { return database.read({}, ask_ten); });
    return {.per_second = rate.per_second * 10, .cpu_us = rate.cpu_us / 10};
}

// Each client has a package of its own: nobody waits for anybody's rows.
Rate measure_publishing(const CaseOptions& options, Sending sending) {
    World world(options.address);
    db::Database& database = world.database();
    std::atomic<std::int64_t> next{SystemClock().now().time_since_epoch().count()};
    const auto publish = [&](std::size_t client) {
        return database.write({}, Publication{static_cast<std::int64_t>(client), ++next, sending});
    };
    return measure_on_loops(world.loops(), options.count, options.seconds, publish);
}

Rate measure_commits(const CaseOptions& options) {
    World world(options.address);
    db::Database& database = world.database();
    const auto write = [&database](std::size_t) {
        return database.write({}, [](Tx& tx) { tx.run(insert_note, "a short note that has to last"); });
    };
    return measure_on_loops(world.loops(), options.count, options.seconds, write);
}

}  // namespace lodestone::bench
