// Counting refusals by their kind, within bounds.
#include "ledger/refusals.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/json_text.hpp"
#include "base/limits.hpp"
#include "base/time_text.hpp"
#include "base/utf8.hpp"
#include "ledger/audit.hpp"

namespace lodestone::ledger {

namespace {

bool has_failed(const Refusal& refusal) {
    return refusal.result == db::ActionResult::failed;
}

// What does not tell two refusals apart: the resource, the client's name, the request. All of these can be
// chosen anew each time.
std::string kind_of(const Refusal& refusal) {
    return fmt::format("{}\n{}\n{}\n{}\n{}\n{}", refusal.tenant ? refusal.tenant->text() : "", refusal.actor,
                       refusal.address, refusal.permission, refusal.status, has_failed(refusal));
}

// Of what found no place of its own.
std::string other_kinds(const Refusal& refusal) {
    return has_failed(refusal) ? "\xFF failed" : "\xFF refused";
}

// Text that a client chose, as far as it is kept: whole characters only, and no NUL.
std::string kept_text(std::string_view text) {
    std::string kept(text.substr(0, limits::audited_value_bytes));
    for (int i = 0; i < 3 && kept.size() < text.size() && !is_utf8(kept); ++i) kept.pop_back();
    if (!is_utf8(kept) || kept.find('\0') != kept.npos)
        for (char& c : kept)
            if (c < 0x20 || c > 0x7E) c = '?';
    return kept;
}

std::string quoted(const std::string& text) {
    std::string out;
    append_json_string(out, kept_text(text));
    return out;
}

}  // namespace

void RefusalRecorder::note(const Refusal& refusal) {
    const Time now = context_.clock.now();
    const std::lock_guard lock(mutex_);
    add(kind_of(refusal), {.first = refusal, .times = 1, .since = now, .until = now});
}

void RefusalRecorder::add(const std::string& kind, const Count& count) {
    auto found = counts_.find(kind);
    if (found == counts_.end() && counts_.size() >= limits::refusal_kinds) {
        Count others{.first = {.actor = "several", .reason = "too many kinds to tell apart"},
                     .since = count.since};
        others.first.status = count.first.status;
        others.first.result = count.first.result;
        found = counts_.try_emplace(other_kinds(count.first), std::move(others)).first;
    } else if (found == counts_.end()) {
        found = counts_.emplace(kind, Count{.first = count.first, .since = count.since}).first;
    }
    found->second.times += count.times;
    found->second.until = std::max(found->second.until, count.until);
}

RefusalRecorder::Counts RefusalRecorder::take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(counts_, {});
}

AuditEntry RefusalRecorder::make_entry(const Count& count) {
    const Refusal& first = count.first;
    return {.id = {},
            .at = count.until,
            .tenant_id = first.tenant,
            .actor = first.actor,
            .actor_tenant_id = first.actor_tenant,
            .source = db::Source::api,
            .address = first.address,
            .agent = first.agent,
            .key_id = first.key,
            .session_id = first.session,
            .request_id = first.request_id,
            .action = has_failed(first) ? "request.fail" : "access.refuse",
            .subject = kept_text(first.resource),
            .result = first.result,
            .details = fmt::format(
                R"({{"status":{},"permission":{},"reason":{},"times":{},"since":"{}","until":"{}"}})",
                first.status, quoted(first.permission), quoted(first.reason), count.times,
                render_rfc3339(count.since), render_rfc3339(count.until))};
}

std::size_t RefusalRecorder::flush(db::Database& database) {
    Counts counts = take();
    if (counts.empty()) return 0;
    // Comes back as it went unless it was written.
    struct GiveBack {
        RefusalRecorder& recorder;
        Counts& counts;
        ~GiveBack() {
            const std::lock_guard lock(recorder.mutex_);
            for (const auto& [kind, count] : counts) recorder.add(kind, count);
        }
    } give_back{*this, counts};
    std::vector<AuditEntry> entries;
    for (const auto& [kind, count] : counts) entries.push_back(make_entry(count));
    database.write_now(db::Unit{}, [&](db::Tx& tx) { append_entries(tx, entries, context_); });
    counts.clear();
    return entries.size();
}

}  // namespace lodestone::ledger
