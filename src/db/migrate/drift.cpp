// The scratch schema, and the comparison.
#include "db/migrate/drift.hpp"

#include <algorithm>

#include "base/problem.hpp"

namespace lodestone::db {

namespace {

// The files that the database has been through, and no others.
MigrationSet applied_part(const MigrationSet& set, const SchemaState& state) {
    MigrationSet part = set;
    std::erase_if(part.versions, [&](const Migration& one) { return one.version > state.version(); });
    std::erase_if(part.repeatables, [&](const Repeatable& one) {
        return std::ranges::find(state.due, one.name) != state.due.end();
    });
    return part;
}

// Nothing but itself is on the search path: a DROP VIEW IF EXISTS must not find the real one.
class ScratchSchema {
  public:
    explicit ScratchSchema(AdminConnection& admin)
        : admin_(admin),
          before_(admin.list_rows("SHOW search_path").at(0).at(0).value()),
          name_("lodestone_drift_" + admin.list_rows("SELECT pg_backend_pid()").at(0).at(0).value()) {
        admin_.run("CREATE SCHEMA " + name_);
        admin_.run("SET search_path TO " + name_);
    }
    ~ScratchSchema() {
        find_problem([this] {
            admin_.roll_back();
            admin_.run("SET search_path TO " + before_);
            admin_.run("DROP SCHEMA " + name_ + " CASCADE");
        });
    }
    ScratchSchema(const ScratchSchema&) = delete;
    ScratchSchema& operator=(const ScratchSchema&) = delete;

  private:
    AdminConnection& admin_;
    std::string before_;
    std::string name_;
};

std::vector<std::string> facts_of(AdminConnection& admin) {
    return list_facts(read_catalogue(admin), FactScope::one_engine);
}

std::vector<std::string> facts_after(AdminConnection& empty, const MigrationSet& set) {
    Migrator(empty, set).up();
    return facts_of(empty);
}

}  // namespace

CatalogueDifference find_drift(AdminConnection& admin, const MigrationSet& set) {
    const SchemaState state = read_schema_state(admin, set);
    refuse_unless_sound(state, set);
    const MigrationSet part = applied_part(set, state);
    const auto found = facts_of(admin);
    if (part.versions.empty()) return compare_facts({}, found);
    if (admin.engine() == EngineKind::sqlite)
        return compare_facts(facts_after(*open_sqlite_admin(":memory:"), part), found);
    const ScratchSchema scratch(admin);
    return compare_facts(facts_after(admin, part), found);
}

}  // namespace lodestone::db
