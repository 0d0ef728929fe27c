// Paths as people read them, made into pointers.
#include "base/field_problem.hpp"

#include "base/strict_json.hpp"

namespace lodestone {

std::string field_pointer(std::string_view path) {
    std::string pointer;
    while (!path.empty()) {
        const std::size_t end = path.find_first_of(".[");
        std::string_view step = path.substr(0, end);
        path.remove_prefix(end == std::string_view::npos ? path.size() : end + 1);
        if (step.ends_with(']')) step.remove_suffix(1);
        if (!step.empty()) append_pointer(pointer, step);
    }
    return pointer;
}

Problem field_problem(std::string_view path, std::string_view fault) {
    Problem problem(problems::invalid_input,
                    std::string("The field ").append(path).append(" ").append(fault));
    return std::move(problem).with_faults({{field_pointer(path), std::string("It ").append(fault)}});
}

Problem field_problem(std::string_view clause) {
    const std::size_t space = clause.find(' ');
    const std::string_view fault = space == std::string_view::npos ? "" : clause.substr(space + 1);
    return field_problem(clause.substr(0, space), std::string(fault) + ".");
}

Problem field_problem_saying(std::string_view path, std::string sentence) {
    std::string fault = sentence;
    return Problem(problems::invalid_input, std::move(sentence))
        .with_faults({{field_pointer(path), std::move(fault)}});
}

}  // namespace lodestone
