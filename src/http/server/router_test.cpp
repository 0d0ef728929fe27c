// The router: precedence, backtracking, methods, encoded and trailing slashes, and patterns that are bugs.
#include "http/server/router.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

namespace lodestone::http {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Task<Response> answer(Context&, Request&) {
    std::abort();  // only its address counts here
}

Route row(Method method, std::string_view pattern) {
    return {.method = method, .pattern = pattern, .access = Access::open, .handler = &answer};
}

Route get(std::string_view pattern) {
    return row(Method::get, pattern);
}

// A router together with the table that it points into.
class Routes {
  public:
    Routes(std::initializer_list<Route> rows) : table_(rows), tables_{table_}, router_(tables_) {}

    Router::Found find(Method method, std::string_view path) const {
        return router_.find(method, parse_path(path));
    }

    // "pattern name=value …", "405 GET,HEAD,OPTIONS" or "404".
    std::string show(std::string_view path, Method method = Method::get) const {
        const Router::Found found = find(method, path);
        if (found.has_path() && !found.route) {
            std::string text = "405";
            for (const Method allowed : found.allowed)
                text.append(text.size() == 3 ? " " : ",").append(method_name(allowed));
            return text;
        }
        if (!found.route) return "404";
        std::string text(found.route->pattern);
        for (const auto& [name, value] : found.parameters)
            text.append(" ").append(name).append("=").append(value);
        return text;
    }

    const Router& router() const { return router_; }
    const std::vector<Route>& table() const { return table_; }

