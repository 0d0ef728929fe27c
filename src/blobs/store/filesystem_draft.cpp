// Each step marks the draft as spent until it has succeeded, so that what failed half-way is not gone on
// with.
#include "blobs/store/filesystem_draft.hpp"

#include <fmt/format.h>

#include "base/blob_limits.hpp"
#include "base/ensure.hpp"
#include "base/problem.hpp"

namespace lodestone::blobs {

namespace {

[[noreturn]] void refuse_size(std::uint64_t limit_bytes) {
    throw Problem(problems::body_too_large,
                  fmt::format("The file is larger than the {} bytes that are taken here.", limit_bytes));
}

}  // namespace

DraftFile::~DraftFile() {
    if (!tmp_name_.empty()) shelves_->disk().remove_file(shelves_->tmp(), tmp_name_);
}

void DraftFile::need_file() {
    if (file_.is_open()) return;
    Shelves::Nameless made = shelves_->open_nameless();
    file_ = std::move(made.file);
    tmp_name_ = std::move(made.name);
}

void DraftFile::take(std::string_view piece) {
    if (size_bytes_ > limit_bytes_ || piece.size() > limit_bytes_ - size_bytes_) refuse_size(limit_bytes_);
    need_file();
    digests_.add(piece);
    if (const int error = shelves_->disk().write_at(file_.value(), piece, size_bytes_); error != 0) {
        if (Shelves::is_fault(error)) lose(error, "writing a file");
        shelves_->fail(error, "writing a file");
    }
    size_bytes_ += piece.size();
    if (size_bytes_ - begun_bytes_ < limits::disk_stretch_bytes) return;
    shelves_->disk().begin_writing(file_.value(), begun_bytes_, size_bytes_ - begun_bytes_);
    begun_bytes_ = size_bytes_;
}

void DraftFile::lose(int error, std::string_view what) {
    is_lost_ = true;
    if (!name_.empty()) shelves_->give_up_draft(name_);
    shelves_->fail(error, what);
}

void DraftFile::keep() {
    if (const int error = shelves_->confirm(file_.value()); error != 0) lose(error, "confirming a draft");
    if (const int error = shelves_->disk().sync_folder(shelves_->uploads()); error != 0)
        lose(error, "confirming a draft's name");
}

void DraftFile::publish(const BlobKey& key) {
    need_file();
    if (const int error = shelves_->confirm(file_.value()); error != 0) lose(error, "confirming a file");
    shelves_->put(file_.value(), key);
}

void FilesystemDraft::begin_step() {
    ensure(!is_spent_, "a draft that failed, or was published, is not used any more");
    is_spent_ = true;
}

Task<> FilesystemDraft::append(http::BodySource& source, std::uint64_t limit_bytes) {
    begin_step();
    const auto length = source.length();
    if (file_->size_bytes() > limit_bytes || (length && *length > limit_bytes - file_->size_bytes()))
        refuse_size(limit_bytes);
    file_->set_limit(limit_bytes);
    co_await http::hand_over(source, file_->shelves().workers(), file_);
    is_spent_ = false;
}

Task<> FilesystemDraft::keep() {
    begin_step();
    auto job = [file = file_] { file->keep(); };
    co_await file_->shelves().syncs().run(std::move(job));
    is_spent_ = false;
}

Digests FilesystemDraft::digests() const {
    return file_->digests().digests();
}

DraftProgress FilesystemDraft::progress() const {
    return {.id = id_,
            .size_bytes = file_->size_bytes(),
            .digest_state = file_->digests().save(),
            .store_state = {}};
}

Task<> FilesystemDraft::publish(const BlobKey& key) {
    begin_step();
    ensure(key.id == id_ && key.sha256 == digests().sha256, "a draft is published as what it is");
    auto job = [file = file_, key] { file->publish(key); };
    co_await file_->shelves().syncs().run(std::move(job));
}

}  // namespace lodestone::blobs
