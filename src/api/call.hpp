// One call of the API as a handler sees it: the ids in its path, who asks, and the database with the unit of
// work that the request is.
#pragma once

#include <string>
#include <string_view>

#include "api/answers.hpp"
#include "api/expectation.hpp"
#include "api/idempotency.hpp"
#include "base/context.hpp"
#include "db/database.hpp"
#include "http/server/request.hpp"

namespace lodestone::identity {
struct Identity;
struct Principal;
struct Vault;
class TokenMint;
}  // namespace lodestone::identity

namespace lodestone::api {

class Call {
  public:
    Call(Context& context, http::Request& request) : context_(context), request_(request) {}

    Context& context() const { return context_; }
    http::Request& request() const { return request_; }
    db::Database& database() const;
    identity::Identity& identity() const;
    identity::Vault& vault() const;
    const identity::TokenMint& mint() const;
    const identity::Principal& principal() const;
    db::Unit unit() const;
    db::Unit stale_unit() const;

    // An id from the path. What cannot be one is an id of nothing: Problem(not_found).
    template <class IdType>
    IdType id(std::string_view parameter) const {
        auto parsed = parse_id<IdType>(request_.parameter(parameter));
        if (!parsed) db::refuse_absent(parameter, request_.parameter(parameter));
        return *std::move(parsed);
    }
    // Of what is made: the caller's choice, or one of ours.
    template <class IdType>
    IdType new_id(const std::optional<IdType>& wanted = std::nullopt) const {
        return wanted ? *wanted : make_id<IdType>(context_.clock, context_.random);
    }
    Expectation expectation() const { return Expectation(request_); }

    template <class Function>
    auto read(Function function) const {
        return database().read(unit(), std::move(function));
    }
    // What need not be new, so that a replica may answer: nothing that whoever asks may have just changed.
    template <class Function>
    auto read_stale(Function function) const {
        return database().read(stale_unit(), std::move(function));
    }
    template <class Function>
    auto write(Function function) const {
        return database().write(unit(), std::move(function));
    }
    // Makes something: `function` takes a Tx and answers with the view of it. With an Idempotency-Key, the
    // first answer to it is kept in the same transaction, and the same request gets it again.
    template <class Function>
    auto create(Function function) const -> Task<Created<std::invoke_result_t<Function&, db::Tx&>>> {
        return create_in(std::string(request_.raw_path), std::move(function));
    }
    // The same of what is found elsewhere afterwards: in the list `place`, or, without one, nowhere.
    template <class Function>
    auto create_in(std::string place, Function function) const
        -> Task<Created<std::invoke_result_t<Function&, db::Tx&>>> {
        using View = std::invoke_result_t<Function&, db::Tx&>;
        const std::optional<IdempotentRequest> repeatable = find_idempotency_key(*this);
        co_return co_await write([&](db::Tx& tx) -> Created<View> {
            if (repeatable)
                if (auto kept = find_kept_answer(tx, *repeatable)) return {*std::move(kept)};
            const View view = function(tx);
            Created<View> created{describe_created(view, place)};
            if (repeatable) keep_answer(tx, *repeatable, kept_form(view, created));
            return created;
        });
    }

    // Kept for Idempotency-Key: what this request is, so that another one under the same key is noticed.
    void set_body(std::string body) { body_ = std::move(body); }
    const std::string& body() const { return body_; }

  private:
    template <class View>
    static CreatedText describe_created(const View& view, const std::string& place) {
        CreatedText text{.body = render_json(view), .location = {}, .etag = {}};
        if constexpr (requires { view.id.text(); })
            if (!place.empty()) text.location = place + "/" + view.id.text();
        if constexpr (requires { view.version; }) text.etag = render_version_etag(view.version);
        return text;
    }
    // A secret that is shown once is shown once: it is never stored, not even for a repetition.
    template <class View>
    static CreatedText kept_form(const View& view, const CreatedText& created) {
        if constexpr (requires(View shown) { forget_secrets(shown); }) {
            View kept = view;
            forget_secrets(kept);
            return {.body = render_json(kept), .location = created.location, .etag = created.etag};
        }
        return created;
    }

    Context& context_;
    http::Request& request_;
    std::string body_;
};

}  // namespace lodestone::api
