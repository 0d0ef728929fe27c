// Accept-Encoding and Accept. Members that cannot be read are passed over: real clients send odd ones ("*;
// q=.2" from old Java), and refusing the whole request would help nobody.
#include "http/message/negotiate.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "http/message/headers.hpp"
#include "http/message/parameters.hpp"

namespace lodestone::http {

namespace {

constexpr int full_weight = 1000;

// Thousandths. Laxer than the grammar: ".5" and more than three decimals are taken; what is not quite zero
// does not become a refusal.
std::optional<int> parse_weight(std::string_view text) {
    const auto point = std::min(text.find('.'), text.size());
    const auto whole = text.substr(0, point);
    const auto decimals = text.substr(std::min(point + 1, text.size()));
    if (text.empty() || text == "." || (!whole.empty() && whole != "0" && whole != "1")) return std::nullopt;
    int weight = whole == "1" ? full_weight : 0;
    bool has_rest = false;
    for (std::size_t i = 0; i < decimals.size(); ++i) {
        if (decimals[i] < '0' || decimals[i] > '9') return std::nullopt;
        constexpr int places[] = {100, 10, 1};
        if (i < 3) weight += places[i] * (decimals[i] - '0');
        has_rest = has_rest || decimals[i] != '0';
    }
    if (weight > full_weight) return std::nullopt;
    return weight == 0 && has_rest ? 1 : weight;
}

struct Member {
    std::string_view name;
    std::vector<Parameter> parameters;  // those before q
    int weight = full_weight;
};

std::optional<Member> parse_member(std::string_view text) {
    if (text.find(';') == text.npos) return Member{trim_whitespace(text), {}};  // as most are
    const auto parts = split_outside_quotes(text, ';');
    Member member{parts.front(), {}};
    for (std::size_t i = 1; i < parts.size(); ++i) {
        if (parts[i].empty()) continue;
        auto parameter = parse_parameter(parts[i]);
        if (!parameter) return std::nullopt;
        if (!equals_ignoring_case(parameter->name, "q")) {
            member.parameters.push_back(*std::move(parameter));
            continue;
        }
        const auto weight = parse_weight(parameter->value);
        if (!weight) return std::nullopt;
        member.weight = *weight;
        break;
    }
    return member;
}

std::vector<Member> parse_members(std::string_view list) {
    std::vector<Member> members;
    for (const auto text : split_list(list, limits::accepted_members))
        if (auto member = parse_member(text)) members.push_back(*std::move(member));
    return members;
}

bool is_coding(std::string_view name, Coding coding) {
    if (coding == Coding::gzip && equals_ignoring_case(name, "x-gzip")) return true;
    return equals_ignoring_case(name, coding_name(coding));
}

int weigh_coding(const std::vector<Member>& members, Coding coding) {
    std::optional<int> any;
    for (const Member& member : members) {
        if (is_coding(member.name, coding)) return member.weight;
        if (member.name == "*" && !any) any = member.weight;
    }
    return any.value_or(0);
}

std::pair<std::string_view, std::string_view> split_type(std::string_view name) {
    if (name == "*") return {"*", "*"};  // not in the grammar, but sent
    const auto slash = name.find('/');
    if (slash == std::string_view::npos) return {};
    return {name.substr(0, slash), name.substr(slash + 1)};
}

// What the range asks for must be there, but for the charset: everything we send is UTF-8.
bool has_parameters(const Member& offered, const Member& range) {
    return std::all_of(range.parameters.begin(), range.parameters.end(), [&](const Parameter& wanted) {
        if (equals_ignoring_case(wanted.name, "charset")) return true;
        return std::any_of(offered.parameters.begin(), offered.parameters.end(), [&](const Parameter& has) {
            return equals_ignoring_case(has.name, wanted.name) &&
                   equals_ignoring_case(has.value, wanted.value);
        });
    });
}

// How closely a media range describes a type: 0 not at all, then */*, type/*, type/subtype, and one more for
// each parameter.
std::size_t match_media_range(const Member& range, const Member& offered) {
    const auto [range_type, range_subtype] = split_type(range.name);
    const auto [type, subtype] = split_type(offered.name);
    if (range_type == "*" && range_subtype == "*") return 1;
    if (!equals_ignoring_case(range_type, type)) return 0;
    if (range_subtype == "*") return 2;
    if (!equals_ignoring_case(range_subtype, subtype) || !has_parameters(offered, range)) return 0;
    return 3 + range.parameters.size();
}

int weigh_media_type(const std::vector<Member>& ranges, const Member& offered) {
    std::size_t closest = 0;
    int weight = 0;
    for (const Member& range : ranges) {
        const auto closeness = match_media_range(range, offered);
        if (closeness <= closest) continue;
        closest = closeness;
        weight = range.weight;
    }
    return weight;
}

std::optional<std::size_t> choose_media_type(std::string_view accept,
                                             std::span<const std::string_view> available) {
    const auto ranges = parse_members(accept);
    if (ranges.empty()) return 0;
    std::optional<std::size_t> best;
    int best_weight = 0;
    for (std::size_t i = 0; i < available.size(); ++i) {
        const auto offered = parse_member(available[i]);
        const int weight = offered ? weigh_media_type(ranges, *offered) : 0;
        if (weight <= best_weight) continue;
        best = i;
        best_weight = weight;
    }
    return best;
}

// Programs send the same header with each request, and choosing by it takes as long as the rest of an answer
// from memory.
class RecentChoices {
  public:
    struct Choice {
        std::string accept;
        std::vector<std::string> available;
        std::optional<std::size_t> best;
    };

