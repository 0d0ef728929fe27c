// Edit distance with swaps (optimal string alignment) over short names.
#include "app/terminal/nearest_name.hpp"

#include <algorithm>
#include <vector>

namespace lodestone::app {
namespace {

// Longer ones are no typing mistakes, and the table below grows with the square.
constexpr std::size_t longest_name = 100;

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::vector<std::size_t>> rows(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i) rows[i][0] = i;
    for (std::size_t j = 0; j <= b.size(); ++j) rows[0][j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t change = rows[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            rows[i][j] = std::min({rows[i - 1][j] + 1, rows[i][j - 1] + 1, change});
            const bool is_swap = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (is_swap) rows[i][j] = std::min(rows[i][j], rows[i - 2][j - 2] + 1);
        }
    }
    return rows[a.size()][b.size()];
}

}  // namespace

std::optional<std::string_view> find_nearest_name(std::string_view name,
                                                  std::span<const std::string_view> known) {
    if (name.size() > longest_name) return std::nullopt;
    std::optional<std::string_view> nearest;
    std::size_t limit = std::max<std::size_t>(1, name.size() / 3) + 1;
    for (const std::string_view candidate : known) {
        if (candidate == name) return candidate;
        const bool is_beginning = name.size() >= 3 && candidate.starts_with(name);
        const std::size_t distance = is_beginning ? 1 : edit_distance(name, candidate);
        if (distance >= limit) continue;
        limit = distance;
        nearest = candidate;
    }
    return nearest;
}

std::string render_suggestion(std::string_view name, std::span<const std::string_view> known) {
    const auto nearest = find_nearest_name(name, known);
    return nearest ? "; did you mean " + std::string(*nearest) + "?" : std::string();
}

}  // namespace lodestone::app
