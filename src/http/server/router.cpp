// The router: a tree of segments built at start. A search walks it depth first in order of precedence; as
// each node lies at one depth it is visited at most once, so no path can make a search expensive.
#include "http/server/router.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/ensure.hpp"

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
        check_pattern(is_last || piece.kind != Kind::rest, text, "{name...} does not stand at the end");
        for (const Piece& earlier : pattern.pieces)
            check_pattern(
                piece.kind == Kind::literal || earlier.kind == Kind::literal || earlier.text != piece.text,
                text, "two parameters have the same name");
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
    check_name(access.target.id, {});
    check_name(access.target.app, {});
    check_name(access.target.tenant, {caller, installation});
    check_name(access.target.owner, {caller});
}

static_assert(limits::path_segments <= 256, "Search keeps the places of segments in bytes");

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
    struct Row {
        const Route* route = nullptr;
        std::vector<std::string_view> names;
    };
    std::array<Row, method_count> rows;
    unsigned methods = 0;  // bits of those that have a row

    const Row* find(Method method) const {
        const Row* row = &rows[index_of(method)];
        if (row->route == nullptr && method == Method::head) row = &rows[index_of(Method::get)];
        return row->route == nullptr ? nullptr : row;
    }
};

// What may follow a place in a path. Leaves are few, so they are made where there is one: [1] is for paths
// that end in '/'.
struct Router::Node {
    std::vector<std::pair<std::string_view, std::unique_ptr<Node>>> literals;  // by length, then text
    std::unique_ptr<Node> single;
    std::unique_ptr<Node> wide;
    std::array<std::unique_ptr<Leaf>, 2> ends;
    std::array<std::unique_ptr<Leaf>, 2> rests;

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
        std::unique_ptr<Node>& node = piece.kind == Kind::single ? single : wide;
        if (!node) node = std::make_unique<Node>();
        return *node;
    }
};

Router::Router(std::span<const std::span<const Route>> tables) : root_(std::make_unique<Node>()) {
    for (const std::span<const Route> table : tables)
        for (const Route& route : table) {
            insert(route);
            routes_.push_back(&route);
        }
}

Router::~Router() = default;

void Router::insert(const Route& route) {
    check_pattern(route.handler != nullptr, route.pattern, "it has no handler");
    const Pattern pattern = parse_pattern(route.pattern);
    check_access(route.access, pattern, route.pattern);
    Leaf::Row row{.route = &route, .names = {}};
    Node* node = root_.get();
    bool is_rest = false;
    for (const Piece& piece : pattern.pieces) {
        if (piece.kind != Kind::literal) row.names.push_back(piece.text);
        is_rest = piece.kind == Kind::rest;
        if (!is_rest) node = &node->child(piece);
    }
    std::unique_ptr<Leaf>& leaf = (is_rest ? node->rests : node->ends)[pattern.has_trailing_slash ? 1 : 0];
    if (!leaf) leaf = std::make_unique<Leaf>();
    Leaf::Row& place = leaf->rows[index_of(route.method)];
    if (place.route != nullptr)
        check_pattern(false, route.pattern,
                      "another row means the same for this method: " + std::string(place.route->pattern));
    place = std::move(row);
    leaf->methods |= bit_of(route.method);
}

struct Router::Search {
    Method method;
    const Path& path;
    const Leaf::Row* row = nullptr;
    unsigned methods = 0;  // of every leaf that the path reaches
    bool is_rest = false;
    // The segments that parameters took. A tree is no deeper than its patterns, and those are limited.
    std::array<std::uint8_t, limits::path_segments> taken;
    std::size_t taken_count = 0;

    bool try_leaf(const std::unique_ptr<Leaf>& leaf) {
        if (!leaf) return false;
        row = leaf->find(method);
        methods |= leaf->methods;
        return row != nullptr;
    }

    bool try_parameter(const std::unique_ptr<Node>& node, std::size_t depth) {
        if (!node) return false;
        taken[taken_count++] = static_cast<std::uint8_t>(depth);
        if (walk(*node, depth + 1)) return true;
        --taken_count;
        return false;
    }

    bool try_rest(const Node& node, std::size_t depth) {
        const std::unique_ptr<Leaf>& leaf = node.rests[path.has_trailing_slash ? 1 : 0];
        if (!leaf) return false;
        for (std::size_t i = depth; i < path.segments.size(); ++i)
            if (path.segments[i].has_encoded_slash) return false;
        if (!try_leaf(leaf)) return false;
        is_rest = true;
        taken[taken_count++] = static_cast<std::uint8_t>(depth);
        return true;
    }

    bool walk(const Node& node, std::size_t depth) {
        if (depth == path.segments.size()) return try_leaf(node.ends[path.has_trailing_slash ? 1 : 0]);
        const PathSegment& segment = path.segments[depth];
        if (!segment.has_encoded_slash) {
            const Node* literal = node.find_literal(segment.text);
            if (literal != nullptr && walk(*literal, depth + 1)) return true;
            if (try_parameter(node.single, depth)) return true;
        }
        return try_parameter(node.wide, depth) || try_rest(node, depth);
    }

    std::string value(std::size_t index) const {
        const std::size_t first = taken[index];
        if (!is_rest || index + 1 < taken_count) return path.segments[first].text;
        std::string joined = path.segments[first].text;
        for (std::size_t i = first + 1; i < path.segments.size(); ++i)
            (joined += '/') += path.segments[i].text;
        return joined;
    }
};

Router::Found Router::find(Method method, const Path& path) const {
    Search search{.method = method, .path = path, .taken = {}};
    Found found;
    if (!search.walk(*root_, 0)) {
        if (search.methods != 0) found.allowed = list_methods(search.methods);
        return found;
    }
    found.route = search.row->route;
    found.parameters.reserve(search.taken_count);
    for (std::size_t i = 0; i < search.taken_count; ++i)
        found.parameters.emplace_back(search.row->names[i], search.value(i));
    return found;
}

}  // namespace lodestone::http
