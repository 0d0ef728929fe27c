// Fuzzes what clients send to lists: cursors, filters, and what is searched for. Whatever is taken comes out
// again as it went in; patterns match nothing but what was typed.
#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/base64url.hpp"
#include "base/ensure.hpp"
#include "base/fold_case.hpp"
#include "base/problem.hpp"
#include "base/tenant_id.hpp"
#include "base/utf8.hpp"
#include "db/filters.hpp"
#include "db/noun.hpp"
#include "db/page.hpp"

using namespace lodestone;

namespace {

enum class Colour : std::uint8_t { red, green };
BOOST_DESCRIBE_ENUM(Colour, red, green)

struct Filters {
    std::optional<Colour> colour;
    std::optional<bool> is_round;
    std::optional<TenantId> tenant;
    std::optional<db::Prefix> name;
    std::optional<db::Substring> search;
    std::optional<std::string> actor;
};
BOOST_DESCRIBE_STRUCT(Filters, (), (colour, is_round, tenant, name, search, actor))

void check_cursor(std::string_view text) {
    if (const auto bytes = parse_base64url(text)) ensure(render_base64url(*bytes) == text, "one spelling");
    // A cursor of the fuzzer's own, and its bytes as key and id.
    if (const auto cursor = db::parse_cursor(text, "list"))
        ensure(db::render_cursor(*cursor, "list") == text, "a cursor comes back");
    if (!is_utf8(text) || text.size() > 512) return;
    const db::Cursor made{.key = std::string(text.substr(text.size() / 2)), .id = "id"};
    if (!is_utf8(made.key)) return;
    ensure(db::parse_cursor(db::render_cursor(made, "list"), "list") == made, "what was made is taken");
}

// Lines of name=value.
void check_filters(std::string_view text) {
    db::FilterTexts texts;
    while (!text.empty()) {
        const auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        const auto equals = line.find('=');
        if (equals != std::string_view::npos)
            texts.emplace_back(line.substr(0, equals), line.substr(equals + 1));
    }
    (void)find_problem([&] { (void)db::parse_filters<Filters>(texts); });
}

void check_pattern(const std::string& typed) {
    const std::string pattern = db::Substring(typed).text();
    std::string literal;
    for (std::size_t at = 1; at + 1 < pattern.size(); ++at) {
        ensure(pattern[at] != '%' && pattern[at] != '_', "no wildcard of the client's own");
        if (pattern[at] == '!') ++at;
        literal += pattern[at];
    }
    ensure(literal == fold_case(typed), "the pattern says what was typed");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size_bytes) {
    const std::string text(reinterpret_cast<const char*>(data), size_bytes);
    check_cursor(text);
    check_filters(text);
    check_pattern(text);
    ensure(fold_case(fold_case(text)) == fold_case(text), "folded once is folded");
    ensure(is_utf8(fold_case(text)) == is_utf8(text), "folding keeps UTF-8 what it is");
    (void)find_problem([&] { db::check_name("thing", text); });
    (void)find_problem([&] { db::check_metadata(text); });
    return 0;
}
