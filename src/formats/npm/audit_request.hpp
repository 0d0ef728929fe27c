// What clients send when they ask for advisories: names with versions, or a whole tree of dependencies.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "packages/find_advisories.hpp"

namespace lodestone::formats::npm {

// The body as it was written; `coding` is its Content-Encoding. Throws Problem(unsupported_media_type) for
// another than gzip, Problem(invalid_input) for what is none or holds more than the limits say.
std::string unpack_body(std::string body, std::string_view coding);

// {"left-pad": ["1.0.0"]}. Throws Problem(invalid_input).
std::vector<packages::AskedPackage> parse_bulk_audit(std::string_view text);

// {"dependencies": {"left-pad": {"version": "1.0.0", "dependencies": {…}}}}, however deep: what is needed of
// it, which is a small part of what it is as JSON.
class AuditTree {
  public:
    // Throws Problem(invalid_input).
    explicit AuditTree(std::string_view text);

    std::vector<packages::AskedPackage> list_packages() const;

    struct Place {
        std::vector<std::string> paths;  // "a>b": the first ones
        std::int64_t count = 0;          // of all of them
        bool is_dev = true;              // none of them is needed otherwise
        bool is_optional = true;
        bool is_bundled = true;
    };
    // By name and version.
    using Places = std::map<std::pair<std::string, std::string>, Place>;
    // Fills those that are there.
    void find_places(Places& places) const;

    struct Counts {
        std::int64_t dependencies = 0;
        std::int64_t dev = 0;
        std::int64_t optional = 0;
    };
    Counts count() const;

    // About what it takes in memory.
    std::uint64_t size_bytes() const;

  private:
    static constexpr std::uint32_t root = 0xffffffff;
    struct Node {
        std::uint32_t name;     // in texts_
        std::uint32_t version;  // likewise; an empty text: it says none
        std::uint32_t parent;   // in nodes_, or root
        bool is_dev;
        bool is_optional;
        bool is_bundled;
    };
    void add_below(const boost::json::object& said, std::uint32_t parent);
    std::uint32_t note_text(std::string_view text);
    std::string path_of(const Node& node) const;

    std::vector<std::string> texts_;
    std::map<std::string, std::uint32_t, std::less<>> numbers_;  // of texts, while nodes are added
    std::vector<Node> nodes_;
};

}  // namespace lodestone::formats::npm
