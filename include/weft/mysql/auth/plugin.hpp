// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Ways to log in that a program brings itself: those that need a library of their own, such as `auth::gssapi()`, or
/// that ask a person.

#include <weft/core/blob.hpp>

#include <memory>
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

/// What to do after an authenticator was called.
enum class auth_step : unsigned char {
    send, ///< send what was appended as one packet, even when it is nothing
    wait, ///< send nothing; the server goes on
};

/// One login by a plugin. Its errors end the login.
class plugin_login {
public:
    virtual ~plugin_login() = default;
    /// Appends the answer to the server's request to use the plugin, which came with `data`.
    virtual auth_step start(blob_view data, blob& out) = 0;
    /// Appends the answer to what the server says next.
    virtual auth_step more(blob_view data, blob& out) = 0;
    /// The server is content. Throws when the client is not, because the server has not proved who it is.
    virtual void accepted() = 0;
};

/// A plugin for the client's side, shared by connections and their threads.
class plugin {
public:
    virtual ~plugin() = default;
    /// As the server names it.
    virtual std::string_view name() const noexcept = 0;
    virtual std::unique_ptr<plugin_login> begin() const = 0;
};

} // namespace weft::inline v0::mysql::auth
