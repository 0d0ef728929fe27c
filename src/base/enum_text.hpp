// From a text to an enumerator, by the whole of the text: what follows a NUL is not overlooked.
#pragma once

#include <boost/describe/enumerators.hpp>
#include <boost/mp11/algorithm.hpp>
#include <optional>
#include <string_view>

namespace lodestone {

// Nothing when no enumerator of the described enumeration is called so.
template <class E>
std::optional<E> find_enumerator(std::string_view text) {
    std::optional<E> found;
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<E>>([&](auto enumerator) {
        if (text == enumerator.name) found = enumerator.value;
    });
    return found;
}

}  // namespace lodestone
