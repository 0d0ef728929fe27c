// authz/check: the same judgement as the gate's own, told instead of enforced.
#include "identity/gate/explain.hpp"

#include "base/field_problem.hpp"
#include "base/limits.hpp"
#include "base/problem.hpp"

namespace lodestone::identity {

namespace {

Task<std::shared_ptr<const Principal>> find_subject(Gate& gate, const http::Request& request,
                                                    const UserId& user) {
    const Principal& asker = *request.principal;
    if (user == asker.user && !asker.user.is_empty()) co_return request.principal;
    Resource decisions;
    decisions.tenant = asker.tenant;
    decisions.type = "decision";
    co_await gate.authorise(request, "decision:explain", decisions);
    auto subject = co_await gate.impersonate(asker.tenant, user, request);
    if (!subject)
        throw Problem(problems::not_found, "There is no active user with the id " + user.text() + ".");
    co_return subject;
}

// What is asked about, as a request for it would find it.
Task<> look_up_repository(Gate& gate, const http::Request& request, Resource& resource) {
    if (resource.tenant != request.principal->tenant) resource.is_public = false;
    if ((resource.type != "repository" && resource.type != "package") || resource.id.empty()) co_return;
    const std::size_t slash = resource.type == "package" ? resource.id.find('/') : resource.id.npos;
    const std::string name = resource.id.substr(0, slash);
    const FoundRepository found = co_await gate.find_repository(resource.tenant, name, request.deadline);
    if (!found) co_return;
    resource.id = slash == resource.id.npos ? std::string() : resource.id.substr(slash + 1);
    place_in_repository(resource, found.get(), name);
}

}  // namespace

Task<std::vector<Decision>> explain(Gate& gate, const http::Request& request,
                                    std::vector<AccessQuestion> questions) {
    if (questions.size() > limits::access_questions)
        throw field_problem("checks",
                            "has more than " + std::to_string(limits::access_questions) + " entries.");
    std::vector<Decision> decisions;
    for (AccessQuestion& question : questions) {
        auto subject = request.principal;
        if (question.user) subject = co_await find_subject(gate, request, *question.user);
        if (question.resource.tenant.is_empty()) question.resource.tenant = request.principal->tenant;
        co_await look_up_repository(gate, request, question.resource);
        Decision decision = co_await gate.judge(subject, question.permission, question.resource, request);
        decisions.push_back(std::move(decision));
    }
    co_return decisions;
}

}  // namespace lodestone::identity
