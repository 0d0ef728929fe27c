// PostgreSQL's catalogue: pg_class and its relations, restricted to the schema that unqualified names mean.
#include <algorithm>
#include <sstream>

#include "db/migrate/catalogue.hpp"
#include "db/migrate/sql_lexer.hpp"

namespace lodestone::db {

namespace {

constexpr const char* table_names =
    "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = "
    "quote_ident(current_schema())::regnamespace "
    "AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = pg_class.oid AND d.deptype = 'e') "
    "ORDER BY relname COLLATE \"C\"";

constexpr const char* columns_of_table = R"(
    SELECT a.attname, t.typname, format_type(a.atttypid, a.atttypmod)
           || coalesce(' collate ' || nullif(l.collname, 'default'), '')
           || CASE a.attidentity WHEN '' THEN '' ELSE ' identity' END
           || CASE a.attgenerated WHEN '' THEN '' ELSE ' generated' END,
           NOT a.attnotnull, pg_get_expr(d.adbin, d.adrelid)
    FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_collation l ON l.oid = a.attcollation
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attrelid = (quote_ident($1))::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum)";

// Columns by line: a name may hold anything else.
constexpr const char* indexes_of_table = R"(
    SELECT c.relname, i.indisunique, i.indisprimary, i.indisvalid, pg_get_expr(i.indpred, i.indrelid),
           EXISTS (SELECT FROM pg_constraint o WHERE o.conindid = i.indexrelid AND o.contype IN ('u', 'x')),
           (SELECT string_agg(pg_get_indexdef(i.indexrelid, k::int, true)
                              || CASE WHEN i.indoption[k - 1] & 1 = 1 THEN ' desc' ELSE '' END, E'\n' ORDER BY k)
            FROM generate_series(1, i.indnkeyatts) k), pg_get_indexdef(i.indexrelid, 0, true)
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    WHERE i.indrelid = (quote_ident($1))::regclass ORDER BY c.relname COLLATE "C")";

constexpr const char* references_of_table = R"(
    SELECT (SELECT string_agg(a.attname, E'\n' ORDER BY k.place) FROM unnest(o.conkey) WITH ORDINALITY k (number, place)
            JOIN pg_attribute a ON a.attrelid = o.conrelid AND a.attnum = k.number),
           f.relname,
           (SELECT string_agg(a.attname, E'\n' ORDER BY k.place) FROM unnest(o.confkey) WITH ORDINALITY k (number, place)
            JOIN pg_attribute a ON a.attrelid = o.confrelid AND a.attnum = k.number),
           CASE o.confdeltype WHEN 'c' THEN 'cascade' WHEN 'n' THEN 'set null' WHEN 'd' THEN 'set default'
                              WHEN 'r' THEN 'restrict' ELSE 'no action' END
    FROM pg_constraint o JOIN pg_class f ON f.oid = o.confrelid
    WHERE o.conrelid = (quote_ident($1))::regclass AND o.contype = 'f' ORDER BY o.conname COLLATE "C")";

// Pretty texts name what is on the search path without its schema, which the scratch of `drift` is not.
constexpr const char* rules_of_table = R"(
    WITH here AS (SELECT * FROM pg_class WHERE oid = (quote_ident($1))::regclass)
    SELECT 'constraint ' || conname || ' ' || pg_get_constraintdef(o.oid, true) FROM pg_constraint o, here
    WHERE conrelid = here.oid AND contype IN ('c', 'f', 'p', 'u', 'x')
    UNION ALL
    SELECT 'unlogged' FROM here WHERE relpersistence = 'u'
    UNION ALL
    SELECT 'options ' || array_to_string(reloptions, ', ') FROM here WHERE reloptions IS NOT NULL
    UNION ALL
    SELECT 'partitioned by ' || pg_get_partkeydef(oid) FROM here WHERE relkind = 'p'
    UNION ALL
    SELECT 'partition ' || pg_get_expr(relpartbound, oid) FROM here WHERE relispartition
    UNION ALL
    SELECT 'child of ' || inhparent::regclass::text FROM pg_inherits, here WHERE inhrelid = here.oid
    UNION ALL
    SELECT 'row security' || CASE WHEN relforcerowsecurity THEN ', forced' ELSE '' END FROM here
    WHERE relrowsecurity OR relforcerowsecurity
    UNION ALL
    SELECT concat_ws(' ', CASE WHEN polpermissive THEN 'permissive' ELSE 'restrictive' END, 'policy', polname, 'for',
                     polcmd, 'to', (SELECT string_agg(CASE r WHEN 0 THEN 'public' ELSE r::regrole::text END, ', ' ORDER BY r)
                                    FROM unnest(polroles) r),
                     'using ' || pg_get_expr(polqual, polrelid), 'check ' || pg_get_expr(polwithcheck, polrelid))
    FROM pg_policy, here WHERE polrelid = here.oid
    UNION ALL
    SELECT pg_get_ruledef(w.oid, true) || ' enabled ' || ev_enabled::text FROM pg_rewrite w, here WHERE ev_class = here.oid
    ORDER BY 1)";

