// Principals by name.
#include "identity/rules/principal.hpp"

namespace lodestone::identity {

std::string Principal::actor() const {
    switch (kind) {
        case PrincipalKind::anonymous:
            return "anonymous";
        case PrincipalKind::operators:
            return "operator";
        case PrincipalKind::person:
            return user.text();
        case PrincipalKind::app:
        case PrincipalKind::publisher:
            return key ? key->text() : app.text();
    }
    return {};
}

}  // namespace lodestone::identity
