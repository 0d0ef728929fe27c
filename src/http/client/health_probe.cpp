// The probe is the ordinary client on a private loop, allowed to reach the one host that somebody named.
#include "http/client/health_probe.hpp"

#include <algorithm>
#include <future>

#include "base/json_text.hpp"
#include "base/limits.hpp"
#include "http/client/client.hpp"
#include "http/client/client_tls.hpp"
#include "http/message/url.hpp"
#include "http/wire/spawn.hpp"
#include "http/wire/tls_files.hpp"

namespace lodestone::http {

namespace {

constexpr std::size_t shown_bytes = 500;

EgressPolicy only_to(const std::string& host) {
    EgressPolicy policy;
    policy.allowed_hosts = {host};
    if (const auto address = parse_address(host)) policy.allowed_networks = {Network{*address, 128}};
    return policy;
}

// The body's beginning on one line; what comes from the network does not get to move the terminal's cursor.
std::string show(std::string body) {
    body.resize(std::min(body.size(), shown_bytes));
    std::ranges::replace_if(body, [](char c) { return c == '\r' || c == '\n' || c == '\t'; }, ' ');
    while (!body.empty() && body.back() == ' ') body.pop_back();
    std::string shown;
    append_harmless(shown, body);
    return shown;
}

Task<> ask(Client& client, ClientRequest request, std::promise<ProbeAnswer>& answer) {
    const ClientResponse response = co_await client.send(std::move(request));
    std::string body = co_await read_all(*response.body, limits::healthcheck_answer_bytes);
    answer.set_value({response.status, show(std::move(body))});
}

}  // namespace

ProbeAnswer probe(const ProbeTarget& target, std::chrono::milliseconds timeout) {
    const UrlResult url = parse_url(target.url);
    if (!url.url) return {0, std::string(url.fault)};
    ClientRequest request;
    request.url = target.url;
    request.unix_path = target.unix_path;
    request.deadline = std::chrono::steady_clock::now() + timeout;
    request.body_limit_bytes = limits::healthcheck_answer_bytes;
    request.redirects.max_hops = 0;
    if (const std::string& file = target.pinned_certificate_file; !file.empty()) {
        const auto leaf = read_certificate(file);
        if (!leaf.value) return {0, file + " " + leaf.fault};
        request.tls = make_pinned_tls(leaf.value);
    }

    SystemClock clock;
    Metrics metrics;
    Log log(LogOptions{.level = LogLevel::off, .file = {}}, clock);
    Loops loops(1, metrics);
    Client client({.egress = only_to(url.url->host), .user_agent = "lodestone-healthcheck"}, metrics, log);
    std::promise<ProbeAnswer> answer;
    loops.start();
    spawn(loops.at(0).executor(), ask(client, std::move(request), answer),
          [&answer](std::string_view why) { answer.set_value({0, std::string(why)}); });
    ProbeAnswer answered = answer.get_future().get();
    loops.stop();
    return answered;
}

}  // namespace lodestone::http
