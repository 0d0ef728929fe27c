// Choosing the first password, and keeping it until the transaction that needs it is through.
#include "app/serving/first_start.hpp"

#include <array>

#include "app/serving/chores.hpp"
#include "base/log.hpp"
#include "base/problem.hpp"
#include "base/random.hpp"
#include "base/secret_file.hpp"
#include "identity/secrets/password_hash.hpp"
#include "identity/secrets/password_policy.hpp"
#include "identity/sign_in/first_installation.hpp"
#include "identity/sign_in/installation_secrets.hpp"

namespace lodestone::app {
namespace {

constexpr std::string_view secret_name = "admin-password";
constexpr std::string_view pepper_name = "pepper";
constexpr std::string_view sealing_key_name = "sealing-key";

std::string hash_or_refuse(const std::string& password) {
    auto hash = identity::hash_password(password, {});
    if (!hash) throw Problem(problems::unavailable, "There is not enough memory to hash a password.");
    return *std::move(hash);
}

// What the operator chose is not changed against their will, and has to be a password all the same.
std::string read_chosen_password(const std::string& path) {
    std::string password = read_secret(path);
    if (const auto fault = identity::find_password_fault(password, identity::PasswordPolicy{}, {}))
        throw Problem(problems::invalid_input, "The password in " + path + " " + *fault);
    return password;
}

}  // namespace

std::string make_one_time_password(Random& random) {
    constexpr std::string_view alphabet = "23456789abcdefghijkmnpqrstuvwxyz";
    static_assert(alphabet.size() == 32);
    std::array<std::uint8_t, 25> bytes{};
    random.fill(bytes);
    std::string password;
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        if (at != 0 && at % 5 == 0) password += '-';
        password += alphabet[bytes[at] % alphabet.size()];
    }
    return password;
}

std::string load_pepper(const Config& config, const DataFolder& folder, Random& random) {
    if (!config.identity.pepper_file.empty()) return read_secret(config.identity.pepper_file);
    return folder.load_or_make_secret(pepper_name, random);
}

std::string load_sealing_key(const Config& config, const DataFolder& folder, Random& random) {
    if (!config.identity.sealing_key_file.empty()) return read_secret(config.identity.sealing_key_file);
    return folder.load_or_make_secret(sealing_key_name, random);
}

void check_installation_secrets(const Config& config, const DataFolder& folder, Random& random,
                                db::Database& database) {
    const auto place = [&](const std::string& file, std::string_view name, const char* setting) {
        return file.empty() ? folder.secret_path(name) + " (setting " + setting + ")" : file;
    };
    const IdentityConfig& identity = config.identity;
    const std::vector<identity::InstallationSecret> secrets{
        {.name = "pepper",
         .text = load_pepper(config, folder, random),
         .where = place(identity.pepper_file, pepper_name, "identity.pepper_file")},
        {.name = "sealing_key",
         .text = load_sealing_key(config, folder, random),
         .where = place(identity.sealing_key_file, sealing_key_name, "identity.sealing_key_file")}};
    const auto changed = identity.accepts_changed_secrets ? identity::ChangedSecrets::accept
                                                          : identity::ChangedSecrets::refuse;
    // A server that takes no changes at the moment can be read from.
    if (database.read_now(db::Unit{}, [&](db::Tx& tx) { return identity::are_known(tx, secrets); })) return;
    database.write_now(db::Unit{}, [&](db::Tx& tx) { identity::check_secrets(tx, secrets, changed); });
}

// The file is there before the administrator is: a crash between the two leaves a file that the next start
// takes up, never an administrator whose password nobody knows.
std::optional<FirstPassword> choose_first_password(const Config& config, const DataFolder& folder,
                                                   Context& context, db::Database& database) {
    if (database.read_now(db::Unit{}, identity::is_installed)) return std::nullopt;
    const std::string& chosen = config.admin.password_file;
    if (!chosen.empty()) return FirstPassword{read_chosen_password(chosen), true};
    return FirstPassword{folder.load_or_make_secret(secret_name, make_one_time_password(context.random))};
}

std::optional<FirstStart> begin_installation(const Config& config, const DataFolder& folder, Context& context,
                                             db::Database& database, const FirstPassword& password) {
    const std::string& chosen = config.admin.password_file;
    const identity::FirstAdministrator administrator{
        .id = make_id<identity::UserId>(context.clock, context.random),
        .transfer = make_id<identity::OwnershipTransferId>(context.clock, context.random),
        .password_hash = hash_or_refuse(password.text),
        .must_change_password = !password.is_chosen};
    const bool is_ours = database.write_now(db::Unit{}, [&](db::Tx& tx) {
        if (!identity::make_first_installation(tx, administrator)) return false;
        // What would be purged is not there yet.
        for (const Chore& chore : make_chores(config)) put_off(tx, chore);
        return true;
    });
    if (!is_ours) {
        // Another node was quicker, and has the password that counts.
        if (!password.is_chosen) folder.remove_secret(secret_name);
        return std::nullopt;
    }
    FirstStart start{.password_file = password.is_chosen ? std::string() : folder.secret_path(secret_name)};
    context.log.info(
        "first start: made the tenant default and its administrator admin",
        {{"password_file", std::string_view(password.is_chosen ? chosen : start.password_file)}});
    return start;
}

std::optional<FirstStart> make_first_start(const Config& config, const DataFolder& folder, Context& context,
                                           db::Database& database) {
    const auto password = choose_first_password(config, folder, context, database);
    if (!password) return std::nullopt;
    return begin_installation(config, folder, context, database, *password);
}

std::string take_first_password(const DataFolder& folder) {
    std::string password = read_secret(folder.secret_path(secret_name));
    folder.remove_secret(secret_name);
    return password;
}

}  // namespace lodestone::app
