// Who a principal is in one word, as logs and the audit log name it.
#include "identity/rules/principal.hpp"

namespace lodestone::identity {

std::string Principal::actor() const {
    switch (kind) {
        case PrincipalKind::anonymous: return "anonymous";
        case PrincipalKind::operators: return "operator";
        case PrincipalKind::person: return user.text();
        case PrincipalKind::app:
        case PrincipalKind::publisher: return key ? key->text() : app.text();
    }
    return {};
}

}  // namespace lodestone::identity
