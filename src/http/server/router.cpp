// The router: a tree of segments built at start. A search walks it depth first in order of precedence. Where
// {name...} stands begins another tree, of what follows, which is walked from the path's end. A node of the
// first lies at one distance from the beginning, one of the others at one from the end, so each is visited at
// most once, and no path can make a search expensive.
#include "http/server/router.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/ensure.hpp"
#include "http/server/app_named_later.hpp"

namespace lodestone::http {

namespace {

enum class Kind : std::uint8_t { literal, single, wide, rest };

struct Piece {
    Kind kind = Kind::literal;
    std::string_view text;  // the literal, or the parameter's name
};

void check_pattern(bool is_good, std::string_view pattern, std::string_view what) {
    if (!is_good) ensure(false, "route pattern \"" + std::string(pattern) + "\": " + std::string(what));
}

bool is_name(std::string_view text) {
    const auto is_name_character = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    };
    return !text.empty() && std::all_of(text.begin(), text.end(), is_name_character);
}

// What a decoded path can hold, less the characters that show a mistyped pattern.
bool is_literal(std::string_view text) {
    const auto is_literal_character = [](char c) {
        return c > 0x20 && c < 0x7f && std::string_view("{}%\\?#").find(c) == std::string_view::npos;
    };
    return !text.empty() && text != "." && text != ".." &&
           std::all_of(text.begin(), text.end(), is_literal_character);
}

Piece parse_piece(std::string_view text, std::string_view pattern) {
    if (!text.starts_with('{') || !text.ends_with('}')) {
        check_pattern(is_literal(text), pattern, "a segment is neither literal text nor one {parameter}");
        return {Kind::literal, text};
    }
    Piece piece{Kind::single, text.substr(1, text.size() - 2)};
    if (piece.text.ends_with("...")) {
        piece.kind = Kind::rest;
        piece.text.remove_suffix(3);
    } else if (piece.text.ends_with('+')) {
        piece.kind = Kind::wide;
        piece.text.remove_suffix(1);
    }
    check_pattern(is_name(piece.text), pattern, "a parameter's name is not lower-case letters, digits and _");
    return piece;
}

struct Pattern {
    std::vector<Piece> pieces;
    bool has_trailing_slash = false;
};

Pattern parse_pattern(std::string_view text) {
    check_pattern(text.starts_with('/'), text, "it does not begin with a slash");
    Pattern pattern;
    std::string_view rest = text.substr(1);
    if (rest.empty()) return pattern;
    pattern.has_trailing_slash = rest.ends_with('/');
    if (pattern.has_trailing_slash) rest.remove_suffix(1);
    for (bool is_last = false; !is_last;) {
        const std::size_t slash = rest.find('/');
        is_last = slash == rest.npos;
        const Piece piece = parse_piece(rest.substr(0, slash), text);
        for (const Piece& earlier : pattern.pieces) {
            check_pattern(piece.kind != Kind::rest || earlier.kind != Kind::rest, text,
                          "{name...} stands in it twice");
            check_pattern(
                piece.kind == Kind::literal || earlier.kind == Kind::literal || earlier.text != piece.text,
                text, "two parameters have the same name");
        }
        pattern.pieces.push_back(piece);
        if (!is_last) rest.remove_prefix(slash + 1);
    }
    check_pattern(pattern.pieces.size() <= limits::path_segments, text, "no path may have so many segments");
    return pattern;
}

// What the access level names must be in the path, or the gate could not tell what is asked for.
void check_access(const Access& access, const Pattern& pattern, std::string_view text) {
    if (access.kind != Access::Kind::permission) return;
    check_pattern(access.permission.find(':') != access.permission.npos, text,
                  "it needs no permission that there is");
    const auto check_name = [&](std::string_view name, std::initializer_list<std::string_view> others) {
        const bool is_other = name.empty() || std::ranges::count(others, name) > 0;
        const bool is_parameter = std::ranges::any_of(pattern.pieces, [&](const Piece& piece) {
            return piece.kind != Kind::literal && piece.text == name;
        });
        check_pattern(is_other || is_parameter, text, "its access level names a parameter that it has not");
    };
    check_pattern(!access.target.tenant.empty(), text, "its access level does not say whose the target is");
    check_name(access.target.id, {in_body});
    check_name(access.target.app, {in_body, in_query});
    check_name(access.target.tenant, {caller, installation});
    check_name(access.target.owner, {caller});
    check_name(access.target.repository, {});
    if (access.target.repository.empty())
        check_pattern(access.target.format.empty(), text,
                      "its access level has a format without a repository");
    else
        check_name(access.target.tenant, {});
}

// What a pattern takes, in the same words as every other that takes the same.
std::string describe_paths(const Pattern& pattern, Method method) {
    std::string text(method_name(method));
    for (auto piece = pattern.pieces.begin(); piece != pattern.pieces.end();) {
        std::size_t singles = 0;
        bool has_rest = false;
        for (; piece != pattern.pieces.end() && (piece->kind == Kind::single || piece->kind == Kind::rest);
             ++piece) {
            ++singles;
            has_rest = has_rest || piece->kind == Kind::rest;
        }
        if (singles > 0) text += "/{" + std::to_string(singles) + (has_rest ? "...}" : "}");
        if (piece == pattern.pieces.end()) break;
        text += piece->kind == Kind::wide ? "/{+}" : "/" + std::string(piece->text);
        ++piece;
    }
    return pattern.has_trailing_slash ? text + '/' : text;
}

constexpr std::size_t index_of(Method method) {
    return static_cast<std::size_t>(method);
}

constexpr unsigned bit_of(Method method) {
    return 1u << index_of(method);
}

std::vector<Method> list_methods(unsigned bits) {
    if ((bits & bit_of(Method::get)) != 0) bits |= bit_of(Method::head);
    bits |= bit_of(Method::options);
    std::vector<Method> methods;
    methods.reserve(method_count);
    for (std::size_t i = 0; i < method_count; ++i)
        if ((bits & 1u << i) != 0) methods.push_back(static_cast<Method>(i));
    return methods;
}

}  // namespace

