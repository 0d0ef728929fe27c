// Keys as answers show them.
#include "api/key_view.hpp"

namespace lodestone::api {

void forget_secrets(IssuedKeyView& view) {
    view.text.reset();
    view.hf_text.reset();
}

identity::Scopes make_scopes(const std::vector<ScopeInput>& scopes) {
    identity::Scopes made(std::in_place);
    for (const ScopeInput& scope : scopes) apply(scope, made->emplace_back());
    return made;
}

std::optional<std::vector<ScopeView>> view_scopes(const identity::Scopes& scopes) {
    if (!scopes) return std::nullopt;
    std::vector<ScopeView> views;
    for (const identity::Scope& scope : *scopes) views.push_back(make_view<ScopeView>(scope));
    return views;
}

KeyView view_key(const identity::Key& key) {
    KeyView view;
    static_cast<Stamped&>(view) = make_view<Stamped>(key);
    view.id = key.id;
    view.public_id = key.public_id;
    view.user_id = key.user_id;
    view.app_id = key.app_id;
    view.type = key.type;
    view.environment = key.environment;
    view.name = key.name;
    view.scopes = view_scopes(key.find_scopes());
    view.networks = key.list_networks();
    view.metadata.text = key.metadata;
    view.expires_at = key.expires_at;
    view.last_used_at = key.last_used_at;
    view.last_used_from = key.last_used_from;
    view.rotated_from = key.rotated_from;
    view.revoked_at = key.revoked_at;
    view.revoked_by = key.revoked_by;
    view.revoked_reason = key.revoked_reason;
    return view;
}

IssuedKeyView view_issued(const identity::IssuedKey& issued) {
    IssuedKeyView view;
    static_cast<KeyView&>(view) = view_key(issued.key);
    view.text = ShownOnce{issued.text};
    if (const auto token = identity::parse_token(issued.text);
        token && token->kind == identity::TokenKind::personal_key)
        view.hf_text = ShownOnce{identity::render_hf_alias(*token)};
    return view;
}

}  // namespace lodestone::api
