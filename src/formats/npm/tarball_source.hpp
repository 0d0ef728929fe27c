// A request's body as the tarball within it: what is read from this are the tarball's bytes, and the document
// around them is there at the end.
#pragma once

#include <string>

#include "formats/npm/attachment_scanner.hpp"
#include "http/wire/body.hpp"

namespace lodestone::formats::npm {

class TarballSource final : public http::BodySource, private AttachmentSink {
  public:
    explicit TarballSource(http::BodySource& body) : body_(body) {}
    ~TarballSource() override;
    TarballSource(const TarballSource&) = delete;
    TarballSource& operator=(const TarballSource&) = delete;

    Task<std::string_view> next() override;
    void hold(std::uint64_t held_bytes) override { body_.hold(held_bytes); }
    std::optional<std::uint64_t> length() const override { return std::nullopt; }

    const std::string& document() const { return scanner_.document(); }
    bool has_tarball() const { return scanner_.has_tarball(); }

  private:
    void append(std::string_view bytes) override { decoded_ += bytes; }

    http::BodySource& body_;
    AttachmentScanner scanner_{*this};
    std::string decoded_;
    bool holds_ = false;
};

}  // namespace lodestone::formats::npm
