// What a case of the database's benchmark stands in: a Context as the server has it, the database that an
// address names, and the loops that its clients wait on.
#pragma once

#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/context.hpp"
#include "base/health.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "base/random.hpp"
#include "db/admin_connection.hpp"
#include "db/database.hpp"
#include "http/wire/loop.hpp"

namespace lodestone::bench {

// pgbench's own table and its number of rows at scale 1, so that both can ask for the same.
inline constexpr std::int64_t account_count = 100'000;

class World {
  public:
    // A PostgreSQL URL or the path of a SQLite file; `readers` is for the latter.
    explicit World(std::string address, std::size_t readers = 2);
    ~World();

    bool is_postgres() const;
    db::Database& database();  // opened when first asked for
    http::Loops& loops() { return loops_; }
    std::unique_ptr<db::AdminConnection> open_admin() const;

  private:
    std::string address_;
    std::size_t readers_;
    SystemClock clock_;
    SystemRandom random_;
    Metrics metrics_;
    Health health_;
    Log log_{LogOptions{.level = LogLevel::warn, .file = {}}, clock_};
    Context context_{clock_, random_, log_, metrics_, health_};
    http::Loops loops_{2, metrics_};
    std::unique_ptr<db::Database> database_;
};

}  // namespace lodestone::bench
