// From method and path to a handler. Routes stand in tables; each row names its access level, so that no
// handler can forget to check it. Patterns, segment by segment:
//   /api/v1/version      literal text
//   {name}               one segment, no slash in it
//   {name+}              one segment that may hold an encoded slash (npm's @scope%2fname)
//   {name...}            one segment or more, joined by '/': as many as there are. Once in a pattern, at its
//   end
//                        or within: what follows it is matched from the end of the path backwards
// A pattern that ends in '/', be it after {name...}, takes only paths that do, and no other pattern takes
// them.
// "/" is the root. Each '/' in the value of {name...} is one the client wrote as such: where a segment of it
// holds an encoded slash the pattern does not match, because "a%2Fb/c" and "a/b/c" would become the same.
//
// Literals win over {name}, which wins over {name+}, which wins over {name...}: segment by segment from the
// left up to a {name...}, and behind it from the right. So of /{image...}/blobs/{digest} and
// /{image...}/blobs/uploads/{upload}, the path /a/blobs/uploads/x finds the second, and /a/blobs/b/blobs/x
// the first, with "a/blobs/b". A branch that ends nowhere, or only at other methods, gives way to the next
// one: PUT /a/b may find /a/{x} though there is a GET /a/b. Two rows that take the same paths (parameter
// names do not count, nor where {name...} stands among {name}s that touch it) are a bug found at start.
//
// A search looks at each place of the tree once at most, however long the path is.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/context.hpp"
#include "base/limits.hpp"
#include "base/problem.hpp"
#include "base/task.hpp"
#include "http/message/method.hpp"
#include "http/server/access.hpp"
#include "http/server/request.hpp"
#include "http/server/response.hpp"

namespace lodestone::http {

using Handler = Task<Response> (*)(Context&, Request&);

// How a protocol words a refusal; null means RFC 9457 problem details.
using RenderProblem = Response (*)(const Problem&, const Request&);

struct RouteOptions {
    std::uint64_t body_limit_bytes = limits::body_bytes;
    bool needs_length = false;         // 411 without Content-Length
    bool allows_cross_origin = true;   // answer CORS for the configured origins
    bool is_rate_limited = true;       // false only for literal patterns: what a balancer asks
    bool tells_operator_more = false;  // an open route whose handler wants to know the operator
    RenderProblem render_problem = nullptr;
};

struct Route {
    Method method;
    std::string_view pattern;
    Access access;
    Handler handler;
    RouteOptions options = {};
};

class Router {
  public:
    // The tables must outlive the router. Aborts through ensure() on a bad or ambiguous pattern.
    explicit Router(std::span<const std::span<const Route>> tables);
    ~Router();

    struct Found {
        const Route* route = nullptr;  // null: no such path, or not with this method
        // By the names in the route's pattern, in its order.
        std::vector<std::pair<std::string_view, std::string>> parameters;
        // Filled when the path exists but the method does not: what it takes, HEAD and OPTIONS included.
        std::vector<Method> allowed;
        bool has_path() const { return route != nullptr || !allowed.empty(); }
    };
    // HEAD finds the GET route. OPTIONS finds its own row if there is one, else `allowed`.
    Found find(Method method, const Path& path) const;

    // Every route, in table order: for metrics, documentation and tests.
    const std::vector<const Route*>& routes() const { return routes_; }

  private:
    struct Leaf;
    struct Node;
    struct Search;
    // By what they take, however it is written.
    using Taken = std::map<std::string, const Route*>;

    void insert(const Route& route, Taken& taken);

    std::unique_ptr<Node> root_;
    std::vector<const Route*> routes_;
};

}  // namespace lodestone::http
