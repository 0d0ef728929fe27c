// One table for all loops: who comes first asks, the others leave a note where to wake them.
#include "identity/federation/issuer_directory.hpp"

#include <algorithm>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <map>
#include <mutex>
#include <optional>

#include "base/clock.hpp"
#include "base/limits.hpp"
#include "base/log.hpp"
#include "base/problem.hpp"
#include "http/client/client.hpp"

namespace lodestone::identity {

bool KnownIssuer::has_key(std::string_view id) const {
    return std::ranges::any_of(keys, [id](const IssuerKey& key) { return key.id == id; });
}

struct IssuerDirectory::State {
    struct Entry {
        std::shared_ptr<const KnownIssuer> known;
        SteadyTime fetched_at;               // of what is known
        std::optional<SteadyTime> asked_at;  // the last time, successful or not
        bool is_asking = false;
        std::vector<std::function<void()>> waiting;  // each posts to the loop that its coroutine runs on
    };
    enum class Step : std::uint8_t { answer, ask, wait };

    std::mutex mutex;  // for what follows; held to look at it and never while waiting
    std::map<std::string, Entry, std::less<>> entries;
    bool is_closed = false;

    // Under the mutex. Who is told to ask is the one who does.
    Step decide(Entry& entry, std::string_view key_id, SteadyTime now) {
        if (entry.known && now - entry.fetched_at >= limits::issuer_keys_trusted) entry.known = nullptr;
        const bool is_fresh = entry.known && now - entry.fetched_at < limits::issuer_keys_lifetime &&
                              (key_id.empty() || entry.known->has_key(key_id));
        if (is_fresh) return Step::answer;
        if (entry.is_asking) return Step::wait;
        const auto pause = entry.known ? limits::issuer_refresh_pause : limits::issuer_retry_pause;
        if (entry.asked_at && now - *entry.asked_at < pause) return Step::answer;
        entry.is_asking = true;
        entry.asked_at = now;
        return Step::ask;
    }
    // Under the mutex: the longest unasked goes when there are too many.
    void make_room() {
        if (entries.size() < limits::known_issuers) return;
        auto oldest = entries.end();
        for (auto at = entries.begin(); at != entries.end(); ++at)
            if (!at->second.is_asking &&
                (oldest == entries.end() || at->second.asked_at < oldest->second.asked_at))
                oldest = at;
        if (oldest != entries.end()) entries.erase(oldest);
    }
};

// While it lives, one coroutine asks. However that ends, also by being destroyed, those who wait are woken.
class IssuerDirectory::Flight {
  public:
    Flight(std::shared_ptr<State> state, std::string issuer)
        : state_(std::move(state)), issuer_(std::move(issuer)) {}
    ~Flight() {
        const std::lock_guard lock(state_->mutex);
        if (state_->is_closed) return;
        State::Entry& entry = state_->entries[issuer_];
        entry.is_asking = false;
        for (const auto& wake : std::exchange(entry.waiting, {})) wake();
    }
    Flight(const Flight&) = delete;
    Flight& operator=(const Flight&) = delete;

    void keep(std::shared_ptr<const KnownIssuer> known, SteadyTime now) {
        const std::lock_guard lock(state_->mutex);
        State::Entry& entry = state_->entries[issuer_];
        entry.known = std::move(known);
        entry.fetched_at = now;
    }

  private:
    std::shared_ptr<State> state_;
    std::string issuer_;
};

IssuerDirectory::IssuerDirectory(http::Client& client, Context& context)
    : client_(client), context_(context), state_(std::make_shared<State>()) {}

IssuerDirectory::~IssuerDirectory() {
    std::map<std::string, State::Entry, std::less<>>
        entries;  // destroyed, with who waits, after the mutex is free
    const std::lock_guard lock(state_->mutex);
    state_->is_closed = true;
    entries.swap(state_->entries);
}

namespace {

// Resumes on the coroutine's own loop once `add` was called back; `add` keeps what wakes it, or refuses to.
template <class Add>
Task<> wait_until_woken(Add add) {
    using Token = boost::asio::use_awaitable_t<LoopExecutor>;
    auto start = [&add](auto handler) {
        auto executor = boost::asio::get_associated_executor(handler);
        auto kept = std::make_shared<decltype(handler)>(std::move(handler));
        std::function<void()> wake = [executor, kept] {
            boost::asio::post(executor, [kept] { std::move (*kept)(); });
        };
        if (!add(wake)) wake();
    };
    co_await boost::asio::async_initiate<const Token, void()>(std::move(start), Token{});
}

}  // namespace

Task<std::shared_ptr<const KnownIssuer>> IssuerDirectory::find(std::string issuer, std::string key_id) {
    while (true) {
        State::Step step = State::Step::answer;
        std::shared_ptr<const KnownIssuer> known;
        {
            const std::lock_guard lock(state_->mutex);
            if (!state_->entries.contains(issuer)) state_->make_room();
            State::Entry& entry = state_->entries[issuer];
            step = state_->decide(entry, key_id, context_.clock.steady_now());
            known = entry.known;
        }
        if (step == State::Step::answer && known) co_return known;
        if (step == State::Step::answer)
            throw Problem(
                problems::bad_upstream,
                "The issuer " + issuer + " could not be asked for its keys; try again in a moment.");
        if (step == State::Step::ask) {
            co_await refresh(issuer);
            continue;
        }
        const auto add = [this, &issuer](const std::function<void()>& wake) {
            const std::lock_guard lock(state_->mutex);
            State::Entry& entry = state_->entries[issuer];
            if (entry.is_asking) entry.waiting.push_back(wake);
            return entry.is_asking;
        };
        co_await wait_until_woken(add);
    }
}

Task<> IssuerDirectory::refresh(std::string issuer) {
    Flight flight(state_, issuer);
    try {
        auto known = co_await fetch(issuer);
        flight.keep(std::move(known), context_.clock.steady_now());
    } catch (const std::exception& failure) {
        context_.log.warn("issuer not reached", {{"issuer", issuer}, {"reason", failure.what()}});
    }
}

Task<std::shared_ptr<const KnownIssuer>> IssuerDirectory::fetch(std::string issuer) {
    const std::string document = co_await fetch_document(discovery_url(issuer));
    const DiscoveryResult discovery = parse_discovery(document, issuer);
    if (!discovery.endpoints)
        throw Problem(problems::bad_upstream,
                      "The issuer's discovery document " + std::string(discovery.fault) + ".");
    const std::string key_document = co_await fetch_document(discovery.endpoints->keys_url);
    KeySet set = parse_key_set(key_document);
    if (!set.fault.empty())
        throw Problem(problems::bad_upstream, "The issuer's key set " + std::string(set.fault) + ".");
    co_return std::make_shared<const KnownIssuer>(
        KnownIssuer{.endpoints = *discovery.endpoints, .keys = std::move(set.keys)});
}

Task<std::string> IssuerDirectory::fetch_document(std::string url) {
    http::ClientRequest request;
    request.url = std::move(url);
    request.headers.set("Accept", "application/json");
    request.deadline = std::chrono::steady_clock::now() + limits::issuer_timeout;
    request.body_limit_bytes = limits::issuer_document_bytes;
    request.redirects.max_hops = 0;  // where the keys are, the document says
    const http::ClientResponse response = co_await client_.send(std::move(request));
    if (response.status != 200)
        throw Problem(problems::bad_upstream,
                      response.url + " answered with the status " + std::to_string(response.status) + ".");
    co_return co_await http::read_all(*response.body, limits::issuer_document_bytes);
}

}  // namespace lodestone::identity
