// Gate::admit_now() and admit(), from top to bottom, are what happens to every request before its handler.
#include "identity/gate/gate.hpp"

#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <set>
#include <utility>

#include "base/clock.hpp"
#include "base/limits.hpp"
#include "base/log.hpp"
#include "base/problem.hpp"
#include "base/tenant_limits.hpp"
#include "db/database.hpp"
#include "db/engine.hpp"
#include "http/server/app_named_later.hpp"
#include "identity/gate/credentials.hpp"
#include "identity/gate/refusals.hpp"
#include "identity/rules/permissions.hpp"
#include "identity/secrets/token_text.hpp"
#include "ledger/refusals.hpp"

namespace lodestone::identity {

namespace {

constexpr const char* channel = "lodestone_identity";

std::shared_ptr<const Principal> make_principal(PrincipalKind kind) {
    Principal principal;
    principal.kind = kind;
    return std::make_shared<const Principal>(std::move(principal));
}

const std::shared_ptr<const Principal>& anonymous() {
    static const auto principal = make_principal(PrincipalKind::anonymous);
    return principal;
}

const std::shared_ptr<const Principal>& operators_principal() {
    static const auto principal = make_principal(PrincipalKind::operators);
    return principal;
}

Circumstances circumstances_of(const http::Request& request, Time now) {
    return {.now = now, .address = request.peer.address};
}

// What a change makes untrue: a tenant; of a session that was refreshed only the token that it had, behind a
// mark that no tenant's id has; empty: anything.
constexpr char session_mark = '#';

std::string payload_of(const db::Change& change) {
    if (change.action != "session.refresh") return change.tenant;
    boost::system::error_code fault;
    const boost::json::value details = boost::json::parse(change.details, fault);
    const boost::json::value* token = fault ? nullptr : details.find_pointer("/public_id/from", fault);
    if (token == nullptr || !token->is_string()) return change.tenant;
    return session_mark + std::string(token->get_string());
}

// Whether there is an app in which they may, so that it is worth reading which one is meant.
bool may_in_some_app(const Principal& principal, std::string_view permission, Resource resource,
                     const Circumstances& circumstances) {
    if (!principal.rights || principal.tenant != resource.tenant) return false;
    return std::ranges::any_of(principal.rights->app_roles, [&](const auto& app) {
        resource.app = app.first;
        return decide(principal, permission, resource, circumstances, Words::for_refusals).is_allowed;
    });
}

// Whether the body may name something that they may do it with: the handler asks again once it knows.
bool may_in_what_comes(const Principal& principal, const http::Access& access, const Resource& resource,
                       const Circumstances& circumstances) {
    if (access.target.app == http::in_body)
        return may_in_some_app(principal, access.permission, resource, circumstances);
    return access.target.id == http::in_body &&
           may_allow_inside(principal, access.permission, resource, circumstances);
}

}  // namespace

Gate::Gate(Context& context, GateOptions options, const KeyedHash& hasher, KeyUses* key_uses)
    : context_(context), options_(std::move(options)), hasher_(hasher), key_uses_(key_uses) {
    if (context.database != nullptr) cache_ = std::make_unique<PrincipalCache>(context, *context.database);
}

Gate::~Gate() = default;

bool Gate::admit_now(http::Request& request) {
    return admit_now(request, Visit::first);
}

bool Gate::admit_now(http::Request& request, Visit visit) {
    const http::Access& access = request.match.route->access;
    request.principal = anonymous();
    if (access.kind == http::Access::Kind::open) {
        if (request.match.route->options.tells_operator_more && is_operator(request))
            request.principal = operators_principal();
        return true;
    }
    if (access.kind == http::Access::Kind::operators) {
        admit_operator(request);
        return true;
    }
    Circumstances circumstances = circumstances_of(request, context_.clock.now());
    if (!access.target.repository.empty() && !find_repository_now(request, circumstances)) return false;
    Sighting seen = look_at(request, circumstances.now, visit);
    if (!seen.principal) return false;
    admit_principal(request, std::move(seen.principal), circumstances);
    return true;
}

Task<> Gate::admit_again(http::Request& request) {
    if (context_.clock.steady_now() - request.started < limits::admission_lifetime) co_return;
    co_await admit(request, Visit::again);
}

Task<> Gate::admit(http::Request& request) {
    return admit(request, Visit::first);
}

Task<> Gate::admit(http::Request& request, Visit visit) {
    if (admit_now(request, visit)) co_return;
    // Who shows garbage is refused before anything is looked for.
    std::shared_ptr<const Principal> principal = co_await identify(request, visit);
    Circumstances circumstances = circumstances_of(request, context_.clock.now());
    if (!request.match.route->access.target.repository.empty())
        co_await find_repository(request, circumstances);
    admit_principal(request, std::move(principal), circumstances);
}

bool Gate::find_repository_now(http::Request& request, Circumstances& circumstances) {
    const http::Access& access = request.match.route->access;
    if (options_.repositories == nullptr) return true;
    const TenantId tenant = TenantId::trusted(request.parameter(access.target.tenant));
    auto found = options_.repositories->find_now(tenant, request.parameter(access.target.repository));
    if (!found) return false;
    request.repository = of_format(*std::move(found), access.target);
    if (!cache_ || !request.repository || !request.repository->is_public ||
        !is_public_reading(access.permission))
        return true;
    circumstances.house_rules = cache_->find_policies(tenant);
    return circumstances.house_rules != nullptr;
}

Task<> Gate::find_repository(http::Request& request, Circumstances& circumstances) {
    if (find_repository_now(request, circumstances)) co_return;
    const http::Access& access = request.match.route->access;
    const TenantId tenant = TenantId::trusted(request.parameter(access.target.tenant));
    auto found =
        co_await find_repository(tenant, request.parameter(access.target.repository), request.deadline);
    request.repository = of_format(std::move(found), access.target);
    if (cache_ && request.repository && request.repository->is_public && is_public_reading(access.permission))
        circumstances.house_rules = co_await cache_->find_or_load_policies(tenant, request.deadline);
}

Task<FoundRepository> Gate::find_repository(TenantId tenant, std::string name, SteadyTime deadline) {
    if (options_.repositories == nullptr) co_return nullptr;
    if (auto found = options_.repositories->find_now(tenant, name)) co_return *std::move(found);
    auto found = co_await options_.repositories->find(std::move(tenant), std::move(name), deadline);
    co_return found;
}

void Gate::admit_principal(http::Request& request, std::shared_ptr<const Principal> principal,
                           const Circumstances& circumstances) {
    request.principal = std::move(principal);
    const http::Access& access = request.match.route->access;
    if (access.kind == http::Access::Kind::signed_in) {
        if (request.principal->is_anonymous())
            refuse(request, *request.principal, unauthenticated(), {.reason = "nothing was shown"});
        if (const auto refused = find_address_refusal(*request.principal, circumstances))
            enforce(request, {}, {}, *refused);
        return;
    }
    const Resource resource = resource_of(request, *request.principal);
    const Decision decision =
        decide(*request.principal, access.permission, resource, circumstances, Words::for_refusals);
    if (!decision.is_allowed && !may_in_what_comes(*request.principal, access, resource, circumstances))
        enforce(request, access.permission, resource, decision);
    // Who may see it if it were there learns that it is not; everybody else was told what they are told of
    // one that is there.
    if (!access.target.repository.empty() && !request.repository)
        throw no_such_repository(request.parameter(access.target.repository));
}

bool Gate::is_operator(const http::Request& request) const {
    const ShownCredential shown = parse_credentials(*request.headers);
    return shown.state == ShownCredential::State::none
               ? is_operator_here(request, options_.operators)
               : shown.is_bearer && is_operator_token(shown.text, options_.operators);
}

void Gate::admit_operator(http::Request& request) {
    if (is_operator(request)) {
        request.principal = operators_principal();
        return;
    }
    const bool has_shown = parse_credentials(*request.headers).state != ShownCredential::State::none;
    refuse(request, *request.principal, not_the_operator(has_shown), {.reason = "not the operator"});
}

void Gate::refuse(const http::Request& request, const Principal& principal, Problem problem,
                  const Refused& refused) const {
    if (options_.refusals != nullptr) options_.refusals->note(describe(request, principal, problem, refused));
    throw std::move(problem);
}

ledger::Refusal Gate::describe(const http::Request& request, const Principal& principal,
                               const Problem& problem, const Refused& refused) {
    ledger::Refusal note;
    note.actor = principal.actor();
    if (!principal.tenant.is_empty()) note.actor_tenant = note.tenant = principal.tenant;
    note.address = request.peer.address;
    note.agent = request.header("user-agent").value_or("").substr(0, limits::logged_agent_bytes);
    if (principal.key) note.key = principal.key->text();
    if (principal.session) note.session = principal.session->text();
    note.request_id = request.id;
    note.permission = refused.permission;
    note.resource = refused.resource;
    note.status = problem.status();
    note.reason = refused.reason;
    return note;
}

void Gate::note_failure(const http::Request& request, const Problem& problem) const {
    using enum http::Method;
    const bool is_fault = problem.status() >= 500 && &problem.kind() != &problems::not_implemented;
    const bool is_reading = request.method == get || request.method == head || request.method == options;
    // Whom the gate did not let in has none, or is nobody.
    const bool is_allowed = request.principal && !request.principal->is_anonymous();
    if (options_.refusals == nullptr || !is_fault || is_reading || !is_allowed) return;
    const http::Access& access = request.match.route->access;
    Refused failed{
        .permission = access.permission, .resource = {}, .reason = std::string(problem.kind().code)};
    TenantId owner = request.principal->tenant;
    if (access.kind == http::Access::Kind::permission) {
        const Resource resource = resource_of(request, *request.principal);
        failed.resource = resource.text();
        owner = resource.tenant;
    }
    ledger::Refusal note = describe(request, *request.principal, problem, failed);
    note.tenant.reset();
    if (!owner.is_empty()) note.tenant = owner;
    note.result = db::ActionResult::failed;
    options_.refusals->note(note);
}

// A request that came with a good ticket may take longer than that lasts; what stands behind it is asked
// anew.
Time Gate::arrival_of(const http::Request& request, Time now) const {
    const auto taken = context_.clock.steady_now() - request.started;
    return now - std::chrono::duration_cast<Time::duration>(taken);
}

// What was kept is as old as it is now: of a request that has just come, its beginning says that.
Gate::Sighting Gate::look_at(const http::Request& request, Time now, Visit visit) {
    ShownCredential shown = parse_credentials(*request.headers);
    if (shown.state == ShownCredential::State::none)
        return {.principal = anonymous(), .token = {}, .shown = {}};
    if (shown.state == ShownCredential::State::contradictory)
        refuse(request, *anonymous(), contradictory_credentials(), {.reason = "two credentials that differ"});
    const SteadyTime present = visit == Visit::first ? request.started : context_.clock.steady_now();
    if (cache_)
        if (const FoundCredential found = cache_->find_verified(shown.text, present))
            return {.principal = accept(request, found, now, visit), .token = {}, .shown = {}};
    if (shown.is_bearer && is_operator_token(shown.text, options_.operators))
        return {.principal = operators_principal(), .token = {}, .shown = {}};
    if (is_ticket_text(shown.text)) return look_at_ticket(request, std::move(shown.text), now);
    std::optional<TokenText> token = parse_token(shown.text);
    if (!token) refuse(request, *anonymous(), invalid_credential(), {.reason = "no credential of ours"});
    return {.principal = nullptr, .token = std::move(token), .shown = std::move(shown.text)};
}

Gate::Sighting Gate::look_at_ticket(const http::Request& request, std::string shown, Time now) {
    std::optional<Ticket> ticket = parse_ticket(shown, hasher_);
    if (!ticket) refuse(request, *anonymous(), invalid_credential(), {.reason = "no ticket of ours"});
    if (arrival_of(request, now) >= ticket->expires)
        refuse(request, *anonymous(), expired_ticket(), {.reason = "an expired ticket"});
    if (!ticket->kind) return {.principal = anonymous(), .token = {}, .shown = {}};
    TokenText token{.kind = *ticket->kind, .public_id = ticket->public_id, .secret = {}};
    return {.principal = nullptr,
            .token = std::move(token),
            .shown = std::move(shown),
            .ticket = std::move(ticket)};
}

IssuedTicket Gate::give_ticket(const http::Request& request, const std::vector<Scope>& scopes) const {
    return issue_ticket(hasher_, *request.principal, scopes, context_.clock.now());
}

Task<std::shared_ptr<const Principal>> Gate::identify(const http::Request& request) {
    return identify(request, Visit::first);
}

Task<std::shared_ptr<const Principal>> Gate::identify(const http::Request& request, Visit visit) {
    const Sighting seen = look_at(request, context_.clock.now(), visit);
    if (seen.principal) co_return seen.principal;
    if (!cache_) throw cannot_tell();
    FoundCredential found = co_await cache_->find_or_load(*seen.token, request.deadline);
    if (seen.ticket)
        found = found ? cut_to_ticket(*found, *seen.ticket) : nullptr;
    else if (found && !hasher_.is_match(*seen.token, found->secret_hash))
        found = nullptr;
    if (!found)
        refuse(request, *anonymous(), invalid_credential(), {.reason = "an unknown or wrong credential"});
    cache_->keep_verified(seen.shown, found);
    co_return accept(request, found, context_.clock.now(), visit);
}

// The secret was right; is everything else? The principal is held by the pointer to the credential, which the
// loop has for itself.
std::shared_ptr<const Principal> Gate::accept(const http::Request& request, const FoundCredential& found,
                                              Time now, Visit visit) {
    const KnownCredential& known = *found;
    if (arrival_of(request, now) >= known.ticket_expires_at)
        refuse(request, *known.principal, expired_ticket(), {.reason = "an expired ticket"});
    if (auto problem = find_fault(known, now, request.peer.address, request.header("origin").value_or("")))
        refuse(request, *known.principal, *problem, {.reason = problem->detail()});
    if (visit == Visit::first) count_visit(known);
    note_use(known, request.peer.address, now);
    return {found, known.principal.get()};
}

void Gate::count_visit(const KnownCredential& known) {
    for (const KnownCredential::NamedPace& one : known.paces)
        if (const auto wait = turnstile_.pass(one.name, one.pace, context_.clock.steady_now()))
            throw too_many(one, *wait);
}

// Of a key that is in use all the time, only now and then: what waits to be written is behind a mutex.
void Gate::note_use(const KnownCredential& known, std::string_view peer, Time now) {
    if (key_uses_ == nullptr || !known.principal->key) return;
    const std::int64_t moment = now.time_since_epoch().count();
    std::int64_t noted = known.noted_at->load(std::memory_order_relaxed);
    constexpr std::chrono::microseconds pause = limits::key_note_interval;
    if (moment - noted < pause.count() || !known.noted_at->compare_exchange_strong(noted, moment)) return;
    key_uses_->note(known.principal->tenant, *known.principal->key, peer);
    if (key_uses_->is_due()) write_key_uses();
}

// Nobody waits for it; what cannot be written is lost, and said once.
void Gate::write_key_uses() {
    auto uses = std::make_shared<const std::vector<KeyUse>>(key_uses_->take());
    context_.database->write_for(
        [this](const std::exception_ptr& failure) {
            if (failure) context_.log.warn("the last uses of keys were not written down");
        },
        {}, [uses](db::Tx& tx) { note_key_uses(tx, *uses); });
}

Task<Circumstances> Gate::find_circumstances(std::shared_ptr<const Principal> principal,
                                             std::string_view permission, const Resource& resource,
                                             const http::Request& request) {
    Circumstances circumstances = circumstances_of(request, context_.clock.now());
    // Even what is public a tenant may keep from whoever is none of its own.
    if (resource.is_public && is_public_reading(permission) && cache_ &&
        (principal->is_anonymous() || principal->tenant != resource.tenant))
        circumstances.house_rules = co_await cache_->find_or_load_policies(resource.tenant, request.deadline);
    co_return circumstances;
}

Task<Decision> Gate::judge(std::shared_ptr<const Principal> principal, std::string_view permission,
                           const Resource& resource, const http::Request& request) {
    const Circumstances circumstances = co_await find_circumstances(principal, permission, resource, request);
    co_return decide(*principal, permission, resource, circumstances);
}

Task<bool> Gate::may_find_some(std::shared_ptr<const Principal> principal, std::string_view permission,
                               const Resource& all, const http::Request& request) {
    const Circumstances circumstances = co_await find_circumstances(principal, permission, all, request);
    co_return may_allow_inside(*principal, permission, all, circumstances);
}

Task<bool> Gate::may_find_all(std::shared_ptr<const Principal> principal, std::string_view permission,
                              const Resource& all, const http::Request& request) {
    const Circumstances circumstances = co_await find_circumstances(principal, permission, all, request);
    co_return allows_all_inside(*principal, permission, all, circumstances);
}

Task<> Gate::authorise(const http::Request& request, std::string_view permission, const Resource& resource) {
    const Decision decision = co_await judge(request.principal, permission, resource, request);
    enforce(request, permission, resource, decision);
}

void Gate::authorise_known(const http::Request& request, std::string_view permission,
                           const Resource& resource) const {
    enforce(request, permission, resource,
            decide(*request.principal, permission, resource, circumstances_of(request, context_.clock.now()),
                   Words::for_refusals));
}

void Gate::enforce(const http::Request& request, std::string_view permission, const Resource& resource,
                   const Decision& decision) const {
    if (decision.is_allowed) return;
    refuse(request, *request.principal, refusal(decision, *request.principal),
           {.permission = permission, .resource = resource.text(), .reason = decision.rule});
}

Task<std::shared_ptr<const Principal>> Gate::impersonate(const TenantId& tenant, const UserId& user,
                                                         const http::Request& request) {
    if (!cache_) throw cannot_tell();
    std::optional<Principal> found = co_await cache_->load_user(tenant, user, request.deadline);
    if (!found) co_return nullptr;
    co_return std::make_shared<const Principal>(*std::move(found));
}

void Gate::note_changes(const std::vector<db::Change>& changes) {
    for (const db::Change& change : changes)
        if (can_change_rights(change)) heed(payload_of(change));
}

void Gate::heed(const std::string& payload) {
    if (payload.empty()) return forget_everything();
    if (payload.front() != session_mark) return forget(TenantId::trusted(payload));
    if (cache_) cache_->forget_session(payload.substr(1));
}

void Gate::forget(const TenantId& tenant) {
    if (cache_) cache_->forget(tenant);
}

void Gate::forget_everything() {
    if (cache_) cache_->forget_everything();
}

void Gate::start_watching() {
    if (!cache_) return;
    watch_ =
        context_.database->watch_changes(channel, [this](const ChangeEvent& event) { heed(event.payload); });
}

void Gate::stop_watching() {
    watch_.reset();
}

Resource resource_of(const http::Request& request, const Principal& principal) {
    const http::Access& access = request.match.route->access;
    const http::Target& target = access.target;
    Resource resource;
    resource.type = target.type.empty() ? type_of(access.permission) : target.type;
    if (target.tenant == http::caller)
        resource.tenant = principal.tenant;
    else if (target.tenant != http::installation)
        resource.tenant = TenantId::trusted(request.parameter(target.tenant));
    if (!target.id.empty() && target.id != http::in_body) resource.id = request.parameter(target.id);
    if (resource.type == "tenant" && target.id.empty()) resource.id = resource.tenant.text();
    if (target.app == http::in_query)
        resource.app = AppId::trusted(std::string(request.query.find("app_id").value_or("")));
    else if (!target.app.empty() && target.app != http::in_body)
        resource.app = AppId::trusted(request.parameter(target.app));
    if (!target.repository.empty())
        place_in_repository(resource, request.repository.get(), request.parameter(target.repository));
    if (target.owner == http::caller)
        resource.attributes[owner_attribute] = principal.user.text();
    else if (!target.owner.empty())
        resource.attributes[owner_attribute] = request.parameter(target.owner);
    return resource;
}

db::Unit make_unit(const http::Request& request) {
    db::Unit unit;
    const Principal& principal = request.principal ? *request.principal : *anonymous();
    unit.actor = principal.actor();
    unit.actor_tenant = principal.tenant.text();
    unit.request_id = request.id;
    unit.deadline = request.deadline;
    unit.source = db::Source::api;
    unit.address = request.peer.address;
    unit.agent = request.header("user-agent").value_or("").substr(0, limits::logged_agent_bytes);
    if (principal.key) unit.key = principal.key->text();
    if (principal.session) unit.session = principal.session->text();
    return unit;
}

bool can_change_rights(const db::Change& change) {
    static constexpr std::array harmless_types{"repository", "package",  "service",    "template",
                                               "project",    "branch",   "invitation", "reset_link",
                                               "publisher",  "provider", "audit"};
    static constexpr std::array harmless{"key.create",    "session.create", "session.refuse",
                                         "tenant.create", "user.create",    "app.create"};
    const std::string_view action = change.action;
    return std::ranges::count(harmless_types, action.substr(0, action.find('.'))) == 0 &&
           std::ranges::count(harmless, action) == 0;
}

void notify_of(db::Tx& tx, const std::vector<db::Change>& changes) {
    std::set<std::string> payloads;
    for (const db::Change& change : changes)
        if (can_change_rights(change)) payloads.insert(payload_of(change));
    for (const std::string& payload : payloads) tx.notify(channel, payload);
}

}  // namespace lodestone::identity
