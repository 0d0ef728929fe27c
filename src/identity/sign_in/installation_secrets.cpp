// The marks of the secrets. Whoever inserts one is the first; a second node waits here for its COMMIT.
#include "identity/sign_in/installation_secrets.hpp"

#include <algorithm>

#include "base/problem.hpp"
#include "identity/secrets/keyed_hash.hpp"

namespace lodestone::identity {

using db::Tx;

namespace {

const db::Command<std::string, std::string, Time> insert{
    "installation_secret.insert",
    "INSERT INTO installation_secrets (name, mark, noted_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"};

const db::Query<std::string, std::string> find{"installation_secret.find",
                                               "SELECT mark FROM installation_secrets WHERE name = $1"};

const db::Command<std::string, std::string, Time> replace{
    "installation_secret.replace",
    "UPDATE installation_secrets SET mark = $2, noted_at = $3 WHERE name = $1"};

std::string mark_of(const InstallationSecret& secret) {
    return KeyedHash(secret.text).hash("installation secret", secret.name);
}

}  // namespace

bool are_known(Tx& tx, const std::vector<InstallationSecret>& secrets) {
    return std::ranges::all_of(secrets, [&tx](const InstallationSecret& secret) {
        const auto mark = tx.maybe(find, secret.name);
        return mark && is_equal_secret(*mark, mark_of(secret));
    });
}

void check_secrets(Tx& tx, const std::vector<InstallationSecret>& secrets, ChangedSecrets changed) {
    for (const InstallationSecret& secret : secrets) {
        const std::string mark = mark_of(secret);
        if (tx.run(insert, secret.name, mark, tx.now()) != 0) continue;
        if (is_equal_secret(tx.one(find, secret.name), mark)) continue;
        if (changed == ChangedSecrets::refuse)
            throw Problem(problems::conflict,
                          "The secret in " + secret.where +
                              " is not the one that this database is used with: give every node the same "
                              "one. If that is lost for good, start once with "
                              "identity.accept_changed_secrets; what was made with it is lost, too.");
        tx.run(replace, secret.name, mark, tx.now());
        tx.record(
            {.action = "installation.change_secret", .tenant = {}, .subject = secret.name, .details = "{}"});
    }
}

}  // namespace lodestone::identity
