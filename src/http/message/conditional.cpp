// Preconditions: entity tags compared strongly or weakly, dates compared by the second.
#include "http/message/conditional.hpp"

#include <algorithm>

#include "base/problem.hpp"

namespace lodestone::http {

namespace {

struct EntityTag {
    bool is_weak;
    std::string_view opaque;  // with its quotes
};

bool is_tag_character(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == 0x21 || (byte >= 0x23 && byte != 0x7f);
}

// RFC 9110 §8.8.3. A tag is no quoted string: a backslash in it escapes nothing, a comma separates nothing.
std::optional<EntityTag> take_tag(std::string_view& text) {
    const bool is_weak = text.starts_with("W/");
    const std::string_view rest = text.substr(is_weak ? 2 : 0);
    if (!rest.starts_with('"')) return std::nullopt;
    std::size_t end = 1;
    while (end < rest.size() && is_tag_character(rest[end])) ++end;
    if (end == rest.size() || rest[end] != '"') return std::nullopt;
    text = rest.substr(end + 1);
    return EntityTag{is_weak, rest.substr(0, end + 1)};
}

enum class Comparison { strong, weak };

bool matches(const EntityTag& a, const EntityTag& b, Comparison comparison) {
    if (comparison == Comparison::strong && (a.is_weak || b.is_weak)) return false;
    return a.opaque == b.opaque;
}

std::optional<EntityTag> parse_tag(std::string_view text) {
    auto tag = take_tag(text);
    if (!text.empty()) return std::nullopt;
    return tag;
}

void skip_separators(std::string_view& text) {
    text.remove_prefix(std::min(text.find_first_not_of(", \t"), text.size()));
}

enum class ListVerdict { malformed, no_match, match };

ListVerdict match_list(std::string_view list, const std::optional<EntityTag>& current,
                       Comparison comparison) {
    skip_separators(list);
    if (list.empty()) return ListVerdict::malformed;
    ListVerdict verdict = ListVerdict::no_match;
    while (!list.empty()) {
        const auto tag = take_tag(list);
        if (!tag) return ListVerdict::malformed;
        if (current && matches(*tag, *current, comparison)) verdict = ListVerdict::match;
        list = trim_whitespace(list);
        if (!list.empty() && list.front() != ',') return ListVerdict::malformed;
        skip_separators(list);
    }
    return verdict;
}

// Of If-Match and If-None-Match; nullopt: the header is not there.
std::optional<ListVerdict> match_header(const ReceivedHeaders& headers, std::string_view name,
                                        const Validators& current, bool exists, Comparison comparison) {
    const auto only = headers.find(name);
    if (!only) return std::nullopt;
    const std::string joined = headers.count(name) > 1 ? headers.joined(name) : std::string();
    const std::string_view list = trim_whitespace(joined.empty() ? *only : joined);
    if (list == "*") return exists ? ListVerdict::match : ListVerdict::no_match;
    return match_list(list, exists ? parse_tag(current.etag) : std::nullopt, comparison);
}

// Of a header that must stand there once; anything else is as good as absent.
std::optional<Time> find_date(const ReceivedHeaders& headers, std::string_view name) {
    if (headers.count(name) != 1) return std::nullopt;
    return parse_http_date(trim_whitespace(*headers.find(name)));
}

// Dates on the wire have no fractions; comparing ours with its own would make every answer look newer.
Time floor_second(Time time) {
    return std::chrono::floor<std::chrono::seconds>(time);
}

bool has_changed_since(Time date, const Validators& current) {
    return floor_second(*current.last_modified) > date;
}

}  // namespace

Precondition evaluate_preconditions(Method method, const ReceivedHeaders& headers, const Validators& current,
                                    bool exists) {
    if (method == Method::options) return Precondition::proceed;
    const bool is_read = method == Method::get || method == Method::head;

    const auto if_match = match_header(headers, "If-Match", current, exists, Comparison::strong);
    if (if_match) {
        if (*if_match != ListVerdict::match) return Precondition::failed;
    } else if (const auto date = find_date(headers, "If-Unmodified-Since")) {
        if (exists && current.last_modified && has_changed_since(*date, current)) return Precondition::failed;
    }

    const auto if_none_match = match_header(headers, "If-None-Match", current, exists, Comparison::weak);
    if (if_none_match) {
        if (is_read)
            return *if_none_match == ListVerdict::match ? Precondition::not_modified : Precondition::proceed;
        // Whoever sent an unreadable list wanted protection: acting could destroy what it was meant to save.
        return *if_none_match == ListVerdict::no_match ? Precondition::proceed : Precondition::failed;
    }
    if (!is_read || !exists || !current.last_modified) return Precondition::proceed;
    const auto date = find_date(headers, "If-Modified-Since");
    if (!date || (current.now && *date > *current.now)) return Precondition::proceed;
    return has_changed_since(*date, current) ? Precondition::proceed : Precondition::not_modified;
}

void check_preconditions(Method method, const ReceivedHeaders& headers, const Validators& current,
                         bool exists) {
    if (evaluate_preconditions(method, headers, current, exists) != Precondition::failed) return;
    throw Problem(problems::precondition_failed,
                  exists
                      ? "The resource is not in the state that the request's If-… headers ask for; read it "
                        "again and repeat the change."
                      : "The resource does not exist, but the request's If-… headers ask that it does.");
}

bool is_range_wanted(const ReceivedHeaders& headers, const Validators& current) {
    const auto count = headers.count("If-Range");
    if (count == 0) return true;
    if (count > 1) return false;
    const auto value = trim_whitespace(*headers.find("If-Range"));
    if (const auto tag = parse_tag(value)) {
        const auto current_tag = parse_tag(current.etag);
        return current_tag && matches(*tag, *current_tag, Comparison::strong);
    }
    const auto date = parse_http_date(value);
    if (!date || !current.last_modified || floor_second(*current.last_modified) != *date) return false;
    // Within the second that it names, a date does not tell one version from the next (RFC 9110 §8.8.2.2).
    return !current.now || *current.now >= *date + std::chrono::seconds(1);
}

}  // namespace lodestone::http
