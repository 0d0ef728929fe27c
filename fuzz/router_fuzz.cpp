// Fuzzes the router: equal paths find equal routes, values are made of the path's own segments, and a method
// is refused only where another one is allowed. The first byte chooses the method, the rest is the path.
#include "http/server/router.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/ensure.hpp"
#include "base/problem.hpp"

using namespace lodestone;
using namespace lodestone::http;

namespace {

Task<Response> answer(Context&, Request&) {
    std::abort();  // never called: a router only finds
}

constexpr Route row(Method method, std::string_view pattern) {
    return {.method = method, .pattern = pattern, .access = Access::open, .handler = &answer};
}

constexpr Route table[] = {
    row(Method::get, "/"),
    row(Method::get, "/a"),
    row(Method::put, "/a/"),
    row(Method::get, "/a/b/c"),
    row(Method::get, "/a/{x}/d"),
    row(Method::post, "/a/{y}/d"),
    row(Method::get, "/a/{x+}/e"),
    row(Method::del, "/a/{z}/{w}"),
    row(Method::get, "/a/{rest...}"),
    row(Method::get, "/{x}/b/{y+}/"),
    row(Method::options, "/{x+}"),
    row(Method::put, "/{x}/{rest...}/"),
    row(Method::get, "/c/{n...}/blobs/{d}"),
    row(Method::put, "/c/{n...}/blobs/uploads/{u}"),
    row(Method::post, "/c/{n...}/blobs/uploads/"),
    row(Method::get, "/c/{x}/{n...}/{w+}/b"),
    row(Method::patch, "/{n...}/{d}/c"),
};

const Router& router() {
    static const std::span<const Route> tables[] = {table};
    static const Router built(tables);
    return built;
}

std::string join(const Path& path, std::size_t first, std::size_t end) {
    std::string joined;
    for (std::size_t i = first; i < end; ++i) joined += (i > first ? "/" : "") + path.segments[i].text;
    return joined;
}

// Builds the path anew from the pattern and the values: it must be the one that was asked for.
void check_values(const Router::Found& found, const Path& path) {
    std::size_t depth = 0, used = 0;
    std::string_view pattern = found.route->pattern.substr(1);
    ensure(path.has_trailing_slash == (!pattern.empty() && pattern.ends_with('/')), "trailing slashes agree");
    if (pattern.ends_with('/')) pattern.remove_suffix(1);
    while (!pattern.empty()) {
        const std::string_view piece = pattern.substr(0, pattern.find('/'));
        pattern.remove_prefix(std::min(pattern.size(), piece.size() + 1));
        ensure(depth < path.segments.size(), "no pattern is longer than its path");
        const PathSegment& segment = path.segments[depth++];
        if (!piece.starts_with('{')) {
            ensure(piece == segment.text, "a literal is its segment");
            continue;
        }
        const auto& [name, value] = found.parameters.at(used++);
        ensure(piece.substr(1).starts_with(name), "names stand in the pattern's order");
        if (piece.ends_with("...}")) {
            const std::size_t behind =
                pattern.empty() ? 0 : 1 + static_cast<std::size_t>(std::ranges::count(pattern, '/'));
            ensure(path.segments.size() - depth >= behind, "{name...} takes one segment at least");
            const std::size_t end = path.segments.size() - behind;
            ensure(value == join(path, depth - 1, end), "{name...} is all that the others leave");
            for (depth = depth - 1; depth < end; ++depth)
                ensure(!path.segments[depth].has_encoded_slash, "no encoded slash in {name...}");
            continue;
        }
        ensure(value == segment.text, "a value is its segment");
        ensure(piece.ends_with("+}") || !segment.has_encoded_slash, "an encoded slash needs {name+}");
    }
    ensure(depth == path.segments.size() && used == found.parameters.size(), "nothing is left over");
}

void check_found(Method method, const Path& path) {
    const Router::Found found = router().find(method, path);
    if (found.route) {
        check_values(found, path);
        ensure(found.allowed.empty(), "a route needs no list of methods");
        ensure(
            found.route->method == method || (method == Method::head && found.route->method == Method::get),
            "the route is for the method");
    }
    for (const Method allowed : found.allowed) {
        ensure(allowed != method || method == Method::options, "an allowed method has its route");
        if (allowed != Method::options)
            ensure(router().find(allowed, path).route, "an allowed method is routed");
    }

    std::string encoded;
    for (const PathSegment& segment : path.segments) encoded += "/" + encode_path_text(segment.text);
    if (encoded.empty() || path.has_trailing_slash) encoded += "/";
    if (encoded.size() > limits::target_bytes) return;
    const Router::Found again = router().find(method, parse_path(encoded));
    ensure(
        again.route == found.route && again.parameters == found.parameters && again.allowed == found.allowed,
        "equal paths find equal routes");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const auto method = static_cast<Method>(data[0] % method_count);
    try {
        check_found(method, parse_path({reinterpret_cast<const char*>(data) + 1, size - 1}));
    } catch (const Problem&) {
        // Not a path; path_fuzz looks at those.
    }
    return 0;
}
