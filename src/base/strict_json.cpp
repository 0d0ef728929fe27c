// The text is read twice: once for its names alone, by a parser that keeps nothing else, once for its values.
#include "base/strict_json.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/parse.hpp>
#include <set>
#include <string>
#include <vector>

namespace lodestone {

namespace {

// What basic_parser tells; everything but names of members is nothing to it.
struct Names {
    using Code = boost::json::error_code;
    using Text = boost::json::string_view;
    static constexpr std::size_t max_array_size = std::size_t(-1);
    static constexpr std::size_t max_object_size = std::size_t(-1);
    static constexpr std::size_t max_string_size = std::size_t(-1);
    static constexpr std::size_t max_key_size = std::size_t(-1);

    std::vector<std::set<std::string, std::less<>>> open;  // of the objects that have begun, the names so far
    std::string begun;                                     // a name of which more is to come
    bool has_double = false;

    bool on_document_begin(Code& /*unused*/) { return true; }
    bool on_document_end(Code& /*unused*/) { return true; }
    bool on_object_begin(Code& /*unused*/) { return open.emplace_back(), true; }
    bool on_object_end(std::size_t /*unused*/, Code& /*unused*/) { return open.pop_back(), true; }
    bool on_array_begin(Code& /*unused*/) { return true; }
    bool on_array_end(std::size_t /*unused*/, Code& /*unused*/) { return true; }
    bool on_key_part(Text part, std::size_t /*unused*/, Code& /*unused*/) {
        begun.append(part.data(), part.size());
        return true;
    }
    bool on_key(Text part, std::size_t /*unused*/, Code& /*unused*/) {
        begun.append(part.data(), part.size());
        has_double = has_double || !open.back().insert(std::move(begun)).second;
        begun.clear();
        return true;
    }
    bool on_string_part(Text /*unused*/, std::size_t /*unused*/, Code& /*unused*/) { return true; }
    bool on_string(Text /*unused*/, std::size_t /*unused*/, Code& /*unused*/) { return true; }
    bool on_number_part(Text /*unused*/, Code& /*unused*/) { return true; }
    bool on_int64(std::int64_t /*unused*/, Text /*unused*/, Code& /*unused*/) { return true; }
    bool on_uint64(std::uint64_t /*unused*/, Text /*unused*/, Code& /*unused*/) { return true; }
    bool on_double(double /*unused*/, Text /*unused*/, Code& /*unused*/) { return true; }
    bool on_bool(bool /*unused*/, Code& /*unused*/) { return true; }
    bool on_null(Code& /*unused*/) { return true; }
    bool on_comment_part(Text /*unused*/, Code& /*unused*/) { return true; }
    bool on_comment(Text /*unused*/, Code& /*unused*/) { return true; }
};

}  // namespace

StrictJson parse_strict_json(std::string_view text, std::size_t limit_bytes) {
    if (text.size() > limit_bytes) return {{}, "is too long"};
    boost::json::basic_parser<Names> names{boost::json::parse_options{}};
    boost::json::error_code fault;
    const std::size_t read = names.write_some(false, text.data(), text.size(), fault);
    if (fault || read != text.size()) return {{}, "is not JSON"};
    if (names.handler().has_double) return {{}, "has a member twice"};
    boost::json::value value = boost::json::parse(text, fault);
    if (fault) return {{}, "is not JSON"};
    if (!value.is_object()) return {{}, "is not a JSON object"};
    return {std::move(value.get_object()), {}};
}

}  // namespace lodestone
