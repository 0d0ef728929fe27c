// Several hosts, several addresses of each: every one gets the whole connect time-out, so that a silent one
// does not use up that of the others.
#include "db/postgres/hosts.hpp"

#include <netdb.h>

#include <algorithm>

#include "base/limits.hpp"

namespace lodestone::db {

namespace {

std::vector<std::string> split(const char* list) {
    std::vector<std::string> parts(1);
    for (const char* at = list; at != nullptr && *at != '\0'; ++at) {
        if (*at == ',')
            parts.emplace_back();
        else
            parts.back() += *at;
    }
    return parts;
}

struct FreeAddresses {
    void operator()(addrinfo* addresses) const { ::freeaddrinfo(addresses); }
};

// Each address of a host by itself. What is none (a socket's folder, an address given) or cannot be looked up
// stays as it is: libpq finds the words for it.
std::vector<Host> resolve(const Host& host) {
    if (host.host.empty() || host.host.starts_with('/') || host.host.starts_with('@') ||
        !host.address.empty())
        return {host};
    addrinfo wanted{};
    wanted.ai_socktype = SOCK_STREAM;
    addrinfo* first = nullptr;
    if (::getaddrinfo(host.host.c_str(), nullptr, &wanted, &first) != 0) return {host};
    const std::unique_ptr<addrinfo, FreeAddresses> addresses(first);
    std::vector<Host> found;
    for (const addrinfo* at = first; at != nullptr && found.size() < limits::upstream_addresses;
         at = at->ai_next) {
        char text[NI_MAXHOST];
        if (::getnameinfo(at->ai_addr, at->ai_addrlen, text, sizeof text, nullptr, 0, NI_NUMERICHOST) == 0)
            found.push_back({.host = host.host, .address = text, .port = host.port});
    }
    return found.empty() ? std::vector{host} : found;
}

}  // namespace

std::vector<Host> list_hosts(const std::string& url) {
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
        PQconninfoParse(url.c_str(), nullptr), PQconninfoFree);
    std::vector<std::string> hosts(1), addresses(1), ports(1);
    for (const PQconninfoOption* option = options.get(); option && option->keyword; ++option) {
        const std::string_view keyword = option->keyword;
        if (keyword == "host") hosts = split(option->val);
        if (keyword == "hostaddr") addresses = split(option->val);
        if (keyword == "port") ports = split(option->val);
    }
    // As libpq pairs them: a single port is everybody's.
    const auto of = [](const std::vector<std::string>& list, std::size_t at) {
        return list.size() == 1 ? list[0] : at < list.size() ? list[at] : std::string();
    };
    std::vector<Host> found;
    for (std::size_t at = 0; at < std::max(hosts.size(), addresses.size()); ++at)
        found.push_back({.host = of(hosts, at), .address = of(addresses, at), .port = of(ports, at)});
    return found;
}

Connected Hosts::connect(Wanted wanted, const Means& means) {
    Connected connected;
    bool has_readable = false;
    const std::size_t first = first_;
    for (const bool wants_writes : {true, false}) {
        if (wants_writes && wanted == Wanted::reads) continue;
        if (!wants_writes &&
            (wanted == Wanted::writes || (wanted == Wanted::writes_or_reads && !has_readable)))
            continue;
        for (std::size_t at = 0; at < hosts_.size(); ++at) {
            const std::size_t host = (first + at) % hosts_.size();
            for (const Host& address : resolve(hosts_[host])) {
                connected = connect_postgres({.url = url_,
                                              .host = address,
                                              .options = means.options,
                                              .wants_writes = wants_writes,
                                              .is_direct = means.is_direct,
                                              .clock = means.clock,
                                              .numbers = means.numbers,
                                              .stop = means.stop});
                has_readable = has_readable || connected.is_refused_as_read_only;
                if (connected.connection) {
                    first_ = host;
                    return connected;
                }
                // An answer, if not the one hoped for: its other addresses lead to the same server.
                if (connected.is_refused_as_read_only) break;
            }
        }
    }
    return connected;
}

}  // namespace lodestone::db
