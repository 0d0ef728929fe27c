// Decisions explained over HTTP: the very gate that decides is asked. Of whoever asks, the answer is what
// would happen; of somebody else, what their rights say, as by a session that has nothing to do first.
#include "api/authz.hpp"

#include <boost/describe/class.hpp>

#include "api/access_rules.hpp"
#include "api/noun_calls.hpp"
#include "identity/gate/explain.hpp"
#include "identity/identity.hpp"

namespace lodestone::api {

using PatternText = Text<limits::pattern_bytes>;

struct ResourceAttribute {
    PatternText name;
    Text<limits::filter_bytes, 0> value;
};
BOOST_DESCRIBE_STRUCT(ResourceAttribute, (), (name, value))

struct AccessResource {
    std::optional<TenantId> tenant_id;  // without: the asker's own
    PatternText type;
    std::optional<PatternText> id;  // without: all of the type
    std::optional<identity::AppId> app_id;
    std::optional<std::vector<PatternText>> tags;
    std::optional<std::vector<ResourceAttribute>> attributes;
    std::optional<bool> is_public;
};
BOOST_DESCRIBE_STRUCT(AccessResource, (), (tenant_id, type, id, app_id, tags, attributes, is_public))

struct AccessCheck {
    PatternText permission;
    AccessResource resource;
    std::optional<identity::UserId> user_id;  // without: whoever asks
};
BOOST_DESCRIBE_STRUCT(AccessCheck, (), (permission, resource, user_id))

struct AccessChecks {
    std::vector<AccessCheck> checks;
};
BOOST_DESCRIBE_STRUCT(AccessChecks, (), (checks))

struct DecisionView {
    bool allowed = false;
    std::string rule;
    std::string reason;
};
BOOST_DESCRIBE_STRUCT(DecisionView, (), (allowed, rule, reason))

struct DecisionsView {
    std::vector<DecisionView> decisions;
};
BOOST_DESCRIBE_STRUCT(DecisionsView, (), (decisions))

namespace {

using identity::AccessQuestion;

AccessQuestion make_question(AccessCheck check) {
    AccessQuestion question;
    question.permission = std::move(check.permission.value);
    question.user = std::move(check.user_id);
    identity::Resource& resource = question.resource;
    carry(check.resource.tenant_id, resource.tenant);
    resource.type = std::move(check.resource.type.value);
    carry(check.resource.id, resource.id);
    carry(check.resource.app_id, resource.app);
    if (check.resource.tags)
        for (PatternText& tag : *check.resource.tags) resource.tags.push_back(std::move(tag.value));
    if (check.resource.attributes)
        for (ResourceAttribute& one : *check.resource.attributes)
            resource.attributes[one.name.value] = std::move(one.value.value);
    carry(check.resource.is_public, resource.is_public);
    return question;
}

Task<std::vector<DecisionView>> decide_all(Call& call, std::vector<AccessCheck> checks) {
    std::vector<AccessQuestion> questions;
    questions.reserve(checks.size());
    for (AccessCheck& check : checks) questions.push_back(make_question(std::move(check)));
    const auto decisions =
        co_await identity::explain(call.identity().gate, call.request(), std::move(questions));
    std::vector<DecisionView> views;
    for (const identity::Decision& decision : decisions)
        views.push_back({decision.is_allowed, decision.rule, decision.reason});
    co_return views;
}

Task<Shown<DecisionView>> check_access(Call& call, AccessCheck check) {
    std::vector<AccessCheck> checks;
    checks.push_back(std::move(check));
    auto decisions = co_await decide_all(call, std::move(checks));
    co_return Shown<DecisionView>{std::move(decisions.front())};
}

Task<Shown<DecisionsView>> check_accesses(Call& call, AccessChecks input) {
    Shown<DecisionsView> shown;
    shown.view.decisions = co_await decide_all(call, std::move(input.checks));
    co_return shown;
}

using enum http::Method;

constexpr Endpoint endpoints[] = {
    endpoint<check_access>(post, "/api/v1/authz/check", Access::signed_in, "checkAccess",
                           "Tells what would be decided, and why."),
    endpoint<check_accesses>(post, "/api/v1/authz/check-batch", Access::signed_in, "checkAccesses",
                             "Tells what would be decided of many questions, in their order."),
};

}  // namespace

std::span<const Endpoint> authz_endpoints() {
    return endpoints;
}

}  // namespace lodestone::api