std::string_view access_name(const Access& access) {
    switch (access.kind) {
        case Access::Kind::open: return "open";
        case Access::Kind::operators: return "operators";
        case Access::Kind::signed_in: return "signed in";
        case Access::Kind::permission: return access.permission;
    }
    return "";
}

// Where patterns end: what stands there for each method. Parameter names belong to the row, not to the tree,
// so that rows may name the same place differently.
struct Router::Leaf {
    struct Parameter {
        std::string_view name;
        Kind kind = Kind::single;
        std::size_t before = 0;  // pieces of the pattern that stand before it
        std::size_t behind = 0;  // … and behind it
    };
    struct Row {
        const Route* route = nullptr;
        std::vector<Parameter> parameters;
        std::size_t rest_at = limits::path_segments;  // which piece is {name...}
    };
    std::array<Row, method_count> rows;
    unsigned methods = 0;  // bits of those that have a row

    const Row* find(Method method) const {
        const Row* row = &rows[index_of(method)];
        if (row->route == nullptr && method == Method::head) row = &rows[index_of(Method::get)];
        return row->route == nullptr ? nullptr : row;
    }
};

// What may follow a place in a path; in the tree behind a {name...}, what may stand before it. Leaves are
// few, so they are made where there is one: [1] is for paths that end in '/'.
struct Router::Node {
    std::vector<std::pair<std::string_view, std::unique_ptr<Node>>> literals;  // by length, then text
    std::unique_ptr<Node> single;
    std::unique_ptr<Node> wide;
    std::unique_ptr<Node> rest;  // where a {name...} begins: from the end of the path back to where it ends
    std::array<std::unique_ptr<Leaf>, 2> ends;

    auto literal_place(std::string_view text) const {
        return std::lower_bound(
            literals.begin(), literals.end(), text, [](const auto& literal, std::string_view t) {
                return literal.first.size() != t.size() ? literal.first.size() < t.size() : literal.first < t;
            });
    }

    const Node* find_literal(std::string_view text) const {
        const auto at = literal_place(text);
        return at != literals.end() && at->first == text ? at->second.get() : nullptr;
    }

    Node& child(const Piece& piece) {
        if (piece.kind == Kind::literal) {
            auto at = literal_place(piece.text);
            if (at == literals.end() || at->first != piece.text)
                at = literals.emplace(at, piece.text, std::make_unique<Node>());
            return *at->second;
        }
        std::unique_ptr<Node>& node = piece.kind == Kind::single ? single
                                      : piece.kind == Kind::wide ? wide
                                                                 : rest;
        if (!node) node = std::make_unique<Node>();
        return *node;
    }
};

Router::Router(std::span<const std::span<const Route>> tables) : root_(std::make_unique<Node>()) {
    Taken taken;
    for (const std::span<const Route> table : tables)
        for (const Route& route : table) {
            insert(route, taken);
            routes_.push_back(&route);
        }
}

Router::~Router() = default;

