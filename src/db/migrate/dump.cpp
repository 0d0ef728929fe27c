// The schema as SQL: SQLite keeps the text itself, PostgreSQL writes it from its catalogue. Tables that a
// virtual one keeps for itself come with it.
#include "db/migrate/drift.hpp"

namespace lodestone::db {

namespace {

constexpr const char* sqlite_texts =
    "SELECT s.sql || ';' FROM sqlite_schema s "
    "LEFT JOIN pragma_table_list t ON t.name = s.name AND t.schema = 'main' "
    "WHERE s.sql IS NOT NULL AND s.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND coalesce(t.type, '') <> "
    "'shadow' "
    "ORDER BY CASE s.type WHEN 'table' THEN 1 WHEN 'index' THEN 2 WHEN 'view' THEN 3 ELSE 4 END, s.tbl_name, "
    "s.name";

// References come last, so that tables can be made in any order. Each text stands for one statement.
constexpr const char* postgres_texts = R"(
    WITH here AS (SELECT oid, nspname FROM pg_namespace WHERE oid = quote_ident(current_schema())::regnamespace),
    relations AS (SELECT c.oid, c.relname, c.relkind FROM pg_class c, here
                  WHERE c.relnamespace = here.oid AND NOT EXISTS
                        (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')),
    texts (rank, name, text) AS (
        SELECT 1, t.typname, format('CREATE TYPE %I AS ENUM (%s)', t.typname,
               (SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder)
                FROM pg_enum e WHERE e.enumtypid = t.oid))
        FROM pg_type t, here WHERE t.typnamespace = here.oid AND t.typtype = 'e'
        UNION ALL
        SELECT 2, p.proname, rtrim(pg_get_functiondef(p.oid), E'\n') FROM pg_proc p, here
        WHERE p.pronamespace = here.oid AND p.prokind IN ('f', 'p')
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
        UNION ALL
        SELECT 3, r.relname, format(E'CREATE TABLE %I (\n    %s\n)', r.relname,
               (SELECT string_agg(line, E',\n    ' ORDER BY place) FROM (
                    SELECT a.attnum::int AS place, format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod))
                           || coalesce(' COLLATE ' || quote_ident(nullif(l.collname, 'default')), '')
                           || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END
                           || coalesce(' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), '') AS line
                    FROM pg_attribute a LEFT JOIN pg_collation l ON l.oid = a.attcollation
                    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
                    WHERE a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
                    UNION ALL
                    SELECT 2000 + row_number() OVER (ORDER BY o.contype DESC, o.conname)::int,
                           format('CONSTRAINT %I %s', o.conname, pg_get_constraintdef(o.oid))
                    FROM pg_constraint o WHERE o.conrelid = r.oid AND o.contype IN ('p', 'u', 'c', 'x')
               ) AS lines))
        FROM relations r WHERE r.relkind IN ('r', 'p')
        UNION ALL
        SELECT 4, r.relname || '.' || c.relname,
               replace(pg_get_indexdef(i.indexrelid), format(' ON %I.', here.nspname), ' ON ')
        FROM pg_index i JOIN relations r ON r.oid = i.indrelid JOIN pg_class c ON c.oid = i.indexrelid, here
        WHERE NOT EXISTS (SELECT FROM pg_constraint o WHERE o.conindid = i.indexrelid AND o.contype IN ('p', 'u', 'x'))
        UNION ALL
        SELECT 5, r.relname || '.' || o.conname,
               format('ALTER TABLE %I ADD CONSTRAINT %I %s', r.relname, o.conname, pg_get_constraintdef(o.oid))
        FROM pg_constraint o JOIN relations r ON r.oid = o.conrelid WHERE o.contype = 'f'
        UNION ALL
        SELECT 6, r.relname, format(E'CREATE VIEW %I AS\n%s', r.relname, rtrim(pg_get_viewdef(r.oid), ';'))
        FROM relations r WHERE r.relkind = 'v'
        UNION ALL
        SELECT 7, t.tgname, pg_get_triggerdef(t.oid, true)
        FROM pg_trigger t JOIN relations r ON r.oid = t.tgrelid WHERE NOT t.tgisinternal)
    SELECT text || ';' FROM texts ORDER BY rank, name COLLATE "C")";

}  // namespace

std::string dump_schema(AdminConnection& admin) {
    std::string dump;
    const bool is_sqlite = admin.engine() == EngineKind::sqlite;
    for (const TextRow& row : admin.list_rows(is_sqlite ? sqlite_texts : postgres_texts))
        dump += (dump.empty() ? "" : "\n") + row.at(0).value() + "\n";
    return dump;
}

}  // namespace lodestone::db
