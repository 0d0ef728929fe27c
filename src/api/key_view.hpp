// A key as answers show one, and what a client says about scopes.
#pragma once

#include <boost/describe/class.hpp>
#include <optional>
#include <string>
#include <vector>

#include "api/noun_calls.hpp"
#include "identity/nouns/key.hpp"
#include "identity/rules/scopes.hpp"

namespace lodestone::api {

using Pattern = Text<limits::pattern_bytes>;

struct ScopeInput {
    std::vector<Pattern> actions;
    std::optional<std::vector<Pattern>> resources;
    std::optional<std::vector<Pattern>> tags;
};
BOOST_DESCRIBE_STRUCT(ScopeInput, (), (actions, resources, tags))

struct ScopeView {
    std::vector<std::string> actions;
    std::vector<std::string> resources;
    std::vector<std::string> tags;
};
BOOST_DESCRIBE_STRUCT(ScopeView, (), (actions, resources, tags))

struct KeyView : Stamped {
    identity::KeyId id;
    std::string public_id;
    std::optional<identity::UserId> user_id;
    std::optional<identity::AppId> app_id;
    identity::KeyType type{};
    identity::KeyEnvironment environment{};
    std::string name;
    std::optional<std::vector<ScopeView>> scopes;  // null: whatever its owner may do
    std::vector<std::string> networks;
    JsonObject metadata;
    Time expires_at;
    std::optional<Time> last_used_at;
    std::optional<std::string> last_used_from;
    std::optional<identity::KeyId> rotated_from;
    std::optional<Time> revoked_at;
    std::optional<std::string> revoked_by;
    std::optional<std::string> revoked_reason;
};
BOOST_DESCRIBE_STRUCT(KeyView, (Stamped),
                      (id, public_id, user_id, app_id, type, environment, name, scopes, networks, metadata,
                       expires_at, last_used_at, last_used_from, rotated_from, revoked_at, revoked_by,
                       revoked_reason))

// With the text of the key, in the one answer that has it.
struct IssuedKeyView : KeyView {
    std::optional<ShownOnce> text;
    std::optional<ShownOnce> hf_text;  // a person's, for tools that take only what begins with hf_
};
BOOST_DESCRIBE_STRUCT(IssuedKeyView, (KeyView), (text, hf_text))
void forget_secrets(IssuedKeyView& view);

identity::Scopes make_scopes(const std::vector<ScopeInput>& scopes);
std::optional<std::vector<ScopeView>> view_scopes(const identity::Scopes& scopes);
KeyView view_key(const identity::Key& key);
IssuedKeyView view_issued(const identity::IssuedKey& issued);

}  // namespace lodestone::api