void Router::insert(const Route& route, Taken& taken) {
    check_pattern(route.handler != nullptr, route.pattern, "it has no handler");
    const Pattern pattern = parse_pattern(route.pattern);
    check_access(route.access, pattern, route.pattern);
    const auto [same, is_new] = taken.try_emplace(describe_paths(pattern, route.method), &route);
    if (!is_new)
        check_pattern(false, route.pattern,
                      "another row means the same for this method: " + std::string(same->second->pattern));

    Leaf::Row row{.route = &route, .parameters = {}};
    const std::vector<Piece>& pieces = pattern.pieces;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        if (pieces[i].kind == Kind::rest) row.rest_at = i;
        if (pieces[i].kind != Kind::literal)
            row.parameters.push_back({.name = pieces[i].text,
                                      .kind = pieces[i].kind,
                                      .before = i,
                                      .behind = pieces.size() - 1 - i});
    }
    Node* node = root_.get();
    for (std::size_t i = 0; i < pieces.size() && i <= row.rest_at; ++i) node = &node->child(pieces[i]);
    for (std::size_t i = pieces.size(); i > row.rest_at + 1; --i) node = &node->child(pieces[i - 1]);
    std::unique_ptr<Leaf>& leaf = node->ends[pattern.has_trailing_slash ? 1 : 0];
    if (!leaf) leaf = std::make_unique<Leaf>();
    leaf->rows[index_of(route.method)] = std::move(row);
    leaf->methods |= bit_of(route.method);
}

struct Router::Search {
    Method method;
    const Path& path;
    const Leaf::Row* row = nullptr;
    unsigned methods = 0;  // of every leaf that the path reaches

    bool try_leaf(const Node& node) {
        const std::unique_ptr<Leaf>& leaf = node.ends[path.has_trailing_slash ? 1 : 0];
        if (!leaf) return false;
        row = leaf->find(method);
        methods |= leaf->methods;
        return row != nullptr;
    }

    bool walk(const Node& node, std::size_t depth) {
        if (depth == path.segments.size()) return try_leaf(node);
        const PathSegment& segment = path.segments[depth];
        if (!segment.has_encoded_slash) {
            const Node* literal = node.find_literal(segment.text);
            if (literal != nullptr && walk(*literal, depth + 1)) return true;
            if (node.single && walk(*node.single, depth + 1)) return true;
        }
        if (node.wide && walk(*node.wide, depth + 1)) return true;
        return node.rest && try_rest(*node.rest, depth);
    }

    // {name...} takes the segments from `first` on: as many as have no encoded slash in them may be its own.
    bool try_rest(const Node& node, std::size_t first) {
        std::size_t whole = first;
        while (whole < path.segments.size() && !path.segments[whole].has_encoded_slash) ++whole;
        return whole > first && walk_back(node, {first, whole}, path.segments.size());
    }

    struct Reach {
        std::size_t first;
        std::size_t whole;
    };
    // The segments before `end` are still to be had; at least the first of the reach stays {name...}'s.
    bool walk_back(const Node& node, const Reach& reach, std::size_t end) {
        if (end > reach.first + 1) {
            const PathSegment& segment = path.segments[end - 1];
            if (!segment.has_encoded_slash) {
                const Node* literal = node.find_literal(segment.text);
                if (literal != nullptr && walk_back(*literal, reach, end - 1)) return true;
                if (node.single && walk_back(*node.single, reach, end - 1)) return true;
            }
            if (node.wide && walk_back(*node.wide, reach, end - 1)) return true;
        }
        return end <= reach.whole && try_leaf(node);
    }

    std::string value(const Leaf::Parameter& parameter) const {
        const std::size_t count = path.segments.size();
        const bool is_from_end = parameter.before > row->rest_at;
        const std::size_t first = is_from_end ? count - 1 - parameter.behind : parameter.before;
        std::string value = path.segments[first].text;
        if (parameter.kind == Kind::rest)
            for (std::size_t i = first + 1; i < count - parameter.behind; ++i)
                (value += '/') += path.segments[i].text;
        return value;
    }
};

Router::Found Router::find(Method method, const Path& path) const {
    Search search{.method = method, .path = path};
    Found found;
    if (!search.walk(*root_, 0)) {
        if (search.methods != 0) found.allowed = list_methods(search.methods);
        return found;
    }
    found.route = search.row->route;
    found.parameters.reserve(search.row->parameters.size());
    for (const Leaf::Parameter& parameter : search.row->parameters)
        found.parameters.emplace_back(parameter.name, search.value(parameter));
    return found;
}

}  // namespace lodestone::http
