// Numbering and purging, each one transaction that begins with the turn: the row of audit_head.
#include "ledger/chain.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "db/bulk.hpp"
#include "ledger/canonical.hpp"

namespace lodestone::ledger {

using db::Tx;

namespace {

const db::Query<ChainHead> find_head{
    "audit.find_head",
    "SELECT sequence, head, purged_sequence, purged_head FROM audit_head WHERE log = 'audit'"};

// On PostgreSQL whoever comes second waits here, and is then repeated from its start.
const db::Query<ChainHead> take_turn{
    "audit.take_turn",
    {"SELECT sequence, head, purged_sequence, purged_head FROM audit_head WHERE log = 'audit' FOR UPDATE",
     "SELECT sequence, head, purged_sequence, purged_head FROM audit_head WHERE log = 'audit'"}};

const db::Command<std::string> insert_head{
    "audit.insert_head",
    "INSERT INTO audit_head (log, sequence, head, purged_sequence, purged_head) "
    "VALUES ('audit', 0, $1, 0, $1) ON CONFLICT DO NOTHING"};

const db::Command<std::int64_t, std::string, std::int64_t, std::string> update_head{
    "audit.update_head",
    "UPDATE audit_head SET sequence = $1, head = $2, purged_sequence = $3, purged_head = $4 "
    "WHERE log = 'audit'"};

struct Pending {
    AuditId id;
    Time at{};
    std::string leaf;
};
BOOST_DESCRIBE_STRUCT(Pending, (), (id, at, leaf))

const db::Query<Pending, std::int64_t> take_pending{
    "audit.take_pending",
    "DELETE FROM audit_pending WHERE id IN (SELECT id FROM audit_pending ORDER BY id LIMIT $1) "
    "RETURNING id, at, leaf"};

const db::Query<std::int64_t, std::int64_t> count{
    "audit.count_pending", "SELECT count(*) FROM (SELECT 1 FROM audit_pending LIMIT $1) AS waiting"};

const db::BulkCommand<ChainLink> insert_links{
    "audit.insert_links",
    {"INSERT INTO audit_chain (sequence, entry_id, at, leaf, head) "
     "SELECT sequence, entry_id, at, leaf, head "
     "FROM json_to_recordset($1::json) AS link(sequence bigint, entry_id text, at bigint, leaf text, "
     "                                         head text)",
     "INSERT INTO audit_chain (sequence, entry_id, at, leaf, head) "
     "SELECT value->>'sequence', value->>'entry_id', value->>'at', value->>'leaf', value->>'head' "
     "FROM json_each($1)"}};

const db::Query<ChainLink, std::int64_t, std::int64_t> list_links{
    "audit.list_links",
    "SELECT sequence, entry_id, at, leaf, head FROM audit_chain WHERE sequence > $1 "
    "ORDER BY sequence LIMIT $2"};

const db::Command<std::int64_t> delete_entries{
    "audit.purge_entries",
    "DELETE FROM audit WHERE id IN (SELECT entry_id FROM audit_chain WHERE sequence <= $1)"};

const db::Command<std::int64_t> delete_links{"audit.purge_links",
                                             "DELETE FROM audit_chain WHERE sequence <= $1"};

ChainHead need_turn(Tx& tx) {
    if (auto head = tx.maybe(take_turn)) return *std::move(head);
    tx.run(insert_head, std::string(empty_head));
    return tx.one(take_turn);
}

void write_head(Tx& tx, const ChainHead& head) {
    tx.run(update_head, head.sequence, head.head, head.purged_sequence, head.purged_head);
}

}  // namespace

ChainHead read_chain_head(Tx& tx) {
    return tx.maybe(find_head).value_or(ChainHead{.sequence = 0,
                                                  .head = std::string(empty_head),
                                                  .purged_sequence = 0,
                                                  .purged_head = std::string(empty_head)});
}

std::int64_t count_pending(Tx& tx) {
    return tx.one(count, limits::audit_batch);
}

std::int64_t sequence_entries(Tx& tx) {
    ChainHead head = need_turn(tx);
    std::vector<Pending> pending = tx.all(take_pending, limits::audit_batch);
    if (pending.empty()) return 0;
    std::ranges::sort(pending, {}, &Pending::id);
    std::vector<ChainLink> links;
    for (Pending& entry : pending) {
        head.head = chain_head(head.head, entry.leaf);
        links.push_back({.sequence = ++head.sequence,
                         .entry_id = std::move(entry.id),
                         .at = entry.at,
                         .leaf = std::move(entry.leaf),
                         .head = head.head});
    }
    db::run_bulk<ChainLink>(tx, insert_links, links);
    write_head(tx, head);
    return static_cast<std::int64_t>(links.size());
}

std::int64_t purge_audit(Tx& tx, Time deadline) {
    ChainHead head = need_turn(tx);
    const auto links = tx.all(list_links, head.purged_sequence, limits::purge_rows);
    const auto first_kept =
        std::ranges::find_if(links, [&](const ChainLink& link) { return link.at >= deadline; });
    if (first_kept == links.begin()) return 0;
    const ChainLink& last = *std::prev(first_kept);
    const std::int64_t removed = last.sequence - head.purged_sequence;
    tx.run(delete_entries, last.sequence);
    tx.run(delete_links, last.sequence);
    head.purged_sequence = last.sequence;
    head.purged_head = last.head;
    write_head(tx, head);
    tx.record({.action = "audit.purge",
               .tenant = "",
               .subject = "audit",
               .details = "{\"removed\":" + std::to_string(removed) + ",\"through_sequence\":" +
                          std::to_string(last.sequence) + ",\"head\":\"" + last.head + "\"}"});
    return removed;
}

}  // namespace lodestone::ledger
