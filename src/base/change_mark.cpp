// NODE:PAYLOAD, whatever carries it.
#include "base/change_mark.hpp"

#include <string_view>

namespace lodestone {

namespace {

constexpr char mark_end = ':';

}  // namespace

std::string mark_payload(const std::string& node, const std::string& payload) {
    return node + mark_end + payload;
}

std::optional<std::string> read_payload(const std::string& node, const std::string& marked) {
    const std::size_t end = marked.find(mark_end);
    if (end != node.size()) return marked;  // from somebody who knows nothing of nodes
    if (std::string_view(marked).substr(0, end) == node) return std::nullopt;
    return marked.substr(end + 1);
}

}  // namespace lodestone
