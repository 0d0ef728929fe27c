// Keys: what programs show instead of a password. A key belongs to a person (and may do at most what the
// person may) or to an app (a robot), is good for its scopes, from its networks, until it expires.
//
// Its text is shown once, when it is made; what is kept is its public id and a keyed hash.
#pragma once

#include <boost/describe/class.hpp>
#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "db/noun.hpp"
#include "db/page.hpp"
#include "db/secret.hpp"
#include "identity/rules/ids.hpp"
#include "identity/rules/scopes.hpp"
#include "identity/secrets/token_mint.hpp"

namespace lodestone::identity {

// A public one may stand where others can read it, in a web page or an image; it may only read. A publisher's
// was given to a pipeline for some minutes (federation/trusted_publishing): it is neither prolonged nor
// rotated.
enum class KeyType : std::uint8_t { secret, public_, publisher };

// As BOOST_DESCRIBE_ENUM would describe it, were `public` not a word of the language. (The function is never
// called: only its type is asked for.)
struct SecretKeyType {
    static constexpr KeyType value = KeyType::secret;
    static constexpr const char* name = "secret";
};
struct PublicKeyType {
    static constexpr KeyType value = KeyType::public_;
    static constexpr const char* name = "public";
};
struct PublisherKeyType {
    static constexpr KeyType value = KeyType::publisher;
    static constexpr const char* name = "publisher";
};
boost::mp11::mp_list<SecretKeyType, PublicKeyType, PublisherKeyType> boost_enum_descriptor_fn(KeyType**);

struct Key {
    KeyId id;
    std::string public_id;  // stands in its text; lists and logs show it
    db::Secret<std::string> secret_hash;
    std::optional<UserId> user_id;  // whose it is: this, or the app
    std::optional<AppId> app_id;
    KeyType type = KeyType::secret;
    KeyEnvironment environment = KeyEnvironment::live;
    std::string name;
    std::string scopes = "null";  // JSON, read by find_scopes(); null: whatever its owner may do
    std::string networks = "[]";  // JSON, read by list_networks(); none: from everywhere
    std::string metadata = "{}";
    Time expires_at{};
    std::optional<Time> last_used_at;  // behind the truth by a minute at most
    std::optional<std::string> last_used_from;
    std::optional<KeyId> rotated_from;
    std::optional<Time> revoked_at;
    std::optional<std::string> revoked_by;
    std::optional<std::string> revoked_reason;
    db::Version version = 0;
    Time created_at{};
    std::string created_by;
    Time updated_at{};
    std::string updated_by;

    bool operator==(const Key&) const = default;

    bool is_live(Time now) const { return !revoked_at && now < expires_at; }
    Scopes find_scopes() const;
    std::vector<std::string> list_networks() const;
    // Whether it may be shown from this address, as Peer::address holds it.
    bool is_allowed_from(std::string_view peer) const;
};
BOOST_DESCRIBE_STRUCT(Key, (),
                      (id, public_id, secret_hash, user_id, app_id, type, environment, name, scopes, networks,
                       metadata, expires_at, last_used_at, last_used_from, rotated_from, revoked_at,
                       revoked_by, revoked_reason, version, created_at, created_by, updated_at, updated_by))

// What may be chosen of a new key.
struct NewKey {
    std::optional<UserId> user_id;  // exactly one of these two
    std::optional<AppId> app_id;
    KeyType type = KeyType::secret;
    KeyEnvironment environment = KeyEnvironment::live;
    std::string name;
    Scopes scopes;                      // absent: whatever its owner may do
    std::vector<std::string> networks;  // "10.0.0.0/8"
    std::string metadata = "{}";
    std::optional<Time> expires_at;  // absent: as the tenant's settings say, 90 days
    std::optional<Time> ends_by;     // … but no later than this
};

// What may be changed of one; absent: stays. Scopes can be narrowed and widened, not taken away.
struct KeyChanges {
    std::optional<std::string> name;
    Scopes scopes;
    std::optional<std::vector<std::string>> networks;
    std::optional<std::string> metadata;
    std::optional<Time> expires_at;
};

struct IssuedKey {
    Key key;
    std::string text;  // the only time that it can be seen
};

// Refuses with a Problem: invalid_input that names the field, or not_found for an owner that is not there.
IssuedKey issue_key(db::Tx& tx, const TenantId& tenant, const NewKey& wanted, const TokenMint& mint);
// The same of an app for one of its pipelines; `wanted` says when it expires, and what it is good for.
IssuedKey issue_publisher_key(db::Tx& tx, const TenantId& tenant, NewKey wanted, const TokenMint& mint);

std::optional<Key> find_key(db::Tx& tx, const TenantId& tenant, const KeyId& id);
// Whose a shown key is, only its text can tell. One statement; the hash is still to be compared.
struct FoundKey : Key {
    TenantId tenant_id;
};
BOOST_DESCRIBE_STRUCT(FoundKey, (Key), (tenant_id))
std::optional<FoundKey> find_key_by_public_id(db::Tx& tx, std::string_view public_id);

// Filters: user_id, app_id, type, environment, name (what it begins with). Sorts: -created_at, created_at.
db::Page<Key> list_keys(db::Tx& tx, const TenantId& tenant, const db::ListRequest& request);

// `seen`: the version that the caller looked at. Not of a key that is revoked or has expired.
Key update_key(db::Tx& tx, const TenantId& tenant, const KeyId& id, db::Version seen,
               const KeyChanges& changes);

// A new key like this one, with a lifetime as long that ends by `ends_by` at the latest; this one ends after
// `overlap`, unless it ends earlier.
IssuedKey rotate_key(db::Tx& tx, const TenantId& tenant, const KeyId& id, std::chrono::seconds overlap,
                     const TokenMint& mint, const std::optional<Time>& ends_by = std::nullopt);

// For good, and at once. Of one that is revoked already nothing changes.
Key revoke_key(db::Tx& tx, const TenantId& tenant, const KeyId& id, std::string_view reason);
// Of a person or app that goes, or has lost everything; answers how many, at most limits::purge_rows at a
// time.
std::int64_t revoke_keys_of_user(db::Tx& tx, const TenantId& tenant, const UserId& user,
                                 std::string_view reason);
std::int64_t revoke_keys_of_app(db::Tx& tx, const TenantId& tenant, const AppId& app,
                                std::string_view reason);

// Somebody found this text where it should not be: the key is revoked, if it is one of ours. Nothing: it is
// not.
struct LeakedKey {
    TenantId tenant;
    KeyId id;
};
std::optional<LeakedKey> revoke_leaked_key(db::Tx& tx, std::string_view text, const KeyedHash& hasher,
                                           std::string_view reason);

struct KeyUse {
    TenantId tenant_id;
    KeyId id;
    Time last_used_at{};
    std::string last_used_from;
};
BOOST_DESCRIBE_STRUCT(KeyUse, (), (tenant_id, id, last_used_at, last_used_from))
void note_key_uses(db::Tx& tx, std::span<const KeyUse> uses);

// Removes what expired or was revoked before `deadline`, a bounded number at a time; answers how many.
std::int64_t purge_keys(db::Tx& tx, Time deadline);

}  // namespace lodestone::identity
