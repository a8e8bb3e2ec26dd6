// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// TLS without a transport: OpenSSL reads from and writes to two buffers that somebody else fills and empties.

#include <weft/net/tls_context.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace weft::inline v0::net::detail {

/// What OpenSSL needs before it can go on.
enum class tls_want { nothing, input, end };

class tls_engine {
public:
    tls_engine(const tls_context& context, bool server)
        : ssl_(::SSL_new(context.native_handle()), &::SSL_free), input_(std::make_unique<std::byte[]>(input_size)) {
        ::ERR_clear_error();
        BIO* const transport = ssl_ ? ::BIO_new(transport_method()) : nullptr;
        if (transport == nullptr) throw_tls("TLS: cannot make a connection");
        ::BIO_set_data(transport, this);
        ::BIO_set_init(transport, 1);
        ::SSL_set_bio(ssl_.get(), transport, transport);
        if (server)
            ::SSL_set_accept_state(ssl_.get());
        else
            ::SSL_set_connect_state(ssl_.get());
    }
    tls_engine(const tls_engine&) = delete;
    tls_engine& operator=(const tls_engine&) = delete;
    ~tls_engine() = default;

    /// The name or address the server's certificate is for: sent as SNI, and verified if `verify`.
    void expect(const std::string& host, bool verify) const {
        in6_addr binary{};
        const bool numeric =
            ::inet_pton(AF_INET, host.c_str(), &binary) == 1 || ::inet_pton(AF_INET6, host.c_str(), &binary) == 1;
        X509_VERIFY_PARAM* const parameters = ::SSL_get0_param(ssl_.get());
        int ok = 1;
        if (!numeric && !host.empty()) ok = static_cast<int>(SSL_set_tlsext_host_name(ssl_.get(), host.c_str()));
        if (verify && ok == 1) {
            ::X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
            if (host.empty() || host.find('\0') != std::string::npos)
                ok = 0;
            else
                ok = numeric ? ::X509_VERIFY_PARAM_set1_ip_asc(parameters, host.c_str())
                             : ::SSL_set1_host(ssl_.get(), host.c_str());
        }
        if (ok != 1) throw_tls("TLS: '" + host + "' cannot be the name of a server");
    }

    tls_want handshake() { return outcome(::SSL_do_handshake(begin()), "TLS handshake with "); }

    tls_want read(std::span<std::byte> buffer, std::size_t& size) {
        return outcome(::SSL_read_ex(begin(), buffer.data(), buffer.size(), &size), "TLS read from ");
    }

    void write(std::span<const std::byte> bytes) {
        std::size_t written = 0;
        if (outcome(::SSL_write_ex(begin(), bytes.data(), bytes.size(), &written), "TLS write to ") !=
            tls_want::nothing)
            throw_tls("TLS write to " + peer + " was interrupted");
    }

    /// Puts the farewell into the output.
    void farewell() noexcept {
        if (!failed_ && ::SSL_is_init_finished(ssl_.get()) == 1) (void)::SSL_shutdown(begin());
        ::ERR_clear_error();
    }

    /// Where bytes from the peer go; only when OpenSSL wants input, so what was there has been used.
    std::span<std::byte> input() noexcept { return {input_.get(), input_size}; }
    void received(std::size_t size) noexcept {
        input_at_ = 0;
        input_end_ = size;
    }

    std::span<const std::byte> output() const noexcept { return output_; }
    void sent() noexcept { output_.clear(); }

    SSL* native_handle() const noexcept { return ssl_.get(); }

    std::string peer; ///< for messages

private:
    static constexpr std::size_t input_size =
        std::size_t{32} * 1024; // a record of 16 KiB with its frame, and most of the next

    SSL* begin() const noexcept {
        ::ERR_clear_error(); // others may have left something on this thread
        return ssl_.get();
    }

    tls_want outcome(int result, const char* what) {
        if (result > 0) return tls_want::nothing;
        switch (::SSL_get_error(ssl_.get(), result)) {
        case SSL_ERROR_WANT_READ: return tls_want::input;
        case SSL_ERROR_ZERO_RETURN: return tls_want::end;
        default: break;
        }
        failed_ = true;
        std::string text = what + peer + " failed";
        if (const long verdict = ::SSL_get_verify_result(ssl_.get()); verdict != X509_V_OK)
            text += std::string(": ") + ::X509_verify_cert_error_string(verdict);
        throw_tls(std::move(text));
    }

    static tls_engine& of(BIO* bio) noexcept { return *static_cast<tls_engine*>(::BIO_get_data(bio)); }

    static int take_input(BIO* bio, char* data, std::size_t size, std::size_t* taken) noexcept {
        tls_engine& self = of(bio);
        BIO_clear_retry_flags(bio);
        const std::size_t there = self.input_end_ - self.input_at_;
        if (there == 0) {
            BIO_set_retry_read(bio);
            return 0;
        }
        *taken = size < there ? size : there;
        std::memcpy(data, self.input_.get() + self.input_at_, *taken);
        self.input_at_ += *taken;
        return 1;
    }

    static int put_output(BIO* bio, const char* data, std::size_t size, std::size_t* put) noexcept {
        try {
            const auto* first = reinterpret_cast<const std::byte*>(data);
            tls_engine& self = of(bio);
            self.output_.insert(self.output_.end(), first, first + size);
        } catch (...) {
            return 0; // no memory: OpenSSL reports a failed write
        }
        BIO_clear_retry_flags(bio);
        *put = size;
        return 1;
    }

    static long control(BIO*, int command, long, void*) noexcept { return command == BIO_CTRL_FLUSH ? 1 : 0; }

    static BIO_METHOD* transport_method() {
        static const std::unique_ptr<BIO_METHOD, decltype(&::BIO_meth_free)> method = [] {
            std::unique_ptr<BIO_METHOD, decltype(&::BIO_meth_free)> made(
                ::BIO_meth_new(::BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "weft stream"), &::BIO_meth_free);
            if (made == nullptr) throw_tls("TLS: cannot make a transport");
            ::BIO_meth_set_read_ex(made.get(), &tls_engine::take_input);
            ::BIO_meth_set_write_ex(made.get(), &tls_engine::put_output);
            ::BIO_meth_set_ctrl(made.get(), &tls_engine::control);
            return made;
        }();
        return method.get();
    }

    std::unique_ptr<SSL, decltype(&::SSL_free)> ssl_;
    std::unique_ptr<std::byte[]> input_;
    std::size_t input_at_ = 0;
    std::size_t input_end_ = 0;
    std::vector<std::byte> output_;
    bool failed_ = false;
};

} // namespace weft::inline v0::net::detail
