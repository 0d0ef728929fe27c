// Advisories in the database: many rows with one statement, both ways.
#include "packages/advisory.hpp"

#include "base/advisory_limits.hpp"
#include "base/problem.hpp"
#include "db/bulk.hpp"
#include "packages/text_list.hpp"

namespace lodestone::packages {

using db::Tx;

namespace {

const db::Query<KnownAdvisory, std::string> list_known{
    "advisory.list_known",
    db::Sql("SELECT id, modified_at FROM advisories "
            "WHERE id IN (SELECT jsonb_array_elements_text($1::jsonb))",
            "SELECT id, modified_at FROM advisories WHERE id IN (SELECT value FROM json_each($1))")};

const db::Command<std::string> remove_packages{
    "advisory.remove_packages",
    db::Sql("DELETE FROM advisory_packages "
            "WHERE advisory_id IN (SELECT jsonb_array_elements_text($1::jsonb))",
            "DELETE FROM advisory_packages WHERE advisory_id IN (SELECT value FROM json_each($1))")};

const db::BulkCommand<Advisory> put_all{
    "advisory.put_all",
    {"INSERT INTO advisories (id, modified_at, published_at, withdrawn_at, aliases, summary, details, "
     "                        severity, cvss_vector, cwes, url, imported_at) "
     "SELECT id, modified_at, published_at, withdrawn_at, aliases, summary, details, severity, "
     "       cvss_vector, cwes, url, imported_at "
     "FROM jsonb_to_recordset($1::jsonb) AS r(id text, modified_at bigint, published_at bigint, "
     "     withdrawn_at bigint, aliases text, summary text, details text, severity text, "
     "     cvss_vector text, cwes text, url text, imported_at bigint) "
     "ON CONFLICT (id) DO UPDATE SET modified_at = excluded.modified_at, "
     "    published_at = excluded.published_at, withdrawn_at = excluded.withdrawn_at, "
     "    aliases = excluded.aliases, summary = excluded.summary, details = excluded.details, "
     "    severity = excluded.severity, cvss_vector = excluded.cvss_vector, cwes = excluded.cwes, "
     "    url = excluded.url, imported_at = excluded.imported_at",
     "INSERT INTO advisories (id, modified_at, published_at, withdrawn_at, aliases, summary, details, "
     "                        severity, cvss_vector, cwes, url, imported_at) "
     "SELECT value->>'id', value->>'modified_at', value->>'published_at', value->>'withdrawn_at', "
     "       value->>'aliases', value->>'summary', value->>'details', value->>'severity', "
     "       value->>'cvss_vector', value->>'cwes', value->>'url', value->>'imported_at' "
     "FROM json_each($1) WHERE true "
     "ON CONFLICT (id) DO UPDATE SET modified_at = excluded.modified_at, "
     "    published_at = excluded.published_at, withdrawn_at = excluded.withdrawn_at, "
     "    aliases = excluded.aliases, summary = excluded.summary, details = excluded.details, "
     "    severity = excluded.severity, cvss_vector = excluded.cvss_vector, cwes = excluded.cwes, "
     "    url = excluded.url, imported_at = excluded.imported_at"}};

const db::BulkCommand<AdvisedPackage> insert_packages{
    "advisory.insert_packages",
    {"INSERT INTO advisory_packages (ecosystem, name_key, advisory_id, affected) "
     "SELECT ecosystem, name_key, advisory_id, affected "
     "FROM jsonb_to_recordset($1::jsonb) AS r(ecosystem text, name_key text, advisory_id text, "
     "                                        affected text)",
     "INSERT INTO advisory_packages (ecosystem, name_key, advisory_id, affected) "
     "SELECT value->>'ecosystem', value->>'name_key', value->>'advisory_id', value->>'affected' "
     "FROM json_each($1)"}};

const db::Query<FoundAdvisory, std::string, std::string, std::int64_t> list_brief{
    "advisory.list_brief",
    db::Sql("SELECT p.name_key, a.id, a.modified_at, a.published_at, a.aliases, a.summary, '' AS details, "
            "       a.severity, a.cvss_vector, a.cwes, a.url, p.affected "
            "FROM jsonb_array_elements_text($2::jsonb) AS asked(name_key) "
            "JOIN advisory_packages AS p ON p.ecosystem = $1 AND p.name_key = asked.name_key "
            "JOIN advisories AS a ON a.id = p.advisory_id "
            "ORDER BY p.name_key, a.id LIMIT $3",
            "SELECT p.name_key, a.id, a.modified_at, a.published_at, a.aliases, a.summary, '' AS details, "
            "       a.severity, a.cvss_vector, a.cwes, a.url, p.affected "
            "FROM json_each($2) AS asked CROSS JOIN advisory_packages AS p CROSS JOIN advisories AS a "
            "WHERE p.ecosystem = $1 AND p.name_key = asked.value AND a.id = p.advisory_id "
            "ORDER BY p.name_key, a.id LIMIT $3")};

const db::Query<FoundAdvisory, std::string, std::string, std::int64_t> list_whole{
    "advisory.list_whole",
    db::Sql("SELECT p.name_key, a.id, a.modified_at, a.published_at, a.aliases, a.summary, a.details, "
            "       a.severity, a.cvss_vector, a.cwes, a.url, p.affected "
            "FROM jsonb_array_elements_text($2::jsonb) AS asked(name_key) "
            "JOIN advisory_packages AS p ON p.ecosystem = $1 AND p.name_key = asked.name_key "
            "JOIN advisories AS a ON a.id = p.advisory_id "
            "ORDER BY p.name_key, a.id LIMIT $3",
            "SELECT p.name_key, a.id, a.modified_at, a.published_at, a.aliases, a.summary, a.details, "
            "       a.severity, a.cvss_vector, a.cwes, a.url, p.affected "
            "FROM json_each($2) AS asked CROSS JOIN advisory_packages AS p CROSS JOIN advisories AS a "
            "WHERE p.ecosystem = $1 AND p.name_key = asked.value AND a.id = p.advisory_id "
            "ORDER BY p.name_key, a.id LIMIT $3")};

const db::Query<AdvisedEcosystem> count_all{
    "advisory.count_all",
    "SELECT ecosystem, count(DISTINCT advisory_id) AS advisories, count(DISTINCT name_key) AS packages "
    "FROM advisory_packages GROUP BY ecosystem ORDER BY ecosystem"};

const db::Command<std::string, Time, std::string, std::int64_t, std::int64_t, std::int64_t, std::int64_t,
                  std::int64_t, std::int64_t, std::int64_t>
    put_import{
        "advisory.put_import",
        "INSERT INTO advisory_imports (id, imported_at, imported_by, records, added, replaced, withdrawn, "
        "                              unchanged, passed_over, broken) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) "
        "ON CONFLICT (id) DO UPDATE SET imported_at = excluded.imported_at, "
        "    imported_by = excluded.imported_by, records = excluded.records, added = excluded.added, "
        "    replaced = excluded.replaced, withdrawn = excluded.withdrawn, "
        "    unchanged = excluded.unchanged, passed_over = excluded.passed_over, "
        "    broken = excluded.broken"};

const db::Command<std::int64_t> purge_imports{
    "advisory.purge_imports",
    "DELETE FROM advisory_imports WHERE id NOT IN (SELECT id FROM advisory_imports "
    "                                              ORDER BY imported_at DESC, id DESC LIMIT $1)"};

const db::Query<AdvisoryImport, std::int64_t> list_imports{
    "advisory.list_imports",
    "SELECT id, imported_at, imported_by, records, added, replaced, withdrawn, unchanged, passed_over, "
    "       broken "
    "FROM advisory_imports ORDER BY imported_at DESC, id DESC LIMIT $1"};

}  // namespace

std::vector<KnownAdvisory> list_known_advisories(Tx& tx, std::span<const std::string> ids) {
    return tx.all(list_known, render_text_list(ids));
}

void put_advisories(Tx& tx, std::span<const Advisory> advisories, std::span<const AdvisedPackage> packages) {
    std::vector<std::string> ids;
    for (const Advisory& advisory : advisories) ids.push_back(advisory.id);
    tx.send(remove_packages, render_text_list(ids));
    db::send_bulk(tx, put_all, advisories);
    db::send_bulk(tx, insert_packages, packages);
}

std::vector<FoundAdvisory> list_advisories_of(Tx& tx, std::string_view ecosystem,
                                              std::span<const std::string> name_keys, AdvisoryText text) {
    auto found = tx.all(text == AdvisoryText::brief ? list_brief : list_whole, std::string(ecosystem),
                        render_text_list(name_keys), limits::found_advisories + 1);
    if (static_cast<std::int64_t>(found.size()) > limits::found_advisories) refuse_many_advisories();
    return found;
}

void refuse_many_advisories() {
    throw Problem(problems::invalid_input, "There are more than " + std::to_string(limits::found_advisories) +
                                               " advisories about these: ask about fewer at once.");
}

std::vector<AdvisedEcosystem> count_advisories(Tx& tx) {
    return tx.all(count_all);
}

void put_advisory_import(Tx& tx, AdvisoryImport& import, ImportStep step) {
    import.imported_at = tx.now();
    import.imported_by = tx.unit().actor;
    tx.run(put_import, import.id, import.imported_at, import.imported_by, import.records, import.added,
           import.replaced, import.withdrawn, import.unchanged, import.passed_over, import.broken);
    if (step == ImportStep::going_on) return;
    tx.run(purge_imports, limits::kept_imports);
    tx.record({.action = "advisory.import",
               .tenant = {},
               .subject = import.id,
               .details = R"({"records":)" + std::to_string(import.records) + R"(,"added":)" +
                          std::to_string(import.added) + R"(,"replaced":)" + std::to_string(import.replaced) +
                          R"(,"withdrawn":)" + std::to_string(import.withdrawn) + R"(,"broken":)" +
                          std::to_string(import.broken) + R"(,"done":)" +
                          (step == ImportStep::done ? "true}" : "false}")});
}

std::vector<AdvisoryImport> list_advisory_imports(Tx& tx, std::int64_t limit) {
    return tx.all(list_imports, limit);
}

}  // namespace lodestone::packages
