// Attestations: statements of how a version was built, as they were published with it. Whoever installs it
// verifies them; here they are kept. And the key of the registry's own signatures.
// https://github.com/npm/attestation
#include "base/problem.hpp"
#include "db/database.hpp"
#include "formats/npm/digests.hpp"
#include "formats/npm/handlers.hpp"
#include "formats/npm/name.hpp"
#include "formats/npm/packument.hpp"
#include "formats/npm/place.hpp"
#include "formats/npm/signing.hpp"
#include "formats/npm/version.hpp"
#include "identity/identity.hpp"

namespace lodestone::formats::npm {

using db::Tx;
using http::Request;
using http::Response;

namespace {

// "@acme/left-pad@1.0.0" as the path has it, of which the gate sees the package (fold_name()).
struct Spec {
    std::string name;
    std::string version;
};
Spec need_spec(std::string_view text) {
    const std::size_t at = text.rfind('@');
    if (at == 0 || at == text.npos || !is_package_name(text.substr(0, at)))
        throw Problem(problems::not_found, "There are no attestations of " + std::string(text) + ".");
    return {.name = std::string(text.substr(0, at)), .version = fold_version(text.substr(at + 1))};
}

std::string find_bundle(Tx& tx, const packages::RepositoryPlace& place, const Spec& spec) {
    const auto package = packages::find_package_by_key(tx, place, spec.name);
    if (!package) return {};
    const packages::PackagePlace in{place.tenant, place.repository, package->id};
    const auto version = packages::find_version_by_key(tx, in, spec.version);
    if (!version) return {};
    for (packages::Fragment& fragment : packages::list_fragments_of(tx, {in, version->id}))
        if (fragment.kind == bundle_fragment) return std::move(fragment.body);
    return {};
}

}  // namespace

// The key by which versions are signed (signing.hpp).
Task<Response> list_keys(Context& context, Request& /*request*/) {
    const identity::SigningKey& key = find_signing_key(context.identity->vault.signing_keys);
    co_return Response::json(
        200, R"({"keys":[{"expires":null,"keyid":")" + render_key_id(key) +
                 R"(","keytype":"ecdsa-sha2-nistp256","scheme":"ecdsa-sha2-nistp256","key":")" +
                 render_base64(key.public_key()) + "\"}]}\n");
}

Task<Response> fetch_attestations(Context& context, Request& request) {
    const Spec spec = need_spec(request.parameter("spec"));
    const packages::RepositoryPlace place{TenantId::trusted(request.parameter("tenant")),
                                          packages::repository_of(request)->id};
    auto find = [&](Tx& tx) { return find_bundle(tx, place, spec); };
    const std::string bundle = co_await context.database->read(identity::make_unit(request), find);
    if (bundle.empty())
        throw Problem(problems::not_found, "There are no attestations of " + request.parameter("spec") + ".");
    Response response = Response::json(
        200,
        R"({"attestations":[{"predicateType":"https://slsa.dev/provenance/v1","bundle":)" + bundle + "}]}\n");
    response.headers.set("Cache-Control", "private, no-cache");
    co_return response;
}

}  // namespace lodestone::formats::npm
