// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// The client's side of every authentication plugin as one state machine without I/O: it is told what the server sent
/// and appends what to answer. The loop around it sends the answers, and ends at OK or ERR.

#include <weft/mysql/auth/parsec.hpp>
#include <weft/mysql/auth/rsa.hpp>
#include <weft/mysql/protocol/error.hpp>

#include <openssl/rand.h>

#include <string>
#include <string_view>

namespace weft::inline v0::mysql::auth {

/// Answers the questions of the `dialog` plugin other than the password.
class prompt_handler {
public:
    /// The answer to `prompt`; `echo` says whether it may be shown while it is typed.
    virtual std::string answer(std::string_view prompt, bool echo) = 0;

protected:
    ~prompt_handler() = default;
};

/// What an authenticator may do.
struct auth_options {
    /// Nobody else can read the channel: TLS, or a Unix socket.
    bool secure_channel = false;
    /// It is a Unix socket without TLS: for sha256_password, unlike the others, that is not secure enough.
    bool local_channel = false;
    /// Sends the password as it is over any channel when the server asks for it.
    bool allow_cleartext = false;
    /// The server's RSA key in PEM form, known beforehand. Otherwise it is asked for, unless `request_server_key` is
    /// false: somebody between client and server could send one of his own and learn the password.
    std::string server_public_key{};
    bool request_server_key = true;
    prompt_handler* prompts = nullptr; ///< for `dialog`
};

/// What to do after the authenticator was called.
enum class auth_step : unsigned char {
    send, ///< send what was appended as one packet, even when it is nothing
    wait, ///< send nothing; the server goes on
};

/// One login. The password is copied and overwritten at the end; what is appended to `out` may contain it too, so
/// scrub() it after sending.
class authenticator {
public:
    authenticator(std::string_view password, auth_options options)
        : password_(password), options_(std::move(options)) {}

    /// The answer to the greeting's plugin and nonce, for the handshake response. Returns the plugin's name to
    /// announce; empty for plugins unknown here and those that need more than a nonce, which makes the server switch to
    /// the user's own.
    std::string_view answer_greeting(std::string_view plugin, blob_view nonce, blob& out) {
        const kind k = find(plugin);
        if (k != kind::native && k != kind::caching_sha2 && k != kind::sha256) return {};
        static_cast<void>(start(plugin, nonce, out));
        return name_of(k);
    }

    /// The answer to a switch request. \throws operational_error 2059 for an unknown plugin, naming it; 2061 where the
    /// password would travel in clear text.
    auth_step start(std::string_view plugin, blob_view data, blob& out) {
        plugin_ = find(plugin);
        awaits_key_ = false;
        nonce_.assign(data.begin(), data.end());
        switch (plugin_) {
        case kind::native:
            if (!password_.empty()) append(out, native_password_response(password(), data));
            return auth_step::send;
        case kind::caching_sha2:
            if (!password_.empty()) append(out, caching_sha2_response(password(), data));
            return auth_step::send;
        case kind::sha256: return start_sha256(out);
        case kind::ed25519:
            append(out, ed25519_sign(password_.view(), detail::leading(data, ed25519_nonce_size)));
            return auth_step::send;
        case kind::parsec: return auth_step::send; // an empty packet asks for the salt
        case kind::clear: append_clear(out); return auth_step::send;
        case kind::dialog: return data.empty() ? auth_step::wait : answer_prompt(data, out);
        case kind::unknown: break;
        }
        protocol::throw_mysql(protocol::client_error::auth_plugin_cannot_load,
                              "the server asks for the authentication plugin '" + std::string(plugin.substr(0, 64)) +
                                  "', which this client does not have");
    }

    /// The answer to what the server says next: the payload, whether it begins with the marker 0x01 or not. OK, ERR and
    /// switch requests are not for it. \throws operational_error 2061 for what the plugin does not expect.
    auth_step more(blob_view payload, blob& out) {
        const blob_view data = !payload.empty() && payload[0] == std::byte{1} ? payload.subspan(1) : payload;
        switch (plugin_) {
        case kind::caching_sha2:
            if (!awaits_key_) return go_on_caching_sha2(data, out);
            [[fallthrough]];
        case kind::sha256:
            if (!awaits_key_) break;
            awaits_key_ = false;
            append(out, rsa_encrypted_password(password(), nonce_, as_text(data)));
            return auth_step::send;
        case kind::parsec: return answer_salt(data, out);
        case kind::dialog: return answer_prompt(data, out);
        default: break;
        }
        throw_unexpected(data);
    }

private:
    enum class kind : unsigned char { unknown, native, caching_sha2, sha256, ed25519, parsec, clear, dialog };

