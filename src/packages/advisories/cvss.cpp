// The formula of CVSS 3.0 and 3.1, whose base scores differ in how they are rounded alone.
#include "packages/advisories/cvss.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

namespace lodestone::packages {

namespace {

struct Weight {
    char value;
    double weight;
};

// The value of one metric: "N" of "AV" in "…/AV:N/…".
char find_metric(std::string_view vector, std::string_view name) {
    for (std::size_t at = vector.find('/'); at != vector.npos; at = vector.find('/', at + 1)) {
        const std::string_view metric = vector.substr(at + 1, vector.find('/', at + 1) - at - 1);
        if (metric.size() == name.size() + 2 && metric.starts_with(name) && metric[name.size()] == ':')
            return metric.back();
    }
    return '\0';
}

template <std::size_t Count>
std::optional<double> weigh(std::string_view vector, std::string_view name,
                            const std::array<Weight, Count>& weights) {
    const char value = find_metric(vector, name);
    const auto found = std::ranges::find(weights, value, &Weight::value);
    if (found == weights.end()) return std::nullopt;
    return found->weight;
}

// Up to one digit, as the specification has it: without the dust of binary fractions.
double round_up(double score) {
    const auto whole = static_cast<std::int64_t>(std::lround(score * 100'000));
    if (whole % 10'000 == 0) return static_cast<double>(whole) / 100'000;
    const std::int64_t tenths = whole / 10'000 + 1;
    return static_cast<double>(tenths) / 10;
}

}  // namespace

std::optional<double> score_cvss(std::string_view vector) {
    if (!vector.starts_with("CVSS:3.0/") && !vector.starts_with("CVSS:3.1/")) return std::nullopt;
    static constexpr std::array<Weight, 3> impacts{{{'N', 0}, {'L', 0.22}, {'H', 0.56}}};
    static constexpr std::array<Weight, 3> privileges{{{'N', 0.85}, {'L', 0.62}, {'H', 0.27}}};
    static constexpr std::array<Weight, 3> privileges_beyond{{{'N', 0.85}, {'L', 0.68}, {'H', 0.5}}};
    const char scope = find_metric(vector, "S");
    const auto reach =
        weigh(vector, "AV", std::array<Weight, 4>{{{'N', 0.85}, {'A', 0.62}, {'L', 0.55}, {'P', 0.2}}});
    const auto ease = weigh(vector, "AC", std::array<Weight, 2>{{{'L', 0.77}, {'H', 0.44}}});
    const auto privilege = weigh(vector, "PR", scope == 'C' ? privileges_beyond : privileges);
    const auto people = weigh(vector, "UI", std::array<Weight, 2>{{{'N', 0.85}, {'R', 0.62}}});
    const auto secrecy = weigh(vector, "C", impacts);
    const auto integrity = weigh(vector, "I", impacts);
    const auto availability = weigh(vector, "A", impacts);
    const bool is_whole = (scope == 'U' || scope == 'C') && reach && ease && privilege && people && secrecy &&
                          integrity && availability;
    if (!is_whole) return std::nullopt;
    const double base = 1 - (1 - *secrecy) * (1 - *integrity) * (1 - *availability);
    const double impact =
        scope == 'U' ? 6.42 * base : 7.52 * (base - 0.029) - 3.25 * std::pow(base - 0.02, 15);
    if (impact <= 0) return 0;
    const double exploitability = 8.22 * *reach * *ease * *privilege * *people;
    return round_up(std::min((scope == 'U' ? 1 : 1.08) * (impact + exploitability), 10.0));
}

std::string_view rate_cvss(double score) {
    if (score >= 9) return "critical";
    if (score >= 7) return "high";
    if (score >= 4) return "moderate";
    return score > 0 ? "low" : "";
}

}  // namespace lodestone::packages
