// Opening what an address names, and closing it while the loops still turn.
#include "world.hpp"

#include "db/open_database.hpp"

namespace lodestone::bench {

World::World(std::string address, std::size_t readers) : address_(std::move(address)), readers_(readers) {
    loops_.start();
}

World::~World() {
    if (database_) database_->engine().stop();
}

bool World::is_postgres() const {
    return address_.starts_with("postgresql://");
}

// The options that the server has unless it is told otherwise.
db::Database& World::database() {
    if (!database_)
        database_ = std::make_unique<db::Database>(
            is_postgres() ? db::open_postgres({.url = address_}, context_)
                          : db::open_sqlite({.path = address_, .readers = readers_}, context_));
    return *database_;
}

std::unique_ptr<db::AdminConnection> World::open_admin() const {
    return is_postgres() ? db::open_postgres_admin(address_, std::chrono::seconds(10))
                         : db::open_sqlite_admin(address_);
}

}  // namespace lodestone::bench
