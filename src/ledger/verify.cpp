// The walk along the chain, then along the entries, a page at a time.
#include "ledger/verify.hpp"

#include <fmt/format.h>

#include "base/limits.hpp"
#include "base/time_text.hpp"
#include "ledger/canonical.hpp"

namespace lodestone::ledger {

using db::Tx;

namespace {

// A number with what it was given to, if that is still there.
struct LinkedEntry {
    std::int64_t sequence = 0;
    AuditId entry_id;
    Time link_at{};
    std::string leaf;
    std::string head;
    std::optional<AuditId> id;  // nothing: the entry is gone
    std::optional<Time> at;
    std::optional<TenantId> tenant_id;
    std::optional<std::string> actor;
    std::optional<TenantId> actor_tenant_id;
    std::optional<db::Source> source;
    std::optional<std::string> address;
    std::optional<std::string> agent;
    std::optional<std::string> key_id;
    std::optional<std::string> session_id;
    std::optional<std::string> request_id;
    std::optional<std::string> action;
    std::optional<std::string> subject;
    std::optional<db::ActionResult> result;
    std::optional<std::string> details;
};
BOOST_DESCRIBE_STRUCT(LinkedEntry, (),
                      (sequence, entry_id, link_at, leaf, head, id, at, tenant_id, actor, actor_tenant_id,
                       source, address, agent, key_id, session_id, request_id, action, subject, result,
                       details))

const db::Query<LinkedEntry, std::int64_t, std::int64_t, std::int64_t> list_linked{
    "audit.list_linked",
    "SELECT audit_chain.sequence, audit_chain.entry_id, audit_chain.at AS link_at, audit_chain.leaf, "
    "       audit_chain.head, audit.id, audit.at, tenant_id, actor, actor_tenant_id, source, address, agent, "
    "       key_id, session_id, request_id, action, subject, result, details "
    "FROM audit_chain LEFT JOIN audit ON audit.id = audit_chain.entry_id "
    "WHERE sequence > $1 AND sequence <= $2 ORDER BY sequence LIMIT $3"};

const db::Query<std::optional<std::int64_t>> find_last_number{"audit.find_last_number",
                                                              "SELECT max(sequence) FROM audit_chain"};

// An entry, and whether it is numbered or on its way to it.
struct EntryState {
    AuditId id;
    std::string action;
    std::optional<std::int64_t> sequence;
    std::optional<AuditId> pending_id;
};
BOOST_DESCRIBE_STRUCT(EntryState, (), (id, action, sequence, pending_id))

const db::Query<EntryState, std::string, std::int64_t> list_states{
    "audit.list_states",
    "SELECT audit.id, audit.action, audit_chain.sequence, audit_pending.id AS pending_id "
    "FROM audit LEFT JOIN audit_chain ON audit_chain.entry_id = audit.id "
    "           LEFT JOIN audit_pending ON audit_pending.id = audit.id "
    "WHERE audit.id > $1 ORDER BY audit.id LIMIT $2"};

AuditEntry entry_of(const LinkedEntry& linked) {
    return {.id = *linked.id,
            .at = linked.at.value_or(Time{}),
            .tenant_id = linked.tenant_id,
            .actor = linked.actor.value_or(""),
            .actor_tenant_id = linked.actor_tenant_id,
            .source = linked.source.value_or(db::Source::system),
            .address = linked.address.value_or(""),
            .agent = linked.agent.value_or(""),
            .key_id = linked.key_id,
            .session_id = linked.session_id,
            .request_id = linked.request_id.value_or(""),
            .action = linked.action.value_or(""),
            .subject = linked.subject.value_or(""),
            .result = linked.result.value_or(db::ActionResult::ok),
            .details = linked.details.value_or("")};
}

void add_fault(AuditCheck& check, AuditFault fault) {
    if (++check.fault_count <= static_cast<std::int64_t>(limits::audit_faults))
        check.faults.push_back(std::move(fault));
}

void report_gap(AuditCheck& check, std::int64_t first, std::int64_t last) {
    add_fault(check,
              {.kind = AuditFaultKind::removed,
               .sequence = first,
               .entry = "",
               .sentence = first == last ? fmt::format("Entry {} was removed, with its number.", first)
                                         : fmt::format("Entries {} to {} were removed, with their numbers.",
                                                       first, last)});
}

void check_entry(AuditCheck& check, const LinkedEntry& linked) {
    const std::string& id = linked.entry_id.text();
    if (!linked.id) {
        add_fault(check, {.kind = AuditFaultKind::removed,
                          .sequence = linked.sequence,
                          .entry = id,
                          .sentence = fmt::format("Entry {} ({}) of {} was removed.", linked.sequence, id,
                                                  render_rfc3339(linked.link_at))});
    } else if (leaf_hash(entry_of(linked)) != linked.leaf) {
        add_fault(check,
                  {.kind = AuditFaultKind::changed,
                   .sequence = linked.sequence,
                   .entry = id,
                   .sentence = fmt::format("Entry {} ({}, now \"{}\") was changed after it was written.",
                                           linked.sequence, id, linked.action.value_or(""))});
    }
}

void check_link(AuditCheck& check, const LinkedEntry& linked) {
    if (linked.sequence != check.last.sequence + 1)
        report_gap(check, check.last.sequence + 1, linked.sequence - 1);
    else if (chain_head(check.last.head, linked.leaf) != linked.head)
        add_fault(check, {.kind = AuditFaultKind::broken,
                          .sequence = linked.sequence,
                          .entry = linked.entry_id.text(),
                          .sentence = fmt::format("The chain does not fit at entry {}: its hash, or that of "
                                                  "the one before it, was changed.",
                                                  linked.sequence)});
    if (check.expected && check.expected->sequence == linked.sequence && check.expected->head != linked.head)
        add_fault(check, {.kind = AuditFaultKind::broken,
                          .sequence = linked.sequence,
                          .entry = linked.entry_id.text(),
                          .sentence = fmt::format("The chain up to entry {} is another than the one whose "
                                                  "head was kept.",
                                                  linked.sequence)});
}

void end_chain(AuditCheck& check) {
    if (check.last.sequence < check.end.sequence) {
        report_gap(check, check.last.sequence + 1, check.end.sequence);
    } else if (check.last.head != check.end.head) {
        add_fault(check, {.kind = AuditFaultKind::broken,
                          .sequence = check.end.sequence,
                          .entry = "",
                          .sentence = "The chain's last hash is not the one that its head remembers."});
    }
    if (check.expected && check.expected->sequence > check.end.sequence)
        report_gap(check, check.end.sequence + 1, check.expected->sequence);
    check.stage = AuditCheck::Stage::entries;
}

// What was removed after its time while we walked is no gap: the walk goes on behind it.
void skip_purged(Tx& tx, AuditCheck& check) {
    const ChainHead now = read_chain_head(tx);
    if (now.purged_sequence <= check.last.sequence) return;
    check.last.sequence = now.purged_sequence;
    check.last.head = now.purged_head;
}

AuditCheck walk_chain(Tx& tx, AuditCheck check) {
    skip_purged(tx, check);
    const auto page = tx.all(list_linked, check.last.sequence, check.end.sequence, limits::audit_batch);
    for (const LinkedEntry& linked : page) {
        check_link(check, linked);
        check_entry(check, linked);
        check.last.sequence = linked.sequence;
        check.last.head = linked.head;
        ++check.checked;
    }
    if (static_cast<std::int64_t>(page.size()) < limits::audit_batch) end_chain(check);
    return check;
}

AuditCheck walk_entries(Tx& tx, AuditCheck check) {
    const auto page = tx.all(list_states, check.last_entry.text(), limits::audit_batch);
    for (const EntryState& state : page) {
        check.last_entry = state.id;
        if (state.pending_id) ++check.pending;
        if (state.sequence || state.pending_id) continue;
        add_fault(check, {.kind = AuditFaultKind::inserted,
                          .sequence = 0,
                          .entry = state.id.text(),
                          .sentence = fmt::format("Entry {} (\"{}\") was inserted: no unit of work wrote it.",
                                                  state.id.text(), state.action)});
    }
    check.is_done = static_cast<std::int64_t>(page.size()) < limits::audit_batch;
    return check;
}

}  // namespace

AuditCheck begin_audit_check(Tx& tx, std::optional<KnownHead> expected) {
    AuditCheck check;
    check.end = read_chain_head(tx);
    check.last.sequence = check.end.purged_sequence;
    check.last.head = check.end.purged_head;
    check.expected = std::move(expected);
    // Numbers and head are written in one transaction, and read in one here.
    const std::int64_t last = tx.one(find_last_number).value_or(0);
    if (last > check.end.sequence)
        add_fault(check,
                  {.kind = AuditFaultKind::broken,
                   .sequence = last,
                   .entry = "",
                   .sentence = fmt::format("The chain goes on to entry {}, but its head says {}: the head "
                                           "was set back, or removed.",
                                           last, check.end.sequence)});
    return check;
}

AuditCheck continue_audit_check(Tx& tx, AuditCheck check) {
    return check.stage == AuditCheck::Stage::chain ? walk_chain(tx, std::move(check))
                                                   : walk_entries(tx, std::move(check));
}

}  // namespace lodestone::ledger
