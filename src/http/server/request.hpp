// A request as handlers see it. Views point into the connection's buffer and live as long as the request.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "http/message/headers.hpp"
#include "http/message/method.hpp"
#include "http/message/path.hpp"
#include "http/message/trace.hpp"
#include "http/wire/body.hpp"

namespace lodestone::identity {
struct Principal;  // who is asking; known to the floors above
struct RepositoryFacts;
}  // namespace lodestone::identity

namespace lodestone::http {

struct Route;

// Who is at the other end, after forwarded headers of trusted proxies have been believed.
struct Peer {
    std::string address;  // "192.0.2.7", "2001:db8::1"; "unix" for a Unix socket
    std::uint16_t port = 0;
    bool is_secure = false;  // the client's own hop was TLS
    // Connected over loopback, or over a Unix socket by root or our own user, and no proxy's word in sight: a
    // proxy on this machine that adds no headers looks just so.
    bool is_local = false;
    bool is_proxied = false;  // a configured proxy handed the request on
    std::string host;         // what the client called us: "registry.example:8443"
};

struct RouteMatch {
    const Route* route = nullptr;
    std::vector<std::pair<std::string_view, std::string>> parameters;
};

struct Request {
    Method method = Method::get;
    std::string_view target;     // as received, for logs
    std::string_view raw_path;   // the target without its query
    std::string_view raw_query;  // without the '?'
    std::uint8_t minor_version = 1;
    const ReceivedHeaders* headers = nullptr;
    BodySource* body = nullptr;  // never null; empty when there is none
    bool has_body = false;
    Peer peer;

    // Filled by serve():
    Path path;
    Query query;
    RouteMatch match;
    std::string id;
    TraceContext trace;
    std::string_view public_url;  // our own address as configured; empty: what the client called us counts
    SteadyTime started;
    SteadyTime deadline;
    // For what the handler waits for: from the request's beginning, and anew from the end of its body.
    SteadyTime::duration allowed_time{};
    std::shared_ptr<const identity::Principal> principal;  // null before the gate has looked
    // What the path names where the access column says so; never null in a handler of such a route.
    std::shared_ptr<const identity::RepositoryFacts> repository;

    std::optional<std::string_view> header(std::string_view name) const { return headers->find(name); }
    // A parameter of the route's pattern; a missing one is a bug.
    const std::string& parameter(std::string_view name) const;
};

}  // namespace lodestone::http