constexpr const char* all_objects = R"(
    SELECT CASE relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' ELSE 'sequence' END, relname::text,
           CASE WHEN relkind IN ('v', 'm') THEN coalesce(array_to_string(reloptions, ', ') || ' ', '') || pg_get_viewdef(oid)
           ELSE (SELECT concat_ws(' ', seqtypid::regtype, 'from', seqmin, 'to', seqmax, 'start', seqstart, 'by',
                                  seqincrement, 'cache', seqcache, CASE WHEN seqcycle THEN 'cycle' END)
                 FROM pg_sequence WHERE seqrelid = pg_class.oid) END
    FROM pg_class WHERE relkind IN ('v', 'm', 'S') AND relnamespace = quote_ident(current_schema())::regnamespace
    UNION ALL
    SELECT 'function', proname || '(' || pg_get_function_identity_arguments(oid) || ')',
           CASE WHEN prokind = 'a' THEN coalesce(pg_get_function_result(oid), '') || ' ' || prosrc
           ELSE replace(pg_get_functiondef(oid), ' ' || quote_ident(current_schema()) || '.' || quote_ident(proname) || '(',
                        ' ' || quote_ident(proname) || '(') END
    FROM pg_proc WHERE pronamespace = quote_ident(current_schema())::regnamespace
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = pg_proc.oid AND d.deptype = 'e')
    UNION ALL
    SELECT 'trigger', tgname || ' on ' || tgrelid::regclass, pg_get_triggerdef(pg_trigger.oid, true) ||
           CASE tgenabled WHEN 'O' THEN '' WHEN 'D' THEN ' disabled' ELSE ' enabled ' || tgenabled::text END
    FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid
    WHERE NOT tgisinternal AND c.relnamespace = quote_ident(current_schema())::regnamespace
    UNION ALL
    SELECT 'type', typname::text, (SELECT string_agg(enumlabel, ', ' ORDER BY enumsortorder) FROM pg_enum
                                   WHERE enumtypid = pg_type.oid)
    FROM pg_type WHERE typtype = 'e' AND typnamespace = quote_ident(current_schema())::regnamespace
    ORDER BY 1, 2)";

std::string text_of(const std::optional<std::string>& cell) {
    return cell.value_or("");
}

std::vector<std::string> lines_of(const std::optional<std::string>& cell) {
    std::vector<std::string> lines;
    std::istringstream text(text_of(cell));
    for (std::string line; std::getline(text, line);) lines.push_back(line);
    return lines;
}

std::optional<Kind> kind_of(const std::string& type) {
    if (type == "text" || type == "varchar") return Kind::text;
    if (type == "int8") return Kind::integer;
    if (type == "bool") return Kind::boolean;
    if (type == "float8") return Kind::real;
    if (type == "bytea") return Kind::bytes;
    return std::nullopt;
}

// PostgreSQL writes parentheses and casts where nobody did: `(deleted_at IS NULL)`, `'x'::text`.
std::string plain(const std::optional<std::string>& expression) {
    const std::string text = text_of(expression);
    SqlLexer lexer(text, EngineKind::postgres);
    std::string kept;
    Token before;
    for (Token token = lexer.next(); token.kind != TokenKind::end; token = lexer.next()) {
        const bool is_cast = token.is_sign(':') || (before.is_sign(':') && token.kind == TokenKind::word);
        if (!is_cast && !token.is_sign('(') && !token.is_sign(')')) kept += std::string(token.text) + " ";
        before = token;
    }
    return flatten_sql(kept, EngineKind::postgres);
}

CatalogueTable read_table(AdminConnection& admin, const std::string& name) {
    const std::string parameters[] = {name};
    CatalogueTable table{.name = name};
    for (const TextRow& row : admin.list_rows(columns_of_table, parameters))
        table.columns.push_back(
            {text_of(row[0]), kind_of(text_of(row[1])), text_of(row[2]), row[3] == "1", text_of(row[4])});
    for (const TextRow& row : admin.list_rows(indexes_of_table, parameters)) {
        if (row[2] == "1")
            table.primary_key = lines_of(row[6]);
        else
            table.indexes.push_back({.name = text_of(row[0]),
                                     .is_unique = row[1] == "1",
                                     .is_constraint = row[5] == "1",
                                     .is_valid = row[3] == "1",
                                     .columns = lines_of(row[6]),
                                     .where = plain(row[4]),
                                     .definition = text_of(row[7])});
    }
    for (const TextRow& row : admin.list_rows(references_of_table, parameters))
        table.references.push_back({lines_of(row[0]), text_of(row[1]), lines_of(row[2]), text_of(row[3])});
    for (const TextRow& row : admin.list_rows(rules_of_table, parameters))
        table.rules.push_back(text_of(row[0]));
    return table;
}

}  // namespace

Catalogue read_postgres_catalogue(AdminConnection& admin) {
    Catalogue catalogue;
    for (const TextRow& row : admin.list_rows(table_names))
        catalogue.tables.push_back(read_table(admin, text_of(row[0])));
    for (const TextRow& row : admin.list_rows(all_objects))
        catalogue.objects.push_back({text_of(row[0]), text_of(row[1]), text_of(row[2])});
    return catalogue;
}

}  // namespace lodestone::db