    const Choice* find(std::string_view accept, std::span<const std::string_view> available) const {
        const auto found = std::ranges::find_if(choices_, [&](const Choice& one) {
            return one.accept == accept && std::ranges::equal(one.available, available);
        });
        return found == choices_.end() ? nullptr : &*found;
    }
    void keep(std::string_view accept, std::span<const std::string_view> available,
              std::optional<std::size_t> best) {
        if (accept.size() > longest) return;
        Choice& oldest = choices_[next_++ % choices_.size()];
        oldest.accept = accept;
        oldest.available.assign(available.begin(), available.end());
        oldest.best = best;
    }

  private:
    static constexpr std::size_t longest = 256;  // that is remembered
    std::array<Choice, 4> choices_;
    std::size_t next_ = 0;
};

}  // namespace

std::string_view coding_name(Coding coding) {
    constexpr std::string_view names[] = {"identity", "gzip", "zstd"};
    return names[static_cast<std::size_t>(coding)];
}

std::optional<Coding> negotiate_coding(std::optional<std::string_view> accept_encoding,
                                       std::span<const Coding> available) {
    const auto members = parse_members(accept_encoding.value_or(std::string_view()));
    // Unless it is named, identity is the last resort, not a refusal (RFC 9110 §12.5.3).
    const bool names_identity = std::any_of(members.begin(), members.end(), [](const Member& member) {
        return member.name == "*" || is_coding(member.name, Coding::identity);
    });
    std::optional<Coding> best;
    std::pair<int, int> best_rank{0, 0};
    for (const Coding coding : available) {
        const bool is_last_resort = coding == Coding::identity && !names_identity;
        const int weight = is_last_resort ? 1 : 2 * weigh_coding(members, coding);
        // The enumeration stands in the order of what serves the client better.
        const std::pair rank{weight, static_cast<int>(coding)};
        if (weight == 0 || (best && rank <= best_rank)) continue;
        best = coding;
        best_rank = rank;
    }
    return best;
}

std::optional<std::size_t> negotiate_media_type(std::optional<std::string_view> accept,
                                                std::span<const std::string_view> available) {
    if (available.empty()) return std::nullopt;
    if (!accept || accept->empty()) return 0;
    thread_local RecentChoices recent;
    if (const RecentChoices::Choice* known = recent.find(*accept, available)) return known->best;
    const std::optional<std::size_t> best = choose_media_type(*accept, available);
    recent.keep(*accept, available, best);
    return best;
}

}  // namespace lodestone::http
