// The one gate: who is asking, and whether they may. Every request passes Gate::admit() before its handler
// runs, and a handler that knows more than the path says (what a body names, what a row holds) asks
// Gate::authorise() again. Nothing else in the program decides who may do what; what is decided, decide() in
// rules/decide.cpp decides.
//
// What is wrong with a request is told like this: 401 when nobody is known behind it, 403 when somebody is
// and may not, 404 for what belongs to another tenant, whether it is there or not, 503 when nobody can tell
// because the database is away; never is anything let through for want of an answer.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/change_watch.hpp"
#include "base/context.hpp"
#include "base/problem.hpp"
#include "base/task.hpp"
#include "db/unit.hpp"
#include "http/server/request.hpp"
#include "http/server/router.hpp"
#include "identity/gate/operators.hpp"
#include "identity/gate/principal_cache.hpp"
#include "identity/gate/repository_directory.hpp"
#include "identity/gate/tickets.hpp"
#include "identity/rules/decide.hpp"
#include "identity/secrets/keyed_hash.hpp"
#include "identity/sign_in/key_uses.hpp"

namespace lodestone::ledger {
struct Refusal;
class RefusalRecorder;
}  // namespace lodestone::ledger

namespace lodestone::identity {

struct GateOptions {
    Operators operators;
    ledger::RefusalRecorder* refusals = nullptr;  // for the audit log; null: they are only answered
    RepositoryDirectory* repositories = nullptr;  // null: there are none
};

class Gate {
  public:
    // Without a database in the context nobody is known but the operator.
    Gate(Context& context, GateOptions options, const KeyedHash& hasher, KeyUses* key_uses = nullptr);
    ~Gate();
    Gate(const Gate&) = delete;
    Gate& operator=(const Gate&) = delete;

    // By the access column of the request's route. Fills request.principal, or throws a Problem.
    Task<> admit(http::Request& request);
    // The same without waiting, when all that it takes is in memory; false: ask admit().
    bool admit_now(http::Request& request);
    // After a body that took its time: whoever sent it may have lost the right to meanwhile. It is the same
    // request, which counts once against the paces of whoever sent it.
    Task<> admit_again(http::Request& request);
    // What handlers ask about that the path does not name; null: there is none.
    Task<FoundRepository> find_repository(TenantId tenant, std::string name, SteadyTime deadline);
    // Throws a Problem unless whoever asks may do this.
    Task<> authorise(const http::Request& request, std::string_view permission, const Resource& resource);
    // The same inside a unit of work, of somebody who is known and of what is not public.
    void authorise_known(const http::Request& request, std::string_view permission,
                         const Resource& resource) const;

    // Who is behind what the request shows; anonymous when it shows nothing.
    Task<std::shared_ptr<const Principal>> identify(const http::Request& request);
    Task<Decision> judge(std::shared_ptr<const Principal> principal, std::string_view permission,
                         const Resource& resource, const http::Request& request);
    // False: there is nothing in this repository that judge() would allow, whatever it is called. `all` is
    // what place_in_repository() makes of a package without an id.
    Task<bool> may_find_some(std::shared_ptr<const Principal> principal, std::string_view permission,
                             const Resource& all, const http::Request& request);
    // True: there is nothing in it that judge() would not allow.
    Task<bool> may_find_all(std::shared_ptr<const Principal> principal, std::string_view permission,
                            const Resource& all, const http::Request& request);
    // As if this user asked, by a session and from where the request comes; nothing for one who is not there.
    Task<std::shared_ptr<const Principal>> impersonate(const TenantId& tenant, const UserId& user,
                                                       const http::Request& request);

    // Writes down what was allowed, was to change something, and ended by a fault of ours or of what we
    // depend on. Reading, refusals of handlers, and what needs no right leave no entry.
    void note_failure(const http::Request& request, const Problem& problem) const;

    // For whoever asks, for a few minutes (tickets.hpp).
    IssuedTicket give_ticket(const http::Request& request, const std::vector<Scope>& scopes) const;

    // After a change is committed: what was loaded before is believed no more.
    void note_changes(const std::vector<db::Change>& changes);
    void forget(const TenantId& tenant);
    void forget_everything();
    // Hears from now on what other processes and nodes change. Ends with the gate, or before.
    void start_watching();
    void stop_watching();
    bool is_watching() const { return watch_ && watch_->is_live(); }

  private:
    // Whether a request has just come, or is asked about once more behind its body.
    enum class Visit : std::uint8_t { first, again };
    bool admit_now(http::Request& request, Visit visit);
    Task<> admit(http::Request& request, Visit visit);
    Task<std::shared_ptr<const Principal>> identify(const http::Request& request, Visit visit);
    // Who is known to be behind what the request shows, or the token that has to be looked up. Refuses what
    // is neither.
    struct Sighting {
        std::shared_ptr<const Principal> principal;
        std::optional<TokenText> token;
        std::string shown;
        std::optional<Ticket> ticket = std::nullopt;  // that was shown for the token
    };
    Sighting look_at(const http::Request& request, Time now, Visit visit);
    Time arrival_of(const http::Request& request, Time now) const;
    Sighting look_at_ticket(const http::Request& request, std::string shown, Time now);
    std::shared_ptr<const Principal> accept(const http::Request& request, const FoundCredential& found,
                                            Time now, Visit visit);
    void count_visit(const KnownCredential& known);
    // With what the thing's tenant says to strangers, where they may read it.
    Task<Circumstances> find_circumstances(std::shared_ptr<const Principal> principal,
                                           std::string_view permission, const Resource& resource,
                                           const http::Request& request);
    // The repository that the path names, and what its tenant says to strangers where they may read it.
    bool find_repository_now(http::Request& request, Circumstances& circumstances);
    Task<> find_repository(http::Request& request, Circumstances& circumstances);
    void admit_principal(http::Request& request, std::shared_ptr<const Principal> principal,
                         const Circumstances& circumstances);
    void enforce(const http::Request& request, std::string_view permission, const Resource& resource,
                 const Decision& decision) const;
    // What this or another node says has changed.
    void heed(const std::string& payload);
    bool is_operator(const http::Request& request) const;
    void admit_operator(http::Request& request);
    void note_use(const KnownCredential& known, std::string_view peer, Time now);
    void write_key_uses();
    // What was refused, to whom and why, becomes an entry of the audit log, and `problem` the answer.
    struct Refused {
        std::string_view permission;
        std::string resource;
        std::string reason;
    };
    static ledger::Refusal describe(const http::Request& request, const Principal& principal,
                                    const Problem& problem, const Refused& refused);
    [[noreturn]] void refuse(const http::Request& request, const Principal& principal, Problem problem,
                             const Refused& refused) const;

    Context& context_;
    GateOptions options_;
    const KeyedHash& hasher_;
    Turnstile turnstile_;
    KeyUses* key_uses_;                      // null: nobody wants to know
    std::unique_ptr<PrincipalCache> cache_;  // null: without a database
    std::unique_ptr<ChangeWatch> watch_;
};

// What the access column of the request's route names, as the rules see it; its repository was looked for
// before.
Resource resource_of(const http::Request& request, const Principal& principal);

// The unit of work that a request is: who does it, for which request, until when.
db::Unit make_unit(const http::Request& request);

// Whether a change can make somebody's rights others than they were. What is not known to be harmless can.
bool can_change_rights(const db::Change& change);
// In the transaction of the changes: tells other nodes of them.
void notify_of(db::Tx& tx, const std::vector<db::Change>& changes);

}  // namespace lodestone::identity
