// A transaction of an administrator's connection: left without a trace unless it is committed.
#pragma once

#include "db/admin_connection.hpp"

namespace lodestone::db {

class AdminTransaction {
  public:
    // On SQLite it takes the write lock at once, and waits for it.
    explicit AdminTransaction(AdminConnection& admin) : admin_(admin) {
        admin.run(admin.engine() == EngineKind::sqlite ? "BEGIN IMMEDIATE" : "BEGIN");
    }
    ~AdminTransaction() { admin_.roll_back(); }
    AdminTransaction(const AdminTransaction&) = delete;
    AdminTransaction& operator=(const AdminTransaction&) = delete;

    void commit() { admin_.run("COMMIT"); }

  private:
    AdminConnection& admin_;
};

}  // namespace lodestone::db
