// From a function to a route. `endpoint<create_tenant>(…)` reads off the function's type what it takes and
// what it answers: the body is read and checked before the function runs, its answer is rendered, and OpenAPI
// describes just that.
//
//     Task<Created<TenantView>> create_tenant(Call& call, NewTenant input);
//     Task<Listed<TenantView>> list_tenants(Call& call, ListQuery<TenantFilters> query);
//     Task<Shown<TenantView>> show_tenant(Call& call);
#pragma once

#include <string_view>

#include "api/answers.hpp"
#include "api/call.hpp"
#include "api/list_query.hpp"
#include "api/operation.hpp"
#include "http/server/router.hpp"

namespace lodestone::api {

struct Endpoint {
    http::Route route;
    Operation operation;
};

// The request's body as JSON; kept in `call` for Idempotency-Key. Throws Problem.
Task<boost::json::value> read_json(Call& call);
// The same; an empty object where there is no body, or an empty one.
Task<boost::json::value> read_json_or_nothing(Call& call);

template <class Input>
struct OptionalBody {
    Input input;
};

http::Response render_shown(std::string body, std::string etag, bool is_secret);
http::Response render_created(CreatedText created, bool is_secret);
http::Response render_listed(std::string items, const std::string& next, const http::Request& request);

// Whether somewhere in an answer stands what nobody may keep.
template <class T>
struct ShowsSecret {
    static consteval bool value() {
        bool found = std::is_same_v<T, ShownOnce>;
        if constexpr (Described<T>)
            boost::mp11::mp_for_each<db::Members<T>>([&found](auto member) {
                found = found || ShowsSecret<db::FieldType<decltype(member)>>::value();
            });
        return found;
    }
};
template <class T>
struct ShowsSecret<std::optional<T>> : ShowsSecret<T> {};
template <class T>
struct ShowsSecret<std::vector<T>> : ShowsSecret<T> {};

// Reads: from the request to what the function takes besides the call.
template <class Input>
struct Reading {  // a body
    static Task<Input> read(Call& call) {
        check_query(call.request().query, {});
        const boost::json::value json = co_await read_json(call);
        co_return read_input<Input>(json);
    }
    static void describe(OperationShape& operation, SchemaBook& book) {
        book.direction = SchemaBook::Direction::input;
        operation.input_schema = JsonType<Input>::schema(book);
    }
};
// A body that may be left out, with its content type: then all of its fields are.
template <class Input>
struct Reading<OptionalBody<Input>> {
    static Task<OptionalBody<Input>> read(Call& call) {
        check_query(call.request().query, {});
        const boost::json::value json = co_await read_json_or_nothing(call);
        co_return OptionalBody<Input>{read_input<Input>(json)};
    }
    static void describe(OperationShape& operation, SchemaBook& book) {
        Reading<Input>::describe(operation, book);
        operation.is_input_optional = true;
    }
};
template <class Filters>
struct Reading<ListQuery<Filters>> {
    static Task<ListQuery<Filters>> read(Call& call) {
        co_return ListQuery<Filters>{read_list_request(call.request().query, MemberTables<Filters>::names)};
    }
    static void describe(OperationShape& operation, SchemaBook& book) {
        book.direction = SchemaBook::Direction::input;
        operation.is_list = true;
        for (const std::string_view sort : Filters::sorts) operation.sorts.push_back(sort);
        operation.query = member_schemas(book, MemberTables<Filters>::described);
    }
};
template <class Parameters>
struct Reading<QueryOf<Parameters>> {
    static Task<QueryOf<Parameters>> read(Call& call) {
        co_return read_query<Parameters>(call.request().query);
    }
    static void describe(OperationShape& operation, SchemaBook& book) {
        book.direction = SchemaBook::Direction::input;
        operation.query = member_schemas(book, MemberTables<Parameters>::described);
    }
};

// Answers: from what the function gave back to the response.
template <class Answer>
struct Answering;
template <class View>
struct Answering<Shown<View>> {
    static http::Response render(const http::Request&, Shown<View> shown) {
        std::string etag;
        if constexpr (requires { shown.view.version; }) etag = render_version_etag(shown.view.version);
        return render_shown(render_json(shown.view), std::move(etag), ShowsSecret<View>::value());
    }
    static void describe(OperationShape& operation, SchemaBook& book) {
        operation.status = 200;
        operation.output_schema = JsonType<View>::schema(book);
        operation.has_etag = requires(View view) { view.version; };
    }
};
template <class View>
struct Answering<Acted<View>> : Answering<Shown<View>> {
    static void describe(OperationShape& operation, SchemaBook& book) {
        Answering<Shown<View>>::describe(operation, book);
        operation.heeds_version = true;
    }
};
template <class View>
struct Answering<Created<View>> {
    static http::Response render(const http::Request&, Created<View> created) {
        return render_created(std::move(created), ShowsSecret<View>::value());
    }
    static void describe(OperationShape& operation, SchemaBook& book) {
        operation.status = 201;
        operation.output_schema = JsonType<View>::schema(book);
        operation.has_etag = requires(View view) { view.version; };
        operation.is_create = true;
    }
};
template <class View>
struct Answering<CreatedBeside<View>> : Answering<Created<View>> {
    static void describe(OperationShape& operation, SchemaBook& book) {
        Answering<Created<View>>::describe(operation, book);
        operation.heeds_version = true;
    }
};
template <class View>
struct Answering<Listed<View>> {
    static http::Response render(const http::Request& request, const Listed<View>& listed) {
        return render_listed(render_json(listed.items), listed.next, request);
    }
    static void describe(OperationShape& operation, SchemaBook& book) {
        operation.status = 200;
        operation.output_schema = JsonType<View>::schema(book);
    }
};
template <>
struct Answering<Done> {
    static http::Response render(const http::Request&, Done) { return http::Response::empty(204); }
    static void describe(OperationShape& operation, SchemaBook&) { operation.status = 204; }
};
template <>
struct Answering<Removed> {
    static http::Response render(const http::Request&, Removed) { return http::Response::empty(204); }
    static void describe(OperationShape& operation, SchemaBook&) {
        operation.status = 204;
        operation.heeds_version = true;
    }
};
template <const char* type>
struct Answering<Document<type>> {
    static http::Response render(const http::Request&, Document<type> document) {
        return std::move(document.response);
    }
    static void describe(OperationShape& operation, SchemaBook&) {
        operation.status = 200;
        operation.content_type = type;
    }
};

// One coroutine for all functions of a type: the compiler has the most work with those.
template <class Answer>
Task<http::Response> answer_call(Context& context, http::Request& request, Task<Answer> (*function)(Call&)) {
    check_query(request.query, {});
    Call call(context, request);
    Answer answer = co_await function(call);
    co_return Answering<Answer>::render(request, std::move(answer));
}
template <class Answer, class Input>
Task<http::Response> answer_call(Context& context, http::Request& request,
                                 Task<Answer> (*function)(Call&, Input)) {
    Call call(context, request);
    Input input = co_await Reading<Input>::read(call);
    Answer answer = co_await function(call, std::move(input));
    co_return Answering<Answer>::render(request, std::move(answer));
}

template <auto function>
struct Adapter;
template <class Answer, Task<Answer> (*function)(Call&)>
struct Adapter<function> {
    static Task<http::Response> run(Context& context, http::Request& request) {
        return answer_call(context, request, function);
    }
    static void describe(OperationShape& operation, SchemaBook& book) {
        book.direction = SchemaBook::Direction::output;
        Answering<Answer>::describe(operation, book);
    }
};
template <class Answer, class Input, Task<Answer> (*function)(Call&, Input)>
struct Adapter<function> {
    static Task<http::Response> run(Context& context, http::Request& request) {
        return answer_call(context, request, function);
    }
    static void describe(OperationShape& operation, SchemaBook& book) {
        Reading<Input>::describe(operation, book);
        book.direction = SchemaBook::Direction::output;
        Answering<Answer>::describe(operation, book);
    }
};

// Who has not shown who they are may keep less memory busy.
constexpr std::uint64_t body_limit(const http::Access& access) {
    return access == http::Access::open ? limits::open_json_bytes : limits::json_body_bytes;
}

// `summary` is one sentence for the reader of OpenAPI; `name` is the operation's, as generated clients call
// it.
template <auto function>
constexpr Endpoint endpoint(http::Method method, std::string_view pattern, const http::Access& access,
                            std::string_view name, std::string_view summary) {
    return {
        .route = {method, pattern, access, &Adapter<function>::run, {.body_limit_bytes = body_limit(access)}},
        .operation = {.name = name, .summary = summary, .describe = &Adapter<function>::describe}};
}

}  // namespace lodestone::api
