// The audit log over HTTP: pages of a tenant's, of the installation's own, and all of it as a stream of JSON
// lines.
#include "api/audit.hpp"

#include <array>
#include <boost/describe/class.hpp>

#include "api/access_rules.hpp"
#include "api/noun_calls.hpp"
#include "ledger/audit.hpp"
#include "ledger/export.hpp"

namespace lodestone::api {

struct AuditEntryView {
    ledger::AuditId id;
    Time at;
    std::optional<TenantId> tenant_id;
    std::string actor;
    std::optional<TenantId> actor_tenant_id;
    db::Source source{};
    std::string address;
    std::string agent;
    std::optional<std::string> key_id;
    std::optional<std::string> session_id;
    std::string request_id;
    std::string action;
    std::string subject;
    db::ActionResult result{};
    JsonObject details;
};
BOOST_DESCRIBE_STRUCT(AuditEntryView, (),
                      (id, at, tenant_id, actor, actor_tenant_id, source, address, agent, key_id, session_id,
                       request_id, action, subject, result, details))

struct AuditFilters {
    static constexpr std::array<std::string_view, 2> sorts{"-at", "at"};
    SearchText actor;
    SearchText action;
    SearchText subject;
    SearchText key_id;
    SearchText session_id;
    SearchText address;
    SearchText request_id;
    std::optional<db::ActionResult> result;
    std::optional<Time> since;
    std::optional<Time> until;  // not included
};
BOOST_DESCRIBE_STRUCT(AuditFilters, (),
                      (actor, action, subject, key_id, session_id, address, request_id, result, since, until))

struct ExportPeriod {
    std::optional<Time> since;
    std::optional<Time> until;  // not included
};
BOOST_DESCRIBE_STRUCT(ExportPeriod, (), (since, until))

namespace {

using db::Tx;
using ledger::ExportPlace;

constexpr char lines_type[] = "application/x-ndjson";

// Asks for the next page when the one before is sent: a log of any length goes out in the memory of one page.
// A page that cannot be had ends the connection, so that nobody takes what came for all.
class AuditLines final : public http::BodySource {
  public:
    AuditLines(db::Database& database, db::Unit unit, ExportPlace place)
        : database_(database), unit_(std::move(unit)), place_(std::move(place)) {}

    Task<std::string_view> next() override {
        lines_.clear();
        while (lines_.empty() && !place_.is_done) {
            const ExportPlace from = place_;
            auto read_page = [&from](Tx& tx) { return ledger::export_audit(tx, from); };
            ledger::ExportPage page = co_await database_.read(unit_, read_page);
            lines_ = std::move(page.lines);
            place_ = std::move(page.next);
        }
        co_return lines_;
    }
    std::optional<std::uint64_t> length() const override { return std::nullopt; }

  private:
    db::Database& database_;
    db::Unit unit_;
    ExportPlace place_;
    std::string lines_;
};

Document<lines_type> export_lines(const Call& call, const ExportPeriod& period,
                                  std::optional<TenantId> tenant) {
    ExportPlace place;
    place.tenant = std::move(tenant);
    carry(period.since, place.since);
    carry(period.until, place.until);
    db::Unit unit = call.stale_unit();
    unit.deadline =
        SteadyTime::max();  // each page waits by itself; how long all of it takes is the client's doing
    http::Response response;
    response.headers.set("Content-Type", lines_type);
    response.headers.set("Content-Disposition", "attachment; filename=\"audit.jsonl\"");
    response.headers.set("Cache-Control", "no-store");
    response.body = std::make_unique<AuditLines>(call.database(), std::move(unit), std::move(place));
    return {std::move(response)};
}

// A replica may answer: a moment later the log has the rest, and it is read by those who look back.
template <class List>
Task<Listed<AuditEntryView>> list_past(Call& call, List list) {
    const auto page = co_await call.read_stale(std::move(list));
    co_return list_views<AuditEntryView>(page,
                                         [](const auto& row) { return make_view<AuditEntryView>(row); });
}

Task<Listed<AuditEntryView>> list_audit(Call& call, ListQuery<AuditFilters> query) {
    const auto tenant = call.id<TenantId>("tenant");
    auto list = [&](Tx& tx) { return ledger::list_audit(tx, tenant, query.request); };
    co_return co_await list_past(call, list);
}

Task<Listed<AuditEntryView>> list_installation_audit(Call& call, ListQuery<AuditFilters> query) {
    auto list = [&](Tx& tx) { return ledger::list_installation_audit(tx, query.request); };
    co_return co_await list_past(call, list);
}

Task<Document<lines_type>> export_audit(Call& call, QueryOf<ExportPeriod> query) {
    co_return export_lines(call, query.parameters, call.id<TenantId>("tenant"));
}

// Of all tenants: for whoever runs this server.
Task<Document<lines_type>> export_whole_audit(Call& call, QueryOf<ExportPeriod> query) {
    co_return export_lines(call, query.parameters, std::nullopt);
}

using enum http::Method;

constexpr Endpoint endpoints[] = {
    endpoint<list_audit>(get, "/api/v1/tenants/{tenant}/audit", in_tenant("audit:list"), "listAudit",
                         "Lists what happened in a tenant, the newest first."),
    endpoint<export_audit>(get, "/api/v1/tenants/{tenant}/audit/export", in_tenant("audit:export"),
                           "exportAudit", "Gives what happened in a tenant as JSON lines, the oldest first."),
    endpoint<list_installation_audit>(get, "/api/v1/audit", of_installation("audit:list"),
                                      "listInstallationAudit",
                                      "Lists what happened to the installation itself, the newest first."),
    endpoint<export_whole_audit>(get, "/api/v1/audit/export", Access::operators, "exportWholeAudit",
                                 "Gives all that happened as JSON lines, the oldest first."),
};

}  // namespace

std::span<const Endpoint> audit_endpoints() {
    return endpoints;
}

}  // namespace lodestone::api
