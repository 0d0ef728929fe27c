// Fuzzes what tenants, apps, branches and repositories set for themselves: whatever the text, it is read or
// refused with a sentence, and never anything else.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/ensure.hpp"
#include "base/problem.hpp"
#include "identity/nouns/app_config.hpp"
#include "identity/nouns/branch_details.hpp"
#include "identity/nouns/tenant_settings.hpp"
#include "packages/repository_settings.hpp"

using namespace lodestone;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size_bytes) {
    const std::string_view text(reinterpret_cast<const char*>(data), size_bytes);
    for (const auto& read : {+[](std::string_view t) { (void)identity::parse_tenant_settings(t); },
                             +[](std::string_view t) { (void)identity::parse_tenant_config(t); },
                             +[](std::string_view t) { (void)identity::parse_app_config(t); },
                             +[](std::string_view t) { (void)identity::parse_branch_address(t); },
                             +[](std::string_view t) { (void)identity::parse_branch_contact(t); },
                             +[](std::string_view t) { (void)identity::parse_branch_settings(t); },
                             +[](std::string_view t) { (void)packages::parse_repository_settings(t); }})
        if (const auto sentence = find_problem([&] { read(text); }))
            ensure(!sentence->empty(), "what is refused is told why");
    return 0;
}