    static constexpr std::string_view name_of(kind k) noexcept {
        constexpr std::string_view names[] = {"",
                                              "mysql_native_password",
                                              "caching_sha2_password",
                                              "sha256_password",
                                              "client_ed25519",
                                              "parsec",
                                              "mysql_clear_password",
                                              "dialog"};
        return names[static_cast<std::size_t>(k)];
    }

    static constexpr kind find(std::string_view plugin) noexcept {
        for (auto k = kind::native; k <= kind::dialog; k = static_cast<kind>(static_cast<unsigned char>(k) + 1)) {
            if (name_of(k) == plugin) return k;
        }
        return kind::unknown;
    }

    std::string_view password() const noexcept { return as_text(password_.view()); }

    static void append(blob& out, blob_view bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

    [[noreturn]] void fail(std::string_view text) const {
        protocol::throw_mysql(protocol::client_error::auth_plugin_error,
                              std::string(name_of(plugin_)) + ": " + std::string(text));
    }

    [[noreturn]] void throw_unexpected(blob_view data) const {
        fail("the server sends " + std::to_string(data.size()) + " bytes beginning with '" +
             to_hex(data.first(data.size() < 4 ? data.size() : 4)) + "' that the plugin does not expect here");
    }

    /// Password and NUL. Room is made first: growing would leave a copy behind.
    void append_clear(blob& out) const {
        if (!options_.secure_channel && !options_.allow_cleartext && !password_.empty())
            fail("the password would be sent in clear text: expected TLS, a Unix socket or the option allow_cleartext");
        if (password().find('\0') != std::string_view::npos) fail("the password has a NUL byte: expected none");
        out.reserve(out.size() + password_.size() + 1);
        append(out, password_.view());
        out.push_back(std::byte{0});
    }

    /// Encrypts with the key that is known, or asks for it with `request`.
    auth_step send_encrypted(std::byte request, blob& out) {
        if (!options_.server_public_key.empty()) {
            append(out, rsa_encrypted_password(password(), nonce_, options_.server_public_key));
            return auth_step::send;
        }
        if (!options_.request_server_key)
            fail(
                "the password must be encrypted: expected TLS, a Unix socket, server_public_key or request_server_key");
        awaits_key_ = true;
        out.push_back(request);
        return auth_step::send;
    }

    auth_step start_sha256(blob& out) {
        if ((options_.secure_channel && !options_.local_channel) || password_.empty()) {
            append_clear(out);
            return auth_step::send;
        }
        return send_encrypted(std::byte{1}, out);
    }

    auth_step go_on_caching_sha2(blob_view data, blob& out) {
        constexpr std::byte known{3};
        constexpr std::byte full{4};
        if (data.size() != 1 || (data[0] != known && data[0] != full)) throw_unexpected(data);
        if (data[0] == known) return auth_step::wait;
        if (options_.secure_channel) {
            append_clear(out);
            return auth_step::send;
        }
        return send_encrypted(std::byte{2}, out);
    }

    auth_step answer_salt(blob_view data, blob& out) {
        const parsec_salt salt = decode_parsec_salt(data);
        std::array<std::byte, ed25519_nonce_size> ours{};
        if (RAND_bytes(reinterpret_cast<unsigned char*>(ours.data()), static_cast<int>(ours.size())) != 1)
            fail("OpenSSL has no random bytes");
        append(out, parsec_response(password(), nonce_, salt, ours));
        return auth_step::send;
    }

    /// A flag byte and a question: bit 0 says that it is the last, 2 or 4 whether the answer may be shown.
    auth_step answer_prompt(blob_view data, blob& out) {
        if (data.empty()) throw_unexpected(data);
        const bool echo = (data[0] & std::byte{6}) == std::byte{2};
        std::string_view prompt = as_text(data.subspan(1));
        prompt = prompt.substr(0, prompt.find('\0'));
        if (prompt == "Password: " || (!echo && options_.prompts == nullptr)) {
            append_clear(out);
            return auth_step::send;
        }
        if (options_.prompts == nullptr)
            fail("the server asks '" + std::string(prompt.substr(0, 64)) + "' and there is no handler for questions");
        const secret answer(options_.prompts->answer(prompt, echo));
        append(out, answer.view());
        out.push_back(std::byte{0});
        return auth_step::send;
    }

    secret password_;
    auth_options options_;
    blob nonce_;
    kind plugin_ = kind::unknown;
    bool awaits_key_ = false;
};

} // namespace weft::inline v0::mysql::auth