  private:
    std::vector<Route> table_;
    std::vector<std::span<const Route>> tables_;
    Router router_;
};

TEST(Router, MatchesEachKindOfSegment) {
    const Routes routes{get("/"), get("/api/v1/version"), get("/npm/{package+}"), get("/u/{user}/keys/{key}"),
                        get("/files/{path...}")};
    const struct {
        std::string_view path, shown;
    } rows[] = {
        {"/", "/"},
        {"/api", "404"},
        {"/api/v1/version", "/api/v1/version"},
        {"/api/v1/versions", "404"},
        {"/api/v1/version/x", "404"},
        {"/API/v1/version", "404"},
        {"/%61pi/v1/version", "/api/v1/version"},
        {"/npm/left-pad", "/npm/{package+} package=left-pad"},
        {"/npm/@scope%2fname", "/npm/{package+} package=@scope/name"},
        {"/npm/@scope/name", "404"},
        {"/u/a/keys/b", "/u/{user}/keys/{key} user=a key=b"},
        {"/u/a%20b/keys/%25", "/u/{user}/keys/{key} user=a b key=%"},
        {"/u/a%2Fb/keys/c", "404"},
        {"/u%2Fa/keys/c", "404"},
        {"/files", "404"},
        {"/files/a", "/files/{path...} path=a"},
        {"/files/a/b/c", "/files/{path...} path=a/b/c"},
        {"/files/a%20b/c", "/files/{path...} path=a b/c"},
    };
    for (const auto& row : rows) EXPECT_EQ(routes.show(row.path), row.shown) << row.path;
}

TEST(Router, RefusesAnEncodedSlashInARest) {
    const Routes routes{get("/files/{path...}"), get("/v/{revision+}/{path...}")};
    EXPECT_EQ(routes.show("/files/a%2Fb"), "404");
    EXPECT_EQ(routes.show("/files/a/b%2fc"), "404");
    EXPECT_EQ(routes.show("/v/refs%2Fpr%2F1/a/b"), "/v/{revision+}/{path...} revision=refs/pr/1 path=a/b");
    EXPECT_EQ(routes.show("/v/main/a%2Fb"), "404");
}

TEST(Router, TakesManySegmentsWithinAPattern) {
    const Routes routes{get("/v2/{t}/{r}/{n...}/blobs/{digest}"),
                        get("/v2/{t}/{r}/{n...}/blobs/uploads/{upload}"),
                        row(Method::post, "/v2/{t}/{r}/{n...}/blobs/uploads/"),
                        get("/v2/{t}/{r}/{n...}/manifests/{reference}"),
                        get("/v2/{t}/{r}/{n...}/tags/list"),
                        get("/v2/{t}/{r}/_catalog"),
                        get("/hf/{revision+}/{path...}/at/{place+}")};
    const struct {
        std::string_view path, shown;
    } rows[] = {
        {"/v2/t/r/a/blobs/sha256:1", "/v2/{t}/{r}/{n...}/blobs/{digest} t=t r=r n=a digest=sha256:1"},
        {"/v2/t/r/a/b/c/blobs/d", "/v2/{t}/{r}/{n...}/blobs/{digest} t=t r=r n=a/b/c digest=d"},
        {"/v2/t/r/blobs/d", "404"},
        {"/v2/t/r/a/blobs", "404"},
        {"/v2/t/r/a/blobs/d/e", "404"},
        {"/v2/t/r/a/blobs/d/", "404"},
        {"/v2/t/r/a%2Fb/blobs/d", "404"},
        {"/v2/t/r/a/b%2fc/blobs/d", "404"},
        {"/v2/t/r/a/blobs/d%2Fe", "404"},
        {"/v2/t/r/a%20b/blobs/d%25", "/v2/{t}/{r}/{n...}/blobs/{digest} t=t r=r n=a b digest=d%"},
        {"/v2/t/r/a/blobs/uploads/u", "/v2/{t}/{r}/{n...}/blobs/uploads/{upload} t=t r=r n=a upload=u"},
        {"/v2/t/r/a/blobs/uploads", "/v2/{t}/{r}/{n...}/blobs/{digest} t=t r=r n=a digest=uploads"},
        {"/v2/t/r/a/blobs/b/blobs/d", "/v2/{t}/{r}/{n...}/blobs/{digest} t=t r=r n=a/blobs/b digest=d"},
        {"/v2/t/r/blobs/uploads/blobs/d",
         "/v2/{t}/{r}/{n...}/blobs/{digest} t=t r=r n=blobs/uploads digest=d"},
        // Too short for the more definite one: {n...} takes one segment at least.
        {"/v2/t/r/blobs/uploads/u", "404"},
        {"/v2/t/r/manifests/manifests/x",
         "/v2/{t}/{r}/{n...}/manifests/{reference} t=t r=r n=manifests reference=x"},
        {"/v2/t/r/tags/list/tags/list", "/v2/{t}/{r}/{n...}/tags/list t=t r=r n=tags/list"},
        {"/v2/t/r/_catalog", "/v2/{t}/{r}/_catalog t=t r=r"},
        {"/v2/t/r/_catalog/tags/list", "/v2/{t}/{r}/{n...}/tags/list t=t r=r n=_catalog"},
        {"/hf/a%2Fb/c/d/at/e%2Ff", "/hf/{revision+}/{path...}/at/{place+} revision=a/b path=c/d place=e/f"},
        {"/hf/a/c%2Fd/at/e", "404"},
        {"/hf/a/c/at%2Fx/e", "404"},
    };
    for (const auto& row : rows) EXPECT_EQ(routes.show(row.path), row.shown) << row.path;
    EXPECT_EQ(routes.show("/v2/t/r/a/b/blobs/uploads/", Method::post),
              "/v2/{t}/{r}/{n...}/blobs/uploads/ t=t r=r n=a/b");
    EXPECT_EQ(routes.show("/v2/t/r/a/blobs/uploads/"), "405 POST,OPTIONS");
    EXPECT_EQ(routes.show("/v2/t/r/a/blobs/d", Method::put), "405 GET,HEAD,OPTIONS");
    EXPECT_EQ(routes.show("/v2/t/r/a/blobs/d", Method::options), "405 GET,HEAD,OPTIONS");
    EXPECT_EQ(routes.find(Method::head, "/v2/t/r/a/manifests/x").route, &routes.table()[3]);
}

TEST(Router, BehindManySegmentsPrefersTheMoreDefiniteFromTheEnd) {
    const Routes routes{get("/{n...}"),          get("/{n...}/{x}/end"), get("/{n...}/b/{x}"),
                        get("/{n...}/{x+}/end"), get("/a/{n...}/b/c"),   row(Method::put, "/{n...}/b/end"),
                        get("/{n...}/end/")};
    const struct {
        std::string_view path, shown;
    } rows[] = {
        {"/end", "/{n...} n=end"},
        {"/q/end", "/{n...} n=q/end"},
        {"/q/r/end", "/{n...}/{x}/end n=q x=r"},
        {"/q/r%2Fs/end", "/{n...}/{x+}/end n=q x=r/s"},
        {"/q%2Fr/s/end", "404"},
        {"/q/b/r", "/{n...}/b/{x} n=q x=r"},
        {"/q/b/end", "/{n...}/{x}/end n=q x=b"},
        {"/a/q/b/c", "/a/{n...}/b/c n=q"},
        {"/a/b/c", "/{n...}/b/{x} n=a x=c"},
        {"/q/r/end/", "/{n...}/end/ n=q/r"},
        {"/end/", "404"},
    };
    for (const auto& row : rows) EXPECT_EQ(routes.show(row.path), row.shown) << row.path;
    EXPECT_EQ(routes.show("/q/b/end", Method::put), "/{n...}/b/end n=q");
    EXPECT_EQ(routes.show("/q/b/end", Method::post), "405 GET,HEAD,PUT,OPTIONS");
    EXPECT_EQ(routes.show("/q/x/end", Method::put), "405 GET,HEAD,OPTIONS");
}

// Every place of both trees is looked at once at most: what would make a search that guesses where {n...}
// ends try each of a million ways is as quick as anything else.
TEST(Router, IsNotMadeSlowByALongPathOfLookalikes) {
    std::vector<std::string> patterns;
    std::string head, tail;
    for (std::size_t i = 0; i < limits::path_segments / 2 - 1; ++i) {
        patterns.push_back(head + "/{n...}" + tail + "/z");
        patterns.push_back(head + "/{n...}" + tail + "/{y}/z");
        head += i % 2 == 0 ? "/a" : "/{x" + std::to_string(i) + "}";
        tail += i % 3 == 0 ? "/a" : "/{w" + std::to_string(i) + "}";
    }
    std::vector<Route> table;
    for (const std::string& pattern : patterns) table.push_back(get(pattern));
    const std::span<const Route> tables[] = {table};
    const Router router(tables);
    std::string path;
    for (std::size_t i = 0; i < limits::path_segments; ++i) path += "/a";
    const Path parsed = parse_path(path);
    for (int i = 0; i < 1000; ++i) ASSERT_FALSE(router.find(Method::get, parsed).has_path());
}

TEST(Router, PrefersTheMoreDefiniteAndBacktracks) {
    const Routes routes{get("/a/b/c"),       get("/a/{x}/d"),   get("/a/{x+}/e"),  get("/a/{rest...}"),
                        get("/{first}/b/f"), get("/p/{plain}"), get("/p/{wide+}"), get("/p/q")};
    const struct {
        std::string_view path, shown;
    } rows[] = {
        {"/a/b/c", "/a/b/c"},
        {"/a/b/d", "/a/{x}/d x=b"},
        {"/a/b/e", "/a/{x+}/e x=b"},
        {"/a/b%2Fb/e", "/a/{x+}/e x=b/b"},
        {"/a/b%2Fb/d", "404"},
        {"/a/b", "/a/{rest...} rest=b"},
        {"/a/b/f", "/a/{rest...} rest=b/f"},
        {"/a/b/c/d", "/a/{rest...} rest=b/c/d"},
        {"/z/b/f", "/{first}/b/f first=z"},
        {"/p/q", "/p/q"},
        {"/p/r", "/p/{plain} plain=r"},
        {"/p/r%2Fs", "/p/{wide+} wide=r/s"},
    };
    for (const auto& row : rows) EXPECT_EQ(routes.show(row.path), row.shown) << row.path;
}

TEST(Router, BacktracksOutOfTheWholeBranch) {
    const Routes routes{get("/a/b/{x}/end"), get("/{y}/b/c/{z}")};
    EXPECT_EQ(routes.show("/a/b/c/end"), "/a/b/{x}/end x=c");
    EXPECT_EQ(routes.show("/a/b/c/other"), "/{y}/b/c/{z} y=a z=other");
    EXPECT_EQ(routes.show("/a/b/d/other"), "404");
}

TEST(Router, LetsRowsNameTheSamePlaceDifferently) {
    const Routes routes{get("/a/{x}/b"), get("/a/{y}/c"), get("/a/{z}"), row(Method::put, "/a/{w}")};
    EXPECT_EQ(routes.show("/a/1/b"), "/a/{x}/b x=1");
    EXPECT_EQ(routes.show("/a/1/c"), "/a/{y}/c y=1");
    EXPECT_EQ(routes.show("/a/1"), "/a/{z} z=1");
    EXPECT_EQ(routes.show("/a/1", Method::put), "/a/{w} w=1");
}

TEST(Router, TakesATrailingSlashOnlyWhereThePatternHasOne) {
    const Routes routes{get("/"),           get("/a"),      get("/b/"),          get("/c"),
                        get("/c/"),         get("/d/{x}/"), get("/e/{path...}"), get("/f/{path...}/"),
                        get("/f/{path...}")};
    const struct {
        std::string_view path, shown;
    } rows[] = {
        {"/a/", "404"},
        {"/b", "404"},
        {"/b/", "/b/"},
        {"/c", "/c"},
        {"/c/", "/c/"},
        {"/d/1", "404"},
        {"/d/1/", "/d/{x}/ x=1"},
        {"/e/1/2/", "404"},
        {"/f/1/2/", "/f/{path...}/ path=1/2"},
        {"/f/1/2", "/f/{path...} path=1/2"},
    };
    for (const auto& row : rows) EXPECT_EQ(routes.show(row.path), row.shown) << row.path;
}

TEST(Router, KnowsMethods) {
    const Routes routes{get("/a"), row(Method::put, "/a"),  row(Method::post, "/b"),
                        get("/c"), row(Method::head, "/c"), row(Method::options, "/d")};
    EXPECT_EQ(routes.show("/a", Method::put), "/a");
    EXPECT_EQ(routes.show("/a", Method::post), "405 GET,HEAD,PUT,OPTIONS");
    EXPECT_EQ(routes.show("/a", Method::options), "405 GET,HEAD,PUT,OPTIONS");
    EXPECT_EQ(routes.show("/b", Method::head), "405 POST,OPTIONS");
    EXPECT_EQ(routes.show("/d", Method::options), "/d");
    EXPECT_EQ(routes.show("/d", Method::get), "405 OPTIONS");
    EXPECT_EQ(routes.show("/x", Method::options), "404");

    EXPECT_EQ(routes.find(Method::head, "/a").route, &routes.table()[0]);
    EXPECT_EQ(routes.find(Method::head, "/c").route, &routes.table()[4]);
    EXPECT_THAT(routes.find(Method::get, "/a").allowed, IsEmpty());
}

TEST(Router, LooksForTheMethodInEveryBranchThatMatches) {
    const Routes routes{get("/a/b"), row(Method::put, "/a/{x}"), row(Method::del, "/{rest...}")};
    EXPECT_EQ(routes.show("/a/b"), "/a/b");
    EXPECT_EQ(routes.show("/a/b", Method::put), "/a/{x} x=b");
    EXPECT_EQ(routes.show("/a/b", Method::del), "/{rest...} rest=a/b");
    EXPECT_EQ(routes.show("/a/b", Method::post), "405 GET,HEAD,PUT,DELETE,OPTIONS");
    EXPECT_EQ(routes.show("/a/c", Method::get), "405 PUT,DELETE,OPTIONS");
}

TEST(Router, FindsAmongManyLiterals) {
    std::vector<std::string> patterns;
    for (int i = 0; i < 200; ++i) patterns.push_back("/x/noun" + std::to_string(i * 37 % 200));
    std::vector<Route> table;
    for (const std::string& pattern : patterns) table.push_back(get(pattern));
    const std::span<const Route> tables[] = {std::span(table).first(90), std::span(table).subspan(90)};
    const Router router(tables);
    for (const Route& route : table)
        ASSERT_EQ(router.find(Method::get, parse_path(route.pattern)).route, &route);
    EXPECT_FALSE(router.find(Method::get, parse_path("/x/noun200")).has_path());
    ASSERT_EQ(router.routes().size(), table.size());
    EXPECT_EQ(router.routes()[91], &table[91]);
}

TEST(Router, TakesTheLongestPath) {
    const Routes routes{get("/{a}/{b}/{c...}")};
    std::string path = "/1/2", rest;
    for (std::size_t i = 2; i < limits::path_segments; ++i) {
        path += "/x";
        rest += rest.empty() ? "x" : "/x";
    }
    EXPECT_EQ(routes.show(path), "/{a}/{b}/{c...} a=1 b=2 c=" + rest);
}

TEST(Router, NamesAccessLevels) {
    EXPECT_EQ(access_name(Access::open), "open");
    EXPECT_EQ(access_name(Access::operators), "operators");
    EXPECT_EQ(access_name(Access::signed_in), "signed in");
    EXPECT_EQ(access_name(Access::needs("user:read")), "user:read");
}

TEST(Router, TakesAccessLevelsThatNameItsParameters) {
    const auto row = [](const Target& target) {
        return Route{Method::get, "/{tenant}/{a}/{b...}", Access::needs("user:read", target), &answer};
    };
    for (const Target& target :
         {Target{}, Target{.id = "b", .app = "a", .owner = "b"}, Target{.tenant = caller, .owner = caller},
          Target{.tenant = installation}, Target{.id = "b", .repository = "a", .format = "oci"}})
        EXPECT_EQ(Routes{row(target)}.show("/1/2/3"), "/{tenant}/{a}/{b...} tenant=1 a=2 b=3");
}

TEST(Request, HasTheParametersOfItsRoute) {
    Request request;
    request.match.parameters = {{"a", "1"}, {"b", "2"}};
    EXPECT_EQ(request.parameter("b"), "2");
    EXPECT_DEATH(request.parameter("c"), "its route's pattern does not have");
}

TEST(RouterDeathTest, ABadPatternIsABug) {
    std::string too_long;
    for (std::size_t i = 0; i <= limits::path_segments; ++i) too_long += "/a";
    const struct {
        std::string_view pattern, reason;
    } rows[] = {
        {"", "does not begin with a slash"},
        {"a", "does not begin with a slash"},
        {"//", "neither literal text nor"},
        {"/a//b", "neither literal text nor"},
        {"/a/../b", "neither literal text nor"},
        {"/a b", "neither literal text nor"},
        {"/a%20b", "neither literal text nor"},
        {"/a?b", "neither literal text nor"},
        {"/{a", "neither literal text nor"},
        {"/a}", "neither literal text nor"},
        {"/{a}.json", "neither literal text nor"},
        {"/{}", "a parameter's name"},
        {"/{...}", "a parameter's name"},
        {"/{a-b}", "a parameter's name"},
        {"/{a}{b}", "a parameter's name"},
        {"/{a...}/{b...}", "stands in it twice"},
        {"/{a...}/b/{c...}", "stands in it twice"},
        {"/{a...}/b/{a}", "the same name"},
        {"/{a}/{a}", "the same name"},
        {"/{a}/b/{a...}", "the same name"},
        {too_long, "no path may have so many segments"},
    };
    for (const auto& row : rows)
        EXPECT_DEATH(Routes{get(row.pattern)}, std::string(row.reason)) << row.pattern;
    EXPECT_DEATH(
        (Routes{{.method = Method::get, .pattern = "/a", .access = Access::open, .handler = nullptr}}),
        "it has no handler");
}

TEST(RouterDeathTest, AnAccessLevelThatNamesNothingIsABug) {
    const auto row = [](std::string_view permission, const Target& target) {
        return Route{Method::get, "/{tenant}/{a}", Access::needs(permission, target), &answer};
    };
    for (const Target& target :
         {Target{.id = "b"}, Target{.app = "b"}, Target{.tenant = "b"}, Target{.owner = "b"},
          Target{.id = caller}, Target{.id = installation}, Target{.owner = installation},
          Target{.repository = "b"}, Target{.repository = caller},
          Target{.tenant = caller, .repository = "a"}, Target{.tenant = installation, .repository = "a"}})
        EXPECT_DEATH(Routes{row("user:read", target)}, "names a parameter that it has not");
    EXPECT_DEATH(Routes{row("user:read", {.format = "oci"})}, "a format without a repository");
    EXPECT_DEATH(Routes{row("user:read", {.tenant = {}})}, "does not say whose the target is");
    EXPECT_DEATH(Routes{row("read", {})}, "no permission that there is");
}

TEST(RouterDeathTest, TwoRowsThatMeanTheSameAreABug) {
    const std::pair<std::string_view, std::string_view> rows[] = {
        {"/a", "/a"},
        {"/", "/"},
        {"/a/", "/a/"},
        {"/{x}", "/{y}"},
        {"/{x+}", "/{y+}"},
        {"/a/{x...}", "/a/{y...}"},
        {"/{a}/b/{c}/", "/{d}/b/{e}/"},
        {"/{a...}/b/{c}", "/{d...}/b/{e}"},
        {"/{a}/{b...}", "/{a...}/{b}"},
        {"/a/{b}/{c...}/{d}/e", "/a/{b...}/{c}/{d}/e"},
    };
    for (const auto& [one, two] : rows)
        EXPECT_DEATH((Routes{get(one), get(two)}), "another row means the same") << one;
}

}  // namespace
}  // namespace lodestone::http
